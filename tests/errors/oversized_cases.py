"""Files that are larger, or ask for more, than any real one."""

from error_cases import Case

from tinglegram.formats.presentation import MOST_BYTES, read_log
from tinglegram.models.published import read_predictions

TITLE = "Files too large"

CASES = [
    Case(
        "an event log of more than 4 MiB",
        "007-1-20250101-ab.log: expected an event log of at most 4194304 bytes, found 4194305 "
        "bytes. Check that the right file lies under this name.",
        lambda folder: read_log(b"\n" * (MOST_BYTES + 1), "007-1-20250101-ab.log") and None,
    ),
    Case(
        "predictions of more than 16 MiB",
        "results.pkl: expected at most 16777216 bytes, found 16777217 bytes. Is this the authors' "
        "file of predictions?",
        lambda folder: read_predictions(bytes(2**24 + 1), "results.pkl") and None,
    ),
    Case(
        "predictions of more than 200,000 instructions",
        "results.pkl, byte 200001: expected a pickle of plain numbers, text, lists, dictionaries "
        "and numpy arrays, found more than 200000 instructions. Nothing was executed. If you "
        "trust the file, load it yourself and save it with pickle protocol 4 as plain lists, "
        "numbers and numpy arrays.",
        lambda folder: read_predictions(b"\x80\x04" + b"]" * 200_000, "results.pkl") and None,
    ),
]
