"""Models of the reported value: what is planted is found, nothing is found in noise, nothing leaks.

Baselines are held against averages by hand.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load
from sklearn.linear_model import Ridge

from tinglegram.errors import InputProblem
from tinglegram.models.ridge import fit_ridge, inner_folds, lagged, predict_ridge
from tinglegram.models.settings import Boosting, NetworkTraining
from tinglegram.models.standardise import fit_scaling, standardise
from tinglegram.models.storage import network_file
from tinglegram.models.value_boosting import fit_value_boosting
from tinglegram.models.value_network import KnownSquaredError, fit_value_network
from tinglegram.models.value_settings import RidgeFit
from tinglegram.models.values import (
    VALUE_BASELINES,
    shown_values,
    value_baseline_tables,
    value_table,
)
from tinglegram.statistics.continuous import concordance
from tinglegram.trials.trials import Split, Trials

CPU = torch.device("cpu")
T, SHORT, PEOPLE, CLIPS = 60, 45, 8, 4
BOTH = ("acoustic", "pulse")
RIDGE = RidgeFit(lags=(0.0, 0.5), penalties=(0.001, 0.1, 10.0), inner_folds=4)
TREES = Boosting(trees=30, depth=3, learning_rate=0.3, padding="counted")
NETWORK = NetworkTraining(
    **{"hidden": 8, "layers": 1, "dropout": 0.0, "learning_rate": 0.02, "batch": 8, "epochs": 30},
    **{"padding": "counted", "checkpoint": "last"},
)
# Effects of the first acoustic column now, of the second half a second before, and of the pulse.
NOW, BEFORE, PULSE = 6.0, -4.0, 3.0


def planted(seed: int, noise: float, effect: float = 1.0) -> Trials:
    """Eight people, four clips, values around 50; the clip shown first is cut off."""
    rng = np.random.default_rng(seed)
    subject, clip = np.divmod(np.arange(PEOPLE * CLIPS), CLIPS)
    order = (clip + subject) % CLIPS
    n_steps = np.where(order == 0, SHORT, T)
    valid = np.arange(T) < n_steps[:, None]
    acoustic = np.repeat(rng.normal(size=(CLIPS, T, 3)), 2, axis=0).astype("f4")
    pulse = (rng.normal(size=(len(clip), T)) * valid).astype("f4")
    sound = acoustic[2 * clip]
    before = np.zeros((len(clip), T))
    before[:, 5:] = sound[:, :-5, 1]
    felt = NOW * sound[..., 0] + BEFORE * before + PULSE * pulse
    values = (50 + effect * felt + noise * rng.normal(size=felt.shape)) * valid
    return Trials(
        subject=subject + 1,
        video=np.array([f"c{c + 1}" for c in clip], dtype=object),
        condition=np.array(["x" if c < 2 else "y" for c in clip], dtype=object),
        order=order,
        n_steps=n_steps,
        ratings=values,
        labels=(values > 50).astype("u1"),
        clip_index=clip,
        acoustic_index=2 * clip + (order == 0),
        visual=None,
        acoustic=acoustic,
        pulse=pulse,
        grid=10.0,
    )


def parted(trials: Trials, people, clips, validates=(4,)) -> Split:
    """People and clips are tested, all others train; `validates` of them validate."""
    tested = np.isin(trials.subject, people) & np.isin(trials.video, clips)
    trains = ~np.isin(trials.subject, people) & ~np.isin(trials.video, clips)
    inner = trains & np.isin(trials.subject, validates)
    return Split(1, *map(np.flatnonzero, (trains & ~inner, inner, tested)))


@pytest.fixture(scope="module")
def trials() -> Trials:
    return planted(1, noise=4.0)


@pytest.fixture(scope="module")
def split(trials) -> Split:
    """Neither the tested people nor the tested clips train."""
    return parted(trials, [1, 2, 3], ["c2", "c4"])


def fitted(kind: str, trials: Trials, split: Split, epochs: int = 3) -> np.ndarray:
    if kind == "ridge":
        return fit_ridge(trials, split, BOTH, RIDGE).predicted
    if kind == "xgboost":
        return fit_value_boosting(trials, split, BOTH, TREES, seed=1).predicted
    scaled = standardise(trials, fit_scaling(trials, split.train, BOTH))
    settings = replace(NETWORK, epochs=epochs)
    return fit_value_network(scaled, split, BOTH, settings, seed=1, device=CPU).predicted


def agreement(trials: Trials, split: Split, predicted: np.ndarray) -> float:
    """Concordance over all frames of the test trials that were shown."""
    shown = trials.valid[split.test]
    return concordance(trials.ratings[split.test][shown], predicted[shown])


KINDS = ["ridge", "xgboost", "bilstm"]


def test_ridge_finds_the_planted_dependence(trials, split):
    """The explained share of the variance is 61 / (61 + 16), and the best linear model's

    concordance 2 q / (1 + q) of it, because its predictions vary less than the reports.
    """
    found = fit_ridge(trials, split, BOTH, RIDGE)
    share = (NOW**2 + BEFORE**2 + PULSE**2) / (NOW**2 + BEFORE**2 + PULSE**2 + 16)
    assert agreement(trials, split, found.predicted) == pytest.approx(
        2 * share / (1 + share), abs=0.03
    )
    # Columns: three of the sound, then the pulse; lags 0 and 0.5 s.
    sd = found.arrays["scaling.acoustic.sd"].tolist() + found.arrays["scaling.pulse.sd"].tolist()
    per_unit = found.arrays["coefficients"] / sd
    expected = [[NOW, 0, 0, PULSE], [0, BEFORE, 0, 0]]
    assert per_unit == pytest.approx(np.array(expected), abs=0.6)
    assert found.arrays["lag_steps"].tolist() == [0, 5]
    assert found.arrays["intercept"] == pytest.approx(50, abs=1.0)


@pytest.mark.parametrize(("kind", "least"), [("ridge", 0.8), ("xgboost", 0.6), ("bilstm", 0.6)])
def test_every_kind_learns_and_predicts_in_the_unit_of_the_values(trials, split, kind, least):
    predicted = fitted(kind, trials, split, epochs=30)
    assert predicted.shape == (len(split.test), T) and predicted.dtype == np.float64
    assert agreement(trials, split, predicted) > least
    assert predicted[trials.valid[split.test]].mean() == pytest.approx(50, abs=2)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_inputs_give_the_same_bytes(trials, split, kind):
    assert np.array_equal(fitted(kind, trials, split), fitted(kind, trials, split))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_the_test_trials_or_of_padding_reaches_training(trials, split, kind):
    """Other test reports, other test features of one trial, and anything in the padding."""
    before = fitted(kind, trials, split)
    ratings = trials.ratings.copy()
    ratings[split.test] = 99 - ratings[split.test]
    ratings[~trials.valid] = 1e6
    pulse = trials.pulse.copy()
    pulse[split.test[0], :SHORT] += 1
    changed = replace(trials, ratings=ratings, labels=1 - trials.labels, pulse=pulse)
    after = fitted(kind, changed, split)
    assert np.array_equal(before[1:], after[1:])
    assert not np.array_equal(before[0], after[0])


def test_ridge_is_that_of_scikit_learn(trials, split):
    """Its penalty is that of the sum of squares, ours per frame."""
    fit = RidgeFit(lags=(0.0, 0.5), penalties=(0.3,), inner_folds=2)
    found = fit_ridge(trials, split, BOTH, fit)
    rows = np.sort(np.concatenate([split.train, split.validation]))
    scaled = standardise(trials, fit_scaling(trials, rows, BOTH))

    def frames(chosen):
        shown = [lagged(scaled.features([r], BOTH)[0, : trials.n_steps[r]], [0, 5]) for r in chosen]
        return np.concatenate(shown)

    known = trials.ratings[rows][trials.valid[rows]]
    other = Ridge(alpha=0.3 * len(known)).fit(frames(rows), known)
    assert found.arrays["coefficients"].ravel() == pytest.approx(other.coef_, rel=1e-6)
    shown = found.predicted[trials.valid[split.test]]
    assert shown == pytest.approx(other.predict(frames(split.test)), rel=1e-6)
    assert found.history["selected"].tolist() == [True]


def test_a_stored_ridge_predicts_the_same_bits(trials, split):
    found = fit_ridge(trials, split, BOTH, RIDGE)
    again = predict_ridge(trials, split.test, BOTH, found.arrays)
    assert np.array_equal(found.predicted, again)


def test_a_penalty_is_chosen_though_no_trial_is_left_without_both(trials):
    def row(subject, clip):
        (found,) = np.flatnonzero((trials.subject == subject) & (trials.video == clip))
        return found

    first, second, third = row(1, "c1"), row(1, "c2"), row(2, "c1")
    few = Split(1, np.array([first, second, third]), np.array([], int), np.array([row(3, "c3")]))
    # People and clips cannot both be held out: people alone are.
    folds = inner_folds(trials, few, 5)
    assert [held.tolist() for _, held in folds] == [[first, second], [third]]
    history = fit_ridge(trials, few, BOTH, RIDGE).history
    assert history["validation_loss"].notna().all()
    assert history["selected"].idxmax() == history["validation_loss"].idxmin()
    alone = replace(few, train=np.array([first]))
    with pytest.raises(InputProblem, match="found those of one participant and one clip"):
        inner_folds(trials, alone, 5)


def test_the_penalty_follows_what_there_is_to_find():
    signal, noise = planted(2, noise=2.0), planted(2, noise=20.0, effect=0.0)
    chosen = []
    for trials in (signal, noise):
        history = fit_ridge(trials, parted(trials, [1, 2], ["c1"]), BOTH, RIDGE).history
        assert history["validation_loss"].idxmin() == history["selected"].idxmax()
        chosen.append(history.loc[history["selected"], "penalty"].item())
    assert chosen[0] < 0.1 and chosen[1] == 10.0


@pytest.mark.parametrize(
    ("people", "clips", "held"),
    [
        ([1, 2], ["c1"], ("subject", "video")),
        ([1, 2], [], ("subject",)),
        ([], ["c1"], ("video",)),
    ],
)
def test_inner_folds_hold_out_what_the_fold_does(trials, people, clips, held):
    tested = np.ones(len(trials.subject), dtype=bool)
    trains = tested.copy()
    for names, out in ((trials.subject, people), (trials.video, clips)):
        tested &= np.isin(names, out) if out else True
        trains &= ~np.isin(names, out)
    rows = Split(1, np.flatnonzero(trains), np.array([], dtype=int), np.flatnonzero(tested))
    folds = inner_folds(trials, rows, 3)
    assert len(folds) == 3
    for inner, out in folds:
        assert not set(inner) & set(out) and set(inner) | set(out) <= set(rows.train)
        for name in ("subject", "video"):
            shared = set(getattr(trials, name)[inner]) & set(getattr(trials, name)[out])
            assert bool(shared) is (name not in held)


def test_ridge_beats_the_mean_where_there_is_something_and_rarely_elsewhere():
    """Squared errors of 40 studies: with a signal always below, with shuffled reports as by chance.

    A shrunk model of noise is about as good as the mean; it must not look better more often than
    not, and never by much.
    """
    fit, won, gains = RidgeFit(lags=(0.0,), penalties=(0.01, 1.0, 100.0), inner_folds=3), [], []
    for seed in range(20):
        trials = planted(100 + seed, noise=10.0)
        shuffled = np.random.default_rng(seed).permuted(trials.ratings, axis=1)
        for number, given in enumerate((trials, replace(trials, ratings=shuffled))):
            given = replace(given, n_steps=np.full(len(trials.subject), SHORT))
            rows = parted(given, [1, 2, 3], ["c1", "c3"])
            shown = given.ratings[rows.test][given.valid[rows.test]]
            (mean,) = value_baseline_tables(given, [rows], ["mean"])
            level = mean.loc[mean["valid"], "predicted"].to_numpy()
            predicted = fit_ridge(given, rows, BOTH, fit).predicted[given.valid[rows.test]]
            gain = 1 - np.mean((shown - predicted) ** 2) / np.mean((shown - level) ** 2)
            (won, gains)[number].append(gain)
    assert min(won) > 0.1
    assert max(gains) < 0.02 and np.mean(gains) < 0.005


def test_the_network_leaves_out_what_is_not_known_and_stores_the_scale(trials, split):
    loss = KnownSquaredError()(torch.tensor([[1.0], [5.0], [3.0]]), torch.tensor([2.0, np.nan, 3]))
    assert loss.item() == 0.5
    settings = replace(NETWORK, epochs=3, checkpoint="best")
    found = fit_value_network(trials, split, BOTH, settings, seed=3, device=CPU)
    columns = ["epoch", "train_loss", "validation_loss", "selected"]
    assert list(found.history.columns) == columns
    assert found.history["selected"].idxmax() == found.history["validation_loss"].idxmin()
    shown = shown_values(trials, split.train, 1)
    assert (found.scale.mean, found.scale.sd) == (shown.mean(), shown.std())
    stored = network_file(
        found.weights, {"values": found.scale}, settings, modalities=BOTH, fold=1, seed=3
    )
    assert load(stored)["scaling.values.sd"].item() == shown.std()
    assert load(stored)["head.weight"].shape == (1, 16)


@pytest.mark.parametrize("kind", KINDS)
def test_values_that_never_change_are_refused(trials, split, kind):
    with pytest.raises(InputProblem, match="fold 1.*the value 7 in all"):
        fitted(kind, replace(trials, ratings=np.full_like(trials.ratings, 7.0)), split)


# ---- Baselines and the table ---------------------------------------------------------------------


def by_hand(trials: Trials, rows: np.ndarray) -> np.ndarray:
    """Mean at each step over the trials that were shown then; afterwards the last one."""
    shown = np.where(trials.valid[rows], trials.ratings[rows], np.nan)
    return pd.Series(np.nanmean(shown, axis=0)).ffill().to_numpy()


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_baselines_are_these_means(trials, split):
    found = value_baseline_tables(trials, [split], [*VALUE_BASELINES])
    tables = dict(zip(VALUE_BASELINES, found, strict=True))
    rows = np.sort(np.concatenate([split.train, split.validation]))
    everyone = shown_values(trials, rows, 1).mean()
    assert tables["mean"]["predicted"].to_numpy() == pytest.approx(everyone)
    first = split.test[0]
    assert (trials.subject[first], trials.video[first]) == (1, "c2")

    def said(name):
        own = tables[name]
        return own.loc[(own["subject"] == 1) & (own["video"] == "c2"), "predicted"].to_numpy()

    assert said("time_course") == pytest.approx(by_hand(trials, rows))
    own = rows[trials.condition[rows] == "x"]
    assert said("condition_mean") == pytest.approx(shown_values(trials, own, 1).mean())
    # Clip c2 is held out, so that its condition's other clip stands for it.
    assert set(trials.video[own]) == {"c1"}
    assert said("stimulus_mean") == pytest.approx(by_hand(trials, own))
    others = np.flatnonzero((trials.video == "c2") & (trials.subject != 1))
    assert said("human_agreement") == pytest.approx(by_hand(trials, others))


def test_the_clip_itself_is_known_where_folds_hold_out_people_alone(trials):
    rows = np.arange(len(trials.subject))
    of_people = Split(1, rows[trials.subject > 4], rows[trials.subject == 4], rows[:4])
    (table,) = value_baseline_tables(trials, [of_people], ["stimulus_mean"])
    for clip, own in table.groupby("video"):
        viewers = rows[(trials.subject >= 4) & (trials.video == clip)]
        assert own["predicted"].to_numpy() == pytest.approx(by_hand(trials, viewers))


@pytest.mark.parametrize("name", [name for name in VALUE_BASELINES if name != "human_agreement"])
def test_no_baseline_but_the_ceiling_knows_test_reports(trials, split, name):
    ratings = trials.ratings.copy()
    ratings[split.test] += 17
    pair = (trials, replace(trials, ratings=ratings))
    before, after = (next(value_baseline_tables(t, [split], [name]))["predicted"] for t in pair)
    assert before.equals(after)


def test_the_table_keeps_decimals_and_names_padding(trials, split):
    predicted = np.arange(len(split.test) * T).reshape(-1, T) / 7
    table = value_table(trials, split.test, predicted)
    expected = ["subject", "video", "condition", "step", "time_s", "valid", "reported", "predicted"]
    assert list(table.columns) == expected
    assert np.array_equal(table["predicted"], predicted.ravel())
    shown = table[table["valid"]]
    assert np.array_equal(shown["reported"], trials.ratings[split.test][trials.valid[split.test]])
    assert (table["valid"].sum(), table["step"].max()) == (trials.n_steps[split.test].sum(), T - 1)
