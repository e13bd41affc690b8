"""Which recovery studies are simulated, in which jobs, with which options."""

import copy
import shlex
from dataclasses import replace

import pytest
import yaml
from paths import ROOT

from tinglegram.recovery.cohort import CohortSize
from tinglegram.recovery.plan import RecoveryPlan, recovery_schema
from tinglegram.recovery.topics import TOPICS
from tinglegram.settings import only
from tinglegram.simulation.design import Reporting
from tinglegram.study.configuration_values import value_faults

CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text()) | yaml.safe_load(
    (ROOT / "workflow/recovery/config.yaml").read_text()
)


@pytest.fixture
def plan() -> RecoveryPlan:
    config = copy.deepcopy(CONFIG)
    config["recovery"] |= {"studies": 10, "null_studies": 20, "chunks": 4}
    taken = ["scores", "within", "video_level", "verdicts", "response_function"]
    taken += ["trained", "trained_trees", "trained_network"]
    config["recovery"]["topics"] |= dict.fromkeys(taken)
    return RecoveryPlan(config)


def test_a_statistic_set_to_null_is_taken_out(plan):
    assert list(plan.topics) == [
        "agreement",
        "coupling",
        "lagged",
        "mixed_model",
        "rest_change",
        "covariates",
        "reliability",
        "comparison",
    ]
    tables = plan.tables("agreement")
    assert len(tables) == 4 * len(plan.topics["agreement"])
    assert tables[:2] == [f"results/recovery/studies/agreement/0/{k}.parquet" for k in (0, 1)]


def test_of_statistics_that_are_not_simulated_the_summaries_that_are_there_are_shown(plan):
    assert plan.simulated == plan.shown == list(plan.topics) and not plan.not_shown
    plan.config["recovery"]["only"] = ["lagged"]
    there = replace(plan, there=["docs/recovery/comparison.tsv", "docs/recovery/scores.tsv"])
    assert there.simulated == ["lagged"] and there.shown == ["lagged", "comparison"]
    assert there.not_shown == [t for t in plan.topics if t not in ("lagged", "comparison")]
    plan.config["recovery"]["only"] = ["scores", "lagged"]
    assert [fault.split("found ")[1] for fault in plan.faults()] == ["scores"]


def test_chunks_hold_every_study_once(plan):
    seen = []
    for chunk in range(4):
        words = shlex.split(plan.effect_options("coupling", 1, chunk))
        first, n = (int(words[words.index(name) + 1]) for name in ("--first", "--studies"))
        seen += range(first, first + n)
    assert seen == list(range(1, 11))


def test_studies_depend_on_what_there_is_to_find_and_on_what_trains():
    kinds = {"ridge": 12, "xgboost": 8, "bilstm": 4}
    changed = {"studies": 40, "null_studies": 80, "trained_studies": kinds, "chunks": 4}
    plan = RecoveryPlan(CONFIG | {"recovery": CONFIG["recovery"] | changed})
    topics = ("coupling", "trained", "trained_trees", "trained_network")
    options = [plan.effect_options(topic, 0, 3) for topic in topics]
    assert [text.split(" --first ")[1] for text in options] == [
        "61 --studies 20",
        "10 --studies 3",
        "7 --studies 2",
        "4 --studies 1",
    ]
    assert plan.effect_options("coupling", 1, 3).endswith(" --first 31 --studies 10")


def test_which_effects_are_nothing():
    nothing = {
        topic: [name for name, given in effects.items() if TOPICS[topic].nothing_to_find(given)]
        for topic, effects in CONFIG["recovery"]["topics"].items()
        if TOPICS[topic].trains is None
    }
    assert nothing["agreement"] == ["0"]
    shared = ["0", "0, viewers share a response", "0, common onset"]
    assert nothing["coupling"][:3] == nothing["mixed_model"][:3] == shared
    assert nothing["scores"] == ["no signal", "category only", "category, said seldom"]
    assert nothing["comparison"] == ["equal, noise per trial", "equal, noise per clip"]
    assert nothing["video_level"] == ["no category, noise per clip"]
    assert nothing["covariates"] == [name for name in nothing["covariates"] if name[0] == "0"]
    assert nothing["reliability"] == ["0"]


def test_null_effects_have_the_numbers_that_are_asked():
    own = CONFIG["recovery"]
    assert own["null_studies"] >= 4000 and own["trained_studies"]["ridge"] >= 1000
    assert own["truth_cohorts"] >= 60


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
        ({"rates": "rates.csv"}, "rates: expected a path that ends in .tsv, found "),
        (
            {"trained_studies": {"ridge": 0, "xgboost": 1, "bilstm": 1}},
            "trained_studies.ridge: expected a whole number of at least 1, found 0",
        ),
        ({"topics": {"scores": None}}, None),
        ({}, None),
    ],
)
def test_what_the_recovery_studies_are_told_is_checked(change, sentence):
    found = [f.sentence for f in value_faults(CONFIG["recovery"] | change, recovery_schema())]
    assert len(found) == bool(sentence) and all(one.startswith(sentence) for one in found)


def test_every_job_has_a_study():
    kinds = {"ridge": 9, "xgboost": 9, "bilstm": 9}
    own = {"studies": 9, "null_studies": 3, "trained_studies": kinds, "chunks": 8}
    few = RecoveryPlan(CONFIG | {"recovery": CONFIG["recovery"] | own})
    assert few.chunks == 3
    options = [few.effect_options("coupling", 0, chunk) for chunk in range(few.chunks)]
    assert [text.split(" --first ")[1] for text in options] == [
        f"{k} --studies 1" for k in (1, 2, 3)
    ]
