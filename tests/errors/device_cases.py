"""Recordings of devices (readers empatica, acq, xdf, edf) that cannot be read as they are."""

import datetime
import gzip
import io
import zipfile
from pathlib import Path

import made_recordings as made
import numpy as np
from error_cases import Case

from tinglegram.readers import acq, edf, empatica, xdf
from tinglegram.readers.registry import Request

TITLE = "Recordings of devices"

MODULES = {"zip": empatica, "acq": acq, "xdf": xdf, "edf": edf}
BEGIN = {"begin": "begin_(.)"}
AGAIN = "Download the session from E4 connect again"
SHEET = f"{AGAIN}, and do not save it from a spreadsheet."
EDITOR = "EDFbrowser (Tools: Header editor)"


def _read(suffix: str, content=None, notes=False, **options):
    """Read the file of participant P1; say the notes, if they are what it is about."""

    def provoke(folder: Path):
        if content is not None:
            made_ = content(folder) if callable(content) else content
            (folder / f"P1.{suffix}").write_bytes(made_)
        request = Request(folder, options, {"a": 4.0, "b": 3.0}, {"arousal": "continuous"})
        module = MODULES[suffix]
        session = module.read("P1", module.find(request).get("P1", []), request)
        return "\n".join(f"{note.kind}: {note}" for note in session.notes) if notes else None

    return provoke


def _e4(notes=False, options=None, **files):
    return _read("zip", made.archive(made.e4_files(**files)), notes, **(options or {}))


def _edf(spoil=lambda content: content, notes=False, **options):
    def content(folder: Path):
        whole = made.edf_bytes(folder / "made")
        return spoil(whole)

    return _read("edf", content, notes, **options)


def _edf_at(month: int, day: int):
    """Read an EDF file that begins at 2:30 in Berlin on a day of 2024."""
    start = datetime.datetime(2024, month, day, 2, 30)

    def content(folder: Path):
        return made.edf_bytes(folder / "made", start=start)

    return _read("edf", content, True, clock="unix", timezone="Europe/Berlin")


def _put(at: int, text: bytes):
    """Write text into a header at such a place."""
    return lambda content: content[:at] + text + content[at + len(text) :]


def _encrypted() -> bytes:
    """An archive whose entries say that they need a password."""
    content = bytearray(made.archive(made.e4_files(ACC=None, HR=None, IBI=None, TEMP=None)))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        begin = content.find(mark)
        while begin >= 0:
            content[begin + at] |= 1
            begin = content.find(mark, begin + 4)
    return bytes(content)


def _stored() -> bytearray:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as zipped:
        zipped.writestr("BVP.csv", b"1600000000\n64\n3\n")
    return bytearray(memory.getvalue())


def _spoilt() -> bytes:
    content = _stored()
    content[content.find(b"64\n")] = ord("7")
    return bytes(content)


def _large() -> bytes:
    content = _stored()
    begin = content.find(b"PK\x01\x02") + 24
    content[begin : begin + 4] = (2**30).to_bytes(4, "little")
    return bytes(content)


def _twice(folder: Path):
    for name in ("P1_a.zip", "P1_b.zip"):
        (folder / name).write_bytes(made.archive(made.e4_files()))
    return _read("zip", files="{participant}_*.zip")(folder)


def _wave(times, **more) -> bytes:
    pulse = made.xdf_stream(1, "Wrist", times, np.sin(times), kind="PPG", **more)
    return made.xdf_study(pulse=pulse)


def _two_sessions() -> bytes:
    one = made.e4_files()
    return made.archive({f"{folder}/{n}.csv": one[n] for folder in "ab" for n in ("BVP", "EDA")})


STEADY = 100 + np.arange(640) / 64

CASES = [
    Case(
        "no recording of a participant",
        "P1: expected a file e4/P1.zip, found none. Add it, correct data.options.files, or leave "
        "the participant out (data: exclusions).",
        _read("zip", files="e4/{participant}.zip"),
    ),
    Case(
        "two recordings of a participant",
        "P1: expected one recording, found 2: P1_a.zip, P1_b.zip. Move away all but one, or make "
        "data.options.files fit one of them only.",
        _twice,
    ),
    Case(
        "a pattern of files that does not say where the participant stands",
        "data.options.files: expected {participant} in it, found 'P1.zip'. Add it.",
        _read("zip", files="P1.zip"),
    ),
    Case(
        "a pattern of files that leaves the folder",
        "data.options.files: expected a path below data: root, found '../{participant}.zip'. "
        "Correct it.",
        _read("zip", files="../{participant}.zip"),
    ),
    Case(
        "an empty recording",
        "P1.acq: expected a recording of at most 4 GB, found 0 bytes. Copy or export it again.",
        _read("acq", b""),
    ),
    Case(
        "E4: a file that is no archive",
        "P1.zip: expected a zip archive of an E4, found 'File is not a zip file'. " + AGAIN + ".",
        _read("zip", b"BVP"),
    ),
    Case(
        "E4: an archive of something else",
        "P1.zip: expected files of an E4 (BVP.csv, EDA.csv, ...), found photo.jpg. " + AGAIN + ".",
        _read("zip", made.archive({"photo.jpg": b"x"})),
    ),
    Case(
        "E4: an archive of two sessions",
        "P1.zip: expected the files of one session, found several folders: a, b. Make an archive "
        "of each session, and keep one for each participant.",
        _read("zip", _two_sessions()),
    ),
    Case(
        "E4: an archive with a password",
        "P1.zip: expected an archive without a password, found BVP.csv encrypted. Unpack it, and "
        "make an archive without a password.",
        _read("zip", _encrypted()),
    ),
    Case(
        "E4: a damaged archive",
        "P1.zip: expected an archive that is whole, found 'Bad CRC-32 for file 'BVP.csv''. "
        + AGAIN
        + ".",
        _read("zip", _spoilt()),
    ),
    Case(
        "E4: an archive with a file that is too large",
        "P1.zip: expected files of at most 512 MB, found BVP.csv with 1073741824 bytes. "
        + AGAIN
        + ".",
        _read("zip", _large()),
    ),
    Case(
        "E4: a file twice",
        "P1.zip: expected bvp.csv once, found it twice. " + AGAIN + ".",
        _e4(**{"bvp.csv": b"1"}),
    ),
    Case(
        "E4: no start and no rate",
        "P1.zip/EDA.csv, line 1: expected the start of the recording (unix seconds), found '0.1'. "
        + SHEET,
        _e4(EDA=b"0.1\n-0.3\n0.2\n"),
    ),
    Case(
        "E4: a start that is no number",
        "P1.zip/EDA.csv, line 1: expected the start of the recording (unix seconds), found "
        "'2020-09-13'. " + SHEET,
        _e4(EDA=b"2020-09-13\n4\n0.2\n"),
    ),
    Case(
        "E4: a start that a spreadsheet rounded",
        "P1.zip/EDA.csv, line 1: expected the start of the recording (unix seconds), found "
        "'1.58E+09'. " + SHEET,
        _e4(EDA=b"1.58E+09\n4\n0.2\n"),
    ),
    Case(
        "E4: a start in milliseconds",
        "P1.zip/BVP.csv, line 1: expected the start of the recording (unix seconds), found "
        "'1580203854000'. " + SHEET,
        _e4(BVP=b"1580203854000\n64\n0.2\n"),
    ),
    Case(
        "E4: a start of 0",
        "P1.zip/IBI.csv, line 1: expected the start of the recording (unix seconds), found '0'. "
        + SHEET,
        _e4(IBI=b"0, IBI\n1,0.8\n"),
    ),
    Case(
        "E4: a start alone",
        "P1.zip/EDA.csv, line 2: expected the sampling rate in Hz, found the end of the file. "
        + SHEET,
        _e4(EDA=b"1600000000\n"),
    ),
    Case(
        "E4: a rate of 0",
        "P1.zip/BVP.csv, line 2: expected a sampling rate above 0 Hz, found '0.000'. " + SHEET,
        _e4(BVP=b"1600000000\n0.000\n1\n"),
    ),
    Case(
        "E4: a value that is no number",
        "P1.zip/EDA.csv, line 4: expected a number, found '0,2'. " + SHEET,
        _e4(EDA=b"1600000000\n4\n0.1\n0,2\n"),
    ),
    Case(
        "E4: a number with another sign in it",
        "P1.zip/EDA.csv, line 4: expected a number, found '1_00'. " + SHEET,
        _e4(EDA=b"1600000000\n4\n0.1\n1_00\n"),
    ),
    Case(
        "E4: a file that is no text",
        "P1.zip/EDA.csv: expected text, found byte 0 that is none. " + AGAIN + ".",
        _e4(EDA=b"\xff\xfe1"),
    ),
    Case(
        "E4: three columns of intervals",
        "P1.zip/IBI.csv, line 1: expected a start (unix seconds) and 'IBI', found "
        "'1600000000, IBI, x'. " + SHEET,
        _e4(IBI=b"1600000000, IBI, x\n1,0.8\n"),
    ),
    Case(
        "E4: an interval without a time",
        "P1.zip/IBI.csv, line 3: expected a time and an interval, found '0.8'. " + SHEET,
        _e4(IBI=b"1600000000, IBI\n1,0.8\n0.8\n"),
    ),
    Case(
        "E4: intervals whose times step back",
        "P1.zip/IBI.csv, line 3: expected times that rise, found '1.5,0.8'. " + SHEET,
        _e4(IBI=b"1600000000, IBI\n2,0.8\n1.5,0.8\n"),
    ),
    Case(
        "E4: a tag that is no time",
        "P1.zip/tags.csv, line 1: expected a unix time, found 'now'. " + SHEET,
        _e4(tags=b"now\n"),
    ),
    Case(
        "E4: a tag in milliseconds",
        "P1.zip/tags.csv, line 1: expected a unix time, found '1600000002000'. " + SHEET,
        _e4(tags=b"1600000002000\n"),
    ),
    Case(
        "E4: tags outside of the recording (told)",
        "tags_outside: 2 tag(s) outside of the recording were left out\n"
        "markers: 1 tag(s) are not used",
        _e4(True, ACC=None, tags=b"1599999999\n1600000002\n1600000021\n"),
    ),
    Case(
        "E4: more tags than stimuli",
        "P1.zip/tags.csv: expected a tag at the onset of each of 1 stimuli of data.options.tags, "
        "found 2. Delete accidental presses from the file, or list the stimuli of this participant "
        "(tags: {participant: [...]}).",
        _e4(options={"tags": ["a"]}),
    ),
    Case(
        "E4: a stimulus that the study does not have",
        "P1.zip/tags.csv, second 9.500: expected the onset of a stimulus of the study (a, b), "
        "found 'c'. Correct data.options, or add the stimulus under clips.",
        _e4(options={"tags": ["a", "c"]}),
    ),
    Case(
        "E4: what is lacking, left out or odd (notes)",
        "no_file: there is no TEMP.csv\n"
        "samples_without_value: HR: 1 of 2 samples hold no number\n"
        "empty_file: IBI.csv holds no samples\n"
        "channels_left_out: ACC.csv is not read: no stage uses acceleration\n"
        "starts_apart: HR begins 100 s after the earliest file of the session\n"
        "markers: 2 tag(s) are not used",
        _e4(True, TEMP=None, HR=b"1600000100\n1\n71\nnan\n", IBI=b""),
    ),
    Case(
        "no channel with a known name",
        "P1.acq: expected a channel that is known by its name (PPG, BVP, ECG, EDA, GSR, Resp, "
        "Temp, HR, IBI) or named in the configuration, with samples, found A1. Name the channels "
        "and their types: data.options.channels.",
        _read("acq", made.acq_bytes([("A1", "V", 1, np.zeros(1000))])),
    ),
    Case(
        "a channel that the file does not have",
        "P1.acq: expected a channel Pulse, found PPG100C, EDA100C, Digital input. Correct "
        "data.options.channels.",
        _read("acq", made.acq_bytes(), channels={"Pulse": {"type": "ppg"}}),
    ),
    Case(
        "a channel named by an expression that is none",
        "data.options.channels: expected a name or a regular expression, found 'PPG (raw' "
        "(missing ), unterminated subpattern at position 4). Put a backslash before each of "
        "( ) [ ] * + ? that stands for itself.",
        _read("acq", made.acq_bytes(), channels={"PPG (raw": {"type": "ppg"}}),
    ),
    Case(
        "markers that begin no trial",
        "P1.acq: expected markers that begin a trial, found 2 other marker(s): 'begin_a', "
        "'begin_b'. Correct data.options.markers.begin.",
        _read("acq", made.acq_bytes(), markers={"begin": "film (.)"}),
    ),
    Case(
        "a marker of a stimulus that the study does not have",
        "P1.acq, second 2.000: expected the onset of a stimulus of the study (a, b), found 'c'. "
        "Correct data.options, or add the stimulus under clips.",
        _read("acq", made.acq_bytes(markers=[(200, "begin_c", "flag")]), markers=BEGIN),
    ),
    Case(
        "channels and markers that are not used (notes)",
        "unit: EDA100C is taken as µS, as the configuration says; the file says microsiemens\n"
        "channels_left_out: 1 channel(s) are not read: Digital input\n"
        "recording_paused: the recording was stopped and continued 1 time(s): times are counted in "
        "samples, so that what happened in a pause takes no time\n"
        "markers_left_out: 1 marker(s) begin no trial: 'cough' (1)",
        _read(
            "acq",
            made.acq_bytes(
                markers=[(9, "cough", "flag"), (200, "begin_a", "flag"), (300, "", "apnd")]
            ),
            True,
            markers=BEGIN,
            channels={"PPG.*": {"type": "ppg"}, "EDA100C": {"type": "eda", "unit": "µS"}},
        ),
    ),
    Case(
        "AcqKnowledge: another file",
        "P1.acq: expected a file of AcqKnowledge 2 or later (.acq), found a file that begins with "
        "b'S01.acq\\r\\n0.5'. Save the recording as Graph (.acq). Text exports are another format.",
        _read("acq", b"S01.acq\r\n0.5 msec/sample\r\n2 channels\r\n"),
    ),
    Case(
        "AcqKnowledge: a file that ends in its headers",
        "P1.acq: expected a file that bioread can read, found 'Error reading <class "
        "'bioread.headers.ChannelHeader'> at offset 2400: Buffer size too small (20 instead of at "
        "least 154 bytes)'. Open it in AcqKnowledge and save it again (as Graph, .acq).",
        _read("acq", made.acq_bytes(samples=False)[:2420]),
    ),
    Case(
        "AcqKnowledge: a file that ends in its samples",
        "P1.acq: expected 14400 bytes of samples, found 8000. The file ends early. Copy it again, "
        "or open it in AcqKnowledge and save it again.",
        _read("acq", made.acq_bytes(samples=False) + bytes(8000)),
    ),
    Case(
        "AcqKnowledge: unix times of a file that has none",
        "P1.acq: expected one time at which the recording began (AcqKnowledge 4.4 and later), "
        "found 0 start(s), not all with a time or at the first sample. Choose data.options.clock: "
        "relative, and begin trials by event markers.",
        _read("acq", made.acq_bytes(revision=38), clock="unix"),
    ),
    Case(
        "XDF: another file",
        "P1.xdf: expected an XDF file, found a file that begins with b'0       '. Record it with "
        "LabRecorder, or choose another reader (data: reader).",
        _read("xdf", b"0       X"),
    ),
    Case(
        "XDF: a file without streams",
        "P1.xdf: expected streams, found none. Check in LabRecorder that streams are ticked, and "
        "record again.",
        _read("xdf", made.xdf_file()),
    ),
    Case(
        "XDF: streams without samples",
        "P1.xdf: expected a stream with samples, found none with any. Check that the devices sent "
        "data, and record again.",
        _read("xdf", made.xdf_file(made.xdf_stream(1, "Wrist", [], [], kind="PPG"))),
    ),
    Case(
        "XDF: a stream of an unknown format",
        "P1.xdf, header of stream 1: expected a format, a number of channels and a rate, found "
        "format 'complex' and 1 channels. The file is damaged there: copy it again.",
        _read("xdf", made.xdf_file(made.xdf_stream(1, "Wrist", [], [], fmt="complex"))),
    ),
    Case(
        "XDF: a packed file that ends early",
        "P1.xdf: expected a file that gzip can read, found 'Compressed file ended before the "
        "end-of-stream marker was reached'. Copy the file again.",
        _read("xdf", gzip.compress(made.xdf_study(), mtime=0)[:900]),
    ),
    Case(
        "XDF: a stream of markers that the file does not have",
        "P1.xdf: expected a stream Events with samples, found Wrist, Markers, Slider. Correct "
        "data.options.markers.stream; of several streams of one name, add the number (name#1).",
        _read("xdf", made.xdf_study(), markers={"stream": "Events", **BEGIN}),
    ),
    Case(
        "XDF: responses without markers",
        "data.options.responses: expected markers beside it, which say when each trial began, "
        "found none. Add markers: {stream, begin}.",
        _read("xdf", made.xdf_study(), responses={"Slider": {"dimension": "arousal"}}),
    ),
    Case(
        "XDF: responses of an unknown dimension",
        "data.options.responses: expected each dimension of the study (arousal) at most once, "
        "found 'joy'. Correct it.",
        _read(
            "xdf",
            made.xdf_study(),
            markers={"stream": "Markers", **BEGIN},
            responses={"Slider": {"dimension": "joy"}},
        ),
    ),
    Case(
        "XDF: responses of a channel that the stream does not have",
        "P1.xdf, stream Slider: expected a channel 2, found 1. Correct data.options.responses.",
        _read(
            "xdf",
            made.xdf_study(),
            markers={"stream": "Markers", **BEGIN},
            responses={"Slider": {"dimension": "arousal", "channel": 2}},
        ),
    ),
    Case(
        "XDF: times that step back",
        "P1.xdf, stream Wrist, sample 301: expected times that rise, found 98.6875 s after "
        "104.6719 s. The clock of the device stepped back. Leave the channel out "
        "(data.options.channels), or record again.",
        _read("xdf", _wave(np.where(np.arange(640) < 300, STEADY, STEADY - 6), rate=64.0)),
    ),
    Case(
        "XDF: times that are no numbers",
        "P1.xdf, stream Wrist: expected a time of each sample, found 1 that are no number. The "
        "file is damaged there: copy it again.",
        _read("xdf", _wave(np.where(np.arange(640) == 300, np.nan, STEADY), rate=64.0)),
    ),
    Case(
        "XDF: a stream at another rate, two streams of one name, and one without samples (notes)",
        "empty_streams: streams without samples: Idle\n"
        "clock_not_compared: the clocks of these streams were not compared with the recorder's: "
        "Slider. They are right if both ran on one computer.\n"
        "stream_names: streams of one name: Slider#1, Slider#2\n"
        "text_streams: streams of texts are not read: Markers\n"
        "channels_left_out: 2 channel(s) are not read: Slider#1, Slider#2\n"
        "channel_names: channels of one name are numbered: Slider#1, Slider#2\n"
        "rate: Wrist announces 32 Hz and ran at 64 Hz, which is used",
        _read(
            "xdf",
            made.xdf_study(
                pulse=made.xdf_stream(1, "Wrist", STEADY, np.sin(STEADY), kind="PPG", rate=32.0),
                again=made.xdf_stream(8, "Slider", [101.0], [0.0], offsets=()),
                idle=made.xdf_stream(9, "Idle", [], []),
            ),
            True,
        ),
    ),
    Case(
        "XDF: lost samples, text and an unfinished file (notes)",
        "damaged_file: 20 of 12022 bytes are damaged, at 1 place(s), and not read; the recorder "
        "may have stopped early\n"
        "text_streams: streams of texts are not read: Markers\n"
        "channels_left_out: 1 channel(s) are not read: Slider\n"
        "gaps: Wrist: 1 gap(s), 0.312 s without samples; each sample keeps its own time",
        _read("xdf", _wave(np.delete(STEADY, np.r_[300:320]), rate=64.0)[:-31], True),
    ),
    Case(
        "EDF: another file",
        "P1.edf: expected an EDF or BDF file, found a file that begins with b'XDF:'. Export the "
        "recording again from the recorder's own software.",
        _read("edf", b"XDF:"),
    ),
    Case(
        "EDF: a file that its recorder did not close",
        "P1.edf, header: expected a number of data records above 0, found '-1' (-1 is written "
        "while a recorder runs: it stopped without closing the file, which holds 15 whole "
        f"records). Repair the header with {EDITOR}, or open the file in the recorder's software "
        "and export it again.",
        _edf(_put(236, b"-1      ")),
    ),
    Case(
        "EDF: a file that ends early",
        "P1.edf, header: expected 15 records of 354 bytes, found 12 whole ones and 62 bytes. Copy "
        f"the file again. If the recorder stopped early, repair it with {EDITOR}.",
        _edf(lambda content: content[:-1000]),
    ),
    Case(
        "EDF: a recording with pauses",
        "P1.edf, header: expected a recording without pauses (EDF or EDF+C), found one with pauses "
        "(EDF+D). Convert it with EDFbrowser (Tools: Convert EDF+D to EDF+C), which makes a file "
        "of each stretch, and use the one that holds the trials.",
        _edf(_put(192, b"EDF+D")),
    ),
    Case(
        "EDF: equal limits of the values",
        "P1.edf, signal Pleth: expected two different digital limits, from which values are "
        f"computed, found '7' and '7'. Correct them with {EDITOR}, or export the recording again.",
        _edf(
            lambda content: _put(256 + 4 * 120, b"7       ")(
                _put(256 + 4 * 128, b"7       ")(content)
            )
        ),
    ),
    Case(
        "EDF: a header without signals",
        "P1.edf, header: expected the headers of 1 to 4096 signals, found '0'. Export the "
        "recording again from the recorder's own software.",
        _edf(_put(252, b"0   ")),
    ),
    Case(
        "EDF: a header of another length",
        "P1.edf, header: expected a header of 1280 bytes for 4 signals, found '1024'. Export the "
        "recording again from the recorder's own software.",
        _edf(_put(184, b"1024    ")),
    ),
    Case(
        "EDF: records without a length",
        "P1.edf, header: expected the length of a record in seconds, found '0'. Export the "
        "recording again from the recorder's own software.",
        _edf(_put(244, b"0       ")),
    ),
    Case(
        "EDF: a signal without samples",
        "P1.edf, signal Pleth: expected samples in each record, found '0'. Export the recording "
        "again from the recorder's own software.",
        _edf(_put(256 + 4 * 216, b"0       ")),
    ),
    Case(
        "EDF: a start that is no date",
        "P1.edf: expected a file that pyedflib can read, found 'P1.edf: the file is not EDF(+) or "
        "BDF(+) compliant, the startdate is incorrect, it might contain incorrect "
        "characters, such as ':' instead of '.''. Open it with EDFbrowser, which names what is "
        "wrong, and "
        "export it again.",
        _edf(_put(168, b"soon    ")),
    ),
    Case(
        "EDF: a start that the clock passed over",
        "P1.edf: expected a start that the clock of Europe/Berlin shows, found 2024-03-31 "
        "02:30:00, which it passes over as summer time begins. Correct timezone in the "
        "options (UTC, if the recorder knows no summer time).",
        _edf_at(3, 31),
    ),
    Case(
        "EDF: a start that the clock showed twice (told)",
        "channels_left_out: 1 channel(s) are not read: Status\n"
        "clock_change: the clock of Europe/Berlin shows 2024-10-27 02:30:00 twice, as summer time "
        "ends; the earlier one is taken, add offset_s: 3600 for the later one\n"
        "markers: 3 marker(s) are not used",
        _edf_at(10, 27),
    ),
    Case(
        "EDF: unix times without the recorder's time zone",
        "data.options.timezone: expected the time zone of the recorder's clock (such as "
        "Europe/Berlin or UTC), because EDF files hold local time only, found ''. Add it, or "
        "choose clock: relative.",
        _edf(clock="unix"),
    ),
]
