"""Which channels of a participant are used, in one unit each."""

import dataclasses
import re
from collections.abc import Mapping, Sequence

import numpy as np

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem
from tinglegram.formats.delimited import MISSING_WORDS
from tinglegram.formats.recording import Note
from tinglegram.sensors.even import EvenSignal, runs_of

_UNNAMED = "Name the one to use in sensors."
# Unit -> µS by which a value is multiplied.
_SIEMENS = {
    **dict.fromkeys(("µs", "us"), 1.0),
    **dict.fromkeys(("ns", "nanos"), 1e-3),
    **dict.fromkeys(("ms", "millis"), 1e3),
    "s": 1e6,
}
# Unit -> µS that one of it is: a resistance is turned into a conductance.
_OHM = {
    "ohm": 1e6,
    **dict.fromkeys(("kohm", "kiloohm", "kilohm"), 1e3),
    **dict.fromkeys(("mohm", "megaohm", "megohm"), 1.0),
}
_CELSIUS, _FAHRENHEIT, _KELVIN = ("c", "celsius"), ("f", "fahrenheit"), ("k", "kelvin")
# One spelling of what stands in a unit, after the other.
_SPELLINGS = (
    ("\N{GREEK SMALL LETTER MU}", "µ"),
    (r"[\s_-]|º|°", ""),
    ("micro", "µ"),
    ("siemens?", "s"),
    ("mhos?$", "s"),
    ("ohms?$|ω$", "ohm"),
    (r"^deg(rees?|\.)?(?=[cfk])", ""),
)
# What the median of a recording can be, µS and °C; a factor of a thousand lies outside.
_US_RANGE, _C_RANGE = (0.01, 100.0), (5.0, 50.0)
# ASSUMPTION: what it can be where nothing says the unit. Megohms of usual skins lie below, most
# kilohms above.
_UNNAMED_US_RANGE = (0.5, 40.0)
# With fewer values in range, the others are no gaps: the median is that of all.
_FEW_IN_RANGE = 0.1
# µS that no sensor without contact stays below; skins in siemens do.
_NO_CONTACT_US = 1e-4

# ASSUMPTION: what tells the shape of a resistance from chance: so many half minutes at least,
# whose mean skewness lies this many standard errors below 0 (by Student's t once in 1,000
# recordings, with the fewest pieces), and whose median is below this.
# tests/unit/sensors/test_unit_shapes.py has the rates.
_PIECE_S, _LEAST_PIECES, _SURE, _SKEWED = 30.0, 10, 4.3, 0.3


def chosen_sensors(
    signals: Sequence[Signal], wanted: Mapping[str, str | None], source: str
) -> tuple[dict[str, Signal], list[Note]]:
    """Return the signal of each wanted type, and who has none.

    Parameters
    ----------
    signals : all channels of a participant.
    wanted : type -> name of its channel; None: the one channel of that type.
    source : name of the participant, for messages.

    Raises
    ------
    InputProblem : more than one channel of a type without a name, or no channel of that name.
    """
    found, notes = {}, []
    for kind, name in wanted.items():
        own = [signal for signal in signals if signal.type == kind]
        names = ", ".join(signal.name for signal in own)
        if not own:
            present = ", ".join(f"{signal.name} ({signal.type})" for signal in signals)
            message = f"no signal of type {kind} (present: {present or 'none'}): it is left out"
            notes.append(Note(f"no_{kind}", message))
            continue
        named = own if name is None else [signal for signal in own if signal.name == name]
        if len(named) != 1:
            raise InputProblem(
                source,
                expected=f"one channel of type {kind}" + (f" named '{name}'" if name else ""),
                found=f"{len(own)}: {names}",
                remedy=f"{_UNNAMED} Is it of another type? Name its type in data: options.",
            )
        found[kind] = named[0]
    return found, notes


def in_own_unit(
    signal: Signal, source: str, counted: tuple[float, float] = (-np.inf, np.inf)
) -> tuple[Signal | None, list[Note]]:
    """Return a signal in the unit it is measured in: µS, °C, or as it is, and what was done.

    Values that are missing stay so. None: the sensor was dead or not worn, and the note says so.

    Parameters
    ----------
    signal : of type eda, resp or temperature.
    source : name of the participant, for messages.
    counted : µS or °C that count; what a skin can have is asked of the median of these values.

    Raises
    ------
    InputProblem : a unit that is none of the signal, or a median that no skin has.
    """
    values = np.asarray(signal.values, dtype=np.float64)
    known = values[np.isfinite(values)]
    if len(known) < 2 or np.ptp(known) == 0:
        still = f"{known[0]:g}" if len(known) else "missing"
        return None, [_no_signal(signal, f"all {len(values)} samples are {still}")]
    notes: list[Note] = []
    if signal.type == "eda":
        values, unit = _in_microsiemens(values, signal, source), "µS"
        if _without_contact(values, signal, counted[0]):
            return None, [
                _no_signal(signal, f"few values reach {counted[0]:g} µS, or its unit is wrong")
            ]
        _require_skin(values, signal, source, counted)
    elif signal.type == "temperature":
        values, unit = _in_celsius(values, signal, source, counted), "°C"
    else:
        unit = signal.unit
    if not _named(signal) and unit:
        notes.append(Note("unit", f"{signal.name} has no unit: taken for {unit}"))
    elif not np.array_equal(values, signal.values, equal_nan=True):
        notes.append(Note("unit", f"{signal.name} in {signal.unit}: converted to {unit}"))
    return dataclasses.replace(signal, values=values, unit=unit), notes


def shape_note(given: Signal, even: EvenSignal) -> Note | None:
    """Return a note where a skin conductance rises and falls as a resistance does; None: it fits.

    Responses rise fast and fall slowly (Boucsein 2012, doi:10.1007/978-1-4614-1126-0); in a
    resistance they fall fast and rise slowly. So changes over a second are skewed to the right in a
    conductance, in pieces of half a minute whose slow drift does not count.

    Parameters
    ----------
    given : as its reader gave it.
    even : the same in µS.
    """
    skews = _skews_of_changes(even)
    if len(skews) < _LEAST_PIECES:
        return None
    error = float(skews.std(ddof=1)) / np.sqrt(len(skews))
    if not (skews.mean() < -_SURE * error and np.median(skews) < -_SKEWED):
        return None
    unit = given.unit if _named(given) else ""
    read = f"is read as {unit or 'µS'}"
    asked = "a conductance (µS)" if _plain(given) in _OHM else "a resistance (kohm, Mohm)"
    message = (
        f"{given.name} {read}, but falls fast and rises slowly in most of {len(skews)} half "
        f"minutes, the other way round than skin conductance: is it {asked}?"
    )
    return Note("doubtful_unit", message)


def _skews_of_changes(even: EvenSignal) -> np.ndarray:
    """Return the skewness of changes over a second in each half minute without a gap, (k,)."""
    lag, n = max(1, round(even.rate_hz)), round(_PIECE_S * even.rate_hz)
    found = []
    for run in runs_of(np.isfinite(even.values)):
        values = even.values[run]
        changes = values[lag:] - values[:-lag]
        found.append(changes[: len(changes) // n * n].reshape(-1, n))
    pieces = np.concatenate([np.empty((0, n)), *found])
    pieces = pieces - pieces.mean(axis=1, keepdims=True)
    spread = pieces.std(axis=1)
    moving = spread > 0
    skews: np.ndarray = (pieces[moving] ** 3).mean(axis=1) / spread[moving] ** 3
    return skews


def _no_signal(signal: Signal, why: str) -> Note:
    message = f"{signal.name} ({signal.type}) was dead or not worn ({why}): it is left out"
    return Note(f"no_{signal.type}", message)


def _named(signal: Signal) -> bool:
    return signal.unit.strip() not in MISSING_WORDS


def _plain(signal: Signal) -> str:
    """Return its unit in lower case and in one spelling; empty: it has none."""
    text = signal.unit.lower() if _named(signal) else ""
    for spelling, plain in _SPELLINGS:
        text = re.sub(spelling, plain, text)
    return text


def _median(values: np.ndarray, counted: tuple[float, float]) -> float:
    """Return the median of the values that count, or of all where those are few."""
    known = values[np.isfinite(values)]
    inside = known[(known >= counted[0]) & (known <= counted[1])]
    chosen = inside if len(inside) >= _FEW_IN_RANGE * len(known) else known
    return float(np.median(chosen)) if len(chosen) else np.nan


def _without_contact(values: np.ndarray, signal: Signal, least: float) -> bool:
    """Whether these µS are the noise of electrodes that touch nothing.

    Values that were converted are no such noise: their unit is in doubt.
    """
    known = np.abs(values[np.isfinite(values)])
    if _named(signal) and _SIEMENS.get(_plain(signal)) != 1.0:
        return False
    return bool(known.max() >= _NO_CONTACT_US and np.quantile(known, 1.0 - _FEW_IN_RANGE) < least)


def _unit_problem(signal: Signal, source: str, expected: str) -> InputProblem:
    return InputProblem(
        source,
        where=f"signal {signal.name}",
        expected=expected,
        found=f"the unit '{signal.unit}'",
        remedy="Correct its unit or its type in data: options.",
    )


def _in_microsiemens(values: np.ndarray, signal: Signal, source: str) -> np.ndarray:
    unit = _plain(signal)
    # M is mega and m is milli; no skin has milliohms, and none has megasiemens.
    if unit in _OHM:
        with np.errstate(divide="ignore"):
            return np.where(values > 0, _OHM[unit] / values, np.nan)
    if unit and unit not in _SIEMENS:
        expected = "a skin conductance in µS, nS, mS or S, or a resistance in ohm, kohm or Mohm"
        raise _unit_problem(signal, source, expected)
    return values * _SIEMENS.get(unit, 1.0)


def _require_skin(
    values: np.ndarray, signal: Signal, source: str, counted: tuple[float, float]
) -> None:
    """Refuse µS whose median no skin has, or that are as likely a resistance."""
    middle = _median(values, counted)
    low, high = _US_RANGE
    if not low <= middle <= high:
        shown = (signal.unit if _named(signal) else "no unit") + (
            ", a resistance" if _plain(signal) in _OHM else ""
        )
        raise InputProblem(
            source,
            where=f"signal {signal.name}",
            expected=f"a skin conductance with a median of {low:g} to {high:g} µS",
            found=f"{middle:g} µS ({shown})",
            remedy="Correct its unit in data: options, or take another channel in sensors: values "
            "below 0 are those of an amplifier that subtracts the level.",
        )
    low, high = _UNNAMED_US_RANGE
    if not _named(signal) and not low <= middle <= high:
        raise InputProblem(
            source,
            where=f"signal {signal.name}",
            expected=f"a unit, or a median of {low:g} to {high:g}, usual for µS",
            found=f"no unit and a median of {middle:g}, as likely a resistance",
            remedy="Say its unit in data: options: uS, or kohm or Mohm.",
        )


def _in_celsius(
    values: np.ndarray, signal: Signal, source: str, counted: tuple[float, float]
) -> np.ndarray:
    unit = _plain(signal)
    if unit in _FAHRENHEIT:
        values = (values - 32.0) / 1.8
    elif unit in _KELVIN:
        values = values - 273.15
    elif unit and unit not in _CELSIUS:
        raise _unit_problem(signal, source, "a temperature in °C, °F or K")
    middle = _median(values, counted)
    low, high = _C_RANGE
    if not low <= middle <= high:
        raise InputProblem(
            source,
            where=f"signal {signal.name}",
            expected=f"a temperature of the skin with a median of {low:g} to {high:g} °C",
            found=f"{middle:g} °C ({signal.unit if _named(signal) else 'no unit'})",
            remedy="Correct its unit in data: options, or take another channel in sensors.",
        )
    return values
