"""Contradictions inside the paper, from its printed numbers alone."""

import csv

import pandas as pd
import pytest
from paths import ROOT
from scipy import stats

from tinglegram.claims.contradictions import (
    CONTRADICTION_COLUMNS,
    paper_contradictions,
    printed_degrees_of_freedom,
)
from tinglegram.claims.views import typed_scores


@pytest.fixture
def claims():
    return pd.read_csv(
        ROOT / "workflow/claims.tsv",
        sep="\t",
        dtype=str,
        keep_default_na=False,
        quoting=csv.QUOTE_NONE,
    )


@pytest.fixture(scope="module")
def typed():
    scores = pd.read_csv(ROOT / "workflow/typed_fold_scores.tsv", sep="\t")
    return typed_scores(scores, n_resamples=10_000, seed=42)


def listed(claims, typed):
    table = paper_contradictions(claims, typed, "typed.tsv", "claims.tsv")
    assert list(table) == list(CONTRADICTION_COLUMNS)
    return table.set_index("claims")


def test_video_only_macro_f1_is_not_the_mean_of_its_folds(claims, typed):
    finding = listed(claims, typed).loc["table2.video.macro_f1"]
    assert "68.12" in finding["paper_says"] and "69.11" in finding["but"]
    assert finding["source"] == "claims.tsv; typed.tsv"


def test_the_t_test_had_32_pairs(claims, typed):
    finding = listed(claims, typed).loc["cardio.t; cohort.n_participants"]
    assert finding["paper_says"] == "34 participants; t = -2.085, p = 0.0454"
    assert "31 degrees of freedom: 32 pairs, not 34" in finding["but"]


def test_the_frames_count_padding(claims, typed):
    finding = listed(claims, typed).loc["shape.total_frames"]
    assert finding["but"].startswith("272 x 550 = 149,600 counts 1,462 padded frames; 148,138")


def test_four_folds_do_not_make_it_significant(claims, typed):
    table = listed(claims, typed)
    assert (
        "0.0508 (bootstrap) and 0.1250 (sign flip)" in table.loc["table2.video.p_vs_fusion", "but"]
    )
    assert table.loc["table2.audio.p_vs_fusion", "but"].endswith("p = 0.1250 (sign flip)")


def test_only_what_disagrees_is_a_finding(claims, typed):
    claims = claims.set_index("id")
    claims.loc["table2.video.macro_f1", "value"] = "69.11"
    claims.loc["cohort.n_participants", "value"] = "32"
    claims.loc["shape.total_frames", "value"] = "148000"
    claims.loc["table2.video.p_vs_fusion", "p_value"] = "0.0508"
    assert list(listed(claims.reset_index(), typed).index) == ["table2.audio.p_vs_fusion"]


def test_findings_about_claims_that_are_not_there_are_left_out(claims, typed):
    assert listed(claims[claims["id"] == "cardio.t"], typed).empty


@pytest.mark.parametrize(("freedom", "t"), [(5, 2.5), (31, -2.085), (33, 1.8), (12, -3.25)])
def test_degrees_of_freedom_come_back(freedom, t):
    p = 2 * stats.t.sf(abs(t), freedom)
    found = printed_degrees_of_freedom(f"{t:.5f}", f"{p:.6f}")
    assert freedom in found and len(found) <= 3


def test_impossible_pairs_of_t_and_p_fit_no_sample():
    assert printed_degrees_of_freedom("0.100", "0.0100") == []
