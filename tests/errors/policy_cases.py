"""What is said of exclusions, showings and faults, with any reader."""

from pathlib import Path

from error_cases import Case

from tinglegram.behaviour.designs import design_problems
from tinglegram.behaviour.placing import require_samples, require_shown, require_trials
from tinglegram.canonical.tables import response_table, trial_table
from tinglegram.inputs.exclusions import read_exclusions
from tinglegram.inputs.raw_files import RawFiles
from tinglegram.readers.inspection import lacking_part, no_responses

TITLE = "Exclusions of showings, and what policies decide about with any reader"

HEADER = "subject\tvideo\treason\n"
PEOPLE = RawFiles({"001": "a"}, {}, {})
LENGTHS = {"rain": 10.0, "sea": 12.0, "wind": 5.0}
TWICE = [(1, "rain", 0, 1.0, 10.0), (2, "sea", 1, 20.0, 12.0), (3, "rain", 2, 40.0, 8.0)]
AGAIN = [
    (place + 1, name, place, 1.0 + 20 * place, LENGTHS[name])
    for place, name in enumerate(("rain", "sea", "rain", "sea", "wind"))
]


def table(rows: str):
    """Provoke the reading of a table of exclusions of a study with ids."""

    def provoke(_: Path) -> None:
        Path("exclusions.tsv").write_text(HEADER + rows)
        read_exclusions("exclusions.tsv", PEOPLE, LENGTHS, {"001": "ada"})

    return provoke


def shown(rows):
    """Return what is said of a session that is not every clip once and whole."""
    return lambda _: "\n".join(map(str, design_problems(trial_table(rows), LENGTHS, 0.5, "ada")))


CASES = [
    Case(
        "no clip, a faulty showing, and a showing of a clip that is left out",
        "exclusions.tsv, line 2: expected a clip code, a showing (clip@order) or *, found 'snow@1'."
        " Known: rain, sea, wind.\n"
        "exclusions.tsv, line 3: expected a clip code, a showing (clip@order) or *, found "
        "'rain@first'. Known: rain, sea, wind.\n"
        "exclusions.tsv, line 5: expected every person and clip once, found ada, sea@1 again. Keep "
        "one line.",
        table("ada\tsnow@1\tx\n1\train@first\tx\nada\tsea\tx\nada\tsea@1\tx\n"),
    ),
    Case(
        "exclusions that match no trial of a participant",
        "ada, exclusions: expected clips that were shown (rain@0, sea, rain@2), found rain@1, wind."
        " Correct the lines (data: exclusions), or take them out.",
        lambda _: require_shown(["rain@1", "wind", "rain"], trial_table(TWICE), "ada"),
    ),
    Case(
        "every trial of a participant is left out",
        "ada, exclusions: expected a trial that is not left out, found all 3 left out. Leave out "
        "the whole participant: video * (data: exclusions).",
        lambda _: require_trials(trial_table([]), trial_table(TWICE), "ada"),
    ),
    Case(
        "a slider of which there is no value",
        "ada, responses (joy): expected values of what is continuous (responses: dimensions: kind),"
        " found none in 3 trial(s). Add the file, name the right column or dimension in data: "
        "options, or exclude the participant.",
        lambda _: require_samples(
            response_table([]), trial_table(TWICE), "joy", "continuous", "ada"
        ),
    ),
    Case(
        "clips that were not shown, shown again or stopped",
        "ada: expected a trial of wind, found none. Add it, or say by data: problems: missing_clip "
        "what becomes of it.\n"
        "ada, trial 3: expected every clip once, found rain again. Leave a showing out (data: "
        "exclusions), or say by data: problems: repeated_clip what becomes of it.\n"
        "ada, trial 3: expected rain to be shown for 10 s, found 8 s. Correct its length under "
        "clips: duration, or say by data: problems: stopped_clip what becomes of it.",
        shown(TWICE),
    ),
    Case(
        "a session that was started again",
        "ada, trial 3, rain: expected one session, found its first 2 clips again and then others: "
        "the session was started again. Keep the files of one session, or leave the participant "
        "out (data: exclusions, or data: problems: restarted_session).",
        shown(AGAIN),
    ),
    Case(
        "a participant without files of a part of the data",
        "ada: expected files of the signals of this participant, found none. Add them, or say by "
        "the table of exclusions or data: problems: missing_pulse what becomes of this "
        "participant.",
        lambda _: lacking_part("001", "ada", "signals", "missing_pulse").sentence,
    ),
    Case(
        "nobody responded in the dimension that is predicted",
        "responses of everybody: expected responses in the dimension that is predicted (responses: "
        "target: dimension), found none. Name the dimension as the files or data: options do; "
        "data: options says which columns hold responses.",
        lambda _: no_responses(0, True)[0].sentence,
    ),
]
