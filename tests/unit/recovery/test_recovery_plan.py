"""Which recovery studies are simulated, in which jobs, with which options."""

import copy
import shlex

import pytest
import yaml
from paths import ROOT

from tinglegram.recovery.cohort import CohortSize
from tinglegram.recovery.plan import RecoveryPlan, recovery_schema
from tinglegram.settings import only
from tinglegram.simulation.design import Reporting
from tinglegram.study.configuration_values import value_faults

CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text()) | yaml.safe_load(
    (ROOT / "workflow/recovery/config.yaml").read_text()
)


@pytest.fixture
def plan() -> RecoveryPlan:
    config = copy.deepcopy(CONFIG)
    config["recovery"] |= {"studies": 10, "chunks": 4}
    out = ["scores", "within", "video_level", "trained", "response_function"]
    config["recovery"]["topics"] |= dict.fromkeys(out)
    return RecoveryPlan(config)


def test_a_statistic_set_to_null_is_taken_out(plan):
    assert list(plan.topics) == [
        "agreement",
        "coupling",
        "mixed_model",
        "rest_change",
        "comparison",
    ]
    n_effects = sum(map(len, plan.topics.values()))
    assert len(plan.tables) == 4 * n_effects
    assert plan.tables[:2] == [f"results/recovery/studies/agreement/0/{k}.parquet" for k in (0, 1)]


def test_chunks_hold_every_study_once(plan):
    seen = []
    for chunk in range(4):
        words = shlex.split(plan.effect_options("coupling", 1, chunk))
        first, n = (int(words[words.index(name) + 1]) for name in ("--first", "--studies"))
        seen += range(first, first + n)
    assert seen == list(range(1, 11))


def test_fewer_studies_where_a_model_is_trained():
    config = CONFIG | {"recovery": CONFIG["recovery"] | {"studies": 40, "trained_studies": 8}}
    plan = RecoveryPlan(config)
    options = [plan.effect_options(topic, 0, 3) for topic in ("coupling", "trained")]
    assert [text.split(" --first ")[1] for text in options] == ["31 --studies 10", "7 --studies 2"]


def test_an_effect_may_be_called_like_a_negative_number(plan):
    words = shlex.split(plan.effect_options("coupling", 1, 0))
    assert words[:5] == ["--topic", "coupling", "--cell=-0.1", "--parameters", "coupling=-0.1"]


def test_how_people_report_is_that_of_the_recovery_studies(plan):
    assert CONFIG["data"]["simulation"] is None
    found = plan.options(CohortSize, only(Reporting, "agreement", "level"))
    assert found == "--participants 34 --agreement 0.6 --level ASMR=0.25 Nature=0.25"
    assert plan.png == "docs/images/recovery.png"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"people": 8}, "people: unknown key. Known: participants, "),
        ({"participants": 0}, "participants: expected a whole number of at least 1, found 0"),
        ({"studies": 2.5}, "studies: expected a whole number of at least 1, found 2.5"),
        (
            {"topics": {"scores": {"x": {"clip": "much"}}}},
            "topics.scores.x.clip: expected a number",
        ),
        ({"figure": "page.png"}, "figure: expected a path that ends in .svg, found "),
        ({"topics": {"scores": None}}, None),
        ({}, None),
    ],
)
def test_what_the_recovery_studies_are_told_is_checked(change, sentence):
    found = [f.sentence for f in value_faults(CONFIG["recovery"] | change, recovery_schema())]
    assert len(found) == bool(sentence) and all(one.startswith(sentence) for one in found)


def test_every_job_has_a_study():
    few = RecoveryPlan(CONFIG | {"recovery": CONFIG["recovery"] | {"studies": 3, "chunks": 8}})
    assert few.chunks == 3
    options = [few.effect_options("coupling", 0, chunk) for chunk in range(few.chunks)]
    assert [text.split(" --first ")[1] for text in options] == [
        f"{k} --studies 1" for k in (1, 2, 3)
    ]
