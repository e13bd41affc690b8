"""Breaths, temperature, units, gaps and clocks of planted signals."""

import numpy as np
import pytest
from sensor_signals import breaths_of, planted_skin, sensor

from tinglegram.canonical.tables import Signal
from tinglegram.errors import InputProblem
from tinglegram.sensors.breathing import breathing_wave, find_breaths
from tinglegram.sensors.channels import chosen_sensors, in_own_unit
from tinglegram.sensors.cleaning import clean_sensor, pack_sensors, unpack_sensors
from tinglegram.sensors.even import even_signal, flat_spans, times_on_clock
from tinglegram.sensors.settings import SensorMethods

METHODS = SensorMethods()
SKIN, _ = planted_skin(60, 4, [20.0, 40.0], [0.5, 0.5])


def cleaned(kind, values, rate_hz, unit="", **more):
    return clean_sensor(sensor(kind, values, rate_hz, unit, **more), METHODS, "P07")


@pytest.mark.parametrize("rate_hz", [5, 25, 1000])
@pytest.mark.parametrize("per_minute", [6, 15, 30])
def test_breathing_rate_is_recovered(rate_hz, per_minute):
    """Within 2 % at most times, and the depth within 10 %, whatever the unit."""
    for scale in (1.0, -400.0):
        clean, notes = cleaned("resp", scale * breaths_of(120, rate_hz, per_minute), rate_hz)
        rate, depth = (clean.parts[name] for name in ("rate", "depth"))
        assert notes == []
        assert np.nanmedian(rate) == pytest.approx(per_minute, rel=0.02)
        assert np.isfinite(rate).mean() > 0.8
        assert np.nanquantile(np.abs(depth - 1), 0.9) < 0.1


def test_a_deeper_breath_is_deeper():
    rate_hz, times = 8.0, np.arange(1600) / 8.0
    depth = np.where((times > 80) & (times < 120), 2.0, 1.0)
    clean, _ = cleaned("resp", depth * np.sin(2 * np.pi * 0.25 * times), rate_hz)
    inside, outside = (times > 88) & (times < 112), (times > 20) & (times < 70)
    found = clean.parts["depth"]
    assert np.nanmean(found[inside]) == pytest.approx(2.0, rel=0.1)
    assert np.nanmean(found[outside]) == pytest.approx(1.0, rel=0.1)


def test_a_pause_in_breathing_is_no_row_of_breaths():
    times = np.arange(1200) / 8.0
    wave = np.sin(2 * np.pi * 0.25 * times) * ((times < 60) | (times > 90))
    wave += 0.01 * np.random.default_rng(1).standard_normal(len(times))
    breaths = find_breaths(breathing_wave(wave, 8.0, METHODS), METHODS.resp_depth_share)
    inside = (breaths.start / 8.0 > 64) & (breaths.stop / 8.0 < 88)
    assert not inside.any() and len(breaths.start) >= 28


def test_noise_alone_gives_few_breaths_or_a_note():
    clean, notes = cleaned("resp", np.linspace(0, 1, 400), 8.0)
    assert [note.kind for note in notes] == ["no_breath"] and np.isnan(clean.parts["rate"]).all()


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("µS", 1), ("uS", 1), ("\N{GREEK SMALL LETTER MU}S", 1), ("microsiemens", 1), ("", 1)]
    + [("nS", 1e3), ("mS", 1e-3), ("S", 1e-6)],
)
def test_units_of_conductance(unit, factor):
    found, notes = in_own_unit(sensor("eda", SKIN * factor, 4, unit), "P07")
    np.testing.assert_allclose(found.values, SKIN, rtol=1e-12)
    assert found.unit == "µS"
    assert bool(notes) == (factor != 1 or not unit)


@pytest.mark.parametrize(("unit", "ohms"), [("ohm", 1), ("kOhm", 1e3), ("MΩ", 1e6)])
def test_resistances_are_turned_into_conductances(unit, ohms):
    found, notes = in_own_unit(sensor("eda", 1e6 / SKIN / ohms, 4, unit), "P07")
    np.testing.assert_allclose(found.values, SKIN, rtol=1e-12)
    assert [note.kind for note in notes] == ["unit"]


@pytest.mark.parametrize(
    ("unit", "values"), [("°C", [33.0, 34.0]), ("degF", [91.4, 93.2]), ("K", [306.15, 307.15])]
)
def test_units_of_temperature(unit, values):
    found, _ = in_own_unit(sensor("temperature", values, 4, unit), "P07")
    np.testing.assert_allclose(found.values, [33.0, 34.0])


@pytest.mark.parametrize(
    ("kind", "values", "unit"),
    [
        ("eda", SKIN, "V"),
        ("eda", -SKIN, "µS"),
        ("eda", SKIN, "nS"),
        ("eda", np.full(99, 3.0), "µS"),
        ("eda", np.full(99, np.nan), "µS"),
        ("temperature", [90.0, 91.0], "°C"),
        ("temperature", [33.0, 34.0], "K"),
        ("temperature", [33.0, 34.0], "mV"),
        ("resp", np.zeros(99), "V"),
    ],
)
def test_what_cannot_be_is_refused(kind, values, unit):
    with pytest.raises(InputProblem, match="^P07, signal "):
        in_own_unit(sensor(kind, values, 4, unit), "P07")


def test_channels_are_chosen_by_name_or_alone():
    signals = [
        sensor("eda", SKIN, 4),
        Signal("Wrist", "temperature", "°C", SKIN, rate_hz=4.0),
        Signal("Room", "temperature", "°C", SKIN, rate_hz=4.0),
    ]
    found, notes = chosen_sensors(signals, {"eda": None, "temperature": "Wrist"}, "P07")
    assert {kind: s.name for kind, s in found.items()} == {"eda": "EDA", "temperature": "Wrist"}
    assert notes == []
    found, notes = chosen_sensors(signals, {"resp": None}, "P07")
    assert found == {} and notes[0].kind == "no_resp" and "EDA (eda), Wrist" in notes[0].message
    for wanted in ({"temperature": None}, {"temperature": "Chest"}):
        with pytest.raises(InputProblem, match="2: Wrist, Room"):
            chosen_sensors(signals, wanted, "P07")


def test_gaps_are_bridged_or_left():
    times = np.delete(np.arange(240) / 4.0, [*range(40, 43), *range(100, 140)])
    values = np.interp(times, np.arange(240) / 4.0, SKIN)
    clean, notes = cleaned("eda", values, 4, "µS", times_s=times)
    at = clean.grid.times_s
    # One second without a sample is bridged; ten seconds are not.
    assert clean.usable[(at > 9.9) & (at < 10.8)].all()
    assert not clean.usable[(at > 25.1) & (at < 34.7)].any()
    assert np.isnan(clean.parts["tonic"][(at > 25.1) & (at < 34.7)]).all()
    assert [note.kind for note in notes] == ["gaps"]


def test_flat_lines_and_impossible_values_are_not_usable():
    values = SKIN.copy()
    values[80:120] = values[80]
    values[160:168] = 0.0
    clean, notes = cleaned("eda", values, 4, "µS")
    assert not clean.usable[81:119].any() and not clean.usable[160:168].any()
    assert clean.usable[20:79].all()
    assert [note.kind for note in notes] == ["out_of_range", "gaps", "flat_line"]
    assert "8 of 240 samples of EDA are outside of 0.05 to 60 µS" in notes[0].message
    # A thermometer's steps are coarse.
    warm, notes = cleaned("temperature", np.repeat([33.0, 33.1], 40), 4, "°C")
    assert warm.usable.all() and notes == []


def test_steps_that_no_skin_makes_are_taken_out():
    values = SKIN.copy()
    values[100:104] += 20.0
    clean, _ = cleaned("eda", values, 4, "µS")
    assert np.flatnonzero(~clean.usable).tolist() == list(range(80, 124))
    assert np.ptp(clean.parts["phasic"][:80]) < 1.0


def test_noise_is_told():
    values = SKIN + 0.03 * np.random.default_rng(0).standard_normal(len(SKIN))
    clean, notes = cleaned("eda", values, 4, "µS")
    assert [note.kind for note in notes] == ["noise"]
    assert len(clean.onset_s) == 2
    np.testing.assert_allclose(clean.onset_s, [20, 40], atol=0.5)


def test_a_recording_in_pieces_that_are_too_short_has_no_measures():
    values = SKIN.copy()
    values[np.arange(240) % 30 < 6] = np.nan
    clean, notes = cleaned("eda", values, 4, "µS")
    assert not clean.usable.any() and "too_short" in [note.kind for note in notes]


@pytest.mark.parametrize(("kind", "rate_hz"), [("eda", 1), ("resp", 2)])
def test_too_slow_a_signal_is_refused(kind, rate_hz):
    with pytest.raises(InputProblem, match="samples per second"):
        cleaned(kind, SKIN, rate_hz)


def test_every_rate_gives_the_same_level():
    slow = 33 + np.sin(np.arange(100) / 20)
    for rate_hz in (1, 4, 64, 1000):
        times = np.arange(round(99 * rate_hz)) / rate_hz
        signal = sensor("temperature", np.interp(times, np.arange(100), slow), rate_hz, "°C")
        even = even_signal(signal, 8.0)
        assert even.rate_hz == min(8.0, rate_hz)
        np.testing.assert_allclose(
            even.values, np.interp(even.times_s, range(100), slow), atol=0.01
        )


def test_mains_are_averaged_away():
    times = np.arange(10_000) / 1000
    values = 5 + 0.5 * np.sin(2 * np.pi * 50 * times)
    assert np.abs(even_signal(sensor("eda", values, 1000), 8.0).values[1:-1] - 5).max() < 0.02


def test_a_clock_that_drifts_is_followed():
    signal = Signal(
        *("EDA", "eda", "µS", SKIN),
        rate_hz=4.0,
        clock_at_s=(10.0, 60.0),
        clock_offset_s=(10.0, 10.5),
    )
    times = times_on_clock(signal)
    assert times[0] == 10.0 and times[-1] == pytest.approx(59.75 + 10.5)
    assert (np.diff(times) > 0).all()


def test_flat_spans():
    times = np.arange(8) / 2.0
    values = np.array([1, 1, 1, 2, 3, 3, 4, 4.0])
    assert flat_spans(times, values, 1.0).tolist() == [[0.0, 1.0]]
    assert flat_spans(times, values, 0.5).tolist() == [[0.0, 1.0], [2.0, 2.5], [3.0, 3.5]]
    assert flat_spans(times, np.arange(8), 0.1).shape == (0, 2)


def test_packed_sensors_come_back():
    sensors = {
        "eda": cleaned("eda", SKIN, 4, "µS")[0],
        "resp": cleaned("resp", breaths_of(60, 8, 15), 8)[0],
    }
    again = unpack_sensors(pack_sensors(sensors))
    assert again.keys() == sensors.keys()
    for kind, clean in sensors.items():
        assert (again[kind].start_s, again[kind].rate_hz) == (clean.start_s, clean.rate_hz)
        for name, part in clean.parts.items():
            np.testing.assert_array_equal(again[kind].parts[name], part)
        np.testing.assert_array_equal(again[kind].onset_s, clean.onset_s)
