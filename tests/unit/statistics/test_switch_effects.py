import pandas as pd
import pytest

from tinglegram.report.tables.switch_effects import switch_effects_page
from tinglegram.statistics.switch_effects import switch_effects
from tinglegram.study.consistency import switch_choices
from tinglegram.study.protocols import PROTOCOLS, switches
from tinglegram.study.schema import switch_schemas

OWN = {"masked": {"from": "described", "padding": "masked"}}


def seeds(mean: float, sd: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"model": "fusion", "seed": ["1", "mean", "sd"], "macro_f1": [0.5, mean, sd]}
    )


def effects(own=OWN) -> pd.DataFrame:
    values = {p: switches(p, {}, own) for p in ("described", *own)}
    tables = {"described": seeds(0.70, 0.01), **{p: seeds(0.72, 0.02) for p in own}}
    return switch_effects(tables, values, "described", "fusion")


def test_difference_from_the_base_and_the_switch_behind_it():
    found = effects().set_index("protocol")
    assert found.loc["masked", "difference"] == pytest.approx(0.02)
    assert found.loc["masked", ["switch", "base_value", "value"]].tolist() == [
        "padding",
        "counted",
        "masked",
    ]
    assert found.loc["described", "difference"] == 0
    assert switch_effects_page(effects()).splitlines()[-1] == (
        "| `padding` | counted | masked | 72.00 | 2.00 | +2.00 |"
    )


@pytest.mark.parametrize(
    ("entries", "found"),
    [({}, "nothing"), ({"padding": "masked", "checkpoint": "last"}, "padding, checkpoint")],
)
def test_protocols_must_differ_in_one_switch(entries, found):
    with pytest.raises(ValueError, match=f"other differs from described in {found}"):
        effects({"other": {"from": "described", **entries}})


def test_own_protocol_changes_only_what_it_names():
    changed = switches("masked", {"checkpoint": "last"}, OWN)
    assert changed == PROTOCOLS["described"] | {"padding": "masked", "checkpoint": "last"}


def test_corrected_holds_the_last_value_of_every_switch():
    # reference.md, end: the corrected value stands last, but for the open validation fraction and
    # the second detector of beats, which is a choice.
    choices = {name: switch_choices(schema) for name, schema in switch_schemas().items()}
    last = {name: values[-1] for name, values in choices.items() if values}
    open_choices = {"validation_fraction": 0.1, "peak_detector": "prominence"}
    assert PROTOCOLS["corrected"] == last | open_choices
