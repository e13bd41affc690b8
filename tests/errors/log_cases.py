"""Event logs that cannot be used as they are, and those that can, with what is said about them."""

from error_cases import Case

from tinglegram.behaviour.sessions import session_findings, session_problems
from tinglegram.behaviour.timeline import Timing, timeline, timeline_problems
from tinglegram.errors import refuse
from tinglegram.formats.presentation import read_log
from tinglegram.formats.recording import Recording
from tinglegram.pulse.slicing import slice_by_index

TITLE = "Event logs"

NAME = "007-1-20250101-ab.log"
CLIPS = {"vid1": "ASMR", "vid2": "ASMR", "vid5": "Nature"}
RATINGS = {"1": 0, "2": 1, "3": 2, "4": 3}
HEADER = (
    "Subject\tTrial\tEvent Type\tCode\tTime\tTTime\tUncertainty\tDuration\tUncertainty\tReqTime"
    "\tReqDur\tStim Type\tPair Index"
)
BEFORE = "Scenario - rest\nLogfile written - 01/01/2025 10:00:00\n\n"
EXCLUDE = "List it in the exclusions table (subject, video, reason) if it is to be left out."
STOPPED = (
    "List it in the exclusions table (subject, video, reason) or set data: problems: stopped_clip; "
    "if clips are meant to play for less, correct timing: clip."
)
ORIGINAL = "Use the file as Presentation wrote it, or copy it again from the recording computer."
RESTARTED = (
    "Keep the complete session alone in the file, with its own times, or leave the person out by "
    "a line (subject, *, reason) in the exclusions table."
)


def row(trial, kind, code, seconds, subject="007"):
    """A row of the event table; a stimulus has 13 fields, all else 7."""
    fields = [subject, str(trial), kind, code, str(round(seconds * 10_000)), "0", "1"]
    if kind == "Video":
        fields += ["600000", "2", "0", "next", "other", "0"]
    return "\t".join(fields)


CLIP1, CLIP2, CLIP5 = (
    row(1, "Video", "vid1", 60),
    row(2, "Video", "vid2", 120),
    row(3, "Video", "vid5", 180),
)
END = row(3, "Quit", "", 240)
SESSION = [CLIP1, CLIP2, CLIP5, END]


def log(rows, header=HEADER, after=""):
    """A log with these events; the first of them stands in line 6."""
    return BEFORE + "\n".join([header, "", *rows]) + "\n" + after


def read(content, excluded=(), encoding="utf-8"):
    """Provoke what reading a session says: its problems, else its findings."""

    def provoke(folder):
        found = read_log(content if isinstance(content, bytes) else content.encode(encoding), NAME)
        design = {"source": NAME, "clips": CLIPS, "timing": Timing(), "videos": found.videos}
        refuse(
            session_problems(found.events, source=NAME, subject=7)
            + timeline_problems(found.events, **design, excluded=excluded)
        )
        session = timeline(found.events, subject=7, ratings=RATINGS, **design, excluded=excluded)
        findings = (*found.findings, *session_findings(found.events), *session.findings)
        return "\n".join(map(str, findings)) or f"{len(session.timeline)} clips, nothing to say"

    return provoke


def refused(given, content, rest):
    """A log that is refused; `rest` follows the name of the file."""
    return Case(given, NAME + rest, read(content))


def tolerated(given, content, message, **options):
    """A log that is used, with a finding that goes to problems.tsv."""
    return Case(f"{given} (used, and noted)", message, read(content, **options))


def summary(played):
    """A video summary: (start, duration, dropped frames) of vid1, vid2 and vid5, in seconds."""
    names = "Frame\tEnd Frame\tFrames Presented\tFrames Dropped\tStart Time\tEnd Time\tDuration"
    rows = [
        f"{code}.avi\t0\t1799\t{1800 - dropped}\t{dropped}"
        f"\t{start * 10_000:.0f}\t{(start + length) * 10_000:.0f}\t{length * 10_000:.0f}"
        for code, (start, length, dropped) in zip(CLIPS, played, strict=True)
    ]
    return "\n".join(["", f"Filename\tStart {names}", "", *rows, ""])


def _too_short(folder):
    recording = Recording([0.0] * 2000, [], 10.0, "CH2", "", "", "", "utf-8", ())
    slice_by_index(recording, "007_csv.txt", "vid5", 185.0, 240.0)


AFTER = " lines after the event table are not events and were left out; they begin with "
VIDEO_SUMMARY = "\nfilename\tstart frame\tend frame\nASMR1.avi\t1\t1800\n"
STIMULUS_SUMMARY = "\nEvent Type\tCode\tType\tResponse\tRT\n\nVideo\tvid1\tother\t\t\n"

CASES = [
    refused(
        "empty file",
        "",
        ": expected a Presentation event log, found an empty file. Copy the log again from the "
        "recording computer.",
    ),
    refused(
        "a binary file named .log",
        b"RIFF\0\0\0\0AVI LIST",
        ": expected text in UTF-8, UTF-16 with byte order mark, cp932 or Latin-1, found a binary "
        "file. Check that the right file lies under this name.",
    ),
    refused(
        "no event table, only a summary",
        BEFORE + STIMULUS_SUMMARY,
        ": expected an event table, whose header begins with Subject or Trial, found no such line. "
        "Check that the file is a Presentation log with its event table, not a summary.",
    ),
    refused(
        "saved by a spreadsheet with commas",
        log(SESSION).replace("\t", ","),
        ", line 4: expected columns separated by tabs, found "
        f"'Subject,Trial,Event Type,Code,Time,TTime'. {ORIGINAL}",
    ),
    refused(
        "an event table without its times",
        log(SESSION, HEADER.replace("\tTime", "", 1)),
        ", line 4: expected an event table with the columns Trial, Event Type, Code, Time, found "
        "no column Time. Export the log with these columns, separated by tabs.",
    ),
    refused(
        "header only",
        log([]),
        ", line 4: expected events below the header of the event table, found none. The recording "
        "was ended before its first event; leave this person out.",
    ),
    refused(
        "aborted: Quit inside a clip",
        log([CLIP1, CLIP2, CLIP5, row(3, "Quit", "", 210.04)]),
        ", line 9: expected vid5 to play for 60 s, found Quit 30.0 s after its start. " + EXCLUDE,
    ),
    refused(
        "a clip is missing",
        log([CLIP1, CLIP2]),
        f": expected a Video event vid5, found none; shown: vid1, vid2. {EXCLUDE}",
    ),
    refused(
        "aborted and therefore two faults: all are named",
        log([CLIP1, row(2, "Video", "vid5", 120), row(2, "Quit", "", 130)]),
        f", line 8: expected vid5 to play for 60 s, found Quit 10.0 s after its start. {EXCLUDE}\n"
        f"{NAME}: expected a Video event vid2, found none; shown: vid1, vid5. {EXCLUDE}",
    ),
    refused(
        "a clip was shown twice",
        log([*SESSION[:3], row(4, "Video", "vid1", 240)]),
        f", line 9: expected every clip once, found vid1 again, first shown in line 6. {EXCLUDE}",
    ),
    tolerated(
        "an extra clip that is none of the study's",
        log([row(1, "Video", "practice", 0), *SESSION]),
        "line 6: Video event 'practice' is none of vid1, vid2, vid5 and was not counted",
    ),
    refused(
        "a clip cut short by the next one",
        log([CLIP1, CLIP2, row(3, "Video", "vid5", 178), END]),
        ", line 8: expected vid2 to play for 60 s, found Video 'vid5' 58.0000 s after its start. "
        + STOPPED,
    ),
    refused(
        "a clip stopped early: a later trial shows something else",
        log([CLIP1, CLIP2, row(3, "Picture", "rest", 155.25), row(4, "Video", "vid5", 180)]),
        ", line 8: expected vid2 to play for 60 s, found Picture 'rest' 35.2500 s after its start. "
        + STOPPED,
    ),
    tolerated(
        "a log that ends within a clip",
        log([CLIP1, CLIP2, CLIP5, row(3, "Response", "2", 201.5)]),
        "line 9: the log ends 21.5 s after the start of vid5, which should play for 60 s; whether "
        "it did is not known, and the trial was kept",
    ),
    refused(
        "a clip stopped early by the video summary",
        log(SESSION, after=summary([(60, 55.7, 0), (120, 12.5, 0), (180, 60, 0)])),
        ", line 14: expected vid2 to play for 60 s, found 12.5000 s of vid2.avi in the video "
        f"summary. {STOPPED}",
    ),
    tolerated(
        "a clip that ends a little early",
        log(
            [
                CLIP1,
                CLIP2,
                row(3, "Picture", "rest", 179.7),
                row(4, "Video", "vid5", 180),
                row(4, "Quit", "", 240),
            ]
        ),
        "line 7: Picture 'rest' follows 59.7000 s after vid2, which should play for 60 s; the "
        "trial was kept, as timing: shortfall allows",
    ),
    tolerated(
        "dropped frames in the video summary",
        log(SESSION, after=summary([(60, 55.7, 0), (120, 60, 14), (180, 60, 0)])),
        f"line 11: 4{AFTER}'Filename\\tStart Frame\\tEnd Frame\\tFrames Presented\\tFrames Dropp'\n"
        "line 14: 14 frames of vid2.avi, shown as vid2, were dropped (1786 were presented)",
    ),
    Case(
        "another picture over the clip, within its trial (used)",
        "3 clips, nothing to say",
        read(log([CLIP1, CLIP2, row(2, "Picture", "scale", 150), CLIP5, END])),
    ),
    refused(
        "started again: a second event table",
        log(SESSION, after=f"\n{HEADER}\n\n" + "\n".join(SESSION) + "\n"),
        ", line 11: expected one event table, found another one, after that of line 4: the session "
        f"was started again. {RESTARTED}",
    ),
    refused(
        "started again: a second header right below the events",
        log([*SESSION, HEADER, *SESSION]),
        ", line 10: expected one event table, found another one, after that of line 4: the session "
        f"was started again. {RESTARTED}",
    ),
    refused(
        "started again: the trial counter goes back",
        log([CLIP1, row(2, "Response", "2", 70), row(1, "Video", "vid2", 120), CLIP5]),
        ", line 8: expected a trial counter that rises, found trial 1 after 2: the session "
        f"was started again. {RESTARTED}",
    ),
    refused(
        "times that step back",
        log([CLIP1, row(1, "Response", "2", 59.5), CLIP2, CLIP5]),
        f", line 7: expected times that rise, found 59.5000 s after 60.0000 s. {ORIGINAL}",
    ),
    tolerated(
        "negative times",
        log([row(0, "Picture", "rest", -0.9833), *SESSION]),
        "line 6: 1 event(s) before time 0, the first at -0.9833 s, were kept",
    ),
    tolerated(
        "a key code outside 1-4",
        log([CLIP1, row(1, "Response", "5", 70), CLIP2, CLIP5, END]),
        "line 7: key '5' during vid1 is none of 1, 2, 3, 4 and was ignored",
    ),
    refused(
        "another person's session",
        log([line.replace("007", "SUBJ08") for line in SESSION]),
        ", line 6: expected subject 7, as in the name of the file, found 'SUBJ08' in column "
        "Subject. Find out whose session this is and rename the file; if its name is right, set "
        "data: problems: other_subject to accept.",
    ),
    tolerated(
        "no column Subject",
        log([line.partition("\t")[2] for line in SESSION], HEADER.partition("\t")[2]),
        "line 6: no column Subject: only the name of the file says whose log this is",
    ),
    refused(
        "a time that is no integer",
        log([CLIP1.replace("600000", "6e5", 1), CLIP2, CLIP5]),
        f", line 6: expected an integer in column Time, found '6e5'. {ORIGINAL}",
    ),
    refused(
        "truncated in the middle of a line",
        log([CLIP1, CLIP2, CLIP5, "007\t3\tQu"]),
        ", line 9: expected at least 7 fields with a time, found a truncated line of 3 fields. "
        + ORIGINAL,
    ),
    refused(
        "truncated in the last stimulus",
        log([CLIP1, CLIP2, CLIP5.rpartition("\tother")[0]]).rstrip("\n"),
        f", line 8: expected 7 or 13 fields, found a truncated line of 11 fields. {ORIGINAL}",
    ),
    tolerated(
        "a video summary after the events",
        log(SESSION, after=VIDEO_SUMMARY),
        f"line 11: 2{AFTER}'filename\\tstart frame\\tend frame'",
    ),
    tolerated(
        "a stimulus summary after the events",
        log(SESSION, after=STIMULUS_SUMMARY),
        f"line 11: 2{AFTER}'Event Type\\tCode\\tType\\tResponse\\tRT'",
    ),
    tolerated(
        "a JSON trailer",
        log(SESSION, after='\n{\n  "version": "23.0"\n}\n'),
        f"line 11: 3{AFTER}'{{'",
    ),
    Case(
        "resaved by a spreadsheet with trailing tabs and quotes (used)",
        "3 clips, nothing to say",
        read(
            "\n".join(
                "\t".join(f'"{field}"' for field in line.split("\t")) + "\t" * 6
                for line in log(SESSION).split("\n")
            )
        ),
    ),
    tolerated(
        "UTF-16 with a byte order mark",
        log(SESSION),
        "line 1: the text is utf-16 and was read as such",
        encoding="utf-16",
    ),
    tolerated(
        "UTF-8 with a byte order mark",
        log(SESSION),
        "line 1: the text is utf-8 with a byte order mark and was read as such",
        encoding="utf-8-sig",
    ),
    tolerated(
        "Shift-JIS",
        log(SESSION).replace("rest", "安静"),
        "line 1: the text is cp932 and was read as such",
        encoding="cp932",
    ),
    tolerated(
        "Latin-1",
        log(SESSION).replace("rest", "Ruhe für ÿ"),
        "line 1: the text is latin-1 and was read as such",
        encoding="latin-1",
    ),
    Case(
        "a clip longer than the recording",
        "007_csv.txt, second 200.0: expected samples up to second 240.0, where clip vid5 ends, "
        "found the end of the recording after 2000 samples. Export the whole recording, or exclude "
        "the trial (data: exclusions).",
        _too_short,
    ),
]
