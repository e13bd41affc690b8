"""Material is found again in other files, and other parts of the same scene are not."""

import io

import numpy as np
import pytest
import recoded
from hypothesis import given, settings
from hypothesis import strategies as st

from tinglegram.bundles.fingerprints import (
    PRINT_RATE,
    Excerpt,
    Fingerprint,
    Match,
    fingerprint_of,
    matches,
    picture_fields,
    sound_course,
)
from tinglegram.bundles.rank_settings import Ranking

ALIKE = {"sound": Ranking().alike_sound, "picture": Ranking().alike_picture}


def rain(seed: int, seconds: float) -> np.ndarray:
    """Steady noise that grows louder and softer in the same rhythm, whatever the seed."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * PRINT_RATE)) / PRINT_RATE
    loud = 2000 * (1.2 + np.sin(2 * np.pi * time / 1.5))
    return np.rint(loud * rng.normal(size=len(time))).clip(-32768, 32767).astype(np.int16)


@pytest.fixture(scope="module")
def film() -> bytes:
    return recoded.film(9.0)


def printed(content: bytes) -> Fingerprint:
    return fingerprint_of(io.BytesIO(content), "film")


@pytest.mark.parametrize("name", recoded.WAYS)
def test_a_film_is_found_again_in_another_encoding(film, name):
    again = printed(recoded.recoded(film, **recoded.WAYS[name]))
    prints = [printed(film), again]
    begin = round(10 * recoded.WAYS[name].get("start", 0.0))
    stretches = [Excerpt(0, begin + 15, 45), Excerpt(1, 10, 45)]
    _, found = matches(prints, stretches, ALIKE)
    assert found is not None and found.owner == 0
    assert abs(found.later - (-5)) <= 1


def test_other_parts_of_the_same_scene_are_not_joined(film):
    prints = [printed(film)]
    assert matches(prints, [Excerpt(0, 0, 45), Excerpt(0, 45, 45)], ALIKE) == [None, None]


def test_a_common_rhythm_of_loudness_makes_no_sounds_alike():
    prints = [Fingerprint({"sound": sound_course(rain(seed, 10.0), 100)}) for seed in (1, 2)]
    assert matches(prints, [Excerpt(0, 0, 100), Excerpt(1, 0, 100)], ALIKE)[1] is None
    level = [Fingerprint({"sound": sound_course(rain(1, 10.0) // k, 100)}) for k in (1, 4)]
    assert matches(level, [Excerpt(0, 0, 100), Excerpt(1, 0, 100)], ALIKE)[1] is not None


def test_silence_and_stills_tell_nothing():
    silent = Fingerprint({"sound": sound_course(np.zeros(10 * PRINT_RATE, np.int16), 100)})
    still = Fingerprint({"picture": np.ones((100, 36), np.float32)})
    both = [Excerpt(0, 0, 100), Excerpt(1, 0, 100)]
    assert matches([silent, silent], both, ALIKE) == [None, None]
    assert matches([still, still], both, ALIKE) == [None, None]
    # Of a still with sound, the sound tells.
    heard = Fingerprint(still.courses | {"sound": sound_course(rain(1, 10.0), 100)})
    assert matches([heard, heard], both, ALIKE)[1] == Match(0, 0, pytest.approx(1.0))


def test_every_stream_that_counts_must_agree():
    rng = np.random.default_rng(1)
    sound, one, other = (rng.normal(size=(80, n)).astype("f4") * 9 for n in (15, 36, 36))
    prints = [Fingerprint({"sound": sound, "picture": own}) for own in (one, other)]
    both = [Excerpt(0, 0, 80), Excerpt(1, 0, 80)]
    assert matches(prints, both, ALIKE)[1] is None
    assert matches(prints, both, {"sound": 0.6})[1] == Match(0, 0, pytest.approx(1.0))


@given(st.integers(0, 1000), st.integers(20, 60), st.integers(0, 40), st.integers(-25, 25))
@settings(max_examples=40, deadline=None)
def test_the_lag_is_found_where_half_is_shared_and_only_there(seed, length, first, later):
    course = np.random.default_rng(seed).normal(size=(140, 15)).astype(np.float32) * 3
    prints = [Fingerprint({"sound": course}), Fingerprint({"sound": course})]
    begin = first + 26
    stretches = [Excerpt(0, begin, length), Excerpt(1, begin + later, length)]
    found = matches(prints, stretches, ALIKE)[1]
    if 2 * (length - abs(later)) >= length:
        assert found is not None and (found.owner, found.later) == (0, later)
        assert found.alike == pytest.approx(1.0, abs=1e-4)
    else:
        assert found is None


def test_a_short_sound_is_found_within_a_longer_one():
    course = np.random.default_rng(3).normal(size=(100, 15)).astype(np.float32) * 3
    prints = [Fingerprint({"sound": course}), Fingerprint({"sound": course[62:92]})]
    found = matches(prints, [Excerpt(0, 0, 100), Excerpt(1, 0, 30)], ALIKE)
    assert found[1] is not None and found[1].later == 62
    back = matches(prints, [Excerpt(1, 0, 30), Excerpt(0, 0, 100)], ALIKE)
    assert back[1] is not None and back[1].later == -62


def test_fields_are_relative_to_the_picture():
    picture = np.zeros((60, 90, 3), np.uint8)
    picture[:10, :15] = 255
    fields = picture_fields(picture)
    assert fields.shape == (36,)
    assert fields[0] == pytest.approx(255 * 35 / 36, rel=0.01)
    assert fields[1:] == pytest.approx(-255 / 36, rel=0.01)


def test_what_cannot_be_decoded_has_no_fingerprint():
    assert fingerprint_of(io.BytesIO(b"no film"), "x").courses == {}
