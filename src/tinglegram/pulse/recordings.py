"""Pulse recordings as canonical signals, and back."""

from typing import Annotated, Literal

import numpy as np

from tinglegram.canonical.tables import Signal
from tinglegram.formats.recording import Recording
from tinglegram.pulse.alignment import Clock
from tinglegram.settings import section


@section("pulse")
class PulseSource:
    """Which signal the pulse is taken from."""

    signal: Annotated[
        Literal["ppg", "ecg", "ibi", "hr"] | None,
        "Signal that the pulse is taken from (readers other than rest_asmr): a pulse wave, an "
        "electrocardiogram, intervals between beats or heart rates; null: no pulse, and no "
        "physiology in the report.",
    ] = "ppg"


def canonical_signal(recording: Recording, clock: Clock, *, printed_time: bool) -> Signal:
    """Return the canonical signal of a pulse recording.

    Parameters
    ----------
    recording : as read.
    clock : where it started on the log clock.
    printed_time : whether the released code's time stamps are kept too.
    """
    return Signal(
        name=recording.channel,
        type="ppg",
        unit=recording.unit,
        # ASSUMPTION: a Biopac converter has 16 bits, so single precision holds what it measured.
        values=recording.signal.astype(np.float32),
        start_s=recording.first_index / recording.sampling_rate_hz + clock.offset(0.0),
        rate_hz=recording.sampling_rate_hz,
        first_index=recording.first_index,
        clock_at_s=clock.at_s,
        clock_offset_s=clock.offset_s,
        printed_time_s=recording.printed_time_s if printed_time else None,
    )


def recording_of(signal: Signal) -> tuple[Recording, Clock]:
    """Return the recording that a signal at a steady rate is, and where it started."""
    rate = signal.rate_hz
    if rate is None:
        raise ValueError(f"signal {signal.name} has no steady rate")
    clock = Clock(signal.clock_at_s, signal.clock_offset_s)
    if not signal.clock_at_s:
        clock = Clock(offset_s=(signal.start_s - signal.first_index / rate,))
    nothing = np.empty(0)
    printed = nothing if signal.printed_time_s is None else signal.printed_time_s
    recording = Recording(
        signal=signal.values,
        printed_time_s=printed,
        sampling_rate_hz=rate,
        channel=signal.name,
        name=signal.name,
        unit=signal.unit,
        title="",
        encoding="",
        findings=(),
        first_index=signal.first_index,
    )
    return recording, clock
