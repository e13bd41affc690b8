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
    + [("nS", 1e3), ("mS", 1e-3), ("S", 1e-6), ("nanosiemens", 1e3), ("mmho", 1e-3)]
    + [(unit, 1) for unit in ("microS", "umho", "umhos", "micromhos", "micro-Siemens", "n/a")],
)
def test_units_of_conductance(unit, factor):
    found, notes = in_own_unit(sensor("eda", SKIN * factor, 4, unit), "P07")
    np.testing.assert_allclose(found.values, SKIN, rtol=1e-12)
    assert found.unit == "µS"
    assert bool(notes) == (factor != 1 or unit in ("", "n/a"))


@pytest.mark.parametrize(
    ("unit", "ohms"),
    [
        ("ohm", 1),
        ("Ohms", 1),
        ("kOhm", 1e3),
        ("kiloohm", 1e3),
        ("kilo-ohm", 1e3),
        ("kilohms", 1e3),
        ("kΩ", 1e3),
        ("MΩ", 1e6),
        ("Megaohm", 1e6),
    ],
)
def test_resistances_are_turned_into_conductances(unit, ohms):
    found, notes = in_own_unit(sensor("eda", 1e6 / SKIN / ohms, 4, unit), "P07")
    np.testing.assert_allclose(found.values, SKIN, rtol=1e-12)
    assert [note.kind for note in notes] == ["unit"]


@pytest.mark.parametrize(
    ("unit", "values"),
    [
        ("°C", [33.0, 34.0]),
        ("degF", [91.4, 93.2]),
        ("deg. C", [33.0, 34.0]),
        ("degrees Celsius", [33.0, 34.0]),
        ("n/a", [33.0, 34.0]),
        ("K", [306.15, 307.15]),
    ],
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
        ("eda", SKIN * 1e-6, "µS"),
        ("eda", SKIN / 10, ""),
        ("eda", SKIN * 10, ""),
        ("temperature", [90.0, 91.0], "°C"),
        ("temperature", [33.0, 34.0], "K"),
        ("temperature", [33.0, 34.0], "mV"),
    ],
)
def test_what_cannot_be_is_refused(kind, values, unit):
    for provoke in (in_own_unit, lambda signal, who: clean_sensor(signal, METHODS, who)):
        with pytest.raises(InputProblem, match="^P07, signal "):
            provoke(sensor(kind, values, 4, unit), "P07")


@pytest.mark.parametrize(
    ("kind", "values", "unit"),
    [
        ("eda", np.zeros(400), "µS"),
        ("eda", np.full(99, 3.0), "kohm"),
        ("eda", np.full(99, np.nan), "µS"),
        ("eda", 0.003 + 0.001 * np.random.default_rng(0).standard_normal(400), "µS"),
        ("eda", np.where(np.arange(400) % 50 == 0, 2.0, 0.003), ""),
        ("temperature", [33.0], "°C"),
        ("temperature", np.full(99, -40.0), "°C"),
        ("resp", np.zeros(99), "V"),
    ],
)
def test_a_dead_or_unworn_sensor_is_as_an_absent_one(kind, values, unit):
    clean, notes = cleaned(kind, values, 4, unit)
    assert clean is None and [note.kind for note in notes] == [f"no_{kind}"]
    assert "was dead or not worn" in notes[0].message


def test_electrodes_that_came_off_leave_what_was_measured_before():
    values = np.concatenate([planted_skin(300, 4, [], [])[0], np.zeros(1600)])
    clean, notes = cleaned("eda", values, 4, "µS")
    assert clean.usable[:1200].mean() > 0.99 and not clean.usable[1200:].any()
    assert notes[0].message.startswith("1600 of 2800 samples of EDA are outside of")


def test_a_number_without_a_unit_that_is_as_likely_a_resistance_asks_for_one():
    with pytest.raises(InputProblem, match="no unit and a median of 0.2.*uS, or kohm or Mohm"):
        in_own_unit(sensor("eda", 1 / SKIN, 4), "P07")
    named, _ = in_own_unit(sensor("eda", 1 / SKIN, 4, "µS"), "P07")
    np.testing.assert_array_equal(named.values, 1 / SKIN)


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


def test_noise_in_one_piece_hides_no_response_of_another():
    onsets, amplitudes = np.arange(22.0, 590, 12), np.full(48, 0.3)
    values, _ = planted_skin(600, 4, onsets, amplitudes, noise_us=0.002)
    noisy = 4.0 + 0.15 * np.random.default_rng(0).standard_normal(72)
    values = np.concatenate([values, np.full(8, np.nan), noisy])
    clean, notes = cleaned("eda", values, 4, "µS")
    found = clean.onset_s[clean.onset_s < 600]
    assert len(found) == len(onsets) and np.median(np.abs(found - onsets)) < 0.2
    told = next(note.message for note in notes if note.kind == "noise")
    assert told.startswith("noise in EDA for 18.0 s: there, responses count from ")


def test_a_piece_that_is_a_little_too_short_is_passed_over():
    values, _ = planted_skin(80, 4.04, [], [])
    values[40:60] = np.nan
    clean, _ = cleaned("eda", values, 4.04, "µS")
    assert not clean.usable[:40].any() and clean.usable[62:].all()


def test_depths_are_shares_of_the_median_breath():
    """Slow breaths last longer and count no more than quick ones."""
    quick, slow = np.arange(800) / 8.0, np.arange(1600) / 8.0
    wave = [np.sin(2 * np.pi * 0.5 * quick), 2.0 * np.sin(2 * np.pi * 0.1 * slow)]
    clean, _ = cleaned("resp", np.concatenate(wave), 8.0)
    assert np.nanmedian(clean.parts["depth"][160:640]) == pytest.approx(1.0, rel=0.05)


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
    times = np.arange(60) / 2.0
    values = np.random.default_rng(0).standard_normal(60)
    values[:11], values[20:40], values[50:54] = 1.0, 3.0, 4.0
    assert flat_spans(times, values, 4.0).tolist() == [[0.0, 5.0], [10.0, 19.5]]
    assert flat_spans(times, values, 5.5).tolist() == [[10.0, 19.5]]
    # A few equal neighbours are no line, however slow the signal.
    assert flat_spans(100 * times, values, 60.0).tolist() == [[0.0, 500.0], [1000.0, 1950.0]]
    assert flat_spans(times, np.arange(60), 0.1).shape == (0, 2)


@pytest.mark.parametrize(
    ("kind", "rate_hz", "step", "drift", "noise"),
    [
        ("temperature", 1.0, 0.1, 1.0, 0.0),
        ("temperature", 1.0, 0.1, 1.0, 0.02),
        ("temperature", 1 / 30, 0.1, 1.0, 0.02),
        ("temperature", 4.0, 0.0625, 0.5, 0.01),
        ("eda", 4.0, 0.01, 0.3, 0.002),
    ],
)
def test_a_coarse_resolution_is_no_flat_line(kind, rate_hz, step, drift, noise):
    """25 minutes of a slow drift; a sensor that is stuck and comes back elsewhere is told."""
    n = round(1500 * rate_hz)
    level = {"temperature": 33.0, "eda": 2.0}[kind] + drift * np.arange(n) / n
    level += noise * np.random.default_rng(2).standard_normal(n)
    values = np.round(np.round(level / step) * step, 4)
    unit = {"temperature": "°C", "eda": "µS"}[kind]
    clean, _ = cleaned(kind, values, rate_hz, unit)
    assert clean.usable.mean() > 0.99
    values[n // 3 : n // 2] = values[n // 3] - 12 * step
    clean, notes = cleaned(kind, values, rate_hz, unit)
    at = clean.grid.times_s
    assert not clean.usable[(at > 535) & (at < 715)].any()
    # Beside a jump either side can be the one that was stuck.
    assert clean.usable.mean() > 0.65 and "flat_line" in [note.kind for note in notes]


def test_a_coarse_sensor_that_warms_up_and_then_stands_still_is_not_stuck():
    times = np.arange(1500.0)
    level = 33 - 10 * np.exp(-times / 120) + 0.1 * np.sin(times / 300)
    clean, _ = cleaned("temperature", np.round(level, 1), 1, "°C")
    assert clean.usable.all()


def test_a_coarse_sensor_that_stands_much_longer_than_elsewhere_is_stuck():
    values = np.round(30 + 3 * np.arange(1200) / 1200, 1)
    clean, _ = cleaned("temperature", np.append(values, np.full(1200, 33.0)), 1, "°C")
    assert clean.usable[:1170].all() and not clean.usable[1220:-1].any()


def test_a_slow_temperature_is_read_between_its_samples():
    values = 33 + 0.01 * np.arange(50.0)
    values[20:23] = np.nan
    for rate_hz in (0.1, 1 / 30):
        clean, _ = cleaned("temperature", values, rate_hz, "°C")
        place = clean.grid.times_s * rate_hz
        gap = (place > 19) & (place < 23)
        np.testing.assert_allclose(clean.parts["level"][~gap], (33 + 0.01 * place)[~gap])
        np.testing.assert_array_equal(clean.usable, ~gap)
        assert clean.rate_hz >= 8.0


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
