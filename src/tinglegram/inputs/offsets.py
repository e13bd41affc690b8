"""The table of offsets: where each participant's recording started on the clock of the log."""

import re

from tinglegram.errors import InputProblem, refuse
from tinglegram.inputs.exclusions import participant_name, read_rows
from tinglegram.inputs.raw_files import RawFiles

OFFSET_COLUMNS = (["participant", "offset_s"], ["subject", "offset_s"])
# Nobody starts a recorder more than a day after the log; such a number is no offset in seconds.
MOST_SECONDS = 86_400
_SECONDS = re.compile(r"[-+]?[0-9]{1,9}(?:\.[0-9]{1,9})?")


def read_offsets(path: str | None, raw: RawFiles) -> dict[str, float]:
    """Read the table of offsets: participant ("007") -> seconds, to 0.1 ms.

    An offset is the time of the log at which the recording has its first sample: above 0 where
    the recorder was started after the log, below 0 where it was started before it.

    Raises
    ------
    TinglegramError : a column is missing, an offset is no number of seconds, a row names nobody or
        whom an earlier one named; all faulty rows at once.
    """
    if path is None:
        return {}
    table = read_rows(path, OFFSET_COLUMNS, "data.offsets")
    offsets: dict[str, float] = {}
    faults = []
    for line, (written, seconds) in enumerate(table.itertuples(index=False), start=2):
        name = participant_name(written)
        found = []
        if name not in raw.subjects:
            present = ", ".join(raw.subjects) or "nobody"
            found.append(("a participant with raw files", f"'{written}'", f"Present: {present}."))
        if not _SECONDS.fullmatch(seconds) or abs(float(seconds)) > MOST_SECONDS:
            remedy = "Write seconds with a point, such as 3.4: when the recording began on the log."
            found.append(("a number of seconds", f"'{seconds}'", remedy))
        elif name in offsets:
            found.append(("every participant once", f"{written} again", "Keep one line."))
        else:
            offsets[name] = round(float(seconds), 4)
        faults += [
            InputProblem(path, where=f"line {line}", expected=a, found=b, remedy=c)
            for a, b, c in found
        ]
    refuse(faults)
    return offsets
