"""The first page's table of a verdict as a decision: the number behind every claim."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.inference.populations import ANY_CLIPS, THESE_CLIPS
from tinglegram.report.text import ABSENT, p_text
from tinglegram.statistics.decisions import (
    FOLDS,
    NOT_ASKED,
    NOTHING,
    THESE_PEOPLE,
)

_COLUMNS = ("Model", "Claim", "Call", "Number", "Value", "Interval", "Of", "p", "p (Holm)", "Test")


def decision_front(verdicts: Mapping[str, pd.DataFrame], headline: Sequence[str]) -> pd.DataFrame:
    """Return the numbers behind the claims about the models of the first page, as text.

    Parameters
    ----------
    verdicts : protocol -> verdicts.tsv; those without claims have no rows here.
    headline : models of the first page.
    """
    rows = [
        {"Model": f"{row['model']}, {protocol}", **line}
        for model in headline
        for protocol, table in _decided(verdicts).items()
        for row in table[table["model"] == model].to_dict("records")
        for line in _lines(row)
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _decided(verdicts: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: table for name, table in verdicts.items() if "timing" in table}


def _lines(row: Mapping[Hashable, Any]) -> list[dict[str, str]]:
    """Return one line per number of one model."""
    found = [
        *_retrained_lines(row),
        _line(
            "",
            "ROC AUC within clips (chance 0.50), mean over folds",
            row["roc_auc"],
            row["p_auc"],
            _over_folds(row["n_folds"]),
            Interval=_between(row["any_low"], row["any_high"]),
        ),
        _line(
            "",
            f"the same beyond its mean course on other clips{_part(row['residual_frames'])}",
            row["residual_auc"],
            row["p_residual"],
            _over_folds(row["n_folds_residual"]),
        ),
        _line(
            "absence of clear timing",
            f"upper end of the ROC AUC, against {row['clear_auc']:g}",
            row["upper_end"],
            row["p_absent"],
            _over_folds(row["n_folds"]),
            **{"p (Holm)": p_text(row["p_absent_holm"])},
        ),
    ]
    # The claim stands in the first line of its numbers.
    found[0] |= {
        "Claim": "timing",
        "Call": row["timing"],
        "p (Holm)": p_text(row["p_timing_holm"]),
    }
    if row["score"] == NOT_ASKED:
        return found
    points = "macro F1 minus that of the category alone (points)"
    score, category = (
        {"Call": row[claim], "p (Holm)": p_text(row[f"p_{claim}_holm"])}
        for claim in ("score", "category")
    )
    return [
        *found,
        _line(
            "score",
            points,
            100 * row["difference"],
            row["p_score"],
            _over_folds(row["n_folds_score"]),
            Interval=_between(100 * row["difference_any_low"], 100 * row["difference_any_high"]),
            **score,
        ),
        _line(
            "",
            f"{points}, mean over people",
            100 * row["difference_of_people"],
            row["p_score_these"],
            f"t over {row['n_people_score']:.0f} people within folds",
            of=THESE_CLIPS,
            Interval=_between(
                100 * row["difference_these_low"], 100 * row["difference_these_high"]
            ),
        ),
        _line(
            "category",
            "mean probability, target minus other clips",
            row["category_gap"],
            row["p_category"],
            _over_folds(row["n_folds_category"]),
            Interval=_between(row["category_gap_low"], row["category_gap_high"]),
            **category,
        ),
    ]


def _retrained_lines(row: Mapping[Hashable, Any]) -> list[dict[str, str]]:
    """Return the line of training again, where it was done: its own AUC, people and clips."""
    if not np.isfinite(row["retrained_auc"]):
        return []
    null = f"against {row['retrained_null']:.2f} when trained on moved reports"
    return [
        _line(
            "",
            f"ROC AUC within clips of the first network, {null}",
            row["retrained_auc"],
            np.nan if row["decided_by"] == NOTHING else row["p_decisive"],
            f"trained again on {row['n_shifts']:.0f} moved reports",
            Of=THESE_PEOPLE,
        )
    ]


def _line(
    claim: str, number: str, value: float, p: float, test: str, *, of: str = ANY_CLIPS, **more: str
) -> dict[str, str]:
    """Return one line; without a p there is no test, and a value is of these clips alone."""
    cells = dict.fromkeys(_COLUMNS[1:], "") | {"Claim": claim, "Number": number}
    tested = np.isfinite(p)
    cells |= {"Value": _two(value), "p": p_text(p), "Of": of if tested else THESE_CLIPS}
    return cells | {"Test": test if tested else ""} | more


def _over_folds(n_folds: float) -> str:
    return f"t over {n_folds:.0f} folds"


def _part(share: float) -> str:
    """Return what part of the frames is ranked, where not all are."""
    return f" ({100 * share:.0f} % of frames)" if share < 0.995 else ""


def _two(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else ABSENT


def _between(low: float, high: float) -> str:
    return f"{low:.2f} to {high:.2f}" if np.isfinite(low) else ABSENT


def decision_caption(confidence: float) -> str:
    """Return the caption of the table.

    Parameters
    ----------
    confidence : level of the intervals, a fraction.
    """
    return (
        "What each claim rests on. A claim is shown where its p, corrected over the models (Holm), "
        f"is at most {round(1 - confidence, 12):g}; timing needs two tests, the first "
        "line's and that beyond the mean course, so that the larger p is corrected. Without a p "
        "nothing is tested, as where folds share clips; a value then describes these clips. "
        f"Intervals ({100 * confidence:g} %; the upper end: "
        f"{100 * (2 * confidence - 1):g} %) speak of {ANY_CLIPS}, or of other people with "
        f"{THESE_CLIPS} (column Of). With few clips those of any clips are wide."
    )


def one_file_note(verdicts: Mapping[str, pd.DataFrame], headline: Sequence[str]) -> str:
    """Return in one sentence what can be said of models that were not trained again.

    Parameters
    ----------
    verdicts, headline : as for `decision_front`.

    Returns
    -------
    str : a sentence for each kind of model; empty where every model was trained again, or no
        verdict is a decision.
    """
    rows = [
        row
        for table in _decided(verdicts).values()
        for row in table[table["model"].isin(headline)].to_dict("records")
    ]
    alone = {row["model"]: row for row in rows if row["decided_by"] == FOLDS}
    without = dict.fromkeys(row["model"] for row in rows if row["decided_by"] == NOTHING)
    said = []
    if alone:
        folds = min(int(row["n_folds"]) for row in alone.values())
        said.append(
            f"{', '.join(alone)}: without training again (often enough) on moved reports, timing "
            f"rests on a corrected t over {folds} folds, which misses many models that follow "
            "reports: what is not shown here may still be so."
        )
    if without:
        said.append(
            f"{', '.join(without)}: models were trained on the clips that they are tested with, "
            "and may remember what other viewers reported, so that no claim is tested."
        )
    return " ".join(said)
