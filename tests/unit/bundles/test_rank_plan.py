"""Which files are ranked, by which model, and where each job writes."""

import made_bundles as made
import pytest

from tinglegram.bundles.files import checksums_of, list_media
from tinglegram.bundles.rank_plan import RankPlan, left_out, model_for, rank_schema, streams_used
from tinglegram.errors import InputProblem
from tinglegram.study.configuration_values import value_faults

BOTH = ("picture", "sound")
KEY = "a" * 64
CONFIG = {
    "rank": {
        **{"length": 10.0, "step": 1.0, "best": 3, "shown": 5, "model": None, "confidence": 0.8},
        **{"alike_sound": 0.5, "alike_picture": 0.8},
    },
    "folder": "../films",
    "bundle": "../bundle",
    "bundle_sha256": "b" * 64,
    "model": "regression/ridge",
    "reason": "asked for",
    "streams": ["sound"],
    "contents": {KEY: ["a.mp4", "b.mp4"], "c" * 64: ["c.wav"]},
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return made.bundle_in(tmp_path_factory.mktemp("bundle") / "bundle")


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("a/b.MP4", ""),
        ("a.wav", ""),
        (".a.mp4", "hidden"),
        ("x/.git/a.mp4", "hidden"),
        ("a.srt", ".srt: no film or sound"),
        ("README", "no ending: no film or sound"),
    ],
)
def test_what_is_left_out_says_why(file, why):
    assert left_out(file) == why


def test_one_model_predicts_everything_that_most_files_are_enough_for(bundle):
    choice = model_for(bundle, [BOTH, ("sound",), ()], None, "films")
    assert choice.models == ("acoustic",) and "most files are enough for" in choice.reason
    asked = model_for(bundle, [BOTH], "regression/ridge", "films")
    assert asked.models == ("regression/ridge",)
    assert streams_used(bundle, "regression/ridge") == ["sound"]
    with pytest.raises(InputProblem, match="--model: expected models out of"):
        model_for(bundle, [BOTH], "nobody", "films")
    with pytest.raises(InputProblem, match="films: expected a file with pulse"):
        model_for(bundle, [BOTH], "fusion", "films")


def test_predictions_are_named_by_content_bundle_and_model():
    plan = RankPlan(CONFIG)
    predicted = plan.of_each(f"{plan.predicted}/predictions.tsv")
    assert predicted[0] == f"cache/{KEY}/{'b' * 16}/regression/ridge/predictions.tsv"
    assert plan.file_in("out", KEY) == "out/../films/a.mp4"
    assert plan.bundle_in("out") == "out/../bundle"
    other = RankPlan(CONFIG | {"bundle_sha256": "d" * 64})
    assert not {*predicted} & {*other.of_each(f"{other.predicted}/predictions.tsv")}


def test_a_plan_that_was_written_by_hand_is_checked():
    assert list(value_faults(CONFIG, rank_schema())) == []
    bad = CONFIG | {"rank": CONFIG["rank"] | {"length": 0}, "contents": {"x": ["a"]}}
    assert len(list(value_faults(bad, rank_schema()))) == 2


def test_files_are_listed_without_results_and_read_once(tmp_path):
    films, out = tmp_path / "films", tmp_path / "films/out"
    for name in ("b/two.mp4", "one.mp4", "out/three.mp4"):
        path = films / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name[0])
    names = list_media(films, out)
    assert names == ["b/two.mp4", "one.mp4"]
    known = out / "cache/checksums.tsv"
    first = checksums_of(films, names, known)
    assert first["bytes"].tolist() == ["1", "1"] and first["sha256"].nunique() == 2
    # What is known is not read again: a table that was changed by hand is believed.
    known.write_text(known.read_text().replace(first["sha256"][0], "e" * 64))
    assert checksums_of(films, names, known)["sha256"].tolist() == ["e" * 64, first["sha256"][1]]
    (films / "b/two.mp4").write_text("longer")
    assert checksums_of(films, names, known)["sha256"][0] not in ("e" * 64, first["sha256"][0])
    with pytest.raises(InputProblem, match="expected a folder of films and sounds, found none"):
        list_media(tmp_path / "nowhere", out)
