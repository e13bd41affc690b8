"""A bundle is written the same way twice, and read only if it is what it says, unexecuted."""

import hashlib
import json
import os
import pickle
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import made_bundles as made
import numpy as np
import pytest
from safetensors.numpy import load, save

from tinglegram.bundles.contents import SCHEMA, check_about
from tinglegram.bundles.files import read_bundle, temporary_file
from tinglegram.bundles.making import portable
from tinglegram.bundles.model_card import model_card
from tinglegram.bundles.tensors import LONGEST_HEADER, read_tensors
from tinglegram.bundles.trees import check_trees
from tinglegram.errors import InputProblem

NETWORK = "models/acoustic/final_seed1.safetensors"
TREES = "models/trees/final_seed1.json"


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    return made.written(tmp_path_factory.mktemp("kept") / "bundle")


@pytest.fixture
def folder(kept, tmp_path) -> Path:
    """A copy that a test may spoil."""
    shutil.copytree(kept, tmp_path / "bundle")
    return tmp_path / "bundle"


def put(folder: Path, path: str, content: bytes) -> None:
    """Change a file as somebody would who knows the format: its size and checksum fit again."""
    (folder / path).write_bytes(content)
    change(folder, lambda about: _list(about, path, content))


def _list(about: dict, path: str, content: bytes) -> None:
    own = next(entry for entry in about["files"] if entry["path"] == path)
    own |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def change(folder: Path, edit: Callable[[dict], object]) -> None:
    about = json.loads((folder / "bundle.json").read_text())
    edit(about)
    (folder / "bundle.json").write_text(json.dumps(about))


def refused(folder: Path, words: str) -> None:
    with pytest.raises(InputProblem, match=words):
        read_bundle(folder)


def test_a_bundle_comes_back_as_it_was_written(kept):
    bundle = read_bundle(kept)
    about, contents = made.contents()
    assert {k: v for k, v in bundle.about.items() if k != "files"} == about
    assert list(bundle.models) == list(made.MODELS)
    own = load(contents[NETWORK])
    assert own.keys() == bundle.arrays[NETWORK].keys()
    for name, array in own.items():
        np.testing.assert_array_equal(array, bundle.arrays[NETWORK][name])


def test_the_same_study_gives_the_same_bytes(kept, tmp_path):
    again = made.written(tmp_path / "again")
    for path in kept.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (again / path.relative_to(kept)).read_bytes()


def test_an_older_bundle_in_its_place_is_replaced(folder):
    (folder / "left.txt").write_text("of an older run")
    read_bundle(made.written(folder))
    assert not list(folder.parent.glob(".*partial"))


def test_a_missing_file_is_named(folder):
    (folder / TREES).unlink()
    refused(folder, f"{TREES}: expected a file that the bundle lists, found none")


def test_an_added_file_is_named(folder):
    (folder / "models/run.py").write_text("print('hello')")
    refused(folder, "models/run.py: expected files that the bundle lists, found one more")


def test_a_flipped_bit_is_noticed(folder):
    content = bytearray((folder / NETWORK).read_bytes())
    content[-1] ^= 1
    (folder / NETWORK).write_bytes(content)
    refused(folder, f"{NETWORK}: expected the checksum")


def test_a_cut_file_is_noticed(folder):
    (folder / NETWORK).write_bytes((folder / NETWORK).read_bytes()[:-8])
    refused(folder, f"{NETWORK}: expected [0-9]+ bytes, found")


@pytest.mark.parametrize("version", [2, 0, "1", None])
def test_a_version_that_is_not_known_is_named(folder, version):
    change(folder, lambda about: about.update(format_version=version))
    refused(folder, f"format version 1, found version {version}, written by Tinglegram 0.1.0")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda a: a.update(format="other"), "expected the format tinglegram-bundle, found other"),
        (lambda a: a.pop("clips"), "'clips' is a required property"),
        (lambda a: a.update(more=1), "'more' was unexpected"),
        (lambda a: a.update(grid_hz="4"), "grid_hz: expected entries as its schema says"),
        (lambda a: a["models"]["trees"].update(kind="pickle"), "models.trees.kind"),
        (lambda a: a["models"]["trees"].update(final=["models/none.json"]), "files that it lists"),
        (lambda a: a["files"].append(a["files"][0]), "each file once"),
        (lambda a: a["files"][0].update(path="../other.json"), "files.0.path"),
        (lambda a: a["files"][0].update(path="/etc/other.json"), "files.0.path"),
        (lambda a: a["files"][0].update(path="models/.hidden.json"), "files.0.path"),
        (lambda a: a["sets"]["acoustic"]["settings"].update(n_mfcc=10**9), "sets.acoustic"),
        (lambda a: a["sets"].update(smell=a["sets"]["acoustic"]), "feature sets out of"),
        (lambda a: a["models"]["acoustic"]["settings"].update(hidden=1 << 40), "of a network"),
        (lambda a: a["models"]["acoustic"]["settings"].update(hidden=5), "expected the shape"),
        (lambda a: a["models"]["acoustic"]["settings"].update(padding="x"), "of a network"),
        (lambda a: a.update(steps=made.STEPS + 1), "errors of every held-out clip"),
        (lambda a: a["distances"].append(["visual"]), "distances in known feature sets"),
    ],
)
def test_a_description_that_is_not_as_it_must_be(folder, edit, words):
    change(folder, edit)
    refused(folder, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{", "a JSON object"),
        (b"[]", "found a list"),
        (b'{"a": NaN}', "the number NaN"),
        (b'{"a": 1, "a": 2}', "a name that stands twice"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff\xfe", "a JSON object"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "a JSON object"),
    ],
)
def test_a_description_that_is_no_json(folder, text, words):
    (folder / "bundle.json").write_bytes(text)
    refused(folder, words)


def test_links_are_not_followed(folder, tmp_path):
    (tmp_path / "secret").write_bytes((folder / TREES).read_bytes())
    (folder / TREES).unlink()
    (folder / TREES).symlink_to(tmp_path / "secret")
    refused(folder, f"{TREES}: expected a file, found a link")


def test_linked_folders_are_not_followed(folder, tmp_path):
    shutil.move(folder / "models", tmp_path / "elsewhere")
    (folder / "models").symlink_to(tmp_path / "elsewhere")
    refused(folder, "models: expected a file, found a link")


def test_a_pipe_is_not_waited_for(folder):
    (folder / TREES).unlink()
    os.mkfifo(folder / TREES)
    refused(folder, f"{TREES}: expected a file, found something else")


def test_no_bundle_at_all(tmp_path):
    refused(tmp_path, "a folder with bundle.json")
    refused(tmp_path / "none", "expected the folder of a bundle, found none")


class Bomb:
    """Says that it was executed, when it is unpickled."""

    def __reduce__(self):
        return (os.mkdir, ("executed",))


def test_a_pickle_by_another_name_is_not_executed(folder, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    content = pickle.dumps(Bomb())
    put(folder, NETWORK, content)
    refused(folder, "a safetensors file")
    put(folder, TREES, content)
    put(folder, NETWORK, made.contents()[1][NETWORK])
    refused(folder, "a JSON object")
    assert not (tmp_path / "executed").exists()
    # That it would have been.
    pickle.loads(content)  # noqa: S301
    assert (tmp_path / "executed").exists()


def tensors(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(dtype="F32", shape=(2,), offsets=(0, 8), **more) -> dict:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)} | more


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"1234", "found 4 bytes"),
        (struct.pack("<Q", 1 << 62) + b"{}", "a header of at most 2 bytes, found 4611686018"),
        (tensors(b" " * (LONGEST_HEADER + 1)), "a header of at most 1048576 bytes"),
        (tensors(b"{}" + b"\xff"), "a JSON object"),
        (tensors({"a": entry()}), "8 bytes of data"),
        (tensors({"a": entry(shape=(1 << 40, 1 << 40))}, bytes(8)), "bytes of data, as its shape"),
        (tensors({"a": entry(shape=(0, 1 << 40), offsets=(0, 0))}, bytes(8)), "tensors of 8 bytes"),
        (tensors({"a": entry(shape=(-2,))}, bytes(8)), "a shape of at most 8 numbers"),
        (tensors({"a": entry(shape=(True, 2))}, bytes(8)), "a shape of at most 8 numbers"),
        (tensors({"a": entry(shape=(1,) * 9)}, bytes(8)), "a shape of at most 8 numbers"),
        (tensors({"a": entry(dtype="O")}, bytes(8)), "a dtype out of"),
        (tensors({"a": entry(dtype=["F32"])}, bytes(8)), "a dtype out of"),
        (tensors({"a": entry(offsets=(8, 0))}, bytes(8)), "8 bytes of data"),
        (tensors({"a": entry(offsets=(0, 8, 16))}, bytes(8)), "a begin and an end"),
        (tensors({"a": entry(code="print()")}, bytes(8)), "an entry with"),
        (tensors({"a": entry(), "b": entry()}, bytes(8)), "a gap or an overlap at byte 8"),
        (tensors({"a": entry(offsets=(8, 16))}, bytes(16)), "a gap or an overlap at byte 0"),
        (tensors({"a": entry()}, bytes(16)), "tensors of 16 bytes, found 8"),
        (tensors({"__metadata__": {"a": 1}}), "texts in its metadata"),
    ],
)
def test_a_header_that_lies_is_refused(content, words):
    with pytest.raises(InputProblem, match=words):
        read_tensors(content, "x.safetensors")


def test_arrays_are_those_of_the_library():
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.array(7), "c": np.zeros((0, 2), "f4")}
    found = read_tensors(save(arrays, {"about": "them"}), "x")
    assert found.about == {"about": "them"} and found.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(found.arrays[name], array)


@pytest.mark.parametrize("fault", ["shape", "nan", "missing", "added", "integers"])
def test_a_network_of_other_tensors_is_refused(folder, fault):
    arrays = dict(load((folder / NETWORK).read_bytes()))
    name = "head.weight"
    if fault == "missing":
        del arrays[name]
    elif fault == "added":
        arrays["more"] = np.zeros(1, "f4")
    else:
        own = arrays[name]
        arrays[name] = {"shape": own.T, "nan": own * np.nan, "integers": own.astype(int)}[fault]
        arrays[name] = np.array(arrays[name], order="C")
    put(folder, NETWORK, save(arrays))
    refused(folder, f"{NETWORK}")


def trees_with(edit: Callable[[dict], object]) -> bytes:
    model = json.loads(made.contents()[1][TREES])
    edit(model)
    return json.dumps(model).encode()


def tree(model: dict) -> dict:
    return model["learner"]["gradient_booster"]["model"]["trees"][0]


def booster(model: dict) -> dict:
    return model["learner"]["gradient_booster"]


WIDTH = made.acoustic(made.noise(0)).shape[1]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda m: m.pop("learner"), "a learner"),
        (lambda m: booster(m).update(name="dart"), "expected gbtree, found dart"),
        (lambda m: booster(m).update(name="gblinear"), "expected gbtree, found gblinear"),
        (lambda m: m["learner"].update(extra={}), "the parts of an XGBoost model"),
        (lambda m: m["learner"]["objective"].update(name="rank:ndcg"), "binary:logistic"),
        (lambda m: m["learner"]["learner_model_param"].update(num_feature="9999"), "num_feature"),
        (lambda m: m["learner"]["learner_model_param"].update(base_score="x"), "base_score"),
        (lambda m: m["learner"]["learner_model_param"].update(base_score="inf"), "base_score"),
        (lambda m: tree(m)["split_indices"].__setitem__(0, WIDTH), f"a feature below {WIDTH}"),
        (lambda m: tree(m)["split_indices"].__setitem__(0, -1), f"a feature below {WIDTH}"),
        (lambda m: tree(m)["left_children"].__setitem__(0, 1 << 30), "children that are nodes"),
        (lambda m: tree(m)["left_children"].__setitem__(0, 0), "children that are nodes"),
        (lambda m: tree(m)["right_children"].__setitem__(0, -1), "children that are nodes"),
        (lambda m: tree(m)["left_children"].append(-1), "nodes of"),
        (lambda m: tree(m)["split_conditions"].__setitem__(0, "0"), "split_conditions"),
        (lambda m: tree(m)["default_left"].__setitem__(0, 7), "0 or 1 for missing values"),
        (lambda m: tree(m)["split_type"].__setitem__(0, 1), "splits of numbers"),
        (lambda m: tree(m)["categories"].append(1), "splits of numbers"),
        (lambda m: tree(m)["tree_param"].update(num_nodes="1000000000"), "nodes of"),
        (lambda m: booster(m)["model"].update(trees=[]), "one tree in each round"),
        (lambda m: booster(m)["model"]["tree_info"].__setitem__(0, 5), "one tree in each round"),
        (lambda m: booster(m)["model"]["iteration_indptr"].append(99), "one tree in each round"),
    ],
)
def test_trees_that_lead_elsewhere_are_refused(edit, words):
    with pytest.raises(InputProblem, match=words):
        check_trees(trees_with(edit), "x.json", n_features=WIDTH, predicts="probability")


def test_trees_of_ours_are_accepted_and_predict_the_same():
    import xgboost

    rng = np.random.default_rng(0)
    frames = rng.normal(size=(500, 5)).astype("f4")
    frames[::7, 2] = np.nan
    labels = (frames[:, 0] + rng.normal(size=500) > 0).astype(int)
    data = xgboost.DMatrix(frames, labels)
    for objective, predicts in (("binary:logistic", "probability"), ("reg:squarederror", "value")):
        settings = {"objective": objective, "max_depth": 6, "nthread": 1, "base_score": 0.5}
        fitted = xgboost.train(settings, data, 40)
        content = portable("xgboost", bytes(fitted.save_raw("ubj")))
        check_trees(content, "x.json", n_features=5, predicts=predicts)
        again = xgboost.Booster({"nthread": 1}, model_file=bytearray(content))
        np.testing.assert_array_equal(again.predict(data), fitted.predict(data))


@pytest.mark.parametrize(
    ("path", "plain"),
    [("a.json", True), ("a/b-1.json", True), ("../a", False), ("a/../b", False), ("/a", False)]
    + [("a//b", False), (".a", False), ("a\n", False), ("a\\b", False), ("", False), ("a/", False)],
)
def test_plain_paths(path, plain):
    from jsonschema import Draft202012Validator

    listed = SCHEMA["properties"]["files"]["items"]["properties"]["path"]
    assert Draft202012Validator(listed).is_valid(path) == plain


def test_the_schema_is_one_and_takes_what_is_written(kept):
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(SCHEMA)
    check_about(json.loads((kept / "bundle.json").read_text()), "bundle.json")


def test_the_card_says_what_a_reader_must_know(kept):
    card = (kept / "README.md").read_text()
    assert card == model_card(json.loads((kept / "bundle.json").read_text()))
    for words in (
        "Trained on simulated people",
        "3 participants and 4 clips",
        "tingle above 2 in a clip of condition ASMR",
        "| **fusion** | bilstm | acoustic, pulse | ROC AUC within clips 0.900 |",
        "| condition_only | baseline |  | ROC AUC within clips 0.500 |",
        "**acoustic: undecided.** Nothing is shown.",
        "fusion: No calibrated interval: it needs more than a film or a sound.",
        "of clips like the 4 training clips, at least 80 % have the mean reported response of 3",
        "Only acoustic, trees, regression/ridge, regression/network, regression/trees can do with",
        "Licence: CC-BY-4.0",
        "No citation is given",
    ):
        assert words in card, words


def test_a_temporary_file_is_empty_and_has_no_name():
    with temporary_file() as kept:
        assert kept.write(b"abc") == 3 and not Path(str(kept.name)).is_file()
