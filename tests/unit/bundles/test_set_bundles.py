"""Feature sets and networks of the user's own travel in a bundle, and predict elsewhere."""

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import made_bundles as made
import numpy as np
import pytest
from clip_files import clip_file
from small_networks import onnx_level, onnx_means, onnx_with_weights_elsewhere

from tinglegram.bundles.conformal import HeldClips
from tinglegram.bundles.contents import Bundle, distance_name
from tinglegram.bundles.extraction import Decoded, decode_file, only_sound, stretch_features
from tinglegram.bundles.files import read_bundle, temporary_file, write_bundle
from tinglegram.bundles.making import (
    TrainedModel,
    bundle_contents,
    describe_sets,
    portable,
    used_sets,
    without_calibration,
)
from tinglegram.bundles.prediction import choose_models, predict_file
from tinglegram.clock import Timing
from tinglegram.errors import InputProblem
from tinglegram.models.ridge import fit_ridge, predict_ridge
from tinglegram.models.value_settings import RidgeFit
from tinglegram.stimuli.feature_sets import extract_feature_sets, known_set, network_set
from tinglegram.stimuli.network_features import open_network
from tinglegram.stimuli.settings import (
    FEATURE_SETS,
    AcousticFeatures,
    CourseVariant,
    NetworkFeatures,
    TextureFeatures,
    VisualFeatures,
)
from tinglegram.trials.trials import Split, Trials, every_trial

RATE, GRID, STEPS, CLIPS, PEOPLE = 22050, 5, 20, 3, 2
OWN = {
    "binaural": FEATURE_SETS["binaural"].settings(binaural_bands=3),
    "texture": TextureFeatures(texture_bands=3, modulation_bands=2, texture_window=0.6),
    "motion": FEATURE_SETS["motion"].settings(),
}
FILES = {"scene": onnx_means(), "voice": onnx_level(3200)}
NETWORKS = {
    "scene": NetworkFeatures(path="mine/means.onnx", stream="picture", size=(8, 8)),
    "voice": NetworkFeatures(
        path="mine/level.onnx", stream="sound", input_rate=8000, window=0.4, hop=0.4
    ),
}
EVERY = (*OWN, *NETWORKS)
SOUND = AcousticFeatures(sample_rate=RATE, n_fft=2048, n_mfcc=3)
COURSE = CourseVariant(alignment="timestamps", deinterlace="top_field", tone_mapping="mobius")


def clip(number: int, frames: int = 100) -> io.BytesIO:
    """Noise that comes from both sides and fluctuates, and pictures that move and stand still."""

    def heard(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(number)
        loud = 3000 * (1.2 + np.sin(np.arange(len(left)) / (2000 + 700 * number)))
        both = rng.normal(size=len(left)) * loud
        return np.clip(both, -32000, 32000), np.clip(0.4 * np.roll(both, 7), -32000, 32000)

    def paint(place: int) -> np.ndarray:
        x, y = np.meshgrid(np.arange(64), np.arange(64))
        moved = (number + 1) * min(place % 50, 30)
        wave = 120 + 100 * np.sin((x + moved) / 5) * np.cos(y / 7)
        return np.repeat(np.uint8(wave)[..., None], 3, axis=2)

    return clip_file(frames, audio="pcm_s16le", sound_rate=RATE, heard=heard, paint=paint)


def studied(stream: io.BytesIO, steps: int = STEPS) -> dict[str, np.ndarray]:
    """Return the features that a study has of a clip."""
    sets: dict[str, Any] = {name: known_set(name, own) for name, own in OWN.items()}
    for name, own in NETWORKS.items():
        sets[name] = network_set(own, open_network(FILES[name], name, own))
    timing = Timing(clip=steps / GRID, first_trial=None, warm_up=0.0, grid=GRID)
    (found,) = extract_feature_sets(stream, "clip", [COURSE], sets, sample_rate=RATE, timing=timing)
    return {name: arrays["values"] for name, arrays in found.items()}


def described(names: tuple[str, ...] = EVERY) -> dict[str, Any]:
    embedders = {n: open_network(FILES[n], n, NETWORKS[n]) for n in names if n in NETWORKS}
    return describe_sets(
        *(names, VisualFeatures(), SOUND, made.VARIANT, ""), OWN | NETWORKS, embedders
    )


@cache
def trials() -> Trials:
    each = [studied(clip(number)) for number in range(CLIPS)]
    subject, shown = (part.ravel() for part in np.indices((PEOPLE, CLIPS)))
    felt = 1 + np.arange(STEPS)[None] // 4 + shown[:, None] + subject[:, None]
    ratings, rows = felt.astype(np.uint8), len(shown)
    return Trials(
        subject=subject + 1,
        video=np.array([f"vid{c + 1}" for c in shown], object),
        condition=np.full(rows, "ASMR", object),
        order=shown + 1,
        n_steps=np.full(rows, STEPS),
        ratings=ratings,
        labels=(ratings > 4).astype(np.uint8),
        clip_index=shown,
        acoustic_index=2 * shown,
        visual=None,
        acoustic=None,
        pulse=None,
        grid=float(GRID),
        feature_sets={name: np.stack([one[name] for one in each]) for name in EVERY},
    )


def fitted(split: Split, *modalities: str) -> Any:
    fit = RidgeFit(lags=(0.0, 0.4), penalties=(10.0,), inner_folds=2)
    return fit_ridge(trials(), split, modalities, fit)


def trained(*modalities: str) -> TrainedModel:
    own = fitted(every_trial(trials()), *modalities)
    content = portable("ridge", own.arrays)
    reason = without_calibration(modalities, described())
    return TrainedModel(
        {"kind": "ridge", "predicts": "value", "modalities": [*modalities], "averaged": False},
        [content],
        [[content]],
        {"regression": {"concordance": {"value": 0.5}}},
        None,
        HeldClips((), np.empty((0, STEPS)), (), reason or "it has one fold"),
    )


@cache
def contents() -> tuple[dict[str, Any], dict[str, bytes]]:
    models = {
        "regression/all": trained("scene", "motion", "voice", "texture", "binaural"),
        "regression/motion": trained("motion"),
        # As of a study of which a network is TorchScript.
        "regression/script": replaced(trained("motion"), ["motion", "tone"]),
    }
    told = made.about() | {"grid_hz": GRID, "sets": described()}
    told["decoding"] = told["decoding"] | {"sample_rate": RATE}
    return bundle_contents(told, models, trials(), None, FILES)


def replaced(model: TrainedModel, modalities: list[str]) -> TrainedModel:
    reason = without_calibration(modalities, described())
    held = HeldClips((), np.empty((0, STEPS)), (), reason)
    return model._replace(about={**model.about, "modalities": modalities}, held=held)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_bundle(*contents(), tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture(scope="module")
def extracting() -> Bundle:
    """A bundle of all sets without models."""
    decoding = made.about()["decoding"] | {"sample_rate": RATE}
    about = {"grid_hz": GRID, "decoding": decoding, "sets": described()}
    own = {f"networks/{name}.onnx": content for name, content in FILES.items()}
    return Bundle(about, {}, {}, own)


def whole(bundle: Bundle, stream: io.BytesIO, **how: Any) -> Decoded:
    return decode_file(bundle, stream, "film", EVERY, **how)


def test_features_of_a_file_are_those_of_a_study(extracting):
    decoded = whole(extracting, clip(1))
    assert decoded.steps == STEPS and decoded.stereo is not None
    found = stretch_features(extracting, decoded, EVERY, 0, STEPS)
    for name, own in studied(clip(1)).items():
        np.testing.assert_array_equal(found[name], own, err_msg=name)
        assert own.std(axis=0).max() > 0, name


def test_a_stretch_amid_a_film_hears_and_sees_what_is_before_it(extracting):
    """Its features are those of the whole film; a clip cut there would begin anew."""
    film, begin = clip(2, 300), 31
    decoded = whole(extracting, film)
    found = stretch_features(extracting, decoded, EVERY, begin, STEPS)
    own = studied(clip(2, 300), 60)
    for name in ("binaural", "texture", "motion", "scene"):
        np.testing.assert_allclose(
            found[name], own[name][begin : begin + STEPS], rtol=2e-3, atol=2e-3, err_msg=name
        )
    # Windows of a network with a hop of two steps are counted from the begin of the stretch.
    np.testing.assert_array_equal(found["voice"][0::2], found["voice"][1::2])
    even = stretch_features(extracting, decoded, ("voice",), 30, STEPS)["voice"]
    np.testing.assert_allclose(even, own["voice"][30 : 30 + STEPS], atol=1e-6)
    cut = only_sound(extracting, np.asarray(decoded.sound[begin * RATE // GRID :]), "cut")
    alone = stretch_features(extracting, cut, ("texture",), 0, STEPS)["texture"]
    assert np.abs(alone[0] - found["texture"][0]).max() > 0.01


@pytest.mark.parametrize("begin", [0, 1, 7])
def test_motion_of_short_stretches(extracting, begin):
    decoded = whole(extracting, clip(0))
    own = studied(clip(0))["motion"]
    for steps in (1, 2, 9):
        found = stretch_features(extracting, decoded, ("motion",), begin, steps)["motion"]
        np.testing.assert_array_equal(found, own[begin : begin + steps])


def test_pictures_handed_on_in_parts_change_nothing(extracting, monkeypatch):
    """As do files on disk in place of memory."""
    at_once = whole(extracting, clip(1))
    monkeypatch.setattr("tinglegram.bundles.extraction._PICTURES", 5)
    kept = whole(extracting, clip(1), store=temporary_file)
    for name in ("motion", "scene"):
        assert isinstance(kept.pictures[name], np.memmap)
    for held in (at_once, kept):
        found = stretch_features(extracting, held, EVERY, 0, STEPS)
        for name, own in studied(clip(1)).items():
            np.testing.assert_array_equal(found[name], own, err_msg=name)
    assert isinstance(kept.stereo, np.memmap)


def test_sound_in_memory_has_both_ears(extracting):
    stereo = np.asarray(whole(extracting, clip(1)).stereo)
    both = stretch_features(extracting, only_sound(extracting, stereo, "x"), ("binaural",), 0, 9)
    one = only_sound(extracting, np.ascontiguousarray(stereo[:, 0]), "x")
    alike = stretch_features(extracting, one, ("binaural",), 0, 9)["binaural"]
    np.testing.assert_array_equal(both["binaural"], studied(clip(1))["binaural"][:9])
    # The right ear is softer by 20 log10(0.4) = 8 dB, but for what filters take.
    assert both["binaural"][:, :3].mean() == pytest.approx(8, abs=0.5)
    assert (alike[:, :3] == 0).all()


def test_psychoacoustic_features_look_back():
    pytest.importorskip("mosqito")
    own = {"psychoacoustic": FEATURE_SETS["psychoacoustic"].settings()}
    sets = describe_sets(*(["psychoacoustic"], VisualFeatures(), SOUND, made.VARIANT, ""), own, {})
    decoding = made.about()["decoding"] | {"sample_rate": RATE}
    bundle = Bundle({"grid_hz": GRID, "decoding": decoding, "sets": sets}, {}, {})
    rng = np.random.default_rng(0)
    seconds = np.arange(5 * RATE) / RATE
    loud = 2000 * (1.1 + np.sin(2 * np.pi * 4 * seconds))
    decoded = only_sound(bundle, np.int16(loud * rng.normal(size=len(loud))), "x")
    whole_course, part = (
        stretch_features(bundle, decoded, ["psychoacoustic"], *place)["psychoacoustic"]
        for place in ((0, 25), (18, 7))
    )
    np.testing.assert_allclose(part, whole_course[18:], rtol=0.02, atol=0.01)


def test_a_bundle_of_sets_predicts_a_clip_as_the_study_does(folder):
    bundle = read_bundle(folder)
    assert bundle.networks.keys() == {"networks/scene.onnx", "networks/voice.onnx"}
    found = predict_file(bundle, clip(1), "film.avi", models=["all"], store=temporary_file)
    assert found.choice.models == ("regression/all", "regression/motion")
    rows = np.flatnonzero(trials().clip_index == 1)[:1]
    for model in found.choice.models:
        own = bundle.models[model]
        arrays = bundle.arrays[own["final"][0]]
        expected = predict_ridge(trials(), rows, tuple(own["modalities"]), arrays)[0]
        table = found.table[found.table["model"] == model]
        np.testing.assert_allclose(table["mean"], expected, rtol=1e-6)
        assert np.isfinite(table["distance"]).all()
    assert expected.std() > 0.01


def test_a_long_film_is_predicted_in_stretches(folder):
    bundle = read_bundle(folder)
    found = predict_file(bundle, clip(1, 220), "film.avi", models=["regression/all"])
    assert found.table["step"].tolist() == list(range(44))
    assert np.isfinite(found.table["mean"]).all()


def test_a_network_that_is_not_carried_is_named(folder):
    bundle = read_bundle(folder)
    words = "expected models whose feature sets the bundle can compute, found regression/script"
    with pytest.raises(InputProblem, match=f"{words}, which needs tone"):
        choose_models(bundle, ["picture", "sound"], "film.avi", ["regression/script"])
    card = (folder / "README.md").read_text()
    assert "it needs tone, of networks that are no ONNX files" in card
    assert "cannot compute from one: tone." in card
    models = [{"modalities": ["scene", "tone"]}, {"modalities": ["motion"]}]
    assert used_sets(models, ["scene"]) == ["scene", "motion"]
    with pytest.raises(InputProblem, match="networks those in ONNX files"):
        used_sets(models[:1], ["scene"])


def test_no_path_of_the_maker_leaves_with_a_bundle(folder):
    assert "mine/" not in (folder / "bundle.json").read_text()


def changed(folder: Path, edit: Callable[[dict], object]) -> None:
    about = json.loads((folder / "bundle.json").read_text())
    edit(about)
    (folder / "bundle.json").write_text(json.dumps(about))


def setting(name: str, **values: Any) -> Callable[[dict], object]:
    return lambda about: about["sets"][name]["settings"].update(values)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (setting("texture", window=-1), "sets.texture: expected settings of this feature set"),
        (setting("texture", window="1"), "sets.texture: expected settings"),
        (setting("texture", smell=1), "'smell' was unexpected"),
        (lambda a: a["sets"]["motion"]["settings"].pop("columns"), "'columns' is a required"),
        (setting("motion", cut_share=2), "sets.motion: expected settings"),
        (setting("binaural", bands=4), "sets.binaural: expected the columns"),
        (setting("scene", path="networks/voice.onnx"), "sets.scene: expected the file of this"),
        (setting("scene", path="../scene.onnx"), "sets.scene: expected settings"),
        (setting("scene", path="networks/scene.pt"), "sets.scene: expected settings"),
        (setting("scene", size=[8, 1 << 20]), "sets.scene: expected settings"),
        (setting("scene", stream="sound"), "sets.scene: expected the file of this"),
        (setting("voice", window=1e9), "sets.voice: expected settings"),
        (lambda a: a["sets"].update(smell=a["sets"]["scene"]), "sets.smell: expected feature"),
        (lambda a: a["sets"]["motion"].update(file="README.md"), "the file of this feature set"),
    ],
)
def test_sets_that_are_not_as_they_must_be(folder, edit, words):
    changed(folder, edit)
    with pytest.raises(InputProblem, match=words):
        read_bundle(folder)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no network", "networks/scene.onnx: expected a network as ONNX"),
        (onnx_with_weights_elsewhere(), "a network as ONNX, with its weights in the same file"),
        (onnx_means(9), "an input of float32 numbers, shape"),
    ],
)
def test_a_network_that_cannot_be_run_is_named(folder, content, words):
    (folder / "networks/scene.onnx").write_bytes(content)
    own = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    changed(folder, lambda about: _entry(about).update(own))
    bundle = read_bundle(folder)
    # Models that do without it are not hindered.
    predict_file(bundle, clip(1), "film.avi", models=["regression/motion"])
    with pytest.raises(InputProblem, match=words):
        predict_file(bundle, clip(1), "film.avi", models=["regression/all"])


def _entry(about: dict) -> dict:
    return next(own for own in about["files"] if own["path"] == "networks/scene.onnx")


def test_a_network_of_other_columns_is_named(folder):
    changed(folder, lambda about: about["sets"]["voice"].update(columns=["embedding_1"] * 2))
    with pytest.raises(InputProblem, match=r"networks/voice.onnx, sets.voice: expected 2 columns"):
        predict_file(read_bundle(folder), clip(1), "film.avi", models=["regression/all"])


def test_the_name_of_sets_together_keeps_their_order():
    assert distance_name(["b", "texture", "a", "acoustic"]) == "acoustic+texture+a+b"


def test_steps_before_are_whole_hops():
    own = known_set("texture", OWN["texture"])
    assert own.steps_before(0, 0.2) == 0 and own.steps_before(2, 0.2) == 2
    wanted = own.steps_before(100, 0.2)
    assert wanted == int(np.ceil(own.memory / 0.2))
    hops = replace(own, hop=0.6, memory=1.0)
    assert [hops.steps_before(begin, 0.2) for begin in (0, 2, 3, 5, 6, 50)] == [0, 0, 3, 3, 6, 6]
