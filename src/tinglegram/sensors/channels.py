"""Which channels of a participant are used, in one unit each."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note

_UNNAMED = "Name the one to use in sensors."
# Unit -> µS by which a value is multiplied.
_SIEMENS = {
    **dict.fromkeys(("µs", "us", "microsiemens", "usiemens", "µsiemens"), 1.0),
    **dict.fromkeys(("umho", "µmho", "micromho"), 1.0),
    **dict.fromkeys(("ns", "nanosiemens"), 1e-3),
    **dict.fromkeys(("ms", "millisiemens"), 1e3),
    **dict.fromkeys(("s", "siemens"), 1e6),
}
# Unit -> µS that one of it is: a resistance is turned into a conductance.
_OHM = {
    **dict.fromkeys(("ohm", "ohms", "ω"), 1e6),
    **dict.fromkeys(("kohm", "kohms", "kω"), 1e3),
    **dict.fromkeys(("mohm", "mohms", "mω", "megaohm"), 1.0),
}
_CELSIUS = ("°c", "c", "degc", "deg c", "celsius", "degrees celsius", "degree celsius")
_FAHRENHEIT = ("°f", "f", "degf", "deg f", "fahrenheit", "degrees fahrenheit")
_KELVIN = ("k", "kelvin")
# What the median of a recording can be, µS and °C; a factor of a thousand lies outside.
_US_RANGE, _C_RANGE = (0.01, 100.0), (5.0, 50.0)


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


def in_own_unit(signal: Signal, source: str) -> tuple[Signal, list[Note]]:
    """Return a signal in the unit it is measured in: µS, °C, or as it is, and what was done.

    Values that are missing stay so.

    Parameters
    ----------
    signal : of type eda, resp or temperature.
    source : name of the participant, for messages.

    Raises
    ------
    InputProblem : no value, one value alone, a unit that is none of the signal, or a median that no
        skin has.
    """
    values = np.asarray(signal.values, dtype=np.float64)
    known = values[np.isfinite(values)]
    where = f"signal {signal.name}"
    if len(known) < 2 or np.ptp(known) == 0:
        still = f"{known[0]:g} in all of them" if len(known) else "no value"
        raise InputProblem(
            source,
            where=where,
            expected=f"values that change ({signal.type})",
            found=f"{still}, {len(values)} samples",
            remedy="Is it the right channel? Name another one in sensors, or leave the participant "
            "out (data: exclusions).",
        )
    notes: list[Note] = []
    if signal.type == "eda":
        values, unit = _in_microsiemens(values, signal, source), "µS"
    elif signal.type == "temperature":
        values, unit = _in_celsius(values, signal, source), "°C"
    else:
        unit = signal.unit
    if not signal.unit and unit:
        notes.append(Note("unit", f"{signal.name} has no unit: taken for {unit}"))
    elif not np.array_equal(values, signal.values, equal_nan=True):
        notes.append(Note("unit", f"{signal.name} in {signal.unit}: converted to {unit}"))
    return dataclasses.replace(signal, values=values, unit=unit), notes


def _plain(unit: str) -> str:
    """Return a unit in lower case, with one sign each for micro, degree and ohm."""
    text = unit.strip().replace("\N{GREEK SMALL LETTER MU}", "µ").replace("º", "°")
    return text.replace("\N{OHM SIGN}", "Ω").lower()


def _unit_problem(signal: Signal, source: str, expected: str) -> InputProblem:
    return InputProblem(
        source,
        where=f"signal {signal.name}",
        expected=expected,
        found=f"the unit '{signal.unit}'",
        remedy="Correct its unit or its type in data: options.",
    )


def _in_microsiemens(values: np.ndarray, signal: Signal, source: str) -> np.ndarray:
    unit, ohms = _plain(signal.unit), False
    # M is mega and m is milli; no skin has milliohms, and none has megasiemens.
    if unit in _OHM:
        ohms = True
        with np.errstate(divide="ignore"):
            converted = np.where(values > 0, _OHM[unit] / values, np.nan)
    elif unit in _SIEMENS or not unit:
        converted = values * _SIEMENS.get(unit, 1.0)
    else:
        expected = "a skin conductance in µS, nS, mS or S, or a resistance in ohm, kohm or Mohm"
        raise _unit_problem(signal, source, expected)
    known = converted[np.isfinite(converted)]
    middle = float(np.median(known)) if len(known) else np.nan
    low, high = _US_RANGE
    if not low <= middle <= high:
        shown = signal.unit or "no unit"
        raise InputProblem(
            source,
            where=f"signal {signal.name}",
            expected=f"a skin conductance with a median of {low:g} to {high:g} µS",
            found=f"{middle:g} µS ({shown}{', a resistance' if ohms else ''})",
            remedy="Correct its unit in data: options, or take another channel in sensors: values "
            "below 0 are those of an amplifier that subtracts the level.",
        )
    return converted


def _in_celsius(values: np.ndarray, signal: Signal, source: str) -> np.ndarray:
    unit = _plain(signal.unit)
    if unit in _FAHRENHEIT:
        values = (values - 32.0) / 1.8
    elif unit in _KELVIN:
        values = values - 273.15
    elif unit and unit not in _CELSIUS:
        raise _unit_problem(signal, source, "a temperature in °C, °F or K")
    middle = float(np.nanmedian(values))
    low, high = _C_RANGE
    if not low <= middle <= high:
        raise InputProblem(
            source,
            where=f"signal {signal.name}",
            expected=f"a temperature of the skin with a median of {low:g} to {high:g} °C",
            found=f"{middle:g} °C ({signal.unit or 'no unit'})",
            remedy="Correct its unit in data: options, or take another channel in sensors.",
        )
    return values
