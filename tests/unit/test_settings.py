"""Settings are declared once; everything else is made from the declarations."""

import argparse
import json
import shlex
from collections.abc import Mapping
from dataclasses import MISSING
from typing import Annotated, Literal

import pytest
import yaml
from jsonschema import Draft202012Validator
from paths import ROOT

from tinglegram.models.settings import Boosting, NetworkTraining
from tinglegram.settings import (
    ABOVE_ZERO,
    SWITCH,
    At,
    Bounds,
    add_settings,
    as_object,
    as_options,
    only,
    options_of,
    read_settings,
    schema_of,
    section,
    value_at,
    walk,
)
from tinglegram.study.schema import (
    CLASSES,
    configuration_schema,
    overlay_schema,
    settings_page,
    switch_schemas,
)

CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
SCHEMAS = ROOT / "workflow" / "schemas"


@section("some.place")
class Example:
    """Every kind of setting."""

    seconds: Annotated[float, ABOVE_ZERO, "Seconds."] = 2.5
    count: Annotated[int | None, Bounds(minimum=1), "How many; null: all."] = None
    band: Annotated[tuple[float, float], "Two numbers."] = (0.5, 4.0)
    words: Annotated[tuple[Literal["a", "b"], ...], "Words."] = ("a",)
    effect: Annotated[Mapping[str, float], "Condition -> bpm."]
    drawn: Annotated[bool, "Whether it is drawn, in 100 % of cases."] = True
    seed: Annotated[int, At(("seed",)), "Seed."] = 1
    way: Annotated[Literal["one", "other"], SWITCH, "Which way."]


GIVEN = {
    "seed": 7,
    "some": {
        "place": {
            "seconds": 5.0,
            "count": None,
            "band": [1.0, 2.0],
            "words": ["b", "a"],
            "effect": {"ASMR": -4.0},
            "drawn": False,
        }
    },
}


def parsed(text: str, cls: type) -> object:
    parser = argparse.ArgumentParser()
    add_settings(parser, cls)
    return read_settings(parser.parse_args(shlex.split(text)), cls)


def test_a_script_gets_the_object_that_the_configuration_describes():
    options = as_options(GIVEN, Example, switches={"way": "other"})
    found = parsed(options, Example)
    assert found == as_object(GIVEN, Example, {"way": "other"})
    assert found == Example(
        seconds=5.0,
        band=(1.0, 2.0),
        words=("b", "a"),
        effect={"ASMR": -4.0},
        drawn=False,
        seed=7,
        way="other",
    )


@pytest.mark.parametrize("number", [-0.5, -1e-05, 1e-300, 0.1 + 0.2, 2000.0, 1e22])
def test_a_number_comes_through_as_it_is(number):
    config = {"some": {"place": {"seconds": number, "band": [number, 1.0]}}}
    part = only(Example, "seconds", "band")
    found = parsed(as_options(config, part), part)
    assert (found.seconds, found.band) == (number, (number, 1.0))


def test_options_hold_no_more_than_a_step_reads():
    assert as_options(GIVEN, only(Example, "seconds", "seed")) == "--seconds 5.0 --seed 7"
    with pytest.raises(ValueError, match="Example has no setting minutes"):
        only(Example, "minutes")


def test_a_switch_needs_its_protocol():
    with pytest.raises(ValueError, match="way is a switch"):
        as_options(GIVEN, Example)


def test_a_value_of_a_switch_is_one_of_its_own(capsys):
    with pytest.raises(SystemExit):
        parsed(as_options(GIVEN, Example, switches={"way": "third"}), Example)
    assert "invalid choice: 'third'" in capsys.readouterr().err


def test_help_shows_a_percent_sign(capsys):
    with pytest.raises(SystemExit):
        parsed("--help", Example)
    assert "in 100 % of cases" in capsys.readouterr().out


def test_bounds_stand_in_the_schema():
    found = {setting.name: schema_of(setting) for setting in walk([Example])}
    assert found["seconds"] == {
        "type": "number",
        "exclusiveMinimum": 0,
        "description": "Seconds.",
    }
    assert found["count"]["type"] == ["integer", "null"]
    assert found["band"]["minItems"] == found["band"]["maxItems"] == 2
    assert found["words"]["items"] == {"enum": ["a", "b"]}
    assert "way" not in found


@pytest.mark.parametrize("setting", list(walk(CLASSES)), ids=lambda s: ".".join(s.path))
def test_the_default_is_that_of_config_yaml(setting):
    if setting.path[:2] == ("data", "simulation"):
        assert CONFIG["data"]["simulation"] is None
        return
    value = value_at(CONFIG, setting.path)
    if setting.default is MISSING:
        # A study names its own clips, models, dimensions and numbers of networks and trainings.
        assert setting.name in ("clips", "models", "network_seeds", "dimensions", "retrainings")
    else:
        expected = tuple(value) if isinstance(value, list) else value
        assert setting.default == expected


def test_the_written_schemas_are_those_of_the_declarations():
    for name, schema in (("config", configuration_schema()), ("overlay", overlay_schema())):
        written = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
        assert written == json.loads(json.dumps(schema)), "run: make configuration"


def test_the_page_shows_every_setting():
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert settings_page() in page, "run: make configuration"


def descriptions(schema: object, path: str = "") -> list[str]:
    """Paths of all keys of a configuration that have no description."""
    if not isinstance(schema, dict):
        return []
    found = []
    for name, entry in schema.get("properties", {}).items():
        found += [] if entry.get("description") else [f"{path}.{name}"]
        found += descriptions(entry, f"{path}.{name}")
    return found + descriptions(schema.get("additionalProperties"), f"{path}.*")


def test_every_entry_of_the_schemas_has_a_description():
    assert descriptions(configuration_schema()) == []


def in_an_editor(text: str, folder: str) -> list[str]:
    """What the schema that a file's first line names says of it, as an editor shows it."""
    first = text.splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    path = (ROOT / folder / first.split("=", 1)[1]).resolve()
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    found = Draft202012Validator(schema).iter_errors(yaml.safe_load(text))
    return [error.message for error in found]


STUDIES = ("demo", "feature_gain", "published", "round_trip", "switches")


@pytest.mark.parametrize(
    "path",
    ["config.yaml", *(f"workflow/studies/{n}.yaml" for n in STUDIES)],
)
def test_configurations_validate_in_an_editor(path):
    folder = path.rpartition("/")[0]
    assert in_an_editor((ROOT / path).read_text(encoding="utf-8"), folder) == []


def test_an_editor_shows_what_is_wrong_in_an_overlay():
    text = (ROOT / "workflow/studies/demo.yaml").read_text(encoding="utf-8")
    wrong = text.replace("  clip: 20.0", "  clip: long\n  clipp: 1.0")
    found = in_an_editor(wrong + "clips: {vid1: null}\n", "workflow/studies")
    assert any("clipp" in message for message in found)
    assert any("'long' is not of type 'number'" in message for message in found)
    assert len(found) == 2


@pytest.mark.parametrize(
    "overlay",
    [
        "clips: {vid1: {file: other.avi}, vid2: null}",
        "models: {visual: {modalities: [visual, pulse]}, acoustic: null}",
        "training: {network_seeds: {corrected: 2}}",
    ],
)
def test_an_overlay_may_change_one_thing_of_an_entry(overlay):
    first = "# yaml-language-server: $schema=../schemas/overlay.schema.json\n"
    assert in_an_editor(first + overlay, "workflow/studies") == []


def test_settings_of_one_name_are_one_option_only_at_one_place():
    assert len(options_of([Example, only(Example, "seed")])) == 8
    with pytest.raises(ValueError, match="would both be --learning-rate"):
        as_options(CONFIG, only(NetworkTraining, "learning_rate"), only(Boosting, "learning_rate"))


def test_a_protocol_sets_every_switch_that_is_declared_to_a_value_it_can_take():
    from tinglegram.study.consistency import contradictions
    from tinglegram.study.protocols import PROTOCOLS

    switches = switch_schemas()
    for protocol, values in PROTOCOLS.items():
        assert set(values) == set(switches)
        assert list(contradictions(CONFIG | {"overrides": values}, switches)) == [], protocol
