import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinglegram.errors import InputProblem
from tinglegram.formats.presentation import read_log

HEADER = [
    "Subject",
    "Trial",
    "Event Type",
    "Code",
    "Time",
    "TTime",
    "Uncertainty",
    "Duration",
    "Uncertainty",
    "ReqTime",
    "ReqDur",
    "Stim Type",
    "Pair Index",
]
EVENTS = [
    ["S01", "1", "Video", "vid1", "-120", "0", "1", "600000", "2", "0", "next", "other", "0"],
    ["S01", "1", "Response", "3", "10000", "10120", "1"],
    ["S01", "1", "Manual", "free text, with comma", "10000", "10120", "NA"],
    ["S01", "1", "Quit", "", "20000", "20120", "1"],
]
SUMMARY = "Event Type\tCode\tType\tResponse\tRT\n\nVideo\tvid9\tother\t\t\n"


def log_text(events=EVENTS, header=HEADER, before="Scenario - rest\n\n", after=""):
    rows = ["\t".join(header), "", *("\t".join(row) for row in events)]
    return before + "\n".join(rows) + "\n" + after


def read(text, encoding="utf-8"):
    return read_log(text.encode(encoding), "001-1-x.log")


def refused(content):
    if isinstance(content, str):
        content = content.encode()
    with pytest.raises(InputProblem) as problem:
        read_log(content, "001-1-x.log")
    return str(problem.value)


def test_events_keep_columns_ticks_and_lines():
    log = read(log_text(before="Scenario - rest\nLogfile written - 10/03/2013 09:53:34\n\n"))
    assert log.events.columns.tolist() == [
        "subject",
        "trial",
        "event_type",
        "code",
        "time_ticks",
        "line",
    ]
    assert log.events["time_ticks"].tolist() == [-120, 10000, 10000, 20000]
    assert log.events["code"].tolist() == ["vid1", "3", "free text, with comma", ""]
    assert log.events["line"].tolist() == [6, 7, 8, 9]
    assert (log.scenario, log.written) == ("rest", "10/03/2013 09:53:34")
    assert log.encoding == "utf-8"
    assert log.findings == ()


def test_log_without_subject_column_or_facts():
    log = read(log_text([row[1:] for row in EVENTS], HEADER[1:], before=""))
    assert log.events["subject"].isna().all()
    assert log.events["code"].tolist() == ["vid1", "3", "free text, with comma", ""]
    assert (log.scenario, log.written) == (None, None)


def test_columns_are_found_by_name():
    order = [4, 6, 0, 3, 2, 1, 5]
    columns = ["Subject"] + [HEADER[i] for i in order if i]
    events = [[row[HEADER.index(name)] for name in columns] for row in EVENTS]
    log = read(log_text(events, columns))
    assert log.events["time_ticks"].tolist() == [-120, 10000, 10000, 20000]
    assert log.events["event_type"].tolist() == ["Video", "Response", "Manual", "Quit"]


@pytest.mark.parametrize(
    ("encoding", "name", "found"),
    [
        ("utf-8", "振動", "utf-8"),
        ("utf-8-sig", "振動", "utf-8"),
        ("utf-16", "振動", "utf-16"),
        ("cp932", "振動", "cp932"),
        ("latin-1", "Ruhe für ÿ", "latin-1"),
    ],
)
def test_encodings(encoding, name, found):
    log = read(log_text(before=f"Scenario - {name}\n\n"), encoding)
    assert (log.scenario, log.encoding) == (name, found)
    assert len(log.events) == 4


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\r\r\n"])
def test_line_ends(line_end):
    log = read(log_text().replace("\n", line_end))
    assert len(log.events) == 4
    assert log.findings == ()


def test_trailing_tabs_of_a_spreadsheet():
    padded = "\n".join(line + "\t" * (12 - line.count("\t")) for line in log_text().split("\n"))
    assert padded.count("\t" * 12) > 1
    assert read(padded + "\n" + SUMMARY).events.equals(read(log_text()).events)


@pytest.mark.parametrize(
    "after",
    [
        SUMMARY,
        "filename\tstart frame\tend frame\nASMR1.avi\t1\t1800\n\n" + SUMMARY,
        '{\n  "version": "23.0"\n}\n',
    ],
)
def test_what_follows_the_table_is_left_out_and_noted(after):
    log = read(log_text(after="\n" + after))
    assert log.events.equals(read(log_text()).events)
    (finding,) = log.findings
    assert (finding.kind, finding.line) == ("after_table", 10)
    assert str(finding).startswith("line 10: ")
    assert repr(after.split("\n")[0])[1:-1] in finding.message


@pytest.mark.parametrize("content", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_empty_file(content):
    assert "expected a Presentation event log, found an empty file" in refused(content)


@pytest.mark.parametrize(
    "content",
    [b"RIFF\0\0\0\0AVI ", log_text().encode("utf-16-le"), b"\xff\xfe\0", b"\xff\xfea\0\0\0"],
)
def test_binary_file(content):
    assert "found a binary file" in refused(content)


def test_no_event_table():
    assert "expected an event table" in refused("Scenario - rest\n\n" + SUMMARY)


def test_missing_column():
    message = refused(log_text(header=[name for name in HEADER if name != "Time"]))
    assert "line 3" in message and "no column Time" in message


@pytest.mark.parametrize("after", ["", "\n" + SUMMARY])
def test_header_only(after):
    message = refused("Scenario - rest\n\n" + "\t".join(HEADER) + "\n" + after)
    assert "line 3: expected events" in message


@pytest.mark.parametrize("time", ["1.5", "12e3", "NA", "1_000", "٣", "9" * 30])
def test_time_that_is_no_integer(time):
    events = [EVENTS[0], [*EVENTS[1][:4], time, *EVENTS[1][5:]]]
    message = refused(log_text(events))
    assert f"line 6: expected an integer in column Time, found '{time}'" in message


def test_shifted_row():
    message = refused(log_text([["S", "01", *EVENTS[0][1:]]]))
    assert "line 5: expected an integer in column Time" in message
    message = refused(log_text([["S01", "x", *EVENTS[0][2:]]]))
    assert "line 5: expected an integer in column Trial, found 'x'" in message


@pytest.mark.parametrize("fields", [1, 3, 4, 5, 6])
def test_truncated_line(fields):
    message = refused(log_text([EVENTS[0], EVENTS[1][:fields]]))
    assert (
        f"line 6: expected at least 7 fields with a time, found a truncated line of {fields}"
        in (message)
    )


def test_truncated_line_padded_by_a_spreadsheet():
    message = refused(log_text([EVENTS[0], EVENTS[1][:3] + [""] * 10]))
    assert "line 6" in message and "found a truncated line of 3 fields" in message


def test_file_that_breaks_off_in_a_stimulus():
    broken = log_text([EVENTS[1], EVENTS[0][:9]]).rstrip("\n")
    assert "line 6: expected 7 or 13 fields, found a truncated line of 9" in refused(broken)
    # With its line end the row is complete as far as anyone can tell.
    assert len(read(broken + "\n").events) == 2
    assert len(read(log_text().rstrip("\n")).events) == 4


fields = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=8)
rows = st.lists(st.tuples(fields, st.integers(-(10**9), 10**9)), min_size=1, max_size=20)


@given(rows)
def test_every_row_written_is_read(written):
    events = [["S", "1", "Response", code, str(time), "0", "1"] for code, time in written]
    log = read(log_text(events, after="\n" + SUMMARY))
    assert list(zip(log.events["code"], log.events["time_ticks"], strict=True)) == written


# Name, events, first and last time; the pattern counts rows without using the reader.
REAL = [
    ("br2013_portinput_sound_pulse.log", 528, 173282, 4953132),
    ("br2018_manual_pulse_summary.log", 512, 3, 4894240),
    ("se2011_negative_time.log", 301, -9833, 5354672),
]


@pytest.mark.parametrize(("name", "n_events", "first", "last"), REAL)
def test_real_logs(shared: Path, name, n_events, first, last):
    content = (shared / "real" / "presentation" / name).read_bytes()
    log = read_log(content, name)
    # An independent count: an event is a line that begins with a subject and a trial number.
    assert len(log.events) == len(re.findall(rb"^\w+\t\d+\t[A-Z]", content, re.M)) == n_events
    times = log.events["time_ticks"].tolist()
    assert (times[0], times[-1]) == (first, last)
    assert log.written is not None and log.scenario is not None
    kinds = [finding.kind for finding in log.findings]
    assert kinds == (["after_table"] if "summary" in name else [])


@pytest.mark.parametrize(
    "columns",
    [
        "Filename\tFrames Presented\tFrames Dropped\tStart Time\tEnd Time",
        "Video File\tFrames Displayed\tDropped Frames\tStart\tStop",
        "Video\tFrames Shown\tFrames Dropped\tStart\tEnd",
    ],
)
def test_columns_of_the_video_summary_have_several_names(columns):
    (video,) = read(log_text(after=f"\n{columns}\na.avi\t1786\t14\t600000\t1200000\n")).videos
    assert video[2:6] == (1786, 14, 600_000, 1_200_000)


def test_a_summary_of_stimuli_is_no_video_summary():
    rows = "Video\tvid9\tother\t\t\nVideo\tvid8\tother\t\t\nPicture\trest\tother\t\t\n"
    assert read(log_text(after="\n" + SUMMARY + rows)).videos == ()
