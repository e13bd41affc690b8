"""Scores from counts of true and false answers (paper, "Evaluation Metrics").

Counts are arrays whose last axis holds tn, fp, fn, tp, so one call scores a trial, a fold or
thousands of resamples.
"""

import numpy as np

METRICS = ("accuracy", "macro_f1", "macro_precision", "macro_recall", "nature_specificity")
OUTCOMES = ("tn", "fp", "fn", "tp")


def outcome_counts(
    label: np.ndarray, predicted: np.ndarray, counted: np.ndarray | bool = True
) -> np.ndarray:
    """Count tn, fp, fn, tp along the last axis of boolean arrays; leading axes stay."""
    cells = (~label & ~predicted, ~label & predicted, label & ~predicted, label & predicted)
    return np.stack([np.sum(cell & counted, axis=-1) for cell in cells], axis=-1)


def scores(counts: np.ndarray, control_counts: np.ndarray) -> np.ndarray:
    """Return the five `METRICS` from counts.

    Parameters
    ----------
    counts : (..., 4) tn, fp, fn, tp of all frames scored.
    control_counts : (..., 4) the same of the control condition's frames alone.

    Returns
    -------
    (..., 5) fractions. As in scikit-learn with `zero_division=0`: a class without a prediction
    has precision 0, one without a label has recall 0, and the macro average goes over the classes
    that occur in labels or predictions. NaN where no frame is scored.
    """
    tn, fp, fn, tp = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    hits = np.stack([tn, tp])
    labelled = np.stack([tn + fp, fn + tp])
    called = np.stack([tn + fn, fp + tp])
    occurs = labelled + called > 0
    macro = [
        ratio(ratio(part, whole, 0.0).sum(axis=0), occurs.sum(axis=0))
        for part, whole in ((2 * hits, labelled + called), (hits, called), (hits, labelled))
    ]
    return np.stack([accuracy(counts), *macro, accuracy(control_counts)], axis=-1)


def accuracy(counts: np.ndarray) -> np.ndarray:
    """Return the share of correct frames from (..., 4) counts; NaN where there are none."""
    counts = np.asarray(counts, dtype=float)
    return ratio(counts[..., 0] + counts[..., 3], counts.sum(axis=-1))


def f1_of_counts(counts: np.ndarray) -> np.ndarray:
    """Return macro F1 from (..., 4) counts, as in `scores`; NaN where there are none."""
    found: np.ndarray = scores(counts, counts)[..., METRICS.index("macro_f1")]
    return found


def ratio(part: np.ndarray, whole: np.ndarray, otherwise: float = np.nan) -> np.ndarray:
    """Return part / whole, and `otherwise` where there is nothing to divide by."""
    found: np.ndarray = np.divide(
        part, whole, out=np.full(np.shape(whole), otherwise), where=whole > 0
    )
    return found


def ratio_of_sums(sums: np.ndarray) -> np.ndarray:
    """Return (...) ratios of (..., 2) sums; NaN of nothing."""
    return ratio(sums[..., 0], sums[..., 1])


def sums_of(units: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return (units, ...) sums of `values` (rows, ...); `units` (rows,) numbers them from 0."""
    found = np.zeros((int(units.max()) + 1, *values.shape[1:]), dtype=values.dtype)
    np.add.at(found, units, values)
    return found
