"""Pulse recordings that cannot be used as they are, or only with a word of warning."""

from error_cases import Case
from export_files import SIGNAL, edited, export

from tinglegram.formats.biopac import read_export

TITLE = "Pulse recordings"

SHORT = SIGNAL[:40]
FIRST_ROW = 10
RESAMPLE = (
    "Resample CH2 in AcqKnowledge to the rate of the recording (Transform > Resample) and export "
    "it again, or set pulse: channel to one of the recording's rate."
)
# AcqKnowledge files begin with two bytes of zero and a 32-bit version.
ACQ = b"\0\0\x80\0\0\0" + bytes(range(256)) * 4


def _read(content: bytes, channel: str = "CH2", rate: float | None = None):
    return lambda folder: "\n".join(
        map(str, read_export(content, "007_csv.txt", channel, rate).findings)
    )


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


def _slower(every: int, counted: int | None = None, keep=lambda number, every: not number % every):
    """Read CH2 where only rows that `keep` have a value of it; the others are blank."""
    lines = export(SHORT, counts=counted is not None).split(b"\r\n")
    first = FIRST_ROW - 2 + (counted is not None)
    if counted is not None:
        lines[first - 1] = f"\t{len(SHORT)}\t{counted}\t".encode()
    for number, at in enumerate(range(first, first + len(SHORT))):
        if not keep(number, every):
            lines[at] = lines[at].rsplit(b"\t", 2)[0] + b"\t\t"
    return _read(b"\r\n".join(lines))


def _moved(seconds: float, **layout):
    """Read an export whose time column begins at another second."""
    first, *rows = export(SHORT, counts=False, **layout).partition(b"CH2\t\r\n")
    body = rows[1].split(b"\r\n")[:-1]
    stamps = (f"{(seconds + i / 2000) / 60:.6g}".encode() for i in range(len(body)))
    moved = [s + b"\t" + row.partition(b"\t")[2] for s, row in zip(stamps, body, strict=True)]
    return _read(b"\r\n".join([first + b"CH2\t", *moved, b""]))


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
        "0.0025 s are missing: the recorder stopped and went on, or rows were lost. Export the "
        "whole recording again from Biopac as text (File > Save as > Text). If the rate is wrong, "
        "correct pulse: sampling_rate.",
        _lines(_gap),
    ),
    Case(
        "a block of rows twice",
        "007_csv.txt, line 21: expected time 0.0001 at sample 12, 2000 Hz, found 1.66667e-05: "
        "the time goes back: rows are repeated, or the recorder was started again. Export the "
        "whole recording again from Biopac as text (File > Save as > Text). If the rate is wrong, "
        "correct pulse: sampling_rate.",
        _lines(_repetition),
    ),
    Case(
        "a time column of another rate than the header's",
        "007_csv.txt, line 11: expected time 8.33333e-06 at sample 1, 2000 Hz, found 1.66667e-05: "
        "the rows from there on are 0.001 s apart, not 0.0005 s. Export the whole "
        "recording again from Biopac as text (File > Save as > Text). If the rate is wrong, "
        "correct pulse: sampling_rate.",
        _read(export(SHORT, 1000)),
    ),
    Case(
        "rows further apart than the header says, from the first one on",
        "007_csv.txt, line 11: expected time 8.33333e-06 at sample 1, 2000 Hz, found 3.33333e-05: "
        "the rows from there on are 0.002 s apart, not 0.0005 s. Export the whole recording again "
        "from Biopac as text (File > Save as > Text). If the rate is wrong, correct pulse: "
        "sampling_rate.",
        _read(export(SHORT, 500)),
    ),
    Case(
        "a channel of half the rate, blank in every second row (used, and noted)",
        "CH2 has a value in every 2. row of 2000 Hz; it was read at its own rate, 1000 Hz",
        _slower(2, 20),
    ),
    Case(
        "a channel of another rate, packed into the first rows",
        "007_csv.txt, line 10: expected one value of CH2 in every row, or in every second, third, "
        "... row for a channel of another rate (20 samples by the header), found 20 cells of 40, "
        f"the others blank. {RESAMPLE}",
        _slower(2, 20, lambda number, every: number < 20),
    ),
    Case(
        "a channel of another rate, filled up with values between its samples",
        "007_csv.txt, line 10: expected one value of CH2 in every row, or in every second, third, "
        "... row for a channel of another rate (20 samples by the header), found 40 rows with "
        f"values that are not held. {RESAMPLE}",
        _slower(1, 20),
    ),
    Case(
        "labels separated by tabs, rows by commas (used, and noted)",
        "no row of sample counts: a file cut off between two rows looks complete\n"
        "labels are separated by tabs and rows by commas; both were read",
        _read(
            export(SHORT, counts=False)
            .replace(b"\t", b",")
            .replace(b"min,CH1,CH2,", b"min\tCH1\tCH2\t")
        ),
    ),
    Case(
        "labels separated by tabs, rows by commas that are decimal ones too",
        "007_csv.txt, line 9: expected 3 numbers separated by tabs, as the labels are, or by one "
        "other separator, found '0,-0,5,0,5,', with commas. Export the whole recording again from "
        "Biopac as text (File > Save as > Text). Choose one separator for all, and a point as "
        "decimal symbol.",
        _read(
            export(SHORT + 0.5, counts=False)
            .replace(b"\t", b",")
            .replace(b"-0.5", b"-0,5")
            .replace(b"0.5,\r", b"0,5,\r", 1)
            .replace(b"min,CH1,CH2,", b"min\tCH1\tCH2\t")
        ),
    ),
    Case(
        "a section alone was exported: the time column begins later (used, and noted)",
        "no row of sample counts: a file cut off between two rows looks complete\n"
        "the time column begins at second 6: only a section was exported; its samples were placed "
        "by that column",
        _moved(6.0),
    ),
    Case(
        "a time column that begins before 0",
        "007_csv.txt, line 9: expected a time column that begins at second 0, or later where a "
        "section was exported, found second -2. Set the start of the horizontal axis to 0 in "
        "AcqKnowledge. Export the whole recording again from Biopac as text (File > Save as > "
        "Text).",
        _moved(-2.0),
    ),
    Case(
        "an interval rounded to four digits (used, and noted)",
        "the header says 59.988 Hz, the time column 60 Hz: the time column's was used",
        _read(export(SIGNAL, 60, interval="16.67 msec/sample")),
    ),
]
