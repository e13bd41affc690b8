"""Arrays in safetensors files that may come from anybody: the header is checked before it is used.

A file is 8 bytes (length of the header, little-endian), the header (JSON: name -> dtype, shape and
place of the data), and the data, without gaps (https://huggingface.co/docs/safetensors). Nothing in
it can be executed. Sizes that a header declares are believed only where the file has them.
"""

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from tinglegram.errors import InputProblem
from tinglegram.trials.trials import Array

# ASSUMPTION: a header of ours has some hundred entries of 100 bytes; one of a megabyte is none.
LONGEST_HEADER = 1 << 20
_MOST_DIMENSIONS = 8
_DTYPES = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4", "U8": "|u1", "BOOL": "|b1"}
_ABOUT = "__metadata__"
REMEDY_BUNDLE = "Get the bundle again from where it came from, or make it anew."


class Tensors(NamedTuple):
    """Arrays by name, and texts by name that say what they are."""

    arrays: dict[str, Array]
    about: dict[str, str]


def not_as_it_must_be(source: str, expected: str, found: str, where: str = "") -> InputProblem:
    """Return the problem of a file of a bundle that is not as it must be."""
    return InputProblem(source, where=where, expected=expected, found=found, remedy=REMEDY_BUNDLE)


def read_tensors(content: bytes, source: str) -> Tensors:
    """Read the arrays of a safetensors file.

    Parameters
    ----------
    content : the whole file.
    source : its name, for messages.

    Returns
    -------
    Arrays that share memory with `content` and cannot be written to.

    Raises
    ------
    InputProblem : it is no such file, or its header contradicts its size.
    """
    header, data = _header(content, source)
    about = header.pop(_ABOUT, {})
    if not _is_text_by_name(about):
        raise not_as_it_must_be(source, "texts in its metadata", "something else", "header")
    arrays, taken = {}, []
    for name, entry in header.items():
        array, begin, end = _array(entry, data, f"{source}, tensor {name[:60]!r}")
        arrays[name] = array
        taken.append((begin, end))
    place = 0
    for begin, end in sorted(taken):
        if begin != place:
            raise not_as_it_must_be(
                source, "tensors one after the other", f"a gap or an overlap at byte {place}"
            )
        place = end
    if place != len(data):
        raise not_as_it_must_be(
            source, f"tensors of {len(data)} bytes", f"{place} declared", "header"
        )
    return Tensors(arrays, about)


def _header(content: bytes, source: str) -> tuple[dict[str, Any], memoryview]:
    """Return the header, checked to be a JSON object, and the data behind it."""
    if len(content) < 8:
        raise not_as_it_must_be(source, "a safetensors file", f"{len(content)} bytes")
    length = int.from_bytes(content[:8], "little")
    most = min(LONGEST_HEADER, len(content) - 8)
    if length > most:
        raise not_as_it_must_be(
            source,
            f"a safetensors file with a header of at most {most} bytes",
            f"{length} declared",
            "header",
        )
    header = read_object(content[8 : 8 + length], source, "header")
    return header, memoryview(content)[8 + length :]


def read_object(content: bytes, source: str, where: str = "") -> dict[str, Any]:
    """Return a JSON object from bytes.

    Raises
    ------
    InputProblem : not UTF-8, not JSON, not an object, a name that stands twice, a number that JSON
        does not know (NaN), or nested too deeply.
    """

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        names = dict(found)
        if len(names) < len(found):
            raise ValueError("a name that stands twice")
        return names

    def constant(word: str) -> Any:
        raise ValueError(f"the number {word}")

    try:
        text = content.decode("utf-8")
        found = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    # A number of thousands of digits is a ValueError of Python's own.
    except (ValueError, RecursionError) as fault:
        reason = "brackets nested too deeply" if isinstance(fault, RecursionError) else f"{fault}"
        raise not_as_it_must_be(source, "a JSON object", reason[:120], where) from fault
    if not isinstance(found, dict):
        raise not_as_it_must_be(source, "a JSON object", f"a {type(found).__name__}", where)
    return found


def _is_text_by_name(about: object) -> bool:
    return isinstance(about, dict) and all(isinstance(value, str) for value in about.values())


def _array(entry: object, data: memoryview, source: str) -> tuple[Array, int, int]:
    """Return an array of the data, and where it begins and ends."""
    keys = {"dtype", "shape", "data_offsets"}
    if not isinstance(entry, dict) or entry.keys() != keys:
        raise not_as_it_must_be(source, f"an entry with {', '.join(sorted(keys))}", "another one")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise not_as_it_must_be(source, f"a dtype out of {', '.join(_DTYPES)}", str(dtype)[:40])
    if not _are_counts(shape) or len(shape) > _MOST_DIMENSIONS:
        raise not_as_it_must_be(
            source, f"a shape of at most {_MOST_DIMENSIONS} numbers", str(shape)[:80]
        )
    if not _are_counts(offsets) or len(offsets) != 2:
        raise not_as_it_must_be(source, "a begin and an end", str(offsets)[:80])
    kind, (begin, end) = np.dtype(_DTYPES[dtype]), offsets
    size = kind.itemsize * math.prod(shape)
    if not begin <= end <= len(data) or end - begin != size:
        raise not_as_it_must_be(
            source,
            f"{size} bytes of data, as its shape says",
            f"bytes {begin} to {end} of {len(data)}",
        )
    return np.frombuffer(data[begin:end], kind).reshape(shape), begin, end


def _are_counts(values: object) -> bool:
    return isinstance(values, list) and all(
        isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 48
        for value in values
    )


def require_shapes(
    tensors: Mapping[str, Array], shapes: Mapping[str, tuple[int, ...]], source: str
) -> None:
    """Raise unless there are exactly these arrays, of these shapes and with finite values.

    Raises
    ------
    InputProblem : one is missing, unknown, of another shape, or not finite.
    """
    for name in sorted(tensors.keys() | shapes.keys()):
        where = f"tensor {name[:60]!r}"
        if name not in tensors or name not in shapes:
            found = "none" if name in shapes else "one that no such file has"
            raise not_as_it_must_be(source, "exactly the tensors of its model", found, where)
        if tensors[name].shape != tuple(shapes[name]):
            raise not_as_it_must_be(
                source, f"the shape {list(shapes[name])}", f"{list(tensors[name].shape)}", where
            )
        if tensors[name].dtype.kind == "f" and not np.isfinite(tensors[name]).all():
            raise not_as_it_must_be(source, "finite numbers", "others", where)
