"""What a model is judged to be, from its trials and its tables of scores."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_resampling import settings

from tinglegram.ablation import participant_f1, sign_flip
from tinglegram.judging import FAMILY, judge, judged_table
from tinglegram.metrics import Trials, as_trials, fold_table
from tinglegram.multiplicity import adjust
from tinglegram.own_report import own_report_table
from tinglegram.verdicts import CATEGORY, UNDECIDED
from tinglegram.within import within_table


@pytest.fixture(scope="module")
def model(published) -> Trials:
    return as_trials(published, padding="counted")


@pytest.fixture(scope="module")
def category(published) -> Trials:
    """The predictions of one who knows the clip's category alone."""
    called = [table["condition"] == "ASMR" for table in published]
    tables = [
        table.assign(probability=target.astype(float), predicted=target.astype(int))
        for table, target in zip(published, called, strict=True)
    ]
    return as_trials(tables, padding="counted")


def tables(trials: Trials) -> tuple[pd.DataFrame, pd.DataFrame]:
    return within_table(trials, settings()), own_report_table(trials, settings(), share=0.15)


@pytest.fixture(scope="module")
def row(model, category):
    return judge(model, category, *tables(model), settings())


def test_the_row_holds_the_score_of_the_category_beside_the_models(row):
    assert [f"{100 * row[name]:.2f}" for name in ("macro_f1", "macro_f1_sd")] == ["71.86", "8.86"]
    control = [f"{100 * row[name]:.2f}" for name in ("condition_only", "condition_only_sd")]
    assert control == ["70.88", "8.92"]
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
    judged = judge(category, category, *tables(category), settings())
    assert judged["verdict"] == CATEGORY
    assert judged["mean_difference"] == 0
    assert judged["macro_f1"] == fold_table(category).set_index("fold").loc["mean", "macro_f1"]
    assert np.isnan(judged["common_share"]) and "Viewers" not in judged["sentence"]


def test_one_person_in_a_fold_leaves_nobody_to_exchange_reports_with(model, category):
    def alone(trials: Trials) -> Trials:
        return replace(trials, names=trials.names.assign(fold=trials.names["subject"]))

    row = judge(alone(model), alone(category), *tables(model), settings())
    assert np.isnan(row["p_exchange"])


def test_p_is_corrected_over_the_family_of_models(row):
    judged = {"a": {**row, "p_better": 0.01}, "b": {**row, "p_better": 0.04}}
    table = judged_table(judged)
    assert table["model"].tolist() == ["a", "b"]
    assert table["p_better_holm"].tolist() == [0.02, 0.04]
    corrected = adjust(table["p_better"], FAMILY)
    assert (table["p_better_bh"] == corrected["p_bh"]).all()
