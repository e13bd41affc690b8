"""Pulse waves whose beats are known, and the Biopac text export that holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
import scipy

from tinglegram.settings import AT_LEAST_ZERO, Each, section
from tinglegram.simulation.design import (
    LATENT_RATE,
    Press,
    Reporting,
    SimulatedSession,
    Stream,
    generator,
    smooth_noise,
)

# One beat in cycles: (centre, SD, height in mV) of the systolic and the dicrotic wave.
TEMPLATE = ((0.0, 0.09, 3.0), (0.38, 0.12, 0.7))
# Online filter of CH2, Hz (paper, "Photoplethysmography Data").
FILTER_BAND = (0.5, 35.0)
# Respiration: Hz, swing of the pulse rate in bpm, of the amplitude (share) and of CH1 in mV.
RESPIRATION = (0.25, 1.0, 0.08, 0.4)
# Rows formatted at once; bounds the memory that Python's floats take.
BLOCK = 50_000


@section("data.simulation")
class Cardiac:
    """How the pulse rate comes about."""

    resting: Annotated[
        tuple[float, float],
        Each(AT_LEAST_ZERO),
        "Resting pulse rates, bpm: a participant's is drawn between these.",
    ]
    coupling: Annotated[
        Mapping[str, float],
        "Condition -> change of the pulse rate, bpm, for each step of the rating.",
    ]
    drift: Annotated[float, AT_LEAST_ZERO, "SD of the slow drift of the pulse rate, bpm."]
    noise: Annotated[
        float,
        AT_LEAST_ZERO,
        "SD of the noise on the raw channel, mV (the pulse wave is about 3 mV high).",
    ]
    rest_change: Annotated[
        Mapping[str, float],
        "Condition -> change of the pulse rate against rest, bpm, for as long as its clips play.",
    ] = field(default_factory=dict)


@dataclass(frozen=True)
class PulseRecording:
    """Both channels in mV (float64, one value per sample) and the true systolic peaks, seconds."""

    sampling_rate: float
    raw: np.ndarray
    filtered: np.ndarray
    beats_s: np.ndarray
    resting_bpm: float


@dataclass(frozen=True)
class ExportLayout:
    """What differs between exports: channel names (and their encoding) and the count row."""

    japanese: bool
    count_row: bool


def export_layout(subject: int) -> ExportLayout:
    """Return the layout of an export, so that four participants cover every variant."""
    return ExportLayout(japanese=subject % 3 == 1, count_row=subject % 4 != 3)


def rating_series(
    session: SimulatedSession,
    key_presses: Mapping[str, Sequence[Press]],
    condition: str,
    times: np.ndarray,
) -> np.ndarray:
    """Return the reported state (0-3) during clips of `condition` at `times`; 0 elsewhere."""
    state = np.zeros(len(times))
    for showing in session.showings:
        if showing.condition == condition:
            made = key_presses[showing.video]
            edges = [press.time_s for press in made] + [showing.end_s]
            for press, until in zip(made, edges[1:], strict=True):
                begin, end = np.searchsorted(times, (press.time_s, until))
                state[begin:end] = press.rating
    return state


def pulse_rate(
    session: SimulatedSession,
    key_presses: Mapping[str, Sequence[Press]],
    cardiac: Cardiac,
    times: np.ndarray,
    draw: np.random.Generator,
) -> tuple[np.ndarray, float]:
    """Return the momentary pulse rate at `times` (seconds) and the resting rate, both in bpm."""
    resting = draw.uniform(*cardiac.resting)
    breath, swing, _, _ = RESPIRATION
    drift = smooth_noise(draw, times[-1] + 1.0, smoothness=15.0)
    rate = resting + cardiac.drift * np.interp(times, np.arange(len(drift)) / LATENT_RATE, drift)
    rate += swing * np.sin(2 * np.pi * (breath * times + draw.random()))
    for condition, slope in cardiac.coupling.items():
        rate += slope * rating_series(session, key_presses, condition, times)
    for showing in session.showings:
        begin, end = np.searchsorted(times, (showing.start_s, showing.end_s))
        rate[begin:end] += cardiac.rest_change.get(showing.condition, 0.0)
    return rate, resting


def beat_times(phase: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the times at which the phase (cycles, rising) passes a whole number."""
    whole = np.arange(np.ceil(phase[0]), np.floor(phase[-1]) + 1)
    beats: np.ndarray = np.interp(whole, phase, times)
    return beats


def template(phase: np.ndarray, resolution: int = 2000) -> np.ndarray:
    """Return the pulse wave in mV at a phase in cycles; its systolic peak is at phase 0."""
    cycle = np.arange(resolution + 1) / resolution
    distance = [(cycle - centre + 0.5) % 1.0 - 0.5 for centre, _, _ in TEMPLATE]
    wave = sum(
        height * np.exp(-0.5 * (d / width) ** 2)
        for d, (_, width, height) in zip(distance, TEMPLATE, strict=True)
    )
    return np.interp(phase % 1.0, cycle, wave)


def simulate_pulse(
    session: SimulatedSession,
    key_presses: Mapping[str, Sequence[Press]],
    cardiac: Cardiac,
    sampling_rate: float,
    seed: int,
) -> PulseRecording:
    """Return a participant's pulse recording of the whole session.

    Beats come from integral pulse frequency modulation: one systolic peak each time the integral
    of the pulse rate passes a whole number. CH1 adds respiration, baseline drift and noise; CH2 is
    CH1 through the acquisition unit's causal band-pass.
    """
    draw = generator(seed, Stream.PULSE, session.subject)
    times = np.arange(int(session.duration_s * sampling_rate) + 1) / sampling_rate
    rate, resting = pulse_rate(session, key_presses, cardiac, times, draw)
    phase = draw.random() + np.cumsum(rate) / (60.0 * sampling_rate)
    breath, _, depth, lift = RESPIRATION
    breathing = np.sin(2 * np.pi * (breath * times + draw.random()))
    wander = smooth_noise(draw, times[-1] + 1.0, smoothness=5.0)
    raw = (
        template(phase) * (1.0 + depth * breathing)
        + lift * breathing
        + np.interp(times, np.arange(len(wander)) / LATENT_RATE, wander)
        + scipy.ndimage.gaussian_filter1d(cardiac.noise * draw.standard_normal(len(times)), 1.0)
    )
    # ASSUMPTION: second-order Butterworth; the paper names the band of the online filter only.
    band = scipy.signal.butter(2, FILTER_BAND, "bandpass", fs=sampling_rate, output="sos")
    filtered, _ = scipy.signal.sosfilt(band, raw, zi=scipy.signal.sosfilt_zi(band) * raw[0])
    return PulseRecording(sampling_rate, raw, filtered, beat_times(phase, times), resting)


def biopac_text(recording: PulseRecording, title: str, layout: ExportLayout) -> bytes:
    """Return the recording as Biopac Student Lab exports it: every number with 6 digits."""
    names = ("脈波 (PPG)", "フィルタ, 0.5 - 35 Hz") if layout.japanese else ("PPG", "Filter, CH1")
    count = len(recording.raw)
    # 1000 / 2000 Hz prints as 0.5, 1000 / 125 Hz as 8.
    head = [title, f"{1000.0 / recording.sampling_rate:g} msec/sample", "2 channels"]
    head += [names[0], "mV", names[1], "mV", "min\tCH1\tCH2\t"]
    head += [f"\t{count}\t{count}\t"] if layout.count_row else []
    parts = ["\r\n".join(head) + "\r\n"]
    minutes = np.arange(count) / (60.0 * recording.sampling_rate)
    values = np.column_stack([minutes, recording.raw, recording.filtered])
    for start in range(0, count, BLOCK):
        block = values[start : start + BLOCK]
        parts.append("%.6G\t%.6G\t%.6G\t\r\n" * len(block) % tuple(block.ravel().tolist()))
    return "".join(parts).encode("cp932")


def participant_truth(
    session: SimulatedSession,
    key_presses: Mapping[str, Sequence[Press]],
    recording: PulseRecording,
    reporting: Reporting,
    cardiac: Cardiac,
) -> dict[str, Any]:
    """Return everything known about a simulated participant, ready for JSON.

    Times are seconds on the log clock; `beats_s` are the systolic peaks before any filter.
    """
    return {
        "subject": session.subject,
        "sequence": session.sequence,
        "agreement": reporting.agreement,
        "coupling_bpm_per_rating": dict(cardiac.coupling),
        "rest_change_bpm": dict(cardiac.rest_change),
        "resting_bpm": round(recording.resting_bpm, 6),
        "sampling_rate_hz": recording.sampling_rate,
        "duration_s": session.duration_s,
        "rests_s": [list(rest) for rest in session.rests],
        "clips": [
            {**showing._asdict(), "presses": [list(press) for press in key_presses[showing.video]]}
            for showing in session.showings
        ],
        "beats_s": np.round(recording.beats_s, 6).tolist(),
    }
