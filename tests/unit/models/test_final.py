"""The model of all trials: trained on everything, for as long as the folds say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from test_bilstm import SETTINGS, split, trials  # noqa: F401 (fixtures)

from tinglegram.models.bilstm import fit_network
from tinglegram.models.boosting import fit_boosting, predict_boosting
from tinglegram.models.final import median_epochs, without_stopping
from tinglegram.models.ridge import fit_ridge, inner_folds
from tinglegram.models.settings import Boosting
from tinglegram.models.value_boosting import fit_value_boosting
from tinglegram.models.value_network import fit_value_network, predict_value_network
from tinglegram.models.value_settings import RidgeFit
from tinglegram.trials.trials import Split, Trials, every_trial, prediction_table

CPU = torch.device("cpu")
USED = ("acoustic",)
TREES = Boosting(trees=3, depth=2, learning_rate=0.3, padding="masked")


def history(selected: int, epochs: int = 20) -> pd.DataFrame:
    numbers = np.arange(1, epochs + 1)
    return pd.DataFrame({"epoch": numbers, "selected": numbers == selected})


@pytest.mark.parametrize(
    ("selected", "epochs"), [([7], 7), ([3, 9, 20], 9), ([3, 4], 4), ([2, 20, 5, 9], 7)]
)
def test_epochs_are_the_median_over_folds_and_seeds(selected, epochs):
    assert median_epochs([history(one) for one in selected]) == epochs


def test_the_final_network_runs_to_its_last_epoch():
    best = replace(SETTINGS, checkpoint="best")
    told = without_stopping(best, [history(3), history(5), history(8)])
    assert (told.epochs, told.checkpoint) == (5, "last")
    assert told == replace(best, epochs=5, checkpoint="last")
    assert without_stopping(best, []) == best


@pytest.fixture(scope="module")
def all_trials(trials: Trials) -> Split:  # noqa: F811
    return every_trial(trials)


def test_every_trial_trains_and_none_tests(trials, all_trials):  # noqa: F811
    assert all_trials.fold == 0
    assert all_trials.train.tolist() == list(range(len(trials.subject)))
    assert not len(all_trials.validation) and not len(all_trials.test)


def test_a_network_of_all_trials_is_that_of_a_fold_that_trains_on_them(trials, all_trials):  # noqa: F811
    """Whatever a fold validates and tests with moves no weight of the last epoch."""
    own = fit_network(trials, all_trials, USED, SETTINGS, seed=3, device=CPU)
    rows = all_trials.train
    other = Split(1, rows, rows[:2], rows[2:5])
    fold = fit_network(trials, other, USED, SETTINGS, seed=3, device=CPU)
    assert own.weights.keys() == fold.weights.keys()
    for name, value in own.weights.items():
        assert torch.equal(value, fold.weights[name])
    assert own.probability.shape == (0, trials.steps)
    assert own.history[["validation_loss", "validation_macro_f1"]].isna().all(axis=None)
    assert own.history["selected"].to_numpy().nonzero()[0].tolist() == [SETTINGS.epochs - 1]
    assert prediction_table(trials, all_trials.test, own.probability).empty


def test_trees_of_all_trials_are_those_of_a_fold_that_trains_on_them(trials, all_trials):  # noqa: F811
    rows = all_trials.train
    other = Split(1, rows[3:], rows[:3], rows[:4])
    for fit in (fit_boosting, fit_value_boosting):
        own, fold = (fit(trials, s, USED, TREES, seed=1) for s in (all_trials, other))
        assert own.weights == fold.weights
    assert predict_boosting(trials, all_trials.test, USED, own.weights).shape == (0, trials.steps)


def test_the_penalty_of_all_trials_is_chosen_for_new_people_and_new_clips(trials, all_trials):  # noqa: F811
    for train, held in inner_folds(trials, all_trials, 4):
        for names in (trials.subject, trials.video):
            assert not set(names[train]) & set(names[held])
    fit = RidgeFit(lags=(0.0,), penalties=(0.1, 1.0), inner_folds=4)
    own = fit_ridge(trials, all_trials, USED, fit)
    assert own.predicted.shape == (0, trials.steps)
    assert own.history["validation_loss"].notna().all()


def test_a_stored_network_of_values_says_what_it_said_after_training(trials):  # noqa: F811
    rows = np.arange(len(trials.subject))
    fold = Split(1, rows[:20], rows[20:26], rows[26:])
    fitted = fit_value_network(trials, fold, USED, SETTINGS, seed=2, device=CPU)
    again = predict_value_network(
        trials, fold.test, USED, SETTINGS, fitted.weights, scale=fitted.scale, device=CPU
    )
    np.testing.assert_array_equal(again, fitted.predicted)
