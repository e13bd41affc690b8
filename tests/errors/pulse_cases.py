"""Pulse recordings that cannot be used as they are, or only with a word of warning."""

from error_cases import Case
from export_files import SIGNAL, edited, export

from tinglegram.formats.biopac import read_export

TITLE = "Pulse recordings"

SHORT = SIGNAL[:40]
FIRST_ROW = 10
# AcqKnowledge files begin with two bytes of zero and a 32-bit version.
ACQ = b"\0\0\x80\0\0\0" + bytes(range(256)) * 4


def _read(content: bytes, channel: str = "CH2", rate: float | None = None):
    return lambda folder: "\n".join(read_export(content, "007_csv.txt", channel, rate).findings)


def _edited(line: int, change, **layout):
    return _read(edited(line, change, **{"signal": SHORT} | layout))


def _lines(change, **layout):
    """Read an export without its row of counts after a change to the list of its lines."""
    lines = export(SHORT, counts=False, **layout).split(b"\r\n")
    change(lines)
    return _read(b"\r\n".join(lines))


def _gap(lines: list[bytes]) -> None:
    del lines[20:25]


def _repetition(lines: list[bytes]) -> None:
    lines[20:20] = lines[10:20]


def _commas(line: bytes) -> bytes:
    return line.replace(b".", b",")


CASES = [
    Case(
        "empty file",
        "007_csv.txt: expected a Biopac text export, found an empty file. Export the whole "
        "recording again from Biopac as text (File > Save as > Text).",
        _read(b"\r\n"),
    ),
    Case(
        "a binary .acq file under the name of a text file",
        "007_csv.txt: expected a text export, found binary data, probably an AcqKnowledge .acq "
        "file under another name. Open it in AcqKnowledge or Biopac Student Lab, choose File > "
        "Save as > Text with header and time column, and put the result in its place.",
        _read(ACQ),
    ),
    Case(
        "text in UTF-16",
        "007_csv.txt: expected text in UTF-8, Shift-JIS or Latin-1, found text in UTF-16, as some "
        "editors save it. Open it in a text editor and save it as UTF-8, or export it again from "
        "Biopac.",
        _read(export(SHORT, encoding="utf-16")),
    ),
    Case(
        "no header and no sampling rate",
        "007_csv.txt, first lines: expected a header that ends with the labels of the columns, "
        "such as 'min CH1 CH2', found '0\\t-0\\t0'. Export the whole recording again from Biopac "
        "as text (File > Save as > Text). Include the header and the horizontal scale (time) "
        "column.",
        _read(b"0\t-0\t0\n0.0005\t-0.01\t0.01\n"),
    ),
    Case(
        "no time column",
        "007_csv.txt, line 8: expected a time column in min, sec, s, msec, millisec, ms, usec, "
        "then the channels, separated by tabs or commas, found 'CH1\\tCH2\\t'. Export the whole "
        "recording again from Biopac as text (File > Save as > Text). Include the header and the "
        "horizontal scale (time) column.",
        _edited(8, lambda line: line.removeprefix(b"min\t")),
    ),
    Case(
        "a time column in an unknown unit",
        "007_csv.txt, line 8: expected a time column in min, sec, s, msec, millisec, ms, usec, "
        "then the channels, separated by tabs or commas, found 'hours\\tCH1\\tCH2\\t'. Export the "
        "whole recording again from Biopac as text (File > Save as > Text). Include the header "
        "and the horizontal scale (time) column.",
        _edited(8, lambda line: line.replace(b"min", b"hours")),
    ),
    Case(
        "no sampling rate in the header nor in the configuration",
        "007_csv.txt: expected the sampling interval in the header, such as '0.5 msec/sample', "
        "found none. Set pulse: sampling_rate in the configuration, or export with the header.",
        _read(export(SHORT, interval="Recording on: 2025-02-21 11:05:38.634")),
    ),
    Case(
        "another sampling rate than configured",
        "007_csv.txt: expected 2000 Hz as configured, found 1000 Hz in the header. Correct pulse: "
        "sampling_rate, or set it to null to take the header's.",
        _read(export(SHORT, 1000, interval="1 msec/sample"), rate=2000),
    ),
    Case(
        "fewer channels than asked for",
        "007_csv.txt: expected one channel CH3, found CH1 (PPG), CH2 (PPG, 0.5-35 Hz). Set pulse: "
        "channel in the configuration to one of these, or export it too.",
        _read(export(SHORT), "CH3"),
    ),
    Case(
        "two channels of the name asked for",
        "007_csv.txt: expected one channel PPG, found CH1 (PPG), CH2 (PPG). Set pulse: channel in "
        "the configuration to one of these, or export it too.",
        _read(export(SHORT, names=("PPG", "PPG")), "PPG"),
    ),
    Case(
        "fewer columns than channels",
        "007_csv.txt, line 8: expected columns for 2 channels, as announced above them, found 1 "
        "(CH1). Export the whole recording again from Biopac as text (File > Save as > Text).",
        _edited(8, lambda line: b"min\tCH1\t"),
    ),
    Case(
        "a header that announces more channels than it names",
        "007_csv.txt, line 3: expected name and unit of each channel, and then the labels of the "
        "columns, found '9999999 channels', but not that many lines. Export the whole recording "
        "again from Biopac as text (File > Save as > Text).",
        _edited(3, lambda line: b"9999999 channels"),
    ),
    Case(
        "a decimal comma in the header",
        "007_csv.txt, line 2: expected numbers with decimal points, found a decimal comma in '0,5 "
        "msec/sample'. Set the decimal symbol of the computer that runs Biopac to a point and "
        "export again.",
        _edited(2, _commas),
    ),
    Case(
        "decimal commas in a file with tabs",
        "007_csv.txt, line 10: expected 4 cells with numbers for time and CH2, found "
        "'0\\t-0,5\\t0,5\\t'. If its commas are decimal ones: Set the decimal symbol of the "
        "computer that runs Biopac to a point and export again.",
        _edited(FIRST_ROW, _commas, signal=SHORT + 0.5, interval="1 msec/sample", rate=1000),
    ),
    Case(
        "decimal commas in a file with commas",
        "007_csv.txt, line 10: expected 3 cells with numbers for time and CH2, found 5 cells: "
        "'0,-0,5,0,5'. If its commas are decimal ones: Set the decimal symbol of the computer "
        "that runs Biopac to a point and export again.",
        _edited(FIRST_ROW, _commas, signal=SHORT + 0.5, delimiter=",", trailing=""),
    ),
    Case(
        "no samples",
        "007_csv.txt: expected rows of samples, found only a header. Export the whole recording "
        "again from Biopac as text (File > Save as > Text).",
        _read(export(SIGNAL[:0])),
    ),
    Case(
        "a row cut short",
        "007_csv.txt, line 20: expected 4 cells with numbers for time and CH2, found 1 cell: "
        "'8.3333'. The row is damaged or cut short. Export the whole recording again from Biopac "
        "as text (File > Save as > Text).",
        _edited(20, lambda line: line[:6]),
    ),
    Case(
        "the last row cut short",
        "007_csv.txt, line 49: expected 4 cells with numbers for time and CH2, found 2 cells: "
        "'0.000325\\t-0.3'. The row is damaged or cut short. Export the whole recording again "
        "from Biopac as text (File > Save as > Text).",
        _read(export(SHORT)[:-15]),
    ),
    Case(
        "a row with a value too many",
        "007_csv.txt, line 20: expected 4 cells with numbers for time and CH2, found a value too "
        "many: '8.33333E-05\\t-0.09983\\t7\\t0.09983'. The row is damaged or cut short. Export "
        "the whole recording again from Biopac as text (File > Save as > Text).",
        _edited(20, lambda line: line.replace(b"\t0.", b"\t7\t0.").rstrip()),
    ),
    Case(
        "a sample that is not a number",
        "007_csv.txt, line 20: expected 4 cells with numbers for time and CH2, found "
        "'8.33333E-05\\t-0.09983\\tnan\\t'. The row is damaged or cut short. Export the whole "
        "recording again from Biopac as text (File > Save as > Text).",
        _edited(20, lambda line: line.replace(b"\t0.09983", b"\tnan")),
    ),
    Case(
        "a sample left out of its row",
        "007_csv.txt, line 20: expected 4 cells with numbers for time and CH2, found "
        "'8.33333E-05\\t-0.09983\\t\\t'. The row is damaged or cut short. Export the whole "
        "recording again from Biopac as text (File > Save as > Text).",
        _edited(20, lambda line: line.replace(b"\t0.09983", b"\t")),
    ),
    Case(
        "no row of sample counts (a warning; the recording is used)",
        "no row of sample counts: a file cut off between two rows looks complete",
        _read(export(SHORT, counts=False)),
    ),
    Case(
        "no line end after the last row (a warning; the recording is used)",
        "no line end after the last row: its last number may be cut short",
        _read(export(SHORT, trailing="")[:-2]),
    ),
    Case(
        "other sample counts than rows",
        "007_csv.txt, line 9: expected 40 samples of CH2, as the header counts, found 39 rows. "
        "The file was cut off or edited. Export the whole recording again from Biopac as text "
        "(File > Save as > Text).",
        _read(export(SHORT).rsplit(b"\r\n", 2)[0] + b"\r\n"),
    ),
    Case(
        "a gap",
        "007_csv.txt, line 21: expected time 0.0001 at sample 12, 2000 Hz, found 0.000141667: "
        "samples are missing or repeated, or the time starts elsewhere. Export the whole "
        "recording again from Biopac as text (File > Save as > Text). If the rate is wrong, "
        "correct pulse: sampling_rate.",
        _lines(_gap),
    ),
    Case(
        "a block of rows twice",
        "007_csv.txt, line 21: expected time 0.0001 at sample 12, 2000 Hz, found 1.66667e-05: "
        "samples are missing or repeated, or the time starts elsewhere. Export the whole "
        "recording again from Biopac as text (File > Save as > Text). If the rate is wrong, "
        "correct pulse: sampling_rate.",
        _lines(_repetition),
    ),
    Case(
        "a time column of another rate than the header's",
        "007_csv.txt, line 11: expected time 8.33333e-06 at sample 1, 2000 Hz, found 1.66667e-05: "
        "samples are missing or repeated, or the time starts elsewhere. Export the whole "
        "recording again from Biopac as text (File > Save as > Text). If the rate is wrong, "
        "correct pulse: sampling_rate.",
        _read(export(SHORT, 1000)),
    ),
]
