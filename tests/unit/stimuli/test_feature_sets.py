"""Feature sets of a clip from one decoding: which stream each gets, and at what time."""

import io
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from clip_files import clip_file, noise, sound_file
from small_networks import onnx_means

from tinglegram.clock import Timing
from tinglegram.errors import InputProblem
from tinglegram.stimuli import passes
from tinglegram.stimuli.feature_sets import (
    PictureSet,
    SoundSet,
    extract_feature_sets,
    known_set,
    network_set,
)
from tinglegram.stimuli.network_features import open_network
from tinglegram.stimuli.settings import FEATURE_SETS, CourseVariant, NetworkFeatures

TIMING = Timing(clip=3.0, first_trial=None, warm_up=0.5, grid=10)
FIRST, STAMPS = (
    CourseVariant(alignment=name, deinterlace="none", tone_mapping="none")
    for name in ("first_frame", "timestamps")
)


def left_alone(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return noise(len(left)), np.zeros_like(right)


def of_clip(stream: io.BytesIO, *names: str, variants=(STAMPS,), timing=TIMING, **how):
    sets = {name: known_set(name, FEATURE_SETS[name].settings()) for name in names}
    return extract_feature_sets(
        stream, "clip", variants, sets, sample_rate=44100, timing=timing, **how
    )


def loudness() -> SoundSet:
    """The largest sample of each step, of both channels."""

    def compute(samples, n_steps, *, sample_rate, hop):
        assert sample_rate == 10 * hop
        padded = np.zeros((n_steps * hop, 2))
        padded[: len(samples)] = samples
        return np.abs(padded).reshape(n_steps, hop, 2).max(axis=1).astype(np.float32)

    return SoundSet(compute, lambda rate: ("left", f"right_{rate}"), stereo=True)


class Brightness:
    """The mean of each picture."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def add(self, picture: np.ndarray) -> None:
        self.seen.append(float(picture.mean()))

    def features(self, of_step: np.ndarray) -> np.ndarray:
        return np.array(self.seen, np.float32)[of_step][:, None]


def bright(number: int) -> np.ndarray:
    return np.full((64, 64, 3), 2 * number, np.uint8)


def test_every_set_comes_from_one_decoding():
    stream = clip_file(80, audio="pcm_s16le")
    with patch.object(passes, "decode_clip", wraps=passes.decode_clip) as decoding:
        (found,) = of_clip(stream, "texture", "binaural", "motion")
    assert decoding.call_count == 1
    assert list(found) == ["texture", "binaural", "motion"]
    for arrays in found.values():
        assert arrays["values"].dtype == np.float32
        assert arrays["values"].shape == (TIMING.steps, len(arrays["columns"]))
        assert len(set(arrays["columns"].tolist())) == len(arrays["columns"])
        np.testing.assert_array_equal(
            arrays["time_s"], (np.arange(TIMING.steps) / 10).astype(np.float32)
        )


@pytest.mark.parametrize("name", FEATURE_SETS)
def test_what_comes_later_changes_no_earlier_step(name):
    """A trial that is cut off has the features of the whole clip until then."""
    stream = clip_file(100, audio="pcm_s16le", heard=lambda left, right: (left, noise(len(right))))
    (long,), (short,) = (
        of_clip(stream, name, timing=replace(TIMING, clip=seconds)) for seconds in (3.5, 2.0)
    )
    n = len(short[name]["values"])
    # Filters of a whole sound round differently from those of its beginning.
    scale = np.abs(long[name]["values"]).max(axis=0) + 1e-6
    difference = np.abs(long[name]["values"][:n] - short[name]["values"]) / scale
    assert difference.max() < 1e-3


def test_left_and_right_reach_the_set_that_hears_both():
    (found,) = of_clip(clip_file(80, audio="pcm_s16le", heard=left_alone), "binaural")
    level = found["binaural"]["values"][:, found["binaural"]["columns"] == "ild_200hz_db"]
    assert (level > 30).all()
    (found,) = extract_feature_sets(
        clip_file(80, audio="pcm_s16le", heard=left_alone),
        *("clip", [STAMPS], {"loud": loudness()}),
        sample_rate=44100,
        timing=TIMING,
    )
    assert found["loud"]["columns"].tolist() == ["left", "right_44100"]
    assert (found["loud"]["values"][:, 0] > 8000).all() and not found["loud"]["values"][:, 1].any()


def test_streams_that_start_apart_differ_between_alignments():
    stream = clip_file(90, container="matroska", audio="pcm_s16le", sound_late_ms=400, paint=bright)
    sets = {"loud": loudness(), "bright": PictureSet(Brightness, lambda rate: ["mean"])}
    first, stamps = extract_feature_sets(
        stream,
        *("clip", [FIRST, STAMPS], sets),
        sample_rate=44100,
        timing=replace(TIMING, warm_up=0.0),
    )
    # 0.4 s of silence before the sound, which stands at 0 where timestamps are not asked.
    assert not stamps["loud"]["values"][:4].any() and first["loud"]["values"][:4].all()
    n = TIMING.steps
    np.testing.assert_array_equal(stamps["loud"]["values"][4:n], first["loud"]["values"][: n - 4])
    # Pictures start together with time 0 in both.
    np.testing.assert_array_equal(stamps["bright"]["values"], first["bright"]["values"])
    brightness = stamps["bright"]["values"][:, 0]
    assert brightness[0] < 3 and brightness[-1] > 130 and (np.diff(brightness) >= 0).all()


def test_without_its_stream_a_set_has_no_values():
    (found,) = of_clip(sound_file(4.0), "texture", "motion", with_picture=False)
    assert "values" in found["texture"] and "values" not in found["motion"]
    assert found["motion"]["columns"].size > 3 and len(found["motion"]["time_s"]) == TIMING.steps
    with patch.object(passes, "decode_clip") as decoding:
        (found,) = of_clip(sound_file(4.0), "motion", with_picture=False)
    assert decoding.call_count == 0 and "values" not in found["motion"]
    (found,) = of_clip(clip_file(80, audio=None), "texture", "motion", with_sound=False)
    assert "values" not in found["texture"] and "values" in found["motion"]


def test_a_network_from_a_file_sees_every_picture():
    plain = {"size": (8, 8), "mean": (0.0, 0.0, 0.0), "deviation": (1.0, 1.0, 1.0)}
    settings = NetworkFeatures(path="means.onnx", stream="picture", **plain)
    scene = network_set(settings, open_network(onnx_means(), "means.onnx", settings))
    stream = clip_file(90, audio="pcm_s16le", paint=bright)
    (found,) = extract_feature_sets(
        stream,
        *("clip", [STAMPS], {"scene": scene, "bright": PictureSet(Brightness, lambda _: ["m"])}),
        sample_rate=44100,
        timing=TIMING,
    )
    assert found["scene"]["columns"].tolist() == ["embedding_1", "embedding_2", "embedding_3"]
    shown = found["bright"]["values"] / 255
    np.testing.assert_allclose(found["scene"]["values"], shown.repeat(3, 1), atol=0.01)


def test_values_that_are_no_numbers_are_refused():
    def compute(samples, n_steps, *, sample_rate, hop):
        found = np.ones((n_steps, 2), np.float32)
        found[3, 1] = np.nan
        return found

    with pytest.raises(InputProblem, match="clip, strange, step 3, b: expected finite features"):
        extract_feature_sets(
            sound_file(4.0),
            *("clip", [STAMPS], {"strange": SoundSet(compute, lambda rate: ("a", "b"))}),
            sample_rate=44100,
            timing=TIMING,
            with_picture=False,
        )
