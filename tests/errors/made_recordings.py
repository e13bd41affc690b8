"""Recordings of devices, written small: E4 archives, XDF, EDF and AcqKnowledge files.

EDF files are written by pyedflib; XDF files by hand; bioread cannot write, so AcqKnowledge files
are filled into the structures by which it reads headers.
"""

import ctypes
import datetime
import io
import struct
import zipfile
from pathlib import Path

import bioread.headers as bh
import numpy as np
import pyedflib

BOUNDARY = bytes.fromhex("43a546dccbf5410fb30ed5467383cbe4")
# Start of an E4 session, unix seconds.
E4_START = 1_600_000_000.0


def pulse_at(times_s: np.ndarray, beats_s: np.ndarray, height: float = 1.0) -> np.ndarray:
    """A wave with a narrow peak at each beat."""
    return height * sum(np.exp(-(((times_s - beat) / 0.05) ** 2) / 2) for beat in beats_s)


def e4_files(start=E4_START, **changed) -> dict[str, bytes]:
    """The files of 20 s of an E4; `changed` ones have other bytes, or are left out (None)."""
    times = np.arange(20 * 64) / 64
    lines = {
        "BVP": [f"{start:.6f}", "64.000000", *(f"{v:.2f}" for v in np.sin(7 * times) * 40)],
        "EDA": [f"{start:.6f}", "4.000000", *(f"{0.3 + i / 1000:.6f}" for i in range(80))],
        "TEMP": [f"{start:.6f}", "4.000000", *["33.10"] * 80],
        "HR": [f"{start + 10:.6f}", "1.000000", *["71.50"] * 10],
        "IBI": [f"{start:.6f}, IBI", "3.500000,0.843750", "4.328125,0.828125"],
        "ACC": [f"{start:.6f}, {start:.6f}, {start:.6f}", "32.0, 32.0, 32.0", "1,2,63"],
        "tags": [f"{start + 2:.2f}", f"{start + 9.5:.2f}"],
    }
    files = {name: ("\r\n".join(text) + "\r\n").encode() for name, text in lines.items()}
    return {name: text for name, text in (files | changed).items() if text is not None}


def archive(files: dict[str, bytes], folder: str = "") -> bytes:
    """A zip archive of CSV files; names with a dot stay as they are."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(folder + (name if "." in name else f"{name}.csv"), content)
    return memory.getvalue()


def _length(value: int) -> bytes:
    return b"\x01" + bytes([value]) if value < 256 else b"\x04" + struct.pack("<I", value)


def _chunk(tag: int, content: bytes) -> bytes:
    return _length(len(content) + 2) + struct.pack("<H", tag) + content


def xdf_stream(
    number,
    name,
    stamps,
    values,
    *,
    rate=0.0,
    kind="",
    fmt="double64",
    labels=(),
    units=(),
    offsets=((0.0, 0.0),),
    size=50,
    about="",
) -> list[bytes]:
    """The chunks of one stream: header, clock offsets, samples (so many in each), footer."""
    values = [list(row) if isinstance(row, list | tuple | np.ndarray) else [row] for row in values]
    count = max(len(values[0]) if values else 1, len(labels))
    described = "".join(
        f"<channel><label>{label}</label><unit>{unit}</unit></channel>"
        for label, unit in zip(labels, units or [""] * len(labels), strict=True)
    )
    head = (
        f'<?xml version="1.0"?><info><name>{name}</name><type>{kind}</type><channel_count>{count}'
        f"</channel_count><nominal_srate>{rate}</nominal_srate><channel_format>{fmt}"
        f"</channel_format><desc><channels>{described}</channels>{about}</desc></info>"
    )
    own = struct.pack("<I", number)
    chunks = [_chunk(2, own + head.encode())]
    chunks += [_chunk(4, own + struct.pack("<dd", *pair)) for pair in offsets]
    code = {"double64": "d", "float32": "f", "int32": "i", "int16": "h"}.get(fmt)
    for begin in range(0, len(values), size):
        rows = b""
        for stamp, row in zip(
            stamps[begin : begin + size], values[begin : begin + size], strict=True
        ):
            rows += b"\x08" + struct.pack("<d", stamp)
            if fmt == "string":
                rows += b"".join(_length(len(text.encode())) + text.encode() for text in row)
            else:
                rows += struct.pack(f"<{len(row)}{code}", *row)
        taken = len(values[begin : begin + size])
        chunks += [_chunk(3, own + _length(taken) + rows), _chunk(5, BOUNDARY)]
    chunks.append(_chunk(6, own + b"<info><sample_count>1</sample_count></info>"))
    return chunks


def xdf_file(*streams: list[bytes]) -> bytes:
    """An XDF file of such streams."""
    head = _chunk(1, b'<?xml version="1.0"?><info><version>1.0</version></info>')
    return b"XDF:" + head + b"".join(chunk for stream in streams for chunk in stream)


def xdf_study(**changed) -> bytes:
    """12 s of a pulse at 64 Hz, two markers, and a slider that is sent when it moves."""
    times = 100 + np.arange(12 * 64) / 64
    streams = {
        "pulse": xdf_stream(
            1, "Wrist", times, np.sin(times), rate=64.0, labels=["PPG"], units=["a.u."]
        ),
        "markers": xdf_stream(
            2, "Markers", [101.0, 106.0, 111.0], ["begin_a", "begin_b", "end"], fmt="string"
        ),
        "slider": xdf_stream(3, "Slider", [100.5, 102.0, 103.0], [0.0, 0.5, 1.0], fmt="float32"),
    }
    return xdf_file(*(stream for stream in (streams | changed).values() if stream is not None))


def edf_bytes(
    path: Path,
    signals=None,
    *,
    annotations=((2.0, "begin_a"), (8.0, "begin_b"), (11.0, "end")),
    start=datetime.datetime(2024, 5, 6, 10, 30, 15),
    kind=pyedflib.FILETYPE_EDFPLUS,
    physical=None,
) -> bytes:
    """The bytes of an EDF file of 15 s; signals are (label, unit, rate, values).

    `physical` are the values of the lowest and highest of the 16 bits; None: about those there are.
    """
    times = np.arange(15 * 100) / 100
    signals = signals or [
        ("Pleth", "a.u.", 100, np.sin(times)),
        ("GSR", "uS", 10, 1 + times[::10] / 100),
        ("Status", "", 10, np.zeros(150)),
    ]
    with pyedflib.EdfWriter(str(path), len(signals), file_type=kind) as file:
        for place, (label, unit, rate, values) in enumerate(signals):
            low, high = physical or (float(np.min(values)) - 1, float(np.max(values)) + 1)
            file.setSignalHeader(
                place,
                {
                    **{"label": label, "dimension": unit, "sample_frequency": rate},
                    **{"physical_min": round(low, 3), "physical_max": round(high, 3)},
                    **{"digital_min": -32768, "digital_max": 32767},
                    **{"transducer": "", "prefilter": ""},
                },
            )
        file.setStartdatetime(start)
        file.writeSamples([np.asarray(values, float) for *_, values in signals])
        if kind == pyedflib.FILETYPE_EDFPLUS:
            for onset, text in annotations:
                file.writeAnnotation(onset, -1, text)
    return path.read_bytes()


def begun_later(content: bytes, seconds: str = ".25", records: int = 15) -> bytes:
    """An EDF+ file whose records begin a part of a second later than its header says."""
    for number in range(records):
        old = b"+%d\x14\x14\0" % number
        begin = content.find(old)
        end = content.find(bytes(6), begin) + 1
        new = content[begin:end].replace(old, b"+%d%s\x14\x14\0" % (number, seconds.encode()))
        content = content[:begin] + new + content[begin + len(new) :]
    return content


def _fill(header: type, revision: int, **fields) -> bytes:
    """The bytes of a header of an AcqKnowledge file with some fields set."""
    made = header.for_revision(revision, "<")._struct_class()
    for name, value in fields.items():
        setattr(made, name, value)
    return bytes(made)


def _size(header: type, revision: int) -> int:
    return ctypes.sizeof(header.for_revision(revision, "<")._struct_class)


def acq_bytes(
    channels=None,
    markers=((200, "begin_a", "flag"), (800, "begin_b", "flag")),
    *,
    revision=128,
    interval_ms=10.0,
    began_ms=1_600_000_000_000,
    samples=True,
) -> bytes:
    """An AcqKnowledge file; channels are (name, unit, divider, float64 values).

    Revision 38 is of AcqKnowledge 3, 128 of 4.4, which knows when a marker was set.
    """
    times = np.arange(1500) / 100
    channels = channels or [
        ("PPG100C", "Volts", 1, np.sin(times)),
        ("EDA100C", "microsiemens", 10, 1 + times[::10] / 100),
        ("Digital input", "Volts", 10, np.zeros(150)),
    ]
    late = revision >= 61
    item = {"dSampleTime": interval_ms, "nChannels": len(channels), "lVersion": revision}
    out = _fill(bh.GraphHeader, revision, lExtItemHeaderLen=_size(bh.GraphHeader, revision), **item)
    for place, (name, unit, divider, values) in enumerate(channels):
        out += _fill(
            bh.ChannelHeader,
            revision,
            lChanHeaderLen=_size(bh.ChannelHeader, revision),
            szCommentText=name.encode(),
            szUnitsText=unit.encode(),
            lBufLength=len(values),
            dAmplScale=1.0,
            nChanOrder=place,
            nVarSampleDivider=divider,
        )
    size = _size(bh.ForeignHeader, revision)
    out += _fill(bh.ForeignHeader, revision, **{"lLength" if late else "nLength": size})
    out += b"".join(_fill(bh.ChannelDTypeHeader, revision, nSize=8, nType=1) for _ in channels)
    if not samples:
        return out
    # Channels take turns: each gives a sample where its divider divides the count.
    longest = max(len(values) * divider for _, _, divider, values in channels)
    for count in range(longest):
        for _, _, divider, values in channels:
            if count % divider == 0 and count // divider < len(values):
                out += struct.pack("<d", values[count // divider])
    items = [(0, "", "apnd"), *markers] if late else markers
    out += _fill(
        bh.MarkerHeader,
        revision,
        **({"lMarkersExtra": len(items) + 1} if late else {"lMarkers": len(items)}),
    )
    for sample, text, style in items:
        code = text.encode() + b"\0"
        if late:
            fields = {"nChannel": -1, "sMarkerStyle": style.encode(), "llDateCreated": began_ms}
            fields = {**fields, "nTextLength": len(code)}
        else:
            fields = {"nTextLength": len(text)}
        out += _fill(bh.MarkerItemHeader, revision, lSample=sample, **fields) + code
    if late:
        return out + _fill(bh.JournalLengthHeader, revision, lJournalDataLen=4)
    return out + _fill(bh.JournalHeader, revision, tag=(ctypes.c_ubyte * 4)(0x44, 0x33, 0x22, 0x11))
