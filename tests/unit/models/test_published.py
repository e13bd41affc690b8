"""The authors' predictions come in as any model's predictions."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.errors import InputProblem
from tinglegram.models.published import as_predictions, padded_trials, read_predictions

CONDITIONS = {"vid1": "ASMR", "vid2": "ASMR", "vid5": "Nature", "vid6": "Nature"}
STEPS, FIRST = 20, 15


def trial(subject=1, video="vid1", nature=0, rating=None, probability=None):
    rating = np.ones(STEPS, "f4") if rating is None else rating
    probability = np.full(STEPS, 0.75, "f4") if probability is None else probability
    return {
        "subj": subject,
        "vid_name": video,
        "is_nature": nature,
        "truths": ((rating > 0) & (not nature)).astype("i8"),
        "raw_truths": rating,
        "probs": probability,
        "preds": (probability > 0.5).astype("i8"),
    }


def study():
    trials = []
    for fold, subjects in ((1, (10, 3, 2)), (2, (20, 4, 5))):
        for s in subjects:
            trials.append(trial(s, f"vid{fold}"))
            trials.append(trial(s, f"vid{fold + 4}", 1, probability=np.full(STEPS, 0.1, "f4")))
    # Participant 3 saw vid1 first: nothing is rated after step 15, and the network sees zeros.
    trials[2]["raw_truths"] = np.repeat(np.array([1, 0], "f4"), (FIRST, STEPS - FIRST))
    trials[2]["truths"] = trials[2]["raw_truths"].astype("i8")
    trials[2]["probs"] = np.repeat(np.array([0.75, 0.01], "f4"), (FIRST, STEPS - FIRST))
    # Participant 4 only rated nothing.
    trials[8]["raw_truths"] = np.zeros(STEPS, "f4")
    trials[8]["truths"] = np.zeros(STEPS, "i8")
    return trials


def read(trials):
    return read_predictions(pickle.dumps(trials, protocol=4), "file.pkl")


def convert(trials, **changed):
    options = dict(folds=(1, 2), n_steps=STEPS, n_first=FIRST, grid=10.0) | changed
    conditions = options.pop("conditions", CONDITIONS)
    return as_predictions(read(trials), conditions, "file.pkl", **options)


def test_the_table_of_every_model():
    tables = convert(study())
    assert list(tables) == [1, 2]
    first = tables[1]
    assert list(first) == (
        ["subject", "video", "condition", "step", "time_s", "valid", "label", "rating"]
        + ["probability", "predicted"]
    )
    names = first[["subject", "video"]].drop_duplicates().to_numpy().tolist()
    assert names == [[s, v] for s in (2, 3, 10) for v in ("vid1", "vid5")]
    assert first["time_s"].iloc[STEPS - 1] == pytest.approx(1.9)
    assert set(first.loc[first["video"] == "vid5", "label"]) == {0}
    assert set(first.loc[first["video"] == "vid5", "rating"]) == {1}


def test_padding_is_the_tail_in_which_network_and_rating_fall_silent():
    tables = convert(study())
    table = pd.concat(tables.values())
    invalid = table[~table["valid"]]
    assert invalid[["subject", "video"]].drop_duplicates().to_numpy().tolist() == [[3, "vid1"]]
    assert invalid["step"].tolist() == list(range(FIRST, STEPS))


def test_a_deviating_tail_with_a_rating_is_no_padding():
    trials = study()
    trials[2]["raw_truths"][-1] = 2
    trials[2]["truths"][-1] = 1
    assert not padded_trials(read(trials), FIRST).any()


def test_without_a_shorter_first_trial_nothing_is_padding():
    padded = padded_trials(read(study()), STEPS)
    assert len(padded) == 12 and not padded.any()


def changed(**keys):
    return [trial() | keys]


CONTENT = pickle.dumps([trial()], protocol=4)


@given(st.integers(0, len(CONTENT) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_a_damaged_file_gives_data_or_an_input_problem(place, inserted, removed):
    damaged = CONTENT[:place] + inserted + CONTENT[place + removed :]
    try:
        assert isinstance(read_predictions(damaged, "file.pkl"), pd.DataFrame)
    except InputProblem as problem:
        assert str(problem).startswith("file.pkl")


def test_nested_references_are_not_printed():
    nested = []
    for _ in range(60):
        nested = [nested, nested]
    with pytest.raises(InputProblem, match="number in subj, found list"):
        read(changed(subj=nested))


def test_malice_inside_a_trial_is_refused():
    trials = changed(probs=np.array([print], dtype=object))
    with pytest.raises(InputProblem, match="Nothing was executed"):
        read(trials)


def test_the_authors_file(published):
    assert [len(t) for t in published] == [16 * 550, 16 * 550, 16 * 550, 20 * 550]
    subjects = [sorted(set(t["subject"])) for t in published]
    assert subjects[0] == [1, *range(10, 17)]
    assert subjects[1] == list(range(17, 25))
    assert subjects[2] == [3, *range(25, 32)]
    assert subjects[3] == [*range(4, 10), *range(32, 36)]
    table = pd.concat(published)
    padded = table[~table["valid"]]
    # Figure 6 draws participant 27 on vid3: its sharp "offset" is the padding.
    trials = padded[["subject", "video"]].drop_duplicates()
    assert trials.to_numpy().tolist() == [
        *([1, "vid1"], [13, "vid1"], [18, "vid6"], [22, "vid6"], [3, "vid3"], [27, "vid3"]),
        *([31, "vid3"], [4, "vid8"], [8, "vid8"], [32, "vid8"]),
    ]
    assert set(padded["step"]) == set(range(507, 550))
    # A rating that ends with the sample at 50.7 s is cut by the padding, and all such are found.
    rated = table[table["rating"] > 0].groupby(["subject", "video"])["step"].max()
    cut = rated[rated == 506].index
    assert len(cut) == 5 and set(cut) <= set(map(tuple, trials.to_numpy()))


def test_class_1_of_the_study_may_be_another_than_that_of_the_file():
    def labels(**target):
        return pd.concat(convert(study(), **target).values(), ignore_index=True)

    given = labels()
    assert labels(target=ResponseTarget()).equals(given)
    anywhere = labels(target=ResponseTarget(above=0.5, condition=None))
    assert anywhere["label"].tolist() == (given["rating"] > 0.5).astype(int).tolist()
    assert anywhere.loc[anywhere["condition"] == "Nature", "label"].any()
    assert anywhere.drop(columns="label").equals(given.drop(columns="label"))
