"""Configurations that are sound, where keys stand, and that no value at all ends in a traceback.

What each fault says is in tests/errors/configuration_cases.py.
"""

import copy
import itertools

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from paths import ROOT

from tinglegram.errors import TinglegramError
from tinglegram.models.baselines import BASELINES
from tinglegram.models.perturbations import PERTURBATIONS
from tinglegram.study import configuration
from tinglegram.study.configuration_lines import key_places, place, read_keys
from tinglegram.study.configuration_values import value_faults
from tinglegram.study.consistency import contradictions, drop_removed, put_in_order

SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.json").read_text())
DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text())
DEMO = configuration.merged_configuration(
    [DEFAULT, yaml.safe_load((ROOT / "workflow/studies/demo.yaml").read_text())]
)


def sentences(config: dict) -> list[str]:
    faults = list(value_faults(config, SCHEMA)) or list(
        contradictions(config, SCHEMA["$defs"]["switches"])
    )
    return [fault.sentence for fault in faults]


@pytest.mark.parametrize("config", [DEFAULT, DEMO], ids=["config.yaml", "demo.yaml"])
def test_what_is_delivered_is_sound(config):
    assert sentences(config) == []


def test_folds_of_people_are_sound_without_published_predictions():
    folds = {"scheme": "leave_one_participant_out", "number": None, "covariate": None}
    assert sentences(DEFAULT | {"folds": folds}) == []


@pytest.mark.parametrize("section", ["controls", "perturbations"])
def test_controls_are_those_the_library_has(section):
    known = {"controls": BASELINES, "perturbations": PERTURBATIONS}[section]
    assert set(SCHEMA["properties"][section]["items"]["enum"]) == set(known)
    assert DEFAULT[section] == list(known)


def test_every_pattern_is_put_in_words():
    def patterns(schema):
        if isinstance(schema, dict):
            yield from [schema] if "pattern" in schema else []
            yield from itertools.chain.from_iterable(map(patterns, schema.values()))

    found = list(patterns(SCHEMA))
    assert len(found) == 13
    assert all("x-expected" in schema for schema in found)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"study": "mine\n"}, "study: expected a name"),
        ({"seed": True}, "seed: expected a whole number"),
        (
            {"data": DEMO["data"] | {"root": None}},
            "data.root: null, but data.simulation writes its files there; name a folder",
        ),
    ],
)
def test_a_fault_that_is_easily_missed(changes, sentence):
    assert any(found.startswith(sentence) for found in sentences(DEMO | changes))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"particpants": 8},
            "data.simulation.particpants: unknown key. Did you mean 'participants'?",
        ),
        (
            {"level": {"ASRM": 0.0}},
            "data.simulation.level.ASRM: no condition 'ASRM'. Did you mean 'ASMR'?",
        ),
        (
            {"thresholds": [0.6, 0.0]},
            "data.simulation.thresholds: expected ascending values, found [0.6, 0.0]",
        ),
        (
            {"thresholds": [0, 1, 2, 3]},
            "data.simulation.thresholds: 4 values make ratings 0 to 4, but ratings has no key "
            "for 4",
        ),
    ],
)
def test_faults_of_a_simulation(changes, expected):
    config = copy.deepcopy(DEMO)
    config["data"]["simulation"] |= changes
    assert sentences(config) == [expected]


def test_an_overlay_moves_no_clip():
    # As Snakemake merges them: what an overlay names comes first.
    merged = {"clips": {"vid5": {"file": "other.avi"}, "extra": {}}} | {"study": "x"}
    merged["clips"] |= {k: v for k, v in DEFAULT["clips"].items() if k != "vid5"}
    merged |= {k: v for k, v in DEFAULT.items() if k not in merged}
    put_in_order(merged, DEFAULT)
    assert list(merged) == list(DEFAULT)
    assert list(merged["clips"]) == [*DEFAULT["clips"], "extra"]
    assert merged["clips"]["vid5"] == {"file": "other.avi"}


def test_clips_and_models_set_to_null_are_dropped():
    config = {"clips": {"a": None, "b": {}}, "models": None, "seed": None}
    drop_removed(config)
    assert config == {"clips": {"b": {}}, "models": None, "seed": None}


def read(text: str, source: str):
    return read_keys(text.encode(), source)


def test_a_key_is_placed_where_it_is_decided():
    base = read("pulse:\n  window: 5\n  band: [1, 2]\nseed: 1\n", "base.yaml")[1]
    overlay = read("# mine\npulse:\n  windw: 4\n  band:\n  - 1\n  - 3\n", "mine.yaml")[1]
    sources = [base, overlay, key_places({"seed": 3}, "the command line")]
    assert place(["pulse", "band", 1], sources) == "mine.yaml, line 6"
    assert place(["pulse", "windw"], sources) == "mine.yaml, line 3"
    assert place(["pulse", "window"], sources) == "base.yaml, line 2"
    assert place(["seed"], sources) == "the command line"
    # What nobody wrote is missing from the section that was there first.
    assert place(["pulse", "step"], sources) == "base.yaml, line 1"
    assert place(["nowhere"], sources) == "base.yaml"


def test_merged_and_repeated_keys_are_told_apart():
    settings, outline = read(
        "a: &it {b: 1, c: 2}\nd:\n  <<: *it\n  b: 3\n  e: 4\n  e: 5\n", "x.yaml"
    )
    assert settings["d"] == {"b": 3, "c": 2, "e": 5}
    assert outline.doubled == [(("d", "e"), 5, 6)]
    assert outline.lines["d", "b"] == 4
    assert outline.lines["d", "c"] == 1


def test_json_is_read_with_its_lines():
    settings, outline = read('{\n\t"seed": 1,\n\t"pulse": {"band": [1,\t2]}\n}\n', "x.json")
    assert settings == {"seed": 1, "pulse": {"band": [1, 2]}}
    assert outline.lines["pulse", "band", "1"] == 3


def test_numbers_deep_inside_are_found():
    deep = "[" * 100_000
    with pytest.raises(TinglegramError, match="values nested without end"):
        read(deep, "x.yaml")


@given(st.binary(max_size=60))
@example(b"? [a]\n: 1\n")
@example(b"a: !!python/object:os.system {}\n")
@example(b"a: 1\n---\nb: 2\n")
@example(b"a: 2025-99-99\n")
def test_any_file_gives_settings_or_a_clear_error(content):
    try:
        settings, _ = read_keys(content, "file.yaml")
    except TinglegramError as problem:
        assert str(problem).startswith("file.yaml")
    else:
        assert isinstance(settings, dict)


def paths(config: object, path: tuple = ()):
    yield path
    entries = config.items() if isinstance(config, dict) else ()
    if isinstance(config, list):
        entries = enumerate(config)
    for key, value in entries:
        yield from paths(value, (*path, key))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


@settings(max_examples=300)
@given(st.sampled_from([path for path in paths(DEMO) if path]), VALUES)
@example(("own_protocols",), {"mine": {"from": ["released"]}})
@example(("overrides",), {"padding": ["masked"]})
def test_any_value_gives_faults_or_none(path, value):
    config = copy.deepcopy(DEMO)
    inner = config
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert all(isinstance(sentence, str) for sentence in sentences(config))
