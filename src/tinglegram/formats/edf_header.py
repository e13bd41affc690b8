"""The header of EDF, EDF+, BDF and BDF+ files: what it promises, before a library reads it.

Kemp et al. (1992), doi:10.1016/0013-4694(92)90009-7, and Kemp & Olivan (2003),
doi:10.1016/s1388-2457(03)00123-8.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tinglegram.errors import InputProblem

FIXED, PER_SIGNAL = 256, 256
ANNOTATIONS = ("EDF Annotations", "BDF Annotations")
# Lengths of the fields that stand once for each signal, in their order.
FIELDS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)


@dataclass(frozen=True)
class EdfOutline:
    """What the header says.

    Attributes
    ----------
    kind : EDF, EDF+C, EDF+D, BDF, BDF+C or BDF+D.
    records : number of data records.
    record_s : length of a record in seconds.
    patient : local patient identification: code, sex, birthdate and name in EDF+, any text in EDF.
    labels, units, samples : name, unit and samples per record of each signal, annotations included.
    """

    kind: str
    records: int
    record_s: float
    labels: tuple[str, ...]
    units: tuple[str, ...]
    samples: tuple[int, ...]
    patient: str = ""


def edf_outline(content: bytes, source: str) -> EdfOutline:
    """Return what the header of a file says.

    Parameters
    ----------
    content : of the whole file, whose length is checked.
    source : name of the file, for messages.

    Raises
    ------
    InputProblem : it is no EDF or BDF file, was not closed by its recorder, has pauses (EDF+D),
        ends early, or a range of values of which nothing can be computed.
    """

    def fault(where: str, expected: str, found: str, remedy: str = "") -> InputProblem:
        remedy = remedy or "Export the recording again from the recorder's own software."
        return InputProblem(source, where=where, expected=expected, found=found, remedy=remedy)

    bdf = content[:8] == b"\xffBIOSEMI"
    if not bdf and content[:8] != b"0       ":
        raise fault("", "an EDF or BDF file", f"a file that begins with {content[:8]!r}")
    # Text outside of ASCII is not allowed and yet found, in names and units.
    header = content[:FIXED].decode("latin-1")
    mark = "BDF" if bdf else "EDF"
    reserved = header[192:236].strip()
    kind = reserved[:5] if reserved[:5] in (f"{mark}+C", f"{mark}+D") else mark
    if kind.endswith("D"):
        raise fault(
            "header",
            f"a recording without pauses ({mark} or {mark}+C)",
            f"one with pauses ({kind})",
            "Convert it with EDFbrowser (Tools: Convert EDF+D to EDF+C), which makes a file of "
            "each stretch, and use the one that holds the trials.",
        )
    count = _whole(header[252:256])
    if count is None or not 1 <= count <= 4096 or len(content) < FIXED + PER_SIGNAL * count:
        raise fault("header", "the headers of 1 to 4096 signals", f"'{header[252:256].strip()}'")
    if _whole(header[184:192]) != FIXED + PER_SIGNAL * count:
        expected = f"a header of {FIXED + PER_SIGNAL * count} bytes for {count} signals"
        raise fault("header", expected, f"'{header[184:192].strip()}'")
    columns, at = [], FIXED
    for width in FIELDS:
        text = content[at : at + width * count].decode("latin-1")
        columns.append([text[i * width : (i + 1) * width].strip("\0 ") for i in range(count)])
        at += width * count
    labels, _, units, *ranges, _, samples, _ = columns
    for place, label in enumerate(labels):
        _check_range(label, [column[place] for column in ranges], source)
    sizes = [_whole(text) for text in samples]
    for label, size, text in zip(labels, sizes, samples, strict=True):
        if size is None or size < 1:
            raise fault(f"signal {label}", "samples in each record", f"'{text}'")
    records, record_s = _whole(header[236:244]), _decimal(header[244:252])
    if record_s is None or record_s < 0 or (record_s == 0 and signal_places(kind, labels)):
        raise fault("header", "the length of a record in seconds", f"'{header[244:252].strip()}'")
    per_record = sum(size or 0 for size in sizes) * (3 if bdf else 2)
    there = len(content) - FIXED - PER_SIGNAL * count
    if records is None or records < 1:
        raise fault(
            "header",
            "a number of data records above 0",
            f"'{header[236:244].strip()}' (-1 is written while a recorder runs: it stopped without "
            f"closing the file, which holds {there // per_record} whole records)",
            "Repair the header with EDFbrowser (Tools: Header editor), or open the file in the "
            "recorder's software and export it again.",
        )
    if there != records * per_record:
        raise fault(
            "header",
            f"{records} records of {per_record} bytes",
            f"{there // per_record} whole ones and {there % per_record} bytes",
            "Copy the file again. If the recorder stopped early, repair it with EDFbrowser "
            "(Tools: Header editor).",
        )
    names = tuple(" ".join(label.split()) for label in labels)
    return EdfOutline(
        kind,
        records,
        record_s,
        names,
        tuple(units),
        tuple(size or 0 for size in sizes),
        header[8:88].strip("\0 "),
    )


def signal_places(kind: str, labels: Sequence[str]) -> list[int]:
    """Return the places of signals; in EDF+ and BDF+ annotations stand among them."""
    return [i for i, label in enumerate(labels) if "+" not in kind or label not in ANNOTATIONS]


def _check_range(label: str, texts: list[str], source: str) -> None:
    numbers = [_decimal(text) for text in texts]
    for names, pair, said in (
        ("physical", numbers[:2], texts[:2]),
        ("digital", numbers[2:], texts[2:]),
    ):
        if None in pair or pair[0] == pair[1]:
            raise InputProblem(
                source,
                where=f"signal {label}",
                expected=f"two different {names} limits, from which values are computed",
                found=f"'{said[0]}' and '{said[1]}'",
                remedy="Correct them with EDFbrowser (Tools: Header editor), or export the "
                "recording again.",
            )


def _whole(text: str) -> int | None:
    text = text.strip("\0 ")
    digits = text[1:] if text[:1] in ("-", "+") else text
    return int(text) if digits.isascii() and digits.isdigit() else None


def _decimal(text: str) -> float | None:
    try:
        value = float(text.strip("\0 "))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
