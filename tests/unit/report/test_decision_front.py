"""The first page's table of claims, its caption and the sentence on one file of predictions."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.inference.populations import ANY_CLIPS, THESE_CLIPS
from tinglegram.report.page import verdict_sentences
from tinglegram.report.tables.decisions import decision_caption, decision_front, one_file_note
from tinglegram.report.tables.plain import plain_caption
from tinglegram.statistics.decisions import (
    FOLDS,
    NOT_ASKED,
    RETRAINED,
    decision_table,
)

NUMBERS = {
    "n_participants": 34,
    "n_folds": 4,
    "roc_auc": 0.6975,
    "any_low": 0.31,
    "any_high": 0.99,
    "clear_auc": 0.7,
    "upper_end": 0.982,
    "p_absent": 0.49,
    "decided_by": FOLDS,
    "n_shifts": np.nan,
    "p_decisive": 0.1,
    "residual_auc": 0.566,
    "p_residual": 0.27,
    "p_timing": 0.27,
    "macro_f1": 0.717,
    "condition_only": 0.713,
    "difference": 0.0042,
    "difference_any_low": -0.0156,
    "difference_any_high": 0.024,
    "p_score": 0.275,
    "difference_of_people": 0.0018,
    "difference_these_low": -0.0165,
    "difference_these_high": 0.0202,
    "p_score_these": 0.41,
    "category_gap": 0.652,
    "category_gap_low": 0.251,
    "category_gap_high": 0.99,
    "category_auc": 1.0,
    "p_category": 0.007,
    "asked": True,
}
OLD = pd.DataFrame({"model": ["m"], "verdict": ["undecided"], "sentence": ["Old."]})


def table(**numbers) -> pd.DataFrame:
    return decision_table({"m": NUMBERS | numbers}, 0.05)


def test_every_claim_has_its_numbers_and_says_of_which_clips():
    front = decision_front({"released": OLD, "corrected": table()}, ["m", "another"])
    assert set(front["Model"]) == {"m, corrected"} and len(front) == 6
    first = front.iloc[0]
    assert first["Call"] == "not shown" and first["Value"] == "0.70"
    assert (first["Interval"], first["p"], first["p (Holm)"]) == (
        "0.31 to 0.99",
        "0.1000",
        "0.2700",
    )
    assert front["Test"].tolist()[:4] == ["t over 4 folds"] * 4
    assert front["Of"].tolist() == [ANY_CLIPS] * 4 + [THESE_CLIPS, ANY_CLIPS]
    assert front["Value"].tolist()[2:] == ["0.98", "0.42", "0.18", "0.65"]
    assert front["Interval"].iloc[3] == "-1.56 to 2.40"


def test_training_again_is_named_as_the_test():
    again = table(decided_by=RETRAINED, n_shifts=39.0, p_decisive=0.025, p_timing=0.27)
    front = decision_front({"corrected": again}, ["m"])
    assert front["Test"].iloc[0] == "trained again on 39 moved reports"
    assert one_file_note({"corrected": again}, ["m"]) == ""


def test_score_and_category_are_left_out_where_none_is_asked():
    front = decision_front({"corrected": table(asked=False)}, ["m"])
    assert front["Claim"].tolist() == ["timing", "", "absence of clear timing"]


def test_one_sentence_says_what_one_file_of_predictions_can_show():
    note = one_file_note({"released": OLD, "corrected": table()}, ["m"])
    assert note.startswith("m: without training again (often enough) on moved reports, timing")
    assert "4 folds" in note and note.endswith("what is not shown here may still be so.")
    assert len(note.split()) <= 40 and note.count(".") == 1
    assert one_file_note({"released": OLD}, ["m"]) == one_file_note({}, ["m"]) == ""


@pytest.mark.parametrize("asked", [True, False])
def test_the_line_before_a_sentence_names_every_claim(asked):
    verdicts = {"released": OLD, "corrected": table(asked=asked)}
    old, new = verdict_sentences(verdicts, ["m"])
    assert old == ("m, released: undecided", "Old.")
    rest = f"score: {NOT_ASKED}; category: {NOT_ASKED}"
    expected = "score: not shown; category: shown" if asked else rest
    assert new[0] == f"m, corrected; timing: not shown; {expected}"


def test_captions_say_these_or_any():
    assert ANY_CLIPS in decision_caption(0.95) and THESE_CLIPS in decision_caption(0.95)
    assert "95 %; the upper end: 90 %" in decision_caption(0.95)
    caption = plain_caption("verdicts", table())
    assert "(any clips)" in caption and "(these clips and networks)" in caption
    old = plain_caption("verdicts", OLD)
    assert "p_shift" in old and "p_shift" not in caption
