"""Event logs that cannot be used as they are."""

from error_cases import Case

from tinglegram.presentation import read_log

TITLE = "Event logs"


def _read(content: bytes):
    return lambda folder: read_log(content, "007-1-20250101-ab.log") and None


CASES = [
    Case(
        "empty file",
        "007-1-20250101-ab.log: expected a Presentation event log, found an empty file. Copy the "
        "log again from the recording computer.",
        _read(b""),
    ),
]
