"""What the figures show, checked on their numbers; that they draw, and always the same bytes."""

import itertools
import re

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import synthetic_results as synthetic
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from paths import ROOT

from tinglegram import files
from tinglegram.behaviour.wording import Scale
from tinglegram.errors import TinglegramError
from tinglegram.report.figures import (
    beside,
    calibration,
    confusion,
    coupling,
    covariates,
    predicted_values,
    ratings,
    rest_change,
    rule_graph,
    style,
    tinglegram,
    training,
)
from tinglegram.report.items import ReportItem
from tinglegram.report.text import ONE_CONDITION, OTHERS, Words
from tinglegram.statistics.covariates import covariate_tests, joined_people

CLIPS = list(synthetic.CLIPS)
DOT = """digraph snakemake_dag {
    graph[bgcolor=white, margin=0];
    node[shape=box, style=rounded];
    0[label = "all", color = "0.22 0.6 0.85", style="rounded"];
    1[label = "write_report", color = "0.44 0.6 0.85", style="rounded"];
    2[label = "read_log", color = "0.00 0.6 0.85", style="rounded,dashed"];
    3[label = "make_clip_vid1"];
    4[label = "make_clip_vid2"];
    1 -> 0
    2 -> 1
    3 -> 1
    4 -> 1
    2 -> 3
}"""


def texts(figure: Figure) -> str:
    return "\n".join(t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text")))


def test_mean_trace_known_answer() -> None:
    rows = [(1, [0, 1, 3, 3]), (2, [0, 3, 1]), (3, [0, 0, 0, 0])]
    labels = pd.DataFrame(
        [(s, i, i / 10, r) for s, series in rows for i, r in enumerate(series)],
        columns=["subject", "step", "time_s", "rating"],
    ).assign(video="vid1", condition="ASMR")
    people = [labels[labels["subject"] == s] for s in (1, 2, 3)]
    for tables in (people, people[::-1], [labels.iloc[::-1]]):
        found, n = ratings.mean_traces(tables, ["vid2", "vid1"])
        assert (list(found), n) == (["vid1"], 3)
        trace = found["vid1"]
        assert (trace.condition, trace.n, trace.n_viewers) == ("ASMR", 2, 3)
        np.testing.assert_allclose(trace.mean, [0, 2, 2])
        np.testing.assert_allclose(trace.sem, [0, 1 / np.sqrt(2), 1 / np.sqrt(2)])
        np.testing.assert_allclose(trace.time_s, [0, 0.1, 0.2])


def test_a_clip_seen_again_has_no_more_viewers() -> None:
    series = {(1, 0): [0, 2, 4], (1, 1): [0, 0, 2], (1, 2): [0, 1], (2, 0): [1, 1, 1]}
    seen = pd.DataFrame(
        [(s, o, k, k / 10, r) for (s, o), own in series.items() for k, r in enumerate(own)],
        columns=["subject", "order", "step", "time_s", "rating"],
    ).assign(video="vid1", condition="ASMR")
    found, n = ratings.mean_traces([seen], ["vid1"])
    trace = found["vid1"]
    assert (trace.n, trace.n_viewers, n) == (2, 2, 2)
    np.testing.assert_allclose(trace.mean, [0.5, 1])


def test_a_clip_nobody_felt_is_said_so() -> None:
    labels = synthetic.labels(3).assign(rating=0)
    traces, _ = ratings.mean_traces([labels], CLIPS)
    assert {trace.n for trace in traces.values()} == {0}
    figure = ratings.draw_ratings(traces, scale=Scale(0, 3))
    assert texts(figure).count("nobody rated above 0") == 4


def test_figure_3_has_a_panel_per_clip_with_its_n() -> None:
    traces, n_participants = ratings.mean_traces([synthetic.labels()], CLIPS)
    figure = ratings.draw_ratings(traces, scale=Scale(0, 3), note="Simulated.")
    text = texts(figure)
    assert "vid1 · ASMR (n = 11 of 12)" in text and "vid6 · Nature (n = 12 of 12)" in text
    assert "Simulated." in text and "(s)" in text and "Mean rating (0–3)" in text
    assert "N = 12 participants" in ratings.describe_ratings(len(traces), n_participants)


def test_figure_4_keeps_who_misses_one_condition() -> None:
    table = coupling.paired(synthetic.coupling(), ["ASMR", "Nature"], "all")
    assert table.shape == (12, 2) and table["Nature"].isna().sum() == 1
    given = synthetic.coupling(), synthetic.coupling_test(), ["ASMR", "Nature"]
    figure = coupling.draw_coupling(*given)
    text = texts(figure)
    assert "paired t(31) = −2.085, p = 0.0454\n(Fisher z, n = 32 pairs)" in text
    assert "ASMR\n(n = 12)" in text and "Nature\n(n = 11)" in text
    assert "Good windows\npaired t(9) = −1.900" in text and "Nature\n(n = 10)" in text
    caption = coupling.describe_coupling(*given)
    assert "all windows: 12 in ASMR, 11 in Nature; 32 people" in caption
    assert "good windows: 12 in ASMR, 10 in Nature; 10 people" in caption
    assert "Left: all windows; right" in caption
    assert "Left: as in the paper; right" in coupling.describe_coupling(*given, of_paper=True)


@pytest.mark.parametrize(
    ("conditions", "number", "joined"),
    [(["ASMR"], "one condition", ""), (["ASMR", "Nature", "Sea"], "3 conditions", "the 3 of")],
)
def test_figure_4_has_no_paired_test_without_two_conditions(conditions, number, joined) -> None:
    table = synthetic.coupling()
    sea = table[table["condition"] == "Nature"].assign(condition="Sea")
    both = pd.concat([table, sea])
    given = both[both["condition"].isin(conditions)], synthetic.coupling_test(), conditions
    text = texts(coupling.draw_coupling(*given))
    assert f"All windows\npaired t-test: not applicable, the study has {number}" in text
    assert "paired t(" not in "".join(text)
    caption = coupling.describe_coupling(*given)
    assert f"not applicable, the study has {number}; tests of each condition: table." in caption
    assert joined in caption and ("joined" in caption) == bool(joined)


TEN = ["joy", "calm", "fear", "anger", "awe", "disgust", "sadness", "surprise", "care", "neutral"]


def labels_apart(figure) -> bool:
    """Whether no two labels of an axis of conditions lie over each other, as they are printed."""
    style.rendered(figure, "png", dpi=50)
    canvas = FigureCanvasAgg(figure)
    for axis in figure.axes:
        boxes = [t.get_window_extent(canvas.get_renderer()) for t in axis.get_xticklabels()]
        if any(a.overlaps(b) for a, b in itertools.pairwise(boxes)):
            return False
    return True


@pytest.mark.parametrize("conditions", [TEN, [f"a longer name {i}" for i in range(12)]])
def test_many_conditions_are_legible(conditions) -> None:
    draw = np.random.default_rng(0)
    rows = [
        {"subject": s, "condition": c, "r_pulse_rate": r, "r_pulse_rate_good": -r}
        for c in conditions
        for s, r in enumerate(draw.uniform(-1, 1, 5))
    ]
    figure = coupling.draw_coupling(pd.DataFrame(rows), pd.DataFrame(), conditions)
    assert labels_apart(figure) and len(figure.axes) == 2
    assert len(set(style.condition_colours(conditions).values())) == len(conditions)
    caption = coupling.describe_coupling(pd.DataFrame(rows), pd.DataFrame(), conditions)
    assert "Above: all windows; below: without" in caption
    of = {"windows": "all", "against": "rest"}
    measures = ("pulse_rate", "rmssd")
    changes = [
        of | {"measure": m, "condition": r["condition"], "subject": r["subject"], "change": 1.0}
        for m in measures
        for r in rows
    ]
    test = {"mean_change": 1, "ci_low": 0.5, "ci_high": 1.5, "p_holm": 0.0321, "n_participants": 5}
    tests = [of | {"measure": m, "condition": c} | test for m in measures for c in conditions]
    drawn = rest_change.draw_rest_change(pd.DataFrame(changes), pd.DataFrame(tests), conditions)
    assert labels_apart(drawn)


def test_a_measure_that_nobody_has_is_said_and_gets_no_axis_of_numbers() -> None:
    keys = {"windows": "all", "against": "rest", "condition": "ASMR"}
    changes = pd.DataFrame(
        [
            keys | {"measure": name, "subject": subject, "change": value}
            for name, value in (("pulse_rate", 1.0), ("rmssd", np.nan))
            for subject in (1, 2)
        ]
    )
    none = dict.fromkeys(("mean_change", "ci_low", "ci_high", "p_holm"), np.nan)
    tests = pd.DataFrame(
        [keys | {"measure": m, "n_participants": 0} | none for m in ("pulse_rate", "rmssd")]
    )
    rate, rmssd = rest_change.draw_rest_change(changes, tests, ["ASMR"]).axes
    assert len(rate.get_yticks()) and not rate.texts and not len(rmssd.get_yticks())
    assert [text.get_text() for text in rmssd.texts] == ["nobody has a value in clips and rest"]


def test_ratings_of_many_conditions_fit_on_a_page() -> None:
    steps = np.arange(20)
    tables = [
        pd.DataFrame(
            {
                "subject": s,
                "video": f"{c}{i}",
                "condition": c,
                "step": steps,
                "time_s": steps / 10,
                "rating": steps % (s + 2),
            }
        )
        for s in (1, 2)
        for c in TEN
        for i in (1, 2)
    ]
    clips = [f"{c}{i}" for c in TEN for i in (1, 2)]
    traces, _ = ratings.mean_traces([pd.concat(tables)], clips)
    figure = ratings.draw_ratings(traces, scale=Scale(0, 3))
    assert figure.get_size_inches()[1] * 25.4 <= 297
    panels = [axis for axis in figure.axes if axis.get_visible()]
    assert [axis.get_title(loc="left").split(" ")[0] for axis in panels] == clips
    # The lowest panel of every column says what its axis is, also where one is lacking below it.
    assert sum(axis.get_xlabel() != "" for axis in panels) == 3


def test_trials_of_one_condition_have_no_matrix() -> None:
    frames, trials = np.array([[5, 1], [2, 4]]), np.array([[0, 0], [1, 3]])
    figure = confusion.draw_confusion(frames, trials, words=Words(target="joy", control=""))
    assert f"Trials by condition:\nnot applicable,\n{ONE_CONDITION}" in texts(figure)
    how = {"padding": "masked", "video_threshold": 0.15}
    alone = Words(control="")
    caption = confusion.describe_confusion(frames, trials, "fusion", alone, **how)
    assert ONE_CONDITION in caption and "4 trials" not in caption


def test_a_test_without_pairs_is_said_so() -> None:
    assert "not computable (n = 1 pairs)" in coupling.test_text(np.nan, np.nan, np.nan, 1)
    assert "p < 0.0001" in coupling.test_text(-9.0, 31, 1e-9, 32)


def test_a_tinglegram_shows_target_first_and_marks_padding() -> None:
    predictions = synthetic.predictions(1, [3, 5])
    trials = tinglegram.test_trials(predictions.iloc[::-1], 5, "ASMR")
    assert [t["condition"].iloc[0] for t in trials] == ["ASMR", "Nature"]
    assert all(t["step"].is_monotonic_increasing for t in trials)
    figure = tinglegram.draw_tinglegram(
        predictions,
        5,
        smoothing_steps=2,
        scale=Scale(0, 3),
        words=Words("tingle", "ASMR"),
        note="Untrained ResNet-18",
    )
    text = texts(figure)
    for words in ("reported tingle", "rating / 3", "padding", "threshold 0.5", "Untrained"):
        assert words in text
    caption = tinglegram.describe_tinglegram(
        predictions, 5, "fusion", Words("itch", "ASMR"), smoothing_steps=2
    )
    assert "probability of an itch" in caption and "(filled: itch in ASMR," in caption
    assert "43 steps of padding" in caption and "2 test trials (1100 steps)" in caption


def test_a_stranger_has_no_tinglegram() -> None:
    with pytest.raises(TinglegramError, match=r"Participant 27 has no test trial.*: 3, 5\."):
        tinglegram.test_trials(synthetic.predictions(1, [5, 3]), 27, "ASMR")


@given(st.lists(st.floats(0, 1), min_size=20, max_size=60), st.sampled_from([0.0, 1.0, 2.0]))
def test_smoothing_keeps_mean_and_range(values: list[float], steps: float) -> None:
    smooth = tinglegram.smoothed(np.array(values), steps)
    assert smooth.mean() == pytest.approx(np.mean(values), abs=1e-9)
    assert min(values) - 1e-9 <= smooth.min() and smooth.max() <= max(values) + 1e-9


def test_frames_are_counted_with_or_without_padding() -> None:
    table = pd.DataFrame(
        {"label": [0, 0, 1, 1, 0], "predicted": [0, 1, 1, 0, 1], "valid": [1, 1, 1, 1, 0]}
    )
    assert confusion.frame_counts(table, "counted").tolist() == [[1, 2], [1, 1]]
    assert confusion.frame_counts(table, "masked").tolist() == [[1, 1], [1, 1]]
    with pytest.raises(ValueError, match="counted or masked"):
        confusion.frame_counts(table, "ignored")


def test_confusion_prints_counts_and_shares_of_rows() -> None:
    frames, trials = np.array([[900, 100], [0, 0]]), np.array([[11, 1], [2, 10]])
    text = texts(confusion.draw_confusion(frames, trials, note="Untrained"))
    for words in ("900\n90.0 %", "0\n–", "10\n83.3 %", "n = 1,000", "n = 24", "Untrained"):
        assert words in text


def test_counts_of_frames_add_up_over_folds_and_those_of_trials_keep_their_places() -> None:
    folds = [synthetic.predictions(1, [3, 5]), synthetic.predictions(2, [7])]
    together = confusion.frame_counts(pd.concat(folds), "counted")
    assert (confusion.pooled_counts(iter(folds), "counted") == together).all()
    assert confusion.trial_counts(synthetic.video_level()).tolist() == [[11, 1], [2, 10]]


def test_rows_of_the_figure_of_scores_leave_out_mean_and_sd() -> None:
    scores = beside.folds_of(synthetic.fold_metrics(), "macro_f1")
    assert len(scores) == 2 and scores.dtype == float


def test_brier_scores_of_both_scopes() -> None:
    table = pd.DataFrame({"metric": ["brier_within_target", "brier"], "value": [0.2, 0.1]})
    assert calibration.brier_scores(table) == {"both_conditions": 0.1, "within_target": 0.2}


def test_reliability_curves_of_both_scopes_leave_out_empty_bins() -> None:
    curve, itch = synthetic.calibration_scores(), Words("itch", "ASMR")
    figure = calibration.draw_calibration(curve, words=itch, title="Model x", note="Untrained")
    text = texts(figure)
    assert "Probability of an itch" in text and "Frames reported as itch" in text
    for words in ("Both conditions (n = 18,500 frames)", "ASMR trials (n = 18,500", "Untrained"):
        assert words in text
    for control in ("", OTHERS):
        of_others = itch._replace(control=control)
        assert "All trials (n = 18,500 frames)" in texts(
            calibration.draw_calibration(curve, words=of_others)
        )
    line = next(x for x in figure.axes[0].get_lines() if x.get_label() == "model")
    np.testing.assert_allclose(line.get_xdata()[:3], [0.05, 0.15, 0.35])
    brier = {"both_conditions": 0.146, "within_target": 0.28}
    caption = calibration.describe_calibration(curve, "x", brier, itch, confidence=0.9)
    assert "share of frames reported as itch (up to" in caption
    for words in ("10 bins", "12 participants", "90% intervals from 2000", "0.146 (left), 0.280"):
        assert words in caption


def test_the_line_of_recalibration_stands_in_the_figure_and_its_caption() -> None:
    numbers = {"line_slope": 0.5, "line_intercept": -1.0}
    curve = synthetic.calibration_scores().assign(reason="", **numbers)
    curve.loc[curve["scope"] == "within_target", list(numbers)] = np.nan
    figure = calibration.draw_calibration(curve, words=Words("itch", "ASMR"))
    (line,) = (x for x in figure.axes[0].get_lines() if x.get_label() == "line")
    chance, told = (np.asarray(values) for values in (line.get_xdata(), line.get_ydata()))
    middle = np.argmin(np.abs(chance - 0.5))
    assert told[middle] == pytest.approx(1 / (1 + np.e), abs=0.001)
    assert not [x for x in figure.axes[1].get_lines() if x.get_label() == "line"]
    brier = {"both_conditions": 0.146, "within_target": 0.28}
    caption = calibration.describe_calibration(
        curve, "x", brier, Words("itch", "ASMR"), confidence=0.9
    )
    assert "other people with these clips and networks" in caption and "resamples" not in caption
    assert "descriptive): slope 0.50, intercept -1.00 (left)" in caption
    assert "no slope, no intercept (right)" in caption


def value_trials() -> pd.DataFrame:
    """Eleven trials of rising concordance, and one whose report never changes."""
    rows = [("m", 1, n, "a", "x", n / 10, n == 11) for n in range(12)]
    columns = ["model", "fold", "subject", "video", "condition", "concordance", "constant_report"]
    return pd.DataFrame(rows, columns=columns)


def test_courses_are_those_of_a_low_a_middle_and_a_high_trial() -> None:
    chosen = predicted_values.trials_to_show(value_trials().iloc[::-1], "m")
    assert chosen["subject"].tolist() == [1, 5, 9]
    alone = value_trials().query("constant_report")
    assert predicted_values.trials_to_show(alone, "m")["subject"].tolist() == [11]


def test_predicted_values_are_drawn_without_padding_beside_their_baselines() -> None:
    chosen = predicted_values.trials_to_show(value_trials(), "m").iloc[:1]
    table = pd.DataFrame(
        {
            **{"fold": 1, "subject": [1] * 4 + [2] * 4, "video": "a", "condition": "x"},
            **{"step": [*range(4)] * 2, "time_s": [0.0, 0.1, 0.2, 0.3] * 2},
            **{"valid": [True, True, True, False] * 2, "reported": [0.0, 1, 1, 9] * 2},
            "predicted": [0.0, 0.5, 0.7, 9] * 2,
        }
    )
    (course,) = predicted_values.courses_of(chosen, {"m": table, "n": table.iloc[4:]})
    assert course.title == "participant 1, a"
    assert course.reported.tolist() == [0, 1, 1] and list(course.predicted) == ["m"]
    scores = synthetic.value_scores()
    figure = predicted_values.draw_values([course], scores, unit="anxiety", note="Mind.")
    shown = texts(figure)
    for words in ("anxiety", "predicted by m", "human agreement", "n/a", "Mind.", "RMSE"):
        assert words in shown
    assert style.rendered(figure, "svg") == style.rendered(
        predicted_values.draw_values([course], scores, unit="anxiety", note="Mind."), "svg"
    )
    assert "descriptive" in predicted_values.describe_values_figure(1, "m", 0.95, 100)


def test_training_curves_show_what_there_is() -> None:
    both = training.draw_training({1: synthetic.history(1), 2: synthetic.history(2)})
    assert len(both.axes) == 2 and "Validation macro F1 (%)" in texts(both)
    boosted = {1: synthetic.history(1, validated=False)}
    assert len(training.draw_training(boosted, unit="Tree").axes) == 1
    assert "1 folds, 35 trees" in training.describe_training(boosted, "xgboost", "Tree")


def test_the_rule_graph_is_read_and_loops_are_one_box() -> None:
    graph = rule_graph.parse_dot(DOT)
    assert set(graph) == {"all", "write_report", "read_log", "make_clip_vid1", "make_clip_vid2"}
    assert graph.has_edge("read_log", "write_report")
    names = rule_graph.rules_of(
        "rule read_log:\n    input: 1\n\ncheckpoint write_report:\n"
        'for v in V:\n    rule:\n        name:\n            f"make_clip_{v}"\n'
    )
    assert names == ["read_log", "write_report", "make_clip"]
    assert rule_graph.rules_of("if CONTROLS:\n\n    use rule a as b with:\n") == ["b"]
    merged = rule_graph.merge_rules(graph, names)
    assert set(merged) == {"write_report", "read_log", "make_clip"}
    figure = rule_graph.draw_rule_graph(merged, {"read_log": "behaviour"}, ["behaviour"])
    assert "make_clip" in texts(figure) and rule_graph.OTHER in texts(figure)
    assert "3 rules" in rule_graph.describe_rule_graph(merged)


def test_stages_stand_in_the_order_of_the_snakefile() -> None:
    text = (ROOT / "Snakefile").read_text(encoding="utf-8")
    files = rule_graph.rule_files(text)
    # What all rule files share comes first and holds no rule.
    assert list(files)[:4] == ["plan", "study", "simulation", "inputs"]
    assert {ROOT / file for file in files.values()} == set((ROOT / "workflow/rules").glob("*.smk"))


def test_every_rule_has_a_stage() -> None:
    for path in (ROOT / "workflow/rules").glob("*.smk"):
        rules = re.findall(r"\brule\b(?: \w+ as)? ?(\w*)(?: with)?:", path.read_text())
        assert len(rule_graph.rules_of(path.read_text())) == len(rules)
        assert bool(rules) == (path.stem != "plan")


def test_an_empty_graph_is_an_error() -> None:
    with pytest.raises(TinglegramError, match="printed no rule"):
        rule_graph.parse_dot("digraph {}")


@given(st.integers(0, 2**20), st.integers(2, 12))
def test_every_edge_goes_right_and_boxes_never_overlap(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    names = [f"rule{i}" for i in range(n)]
    graph = nx.DiGraph()
    graph.add_nodes_from(names)
    upper = np.triu(random.random((n, n)) < 0.4, 1)
    graph.add_edges_from((names[i], names[j]) for i, j in np.argwhere(upper))
    cut, order = rule_graph.layers(graph)
    where = rule_graph.positions(cut, order)
    assert set(graph) <= set(cut)
    assert all(where[b][0] > where[a][0] for a, b in cut.edges)
    assert nx.transitive_closure(cut).subgraph(names).edges == nx.transitive_closure(graph).edges
    for layer in order:
        assert np.all(np.diff([where[node][1] for node in layer]) > rule_graph._BOX_HEIGHT)


def test_labels_break_at_underscores() -> None:
    assert rule_graph.label("compute_pulse_windows") == "compute_\npulse_\nwindows"
    assert rule_graph.label("read_log") == "read_log"


def test_the_same_figure_is_the_same_bytes_whatever_the_users_settings() -> None:
    import matplotlib as mpl

    def drawn(file_format: str) -> bytes:
        figure = training.draw_training({1: synthetic.history(1)}, note="note")
        return style.rendered(figure, file_format)

    first = {kind: drawn(kind) for kind in ("svg", "png")}
    with mpl.rc_context({"font.size": 20, "svg.fonttype": "none"}):
        assert first == {kind: drawn(kind) for kind in ("svg", "png")}
    assert b"<dc:date>" not in first["svg"] and b"<text" not in first["svg"]


def test_covariates_have_a_panel_for_each_outcome_that_was_measured() -> None:
    people = pd.DataFrame({"subject": range(1, 9), "age": range(20, 28), "sex": list("fmfmfmfx")})
    parts = [
        pd.DataFrame(
            {
                "outcome": outcome,
                "unit": "r",
                "condition": condition,
                "subject": people["subject"],
                "value": values,
            }
        )
        for outcome, values in (("mean_rating", people["age"] ** 2.0), ("agreement", np.nan))
        for condition in ("calm", "wild")
    ]
    values = joined_people(people, pd.concat(parts), ["age", "sex"], [])
    figure = covariates.draw_covariates(
        values, covariate_tests(values, 0.95), ["calm", "wild"], note="Simulated."
    )
    panels = [axis for axis in figure.axes if axis.axison]
    assert [axis.get_xlabel() for axis in panels] == ["age", "sex"]
    assert {axis.get_ylabel() for axis in panels} == {"Mean rating"}
    assert [
        len(points.get_offsets()) for points in panels[0].collections if len(points.get_offsets())
    ] == [8, 8]
    assert [label.get_text() for label in panels[1].get_xticklabels()] == ["f", "m", "x"]
    # Alone in a group: a point without a test.
    assert panels[0].get_title(loc="left") == "calm: p < 0.001\nwild: p < 0.001"
    assert "Simulated." in texts(figure)
    caption = covariates.describe_covariates(values, ["calm", "wild"])
    assert "against age, sex: one point per person and condition" in caption and "N = 8" in caption


def test_conditions_have_colours_of_their_own() -> None:
    colours = style.condition_colours(["ASMR", "Nature", "ASMR"])
    assert colours == {"ASMR": style.BLUE, "Nature": style.VERMILLION}
    assert style.runs(np.array([1, 1, 2, 2]), np.array([0, 0, 0, 5])).tolist() == [0, 2, 3]


def test_sources_list_few_files_and_abbreviate_many() -> None:
    assert files.sources(["b.tsv", "a.tsv"]) == "a.tsv; b.tsv"
    many = [f"described/labels/{i:03d}.parquet" for i in range(5)]
    assert files.sources([*many, "inventory.tsv"]) == (
        "described/labels/*.parquet (5 files); inventory.tsv"
    )


def test_an_item_the_report_would_not_show_is_refused() -> None:
    with pytest.raises(ValueError, match="figure or table"):
        ReportItem("x", "sound", "models", "", "", "", "")
    with pytest.raises(ValueError, match="one of behaviour, pulse"):
        ReportItem("x", "figure", "results", "", "", "", "")
