"""What the reader csv says of its options and of tables that it cannot read."""

from pathlib import Path

from error_cases import Case

from tinglegram.readers.csv_files import covariates, find, read
from tinglegram.readers.parts import covariate_table, find_sources
from tinglegram.readers.registry import Request

TITLE = "Tables of experiment software (reader csv)"

LENGTHS = {"film1": 10.0, "film2": 20.0}
TRIALS = {"files": "{participant}_events.csv", "stimulus": "clip", "onset": "t"}
SLIDER = {"files": "{participant}_slider.csv", "time": "t", "value": "v"}
BY_FILM = SLIDER | {"files": "{participant}_{stimulus}.csv", "clock": "trial"}
BUTTON = {"files": "{participant}_slider.csv", "time": "t", "event": "v"}
EPISODES = {"files": "{participant}_slider.csv", "start": "t", "end": "v"}
WRIST = {
    "files": "{participant}_wrist.csv",
    "columns": {"BVP": {"type": "ppg"}},
    "time": "t",
}
PEOPLE = {"file": "people.csv", "id": "id"}
EVENTS = "clip,t\nfilm1,100\nfilm2,120\n"


def reading(files: dict[str, str | bytes], **options):
    """Read participant P1 out of files."""

    def provoke(folder: Path) -> str:
        for name, content in files.items():
            path = folder / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        request = Request(Path(), options, LENGTHS)
        found = find(request)
        session = read("P1", found.get("P1", []), request)
        return "\n".join(map(str, session.notes))

    return provoke


def told(given: str, message: str, content: str | bytes, **changes) -> Case:
    """Return a case of a table of responses, and of events that are right."""
    files = {"P1_events.csv": EVENTS, "P1_slider.csv": content}
    options = {"trials": TRIALS, "responses": [SLIDER | changes]}
    return Case(given, f"P1_slider.csv{message}", reading(files, **options))


def of_events(given: str, message: str, content: str, **changes) -> Case:
    """Return a case of a table of trials."""
    provoke = reading({"P1_events.csv": content}, trials=TRIALS | changes)
    return Case(given, f"P1_events.csv{message}", provoke)


def of_wrist(given: str, message: str, content: str, **changes) -> Case:
    """Return a case of a table of a sensor."""
    files = {"P1_events.csv": EVENTS, "P1_wrist.csv": content}
    provoke = reading(files, trials=TRIALS, signals=[WRIST | changes])
    return Case(given, f"P1_wrist.csv{message}", provoke)


def option(given: str, message: str, **options) -> Case:
    """Return a case of options alone."""
    return Case(given, f"data.options{message}", reading({}, **options))


def people(content: str | None, **changes):
    """Read a table of participants."""

    def provoke(folder: Path) -> None:
        (folder / "P1_events.csv").write_text(EVENTS, encoding="utf-8")
        if content is not None:
            (folder / "people.csv").write_text(content, encoding="utf-8")
        options = {"trials": TRIALS, "participants": PEOPLE | changes}
        covariates(Request(Path(), options, LENGTHS))

    return provoke


def joined_people(content: str):
    """Join a table of participants to the files of P1 and P2."""

    def provoke(folder: Path) -> None:
        root = folder / "data"
        root.mkdir()
        for name, text in {"P1_events": EVENTS, "P2_events": EVENTS, "people": content}.items():
            (root / f"{name}.csv").write_text(text, encoding="utf-8")
        data = {"reader": "csv", "root": "data", "responses": None, "signals": None}
        data["options"] = {"trials": TRIALS, "participants": PEOPLE}
        covariate_table(find_sources(data, LENGTHS, {}), LENGTHS, {})

    return provoke


AGAIN = "Export the file again."
UNITS = "the start (clock: relative)"
CASES = [
    option(
        "no files at all",
        ": expected trials, responses or signals, found none. docs/readers.md shows them.",
    ),
    option(
        "an option of another name",
        ".trials: unknown key 'onsets'. Did you mean onset?",
        trials={"files": "x", "onsets": "t"},
    ),
    option(
        "no trials, and responses that name no stimulus",
        ": expected trials, or responses whose files or rows name their stimulus, found neither. "
        "Name the files of the trials under trials.",
        responses=[SLIDER],
    ),
    option(
        "another placeholder",
        ".trials.files: expected a pattern below data.root with {participant}, {stimulus} or "
        "{trial}, found '{participant}_{run}.csv'. Correct it.",
        trials=TRIALS | {"files": "{participant}_{run}.csv"},
    ),
    option(
        "nothing that names the participant",
        ".trials: expected {participant} in files, or the column that names the participant, found "
        "neither. Name one of them.",
        trials=TRIALS | {"files": "events.csv"},
    ),
    option(
        "trials on the clock of a trial",
        ".trials.clock: expected relative or unix, found 'trial'. The onset of a trial is on the "
        "clock of the participant.",
        trials=TRIALS | {"clock": "trial"},
    ),
    option(
        "trials without a stimulus",
        ".trials: expected a column stimulus, or {stimulus} in files, found neither. Add one.",
        trials={"files": "{participant}.csv", "onset": "t"},
    ),
    option(
        "times of a trial, and nothing that names it",
        ".responses[0]: expected a column stimulus or trial, or one of them in the names of the "
        "files, because times count from the onset of a trial (clock: trial), found neither. Name "
        "one, or set clock.",
        trials=TRIALS,
        responses=[SLIDER | {"clock": "trial"}],
    ),
    option(
        "responses of two kinds",
        ".responses[0]: expected columns time and value (samples), time and event (a button), or "
        "start and end or duration (episodes), found time and value as well as time and event. "
        "Name those of one kind.",
        trials=TRIALS,
        responses=[SLIDER | {"event": "e"}],
    ),
    option(
        "responses of no kind",
        ".responses[0]: expected columns time and value (samples), time and event (a button), or "
        "start and end or duration (episodes), found none of these. Name those of one kind.",
        trials=TRIALS,
        responses=[SLIDER | {"value": None}],
    ),
    option(
        "a sensor without times and rate",
        ".signals[0]: expected time (a column) or rate (Hz), found neither. Add one.",
        trials=TRIALS,
        signals=[WRIST | {"time": None}],
    ),
    option(
        "two clocks that nothing joins",
        ": expected one clock, found unix (signals[0]) and relative (trials). Say at which unix "
        "time each participant's clock was 0, in a column of the table of participants "
        "(participants: unix_zero).",
        trials=TRIALS,
        signals=[WRIST | {"clock": "unix"}],
    ),
    option(
        "a sensor on a clock that the trials do not have",
        ".signals[0].clock: expected trial, as in responses[0], which the trials are made from, "
        "found 'relative'. Name the files of the trials under trials.",
        responses=[BY_FILM],
        signals=[WRIST],
    ),
    option(
        "a sensor alone, on the clock of trials",
        ".signals: expected relative or unix as clock, because no trials are named here, found "
        "'trial'. Name the files of the trials under trials.",
        signals=[WRIST | {"files": "{participant}_{stimulus}.csv", "clock": "trial"}],
    ),
    Case(
        "a pattern that fits no file",
        "{participant}_events.csv: expected files of this name below data.root, found none. "
        "Correct data.options.trials.files or data.root.",
        reading({}, trials=TRIALS),
    ),
    Case(
        "a file that names no stimulus of the study",
        "P1_film9.csv: expected a stimulus of the study in its name (film1, film2), found 'film9'. "
        "Translate it by data.options.responses[0].rename, or add it under clips.",
        reading({"P1_film9.csv": "t,v\n1,1\n"}, responses=[BY_FILM]),
    ),
    Case(
        "a participant without trials",
        "P1_events.csv: expected the trials of participant P1, found no file. Add them, or exclude "
        "the participant (data: exclusions).",
        reading(
            {"P2_events.csv": EVENTS, "P1_slider.csv": "t,v\n"}, trials=TRIALS, responses=[SLIDER]
        ),
    ),
    Case(
        "a participant without responses, in a file of everybody",
        "slider.csv: expected the responses of participant P1, found no row. Add them, or exclude "
        "the participant (data: exclusions).",
        reading(
            {"P1_events.csv": EVENTS, "slider.csv": "who,t,v\nP2,101,1\n"},
            trials=TRIALS,
            responses=[SLIDER | {"files": "slider.csv", "participant": "who"}],
        ),
    ),
    Case(
        "a participant without a sensor (told)",
        "P1_wrist.csv: no file of participant P1",
        reading(
            {"P1_events.csv": EVENTS, "P2_wrist.csv": "t,BVP\n1,2\n"},
            trials=TRIALS,
            signals=[WRIST],
        ),
    ),
    told(
        "a spreadsheet file under a name of text",
        ": expected a table as text, found bytes that are none. Save it as CSV (UTF-8).",
        b"PK\x03\x04\0\0",
    ),
    told(
        "an empty file",
        ": expected a line with the names of the columns, found no line. Export the file again, or "
        "leave it out.",
        "",
    ),
    told(
        "a column of another name",
        ", line 1: expected a column 'v', found t, rating. Name its column in the options, or "
        "correct the file.",
        "t,rating\n100,1\n",
    ),
    told(
        "no names of columns",
        ", line 1: expected a column 't', found 100, 1. The file names no columns: give their "
        "names as header.",
        "100,1\n101,2\n",
    ),
    told(
        "two columns of one name",
        ", line 1: expected one column 'v', found 2. Rename those that are not meant.",
        "t,v,v\n100,1,1\n",
    ),
    told(
        "a line cut short",
        ", line 3: expected 2 cells, as in the header, found 1. The line is cut short: export the "
        "file again.",
        "t,v\n100,1\n101",
    ),
    told(
        "a comma too many",
        ", line 2: expected 2 cells, as in the header, found 3. A sign in a cell may have been "
        "taken for a separator: quote such cells.",
        "t,v\n100,0,5\n",
    ),
    told(
        "a quote that does not end",
        f", line 2: expected cells whose quotes end, found unexpected end of data. {AGAIN}",
        't,v\n100,"1\n',
    ),
    told(
        "decimal commas",
        ", line 2: expected a number in column 'v', found '0,5'. Set decimal: ',' for this file.",
        "t;v\n100;0,5\n",
    ),
    told(
        "decimal points where commas are named",
        ", line 2: expected a number in column 'v', found '0.5'. Set decimal: '.' for this file.",
        "t;v\n100;0.5\n",
        decimal=",",
    ),
    *(
        option(
            f"a sensor of {rate} samples per second",
            f".signals[0].rate: expected samples per second, above 0, found {rate}. Correct it.",
            trials=TRIALS,
            signals=[WRIST | {"rate": rate}],
        )
        for rate in (0, -64)
    ),
    Case(
        "a slider and a button of one dimension",
        "P1_slider.csv: expected one kind of responses (response) in trial 1, found samples, and "
        "presses or episodes in another file. Name the dimension of each (responses: dimension).",
        reading(
            {
                "P1_events.csv": EVENTS,
                "P1_slider.csv": "t,v\n101,0.5\n105,0.7\n",
                "P1_keys.csv": "t,v\n102,down\n104,up\n",
            },
            trials=TRIALS,
            responses=[SLIDER, BUTTON | {"files": "{participant}_keys.csv"}],
        ),
    ),
    Case(
        "episodes of a film that was shown twice",
        "P1_slider.csv, line 4: expected times that rise within a trial, found 2 s after 8 s. Sort "
        "or correct the rows; if the file holds several trials or people, name the column that "
        "tells them apart.",
        reading(
            {"P1_slider.csv": "s,t,v\nfilm1,1,3\nfilm1,8,9\nfilm1,2,5\n"},
            responses=[EPISODES | {"stimulus": "s", "clock": "trial"}],
        ),
    ),
    Case(
        "rows that name no participant (told)",
        "events.csv: 2 row(s) name no participant and were left out",
        reading(
            {"events.csv": "who,clip,t\nP1,film1,1\nNA,film2,20\nnull,film2,20\n"},
            trials=TRIALS | {"files": "events.csv", "participant": "who"},
        ),
    ),
    told(
        "a word where a number should be",
        ", line 3: expected a number in column 'v', found 'much'. Correct the cell, or leave its "
        "row out by keep.",
        "t,v\n100,1\n101,much\n",
    ),
    told(
        "an infinite value",
        ", line 2: expected a number in column 'v', found 'inf'. Correct the cell, or leave its "
        "row out by keep.",
        "t,v\n100,inf\n",
    ),
    told(
        "times that step back",
        ", line 3: expected times that rise within a trial, found 101 s after 102 s. Sort or "
        "correct the rows; if the file holds several trials or people, name the column that tells "
        "them apart.",
        "t,v\n102,1\n101,2\n",
    ),
    told(
        "unix times where the participant's clock is named",
        f", line 2: expected times in s that count from {UNITS}, found 1700000000000. Set clock: "
        "unix and unit: ms.",
        "t,v\n1700000000000,1\n",
    ),
    told(
        "a time that fits no clock",
        f", line 2: expected times in s that count from {UNITS}, found 1e+30. Set the unit of the "
        "times.",
        "t,v\n1e30,1\n",
    ),
    told(
        "responses on another clock than the trials",
        ": expected responses within the trials, 100 to 140 s, found all of them outside, 1 to 2 "
        "s. Correct clock, unit or offset_s of the responses or of the trials.",
        "t,v\n1,1\n2,2\n",
    ),
    told(
        "responses without a time or value, outside, or at one time (told)",
        ": 1 response(s) without a time or a value were left out\nP1_slider.csv: 1 response(s) "
        "outside of every trial were left out\nP1_slider.csv: 1 sample(s) at the time of a later "
        "row were replaced by it\nresponse: no response in 1 trial(s): 2 (film2)",
        "t,v\n90,1\n100,1\n100,2\n101,\n",
    ),
    told(
        "text of another encoding (told)",
        ": the text is latin-1 and was read as such\nresponse: no response in 1 trial(s): 2 "
        "(film2)",
        "t,v,süß\n100,1,\n".encode("latin-1"),
    ),
    told(
        "rows of a trial that was not shown",
        ", line 2: expected a trial that was shown (film1, film2), found 'film9'. Translate it by "
        "rename, or leave its rows out by keep.",
        "t,v,s\n1,1,film9\n",
        clock="trial",
        stimulus="s",
    ),
    told(
        "samples before the onset (told)",
        ": 2 sample(s) before an onset were left out: the last one alone is the level there, and "
        "only if it was given since the trial before or within a second\nresponse: no response in "
        "1 trial(s): 2 (film2)",
        "t,v,s\n-3,1,film1\n-2,2,film1\n-1,3,film1\n1,4,film1\n",
        clock="trial",
        stimulus="s",
    ),
    Case(
        "a stimulus that was shown twice",
        "P1_slider.csv, line 2: expected one trial of 'film1', found 2 of them. Name the column of "
        "the trial (trial), in the trials too.",
        reading(
            {"P1_events.csv": "clip,t\nfilm1,0\nfilm1,50\n", "P1_slider.csv": "t,v,s\n1,1,film1\n"},
            trials=TRIALS,
            responses=[SLIDER | {"clock": "trial", "stimulus": "s"}],
        ),
    ),
    Case(
        "two files of one trial",
        "P1_slider_2.csv: expected responses (response) of trial 1 in one file, found others at "
        "the same time in P1_slider_1.csv. Remove the copy, or name each dimension.",
        reading(
            {
                "P1_events.csv": EVENTS,
                "P1_slider_1.csv": "t,v\n101,1\n103,2\n",
                "P1_slider_2.csv": "t,v\n102,1\n",
            },
            trials=TRIALS,
            responses=[SLIDER | {"files": "{participant}_slider_*.csv"}],
        ),
    ),
    Case(
        "a word that is neither press nor release",
        "P1_slider.csv, line 2: expected a word for a press or a release in column 'v' (down, up), "
        "found 'hold'. Name it under press or release, or leave its rows out by keep.",
        reading(
            {"P1_events.csv": EVENTS, "P1_slider.csv": "t,v\n101,hold\n"},
            trials=TRIALS,
            responses=[BUTTON | {"press": ["down"], "release": ["up"]}],
        ),
    ),
    Case(
        "presses without releases, releases without presses, presses across a trial's end (told)",
        "P1_slider.csv: 1 press(es) or episode(s) reach beyond a trial and were cut at its start "
        "or end\nP1_slider.csv: 1 press(es) of a button that was held already were left out\n"
        "P1_slider.csv: 1 release(s) of a button that was not held were left out\n"
        "P1_slider.csv: 1 press(es) without a release end with their trial",
        reading(
            {
                "P1_events.csv": EVENTS,
                "P1_slider.csv": "t,v\n101,up\n108,down\n109,down\n111,up\n130,down\n",
            },
            trials=TRIALS,
            responses=[BUTTON],
        ),
    ),
    Case(
        "episodes of no length, overlapping ones (told)",
        "P1_slider.csv: 1 press(es) or episode(s) of no length were left out\nP1_slider.csv: 1 "
        "press(es) or episode(s) overlap another one and were joined with it",
        reading(
            {"P1_events.csv": EVENTS, "P1_slider.csv": "t,v\n101,103\n102,104\n105,105\n"},
            trials=TRIALS,
            responses=[EPISODES],
        ),
    ),
    Case(
        "an episode that ends before it starts",
        "P1_slider.csv, line 2: expected an end after its start, found start 105 s, end 104 s. "
        "Correct the row, or name the right columns.",
        reading(
            {"P1_events.csv": EVENTS, "P1_slider.csv": "t,v\n105,104\n"},
            trials=TRIALS,
            responses=[EPISODES],
        ),
    ),
    of_events(
        "trials without a row",
        ": expected a row for each trial, found none with a stimulus and an onset (1 without). "
        "Name the right columns, and the right words under keep.",
        "clip,t\n,100\n",
    ),
    of_events(
        "rows without a stimulus, or left out by an option (told)",
        ": 2 row(s) left out by keep: kind\nP1_events.csv: 1 row(s) without a stimulus or an onset "
        "were left out",
        "clip,t,kind\nfilm1,100,film\nx,1,rest\ny,2,rest\nfilm2,,film\n",
        keep={"kind": ["film"]},
    ),
    of_events(
        "a stimulus that the study does not have",
        ", line 3: expected a stimulus of the study (film1, film2), found 'film2.mp4'. Translate "
        "it by rename, leave its rows out by keep, or add it under clips.",
        "clip,t\nfilm1,100\nfilm2.mp4,120\n",
    ),
    of_events(
        "a trial that ends before it begins",
        ", line 2: expected an end after the onset, found onset 100 s, end 90 s. Correct the row, "
        "or name the right columns.",
        "clip,t,e\nfilm1,100,90\n",
        end="e",
    ),
    of_events(
        "onsets in milliseconds, as seconds",
        ": expected onsets in s, found 60000 s from one trial to the next, of stimuli of 20 s. Set "
        "the unit of the times (unit: ms or us).",
        "clip,t\nfilm1,0\nfilm2,60000\n",
    ),
    of_events(
        "unix times in seconds, as milliseconds",
        ", line 2: expected times since 1970 in ms (clock: unix), found 1700000000. Set unit: s.",
        "clip,t\nfilm1,1700000000\n",
        clock="unix",
        unit="ms",
    ),
    of_events(
        "times of the participant's clock, as unix times",
        ", line 2: expected times since 1970 in s (clock: unix), found 100. Set clock: relative, "
        "or trial.",
        EVENTS,
        clock="unix",
    ),
    Case(
        "no length of a stimulus",
        "P1_events.csv, line 2: expected how long 'film1' was shown, found no duration. Name a "
        "column end or duration, or say its length under clips: duration.",
        lambda folder: (
            (folder / "P1_events.csv").write_text(EVENTS),
            read("P1", [Path("P1_events.csv")], Request(Path(), {"trials": TRIALS})),
        ),
    ),
    Case(
        "trials made from responses (told)",
        "P1_film1.csv and 1 more: no file says when trials were shown; they were put one after the "
        "other, 1 s apart, in the order of files and rows",
        reading({f"P1_film{i}.csv": "t,v\n1,1\n" for i in (1, 2)}, responses=[BY_FILM]),
    ),
    Case(
        "trials made from the stamps of responses (told)",
        "P1_film1.csv: no file says when trials were shown; each begins with its first response",
        reading({"P1_film1.csv": "t,v\n1,1\n"}, responses=[BY_FILM | {"clock": "relative"}]),
    ),
    Case(
        "responses without rows, of which trials should be made",
        "P1_film1.csv: expected responses that name their stimulus, found none with a stimulus and "
        "a time. Name the right columns, and the right words under keep.",
        reading({"P1_film1.csv": "t,v\n"}, responses=[BY_FILM]),
    ),
    of_wrist(
        "time stamps of a sensor that step back",
        ", line 3: expected time stamps that rise, found 1 s after 2 s. Export the recording "
        "again, or sort its rows.",
        "t,BVP\n2,1\n1,2\n",
    ),
    of_wrist(
        "time stamps of packets",
        ", line 3: expected time stamps that rise, found 2 s after 2 s. Name its rate and leave "
        "out time, if the stamps are those of packets.",
        "t,BVP\n2,1\n2,2\n",
    ),
    of_wrist(
        "time stamps of packets, with a rate",
        ", line 3: expected time stamps that rise, found 0 s after 0 s. Leave out time, so that "
        "the samples follow each other at the rate.",
        "t,BVP\n" + "".join(f"{i // 3 * 3},{i}\n" for i in range(300)),
        rate=1,
    ),
    of_wrist(
        "time stamps of another rate",
        ": expected 64 samples per second (rate), found 2 by the time stamps. Correct rate or "
        "unit, or leave out one of rate and time.",
        "t,BVP\n0,1\n0.5,2\n1,1\n1.5,1\n",
        rate=64,
    ),
    of_wrist(
        "a sensor that paused, or has blank cells (told)",
        ": the time stamps leave 1 Hz by up to 5.0 samples; every sample is placed by its stamp\n"
        "P1_wrist.csv: 1 blank value(s) of column 'BVP' were left out",
        "t,BVP\n0,1\n1,2\n2,\n3,1\n9,2\n",
        rate=1,
    ),
    of_wrist(
        "a sensor without a value, samples without a time (told)",
        ": 1 sample(s) without a time were left out\nP1_wrist.csv: column 'BVP' has no value and "
        "was left out",
        "t,BVP\n0,\n1,\n,5\n",
    ),
    of_wrist(
        "a sensor without rows (told)",
        ": the table has no rows",
        "t,BVP\n",
    ),
    Case(
        "two files of a sensor without time stamps",
        "P1_wrist_1.csv: expected one file, or time stamps that put several in order, found 2 "
        "files without. Name the column of the times (time), or the right file (files).",
        reading(
            {"P1_events.csv": EVENTS} | {f"P1_wrist_{i}.csv": "BVP\n1\n" for i in (1, 2)},
            trials=TRIALS,
            signals=[WRIST | {"files": "{participant}_wrist_*.csv", "time": None, "rate": 4}],
        ),
    ),
    Case(
        "a sensor's file twice",
        "P1_wrist_2.csv: expected samples after 2 s, where P1_wrist_1.csv ends, found some from 1 "
        "s. Remove the copy, or correct the times.",
        reading(
            {"P1_events.csv": EVENTS} | {f"P1_wrist_{i}.csv": "t,BVP\n1,1\n2,2\n" for i in (1, 2)},
            trials=TRIALS,
            signals=[WRIST | {"files": "{participant}_wrist_*.csv"}],
        ),
    ),
    Case(
        "no table of participants",
        "people.csv: expected a file below data.root, found none. Correct its name in the options, "
        "or data.root.",
        people(None),
    ),
    Case(
        "a participant twice in the table",
        "people.csv, line 3: expected every participant once in column 'id', found 'P1' again. "
        "Correct the table.",
        people("id\nP1\nP1\n"),
    ),
    Case(
        "a word in a column of numbers about participants",
        "people.csv, line 3: expected a number in column 'age', as in 2 other row(s), found "
        "'24 y'. Correct the cell, or write words in all of them.",
        people("id,age\nP1,31\nP2,24 y\nP3,40\n"),
    ),
    Case(
        "participants named by other letters in the table than by the files",
        "data, table of participants: expected 'P1', as the files name this participant, found "
        "'p1'. Write the name in the table as the files do.",
        joined_people("id,age\np1,31\nP2,24\n"),
    ),
    Case(
        "a participant twice in the table, in other letters",
        "data, table of participants: expected every participant once, found 'P1' and 'p 1'. Keep "
        "one line for each.",
        joined_people("id,age\nP1,31\np 1,24\n"),
    ),
    Case(
        "a participant without a name in the table",
        "people.csv, line 2: expected every participant once in column 'id', found a blank cell. "
        "Correct the table.",
        people("id,age\n,3\n"),
    ),
    Case(
        "a table of other participants",
        "people.csv: expected participants of the study (P1, ...), found 1, 2. Name the right "
        "column (data.options.participants.id), or write their names as the files do.",
        people("id\n1\n2\n"),
    ),
    Case(
        "no unix time in the table",
        "people.csv: expected one unix time in seconds in column 'zero' for participant P1, found "
        "5. Correct the table.",
        reading(
            {"people.csv": "id,zero\nP1,5\n", "P1_events.csv": EVENTS},
            participants=PEOPLE | {"unix_zero": "zero"},
            trials=TRIALS,
        ),
    ),
]
