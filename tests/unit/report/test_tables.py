"""Printed numbers, tables and their sources."""

import numpy as np
import pandas as pd
import pytest
import synthetic_results as synthetic
from hypothesis import given
from hypothesis import strategies as st

from tinglegram.report.tables import plain, within_target
from tinglegram.report.tables.plain import plain_caption
from tinglegram.report.tables.scores import (
    METRIC_NAMES,
    comparison_table,
    describe_scores,
    describe_trials,
    overview,
    score_table,
    whole_trial_table,
)
from tinglegram.report.text import (
    NEUTRAL,
    OTHERS,
    Words,
    as_latex,
    as_markdown,
    interval_text,
    p_text,
    percent_text,
    spread_text,
)


@pytest.mark.parametrize(
    ("p_value", "draws", "text"),
    [
        (0.0, 5000, "< 0.0002"),
        (0.0, 100, "< 0.01"),
        (0.0, 10000, "< 0.0001"),
        (0.0, None, "< 0.0001"),
        (0.0488, 5000, "0.0488"),
        (1.0, 5000, "1.0000"),
        (1 / 50001, 50000, "< 0.0001"),
        (np.nan, 5000, "n/a"),
    ],
)
def test_p_names_its_resolution(p_value: float, draws: int | None, text: str) -> None:
    assert p_text(p_value, draws) == text


def test_fractions_print_as_percent() -> None:
    assert spread_text(0.71863, 0.08861) == "71.86 ± 8.86"
    assert interval_text(0.65, 0.7951) == "[65.0, 79.5]"
    assert percent_text(np.nan) == spread_text(np.nan, 0.1) == "n/a"


@given(st.floats(0, 1))
def test_percent_is_read_back(value: float) -> None:
    assert float(percent_text(value)) / 100 == pytest.approx(value, abs=5.1e-5)


def test_table_1_has_mean_pooled_interval_p_and_effect() -> None:
    table = score_table(
        synthetic.fold_metrics(),
        synthetic.pooled(),
        confidence=0.95,
        source="a.tsv; b.tsv",
        words=Words(control="Calm sea"),
    )
    row = table.iloc[0]
    assert list(table["Metric"])[:2] == ["Accuracy", "Macro F1"]
    assert table["Metric"].iloc[-1] == "Calm sea specificity"
    assert row["2-fold mean ± SD (%)"] == "70.00 ± 10.00"
    assert (row["Pooled (%)"], row["95% CI of pooled (%)"]) == ("72.38", "[65.0, 79.5]")
    assert list(table["p"]) == ["< 0.0002", "< 0.0002", "0.0002", "0.0123", "< 0.0002"]
    assert list(table["p (Holm)"]) == ["< 0.001", "< 0.001", "0.0004", "0.0123", "< 0.001"]
    within = list(table["p within fold and condition (Holm)"])
    assert within[0] == "0.0400 (0.1600)" and within[2] == "< 0.0002 (< 0.001)"
    assert list(table["Cohen's d"])[-2:] == ["5.65", "n/a"]
    caption = describe_scores("fusion", synthetic.fold_metrics(), synthetic.pooled())
    assert "family of 5 metrics of one model" in caption
    assert set(table["source"]) == {"a.tsv; b.tsv"}


def test_table_2_names_the_test_beside_p() -> None:
    models = ("visual", "acoustic", "fusion")
    table = comparison_table(
        {m: synthetic.fold_metrics() for m in models},
        synthetic.ablation(),
        draws=10000,
        source="folds.tsv",
        ablation_source="ablation.tsv",
    ).set_index("Metric")
    p = table.loc["p against fusion (paired bootstrap over folds, n = 2)"]
    assert [p[f"{m} (%)"] for m in models] == ["0.0488", "< 0.0001", "reference"]
    assert p["source"] == "ablation.tsv"
    corrected = table.loc["p corrected (Holm over 2 models, paired bootstrap over folds)"]
    assert [corrected[f"{m} (%)"] for m in models] == ["0.0488", "< 0.0002", "reference"]
    assert table.loc["fusion minus model, macro F1 (points)", "visual (%)"] == "2.75"
    assert table.loc["Accuracy", "source"] == "folds.tsv"


def test_a_table_without_a_test_has_no_p() -> None:
    table = comparison_table(
        {"xgboost": synthetic.fold_metrics()}, synthetic.ablation(), draws=10, source="x"
    )
    assert len(table) == len(METRIC_NAMES)
    without = comparison_table({"xgboost": synthetic.fold_metrics()}, None, draws=10, source="x")
    assert table.equals(without)


def test_whole_trials_with_their_counts() -> None:
    table = whole_trial_table(
        {"fusion": synthetic.video_level()}, confidence=0.9, source="video_level.tsv"
    )
    assert list(table["Metric"]) == ["Accuracy", "Macro F1"]
    assert list(table.loc[0, ["TN", "FP", "FN", "TP"]]) == ["11", "1", "2", "10"]
    assert table.loc[0, "90% CI (%)"] == "[100.0, 100.0]"
    assert "24 test trials" in describe_trials(synthetic.video_level())


def test_the_overview_sets_protocols_side_by_side() -> None:
    metrics = {
        ("described", "fusion"): synthetic.fold_metrics(),
        ("released", "fusion"): synthetic.fold_metrics(0.05),
        ("released", "published"): synthetic.fold_metrics(),
    }
    names = {key: "/".join(key) for key in metrics}
    table = overview(metrics, names)
    assert list(table.loc[0, ["described (%)", "released (%)"]]) == [
        "70.00 ± 10.00",
        "75.00 ± 10.00",
    ]
    published = table[table["Model"] == "published"].iloc[0]
    assert published["described (%)"] == "n/a"
    assert published["source"] == "released/published"


def test_fold_metrics_without_a_mean_are_refused() -> None:
    broken = synthetic.fold_metrics().iloc[:2]
    with pytest.raises(ValueError, match="one row 'mean' expected, found 0"):
        score_table(broken, synthetic.pooled(), confidence=0.95, source="x")


def test_plain_tables_print_missing_as_missing() -> None:
    table = pd.DataFrame(
        {
            "video": ["vid1", None],
            "n": [34, 2.0],
            "r": [0.5391, np.nan],
            "rate": [33 / 34, np.nan],
            "p_value": [0.0, 0.0312],
        }
    )
    printed = plain.plain_table(table, draws=10000, source="s.tsv")
    assert list(printed.columns) == ["video", "n", "r", "rate (%)", "p_value", "source"]
    assert printed.to_numpy().tolist() == [
        ["vid1", "34", "0.539", "97.06", "< 0.0001", "s.tsv"],
        ["n/a", "2", "n/a", "n/a", "0.0312", "s.tsv"],
    ]


def test_markdown_carries_caption_and_note() -> None:
    table = pd.DataFrame({"Metric": ["Accuracy"], "x (%)": ["70.00"], "source": ["a.tsv"]})
    text = as_markdown(table, "Table 1", "untrained")
    assert text.startswith("Table 1\n\n| Metric")
    assert "70.00" in text and "a.tsv" in text and text.endswith("\nuntrained\n")


def test_latex_is_escaped() -> None:
    table = pd.DataFrame({"my_name (%)": ["a & b_c"], "p": ["< 0.0002"], "source": ["a.tsv"]})
    text = as_latex(table, "100% of A_B & {C} ~ ^ \\", "one", "note #1")
    assert r"my\_name (\%)" in text and r"a \& b\_c" in text and "$<$ 0.0002" in text
    assert r"100\% of A\_B \& \{C\} \textasciitilde{} \textasciicircum{} \textbackslash{}" in text
    assert r"note \#1" in text and "a.tsv" not in text


def test_controls_and_seeds_stand_in_the_row_of_the_score() -> None:
    seeds = synthetic.fold_metrics().rename(columns={"fold": "seed"}).assign(model="fusion")
    table = score_table(
        synthetic.fold_metrics(),
        synthetic.pooled(),
        confidence=0.95,
        source="x",
        beside={"condition_only": synthetic.fold_metrics()},
        seeds=seeds,
    )
    assert table.loc[0, "condition_only (%)"] == "70.00 ± 10.00"
    assert table.loc[0, "2 seeds, mean ± SD (%)"] == "70.00 ± 10.00"
    alone = score_table(
        synthetic.fold_metrics(), synthetic.pooled(), confidence=0.95, source="x", seeds=seeds[1:]
    )
    assert not [name for name in alone.columns if "seeds" in name]


def test_whole_trials_beside_their_control() -> None:
    levels = {m: synthetic.video_level() for m in ("fusion", "published")}
    table = whole_trial_table(
        levels,
        confidence=0.9,
        source="x",
        beside={"fusion": {"condition_only": synthetic.video_level()}},
    )
    assert list(table["condition_only (%)"]) == ["100.00", "100.00", "n/a", "n/a"]


def test_overview_puts_the_control_beside_each_protocol() -> None:
    metrics = {("described", m): synthetic.fold_metrics() for m in ("fusion", "condition_only")}
    table = overview(metrics, {}, {"fusion": "condition_only"})
    assert set(table["Model"]) == {"fusion"}
    assert table.loc[0, "described: control (%)"] == table.loc[0, "described (%)"]


def test_scores_within_the_target_condition_in_three_rows_per_model() -> None:
    models = {m: synthetic.within_scores(s) for m, s in (("fusion", 0.02), ("visual", 0.0))}
    table = within_target.printed_within_target(models, confidence=0.95, source="within.tsv")
    assert list(table["Model"]) == ["fusion"] * 3 + ["visual"] * 3
    value, p, people = (row for _, row in table.iloc[3:].iterrows())
    assert value["Shown"] == "value [95% CI]"
    assert value["Balanced accuracy (%)"] == "53.00 [49.0, 57.0]"
    assert value["ROC AUC"] == "0.710 [0.670, 0.750]"
    assert value["Average precision"] == p["Average precision"].split(" (")[0] == "n/a"
    # Five tests could be made: Holm multiplies the smallest p by 5, a count of 0 stays a bound.
    assert p["ROC AUC"] == "< 0.0002 (< 0.001)"
    assert p["Matthews correlation"] == "0.1230 (0.4920)"
    assert (people["ROC AUC"], people["Brier score, both conditions"]) == ("18", "34")
    assert set(table["source"]) == {"within.tsv"}
    caption = within_target.describe_within(models["visual"])
    assert "34 target trials of 34 participants" in caption and "(18)" in caption
    assert "family of 5 within-condition scores of one model" in caption
    assert "the other condition and padded frames are left out (last column: both" in caption
    several = NEUTRAL._replace(control=OTHERS)
    caption = within_target.describe_within(models["visual"], several)
    assert "the other conditions and padded frames are left out (last column: all" in caption
    table = within_target.printed_within_target(models, confidence=0.95, source="x", words=several)
    assert "Brier score, all trials" in table and "Brier score, both conditions" not in table


def test_events_print_missing_as_missing() -> None:
    table = within_target.printed_events(
        {"fusion": synthetic.event_scores()}, confidence=0.9, source="events.tsv"
    )
    row = table.iloc[0]
    assert row["Onset error (s) [90% CI]"] == "20.550 [18.495, 22.605]"
    assert row["Onsets hit (%) [90% CI]"] == "0.00 [0.0, 0.0]"
    assert row["Offset precision (%) [90% CI]"] == "n/a"
    caption = within_target.describe_events(synthetic.event_scores())
    assert "34 participants: 19 reported onsets and 15 reported offsets" in caption


def test_whole_trials_against_self_reports() -> None:
    scores = synthetic.self_report_scores()
    table = within_target.printed_self_report({"fusion": scores}, confidence=0.95, source="x")
    assert list(table["Metric"]) == list(within_target.SELF_REPORT.values())
    assert list(table.loc[1, ["p", "p (Holm)"]]) == ["< 0.0002", "< 0.0008"]
    assert list(table.loc[3, ["TN", "FP", "FN", "TP"]]) == ["0", "11", "0", "23"]
    caption = within_target.describe_self_report(scores)
    assert "68 test trials (34 of the target condition)" in caption
    assert "family of 4 whole-trial scores of one model" in caption


def by_fold(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of statistics as it is where `score_inference` is `folds`."""
    ends = {"any_low": table["value"] - 0.2, "any_high": table["value"] + 0.2}
    return table.assign(**ends, n_folds=4, reason="", family="none")


def test_whole_trials_by_fold_name_both_populations() -> None:
    scores = by_fold(synthetic.video_level())
    scores["p_value"] = [0.0123, np.nan]
    table = whole_trial_table({"fusion": scores}, confidence=0.95, source="x")
    low, high = (f"{100 * scores[end].iloc[0]:.1f}" for end in ("any_low", "any_high"))
    assert table["95% CI, any clips of the kind (%)"].iloc[0] == f"[{low}, {high}]"
    assert "95% CI, these clips and networks (%)" in table and "p" not in table
    assert list(table["p, any clips of the kind"]) == ["0.0123", "n/a"]
    caption = describe_trials(scores)
    assert "these clips and networks" in caption and "any clips of the kind" in caption
    assert "resamples" not in caption and "permutations" not in caption


def test_events_by_fold_have_a_row_for_each_population() -> None:
    scores = by_fold(synthetic.event_scores())
    table = within_target.printed_events({"fusion": scores}, confidence=0.9, source="x")
    assert list(table["Shown"]) == [
        "value [90% CI, these clips and networks]",
        "90% CI, any clips of the kind",
    ]
    assert list(table["Onset error (s)"]) == ["20.550 [18.495, 22.605]", "[20.350, 20.750]"]
    assert list(table["Onset precision (%)"]) == ["25.00 [22.5, 27.5]", "[5.0, 45.0]"]
    assert list(table["Offset precision (%)"]) == ["n/a", "n/a"]
    caption = within_target.describe_events(scores)
    assert "these clips and networks" in caption and "any clips of the kind" in caption
    assert "resamples" not in caption


def test_self_reports_by_fold_have_one_p_that_is_not_corrected() -> None:
    scores = by_fold(synthetic.self_report_scores()).assign(p_value=[np.nan] * 3 + [0.25])
    table = within_target.printed_self_report({"fusion": scores}, confidence=0.95, source="x")
    assert list(table["p of exchanged reports"]) == ["n/a", "n/a", "n/a", "0.2500"]
    assert not [name for name in table if "Holm" in name]
    assert table["95% CI, these clips and networks (%)"].iloc[0] == "[50.0, 90.0]"
    assert table["95% CI, any clips of the kind (%)"].iloc[3] == "[30.0, 70.0]"
    caption = within_target.describe_self_report(scores)
    assert "one test for all scores" in caption and "Holm" not in caption


def test_comparisons_of_many_conditions_have_two_means() -> None:
    conditions = ["joy", "calm", "fear - and awe"]
    table = pd.DataFrame({"comparison": ["joy against 0", "joy - fear - and awe"]})
    table = table.assign(t=[1.5, 2.5])
    table = table.assign(**{f"r_mean_{c}": [0.1 * i, 0.2 * i] for i, c in enumerate(conditions)})
    printed = plain.plain_table(table.assign(n_pairs=4), draws=200, source="x.tsv")
    columns = ["comparison", "t", "r_mean_first", "r_mean_second", "n_pairs"]
    assert list(printed.columns)[:5] == columns
    assert printed["r_mean_first"].tolist() == ["0", "0"]
    assert printed["r_mean_second"].tolist() == ["n/a", "0.400"]
    two = plain.plain_table(table.iloc[:, :4], draws=200, source="x.tsv")
    assert list(two.columns)[2:4] == ["r_mean_joy", "r_mean_calm"]


def test_the_coupling_says_which_measure_nobody_has() -> None:
    table = pd.DataFrame({"measure": ["pulse_rate", "rmssd"], "comparison": "a - b"})
    table = table.assign(t=1.0, p_value=0.3)
    said = "rmssd: nobody has a value that could be correlated with the rating."
    assert said in plain_caption("pulse_coupling_test", table.assign(n_pairs=[12, 0]))
    for pairs in ([12, 12], [0, 0]):
        assert "nobody" not in plain_caption("pulse_coupling_test", table.assign(n_pairs=pairs))


def test_captions_say_what_p_is_where_clips_were_moved() -> None:
    coupling = pd.DataFrame({"measure": ["pulse_rate", "rmssd"], "comparison": "a - b"})
    coupling = coupling.assign(t=-2.1, p_value=[0.2, np.nan], n_pairs=12)
    moved = coupling.assign(p_shift=0.1, p_shift_course=0.2)
    for name in ("pulse_coupling_test", "pulse_coupling_quality"):
        said = plain_caption(name, moved)
        assert "steps for all its viewers" in said and "which is p_value" in said
        assert "these people and clips" in said and "RMSSD in windows of a few seconds" in said
        assert "none where a condition has one clip" in said
        assert "Paired t-test" not in said
        old = plain_caption(name, coupling.assign(p_value=0.2))
        assert "steps for all its viewers" not in old
        assert "RMSSD in windows of 5 s is 4 to 12 % too low" in old
        # What does not keep its rate says so, with the rate.
        assert "rejects in 12 %" in old and "rejects in" not in said
    changed = pd.DataFrame({"condition": ["a", "b"], "unit": ["bpm", "%"]})
    changed = changed.assign(measure=["pulse_rate", "rmssd"])
    assert "resamples" in plain_caption("rest_change", changed)
    assert "covers 93 %" in plain_caption("rest_change", changed)
    assert "RMSSD in windows of 5 s" in plain_caption("rest_change", changed)
    assert "RMSSD in windows" not in plain_caption("rest_change", changed[:1])
    said = plain_caption("rest_change", changed.assign(interval="t"))
    assert "these clips and other people" in said and "resamples" not in said
    model = pd.DataFrame({"term": ["slope, a - b"]})
    said = plain_caption("pulse_mixed_model", model.assign(p_shift=0.1))
    assert "these people and clips" in said and "which is p_value" in said
    assert "A slope has no interval" in said and "own p is not given" in said
    assert "moved in time" not in plain_caption("pulse_mixed_model", model)
    assert "rejects in 13 %" in plain_caption("pulse_mixed_model", model)
