"""Band envelopes: tones in their bands, agreement with SciPy's gammatone; light and motion."""

from dataclasses import replace

import numpy as np
import pytest
from clip_files import clip_file, sound_file
from scipy import signal

from tinglegram.clock import Timing
from tinglegram.stimuli.bands import band_centres, band_envelopes, erb_width
from tinglegram.stimuli.courses import LightAndMotion, measure_courses
from tinglegram.stimuli.settings import CourseVariant, SoundBands

RATE, HOP = 44100, 4410
TIMING = Timing(clip=2.0, first_trial=1.6, warm_up=0.5, grid=10)
CORRECTED = CourseVariant(alignment="timestamps", deinterlace="top_field", tone_mapping="mobius")


def tone(hz, seconds=1.0, amplitude=0.5):
    at = np.arange(int(RATE * seconds)) / RATE
    return np.round(32768 * amplitude * np.sin(2 * np.pi * hz * at)).astype(np.int16)


def envelopes(samples, centres, power=0.3, n_steps=10):
    centres = np.asarray(centres, dtype=float)
    return band_envelopes(samples, n_steps, sample_rate=RATE, hop=HOP, centres=centres, power=power)


@pytest.mark.parametrize("hz", [100.0, 1000.0, 5000.0])
def test_a_tone_is_loudest_in_the_band_around_it(hz):
    centres = band_centres(SoundBands(), RATE)
    loudest = centres[envelopes(tone(hz), centres)[5].argmax()]
    assert abs(loudest - hz) < erb_width(hz)


def test_the_envelope_of_a_tone_is_its_amplitude_at_the_lowest_band_too():
    for hz in (60.0, 5000.0):
        found = envelopes(tone(hz), [hz], power=0.5)[5:]
        np.testing.assert_allclose(found, 0.5, rtol=1e-3)
    # Twice the intensity is 2 to the power of 0.3, whatever the level.
    soft, loud = (envelopes(tone(5000.0, amplitude=a), [5000.0])[5:] for a in (0.2, 0.4))
    np.testing.assert_allclose(loud / soft, 4**0.3, rtol=1e-3)


@pytest.mark.parametrize("hz", [1000.0, 5000.0])
def test_the_filter_is_scipys_gammatone(hz):
    ratios = np.array([0.9, 1.0, 1.05])
    own = [envelopes(tone(hz * ratio), [hz], power=0.5)[5, 0] for ratio in ratios]
    coefficients = signal.gammatone(hz, "iir", fs=RATE)
    _, theirs = signal.freqz(*coefficients, worN=hz * ratios, fs=RATE)
    # SciPy's own filter is not symmetric around its centre (its zeros): 2 % of the peak.
    np.testing.assert_allclose(np.array(own) / own[1], np.abs(theirs / theirs[1]), atol=0.04)


def test_bands_lie_evenly_in_erbs_and_below_half_of_the_rate():
    bands = SoundBands()
    centres = band_centres(bands, RATE)
    assert len(centres) == 24 and centres[[0, -1]] == pytest.approx([60, 12000])
    widths = np.diff(centres) / [erb_width(hz) for hz in (centres[1:] + centres[:-1]) / 2]
    assert np.ptp(widths) < 0.02 * widths.mean()
    fewer = band_centres(bands, 16000)
    assert fewer[-1] < 7200 and fewer == pytest.approx(centres[: len(fewer)])


def test_silence_has_no_envelope_and_long_sound_is_filtered_in_pieces_without_a_seam():
    centres = [500.0, 5000.0]
    assert not envelopes(np.zeros(RATE, np.int16), centres).any()
    # 30 s are more than are filtered at once.
    found = envelopes(tone(5000.0, 30.0), centres, n_steps=300)
    np.testing.assert_allclose(found[5:, 1], 0.25**0.3, rtol=1e-3)
    # What is missing at the end is silence.
    assert envelopes(tone(5000.0, 0.5), centres)[-1].max() < 0.01


def test_light_and_motion_of_pictures_that_are_known():
    taken = LightAndMotion()
    for level in (0, 51, 51, 255):
        taken.add(np.full((90, 160, 3), level, np.uint8))
    luminance, motion = taken.courses(np.array([0, 1, 1, 2, 3]))
    np.testing.assert_allclose(luminance, [0, 0.2, 0.2, 0.2, 1], atol=1e-6)
    np.testing.assert_allclose(motion, [0.2, 0.2, 0, 0, 0.8], atol=1e-6)
    assert luminance.dtype == motion.dtype == np.float32
    assert [len(course) for course in taken.courses(np.array([0]))] == [1, 1]


def measured(stream, **about):
    return measure_courses(
        stream,
        "a clip",
        [CORRECTED],
        bands=SoundBands(bands=5),
        sample_rate=RATE,
        timing=TIMING,
        **about,
    )[0]


def test_a_clip_has_all_courses_on_the_grid_and_a_sound_has_no_light():
    found = measured(clip_file(70))
    shapes = {name: array.shape for name, array in found.items()}
    assert shapes == {
        "time_s": (15,),
        "bands": (15, 5),
        "centre_hz": (5,),
        "sound_hz": (),
        "luminance": (15,),
        "motion": (15,),
    }
    silent = measured(clip_file(70), with_sound=False)
    assert set(silent) == {"time_s", "luminance", "motion"}
    np.testing.assert_array_equal(silent["luminance"], found["luminance"])
    heard = measured(sound_file(3.0), with_picture=False)
    assert set(heard) == {"time_s", "bands", "centre_hz", "sound_hz"}


def test_every_variant_of_time_has_its_own_courses():
    first = replace(CORRECTED, alignment="first_frame")
    found = measure_courses(
        clip_file(70),
        "a clip",
        [CORRECTED, first],
        bands=SoundBands(bands=3),
        sample_rate=RATE,
        timing=TIMING,
    )
    assert len(found) == 2 and found[0]["bands"].shape == found[1]["bands"].shape
