"""Bundles that are damaged or not for this version, and files that a model cannot do with."""

import json
import pickle
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import made_bundles as made
from clip_files import clip_file, sound_file
from error_cases import Case

from tinglegram.bundles.extraction import settings_as_written
from tinglegram.bundles.files import read_bundle
from tinglegram.bundles.making import used_sets
from tinglegram.bundles.prediction import choose_models, predict_file
from tinglegram.bundles.tensors import read_tensors
from tinglegram.stimuli.settings import TextureFeatures
from tinglegram.study.files import folder_of_run

TITLE = "Bundles, and predictions from them"
NETWORK = "models/acoustic/final_seed1.safetensors"


def changed(edit: Callable[[dict], object]) -> Callable[[Path], None]:
    """Read a bundle whose description somebody changed."""

    def provoke(folder: Path) -> None:
        place = made.written(folder / "bundle") / "bundle.json"
        about = json.loads(place.read_text())
        edit(about)
        place.write_text(json.dumps(about))
        read_bundle(folder / "bundle")

    return provoke


def spoiled(spoil: Callable[[Path], object]) -> Callable[[Path], None]:
    """Read a bundle of which somebody changed a file."""

    def provoke(folder: Path) -> None:
        spoil(made.written(folder / "bundle"))
        read_bundle(folder / "bundle")

    return provoke


def no_bundle(folder: Path) -> None:
    (folder / "bundle").mkdir()
    read_bundle(Path("bundle"))


def newer(about: dict) -> None:
    about |= {"format_version": 2, "tinglegram_version": "3.0"}


def unknown_set(about: dict) -> None:
    about["sets"]["smell"] = about["sets"]["acoustic"]


def flipped(folder: Path) -> None:
    content = bytearray((folder / NETWORK).read_bytes())
    content[-1] ^= 1
    (folder / NETWORK).write_bytes(content)


def linked(folder: Path) -> None:
    (folder / "README.md").unlink()
    (folder / "README.md").symlink_to("bundle.json")


def huge_header(_: Path) -> None:
    read_tensors(struct.pack("<Q", 1 << 60) + b"{}", NETWORK)


def pickled(_: Path) -> None:
    read_tensors(pickle.dumps({"weights": 1}), NETWORK)


def of_model(name: str) -> Callable[[Path], None]:
    """Predict the response to a sound with a model that is named."""

    def provoke(folder: Path) -> None:
        choose_models(made.bundle_in(folder / "bundle"), ["sound"], "song.wav", [name])

    return provoke


def of_other_network(folder: Path) -> None:
    bundle = made.bundle_in(folder / "bundle")
    about = json.loads(json.dumps(bundle.about))
    about["models"]["acoustic"]["modalities"].append("voice")
    choose_models(replace(bundle, about=about), ["sound"], "song.wav", ["acoustic"])


def wide_texture(about: dict) -> None:
    settings = settings_as_written(TextureFeatures()) | {"window": -1}
    about["sets"]["texture"] = about["sets"]["acoustic"] | {"settings": settings, "log1p": []}


def of_film(folder: Path) -> None:
    predict_file(made.bundle_in(folder / "bundle"), clip_file(30, audio=None), "silent.avi")


def of_moment(folder: Path) -> None:
    predict_file(made.bundle_in(folder / "bundle"), sound_file(0.3), "click.wav")


def only_pulse(_: Path) -> None:
    used_sets([{"modalities": ["pulse"]}, {"modalities": ["acoustic", "eda"]}])


def moved(folder: Path) -> None:
    (folder / "copies" / "demo").mkdir(parents=True)
    folder_of_run(folder / "copies" / "demo", "demo")


CASES = [
    Case(
        "a folder that is no bundle",
        "bundle: expected a bundle, a folder with bundle.json, found none. Name the "
        "folder of a bundle; tinglegram bundle RESULTS makes one.",
        no_bundle,
    ),
    Case(
        "a bundle of a later version",
        "bundle.json: expected a bundle of format version 1, found version 2, written by "
        "Tinglegram 3.0. Read it with the version of Tinglegram that wrote it, or have "
        "the bundle made anew by this one.",
        changed(newer),
    ),
    Case(
        "a bundle with a feature set that is not known here",
        "bundle.json, sets.smell: expected feature sets out of visual, motion, acoustic, "
        "binaural, psychoacoustic, texture, or of a network of the bundle, found smell. Read "
        "the bundle with a version of Tinglegram that computes this set.",
        changed(unknown_set),
    ),
    Case(
        "a description that lacks something",
        "bundle.json, top level: expected entries as its schema says, found 'clips' is a "
        "required property. Get the bundle again from where it came from, or make it "
        "anew.",
        changed(lambda about: about.pop("clips")),
    ),
    Case(
        "a file that is missing",
        "models/acoustic/final_seed1.safetensors: expected a file that the bundle lists, "
        "found none. Get the bundle again from where it came from, or make it anew.",
        spoiled(lambda folder: (folder / NETWORK).unlink()),
    ),
    Case(
        "a file that was added",
        "run.py: expected files that the bundle lists, found one more. Take it out of the "
        "folder, if you know where it came from.",
        spoiled(lambda folder: (folder / "run.py").write_text("1")),
    ),
    Case(
        "a file that is damaged",
        "models/acoustic/final_seed1.safetensors: expected the checksum that the bundle "
        "lists, found another: it is damaged. Get the bundle again from where it came "
        "from, or make it anew.",
        spoiled(flipped),
    ),
    Case(
        "a link in place of a file",
        "README.md: expected a file, found a link. Get the bundle again from where it "
        "came from, or make it anew.",
        spoiled(linked),
    ),
    Case(
        "weights whose header is larger than they are",
        "models/acoustic/final_seed1.safetensors, header: expected a safetensors file "
        "with a header of at most 2 bytes, found 1152921504606846976 declared. Get the "
        "bundle again from where it came from, or make it anew.",
        huge_header,
    ),
    Case(
        "a pickle in place of weights",
        "models/acoustic/final_seed1.safetensors, header: expected a safetensors file "
        "with a header of at most 19 bytes, found 278201472 declared. Get the bundle "
        "again from where it came from, or make it anew.",
        pickled,
    ),
    Case(
        "a model that is not in the bundle",
        "--model: expected models out of fusion, acoustic, trees, regression/ridge, "
        "regression/network, regression/trees, found best. Name one of them, or all.",
        of_model("best"),
    ),
    Case(
        "a model that needs a pulse",
        "song.wav: expected a file with pulse, which model fusion needs, found none. Of "
        "this bundle's models, acoustic, trees, regression/ridge, regression/network, "
        "regression/trees can do with such a file (--model).",
        of_model("fusion"),
    ),
    Case(
        "a model that needs a network that a bundle cannot carry",
        "--model: expected models whose feature sets the bundle can compute, found acoustic, "
        "which needs voice. A bundle carries networks as ONNX files alone. Of this bundle's "
        "models, trees, regression/ridge, regression/network, regression/trees can do with such "
        "a file (--model).",
        of_other_network,
    ),
    Case(
        "settings of a feature set that its schema does not allow",
        "bundle.json, sets.texture: expected settings of this feature set, found -1 is less than "
        "or equal to the minimum of 0. Get the bundle again from where it came from, or make it "
        "anew.",
        changed(wide_texture),
    ),
    Case(
        "a silent film, and models of sound",
        "silent.avi: expected a file with sound, which model acoustic needs, found none. "
        "No model of this bundle can do with such a file.",
        of_film,
    ),
    Case(
        "a file that is too short",
        "click.wav: expected at least 0.5 s of sound, found 0.30 s. Name a longer file.",
        of_moment,
    ),
    Case(
        "a study whose models all need signals",
        "bundle: expected a model whose features can be computed from a film or a sound, "
        "found acoustic, eda, pulse. Name a model of features of pictures or sound alone "
        "under models, of networks those in ONNX files, and run the study again.",
        only_pulse,
    ),
    Case(
        "a bundle of results that were moved",
        "copies/demo: expected the results of demo where they were made, in results/demo, "
        "found them in copies/demo. Name the folder that the study was run into: its "
        "models are trained there.",
        moved,
    ),
]
