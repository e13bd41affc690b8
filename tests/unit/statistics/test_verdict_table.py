"""The verdict on a model, from its trials and its tables of scores."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_pooled import settings

from tinglegram.inference.multiple_testing import adjust
from tinglegram.statistics.comparison import participant_f1, sign_flip
from tinglegram.statistics.metrics import fold_table
from tinglegram.statistics.scored_trials import ScoredTrials, as_trials
from tinglegram.statistics.self_report import self_report_table
from tinglegram.statistics.verdicts import (
    CATEGORY_DETECTOR,
    UNDECIDED,
    VERDICT_FAMILY,
    model_verdict,
    verdict_table,
)
from tinglegram.statistics.within_target import within_target_table


@pytest.fixture(scope="module")
def model(published) -> ScoredTrials:
    return as_trials(published, padding="counted")


@pytest.fixture(scope="module")
def category(published) -> ScoredTrials:
    """The predictions of one who knows the clip's category alone."""
    called = [table["condition"] == "ASMR" for table in published]
    tables = [
        table.assign(probability=target.astype(float), predicted=target.astype(int))
        for table, target in zip(published, called, strict=True)
    ]
    return as_trials(tables, padding="counted")


def tables(trials: ScoredTrials) -> tuple[pd.DataFrame, pd.DataFrame]:
    return within_target_table(trials, settings()), self_report_table(
        trials, settings(), share=0.15
    )


@pytest.fixture(scope="module")
def row(model, category):
    return model_verdict(model, category, *tables(model), settings())


def test_the_row_holds_the_score_of_the_category_beside_the_models(row):
    assert [f"{100 * row[name]:.2f}" for name in ("macro_f1", "macro_f1_sd")] == ["71.86", "8.86"]
    baseline = [f"{100 * row[name]:.2f}" for name in ("condition_only", "condition_only_sd")]
    assert baseline == ["70.88", "8.92"]
    assert row["n_participants"] == 34
    assert row["verdict"] == UNDECIDED


def test_the_difference_is_that_of_the_participants(row, model, category):
    differences = participant_f1(model) - participant_f1(category)
    assert row["mean_difference"] == differences.mean()
    assert row["p_better"] == sign_flip(
        differences, settings().permutations, settings().seed, settings().p_value
    )


def test_the_sentence_says_how_trials_are_called(row):
    assert row["sentence"].endswith(
        "It calls 34 of 34 target trials, 11 of them against the participant's own report; in 10 "
        "of the 34 nothing was reported at all. Viewers of a clip have 96 % of the variance of its "
        "probabilities in common."
    )


def test_the_category_is_called_one_and_its_viewers_have_nothing_to_share(category):
    verdict = model_verdict(category, category, *tables(category), settings())
    assert verdict["verdict"] == CATEGORY_DETECTOR
    assert verdict["mean_difference"] == 0
    assert verdict["macro_f1"] == fold_table(category).set_index("fold").loc["mean", "macro_f1"]
    assert np.isnan(verdict["common_share"]) and "Viewers" not in verdict["sentence"]


def test_one_person_in_a_fold_leaves_nobody_to_exchange_reports_with(model, category):
    def alone(trials: ScoredTrials) -> ScoredTrials:
        return replace(trials, names=trials.names.assign(fold=trials.names["subject"]))

    row = model_verdict(alone(model), alone(category), *tables(model), settings())
    assert np.isnan(row["p_exchange"])


def test_p_is_corrected_over_the_family_of_models(row):
    verdicts = {"a": {**row, "p_better": 0.01}, "b": {**row, "p_better": 0.04}}
    table = verdict_table(verdicts)
    assert table["model"].tolist() == ["a", "b"]
    assert table["p_better_holm"].tolist() == [0.02, 0.04]
    corrected = adjust(table["p_better"], VERDICT_FAMILY)
    assert (table["p_better_bh"] == corrected["p_bh"]).all()
