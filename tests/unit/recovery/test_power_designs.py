"""Planned sizes of a study: power, the smallest effect that is found, jobs, figure and page."""

import copy
import shlex

import numpy as np
import pandas as pd
import pytest
import yaml
from paths import ROOT

from tinglegram.behaviour.agreement import leave_one_out
from tinglegram.clock import Timing
from tinglegram.errors import TinglegramError
from tinglegram.recovery.agreement_studies import ratings_of_clip
from tinglegram.recovery.cohort import Cohort, courses
from tinglegram.recovery.design_plan import PowerPlan, power_schema
from tinglegram.recovery.design_power import (
    crossing,
    design_section,
    detectable_effect,
    detectable_words,
    power_table,
    rising,
)
from tinglegram.recovery.design_studies import (
    AGAIN,
    AUC_ANY,
    DESIGN_QUESTIONS,
    SHIFTED_CLIPS,
    SHIFTED_VIEWERS,
    StudyDesign,
    cohort_of_design,
    folds_of_design,
    simulate_design,
)
from tinglegram.recovery.results import Draws
from tinglegram.report.figures.power import draw_power
from tinglegram.settings import only
from tinglegram.simulation.design import Reporting
from tinglegram.study.configuration_values import value_faults

CONFIG = {
    key: value
    for name in ("config.yaml", "workflow/recovery/config.yaml", "workflow/recovery/power.yaml")
    for key, value in yaml.safe_load((ROOT / name).read_text()).items()
}
PAPER = StudyDesign(34, 4)
DRAWS = Draws(bootstrap=19, permutations=39, confidence=0.95, truth_cohorts=2)
COHORT = Cohort(
    participants=34,
    clips={"a": "ASMR", "b": "Nature"},
    n_folds=4,
    timing=Timing(),
    window=5.0,
    step=1.0,
    minimum_windows=3,
    reporting=Reporting(**CONFIG["recovery"]["reporting"]),
)


def plan(**changes) -> PowerPlan:
    config = copy.deepcopy(CONFIG)
    config["power"] |= changes
    return PowerPlan(config)


def simulated(question: str, design: tuple[int, int], effects: tuple[float, ...], n: int, first=1):
    return simulate_design(
        COHORT,
        DRAWS,
        question,
        StudyDesign(*design),
        effects,
        most_folds=4,
        first=first,
        studies=n,
        seed=3,
    )


def found(table: pd.DataFrame) -> dict:
    rejects = (table["p_value"] <= 0.05).groupby([table["test"], table["effect"]]).mean()
    return rejects.to_dict()


@pytest.mark.parametrize(
    ("power", "expected"),
    [
        ([0.05, 0.4, 0.7, 0.9], 0.65),
        ([0.05, 0.4, 0.8, 0.9], 0.6),
        ([0.05, 0.4, 0.7, 0.79], np.nan),
        ([0.9, 0.9, 0.9, 1.0], 0.5),
        # As steep as can be: halfway where the power is halfway.
        ([0.0, 0.0, 0.0, 1.0], 0.68),
    ],
)
def test_where_a_power_is_reached(power, expected):
    effects = np.array([0.5, 0.55, 0.6, 0.7])
    assert crossing(effects, np.array(power), 0.8) == pytest.approx(expected, nan_ok=True)


def test_an_effect_below_zero_is_interpolated_alike():
    effects = np.array([0.0, -0.1, -0.2])
    assert crossing(effects, np.array([0.0, 0.6, 1.0]), 0.8) == pytest.approx(-0.15)


def test_power_that_falls_by_chance_is_levelled():
    fitted = rising(np.array([0.05, 0.9, 0.7, 1.0]), np.array([100, 100, 300, 100]))
    np.testing.assert_allclose(fitted, [0.05, 0.75, 0.75, 1.0])
    effects = np.array([0.5, 0.55, 0.6, 0.7])
    # Read as it is, the power would be reached between the first two.
    assert crossing(effects, fitted, 0.8) == pytest.approx(0.62)


def rows_of(shares: list[float], low: list[float], high: list[float]) -> pd.DataFrame:
    shown = np.linspace(0.5, 0.7, len(shares))
    columns = {"shown": shown, "found": shares, "found_low": low, "found_high": high}
    return pd.DataFrame(columns).assign(studies=100)


def test_the_smallest_effect_has_an_interval():
    rows = rows_of([0.05, 0.7, 0.9], [0.0, 0.6, 0.84], [0.1, 0.8, 0.95])
    smallest = detectable_effect(rows, 0.8)
    assert smallest.effect == pytest.approx(0.65)
    assert smallest.low == pytest.approx(0.6)
    assert smallest.high == pytest.approx(0.6 + 0.1 * 0.2 / 0.24)
    never = detectable_effect(rows_of([0.05, 0.1, 0.2], [0, 0, 0.1], [0.1, 0.2, 0.3]), 0.8)
    assert np.isnan([never.effect, never.low, never.high]).all()


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.61, 0.6, 0.63), "0.610 (0.600 to 0.630)"),
        ((0.61, 0.6, np.nan), "0.610 (0.600 to beyond 0.700)"),
        ((np.nan, 0.68, np.nan), "beyond 0.700 (0.680 to beyond 0.700)"),
        ((np.nan, np.nan, np.nan), "beyond 0.700"),
    ],
)
def test_an_effect_that_is_not_found_is_said_to_be(ends, words):
    names = ("detectable", "detectable_low", "detectable_high")
    rows = pd.DataFrame({"shown": [0.5, 0.7]}).assign(**dict(zip(names, ends, strict=True)))
    assert detectable_words(rows) == words


def test_a_design_has_its_people_clips_and_folds():
    made = cohort_of_design(COHORT, StudyDesign(10, 6), 4)
    assert (made.participants, len(made.clips), made.n_folds) == (10, 12, 4)
    assert list(made.clips.values()) == ["ASMR"] * 6 + ["Nature"] * 6
    assert [folds_of_design(StudyDesign(34, n), 8) for n in (2, 4, 8, 16)] == [2, 4, 8, 8]
    with pytest.raises(TinglegramError, match="a design of 3 people, 4 . 4 clips has 4 folds"):
        cohort_of_design(COHORT, StudyDesign(3, 4), 4)


def test_more_clips_find_what_few_do_not():
    """A strong signal, trained on: two clips cannot show it of any clips, four of each can."""
    few = found(simulated("tracking", (12, 2), (0.6,), 12))
    more = found(simulated("tracking", (12, 4), (0, 0.6), 12))
    assert more[AUC_ANY, 0.6] >= 0.9 and more[AGAIN, 0.6] >= 0.9
    assert few[AUC_ANY, 0.6] <= 0.7
    # Of 12 studies of a test that rejects in 5 %, more than 3 have a probability of 0.2 %.
    assert more[AUC_ANY, 0] <= 0.25 and more[AGAIN, 0] <= 0.25


def test_more_people_find_agreement_and_coupling_that_few_do_not():
    few, more = (found(simulated("agreement", (n, 1), (0, 0.12), 25)) for n in (6, 50))
    assert few[SHIFTED_VIEWERS, 0.12] <= 0.6 < 0.95 <= more[SHIFTED_VIEWERS, 0.12]
    assert max(few[SHIFTED_VIEWERS, 0], more[SHIFTED_VIEWERS, 0]) <= 0.2
    few, more = (found(simulated("coupling", (n, 3), (-0.3,), 6)) for n in (4, 30))
    assert few[SHIFTED_CLIPS, -0.3] <= 0.5 < 0.8 <= more[SHIFTED_CLIPS, -0.3]


def test_every_study_of_agreement_has_a_clip_of_its_own():
    """With one clip for all studies, their estimates differed by who watched it alone."""
    spread = simulated("agreement", (40, 1), (0.5,), 12)["estimate"].std()
    one_clip = cohort_of_design(COHORT, StudyDesign(40, 1), 4).with_agreement(0.5)
    generator = np.random.default_rng(4)
    shared = courses(one_clip, 1, generator)
    same = [
        np.tanh(np.arctanh(leave_one_out(ratings_of_clip(one_clip, shared, 40, generator))).mean())
        for _ in range(12)
    ]
    assert spread > 1.5 * np.std(same, ddof=1)


def test_studies_do_not_depend_on_parts_or_other_effects():
    whole = simulated("agreement", (8, 1), (0, 0.3), 4)
    parts = pd.concat([simulated("agreement", (8, 1), (0.3,), 2, first) for first in (1, 3)])
    own = whole[whole["effect"] == 0.3].reset_index(drop=True)
    pd.testing.assert_frame_equal(parts.reset_index(drop=True), own)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Power of made-up studies: it rises with the effect, and with clips more than with people."""
    generator, parts = np.random.default_rng(0), []
    for question, designs in {
        "tracking": [(12, 4), (34, 4), (68, 4), (34, 8)],
        "coupling": [(34, 4)],
        "agreement": [(34, 1)],
    }.items():
        for people, clips in designs:
            for effect in (0.0, 0.05, 0.1):
                for test in DESIGN_QUESTIONS[question].tests:
                    strength = effect * (people / 34) ** 0.2 * (clips / 4)
                    p_value = generator.random(200) * np.exp(-40 * strength)
                    part = pd.DataFrame({"estimate": 0.5 + 2 * effect, "p_value": p_value})
                    named = (question, test, people, clips, 4, effect)
                    keys = ("question", "test", "participants", "clips", "folds", "effect")
                    parts.append(part.assign(**dict(zip(keys, named, strict=True))))
    studies = pd.concat(parts, ignore_index=True)
    studies.loc[studies["question"] == "coupling", "estimate"] = np.nan
    return power_table(studies, PAPER, confidence=0.95, wanted=0.8)


def test_effects_are_shown_as_the_marked_design_reaches_them(table):
    tracking = table[table["question"] == "tracking"]
    np.testing.assert_allclose(tracking.loc[tracking["effect"] == 0.05, "shown"], 0.6)
    assert (table.loc[table["question"] == "agreement", "shown"].unique() == [0, 0.05, 0.1]).all()
    assert (table.loc[table["effect"] == 0, "level"] == "level").all()
    assert (table.loc[table["effect"] > 0, "level"] == "").all()


def test_a_test_that_cannot_be_computed_finds_nothing():
    named = {"question": "agreement", "test": SHIFTED_VIEWERS, "participants": 34, "clips": 1}
    p_values = [0.01, np.nan, np.nan, 0.01]
    studies = pd.DataFrame({"estimate": 0.1, "p_value": p_values}).assign(
        **named, folds=1, effect=0.2
    )
    row = power_table(studies, PAPER, confidence=0.95, wanted=0.8).iloc[0]
    assert (row["studies"], row["found"]) == (4, 0.5)


def test_section_and_figure_hold_every_design(table):
    said = design_section(table, PAPER, shifts=99, confidence=0.95, wanted=0.8)
    assert "200 studies of every design and effect, 99 shifts" in said
    # sqrt(0.8 x 0.2 / 200) and sqrt(0.05 x 0.95 / 200).
    assert "of a power of 80 % is 2.8 points, that of 5 % false positives 1.5 points" in said
    for asked in DESIGN_QUESTIONS.values():
        for test in asked.tests:
            assert f"### {asked.title[:-1]}: {test}\n" in said
            assert f"- {asked.title} *{test}*: this design: " in said
    assert said.count("| **34**") == 5 and "| **4 + 4**" in said and "| 8 + 8 " in said
    assert "twice the people: " in said and "twice the clips: 0." in said
    figure = draw_power(table, PAPER, alpha=0.05, wanted=0.8)
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert titles[:2] == ["4 + 4 clips", "8 + 8 clips"]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    people = [f"{number} people" for number in (12, 34, 68)]
    assert legend == [*people, "marked: 34 people, 4 + 4 clips", "80 % power", "5 %"]


def test_the_shipped_plan_can_be_run():
    shipped = plan()
    shipped.check()
    assert not list(value_faults(CONFIG["power"], power_schema()))
    assert shipped.marked == PAPER and PAPER in shipped.designs("coupling")
    assert shipped.designs("agreement")[0] == (min(CONFIG["power"]["participants"]), 1)
    assert shipped.png == "docs/images/power.png"
    assert shipped.tables()[0] == "results/power/studies/tracking/12x2/0.parquet"
    assert shipped.recovery.options(only(Draws, "permutations")) == "--permutations 99"


def test_parts_hold_every_study_once():
    seen, few = [], plan(studies=10, parts=4)
    for part in range(few.parts):
        words = shlex.split(few.design_options("coupling", PAPER, part))
        assert words[:6] == ["--question", "coupling", "--size", "34", "4", "--effects"]
        assert words[6:10] == ["0", "-0.05", "-0.1", "-0.2"]
        first, n = (int(words[words.index(name) + 1]) for name in ("--first", "--studies"))
        seen += range(first, first + n)
    assert seen == list(range(1, 11))
    assert plan(studies=2, parts=4).parts == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"people": [8]}, "people: unknown key. Known: participants, clips, "),
        ({"participants": [34, 2]}, "participants.1: expected a whole number of at least 4, found"),
        ({"clips": [1]}, "clips.0: expected a whole number of at least 2, found 1"),
        ({"shifts": 9}, "shifts: expected a whole number of at least 19, found 9"),
        ({"signals": [0, 1.0]}, "signals.1: expected a number of at least 0 and below 1, found"),
        ({"wanted": 1}, "wanted: expected a number above 0 and below 1, found 1"),
        ({"figure": "power.png"}, "figure: expected a path that ends in .svg, found "),
        ({"table": "power.csv"}, "table: expected a path that ends in .tsv, found "),
    ],
)
def test_what_the_design_page_is_told_is_checked(change, sentence):
    told = [f.sentence for f in value_faults(CONFIG["power"] | change, power_schema())]
    assert len(told) == 1 and told[0].startswith(sentence), told
