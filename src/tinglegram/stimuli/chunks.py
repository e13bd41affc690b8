"""The chunks of an AVI file, which follow each other without gaps unless something is lost.

AVI stores no times: pictures and samples of sound are counted. Where a chunk cannot be found,
FFmpeg looks for the next one and says nothing; everything after it is early by what was lost.
"""

import os
import struct
from typing import BinaryIO

_HEAD = struct.Struct("<4sI")
# Lists whose chunks are pictures and sound.
_OPENED = (b"movi", b"rec ")


def pictures_before_break(stream: BinaryIO, index: int) -> int | None:
    """Return the number of picture chunks before the first place that holds no chunk.

    Parameters
    ----------
    stream : an AVI file, opened for reading bytes; it is left somewhere.
    index : of the stream of pictures.

    Returns
    -------
    None where every chunk follows the one before, up to the end of the file or where it is cut off.
    """
    size = stream.seek(0, os.SEEK_END)
    begins = f"{index:02d}d".encode()
    stream.seek(0)
    whole = struct.unpack("<4sI", stream.read(8))[1] + 8 <= size
    place = n_pictures = 0
    inside = False
    while place + _HEAD.size <= size:
        stream.seek(place)
        name, length = _HEAD.unpack(stream.read(_HEAD.size))
        # The form or the type of a list stands behind its length.
        if name == b"RIFF" or (name == b"LIST" and stream.read(4) in _OPENED):
            inside = inside or name == b"LIST"
            place += 12
            continue
        after = place + _HEAD.size + length
        if not all(32 <= byte < 127 for byte in name) or (after > size and whole):
            return n_pictures if inside else None
        n_pictures += name.startswith(begins)
        # Chunks begin at even places.
        place = after + length % 2
    return None
