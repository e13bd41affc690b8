"""Recordings and logs that can both be read and do not fit each other."""

from pathlib import Path

import fitted_files as made
import numpy as np
from error_cases import Case

from tinglegram.clock import Timing
from tinglegram.inputs.inspection import inspect
from tinglegram.inputs.inventory import Design
from tinglegram.inputs.offsets import read_offsets
from tinglegram.inputs.raw_files import RawFiles, raw_files
from tinglegram.pulse.alignment import ClockAlignment

TITLE = "Recordings and logs that do not fit each other"

TIMING = Timing(clip=made.CLIP_S, first_trial=made.CLIP_S)
RATINGS = {"1": 0, "2": 1}
ONSETS = np.array(list(made.ONSETS.values()))
WHOLE = made.seconds_of(0, 141)
RAW = RawFiles({"001": "a", "012": "b"}, {"001": "c", "012": "d"}, {})


def found(recording, offsets=None, **settings):
    """Provoke every sentence about participant 7, with how it is decided where nothing is."""

    def provoke(folder):
        for name, content in (("log/007-1-a.log", made.log()), ("ppg/007_csv.txt", recording)):
            path = Path("data") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        alignment = ClockAlignment(**settings)
        design = Design(made.CLIPS, RATINGS, TIMING, "CH1", None, alignment=alignment)
        entries = inspect(raw_files("data", None, {}, 42), design, {}, offsets=offsets or {})
        return (
            "\n".join(
                f"{entry.kind} ({'error' if entry.expected else 'noted'}): {entry.sentence}"
                for entry in entries.entries
            )
            or "nothing to say"
        )

    return provoke


def table(content):
    """Provoke the reading of a table of offsets."""

    def provoke(folder):
        Path("offsets.tsv").write_text(content)
        read_offsets("offsets.tsv", RAW)

    return provoke


def marked(times, begin=0.0, end=141.0, **layout):
    """A recording from `begin` to `end` of the log with marks at these times of the log."""
    return made.recording(made.seconds_of(begin, end), made.marks_at(times, begin, end), **layout)


def paused(at=65.0, length=9.0, marks=None):
    """A recording that was stopped for `length` seconds, its time column going on as if not."""
    seconds = np.concatenate([made.seconds_of(0, at), made.seconds_of(at + length, 141)])
    if marks is None:
        return made.recording(seconds)
    line = np.concatenate([made.marks_at(marks, 0, at), made.marks_at(marks, at + length, 141)])
    return made.recording(seconds, line)


CASES = [
    Case(
        "a recording that fits",
        "nothing to say",
        found(made.recording(WHOLE)),
    ),
    Case(
        "the title names another participant",
        "other_title (error): 007_csv.txt, line 1: expected the recording of participant "
        "7, as in the name of the file, found the title 'C:\\data\\S02_rest.acq'. Find out "
        "whose recording this is and rename the file; if its name is right, set data: "
        "problems: other_title to accept.",
        found(made.recording(WHOLE, title="C:\\data\\S02_rest.acq")),
    ),
    Case(
        "the title holds another number (used, and noted)",
        "title_number (noted): 007_csv.txt: the title 'rest2.acq' holds another number than 7",
        found(made.recording(WHOLE, title="rest2.acq")),
    ),
    Case(
        "a recording that ends long before its log",
        "early_end (error): 007_csv.txt, second 130.0: expected a recording up to second "
        "140.0, the last event of the log, found its end 10.0 s earlier: it was started "
        "late, stopped and went on, exported in part or ended early, and clips may be cut "
        "at the wrong place. Export the whole recording; if it was started late, name the "
        "seconds in data: offsets; if it was only ended early, set data: problems: "
        "early_end to accept.",
        found(made.recording(made.seconds_of(0, 130))),
    ),
    Case(
        "a recording that ends shortly before its log (used, and noted)",
        "early_end (noted): 007_csv.txt: the recording ends 3.0 s before the last event "
        "of the log, at second 140.0: it was ended early, or started late",
        found(made.recording(made.seconds_of(0, 137))),
    ),
    Case(
        "a recording that goes on long after its log (used, and noted)",
        "late_end (noted): 007_csv.txt: the recording goes on for 20.0 s after the last "
        "event of the log: it was left running, or started early",
        found(made.recording(made.seconds_of(0, 160))),
    ),
    Case(
        "the recorder stopped and went on",
        "early_end (error): 007_csv.txt, second 132.0: expected a recording up to second "
        "140.0, the last event of the log, found its end 8.0 s earlier: it was started "
        "late, stopped and went on, exported in part or ended early, and clips may be cut "
        "at the wrong place. Export the whole recording; if it was started late, name the "
        "seconds in data: offsets; if it was only ended early, set data: problems: "
        "early_end to accept.",
        found(paused()),
    ),
    Case(
        "the recorder was started late, by the table of offsets",
        "nothing to say",
        found(made.recording(made.seconds_of(3.4, 141)), {"007": 3.4}),
    ),
    Case(
        "the recorder was started after the first clip began",
        "short_pulse (error): 007_csv.txt, second 17.0: expected vid1 to begin after the "
        "recording, found a clip before second 20.0. Export the whole recording, check "
        "that log and recording belong together, or leave the trial out by the table of "
        "exclusions or by data: problems: short_pulse.",
        found(made.recording(made.seconds_of(20, 141)), {"007": 20.0}),
    ),
    Case(
        "a section alone was exported, without the first clip",
        "short_pulse (error): 007_csv.txt, second 17.0: expected vid1 to begin after the "
        "recording, found a clip before second 30.0. Export the whole recording, check "
        "that log and recording belong together, or leave the trial out by the table of "
        "exclusions or by data: problems: short_pulse.\n"
        "selected_section (noted): 007_csv.txt: the time column begins at second 30: only "
        "a section was exported; its samples were placed by that column",
        found(made.recording(made.seconds_of(30, 141), first=30.0)),
    ),
    Case(
        "a trigger channel marks the clips where the log has them",
        "nothing to say",
        found(marked(ONSETS)),
    ),
    Case(
        "a trigger channel shows an offset",
        "shifted_pulse (error): 007_csv.txt, second 8.6000: expected marks in CH2 "
        "(Digital input) within 0.1 s of the onsets in the log, found the log ahead of "
        "them by 3.4000 s at the first clip and 3.4000 s at the last, a drift of 0 ppm (0 "
        "ms per minute) (4 of 4 clips have a mark, 4 marks in all). Set pulse: align to "
        "trigger to cut each clip at its mark, name the offset in data: offsets, or set "
        "data: problems: shifted_pulse to accept.\n"
        "early_end (noted): 007_csv.txt: the recording ends 2.4 s before the last event "
        "of the log, at second 140.0: it was ended early, or started late",
        found(marked(ONSETS, begin=3.4)),
    ),
    Case(
        "a trigger channel shows an offset, and clips are cut by it (used, and noted)",
        "shifted_pulse (noted): 007_csv.txt: marks in CH2 (Digital input): the log ahead "
        "of them by 3.4000 s at the first clip and 3.4000 s at the last, a drift of 0 ppm "
        "(0 ms per minute) (4 of 4 clips have a mark, 4 marks in all); clips were cut at "
        "their marks",
        found(marked(ONSETS, begin=3.4), align="trigger"),
    ),
    Case(
        "a trigger channel shows another offset than the table",
        "shifted_pulse (error): 007_csv.txt, second 11.6000: expected marks in CH2 "
        "(Digital input) within 0.1 s of the onsets in the log, found the log ahead of "
        "them by 0.4000 s at the first clip and 0.4000 s at the last, a drift of 0 ppm (0 "
        "ms per minute) (4 of 4 clips have a mark, 4 marks in all). Set pulse: align to "
        "trigger to cut each clip at its mark, name the offset in data: offsets, or set "
        "data: problems: shifted_pulse to accept.",
        found(marked(ONSETS, begin=3.4), {"007": 3.0}),
    ),
    Case(
        "a trigger channel shows a drift",
        "shifted_pulse (error): 007_csv.txt, second 12.0000: expected marks in CH2 "
        "(Digital input) within 0.1 s of the onsets in the log, found the log ahead of "
        "them by 0.0000 s at the first clip and -0.1600 s at the last, a drift of -1625 "
        "ppm (-97.5 ms per minute) (4 of 4 clips have a mark, 4 marks in all). Set pulse: "
        "align to trigger to cut each clip at its mark, name the offset in data: offsets, "
        "or set data: problems: shifted_pulse to accept.",
        found(made.recording(WHOLE, made.marks_at((ONSETS - 12) * (1 + 0.0015) + 12, 0, 141))),
    ),
    Case(
        "a trigger channel shows that the recorder stopped and went on",
        "shifted_pulse (error): 007_csv.txt, second 12.0000: expected marks in CH2 "
        "(Digital input) within 0.1 s of the onsets in the log, found the log ahead of "
        "them by 0.0000 s at the first clip and 9.0000 s at the last, with a jump of "
        "9.0000 s between second 44.0 and 76.0 of the log, where the recorder stopped and "
        "went on (4 of 4 clips have a mark, 4 marks in all). Set pulse: align to trigger "
        "to cut each clip at its mark, name the offset in data: offsets, or set data: "
        "problems: shifted_pulse to accept.\n"
        "early_end (error): 007_csv.txt, second 132.0: expected a recording up to second "
        "140.0, the last event of the log, found its end 8.0 s earlier: it was started "
        "late, stopped and went on, exported in part or ended early, and clips may be cut "
        "at the wrong place. Export the whole recording; if it was started late, name the "
        "seconds in data: offsets; if it was only ended early, set data: problems: "
        "early_end to accept.",
        found(paused(marks=ONSETS)),
    ),
    Case(
        "the recorder stopped and went on, and clips are cut by marks (used, and noted)",
        "shifted_pulse (noted): 007_csv.txt: marks in CH2 (Digital input): the log ahead "
        "of them by 0.0000 s at the first clip and 9.0000 s at the last, with a jump of "
        "9.0000 s between second 44.0 and 76.0 of the log, where the recorder stopped and "
        "went on (4 of 4 clips have a mark, 4 marks in all); clips were cut at their "
        "marks, and the one at second 44.0 may hold the jump",
        found(paused(marks=ONSETS), align="trigger"),
    ),
    Case(
        "the recorder stopped and went on, and missed the mark of a clip",
        "shifted_pulse (error): 007_csv.txt: expected marks in CH2 (Digital input) at the "
        "onsets of the 4 clips in the log, found 3 marks, of which 2 follow the onsets: "
        "log and recording are of two sessions, the recorder stopped and went on, or the "
        "channel marks something else. Check that they belong together; if the channel "
        "marks other events, name the right one in pulse: trigger, or set data: problems: "
        "shifted_pulse to accept.\n"
        "early_end (error): 007_csv.txt, second 132.0: expected a recording up to second "
        "140.0, the last event of the log, found its end 8.0 s earlier: it was started "
        "late, stopped and went on, exported in part or ended early, and clips may be cut "
        "at the wrong place. Export the whole recording; if it was started late, name the "
        "seconds in data: offsets; if it was only ended early, set data: problems: "
        "early_end to accept.",
        found(paused(at=70.0, marks=ONSETS)),
    ),
    Case(
        "a trigger channel that lacks the mark of a clip (used, and noted)",
        "unmarked_clips (noted): 007_csv.txt: CH2 (Digital input) marks 3 of the 4 clips "
        "in the log",
        found(marked(ONSETS[1:])),
    ),
    Case(
        "clips are to be cut by a channel that marks something regular",
        "shifted_pulse (error): 007_csv.txt: expected marks in CH2 (Digital input) at the "
        "onsets of the 4 clips in the log, found 70 marks, of which 4 follow the onsets at "
        "several offsets alike: log and recording are of two sessions, the recorder stopped and "
        "went on, or the channel marks something else. Check that they belong together; if the "
        "channel marks other events, name the right one in pulse: trigger, or set data: problems: "
        "shifted_pulse to accept.",
        found(marked(np.arange(0.7, 140, 2.0)), align="trigger"),
    ),
    Case(
        "a channel with marks that follow something else (used, and noted)",
        "other_marks (noted): 007_csv.txt: CH2 (Digital input) has 15 marks that do not "
        "follow the clips of the log",
        found(marked([*np.arange(2.0, 138.0, 9.7)])),
    ),
    Case(
        "a trigger channel of the configuration that marks something else",
        "shifted_pulse (error): 007_csv.txt: expected marks in CH2 (Digital input) at the "
        "onsets of the 4 clips in the log, found 6 marks, of which 0 follow the onsets: "
        "log and recording are of two sessions, the recorder stopped and went on, or the "
        "channel marks something else. Check that they belong together; if the channel "
        "marks other events, name the right one in pulse: trigger, or set data: problems: "
        "shifted_pulse to accept.",
        found(marked([5.0, 9.5, 31.0, 71.0, 90.0, 93.0]), trigger="CH2"),
    ),
    Case(
        "a trigger channel of the configuration that marks nothing",
        "shifted_pulse (error): 007_csv.txt: expected marks in CH2 (Digital input) at the "
        "onsets of the 4 clips in the log, found 0 marks, of which 0 follow the onsets: "
        "it stays at 0: log and recording are of two sessions, the recorder stopped and "
        "went on, or the channel marks something else. Check that they belong together; "
        "if the channel marks other events, name the right one in pulse: trigger, or set "
        "data: problems: shifted_pulse to accept.",
        found(marked([]), trigger="CH2"),
    ),
    Case(
        "a trigger channel of the configuration that is not there",
        "unreadable_pulse (error): 007_csv.txt: expected one channel CH28, found CH1 "
        "(PPG). Set pulse: trigger in the configuration to one of these, or export it "
        "too.",
        found(made.recording(WHOLE), trigger="CH28"),
    ),
    Case(
        "clips are to be cut by marks, and no channel has any",
        "shifted_pulse (error): 007_csv.txt: expected a channel that marks the onset of "
        "each clip, as pulse: align asks for, found CH1 (PPG). Name it in pulse: trigger, "
        "export it too, or set pulse: align to start.",
        found(made.recording(WHOLE), align="trigger"),
    ),
    Case(
        "a table of offsets without its header",
        "offsets.tsv: expected the tab-separated columns participant, offset_s or "
        "subject, offset_s, found 7, 3.4 over 2 or more fields. Write that header into "
        "the first line, and two fields into the others.",
        table("7\t3.4\n"),
    ),
    Case(
        "a table of offsets with faulty rows, all at once",
        "offsets.tsv, line 2: expected a participant with raw files, found '7'. Present: "
        "001, 012.\n"
        "offsets.tsv, line 3: expected a number of seconds, found '3,4'. Write seconds "
        "with a point, such as 3.4: when the recording began on the log.\n"
        "offsets.tsv, line 4: expected a number of seconds, found '90000'. Write seconds "
        "with a point, such as 3.4: when the recording began on the log.\n"
        "offsets.tsv, line 6: expected every participant once, found 001 again. Keep one "
        "line.",
        table("participant\toffset_s\n7\t3.4\n1\t3,4\n12\t90000\n1\t2\n001\t2.5\n"),
    ),
]
