"""What is said about the pulse of a participant: polarity, limits, height, held samples."""

import numpy as np
import pytest

from tinglegram.pulse.beats import BeatLimits, PulseMethods
from tinglegram.pulse.continuity import Continuity, clip_continuity, held_samples
from tinglegram.pulse.epochs import Epoch
from tinglegram.pulse.findings import (
    UsualPulse,
    held_finding,
    irregular_finding,
    limits_finding,
    low_pulse_finding,
    polarity_finding,
    usual_pulse,
)
from tinglegram.pulse.polarity import inverted_epochs, is_inverted, turned
from tinglegram.pulse.windows import RELEASED, Rates, Windowing
from tinglegram.simulation.pulse_wave import template

RATES = Rates(46.2, 48.0, 171.4)


def pulse(bpm, rate=100.0, seconds=30.0):
    time = np.arange(round(seconds * rate)) / rate
    return Epoch(template(bpm / 60 * time), time)


@pytest.mark.parametrize("rate", [20.0, 100.0, 2000.0])
@pytest.mark.parametrize("bpm", [45, 72, 130])
def test_a_wave_that_is_upside_down_is_seen(bpm, rate):
    upright = pulse(bpm, rate)
    assert not is_inverted([upright], rate)
    assert is_inverted([turned(upright)], rate)
    assert np.array_equal(turned(turned(upright)).signal, upright.signal)


def test_polarity_is_not_decided_without_a_wave():
    time = np.arange(3000) / 100
    # A sine is the same upside down; a short or constant recording shows nothing.
    assert not is_inverted([Epoch(-np.sin(7 * time), time)], 100.0)
    assert not is_inverted([Epoch(-pulse(72).signal[:900], time[:900])], 100.0)
    assert not is_inverted([Epoch(np.zeros(3000), time)], 100.0)
    assert not is_inverted([], 100.0)


def test_the_usual_pulse_is_that_of_the_slowest_and_the_fastest_clip():
    found = usual_pulse([pulse(44), pulse(178), pulse(70)], 100.0, Windowing(), BeatLimits())
    assert (found.slowest, found.fastest) == pytest.approx((44, 178), rel=0.02)
    # The band-pass takes more from a fast pulse than from a slow one.
    assert 1.2 < found.height < 3.2
    nothing = usual_pulse([Epoch(np.zeros(500), np.zeros(500))], 100.0, Windowing(), BeatLimits())
    assert np.isnan(nothing).all()


@pytest.mark.parametrize(
    ("slowest", "fastest", "named"),
    [
        (72, 80, False),
        (51, 160, False),
        (49, 80, True),
        (44, 50, True),
        (80, 178, True),
        (np.nan, np.nan, False),
    ],
)
def test_a_pulse_at_the_limits_is_named(slowest, fastest, named):
    found = limits_finding(UsualPulse(slowest, fastest, 3.0), RATES)
    assert (found is not None) == named


def test_a_pulse_that_is_low_for_a_fixed_prominence_is_named():
    low, high = UsualPulse(72, 72, 0.7), UsualPulse(72, 72, 3.0)
    assert low_pulse_finding(low, Windowing(), RELEASED)
    assert low_pulse_finding(high, Windowing(), RELEASED) is None
    assert low_pulse_finding(low, Windowing(), PulseMethods(prominence="relative")) is None


def test_an_upright_wave_and_one_of_its_own_rate_are_no_findings():
    assert polarity_finding(False, RELEASED) is None
    assert held_finding(pulse(72).signal, 100.0) is None


@pytest.mark.parametrize("times", [2, 7, 100])
def test_held_samples_are_no_disconnects_and_no_clipping(times):
    held = np.repeat(pulse(72, 20.0).signal, times)
    assert held_samples(held) == times
    counts = clip_continuity(held, 20.0 * times, Continuity())
    assert counts["n_bad"] == 0
    # A rate that is no multiple: values stand 62 or 63 times.
    uneven = pulse(72, 32.0).signal[(np.arange(60_000) * 32 // 2000) % 960]
    assert held_samples(uneven) in (62, 63)


def test_a_disconnect_in_held_samples_is_found():
    values = pulse(72, 20.0).signal.copy()
    values[200:240] += 100
    counts = clip_continuity(np.repeat(values, 100), 2000.0, Continuity())
    assert counts["n_disconnected"] == pytest.approx(4000, abs=200)


def test_flat_lines_and_coarse_values_are_not_held():
    wave = pulse(72).signal.copy()
    wave[500:2500] = wave[500]
    assert held_samples(wave) == 1
    assert held_samples(np.round(pulse(72, 1000.0).signal * 40) / 40) == 1
    assert held_samples(np.zeros(1000)) == 1
    assert held_samples(np.zeros(1)) == 1


@pytest.mark.parametrize("rate", [25.0, 100.0])
def test_a_clip_that_is_turned_over_is_found_beside_the_others(rate):
    up, down = pulse(72, rate), turned(pulse(66, rate))
    assert inverted_epochs([up, down, up], rate) == [False, True, False]
    assert inverted_epochs([down, up, down], rate) == [True, False, True]
    # What shows nothing by itself is what the others are.
    still = Epoch(np.zeros(3000), np.arange(3000) / 100)
    assert inverted_epochs([down, still], rate) == [True, True]
    assert inverted_epochs([], rate) == []


def test_the_polarity_of_a_clipped_wave_is_not_judged():
    signal = pulse(72).signal
    clipped = Epoch(np.minimum(signal, np.percentile(signal, 40)), np.arange(len(signal)) / 100)
    assert not is_inverted([clipped], 100.0)


def test_irregular_beats_are_told_from_a_pulse():
    noise = np.random.default_rng(1).standard_normal(4000)
    for signal, irregular in ((pulse(72).signal, False), (noise, True)):
        epoch = Epoch(signal, np.arange(len(signal)) / 100)
        usual = usual_pulse([epoch], 100.0, Windowing(), BeatLimits())
        assert bool(irregular_finding(usual)) == irregular
    # A pulse beyond the limits is regular all the same.
    usual = usual_pulse([pulse(72)], 100.0, Windowing(), BeatLimits(rate_range=(90.0, 200.0)))
    assert irregular_finding(usual) is None
