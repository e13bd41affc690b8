"""Simulated studies: the simulators, their summaries and the page, at tiny size."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from paths import ROOT

from tinglegram.clock import Timing
from tinglegram.errors import TinglegramError
from tinglegram.files import read_table, write_table
from tinglegram.recovery.acceptance import error_rates, missed_lines
from tinglegram.recovery.cohort import Cohort, courses, every_step, held, ratings_at_looks
from tinglegram.recovery.page import headline_rows, write_page
from tinglegram.recovery.predictions import SimulatedModel, as_answers, layout, simulate_truth
from tinglegram.recovery.results import Draws, run_studies
from tinglegram.recovery.summaries import (
    fold_dependence,
    parted_summaries,
    share,
    summarise_studies,
    topic_summary,
)
from tinglegram.recovery.topics import TOPICS, check_parameters
from tinglegram.recovery.window_studies import coupled_windows, pulse_noise, spread_of
from tinglegram.report.figures import recovery, style
from tinglegram.report.inferred import INFERRED
from tinglegram.settings import as_object
from tinglegram.simulation import design
from tinglegram.statistics.verdicts import CALLS

CONFIG = yaml.safe_load((ROOT / "workflow/recovery/config.yaml").read_text())["recovery"]
STUDY = yaml.safe_load((ROOT / "config.yaml").read_text())
DRAWS = Draws(bootstrap=99, permutations=99, confidence=0.95, truth_cohorts=1)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    """The cohort of the configuration."""
    pulse = STUDY["pulse"]
    return Cohort(
        participants=CONFIG["participants"],
        clips={code: clip["condition"] for code, clip in STUDY["clips"].items()},
        n_folds=STUDY["folds"]["number"],
        timing=as_object(STUDY, Timing),
        window=pulse["window"],
        step=pulse["step"],
        minimum_windows=pulse["minimum_windows"],
        reporting=design.Reporting(**CONFIG["reporting"]),
    )


@pytest.fixture(scope="module")
def studies(cohort) -> pd.DataFrame:
    """Two studies of every effect of the configuration; one where models are trained.

    Of trained models, the first effect alone: the others differ by their parameters.
    """
    chosen = [
        (topic, cell, parameters, 2 if TOPICS[topic].trains is None else 1)
        for topic, effects in CONFIG["topics"].items()
        for place, (cell, parameters) in enumerate(effects.items())
        if TOPICS[topic].trains is None or not place
    ]
    tables = [
        run_studies(
            TOPICS[topic].prepare,
            cohort,
            DRAWS,
            topic=topic,
            cell=cell,
            parameters=parameters,
            first=1,
            studies=number,
            seed=1,
        )
        for topic, cell, parameters, number in chosen
    ]
    return pd.concat(tables, ignore_index=True)


def test_every_effect_of_the_configuration_is_known():
    assert set(CONFIG["topics"]) == set(TOPICS)
    for topic, effects in CONFIG["topics"].items():
        for cell, parameters in effects.items():
            check_parameters(topic, cell, parameters)


@pytest.mark.parametrize("parameters", [{}, {"agreement": 0.1, "agreemnt": 0.2}])
def test_unknown_and_missing_parameters_are_errors(parameters):
    with pytest.raises(TinglegramError, match="Effect x of agreement: unknown"):
        check_parameters("agreement", "x", parameters)


def test_an_unknown_statistic_is_an_error():
    with pytest.raises(TinglegramError, match="Statistic scorez is unknown. Known: agreement, "):
        check_parameters("scorez", "x", {})


def test_timing_is_that_of_the_study(cohort):
    assert (cohort.timing.steps, cohort.timing.steps_first, cohort.conditions) == (
        550,
        507,
        ("ASMR", "Nature"),
    )


def test_reports_are_those_of_the_raw_simulation(cohort):
    # Share of time above 0 and correlation between viewers, from design.py person by person.
    ask = replace(cohort.reporting, non_responders=0.0)
    people, seconds = 150, cohort.timing.clip
    latents = np.stack([design.latent("v", s, seconds, ask, 3) for s in range(people)])
    generator = np.random.default_rng(3)
    whole = replace(cohort, reporting=ask)
    shared = courses(whole, 1, generator)
    ratings = ratings_at_looks(
        whole, "ASMR", shared, courses(whole, people, generator), np.ones(people)
    )
    raw = np.searchsorted(ask.thresholds, latents + ask.level["ASMR"], side="right")
    np.testing.assert_allclose(
        [np.mean(raw > level) for level in range(3)],
        [np.mean(ratings > level) for level in range(3)],
        atol=0.03,
    )
    between = [np.corrcoef(x)[np.triu_indices(people, 1)].mean() for x in (raw, ratings)]
    assert between[0] == pytest.approx(between[1], abs=0.08)


def test_ratings_hold_from_press_to_press(cohort):
    ratings = np.tile(np.arange(cohort.n_looks) % 3, (2, 1))
    found = held(cohort, ratings, every_step(cohort), np.random.default_rng(0))
    # 5 s of warm-up: step 0 still shows look 4, the last tenth before look 6 shows look 5.
    assert (found[:, 0] == 4 % 3).all() and (found[:, 9] == 5 % 3).all()
    assert (np.diff(found[0]) != 0).sum() == 55


def test_windows_carry_the_correlation_asked_for(cohort):
    generator = np.random.default_rng(5)
    everybody = replace(cohort, reporting=replace(cohort.reporting, non_responders=0.0))
    scale = spread_of(everybody, 300, generator)
    windows = coupled_windows(everybody, {"ASMR": -0.3}, scale, generator, clips=60)
    centred = windows["pulse_rate_bpm"] - windows.groupby("subject")["pulse_rate_bpm"].transform(
        "mean"
    )
    assert np.corrcoef(centred, windows["mean_rating"])[0, 1] == pytest.approx(-0.3, abs=0.03)


def test_pulse_noise_is_of_unit_variance_and_smooth(cohort):
    noise = pulse_noise(cohort, 200, 2, np.random.default_rng(6))
    assert noise.shape == (200, 2, 50)
    assert noise.std() == pytest.approx(1, abs=0.05)
    assert np.corrcoef(noise[..., 1:].ravel(), noise[..., :-1].ravel())[0, 1] > 0.9


def test_a_pure_category_rule_scores_as_it_must(cohort):
    trials = layout(cohort)
    assert len(trials.names) == 2 * cohort.participants
    generator = np.random.default_rng(7)
    shared = courses(cohort, len(cohort.clips), generator)
    truth = simulate_truth(cohort, trials, shared, every_step(cohort), generator)
    score = np.where(trials.control, -1.0, 1.0)[:, None] * np.ones(truth.label.shape)
    tn, fp, fn, tp = as_answers(truth, score).counts().sum(axis=0)
    assert fn == 0 and tp == truth.label.sum() and fp + tp == truth.counted[~trials.control].sum()
    assert tn == truth.counted[trials.control].sum()


def test_weights_are_read_by_their_prefix():
    found = SimulatedModel.of({"other_own": 2.0, "reference_own": 3.0}, "other_")
    assert found == SimulatedModel(own=2.0)


def test_chunks_do_not_change_studies(cohort):
    options = {"topic": "agreement", "cell": "x", "parameters": {"agreement": 0.3}, "seed": 9}
    prepare = TOPICS["agreement"].prepare
    whole = run_studies(prepare, cohort, DRAWS, first=1, studies=4, **options)
    second = run_studies(prepare, cohort, DRAWS, first=3, studies=2, **options)
    expected = whole[whole["study"] >= 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(second, expected)


def test_every_statistic_gives_numbers(studies):
    counts = studies.groupby(["topic", "cell"]).agg({"estimate": "count", "p_value": "count"})
    assert (counts.sum(axis=1) >= 2).all()
    assert studies["p_value"].dropna().between(0, 1).all()
    inside = studies.dropna(subset=["ci_low", "ci_high"])
    assert (inside["ci_low"] <= inside["ci_high"]).all()
    calls = studies[studies["result"] == "verdict"].groupby(["cell", "study"])["p_value"]
    assert (calls.apply(lambda p: (p == 0).sum()) == 1).all()


def test_rates_of_inference_are_those_of_results(studies):
    # Which stand in the declaration that captions and docs read.
    names = set(studies[["topic", "result", "test"]].itertuples(index=False, name=None))
    for rate in {rate for one in INFERRED for rate in one.rates}:
        topic, _, result, test = rate.split(": ", 1)[1].split("/", 3)
        assert (topic, result, test) in names, rate


def test_shares_have_wilson_intervals():
    # Wilson's interval of 5 in 100 is 2.15 % to 11.18 % (Brown, Cai & DasGupta, 2001).
    assert share(5, 100) == pytest.approx((0.05, 0.02154, 0.11175), abs=1e-4)
    assert np.isnan(share(0, 0)).all()


def fake(rejected: int, covered: int, studies: int, null: bool) -> pd.DataFrame:
    number = np.arange(studies)
    return pd.DataFrame(
        {
            "topic": "agreement",
            "cell": f"{rejected} {covered}",
            "study": number,
            "result": "r",
            "test": "t",
            "estimate": 0.1,
            "truth": 0.0,
            "ci_low": np.where(number < covered, -1.0, 0.05),
            "ci_high": 1.0,
            # Exactly alpha is a rejection.
            "p_value": np.where(number < rejected, 0.05, 0.06),
            "null": pd.array([null] * studies, dtype="boolean"),
            "population": "",
        }
    )


@pytest.mark.parametrize(
    ("rejected", "covered", "level", "interval"),
    [
        (50, 950, "level", "as stated"),
        (80, 900, "liberal", "too little"),
        (20, 990, "conservative", "too much"),
    ],
)
def test_what_is_not_level_is_said_to_be_so(rejected, covered, level, interval):
    row = summarise_studies(fake(rejected, covered, 1000, null=True), 0.95).iloc[0]
    assert (row["level"], row["interval"]) == (level, interval)
    assert (row["rejected"], row["coverage"]) == (rejected / 1000, covered / 1000)
    assert row["bias"] == pytest.approx(0.1)
    assert summarise_studies(fake(rejected, covered, 1000, null=False), 0.95)["level"].iloc[0] == ""


def test_studies_without_a_number_are_left_out():
    table = fake(1, 3, 4, null=True)
    table.loc[3, ["estimate", "ci_low", "p_value"]] = np.nan
    row = summarise_studies(table, 0.95).iloc[0]
    assert (row["studies"], row["n_estimates"], row["n_intervals"], row["n_tests"]) == (4, 3, 3, 3)


def test_page_and_figure_hold_every_statistic(studies):
    liberal = fake(80, 900, 1000, null=True)
    summary = summarise_studies(pd.concat([studies, liberal], ignore_index=True), 0.95)
    dependence = fold_dependence(studies)
    rates = error_rates(summary, dependence)
    page = write_page(
        summary,
        dependence,
        rates,
        command="make validate",
        not_shown=["within"],
        figure="images/validation.svg",
        rates_name="rates.tsv",
        participants=34,
        bootstrap=99,
        permutations=99,
        confidence=0.95,
    )
    assert "\n\nNot simulated yet: `make validate ONLY='within'`.\n\n" in page
    for topic in TOPICS.values():
        assert f"## {topic.title}" in page
    assert "- **Does not keep its nominal error rate, rejects too often**:\n" in page
    assert "  - r: t, 80 900: 8.0 (6.5 to 9.8) %\n" in page
    assert "| **liberal** " in page and "(images/validation.svg)" in page
    assert "A model of the kind *category only* is called a category detector in" in page
    assert all(call in page for call in CALLS)
    assert "stands in [rates.tsv](rates.tsv)" in page and "correlation between folds" in page
    assert all(line in page for line in missed_lines(rates))
    assert "1 where bilstm is trained in each" in page
    summary = headline_rows(summary)
    shown = recovery.panels(summary)
    assert set(shown) == {"coverage", "false positives", "power"}
    assert not shown["false positives"].set_index("label").loc["r: t — 80 900", "fine"]
    picture = style.rendered(recovery.draw_recovery(summary, 0.95), "svg")
    again = style.rendered(recovery.draw_recovery(summary, 0.95), "svg")
    assert picture == again


def test_kept_summaries_read_as_they_were_written(studies, tmp_path):
    paths, summaries, dependences = [], [], []
    for topic, table in studies.groupby("topic", sort=False):
        paths.append(tmp_path / f"{topic}.tsv")
        write_table(topic_summary(table, 0.95), paths[-1])
        summaries.append(summarise_studies(table, 0.95))
        dependences.append(fold_dependence(table))
    summary, dependence = parted_summaries([read_table(path) for path in paths])
    like = {"check_dtype": False, "check_exact": False}
    pd.testing.assert_frame_equal(summary, pd.concat(summaries, ignore_index=True), **like)
    pd.testing.assert_frame_equal(dependence, pd.concat(dependences, ignore_index=True), **like)
    before = pd.concat(summaries, ignore_index=True), pd.concat(dependences, ignore_index=True)
    given, kept = error_rates(*before), error_rates(summary, dependence)
    assert len(dependence) and len(given)
    pd.testing.assert_frame_equal(kept, given, **like)
