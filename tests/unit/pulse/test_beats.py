"""Beats of known waves: both detectors, places between samples, limits, true neighbours."""

from dataclasses import replace

import numpy as np
import pytest

from tinglegram.pulse.beats import (
    BeatLimits,
    Intervals,
    PulseMethods,
    between_samples,
    intervals_in_range,
    msptd_fast,
    relative_peaks,
)
from tinglegram.pulse.continuity import Continuity
from tinglegram.pulse.epochs import Epoch, sample_times
from tinglegram.pulse.measurement import measure_epoch
from tinglegram.pulse.quality import Quality, mark_poor
from tinglegram.pulse.windows import (
    RELEASED,
    Rates,
    Windowing,
    exact_windows,
    possible_rates,
    pulse_from,
)
from tinglegram.settings import as_object
from tinglegram.simulation.pulse_wave import template
from tinglegram.study.protocols import PROTOCOLS, WINDOW_SWITCHES

CORRECTED = as_object({}, PulseMethods, PROTOCOLS["corrected"])
MSPTD = replace(CORRECTED, peak_detector="msptd_fast")
LIMITS, PAPER = BeatLimits(), Windowing()
FIRST_S, MARGIN_S, LENGTH_S = 30.0, 5.0, 25.0


def beating(bpm, rate, *, spoil=lambda time: 0.0, scale=1.0):
    """An epoch with margins whose beats come exactly `bpm` times a minute; 3 mV high."""
    n = round((LENGTH_S + 2 * MARGIN_S) * rate)
    time = np.arange(n) / rate
    wave = scale * (template(bpm / 60 * time) + spoil(time))
    margin = round(MARGIN_S * rate)
    times = sample_times(round(FIRST_S * rate), n - 2 * margin, rate)
    return Epoch(wave[margin:-margin], times, wave[:margin], wave[-margin:])


def measured(epoch, rate, methods=CORRECTED):
    windows = exact_windows(FIRST_S, FIRST_S + LENGTH_S, 10, PAPER)
    table = measure_epoch(epoch, windows, np.empty(0), rate, PAPER, Continuity(), methods, LIMITS)
    return mark_poor(table, float(table["amplitude"].median()), Quality(), methods.window_faults)


@pytest.mark.parametrize("protocol", ["released", "described"])
def test_without_better_practice_everything_is_as_released(protocol):
    assert as_object({}, PulseMethods, PROTOCOLS[protocol]) == PulseMethods() == RELEASED
    epoch = beating(70, 100.0, spoil=lambda t: 0.3 * np.sin(7 * t**1.2))
    plain = Epoch(epoch.signal, epoch.time_s)
    # Neither margins nor limits that follow the pulse change a value of the released code.
    windows = exact_windows(FIRST_S, FIRST_S + LENGTH_S, 10, PAPER)
    how = (windows, np.empty(0), 100.0, PAPER, Continuity())
    odd = BeatLimits(rate_range=(80.0, 90.0), relative_prominence=0.9)
    assert measure_epoch(epoch, *how, RELEASED, odd).equals(measure_epoch(plain, *how))


def test_the_rule_names_the_switches_in_the_order_of_their_declaration():
    assert WINDOW_SWITCHES[2:] == tuple(vars(PulseMethods()))


@pytest.mark.parametrize("rate", [25.0, 32.0, 100.0, 2000.0])
@pytest.mark.parametrize("bpm", [40, 46, 60, 85, 120, 160, 180])
def test_every_rate_is_read(bpm, rate):
    table = measured(beating(bpm, rate), rate)
    assert len(table) == 20
    assert not table["poor"].any()
    assert np.abs(table["pulse_rate_bpm"] - bpm).max() < 0.2
    # Whole samples alone would give about 20 ms at 25 Hz.
    assert table["rmssd_ms"].max() < 4


@pytest.mark.parametrize("rate", [25.0, 100.0, 2000.0])
@pytest.mark.parametrize("bpm", [60, 85, 120, 160, 180])
def test_the_second_detector_reads_what_is_not_slow(bpm, rate):
    table = measured(beating(bpm, rate), rate, MSPTD)
    assert np.abs(table["pulse_rate_bpm"] - bpm).max() < 0.5
    assert table["pulse_rate_bpm"].notna().all()


@pytest.mark.parametrize("bpm", [25, 30, 215, 230])
def test_a_pulse_outside_of_the_range_has_no_value_or_is_poor(bpm):
    table = measured(beating(bpm, 500.0), 500.0)
    good = table[~table["poor"]]
    assert (np.abs(good["pulse_rate_bpm"] - bpm) < 2).all()


def test_the_released_limits_halve_a_fast_pulse_and_lose_a_slow_one():
    fast, slow = (measured(beating(b, 100.0), 100.0, RELEASED) for b in (178, 44))
    assert (fast["pulse_rate_bpm"] < 100).any()
    assert slow["pulse_rate_bpm"].isna().mean() > 0.5


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3, 4.7])
def test_the_unit_does_not_matter(scale):
    noisy = {"spoil": lambda t: 0.3 * np.sin(2 * np.pi * 1.7 * t)}
    table = measured(beating(72, 100.0, **noisy), 100.0)
    other = measured(beating(72, 100.0, scale=scale, **noisy), 100.0)
    assert np.abs(table["pulse_rate_bpm"] - other["pulse_rate_bpm"]).max() < 0.1
    assert table["poor"].equals(other["poor"])


def test_hum_and_windows_make_no_beats():
    table = measured(beating(48, 500.0, spoil=lambda t: np.sin(100 * np.pi * t + 1)), 500.0)
    assert np.abs(table["pulse_rate_bpm"] - 48).max() < 0.1
    assert table["rmssd_ms"].max() < 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: 9.0 * (t > 17.5),
        lambda t: 8 * np.exp(-(((t - 17.5) / 0.5) ** 2)) * np.sin(9 * (t - 17.5)),
        lambda t: 6.0 * ((t > 17) & (t < 18)),
    ],
    ids=["jump", "movement", "disconnect"],
)
def test_what_stands_out_of_the_pulse_makes_a_window_poor(spoil):
    table = measured(beating(72, 100.0, spoil=spoil), 100.0)
    # It happens 12.5 s into the epoch; windows last 5 s.
    touched = table["start_s"].between(8, 12)
    assert table.loc[touched, "poor"].all()
    assert not table.loc[~table["start_s"].between(6, 14), "poor"].any()
    error = np.abs(table["pulse_rate_bpm"] - 72)[~table["poor"]]
    # A window that holds the tail of a movement alone may be good.
    assert (error > 0.5).sum() <= 1
    assert error.max() < 5


def test_places_between_samples():
    time = np.arange(40) / 10
    wave = np.cos(2 * np.pi * (time - 1.03))
    assert between_samples(wave, np.array([10])) == pytest.approx([10.3], abs=0.02)
    level = np.array([0.0, 1.0, 1.0, 1.0, 0.0])
    assert between_samples(level, np.array([0, 2, 4])).tolist() == [0, 2, 4]


def test_peaks_follow_the_height_around_them():
    time = np.arange(6000) / 100
    height = np.where(time < 30, 1.0, 0.05)
    wave = height * np.cos(2 * np.pi * 1.2 * time)
    assert len(relative_peaks(wave, 100.0, 0.25, LIMITS)) == pytest.approx(71, abs=4)
    assert len(relative_peaks(np.zeros(500), 100.0, 0.25, LIMITS)) == 0


def test_a_second_wave_that_stands_out_is_no_beat():
    time = np.arange(4000) / 100
    # A second wave of 0.45 of the height after 40 % of the interval.
    phase = (0.9 * time) % 1
    wave = np.exp(-(((phase - 0.3) / 0.08) ** 2)) + 0.45 * np.exp(-(((phase - 0.7) / 0.08) ** 2))
    peaks = relative_peaks(wave, 100.0, 0.25, LIMITS)
    assert np.diff(peaks) / 100 == pytest.approx(1 / 0.9, abs=0.03)


@pytest.mark.parametrize("rate", [20.0, 25.0, 125.0, 1000.0])
def test_msptd_fast_finds_the_peaks_of_a_sine(rate):
    time = np.arange(int(20 * rate)) / rate
    peaks = msptd_fast(np.sin(2 * np.pi * 1.3 * time), rate) / rate
    true = (np.arange(26) + 0.25) / 1.3
    inner = true[(true > 1) & (true < 19)]
    found = [peaks[np.argmin(np.abs(peaks - beat))] for beat in inner]
    assert np.abs(found - inner).max() <= 0.5 / rate + 1e-9
    assert np.diff(peaks).min() > 0.7


def test_msptd_fast_on_too_little():
    assert len(msptd_fast(np.zeros(3), 100.0)) == 0
    assert len(msptd_fast(np.zeros(700), 100.0)) == 0


def test_missed_and_false_beats_do_not_count():
    ms = np.array([900.0, 920, 1800, 900, 910, 350, 560, 930, 890, 905, 4000])
    counts = intervals_in_range(ms, LIMITS)
    assert np.flatnonzero(~counts).tolist() == [2, 5, 6, 10]
    assert len(intervals_in_range(np.empty(0), LIMITS)) == 0


def test_rmssd_of_true_neighbours_and_spliced():
    found = Intervals(np.array([800.0, 900, 1700, 800, 850]), np.array([1, 1, 0, 1, 1], dtype=bool))
    rate, rmssd = pulse_from(found, PAPER, CORRECTED)
    assert rate == pytest.approx(60000 / 837.5)
    assert rmssd == pytest.approx(np.sqrt((100**2 + 50**2) / 2))
    assert pulse_from(found, PAPER, RELEASED)[1] == pytest.approx(
        np.sqrt((100**2 + 100**2 + 50**2) / 3)
    )
    alone = Intervals(
        np.array([800.0, 1700, 800, 1700, 800]), np.array([1, 0, 1, 0, 1], dtype=bool)
    )
    assert np.isnan(pulse_from(alone, PAPER, CORRECTED)[1])


def test_possible_rates():
    assert possible_rates(PAPER, RELEASED, LIMITS) == pytest.approx(
        Rates(46.15, 48.0, 171.43), abs=0.01
    )
    assert possible_rates(PAPER, CORRECTED, LIMITS) == pytest.approx(Rates(35.0, 36.0, 200.0))
    wide = replace(PAPER, peak_distance=0.2, interval_range=(250.0, 2000.0))
    assert possible_rates(wide, RELEASED, LIMITS) == pytest.approx(Rates(36.0, 48.0, 240.0))


def test_the_rates_that_are_said_to_be_possible_are():
    for bpm in (47, 170):
        table = measured(beating(bpm, 2000.0), 2000.0, RELEASED)
        assert table["pulse_rate_bpm"].notna().any()
    for bpm in (45, 44):
        assert (
            measured(beating(bpm, 2000.0), 2000.0, RELEASED)["pulse_rate_bpm"].isna().mean() > 0.7
        )


@pytest.mark.parametrize("early", [0.55, 0.62, 0.7, 0.78])
def test_a_premature_beat_takes_both_of_its_intervals_along(early):
    ms = np.full(24, 800.0)
    ms[[6, 12, 18]], ms[[7, 13, 19]] = 800 * early, 800 * (2 - early)
    counts = intervals_in_range(ms, LIMITS)
    assert not counts[[6, 7, 12, 13, 18, 19]].any()
    assert counts.sum() == 18
    # Breathing moves intervals to and fro, and takes none away.
    breathing = 1300 + 150 * np.sin(np.arange(24) * 2 * np.pi / 4)
    assert intervals_in_range(breathing, LIMITS).all()


def test_movement_alone_in_a_window_is_poor():
    def shaken(time):
        return np.where((time > 15) & (time < 21), 5 * np.sin(2 * np.pi * 1.7 * time), 0.0)

    table = measured(beating(62, 100.0, spoil=shaken), 100.0)
    wrong = (table["pulse_rate_bpm"] - 62).abs() > 2
    assert wrong.sum() >= 3
    assert table.loc[wrong, "poor"].all()
    assert not table["poor"].all()


def test_noise_alone_is_poor():
    noise = 0.01 * np.random.default_rng(3).standard_normal(3500)
    epoch = Epoch(noise[500:-500], sample_times(3000, 2500, 100.0), noise[:500], noise[-500:])
    table = measured(epoch, 100.0)
    assert table["pulse_rate_bpm"].notna().any()
    assert table["poor"].all()


def test_a_hand_that_is_warm_in_one_clip_only_is_good_there():
    cold, warm = (
        measure_epoch(
            beating(70, 100.0, scale=scale),
            exact_windows(FIRST_S, FIRST_S + LENGTH_S, 10, PAPER),
            np.empty(0),
            100.0,
            PAPER,
            Continuity(),
            CORRECTED,
            LIMITS,
        )
        for scale in (0.2, 1.0)
    )
    judged = mark_poor(warm, float(cold["amplitude"].median()), Quality(), "all")
    assert not judged["poor"].any()
    assert "usual_amplitude" not in judged
