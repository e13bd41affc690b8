import argparse
import shlex

import numpy as np
import pytest
import yaml
from paths import ROOT

from tinglegram.behaviour.responses import Dimension, ResponseDimensions, ResponseTarget
from tinglegram.behaviour.wording import Scale, scale_of
from tinglegram.settings import add_settings, as_object, as_options, read_settings
from tinglegram.study.configuration import fill_defaults

SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.json").read_text())
GIVEN = {
    "valence": {"kind": "continuous", "range": [-1.0, 1.0], "interpolation": "linear"},
    "button": {},
}
READ = {
    "valence": Dimension(kind="continuous", range=(-1.0, 1.0), interpolation="linear"),
    "button": Dimension(),
}


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (
            ResponseTarget(),
            "Class 1: a response above 0 in ASMR clips; all other frames are class 0.",
        ),
        (
            ResponseTarget(dimension="valence", above=0.25, condition=None),
            "Class 1: valence above 0.25 in any clip; all other frames are class 0.",
        ),
    ],
)
def test_class_1_is_said_in_a_sentence(target, sentence):
    assert target.sentence == sentence


def test_dimensions_come_through_a_command_line_as_they_are():
    filled = {"responses": {"dimensions": {name: dict(about) for name, about in GIVEN.items()}}}
    fill_defaults(filled, SCHEMA)
    assert filled["responses"]["dimensions"]["button"] == {
        "kind": "ordinal",
        "range": None,
        "initial": 0.0,
        "interpolation": "hold",
    }
    parser = argparse.ArgumentParser()
    add_settings(parser, ResponseDimensions)
    options = as_options(filled, ResponseDimensions)
    assert "{" not in options
    found = read_settings(parser.parse_args(shlex.split(options)), ResponseDimensions)
    assert found.dimensions == READ
    # Without the defaults filled in, too.
    assert as_object({"responses": {"dimensions": GIVEN}}, ResponseDimensions).dimensions == READ


def test_a_scale_names_its_ends_and_gives_shares():
    assert (Scale(0, 3).label, Scale(0, 3).share_label) == (" (0–3)", "rating / 3")
    assert (Scale(-1, 1).label, Scale(-1, 1).share_label) == (" (-1–1)", "rating (-1–1)")
    assert (Scale().label, Scale().share_label) == ("", "rating, share of its range")
    assert Scale(-1, 1).share(np.array([-1, 0, 1])).tolist() == [0, 0.5, 1]
    assert Scale().share(np.array([2.0, 4.0, 3.0])).tolist() == [0, 1, 0.5]
    assert Scale().share(np.full(2, 7.0)).tolist() == [0, 0]
    assert scale_of(READ, "valence") == Scale(-1, 1) and scale_of(READ, "button") == Scale()
