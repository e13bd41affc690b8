"""The chunks of an XDF file: which of them are whole, before a library reads their samples.

A chunk whose count of samples is wrong makes pyxdf take memory for all of them, or read on in the
middle of a sample. Format: https://github.com/sccn/xdf/wiki/Specifications.
"""

import struct
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError, fromstring

from tinglegram.errors import InputProblem

MAGIC = b"XDF:"
# Stands in chunks that the recorder writes now and then, to be found again after damage.
BOUNDARY = bytes.fromhex("43a546dccbf5410fb30ed5467383cbe4")
HEADER, SAMPLES, CLOCK, FOOTER = 2, 3, 4, 6
SIZES = {"int8": 1, "int16": 2, "int32": 4, "int64": 8, "float32": 4, "double64": 8, "string": 0}
MOST_CHANNELS = 100_000


@dataclass(frozen=True)
class XdfChunks:
    """What is whole in a file.

    Attributes
    ----------
    content : the file with its whole chunks alone.
    lost_bytes, lost_places : how many bytes were left out, at how many places.
    """

    content: bytes
    lost_bytes: int
    lost_places: int


def whole_chunks(content: bytes, source: str) -> XdfChunks:
    """Return the chunks of a file that are whole.

    After a damaged one, reading goes on behind the next boundary chunk, as pyxdf does.

    Parameters
    ----------
    content : of the file, not compressed.
    source : name of the file, for messages.

    Raises
    ------
    InputProblem : it is no XDF file, the header of a stream cannot be read, or none stands there.
    """
    if content[:4] != MAGIC:
        raise InputProblem(
            source,
            expected="an XDF file",
            found=f"a file that begins with {content[:8]!r}",
            remedy="Record it with LabRecorder, or choose another reader (data: reader).",
        )
    kept, streams, at, lost, places = [MAGIC], dict[int, tuple[str, int]](), 4, 0, 0
    while at < len(content):
        end = _chunk_end(content, at, streams, source)
        if end is None:
            found = content.find(BOUNDARY, at)
            end = len(content) if found < 0 else found + len(BOUNDARY)
            lost, places = lost + end - at, places + 1
        else:
            kept.append(content[at:end])
        at = end
    if not streams:
        raise InputProblem(
            source,
            expected="streams",
            found="none",
            remedy="Check in LabRecorder that streams are ticked, and record again.",
        )
    return XdfChunks(b"".join(kept), lost, places)


def _chunk_end(
    content: bytes, at: int, streams: dict[int, tuple[str, int]], source: str
) -> int | None:
    """Return where a chunk ends; None where it is not whole. Streams of headers are added."""
    length = _length(content, at)
    if length is None:
        return None
    begin, size = length
    end = begin + size
    if size < 2 or end > len(content):
        return None
    (tag,) = struct.unpack_from("<H", content, begin)
    if tag not in (HEADER, SAMPLES, CLOCK, FOOTER):
        return end if tag in (1, 5) and (tag == 5 or _is_xml(content[begin + 2 : end])) else None
    if size < 6:
        return None
    (stream,) = struct.unpack_from("<I", content, begin + 2)
    begin += 6
    if tag == HEADER:
        # Two headers of one number would mix the samples of two streams.
        if stream in streams:
            return None
        streams[stream] = _header(content[begin:end], stream, source)
        return end
    if stream not in streams:
        return None
    if tag == CLOCK:
        return end if end - begin == 16 else None
    if tag == FOOTER:
        return end if _is_xml(content[begin:end]) else None
    return end if _samples_fit(content, begin, end, *streams[stream]) else None


def _samples_fit(content: bytes, at: int, end: int, kind: str, channels: int) -> bool:
    """Say whether the samples that a chunk announces fill it exactly."""
    length = _length(content, at)
    if length is None:
        return False
    at, count = length
    size = SIZES[kind] * channels
    if count * (1 + max(size, 2 * channels if kind == "string" else 0)) > end - at:
        return False
    for _ in range(count):
        if at >= end or content[at] not in (0, 8):
            return False
        at += 1 + content[at] + size
        if kind == "string":
            for _ in range(channels):
                text = _length(content, at) if at < end else None
                if text is None:
                    return False
                at = text[0] + text[1]
    return at == end


def _length(content: bytes, at: int) -> tuple[int, int] | None:
    """Return where a number of variable length ends, and the number."""
    width = content[at] if at < len(content) else 0
    if width not in (1, 4, 8) or at + 1 + width > len(content):
        return None
    return at + 1 + width, int.from_bytes(content[at + 1 : at + 1 + width], "little")


def _header(xml: bytes, stream: int, source: str) -> tuple[str, int]:
    """Return the format and number of channels that the header of a stream says."""
    try:
        info = fromstring(xml.decode("utf-8", "replace"))
        kind, count = info.findtext("channel_format"), int(info.findtext("channel_count") or "")
        float(info.findtext("nominal_srate") or "")
    except (ParseError, ValueError) as fault:
        kind, count, said = None, 0, f"'{fault}'"
    else:
        said = f"format '{kind}' and {count} channels"
    if kind not in SIZES or not 1 <= count <= MOST_CHANNELS:
        raise InputProblem(
            source,
            where=f"header of stream {stream}",
            expected="a format, a number of channels and a rate",
            found=said,
            remedy="The file is damaged there: copy it again.",
        )
    return kind, count


def _is_xml(text: bytes) -> bool:
    try:
        fromstring(text)
    except (ParseError, ValueError):
        return False
    return True
