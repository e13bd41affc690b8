"""Every claim gets the verdict that its printed numbers and ours call for."""

import csv
import math
import re

import numpy as np
import pandas as pd
import pytest
from paths import ROOT

from tinglegram.claims.ledger import OPEN, ORIGINS, PARTS, Results, agrees, as_text, ledger, look_up
from tinglegram.claims.views import VIEWS, fold_people, trial_level, typed_scores
from tinglegram.inference.resampling import Resamples
from tinglegram.report.tables.claims import describe_ledger, ledger_table, result_names
from tinglegram.statistics.metrics import fold_table
from tinglegram.statistics.pooled import pooled_table
from tinglegram.statistics.scored_trials import as_trials
from tinglegram.statistics.trial_level import TrialLevel, trial_level_table


def text(path, separator="\t"):
    quoting = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
    return pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, quoting=quoting)


CLAIMS = text(ROOT / "workflow/claims.tsv")
SOURCES = text(ROOT / "workflow/claim_sources.tsv")
TYPED = pd.read_csv(ROOT / "workflow/typed_fold_scores.tsv", sep="\t")


def claim(**parts):
    facts = {"id": "a", "section": "s", "quantity": "q", "unit": "%"} | dict.fromkeys(PARTS, "")
    return pd.DataFrame([facts | parts])


def source(part="value", **changed):
    facts = {
        "id": "a",
        "part": part,
        "origin": "study",
        "file": "f.tsv",
        "view": "",
        "row": "",
        "column": part,
        "reduce": "only",
        "scale": "1",
        "tolerance": "0",
        "compare": "",
        "reason": "exact",
        "needs": "raw recordings",
    }
    return facts | changed


def verdict(claims, sources, table, origin="study"):
    tables = {} if table is None else {"f.tsv": pd.DataFrame(table)}
    given = Results(origin, tables, {"f.tsv": "p/f.tsv"})
    return ledger(claims, pd.DataFrame(sources), {"p": given}).iloc[0]


# The project's own tables.


def test_claims_are_those_of_the_study(shared):
    facts = text(shared.parent / "claims.csv", ",")
    pd.testing.assert_frame_equal(CLAIMS, facts)


def test_every_printed_number_has_one_source_of_each_kind_at_most():
    printed = {(c["id"], p) for c in CLAIMS.to_dict("records") for p in PARTS if c[p]}
    for origin in ORIGINS:
        own = SOURCES[SOURCES["origin"] == origin]
        names = list(zip(own["id"], own["part"], strict=True))
        assert len(names) == len(set(names))
        assert set(names) <= printed
        assert origin == "published" or set(names) == printed


def test_sources_are_well_formed():
    assert set(SOURCES["view"]) <= set(VIEWS)
    assert set(SOURCES["reduce"]) <= {"only", "max", "mean", "sum", "count", "distinct"}
    assert set(SOURCES["compare"]) <= {"", "above", "part"}
    assert (SOURCES["needs"] != "").all()


def printed_part(line):
    return CLAIMS.set_index("id").loc[line["id"], line["part"]]


def test_exact_means_no_tolerance():
    exact = SOURCES[SOURCES["reason"] == "exact"]
    assert set(exact["tolerance"]) == {"0"}
    others = SOURCES[SOURCES["reason"] != "exact"]
    assert set(others["reason"]) == {"rounding", "Monte-Carlo"}
    assert (others["tolerance"].astype(float) > 0).all()


def test_rounding_is_half_a_unit_of_the_last_digit():
    rounded = SOURCES[(SOURCES["reason"] == "rounding") & (SOURCES["file"] != TYPED_FILE)]
    for line in rounded.to_dict("records"):
        decimals = len(printed_part(line).partition(".")[2])
        # Trailing zeros are lost in the table of facts: 5.2 was printed as 5.20.
        places = -math.log10(2 * float(line["tolerance"]))
        assert places == pytest.approx(round(places)) and round(places) >= decimals, line


TYPED_FILE = "typed_fold_scores.tsv"


def test_p_of_ablation_tests_lies_within_binomial_error():
    tests = SOURCES[SOURCES["id"].str.endswith(".p_vs_fusion")]
    assert len(tests) == 4
    for line in tests.to_dict("records"):
        p = float(printed_part(line))
        error = 1.96 * math.sqrt(2 * p * (1 - p) / 10_000)
        assert float(line["tolerance"]) == pytest.approx(error, rel=0.03)


# Single numbers.


@pytest.mark.parametrize(
    ("printed", "ours", "tolerance", "compare", "expected"),
    [
        ("34", 34.0, 0, "", True),
        ("34", 33.0, 0, "", False),
        ("71.86", 71.8550, 0.005, "", True),
        ("71.86", 71.8549, 0.005, "", False),
        ("71.86", 71.8650, 0.005, "", True),
        ("-2.085", -2.0852, 0.0005, "", True),
        ("-2.085", 2.085, 0.0005, "", False),
        ("<0.0002", 0.0, 0, "", True),
        ("<0.0002", 1 / 5001, 0, "", True),
        ("<0.0002", 0.0002, 0, "", False),
        ("149000", 149600.0, 0, "above", True),
        ("149000", 148138.0, 0, "above", False),
        ("272", 68.0, 0, "part", None),
        ("272", 273.0, 0, "part", False),
        ("24/2/8", "24/2/8", 0, "", True),
        ("24/2/8", "24/3/8", 0, "", False),
        ("24/2/8", "?/?/8", 0, "", None),
        ("24/2/8", "?/?/7", 0, "", False),
    ],
)
def test_agreement_with_print(printed, ours, tolerance, compare, expected):
    assert agrees(printed, ours, tolerance, compare) is expected


TABLE = pd.DataFrame({"k": ["x", "y", "y"], "n": [1.0, 2.0, 4.0], "m": [1.0, np.nan, 1.0]})


@pytest.mark.parametrize(
    ("row", "column", "reduce", "expected"),
    [
        ("k == 'x'", "n", "only", 1.0),
        ("k == 'x'", "k", "only", "x"),
        ("", "n", "max", 4.0),
        ("k == 'y'", "n", "mean", 3.0),
        ("", "n", "sum", 7.0),
        ("", "k", "count", 3.0),
        ("", "k", "distinct", 2.0),
        ("k == 'x'", "n + m + 1", "only", 3.0),
        ("k == 'z'", "n", "only", None),
        ("n == 2", "m", "only", None),
    ],
)
def test_look_up(row, column, reduce, expected):
    assert look_up(TABLE, row, column, reduce) == expected


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("", "p_value", "p_value.*columns: k, n, m"),
        ("fold == 1", "n", "fold.*columns: k, n, m"),
        ("k == 'y'", "n", "one row with k == 'y' expected, found 2"),
    ],
)
def test_a_source_that_does_not_fit_its_table_is_an_error(row, column, message):
    with pytest.raises(ValueError, match=message):
        look_up(TABLE, row, column, "only")


def test_the_error_names_claim_and_file():
    with pytest.raises(ValueError, match=r"claim a, value, in p/f\.tsv: .*value"):
        verdict(claim(value="1"), [source()], {"other": [1.0]})


# Rows of the ledger.


def test_all_printed_numbers_decide():
    claims = claim(value="75.5", spread_sd="5.6", p_value="<0.01")
    sources = [
        source("value", scale="100", tolerance="0.05", reason="rounding"),
        source("spread_sd", scale="100", tolerance="0.05", reason="rounding"),
        source("p_value"),
    ]
    right = {"value": [0.7552], "spread_sd": [0.0561], "p_value": [0.0]}
    row = verdict(claims, sources, right)
    assert row["verdict"] == row["p_verdict"] == "reproduced"
    assert row["reproduced_by"] == "p"
    assert row["p_difference"] == pytest.approx(0.02)
    assert (row["p_failing"], row["p_missing"], row["missing"]) == ("", "", "")
    assert row["p_source"] == "p/f.tsv"
    assert row["paper"] == "75.5 ± 5.6 p <0.01"
    assert row["tolerance"] == "value ±0.05; spread_sd ±0.05; p_value <0.01"
    assert row["tolerance_reason"] == "rounding: value, spread_sd; exact: p_value"
    row = verdict(claims, sources, right | {"spread_sd": [0.06], "p_value": [0.02]})
    assert (row["verdict"], row["p_failing"]) == ("differs", "spread_sd, p_value")
    row = verdict(claims, sources, right | {"p_value": [np.nan]})
    assert row["verdict"] == OPEN and "p/f.tsv" in row["missing"]
    # What is known to differ is not made open by what is unknown.
    row = verdict(claims, sources, right | {"value": [0.8], "p_value": [np.nan]})
    assert (row["verdict"], row["missing"]) == ("differs", "")


def test_what_is_missing_is_named():
    row = verdict(claim(value="1"), [source()], None)
    assert (row["verdict"], row["missing"]) == (OPEN, "raw recordings")
    row = verdict(claim(value="1"), [source(row="value > 5")], {"value": [1.0]})
    assert (row["verdict"], row["missing"]) == (OPEN, "a number in p/f.tsv where value > 5")


def test_predictions_cannot_answer_what_only_recordings_can():
    row = verdict(claim(value="1"), [source()], {"value": [1.0]}, origin="published")
    assert (row["verdict"], row["missing"]) == (OPEN, "raw recordings")
    both = [source(), source(origin="published", column="other")]
    row = verdict(claim(value="1"), both, {"value": [2.0], "other": [1.0]}, origin="published")
    assert row["verdict"] == "reproduced"


def test_a_part_that_is_seen_settles_nothing_unless_it_differs():
    sources = [source(view="tested_people", row="fold == 1", column="people")]
    seen = {"fold": [1, 1, 2], "subject": [7, 8, 9]}
    row = verdict(claim(value="4/1/2"), sources, seen)
    assert row["verdict"] == OPEN and row["p_value"] == "?/?/2"
    assert row["missing"] == "raw recordings; what is seen (?/?/2) agrees"
    assert verdict(claim(value="4/1/3"), sources, seen)["verdict"] == "differs"


def test_one_protocol_that_reproduces_a_claim_is_enough():
    results = {
        name: Results("study", {"f.tsv": pd.DataFrame({"value": [number]})}, {"f.tsv": name})
        for name, number in (("released", 1.0), ("described", 2.0))
    }
    findings = pd.DataFrame({"finding": ["odd"], "claims": ["b; a"]})
    row = ledger(claim(value="1"), pd.DataFrame([source()]), results, findings).iloc[0]
    assert (row["verdict"], row["reproduced_by"], row["finding"]) == (
        "reproduced",
        "released",
        "odd",
    )
    assert (row["released_verdict"], row["described_verdict"]) == ("reproduced", "differs")


def test_a_printed_number_without_a_source_is_an_error():
    with pytest.raises(ValueError, match="claim a, p_value: one source expected, found 0"):
        verdict(claim(value="1", p_value="0.1"), [source()], {"value": [1.0]})


# Tables arranged for look-up.


def test_people_by_role():
    folds = pd.DataFrame(
        [(1, s, v, r) for s, r in ((1, "train"), (2, "train"), (3, "test")) for v in "ab"]
        + [(1, 1, "c", "unused"), (2, 1, "a", "validation"), (2, 2, "a", "test")],
        columns=["fold", "subject", "video", "role"],
    )
    assert fold_people(folds).to_numpy().tolist() == [[1, "2/0/1"], [2, "0/1/1"]]
    predictions = folds[folds["role"] == "test"]
    assert VIEWS["tested_people"](predictions).to_numpy().tolist() == [[1, "?/?/1"], [2, "?/?/1"]]


def test_sd_over_folds_of_whole_trials_is_known_only_without_faults():
    table = trial_level(pd.DataFrame({"fp": [0, 1, 0], "fn": [0, 0, 2]}))
    assert table["sd"].fillna(-1).tolist() == [0, -1, -1]


def test_typed_scores():
    table = typed_scores(TYPED, n_resamples=10_000, seed=42).set_index("model")
    assert (100 * table["mean"]).round(2).to_dict() == {
        "fusion": 71.86,
        "visual": 69.11,
        # Half a unit: 69.935 is printed as 69.94.
        "acoustic": pytest.approx(69.935, abs=0.006),
    }
    assert table.loc["visual", "paired_bootstrap"] == 0.0488
    assert table.loc["visual", "exact_bootstrap"] == 13 / 256
    assert table.loc["acoustic", "paired_bootstrap"] == 0.0039
    assert table.loc["acoustic", "exact_bootstrap"] == 1 / 256
    assert table.loc["fusion", ["paired_bootstrap", "exact_sign_flip"]].isna().all()


# The published predictions.


@pytest.fixture(scope="module")
def published_ledger(published):
    trials = as_trials(published, padding="counted", source="published")
    settings = Resamples(p_value="count", score_inference="resampled")
    numbered = [table.assign(fold=k) for k, table in enumerate(published, 1)]
    folder = "{protocol}/statistics/published/"
    tables = {
        f"{folder}fold_metrics.tsv": fold_table(trials),
        f"{folder}pooled.tsv": pooled_table(trials, settings),
        f"{folder}video_level.tsv": trial_level_table(
            trials, settings, TrialLevel(video_threshold=0.15, video_level_resampling="trials")
        ),
        "{protocol}/models/published/fold{fold}/predictions.parquet": pd.concat(numbered),
        TYPED_FILE: typed_scores(TYPED, n_resamples=10_000, seed=42),
    }
    results = Results("published", tables, {name: name for name in tables})
    return ledger(CLAIMS, SOURCES, {"released": results}).set_index("id")


def test_published_predictions_settle_what_they_can(published_ledger):
    verdicts = published_ledger["verdict"]
    settled = verdicts[verdicts != OPEN]
    expected = {name for name in CLAIMS["id"] if re.match(r"table1\.|video_level\.", name)}
    expected |= {"cohort.n_participants", "shape.steps", "table2.audio.macro_f1"}
    expected |= {"table2.video.p_vs_fusion", "table2.audio.p_vs_fusion"}
    assert set(settled[settled == "reproduced"].index) == expected
    assert set(settled[settled == "differs"].index) == {"table2.video.macro_f1"}
    assert (published_ledger.loc[verdicts == OPEN, "missing"] != "").all()


def test_published_predictions_show_a_part_of_the_folds(published_ledger):
    folds = published_ledger.filter(like="folds.", axis="index")
    assert folds["released_value"].tolist() == ["?/?/8", "?/?/8", "?/?/8", "?/?/10"]
    assert folds["missing"].str.startswith("who trained and who validated").all()
    trials = published_ledger.loc["cohort.n_trials"]
    assert trials["released_value"] == 68 and "what is seen (68) agrees" in trials["missing"]


# As the report prints it.


def test_the_printed_ledger():
    claims = claim(value="75.51", spread_sd="5.63", p_value="<0.0002")
    sources = [source("value", tolerance="0.005"), source("spread_sd"), source("p_value")]
    given = {"value": [75.5062], "spread_sd": [0.25], "p_value": [0.0]}
    row = verdict(claims, sources, given)
    kept = pd.DataFrame([row]).astype(str)
    assert result_names(kept) == ["p"]
    printed = ledger_table(kept).iloc[0]
    assert printed["Paper"] == "75.51 ± 5.63 p <0.0002"
    assert printed["p"] == "75.51 ± 0.2500 p 0"
    assert printed["p minus paper"] == "-0.0038"
    assert printed["Verdict"] == "differs (spread_sd)"
    assert printed["From"] == printed["source"] == "p/f.tsv"
    assert describe_ledger(kept).startswith("1 claims: 1 differs.")


def test_several_sets_of_results_have_a_verdict_each():
    table = pd.DataFrame({"value": [1.0]})
    results = {n: Results("study", {"f.tsv": table + k}, {"f.tsv": n}) for k, n in enumerate("pq")}
    kept = ledger(claim(value="1"), pd.DataFrame([source()]), results).astype(str)
    printed = ledger_table(kept).iloc[0]
    assert (printed["Verdict"], printed["p: verdict"]) == ("reproduced", "reproduced")
    assert printed["q: verdict"] == "differs (value)" and printed["From"] == "p; q"


def test_parts_in_one_line():
    empty = dict.fromkeys(PARTS, "")
    assert as_text(empty | {"value": "1", "ci95_low": "0", "ci95_high": "2"}) == "1 [0, 2]"
    assert as_text(empty | {"p_value": "<0.05"}) == "p <0.05"
