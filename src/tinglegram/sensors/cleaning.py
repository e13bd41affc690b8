"""The sensors of a participant, cleaned: measures as series on an even grid, and what is usable."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note
from tinglegram.sensors.breathing import breathing_wave, find_breaths
from tinglegram.sensors.channels import in_own_unit, shape_note
from tinglegram.sensors.even import (
    BRIDGED_S,
    EvenSignal,
    even_signal,
    flat_spans,
    runs_of,
    times_on_clock,
)
from tinglegram.sensors.settings import RATE_HZ, SensorMethods
from tinglegram.sensors.skin_conductance import (
    LEAST_S,
    Responses,
    decompose,
    find_responses,
    least_response,
)

# Shares of missing and of flat samples that are worth a sentence.
_LACKING = 0.01
# Seconds on either side of a step that are not trusted (Kleckner et al., 2018,
# doi:10.1109/TBME.2017.2758643).
_AROUND_S = 5.0
# A response rises within a second.
_EDA_HZ = 3.0
# Fewer seconds hold no breath.
_LEAST_BREATH_S = 10.0


@dataclass(frozen=True, eq=False)
class CleanSensor:
    """One sensor of a participant.

    Attributes
    ----------
    kind : eda, resp or temperature.
    start_s, rate_hz : of the grid.
    usable : bool (n,): measured, within range, and no flat line.
    parts : name -> float64 (n,), NaN where there is no value. eda: tonic and phasic (µS); resp:
        wave (SDs), rate (cycles per minute) and depth (1: the median breath); temperature: level
        (°C).
    onset_s, amplitude_us : float64 (k,) of skin conductance responses; empty for others.
    """

    kind: str
    start_s: float
    rate_hz: float
    usable: np.ndarray
    parts: Mapping[str, np.ndarray]
    onset_s: np.ndarray = field(default_factory=lambda: np.empty(0))
    amplitude_us: np.ndarray = field(default_factory=lambda: np.empty(0))

    @property
    def grid(self) -> EvenSignal:
        """The grid, with the first part as its values."""
        return EvenSignal(self.start_s, self.rate_hz, next(iter(self.parts.values())))


def clean_sensor(
    signal: Signal, methods: SensorMethods, source: str
) -> tuple[CleanSensor | None, list[Note]]:
    """Return the measures of one signal over its whole recording, and what should be known.

    None: it has nothing to measure, and the note says why.

    Parameters
    ----------
    signal : of type eda, resp or temperature, as its reader gave it.
    methods : settings.
    source : name of the participant, for messages.

    Raises
    ------
    InputProblem : see `tinglegram.sensors.channels.in_own_unit`.
    """
    as_given, given = signal, np.asarray(signal.values)
    low, high = {
        "eda": methods.eda_range,
        "temperature": methods.temperature_range,
        "resp": (-np.inf, np.inf),
    }[signal.type]
    converted, notes = in_own_unit(signal, source, (low, high))
    if converted is None:
        return None, notes
    signal = converted
    known = np.isfinite(signal.values)
    within = known & (signal.values >= low) & (signal.values <= high)
    if not within.any():
        raise InputProblem(
            source,
            where=f"signal {signal.name}",
            expected=f"values of {low:g} to {high:g} {signal.unit}",
            found="none",
            remedy=f"Correct its unit in data: options, or sensor_methods: {signal.type}_range.",
        )
    outside = int(known.sum() - within.sum())
    if outside:
        message = (
            f"{outside} of {len(known)} samples of {signal.name} are outside of {low:g} to "
            f"{high:g} {signal.unit}: taken for missing"
        )
        notes.append(Note("out_of_range", message))
    times = times_on_clock(signal)[within]
    least_s = methods.temperature_flat if signal.type == "temperature" else methods.sensor_flat
    # The steps of a resistance are even in its own unit.
    spans = flat_spans(times, given[within], least_s)
    signal = dataclasses.replace(signal, values=np.where(within, signal.values, np.nan))
    even = even_signal(signal, RATE_HZ)
    least_hz = {"eda": _EDA_HZ, "resp": 2.0 * methods.resp_band[1], "temperature": 0.0}
    if even.rate_hz <= least_hz[signal.type]:
        raise InputProblem(
            source,
            where=f"signal {signal.name}",
            expected=f"more than {least_hz[signal.type]:g} samples per second ({signal.type})",
            found=f"{even.rate_hz:g}",
            remedy="Export it at its full rate, or leave it out of sensors.",
        )
    if signal.type == "eda":
        even = _without_steps(even, methods.eda_slope)
        doubt = shape_note(as_given, even)
        notes += [doubt] if doubt else []
    usable = np.isfinite(even.values)
    for start_s, end_s in spans:
        usable[even.at(start_s, end_s)] = False
    notes += _lacking_notes(signal.name, even, usable)
    measure = {"eda": _clean_eda, "resp": _clean_resp, "temperature": _clean_temperature}
    found, more = measure[signal.type](even, usable, methods, signal.name)
    return found, [*notes, *more]


def require_cover(clean: CleanSensor, timeline: pd.DataFrame, name: str, source: str) -> None:
    """Refuse a signal of which nothing was recorded during any trial.

    Raises
    ------
    InputProblem : its clock is another.
    """
    edges = timeline[["valid_start_s", "end_s"]].to_numpy()
    grid = clean.grid
    if len(edges) and all(grid.at(*edge).start == grid.at(*edge).stop for edge in edges):
        raise InputProblem(
            source,
            where=f"signal {name}",
            expected=f"values during the clips, from second {edges[0, 0]:.1f} on",
            found=f"values from second {grid.start_s:.1f} to second {grid.end_s:.1f} alone",
            remedy="Correct the clock or offset_s of the file in data: options.",
        )


def _without_steps(even: EvenSignal, most_per_s: float) -> EvenSignal:
    """Take out what lies around a change that no skin makes, 5 s on either side."""
    steep = np.abs(np.diff(even.values)) * even.rate_hz > most_per_s
    around = round(_AROUND_S * even.rate_hz)
    beside = np.zeros(len(even.values), dtype=bool)
    for place in np.flatnonzero(steep):
        beside[max(0, place - around + 1) : place + around + 1] = True
    return dataclasses.replace(even, values=np.where(beside, np.nan, even.values))


def _lacking_notes(name: str, even: EvenSignal, usable: np.ndarray) -> list[Note]:
    missing = float(np.mean(~np.isfinite(even.values)))
    flat = float(np.mean(~usable)) - missing
    found = []
    if missing > _LACKING:
        seconds = missing * len(usable) / even.rate_hz
        message = f"{name} is missing for {seconds:.1f} s ({missing:.0%}) of its recording"
        found.append(Note("gaps", message))
    if flat > _LACKING:
        seconds = flat * len(usable) / even.rate_hz
        message = f"{name} does not change for {seconds:.1f} s ({flat:.0%}) of its recording"
        found.append(Note("flat_line", message))
    return found


def _pieces(even: EvenSignal, least_s: float) -> tuple[np.ndarray, list[slice]]:
    """Return values whose short gaps are bridged, and the pieces that are long enough."""
    values = even.values.copy()
    missing = ~np.isfinite(values)
    for gap in runs_of(missing):
        inside = gap.start > 0 and gap.stop < len(values)
        if inside and gap.stop - gap.start <= BRIDGED_S * even.rate_hz + 1:
            before, after = float(values[gap.start - 1]), float(values[gap.stop])
            values[gap] = np.linspace(before, after, gap.stop - gap.start + 2)[1:-1]
    least = max(3, math.ceil(least_s * even.rate_hz))
    pieces = [p for p in runs_of(np.isfinite(values)) if p.stop - p.start >= least]
    return values, pieces


def _clean_eda(
    even: EvenSignal, usable: np.ndarray, methods: SensorMethods, name: str
) -> tuple[CleanSensor, list[Note]]:
    values, pieces = _pieces(even, LEAST_S)
    tonic, phasic = (np.full(len(values), np.nan) for _ in range(2))
    onsets, amplitudes = [np.empty(0)], [np.empty(0)]
    noisy: list[tuple[float, float]] = []
    for piece in pieces:
        parts = decompose(values[piece], even.rate_hz)
        # Noise in one piece hides no response of another.
        least = least_response(values[piece], methods.eda_amplitude)
        if least > methods.eda_amplitude:
            noisy.append((least, (piece.stop - piece.start) / even.rate_hz))
        tonic[piece], phasic[piece] = parts.tonic, parts.phasic
        own = _usable_responses(find_responses(parts.phasic, least), usable[piece])
        onsets.append(even.start_s + (piece.start + own.onset) / even.rate_hz)
        amplitudes.append(own.amplitude)
    notes = []
    if noisy:
        message = (
            f"noise in {name} for {sum(s for _, s in noisy):.1f} s: there, responses count from "
            f"{max(noisy)[0]:.3f} µS on, not from {methods.eda_amplitude:g} µS"
        )
        notes.append(Note("noise", message))
    if not pieces:
        notes.append(_too_short(name, LEAST_S))
    about = ("eda", even.start_s, even.rate_hz, usable & np.isfinite(tonic))
    parts_of = {"tonic": tonic, "phasic": phasic}
    return CleanSensor(*about, parts_of, np.concatenate(onsets), np.concatenate(amplitudes)), notes


def _usable_responses(found: Responses, usable: np.ndarray) -> Responses:
    kept = usable[found.onset.astype(np.int64)] & usable[found.peak.astype(np.int64)]
    return Responses(*(values[kept] for values in found))


def _too_short(name: str, least_s: float) -> Note:
    message = f"{name} is nowhere without a gap for {least_s:g} s: it has no measures"
    return Note("too_short", message)


def _clean_resp(
    even: EvenSignal, usable: np.ndarray, methods: SensorMethods, name: str
) -> tuple[CleanSensor, list[Note]]:
    values, pieces = _pieces(even, _LEAST_BREATH_S)
    wave, rate, depth = (np.full(len(values), np.nan) for _ in range(3))
    depths: list[float] = []
    slowest, fastest = methods.resp_rate_range
    for piece in pieces:
        filtered = breathing_wave(values[piece], even.rate_hz, methods)
        wave[piece] = filtered
        breaths = find_breaths(filtered, methods.resp_depth_share)
        for start, stop, deep in zip(*breaths, strict=True):
            per_minute = 60.0 * even.rate_hz / (stop - start)
            if slowest <= per_minute <= fastest:
                own = slice(piece.start + int(np.ceil(start)), piece.start + int(np.ceil(stop)))
                rate[own], depth[own] = per_minute, deep
                depths.append(deep)
    notes = []
    if not pieces:
        notes.append(_too_short(name, _LEAST_BREATH_S))
    elif not depths:
        notes.append(Note("no_breath", f"no breath was found in {name}"))
    else:
        # Belts and thermistors have no common unit.
        depth = depth / np.median(depths)
    spread = float(np.nanstd(wave)) if pieces else 0.0
    wave = wave / spread if spread > 0 else wave
    parts = {"wave": wave, "rate": rate, "depth": depth}
    usable = usable & np.isfinite(wave)
    return CleanSensor("resp", even.start_s, even.rate_hz, usable, parts), notes


def _clean_temperature(
    even: EvenSignal, usable: np.ndarray, methods: SensorMethods, name: str
) -> tuple[CleanSensor, list[Note]]:
    values, _ = _pieces(even, 0.0)
    rate_hz = even.rate_hz
    if rate_hz * BRIDGED_S < 1.0:
        values, usable, rate_hz = _between_samples(values, usable, rate_hz)
    parts = {"level": values}
    return CleanSensor("temperature", even.start_s, rate_hz, usable, parts), []


def _between_samples(
    values: np.ndarray, usable: np.ndarray, rate_hz: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return a slow level on a finer grid, usable between two samples that are.

    Samples may lie farther apart than windows are long, and the level goes on between them.
    """
    finer = math.ceil(RATE_HZ / rate_hz)
    place = np.arange((len(values) - 1) * finer + 1)
    before, after = place // finer, -(-place // finer)
    level = np.interp(place / finer, np.arange(len(values)), values)
    return level, usable[before] & usable[after], rate_hz * finer


_ARRAYS = ("usable", "onset_s", "amplitude_us")


def pack_sensors(sensors: Mapping[str, CleanSensor]) -> dict[str, np.ndarray]:
    """Return the arrays that hold the sensors of a participant: `<kind>@...`."""
    arrays = {}
    for kind, clean in sensors.items():
        arrays[f"{kind}@grid"] = np.array([clean.start_s, clean.rate_hz])
        arrays |= {f"{kind}@{name}": getattr(clean, name) for name in _ARRAYS}
        arrays |= {f"{kind}@part_{name}": values for name, values in clean.parts.items()}
    return arrays


def unpack_sensors(arrays: Mapping[str, np.ndarray]) -> dict[str, CleanSensor]:
    """Return what `pack_sensors` packed."""
    found = {}
    for kind in (key.removesuffix("@grid") for key in arrays if key.endswith("@grid")):
        start_s, rate_hz = map(float, arrays[f"{kind}@grid"])
        prefix = f"{kind}@part_"
        parts = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
        usable, onset_s, amplitude_us = (arrays[f"{kind}@{name}"] for name in _ARRAYS)
        found[kind] = CleanSensor(kind, start_s, rate_hz, usable, parts, onset_s, amplitude_us)
    return found
