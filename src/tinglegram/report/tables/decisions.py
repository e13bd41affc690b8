"""The first page's table of a verdict as a decision: the number behind every claim."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.inference.populations import ANY_CLIPS, THESE_CLIPS
from tinglegram.report.text import ABSENT, p_text
from tinglegram.statistics.decisions import FOLDS, NOT_ASKED

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
    folds = f"t over {row['n_folds']:.0f} folds"
    again = row["decided_by"] != FOLDS
    decisive = f"trained again on {row['n_shifts']:.0f} moved reports" if again else folds

    def line(claim: str, number: str, value: float, p: float, **more: str) -> dict[str, str]:
        cells = dict.fromkeys(_COLUMNS[1:], "") | {"Claim": claim, "Number": number}
        return cells | {"Value": _two(value), "p": p_text(p), "Of": ANY_CLIPS, "Test": folds} | more

    found = [
        line(
            "timing",
            "ROC AUC within clips (chance 0.50)",
            row["roc_auc"],
            row["p_decisive"],
            Call=row["timing"],
            Interval=_between(row["any_low"], row["any_high"]),
            Test=decisive,
            **{"p (Holm)": p_text(row["p_timing_holm"])},
        ),
        line(
            "",
            "the same beyond its mean course on other clips",
            row["residual_auc"],
            row["p_residual"],
        ),
        line(
            "absence of clear timing",
            f"upper end of the ROC AUC, against {row['clear_auc']:g}",
            row["upper_end"],
            row["p_absent"],
            **{"p (Holm)": p_text(row["p_absent_holm"])},
        ),
    ]
    if row["score"] == NOT_ASKED:
        return found
    points = "macro F1 minus that of the category alone (points)"
    score, category = (
        {"Call": row[claim], "p (Holm)": p_text(row[f"p_{claim}_holm"])}
        for claim in ("score", "category")
    )
    return [
        *found,
        line(
            "score",
            points,
            100 * row["difference"],
            row["p_score"],
            Interval=_between(100 * row["difference_any_low"], 100 * row["difference_any_high"]),
            **score,
        ),
        line(
            "",
            f"{points}, mean over people",
            100 * row["difference_of_people"],
            row["p_score_these"],
            Interval=_between(
                100 * row["difference_these_low"], 100 * row["difference_these_high"]
            ),
            Of=THESE_CLIPS,
            Test="t over people within folds",
        ),
        line(
            "category",
            "mean probability, target minus other clips",
            row["category_gap"],
            row["p_category"],
            Interval=_between(row["category_gap_low"], row["category_gap_high"]),
            **category,
        ),
    ]


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
        f"is at most {round(1 - confidence, 12):g}; timing needs both of its tests, so that the "
        f"larger p is corrected. Intervals ({100 * confidence:g} %; the upper end: "
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
    str : empty where every model was trained again, or no verdict is a decision.
    """
    alone = {
        row["model"]: row
        for table in _decided(verdicts).values()
        for row in table[table["model"].isin(headline)].to_dict("records")
        if row["decided_by"] == FOLDS
    }
    if not alone:
        return ""
    folds = min(int(row["n_folds"]) for row in alone.values())
    return (
        f"{', '.join(alone)}: without training again (often enough) on moved reports, timing rests "
        f"on a corrected t over {folds} folds, which misses many models that follow reports: what "
        "is not shown here may still be so."
    )
