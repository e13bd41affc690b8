"""Files of published predictions that hold something else, or contradict the configuration."""

import os
import pickle
from pathlib import Path

import numpy as np
from error_cases import Case

from tinglegram.formats.pickles import read_plain
from tinglegram.models.published import as_predictions, read_predictions

TITLE = "Published predictions"
CONDITIONS = {"vid1": "ASMR", "vid2": "ASMR", "vid5": "Nature", "vid6": "Nature"}
STEPS = 20
KEYS = "subj, vid_name, is_nature, truths, raw_truths, probs, preds"
WRONG_FILE = "Is this the authors' file of predictions (paper_fusion_results_4_fold.pkl)?"
COMPARE = "Compare clips, timing and folds in the configuration with this file."
PLAIN = "expected a pickle of plain numbers, text, lists, dictionaries and numpy arrays"
NOT_RUN = (
    "Nothing was executed. If you trust the file, load it yourself and save it with pickle "
    "protocol 4 as plain lists, numbers and numpy arrays."
)


class Malice:
    """What a malicious pickle calls as soon as it is loaded."""

    def __reduce__(self):
        return os.mkdir, ("pwned",)


def trial(subject: int = 1, video: str = "vid1", **changed: object) -> dict:
    nature = int(CONDITIONS.get(video) == "Nature")
    return {
        "subj": subject,
        "vid_name": video,
        "is_nature": nature,
        "truths": np.full(STEPS, 1 - nature),
        "raw_truths": np.ones(STEPS, "f4"),
        "probs": np.full(STEPS, 0.75, "f4"),
        "preds": np.ones(STEPS, "i8"),
    } | changed


def study() -> list[dict]:
    """Two people in each of two folds, every trial once."""
    return [
        trial(subject, f"vid{clip}")
        for fold, people in ((1, (1, 2)), (2, (3, 4)))
        for subject in people
        for clip in (fold, fold + 4)
    ]


def odd(value: float) -> np.ndarray:
    """A series that is wrong at one step."""
    series = np.ones(STEPS)
    series[7] = value
    return series


def _read(content: bytes) -> None:
    read_predictions(content, "predictions.pkl")


def _refused(given: str, content: bytes, found: str) -> Case:
    def provoke(folder: Path) -> None:
        try:
            _read(content)
        finally:
            assert not list(folder.iterdir()), "the pickle was executed"

    return Case(given, f"predictions.pkl, {found}", provoke)


def _unreadable(given: str, trials: object, found: str, remedy: str = WRONG_FILE) -> Case:
    content = pickle.dumps(trials, protocol=4)
    return Case(given, f"predictions.pkl{found}. {remedy}", lambda _: _read(content))


def _contradiction(given: str, trials: list[dict], found: str, **changed: object) -> Case:
    options = {"conditions": CONDITIONS, "folds": (1, 2), "n_steps": STEPS} | changed

    def provoke(_: Path) -> None:
        table = read_predictions(pickle.dumps(trials, protocol=4), "predictions.pkl")
        as_predictions(table, source="predictions.pkl", n_first=15, grid=10.0, **options)

    return Case(given, f"predictions.pkl: {found}. {COMPARE}", provoke)


LONG = {key: np.ones(500, "i1") for key in ("truths", "raw_truths", "probs", "preds")}
SOUND = pickle.dumps(study(), protocol=4)
CASES = [
    _refused(
        "a pickle that calls a function of the system",
        pickle.dumps([Malice()], protocol=4),
        f"byte 29: {PLAIN}, found a reference to '{os.mkdir.__module__}.mkdir'. {NOT_RUN}",
    ),
    _refused(
        "malice inside an array",
        pickle.dumps([trial(probs=np.array([Malice()], dtype=object))], protocol=4),
        f"byte 559: {PLAIN}, found an array of type 'O8', not of numbers. {NOT_RUN}",
    ),
    _refused(
        "another object than plain data",
        pickle.dumps([{1, 2}], protocol=4),
        f"byte 13: {PLAIN}, found the instruction EMPTY_SET. {NOT_RUN}",
    ),
    _refused(
        "an array of records",
        pickle.dumps([trial(probs=np.zeros(1, dtype=[("a", "i4")]))], protocol=4),
        f"byte 559: {PLAIN}, found an array of type 'V4', not of numbers. {NOT_RUN}",
    ),
    Case(
        "a file cut short",
        "predictions.pkl, after byte 5240: expected a complete pickle, found a file that cannot be "
        "parsed (pickle exhausted before seeing STOP). Download the file again.",
        lambda _: _read(SOUND[:-1]),
    ),
    Case(
        "a file that is no pickle",
        "predictions.pkl, after byte 0: expected a complete pickle, found a file that cannot be "
        "parsed (at position 0, opcode b'<' unknown). Download the file again.",
        lambda _: _read(b"<html>not found</html>"),
    ),
    Case(
        "a file far too large",
        "predictions.pkl: expected at most 3 bytes, found 4 bytes. Is this the authors' file of "
        "predictions?",
        lambda _: read_plain(b"\x80\x04].", "predictions.pkl", max_bytes=3),
    ),
    _unreadable(
        "plain data that are no list",
        {"a": 1},
        ": expected a list with one dictionary per test trial, found something else",
    ),
    _unreadable(
        "no trial",
        [],
        ": expected a list with one dictionary per test trial, found something else",
    ),
    _unreadable(
        "a trial without probabilities",
        [{key: value for key, value in trial().items() if key != "probs"}],
        f", trial 1: expected the keys {KEYS}, found no probs",
    ),
    _unreadable(
        "a participant without a number",
        [trial(subj="one")],
        ", trial 1: expected a participant's number in subj, found 'one'",
    ),
    _unreadable(
        "a clip without a code",
        [trial(vid_name=3)],
        ", trial 1: expected a clip's code in vid_name, found a int",
    ),
    _unreadable(
        "a condition that is neither",
        [trial(is_nature=2)],
        ", trial 1: expected 0 or 1 in is_nature, found 2",
    ),
    _unreadable(
        "an array of two dimensions",
        [trial(probs=np.zeros((2, 3)))],
        ", trial 1: expected one value per step in probs, found an array of shape (2, 3)",
    ),
    _unreadable(
        "an empty array",
        [trial(probs=np.zeros(0))],
        ", trial 1: expected one value per step in probs, found an array of shape (0,)",
    ),
    _unreadable(
        "a list instead of an array",
        [trial(preds=[0, 1])],
        ", trial 1: expected one value per step in preds, found list",
    ),
    _unreadable(
        "series of different lengths",
        [trial(probs=np.zeros(3))],
        ", trial 1: expected series of one length, found truths 20, raw_truths 20, probs 3, preds "
        "20",
    ),
    _unreadable(
        "a shorter trial",
        [
            trial(),
            trial(2, **{key: np.zeros(3) for key in ("truths", "raw_truths", "probs", "preds")}),
        ],
        ", trial 2: expected 20 steps, as in trial 1, found 3",
    ),
    _unreadable(
        "a label that is neither 0 nor 1",
        [trial(), trial(2, truths=odd(2.0))],
        ", trial 2: expected only 0 and 1 in truths, found 2.0 at step 7",
    ),
    _unreadable(
        "a prediction that is neither 0 nor 1",
        [trial(preds=odd(0.5))],
        ", trial 1: expected only 0 and 1 in preds, found 0.5 at step 7",
    ),
    _unreadable(
        "a probability above 1",
        [trial(probs=odd(1.5))],
        ", trial 1: expected probabilities between 0 and 1 in probs, found 1.5 at step 7",
    ),
    _unreadable(
        "a probability below 0",
        [trial(probs=odd(-0.5))],
        ", trial 1: expected probabilities between 0 and 1 in probs, found -0.5 at step 7",
    ),
    _unreadable(
        "a probability that is no number",
        [trial(probs=odd(np.nan))],
        ", trial 1: expected probabilities between 0 and 1 in probs, found nan at step 7",
    ),
    _unreadable(
        "a rating that is none",
        [trial(raw_truths=odd(0.5))],
        ", trial 1: expected ratings 0 to 3 in raw_truths, found 0.5 at step 7",
    ),
    _unreadable(
        "a trial given twice",
        [trial(), trial()],
        ", trial 2: expected each trial once, found participant 1 with clip vid1 again",
    ),
    _unreadable(
        "a small file that would fill the memory",
        [trial(subject, **LONG) for subject in range(1, 100)],
        ", trial 11: expected series of its own for each trial, found the same ones again",
    ),
    _contradiction(
        "a trial that is missing",
        [one for one in study() if (one["subj"], one["vid_name"]) != (2, "vid5")],
        "expected every person with all clips of their fold, found participant 2 without vid5",
    ),
    _contradiction(
        "trials of another length",
        study(),
        "expected trials of 30 steps, found 20",
        n_steps=30,
    ),
    _contradiction(
        "clips that the configuration does not know",
        study(),
        "expected the clips vid1, vid5, found vid2, vid6",
        conditions={"vid1": "ASMR", "vid5": "Nature"},
    ),
    _contradiction(
        "a clip of the other condition",
        study(),
        "expected vid1 in condition Nature, found the other condition",
        conditions=CONDITIONS | {"vid1": "Nature"},
    ),
    _contradiction(
        "a fold too few",
        study(),
        "expected trials of folds 1, 2, 3, found folds 1, 2",
        folds=(1, 2, 3),
    ),
    _contradiction(
        "labels that are not those of the ratings",
        [trial(truths=np.zeros(STEPS, "i8")), *study()[1:]],
        "expected label 1 exactly where the rating is above 0 and the condition is not Nature, "
        "found labels that differ from the ratings",
    ),
]
