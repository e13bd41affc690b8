"""Baselines: known answers on small trials, and on the authors' published predictions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.errors import InputProblem
from tinglegram.inference.counts import METRICS
from tinglegram.models.baselines import BASELINES, Question, baseline_predictions, imported_trials
from tinglegram.statistics.metrics import fold_scores
from tinglegram.statistics.scored_trials import as_trials
from tinglegram.trials.assembly import assemble
from tinglegram.trials.trials import Split, Trials, binary_labels, prediction_table

CLIPS = {"a1": "ASMR", "a2": "ASMR", "a3": "ASMR", "n1": "Nature", "n2": "Nature", "n3": "Nature"}
T, FIRST = 6, 4


@pytest.fixture(scope="module")
def trials() -> Trials:
    """Four people see six clips; person p sees clip p first, which is cut after four steps."""
    rng = np.random.default_rng(1)
    rows = [
        (person, clip, order, step, rng.integers(0, 3))
        for person in range(1, 5)
        for order, clip in enumerate(np.roll(list(CLIPS), -person))
        for step in range(FIRST if order == 0 else T)
    ]
    labels = pd.DataFrame(rows, columns=["subject", "video", "order", "step", "rating"])
    features = {"modalities": (), "stimuli": {}, "pulse": {}, "log_columns": ()}
    return assemble(labels, CLIPS, steps=T, grid=10.0, **features)


def where(trials: Trials, people, clips) -> np.ndarray:
    return np.flatnonzero(np.isin(trials.subject, people) & np.isin(trials.video, clips))


@pytest.fixture(scope="module")
def question(trials) -> Question:
    """Persons 3 and 4 train on clips 2 and 3 of each condition; 1 and 2 are tested on clips 1."""
    training = where(trials, [3, 4], ["a2", "a3", "n2", "n3"])
    return Question(
        trials, training, where(trials, [1, 2], ["a1", "n1"]), ResponseTarget(), "counted"
    )


def ask(name: str, question: Question) -> np.ndarray:
    return BASELINES[name].predict(question)


def test_trials_without_features(trials):
    assert trials.visual is None and trials.acoustic is None and trials.pulse is None
    assert trials.n_steps.tolist().count(FIRST) == 4


def test_majority_is_the_share_of_class_1_in_training(trials, question):
    ones, rows = trials.labels[question.training].sum(), question.training
    counted, masked = (ask("majority", replace(question, padding=p)) for p in ("counted", "masked"))
    assert counted.shape == (4, T)
    assert (counted == ones / (len(rows) * T)).all()
    assert (masked == ones / trials.n_steps[rows].sum()).all()
    assert not np.array_equal(counted, masked)


def test_condition_and_padding_controls(trials, question):
    # Person 1 saw a2 first and person 2 a3: neither test trial is padded, so test those as well.
    asked = replace(question, test=where(trials, [1], ["a1", "a2", "n1"]))
    shown = [True] * FIRST + [False] * (T - FIRST)
    assert ask("condition_only", asked).tolist() == [[1.0] * T, [1.0] * T, [0.0] * T]
    assert ask("padding_only", asked).tolist() == [[1.0] * T, shown, [1.0] * T]
    assert ask("condition_and_padding", asked).tolist() == [[1.0] * T, shown, [0.0] * T]


def test_one_condition_is_worth_as_much_as_no_knowledge(trials, question):
    alone = replace(question, trials=replace(trials, condition=np.full(len(trials.video), "all")))
    assert np.array_equal(ask("condition_only", alone), ask("majority", alone))


def test_condition_only_follows_the_named_target(question):
    other = ask("condition_only", replace(question, target=ResponseTarget(condition="Nature")))
    assert np.array_equal(other, 1 - ask("condition_only", question))


def test_stimulus_mean_averages_valid_reports_of_other_clips(trials, question):
    answer = ask("stimulus_mean", question)
    rows = where(trials, [3, 4], ["a2", "a3"])
    expected = np.ma.array(trials.labels[rows], mask=~trials.valid[rows]).mean(axis=0)
    assert np.allclose(answer[0], expected) and np.allclose(answer[2], expected)
    assert not answer[[1, 3]].any()


def test_stimulus_mean_never_uses_the_tested_clip(trials, question):
    everybody = replace(question, training=where(trials, [3, 4], list(CLIPS)))
    assert np.array_equal(ask("stimulus_mean", everybody), ask("stimulus_mean", question))


def test_a_step_without_reports_carries_the_last_known_mean_on(trials, question):
    n_steps = trials.n_steps.copy()
    n_steps[question.training] = FIRST
    short = replace(trials, n_steps=n_steps)
    answer = ask("stimulus_mean", replace(question, trials=short))
    assert (answer[:, FIRST:] == answer[:, [FIRST - 1]]).all()
    assert answer[0, FIRST - 1] == trials.labels[where(trials, [3, 4], ["a2", "a3"]), 3].mean()


def test_human_agreement_averages_all_other_viewers(trials, question):
    answer = ask("human_agreement", question)
    for place, row in enumerate(question.test):
        others = (trials.video == trials.video[row]) & (trials.subject != trials.subject[row])
        expected = np.ma.array(trials.labels[others], mask=~trials.valid[others]).mean(axis=0)
        assert np.allclose(answer[place], expected)


@pytest.mark.parametrize("name", BASELINES)
def test_no_control_knows_the_tested_report(trials, question, name):
    labels = trials.labels.copy()
    labels[question.test[:1]] ^= 1
    before = ask(name, question)
    after = ask(name, replace(question, trials=replace(trials, labels=labels)))
    # Another viewer of the same clip may be tested too, and uses this report, as a noise ceiling
    # should.
    same = [0] if name == "human_agreement" else range(len(before))
    assert np.array_equal(before[same], after[same])


@pytest.mark.parametrize("name", [n for n in BASELINES if "padding" not in n])
def test_only_padding_controls_know_the_padding_of_the_tested_trial(trials, question, name):
    n_steps = trials.n_steps.copy()
    n_steps[question.test] = 2
    asked = replace(question, trials=replace(trials, n_steps=n_steps))
    others = replace(asked, test=question.test[:1])
    if name == "human_agreement":
        n_steps[question.test[1:]] = trials.n_steps[question.test[1:]]
    assert np.array_equal(ask(name, others), ask(name, question)[:1])


def test_a_clip_that_nobody_else_saw_has_no_ceiling(trials, question, caplog):
    alone = replace(trials, video=np.array(["mine", *trials.video[1:]], dtype=object))
    answer = ask("human_agreement", replace(question, trials=alone, test=np.array([0, 1])))
    assert np.isnan(answer[0]).all() and not np.isnan(answer[1]).any()

    def tables(*tests):
        nobody = np.array([], int)
        splits = [
            Split(fold, question.training, nobody, np.array(test))
            for fold, test in enumerate(tests, 1)
        ]
        about = {"target": question.target, "padding": question.padding}
        return list(baseline_predictions(alone, splits, ["human_agreement"], **about))

    (found,) = tables([0, 1])
    assert set(found["video"]) == {trials.video[1]}
    assert "human_agreement: fold 1: nothing of 1 of 2 trial(s)" in caplog.text
    # A fold that tests nothing else has a table without rows.
    none, one = tables([0], [1])
    assert len(none) == 0 and list(none) == list(one)
    assert "human_agreement: fold 1: nothing of 1 of 1 trial(s)" in caplog.text
    scored = as_trials([none, one], padding="masked", source="human_agreement")
    assert scored.names["fold"].tolist() == [2]
    with pytest.raises(InputProblem, match="human_agreement: expected a clip with two viewers"):
        tables([0], [0])


def test_no_other_clip_of_the_condition(trials, question):
    asked = replace(question, training=where(trials, [3, 4], ["n2"]))
    found = ask("stimulus_mean", asked)
    # Of the target condition training knows nothing: the clip of the other one tells of the step.
    assert np.array_equal(found[trials.video[asked.test] == "a1"], found[:2] * 0)
    other = replace(question, training=where(trials, [3, 4], ["a2"]))
    known = ask("stimulus_mean", other)
    assert np.array_equal(known[0], known[1]) and known.any()


def test_no_other_clip_at_all(trials, question):
    asked = replace(
        question, training=where(trials, [3, 4], ["a1"]), test=where(trials, [1], ["a1"])
    )
    with pytest.raises(InputProblem, match="subject 1, a1: expected training trials of another"):
        ask("stimulus_mean", asked)


def test_every_control_says_what_it_knows():
    assert {baseline.kind for baseline in BASELINES.values()} == {"competitor", "noise_ceiling"}
    assert [name for name, c in BASELINES.items() if c.kind == "noise_ceiling"] == [
        "human_agreement"
    ]
    assert all(c.knows.startswith("Knows") and c.knows.endswith(".") for c in BASELINES.values())


def test_tables_of_all_folds_in_order(trials, question):
    nobody = np.array([], dtype=np.int64)
    split = Split(1, question.training[:5], question.training[5:], question.test)
    swapped = Split(2, question.test, nobody, question.training)
    names = ["condition_only", "majority"]
    tables = list(
        baseline_predictions(
            trials, [split, swapped], names, target=ResponseTarget(), padding="counted"
        )
    )
    assert [len(t) // T for t in tables] == [4, 8, 4, 8]
    assert (tables[0]["predicted"] == (tables[0]["condition"] == "ASMR")).all()
    assert tables[2]["probability"].iloc[0] == ask("majority", question)[0, 0]


def test_imported_trials_are_those_of_the_tables(trials, question):
    known, other = question.test, question.training
    folds = [prediction_table(trials, r, np.zeros((len(r), T))) for r in (known, other)]
    found, splits = imported_trials(folds, "published", target=ResponseTarget(), grid=10.0)
    rows = np.concatenate([known, other])
    for name in ("subject", "video", "condition", "n_steps", "ratings", "labels"):
        assert np.array_equal(getattr(found, name), getattr(trials, name)[rows]), name
    assert splits[0].test.tolist() == splits[1].train.tolist() == list(range(len(known)))
    again = prediction_table(found, splits[1].test, np.zeros((len(other), T)))
    pd.testing.assert_frame_equal(again, folds[1])


def test_imported_steps_out_of_order(trials):
    fold = prediction_table(trials, np.arange(3), np.zeros((3, T)))
    with pytest.raises(InputProblem, match="published: expected every test trial with the same"):
        imported_trials([fold.iloc[::-1]], "published", target=ResponseTarget(), grid=10.0)


def of_published(published, name: str) -> np.ndarray:
    """Fold scores of a baseline on the authors' predictions, as the released code counts."""
    trials, splits = imported_trials(published, "published", target=ResponseTarget(), grid=10.0)
    tables = list(
        baseline_predictions(trials, splits, [name], target=ResponseTarget(), padding="counted")
    )
    return fold_scores(as_trials(tables, padding="counted"))


def test_condition_only_scores_on_the_published_study(published):
    scores = of_published(published, "condition_only")
    macro_f1 = scores[:, METRICS.index("macro_f1")]
    assert macro_f1.round(4).tolist() == [0.7307, 0.7071, 0.8235, 0.5739]
    assert (100 * macro_f1.mean()).round(2) == 70.88 and (100 * macro_f1.std()).round(2) == 8.92
    accuracy = 100 * scores[:, METRICS.index("accuracy")]
    assert (accuracy.mean().round(2), accuracy.std().round(2)) == (73.42, 7.01)


def test_condition_and_padding_scores_on_the_published_study(published):
    macro_f1 = of_published(published, "condition_and_padding")[:, METRICS.index("macro_f1")]
    assert macro_f1.round(4).tolist() == [0.7398, 0.7071, 0.8377, 0.5739]


@pytest.mark.parametrize("name", ["majority", "stimulus_mean", "human_agreement"])
def test_other_controls_on_the_published_study(published, name):
    scores = of_published(published, name)
    assert np.isfinite(scores).all()
    assert (scores[:, METRICS.index("nature_specificity")] == 1).all()


def test_where_reports_anywhere_count_the_condition_knows_how_often(trials, question):
    anywhere = ResponseTarget(condition=None)
    fewer = np.where((trials.video == "n2")[:, None], 0, trials.ratings)
    labels = binary_labels(fewer, trials.valid, trials.condition, anywhere)
    every = replace(trials, labels=labels)
    answer = ask("condition_only", replace(question, trials=every, target=anywhere))
    shares = []
    for condition in ("ASMR", "Nature"):
        rows = question.training[trials.condition[question.training] == condition]
        shares.append(labels[rows].mean())
    assert shares[0] != shares[1]
    assert answer[[0, 1]].tolist() == [[shares[0]] * T, [shares[1]] * T]


def test_fractions_come_back_from_predictions(trials, question):
    rated = replace(trials, ratings=trials.ratings / 4)
    table = prediction_table(rated, np.arange(len(trials.subject)), np.zeros(trials.labels.shape))
    found, _ = imported_trials([table], "x", target=ResponseTarget(above=0.3), grid=10.0)
    assert np.array_equal(found.ratings, rated.ratings)
    expected = (rated.ratings > 0.3) & (trials.condition == "ASMR")[:, None]
    assert np.array_equal(found.labels, expected)
