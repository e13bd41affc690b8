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
    NOTHING,
    RETRAINED,
    THESE_PEOPLE,
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
    "retrained_auc": np.nan,
    "retrained_null": np.nan,
    "p_auc": 0.1,
    "residual_frames": 1.0,
    "n_folds_residual": 4,
    "n_folds_score": 3,
    "n_folds_category": 4,
    "n_people_score": 26,
    "reason": "",
    "asked": True,
}
AGAIN = {
    "decided_by": RETRAINED,
    "n_shifts": 39.0,
    "p_decisive": 0.025,
    "p_timing": 0.27,
    "retrained_auc": 0.64,
    "retrained_null": 0.52,
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
    # Every claim has units of its own.
    assert front["Test"].tolist() == [
        *["t over 4 folds"] * 3,
        "t over 3 folds",
        "t over 26 people within folds",
        "t over 4 folds",
    ]
    assert "of frames" not in front["Number"].str.cat()
    part = decision_front({"corrected": table(residual_frames=0.3333)}, ["m"])
    assert part["Number"].iloc[1].endswith("other clips (33 % of frames)")
    assert front["Of"].tolist() == [ANY_CLIPS] * 4 + [THESE_CLIPS, ANY_CLIPS]
    assert front["Value"].tolist()[2:] == ["0.98", "0.42", "0.18", "0.65"]
    assert front["Interval"].iloc[3] == "-1.56 to 2.40"


def test_training_again_is_named_as_the_test():
    again = table(**AGAIN)
    front = decision_front({"corrected": again}, ["m"])
    first, of_folds = front.iloc[0], front.iloc[1]
    assert first["Test"] == "trained again on 39 moved reports"
    # Its own number, of its own population: not the mean over folds of the averaged networks.
    assert (first["Value"], first["p"], first["Of"]) == ("0.64", "0.0250", THESE_PEOPLE)
    assert "first network, against 0.52" in first["Number"]
    assert (of_folds["Value"], of_folds["p"], of_folds["Of"]) == ("0.70", "0.1000", ANY_CLIPS)
    assert (of_folds["Test"], of_folds["Claim"], of_folds["Call"]) == ("t over 4 folds", "", "")
    assert (first["Claim"], first["Call"], first["p (Holm)"]) == ("timing", "not shown", "0.2700")
    assert one_file_note({"corrected": again}, ["m"]) == ""


def test_what_is_not_tested_has_no_test_and_speaks_of_no_other_clips():
    missing = dict.fromkeys(
        [
            *("any_low", "any_high", "upper_end", "p_absent", "p_auc", "p_decisive", "p_residual"),
            *("p_timing", "p_score", "difference_any_low", "difference_any_high", "p_category"),
            *("category_gap_low", "category_gap_high"),
        ],
        np.nan,
    )
    folds = {"n_folds": 0, "n_folds_residual": 0, "decided_by": NOTHING}
    shared = table(**missing, **folds)
    front = decision_front({"corrected": shared}, ["m"])
    assert front["Call"].tolist() == ["not tested", "", "", "not tested", "", "not tested"]
    assert front["Test"].tolist() == [*[""] * 4, "t over 26 people within folds", ""]
    assert set(front["Of"]) == {THESE_CLIPS} and front["Value"].iloc[0] == "0.70"
    note = one_file_note({"corrected": shared}, ["m"])
    assert note.startswith("m: models were trained on the clips that they are tested with")
    assert len(note.split()) <= 40 and note.count(".") == 1
    # Training again describes these people and clips.
    again = table(**AGAIN | missing | folds)
    front = decision_front({"corrected": again}, ["m"])
    assert front["Of"].tolist()[:3] == [THESE_PEOPLE, THESE_CLIPS, THESE_CLIPS]
    assert front["Test"].tolist()[:3] == ["", "", ""] and front["Value"].iloc[0] == "0.64"
    assert front["p"].iloc[0] == "n/a" and front["Call"].iloc[0] == "not tested"


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
