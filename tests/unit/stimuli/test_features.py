"""All features of a clip from one decoding, and the image network by its name."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from clip_files import clip_file, sound_file
from PIL import Image

from tinglegram.clock import Timing
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.inputs.clips import inspect_clip
from tinglegram.stimuli import acoustic, visual
from tinglegram.stimuli.features import extract_features
from tinglegram.stimuli.files import load_network
from tinglegram.stimuli.settings import AcousticFeatures, FeatureVariant

TIMING = Timing(clip=2.0, first_trial=1.6, warm_up=0.5, grid=10)
CROP, DIRECT = "shorter_side_256_crop_224", "direct_224"
RELEASED = {"alignment": "first_frame", "deinterlace": "none", "tone_mapping": "none"}
CORRECTED = {"alignment": "timestamps", "deinterlace": "top_field", "tone_mapping": "mobius"}
VARIANTS = [
    FeatureVariant(resize=CROP, audio_window="2048", **RELEASED),
    FeatureVariant(resize=DIRECT, audio_window="cover_hop", **CORRECTED),
    FeatureVariant(resize=DIRECT, audio_window="2048", **(RELEASED | {"alignment": "timestamps"})),
]
SOUND = AcousticFeatures()


def extract(variants, sound=SOUND):
    return extract_features(
        clip_file(70),
        "ASMR1.avi",
        variants,
        network=visual.untrained_network(1),
        image_size=64,
        sound=sound,
        timing=TIMING,
    )


def test_every_variant_has_its_own_features_on_the_grid():
    found = extract(VARIANTS)
    assert found.fps == 25 and len(found.variants) == 3
    crop, covering, direct = found.variants
    for arrays in found.variants:
        shapes = {name: array.shape for name, array in arrays.items()}
        n = len(acoustic.column_names())
        assert shapes == {
            "visual": (15, 512),
            "acoustic": (15, n),
            "acoustic_first": (11, n),
            "time_s": (15,),
        }
        assert {array.dtype for array in arrays.values()} == {np.dtype("float32")}
    np.testing.assert_array_equal(covering["visual"], direct["visual"])
    np.testing.assert_array_equal(crop["acoustic"], direct["acoustic"])
    assert not np.array_equal(crop["visual"], direct["visual"])
    assert not np.array_equal(covering["acoustic"], direct["acoustic"])
    np.testing.assert_allclose(crop["time_s"], np.arange(15) / 10)


def test_a_variant_does_not_depend_on_the_others():
    alone, among = extract(VARIANTS[1:2]).variants[0], extract(VARIANTS).variants[1]
    assert all(np.array_equal(alone[name], among[name]) for name in alone)


@pytest.mark.parametrize("stream", ["picture", "sound"])
def test_one_stream_of_a_clip_has_the_features_it_has_beside_the_other(stream):
    both = extract(VARIANTS).variants
    alone = extract_features(
        clip_file(70),
        "ASMR1.avi",
        VARIANTS,
        network=visual.untrained_network(1) if stream == "picture" else None,
        image_size=64,
        sound=SOUND,
        timing=TIMING,
        with_sound=stream == "sound",
    )
    names = {"picture": {"visual"}, "sound": {"acoustic", "acoustic_first"}}[stream]
    assert np.isnan(alone.fps) == (stream == "sound")
    for own, whole in zip(alone.variants, both, strict=True):
        assert own.keys() == names | {"time_s"}
        assert all(np.array_equal(own[name], whole[name]) for name in own)


def test_a_sound_file_alone_has_features():
    timing = replace(TIMING, first_trial=None)
    found = extract_features(
        sound_file(3.0),
        "rain.wav",
        VARIANTS[:1],
        network=None,
        image_size=64,
        sound=SOUND,
        timing=timing,
    )
    (arrays,) = found.variants
    # Nothing shown first is cut off.
    assert {name: len(array) for name, array in arrays.items()} == {"acoustic": 15, "time_s": 15}
    assert found.findings == ()


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_file_stands_as_long_as_it_is_shown(form, tmp_path):
    picture = np.full((64, 48, 3), 200, dtype=np.uint8)
    picture[:32] = 40
    path = tmp_path / f"still.{form.lower()}"
    Image.fromarray(picture).save(path, form)
    with path.open("rb") as stream:
        found = extract_features(
            stream,
            path.name,
            VARIANTS[:2],
            network=visual.untrained_network(1),
            image_size=64,
            sound=SOUND,
            timing=TIMING,
            with_sound=False,
        )
    for arrays in found.variants:
        assert arrays["visual"].shape == (15, 512)
        assert (arrays["visual"] == arrays["visual"][0]).all() and arrays["visual"].any()
    assert inspect_clip(str(path), TIMING, 44100, ["picture"]) == []


def test_a_clip_is_inspected_for_the_streams_that_count(tmp_path):
    path = tmp_path / "silent.avi"
    path.write_bytes(clip_file(70, audio=None).getvalue())
    assert inspect_clip(str(path), TIMING, 44100, ["picture"]) == []
    (lacking,) = inspect_clip(str(path), TIMING, 44100)
    assert (lacking.kind, lacking.found) == ("unusable_stimulus", "no sound stream")
    path = tmp_path / "rain.wav"
    path.write_bytes(sound_file(3.0).getvalue())
    assert inspect_clip(str(path), TIMING, 44100, ["sound"]) == []
    (short,) = inspect_clip(str(path), replace(TIMING, clip=9.0), 44100, ["sound"])
    assert short.found == "3.00 s declared in its header"


def test_a_grid_must_divide_the_sound():
    with pytest.raises(TinglegramError, match="does not divide a sound of 22051 Hz"):
        extract(VARIANTS, AcousticFeatures(sample_rate=22051))


def test_a_network_is_known_by_its_name_or_the_path_of_its_weights(tmp_path):
    network, name = load_network("untrained", seed=3)
    assert name == "untrained"
    path = tmp_path / "own.pth"
    torch.save(network.state_dict(), path)
    stored, name = load_network(str(path), seed=3)
    assert name == "own.pth"
    for ours, theirs in zip(network.parameters(), stored.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    path.write_bytes(b"none")
    with pytest.raises(InputProblem, match="own.pth: expected a readable state dict of ResNet-18"):
        load_network(str(path), seed=3)
