"""Printed tables where intervals are those of folds: what each speaks of, and what is left out."""

import numpy as np
import pandas as pd
import synthetic_results as synthetic

from tinglegram.report.tables import within_target
from tinglegram.report.tables.predicted_values import VALUE_PRINTERS
from tinglegram.report.tables.scores import (
    comparison_table,
    describe_comparison,
    describe_scores,
    score_table,
)
from tinglegram.report.text import as_latex, as_markdown
from tinglegram.statistics.comparison import ANY_CLIPS_TEST, THESE_CLIPS_TEST

THESE, ANY = "these clips and networks", "any clips of the kind"


def by_fold(table: pd.DataFrame) -> pd.DataFrame:
    """The same table with intervals for each population and nothing that is no inference."""
    return table.assign(
        p_holm=np.nan, p_bh=np.nan, family="none", n_bootstrap=0, any_low=0.5, any_high=0.9
    ).assign(n_folds=4)


def pooled() -> pd.DataFrame:
    return by_fold(synthetic.pooled()).assign(p_value=np.nan, cohens_d=np.nan)


def test_table_1_has_an_interval_for_each_population_and_no_effect_size() -> None:
    table = score_table(synthetic.fold_metrics(), pooled(), confidence=0.95, source="x")
    assert list(table) == [
        "Metric",
        "2-fold mean ± SD (%)",
        f"95% CI of mean, {THESE} (%)",
        f"95% CI of mean, {ANY} (%)",
        "p within fold and condition",
        "source",
    ]
    row = table.iloc[0]
    assert row.iloc[2:5].tolist() == ["[65.0, 79.5]", "[50.0, 90.0]", "0.0400"]
    caption = describe_scores("fusion", synthetic.fold_metrics(), pooled())
    texts = (caption, as_markdown(table, caption), as_latex(table, caption, "x"))
    for text in texts:
        assert THESE in text and ANY in text
        assert not any(word in text for word in ("Cohen", "resamples", "Holm", "over all trials"))


def test_scores_within_the_target_condition_in_five_rows_per_model() -> None:
    table = by_fold(synthetic.within_scores()).assign(p_any=[0.02, 0.3, 0.04, *[np.nan] * 3])
    residual = table.iloc[2:3].assign(
        metric="residual_roc_auc", value=0.6, p_value=np.nan, any_low=np.nan, p_any=0.2
    )
    table = pd.concat([table, residual], ignore_index=True)
    printed = within_target.printed_within_target({"fusion": table}, confidence=0.9, source="x")
    cells = printed.set_index("Shown")
    assert cells.index.tolist() == [
        f"value [90% CI, {THESE}]",
        f"90% CI, {ANY}",
        f"p above chance, {ANY}",
        "p of exchanged reports",
        "participants",
    ]
    assert cells["ROC AUC"].tolist() == [
        *("0.710 [0.670, 0.750]", "[0.500, 0.900]", "0.0400", "< 0.0002", "18")
    ]
    assert cells["Balanced accuracy (%)"].iloc[1] == "[50.0, 90.0]"
    assert cells["ROC AUC beyond its course"].iloc[1:4].tolist() == ["n/a", "0.2000", "n/a"]
    assert cells["Brier score"].iloc[2] == "n/a"
    caption = within_target.describe_within(table)
    assert THESE in caption and ANY in caption and "t over 4 folds" in caption
    assert "resamples" not in caption and "Holm" not in caption


def test_two_t_tests_of_each_model_with_their_populations() -> None:
    rows = synthetic.ablation().drop(columns="test")
    tests = pd.concat(
        [
            rows.assign(test=ANY_CLIPS_TEST, n_units=4, ci_low=-0.05, ci_high=0.1, n_undefined=0),
            rows.assign(test=THESE_CLIPS_TEST, n_units=33, ci_low=0.0, ci_high=0.05).assign(
                n_undefined=1, mean_difference=0.03
            ),
        ],
        ignore_index=True,
    )
    models = {m: synthetic.fold_metrics() for m in ("visual", "acoustic", "fusion", "published")}
    given = {"draws": 10, "source": "f", "ablation_source": "a"}
    table = comparison_table(models, tests, **given).set_index("Metric")
    any_clips, these = f"{ANY}, corrected t", f"{THESE}, t within folds"
    difference = "fusion minus model, macro F1 (points; {})"
    assert table.loc[difference.format(any_clips), "visual (%)"] == "2.75 [-5.0, 10.0]"
    assert table.loc[difference.format(these), "visual (%)"] == "3.00 [0.0, 5.0]"
    p = table.loc[f"p against fusion ({any_clips})"]
    # These have no draws: a p of 0 is below any number, not below one over their number.
    assert p["acoustic (%)"] == "< 0.0001" and p["fusion (%)"] == "reference"
    assert p["published (%)"] == "n/a" and p["source"] == "a"
    assert f"p corrected (Holm over 2 models; {these})" in table.index
    assert table.loc["folds (without a score)", "visual (%)"] == "4 (0)"
    assert table.loc["participants (without a score)", "visual (%)"] == "33 (1)"
    caption = describe_comparison(list(models), folds=4, ablation=tests)
    assert THESE in caption and ANY in caption
    assert ANY not in describe_comparison(list(models), folds=4, ablation=synthetic.ablation())
    alone = comparison_table({"x": synthetic.fold_metrics()}, tests, **given)
    assert len(alone) == len(table) - 8


def test_predicted_values_have_both_intervals() -> None:
    rows = {"model": "m", "kind": "ridge", "metric": ["concordance", "rmse", "pearson"]}
    numbers = {"value": [0.5, 1.0, np.nan], "ci_low": 0.4, "ci_high": 1.2, "n_trials": 3}
    counted = {"n_undefined": 0, "n_constant": 0, "n_participants": 3, "n_bootstrap": 0}
    both = {"any_low": [0.1, np.nan, 0.0], "any_high": 1.5, "n_folds": 4}
    summary = pd.DataFrame(rows | numbers | counted | both)
    printed = VALUE_PRINTERS["values"].printed(summary, "x").iloc[0]
    assert printed["Concordance"] == "0.500 [0.400, 1.200]; [0.100, 1.500]"
    assert (printed["RMSE"], printed["Pearson r"]) == ("1.000 [0.400, 1.200]; n/a", "n/a")
    caption = VALUE_PRINTERS["values"].described(summary)
    assert THESE in caption and ANY in caption and "resamples" not in caption
    resampled = summary.drop(columns=["any_low", "any_high", "n_folds"]).assign(n_bootstrap=7)
    assert "7 resamples" in VALUE_PRINTERS["values"].described(resampled)
