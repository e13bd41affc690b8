"""Test trials of all folds as matrices of trials x steps, ready to be scored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tinglegram.errors import InputProblem
from tinglegram.inference.counts import outcome_counts, sums_of


@dataclass(frozen=True)
class ScoredTrials:
    """Test trials of all folds: one row per trial, arrays of trials x steps.

    `names` has the columns fold, subject, video, order where a clip was seen again, and condition
    where it is known; `control` is True for trials of any other condition than the target, for none
    where the study has one condition or reports of all are predicted; `counted` is True for the
    frames that enter scores, `valid` for those before the end of the trial, whatever enters scores;
    `probability` is that of class 1. `of_clip` is False after the end of a clip that is shorter
    than others; None where all are equally long.
    """

    names: pd.DataFrame
    control: np.ndarray
    label: np.ndarray
    predicted: np.ndarray
    counted: np.ndarray
    probability: np.ndarray
    valid: np.ndarray
    of_clip: np.ndarray | None = None

    def counts(self) -> np.ndarray:
        """Return tn, fp, fn, tp of every trial (trials x 4)."""
        return outcome_counts(self.label, self.predicted, self.counted)

    def within_target(self) -> "ScoredTrials":
        """Return the trials of the target condition alone, scored on valid frames alone.

        A padded frame holds no report, so it is left out whatever the padding switch says.
        """
        own = self.rows(~self.control)
        return replace(own, counted=own.valid)

    def also_in(self, other: "ScoredTrials") -> "ScoredTrials":
        """Return the trials that another model was tested on too, in the same fold."""
        keys = [name for name in self.names.columns if name in other.names.columns]
        return self.rows(
            pd.MultiIndex.from_frame(self.names[keys]).isin(
                pd.MultiIndex.from_frame(other.names[keys])
            )
        )

    def rows(self, own: np.ndarray) -> "ScoredTrials":
        """Return the trials of which `own` (trials,) is True."""
        return ScoredTrials(
            names=self.names[own].reset_index(drop=True),
            control=self.control[own],
            label=self.label[own],
            predicted=self.predicted[own],
            counted=self.counted[own],
            probability=self.probability[own],
            valid=self.valid[own],
            of_clip=None if self.of_clip is None else self.of_clip[own],
        )


def as_trials(
    folds: Sequence[pd.DataFrame],
    *,
    padding: str,
    target: str | None = "ASMR",
    source: str = "",
) -> ScoredTrials:
    """Arrange the predictions of all folds as trials x steps.

    Parameters
    ----------
    folds : predictions of fold 1, 2, ...: subject, video, condition, step, valid, label,
        predicted, probability; every trial of a clip with the same steps from 0 on.
    padding : `counted`: padded frames are scored as class 0, as in the released code;
        `masked`: they are left out.
    target : the condition whose reports are predicted; in all others, whatever their number, labels
        are 0. None: reports of every condition are predicted.
    source : name of the model, for messages.

    Raises
    ------
    InputProblem : no trials, a trial twice, trials of unequal length, or a probability that is
        missing or outside 0 to 1.
    """
    table = pd.concat(
        [fold.assign(fold=number) for number, fold in enumerate(folds, 1)], ignore_index=True
    )
    keys = ["fold", "subject", "video", *(["order"] if "order" in table.columns else [])]
    table = table.sort_values([*keys, "step"], kind="stable")
    names = table[[*keys, "condition"]].drop_duplicates(ignore_index=True)
    lengths = table.groupby(keys, sort=False).size().to_numpy()
    n_steps = int(table["step"].max()) + 1 if len(table) else 0
    steps = [np.empty(0, np.int64), *(np.arange(n) for n in lengths)]
    complete = np.array_equal(table["step"], np.concatenate(steps)) and bool(
        (names.assign(n=lengths).groupby("video")["n"].nunique() == 1).all()
    )
    if not len(names) or not complete or names.duplicated(keys[1:]).any():
        raise InputProblem(
            source,
            expected="every test trial once, all of a clip with the same steps",
            found=f"{len(names)} trials and {len(table)} frames of up to {n_steps} steps",
            remedy="Delete this model's predictions and run the workflow again.",
        )
    of_clip = np.arange(n_steps) < lengths[:, None]

    def matrix(column: str) -> np.ndarray:
        values = table[column].to_numpy()
        if of_clip.all():
            return values.reshape(of_clip.shape)
        # After the end of a clip nothing is reported, predicted or counted.
        found = np.zeros(of_clip.shape, dtype=values.dtype)
        found[of_clip] = values
        return found

    valid = matrix("valid").astype(bool)
    probability = matrix("probability").astype(float)
    if not ((probability >= 0) & (probability <= 1)).all():
        raise InputProblem(
            source,
            expected="probabilities from 0 to 1",
            found=f"values from {np.min(probability):g} to {np.max(probability):g}",
            remedy="Delete this model's predictions and run the workflow again.",
        )
    return ScoredTrials(
        names=names,
        control=(
            names["condition"] != (names["condition"] if target is None else target)
        ).to_numpy(),
        label=matrix("label").astype(bool),
        predicted=matrix("predicted").astype(bool),
        counted=valid if padding == "masked" else of_clip,
        probability=probability,
        valid=valid,
        of_clip=None if of_clip.all() else of_clip,
    )


def participant_index(trials: ScoredTrials) -> np.ndarray:
    """Return the 0-based index of each trial's participant, by rising participant number."""
    return np.unique(trials.names["subject"].to_numpy(), return_inverse=True)[1]


def folds_of_people(trials: ScoredTrials) -> np.ndarray:
    """Return (participants,) the fold that tests each, in the order of `participant_index`.

    All zeros where folds hold out clips and test everybody, so that nobody belongs to one fold.
    """
    return fold_of_each_person(trials.names)


def fold_of_each_person(names: pd.DataFrame) -> np.ndarray:
    """Return `folds_of_people` from the columns subject and fold of trials."""
    pairs = names[["subject", "fold"]].drop_duplicates().sort_values("subject")
    fold: np.ndarray = pairs["fold"].to_numpy()
    if pairs["subject"].duplicated().any():
        return np.zeros(pairs["subject"].nunique(), dtype=fold.dtype)
    return fold


def clips_are_held_out(trials: ScoredTrials) -> bool:
    """Return whether every clip is tested in one fold alone.

    A clip that several folds test trained the models of the others: what varies between such folds
    tells nothing of other clips of the kind.
    """
    return each_clip_in_one_fold(trials.names)


def each_clip_in_one_fold(names: pd.DataFrame) -> bool:
    """Return `clips_are_held_out` from the columns video and fold of trials."""
    pairs = names[["video", "fold"]].drop_duplicates()
    return not bool(pairs["video"].duplicated().any())


def only_held_out(by_fold: np.ndarray, trials: ScoredTrials) -> np.ndarray:
    """Return what folds tell of any clips of the kind: their values, or NaN.

    Folds that share clips tell nothing of others, and neither do the clips themselves: a model
    that was trained on the reports of a clip's other viewers may know nothing else.

    Parameters
    ----------
    by_fold : (folds, ...) values of the trials of each fold.
    """
    return by_fold if clips_are_held_out(trials) else np.full_like(by_fold, np.nan)


def strata_of(trials: ScoredTrials) -> np.ndarray:
    """Return the stratum of each trial, its fold and condition: what permutations must keep.

    Trials of one stratum come from the same trained model and the same kind of clip, so that
    knowing the condition, or the fold's base rate, gains nothing.
    """
    kind, kinds = trials.control.astype(int), 2
    if not trials.control.any() and "condition" in trials.names:
        conditions, kind = np.unique(trials.names["condition"], return_inverse=True)
        kinds = max(kinds, len(conditions))
    found: np.ndarray = kinds * trials.names["fold"].to_numpy() + kind
    return found


def tells_conditions_apart(trials: ScoredTrials) -> bool:
    """Return whether there are trials of the target condition and of another one.

    Without both, nothing can be asked that is about knowing the condition of a clip.
    """
    return bool(trials.control.any() and not trials.control.all())


def common_frames(frames: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Return (trials x steps) whether a frame is True in every trial of the same stratum.

    Label sequences are exchanged over these frames only: a shorter one would otherwise take frames
    away from the trial it comes to, and a score would move without any model knowing anything.
    """
    common = np.empty_like(frames)
    for stratum in np.unique(strata):
        members = strata == stratum
        common[members] = frames[members].all(axis=0)
    return common


def group_sums(trials: ScoredTrials, groups: np.ndarray) -> np.ndarray:
    """Return (groups x 2 x 4) counts: of all trials in a group, and of its control trials."""
    counts = trials.counts()
    both = np.stack([counts, counts * trials.control[:, None]], axis=1)
    return sums_of(groups, both)


def overlap_counts(trials: ScoredTrials) -> np.ndarray:
    """Return (n x n x 4) counts of trial i's predictions against trial j's labels.

    A frame counts where it counts in both trials: a shuffled label sequence brings its padding.
    """
    counted = trials.counted.astype(float)
    predicted = trials.predicted * counted
    reported = trials.label * counted
    tp = predicted @ reported.T
    fp = predicted @ counted.T - tp
    fn = counted @ reported.T - tp
    tn = counted @ counted.T - tp - fp - fn
    return np.stack([tn, fp, fn, tp], axis=-1)
