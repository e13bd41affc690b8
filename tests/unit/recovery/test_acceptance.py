"""Measured rates beside what is asked of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from tinglegram.recovery.acceptance import (
    ASKED,
    COLUMNS,
    acceptance_table,
    asked_of,
    error_rates,
    missed_lines,
)
from tinglegram.recovery.model_studies import READINGS
from tinglegram.recovery.results import ANY, FOLD_AUC, THESE
from tinglegram.recovery.summaries import fold_dependence, summarise_studies

RETRAINED = ("tracking within clips", "trained again on moved reports")
OVER_FOLDS = ("macro F1, any clips", "corrected t over folds")
WITHIN_FOLDS = ("macro F1, these clips", "jackknife over people within folds")


def studies(statistic, *, rejected=0.0, covered=1.0, null=True, n=1000, cell="category only"):
    number = np.arange(n)
    return pd.DataFrame(
        {
            "topic": "trained",
            "cell": cell,
            "study": number,
            "result": statistic[0],
            "test": statistic[1],
            "estimate": 0.5,
            "truth": 0.5,
            "ci_low": np.where(number < covered * n, 0.4, 0.6),
            "ci_high": 0.7,
            "p_value": np.where(number < rejected * n, 0.01, 0.5),
            "null": pd.array([null] * n, dtype="boolean"),
            "population": ANY if ANY in statistic[0] else THESE if THESE in statistic[0] else "",
        }
    )


def rates_of(*tables):
    every = pd.concat(tables, ignore_index=True)
    return error_rates(summarise_studies(every, 0.95), fold_dependence(every))


def only(rates, kind):
    (row,) = rates[rates["kind"] == kind].to_dict("records")
    return row


@pytest.mark.parametrize(
    ("rejected", "met", "clear"), [(0.05, "yes", "no"), (0.07, "no", "no"), (0.12, "no", "yes")]
)
def test_a_rate_is_judged_and_chance_is_named(rejected, met, clear):
    row = only(rates_of(studies(RETRAINED, rejected=rejected)), "false positives")
    assert (row["rate"], row["met"], row["clear"]) == (pytest.approx(100 * rejected), met, clear)
    assert (row["asked_low"], row["asked_high"], row["model"]) == (0, 6, "ridge")
    assert row["error"] == pytest.approx(100 * np.sqrt(rejected * (1 - rejected) / 1000))
    assert row["low"] < row["rate"] < row["high"] and row["n_studies"] == 1000


def test_power_has_a_floor_where_one_is_set():
    weak = studies(RETRAINED, rejected=0.5, null=False, cell="clip's course, weak")
    assert only(rates_of(weak), "power")["met"] == "no"
    strong = studies(RETRAINED, rejected=0.5, null=False, cell="clip's course, strong")
    assert only(rates_of(strong), "power")["met"] == ""


@pytest.mark.parametrize(
    ("statistic", "covered", "met"),
    [
        (WITHIN_FOLDS, 0.98, "no"),
        (WITHIN_FOLDS, 0.95, "yes"),
        (WITHIN_FOLDS, 0.92, "no"),
        (OVER_FOLDS, 0.99, "yes"),
        (OVER_FOLDS, 0.92, "no"),
        # Nobody gives it as inference.
        (("macro F1, these clips", "resampled participants"), 0.5, ""),
    ],
)
def test_coverage_is_asked_by_population(statistic, covered, met):
    row = only(rates_of(studies(statistic, covered=covered)), "coverage")
    assert (row["met"], row["rate"]) == (met, pytest.approx(100 * covered))
    assert row["population"] == (ANY if "any clips" in statistic[0] else THESE)


def test_whatever_corrected_reads_has_something_asked_of_it():
    for reading in (one for one in READINGS if one.way == "folds"):
        where = f"trained/x/{reading.result}, {reading.population}/{reading.test}"
        kinds = ["coverage"] * (reading.ends is not None)
        kinds += ["false positives"] * (reading.population == ANY and bool(reading.p_value))
        for kind in kinds:
            assert asked_of(kind, where) is not None, where
    for reading in (one for one in READINGS if one.way == "resampled"):
        where = f"trained/x/{reading.result}, {reading.population}/{reading.test}"
        assert asked_of("coverage", where) is None, where


def test_nothing_is_asked_of_intervals_of_a_model_that_no_study_trains():
    """Named in the plan, so that the exception goes with its world."""
    cell = "category only, classes not weighted"
    plan = yaml.safe_load(Path("workflow/recovery/config.yaml").read_text(encoding="utf-8"))
    assert plan["recovery"]["topics"]["trained"][cell]["weighted"] == 0
    known = "macro F1, these clips/jackknife over people within folds"
    assert asked_of("coverage", f"trained/{cell}/{known}") is None
    assert asked_of("coverage", f"trained/category only/{known}") is not None
    retrained = "tracking within clips/trained again on moved reports"
    assert asked_of("false positives", f"trained/{cell}/{retrained}") is not None


def test_what_is_descriptive_has_no_interval_that_is_read():
    own = [r for r in READINGS if r.way == "folds" and r.test == "descriptive"]
    assert {r.result for r in own} == {
        "self-report, balanced accuracy within target",
        *(
            f"calibration, {s}, {n}"
            for s in ("both conditions", "within target")
            for n in ("slope", "intercept")
        ),
    }
    assert all(r.ends is None and not r.p_value for r in own)


def test_every_bound_is_a_share():
    for asked in ASKED:
        assert 0 <= asked.low < asked.high <= 100 and asked.where.count("/") == 3


def test_the_page_gets_extremes_and_every_miss():
    rates = rates_of(
        studies(WITHIN_FOLDS, covered=0.95),
        studies(WITHIN_FOLDS, covered=0.90, cell="nobody agrees"),
    )
    assert tuple(rates.columns) == COLUMNS
    (row,) = acceptance_table(rates[rates["kind"] == "coverage"]).to_dict("records")
    assert (row["lowest, %"], row["highest, %"], row["met, worlds"]) == (
        "90.0",
        "95.0",
        "**1 of 2**",
    )
    (line,) = missed_lines(rates[rates["kind"] == "coverage"])
    assert line == (
        "- macro F1, these clips: jackknife over people within folds, trained, nobody agrees: "
        "coverage 90.0 % (88.0 to 91.7), asked 93 to 97"
    )


def test_dependence_between_folds_is_one_of_the_rates():
    folds = np.random.default_rng(1).normal(size=(50, 4)).ravel()
    table = pd.DataFrame(
        {
            "topic": "trained_network",
            "cell": "x",
            "study": np.repeat(np.arange(50), 4),
            "result": FOLD_AUC,
            "test": np.tile(list("1234"), 50),
            "estimate": folds,
        }
    )
    found = error_rates(summarise_studies(studies(RETRAINED), 0.95), fold_dependence(table))
    row = only(found, "correlation")
    assert (row["model"], row["n_studies"], row["met"]) == ("bilstm", 50, "")
    assert abs(row["rate"]) < 0.3 and row["low"] < row["rate"] < row["high"]
