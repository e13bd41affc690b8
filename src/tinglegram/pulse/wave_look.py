"""A look at some seconds of a pulse wave: what looks wrong in it, whoever recorded it."""

import numpy as np

from tinglegram.canonical.tables import Signal
from tinglegram.formats.recording import Note
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.findings import findings_of_stretch
from tinglegram.pulse.windows import Windowing

# Seconds from the middle of a recording that are looked at.
_LOOK_S = 40.0


def wave_notes(wave: Signal, settings: Windowing, limits: BeatLimits) -> list[Note]:
    """Say what looks wrong in a pulse wave.

    Some seconds of its middle are looked at, as those of every Biopac export are. How long it is
    beside its session is compared by `tinglegram.readers.clocks.recording_notes`.

    Parameters
    ----------
    wave : of type ppg, at a steady rate.

    Raises
    ------
    TinglegramError : the rate is too low for a pulse wave.
    """
    rate = wave.rate_hz or 0.0
    length = min(len(wave.values), round(_LOOK_S * rate))
    begins = (len(wave.values) - length) // 2
    middle = np.asarray(wave.values[begins : begins + length], dtype=np.float64)
    start = wave.start_s + begins / rate
    where = f"{wave.name}, second {start:.0f} to {start + length / rate:.0f}: "
    return [
        note._replace(message=where + note.message)
        for note in findings_of_stretch(middle, rate, settings, limits)
    ]
