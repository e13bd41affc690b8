"""A look at the pulse itself before anything runs: some seconds from the middle of a recording.

Apart from the inspection of files, which decides who takes part: what is seen here is noted, and a
plan need not wait for it.
"""

from collections.abc import Mapping
from pathlib import Path

from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.formats.biopac import HEAD_BYTES, TAIL_BYTES, read_outline, read_stretch
from tinglegram.formats.recording import Note
from tinglegram.inputs.inventory import Design, Entry
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.findings import findings_of_stretch
from tinglegram.pulse.windows import Windowing

# Long enough for slow pulses, and for polarity to be decided; short beside a recording.
LOOK_S = 40.0


def pulse_entries(
    recordings: Mapping[str, str], design: Design, settings: Windowing, limits: BeatLimits
) -> list[Entry]:
    """Return what looks wrong in the pulse of each recording, subject -> path, as notes.

    A file that cannot be read has its problem from `tinglegram.inputs.inspection.inspect`.
    """
    found = []
    for subject, path in recordings.items():
        where, notes = look_at_pulse(Path(path), design, settings, limits)
        found += [
            Entry(subject, "*", n.kind, Path(path).name, where, "", n.message, "") for n in notes
        ]
    return found


def look_at_pulse(
    path: Path, design: Design, settings: Windowing, limits: BeatLimits
) -> tuple[str, list[Note]]:
    """Return which seconds of a recording were looked at, and what looks wrong in them."""
    channel = (path.name, design.channel, design.sampling_rate)
    with path.open("rb") as stream:
        size = path.stat().st_size
        head = stream.read(HEAD_BYTES)
        stream.seek(max(0, size - TAIL_BYTES))
        try:
            outline = read_outline(head, stream.read(), size, *channel)
        except InputProblem:
            return "", []
        share = min(1.0, LOOK_S * outline.sampling_rate_hz / outline.n_samples)
        length = int(size * share)
        begins = (size - length) // 2
        stream.seek(begins)
        stretch = read_stretch(head, stream.read(length), begins, *channel)
    if stretch is None:
        # ASSUMPTION: whoever reads on reads the whole file, which names the line.
        message = "a row in the middle of the file cannot be read; reading all of it says which"
        return "middle", [Note("unreadable_row", message)]
    rate = stretch.sampling_rate_hz
    where = f"second {stretch.start_s:.0f} to {stretch.start_s + len(stretch.signal) / rate:.0f}"
    try:
        return where, findings_of_stretch(stretch.signal, rate, settings, limits)
    except TinglegramError as problem:
        return where, [Note("low_rate", str(problem))]
