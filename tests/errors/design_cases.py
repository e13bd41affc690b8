"""Designs and effects that the design page (make power) cannot simulate."""

import copy

import yaml
from error_cases import Case
from overlay import CONFIG
from paths import ROOT

from tinglegram.recovery.design_plan import PowerPlan

TITLE = "People and clips of planned studies"
OWN = {
    key: value
    for name in ("config", "power")
    for key, value in yaml.safe_load((ROOT / f"workflow/recovery/{name}.yaml").read_text()).items()
}


def _check(conditions: dict[str, str], **changes: object) -> None:
    config = copy.deepcopy({"clips": CONFIG["clips"], **OWN})
    config["power"] |= changes
    for clip, condition in conditions.items():
        config["clips"][clip]["condition"] = condition
    PowerPlan(config).check()


def _designs(given: str, message: str, **changes: object) -> Case:
    """What `power` of an overlay says."""
    return Case(given, message, lambda _: _check({}, **changes))


def _conditions(given: str, message: str, conditions: dict[str, str]) -> Case:
    """A study whose clips are of other conditions."""
    return Case(given, message, lambda _: _check(conditions))


CASES = [
    _designs(
        "No effect of 0",
        "power: signals: expected 0 among the effects, for the false positives, found [0.1, 0.2]. "
        "Add 0.",
        signals=[0.1, 0.2],
    ),
    _designs(
        "Effects of both signs",
        "power: couplings: expected effects of one sign, found [0, -0.1, 0.2]. Keep the negative "
        "or the positive ones.",
        couplings=[0, -0.1, 0.2],
    ),
    _designs(
        "Fewer people than folds, and no effect of 0: both are said",
        "power: agreements: expected 0 among the effects, for the false positives, found "
        "[0.1, 0.2]. Add 0.\n"
        "power: a design of 6 people, 8 + 8 clips has 8 folds and fewer people. Raise "
        "participants, or lower clips or most_folds.",
        participants=[6, 34],
        clips=[4, 8],
        agreements=[0.1, 0.2],
    ),
    _designs(
        "A marked design that is not simulated",
        "power: the marked design of 34 people, 5 + 5 clips is none of those simulated. Add 34 to "
        "participants and 5 to clips, or mark another one: marked_participants, marked_clips.",
        marked_clips=5,
    ),
    _conditions(
        "A condition of which nobody said how often it is reported",
        "recovery: reporting: level: expected a value for condition Rain, found "
        "['ASMR', 'Nature']. Add Rain.",
        {f"vid{number}": "Rain" for number in (5, 6, 7, 8)},
    ),
    _conditions(
        "Clips of three conditions",
        "clips: the design page needs clips of two conditions, found ['Speech', 'ASMR', 'Nature']. "
        "Leave the target and one other in an overlay.",
        {"vid1": "Speech"},
    ),
]
