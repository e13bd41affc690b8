"""Measured error rates beside those that are asked of every statistic given as inference.

Captions of the report and the recovery page read this table: what was measured, in how many
studies, and whether it is what is asked.
"""

from collections.abc import Hashable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.recovery.topics import TOPICS

FALSE_POSITIVES, POWER, COVERAGE, CALLS, CORRELATION = (
    "false positives",
    "power",
    "coverage",
    "calls",
    "correlation",
)


class Asked(NamedTuple):
    """What is asked of the rates of some statistics, in percent (a correlation: as it is).

    `where` is `topic/effect/statistic/inference`, in which `*` stands for anything. Statistics that
    no line names are not given as inference, and nothing is asked of them, nor of intervals in
    `MEASURED_ONLY`.
    """

    kind: str
    low: float
    high: float
    where: str


# Worlds of which rates are measured, but nothing is asked. Networks and trees of the workflow weigh
# both classes alike; of a model that does not, how often it calls follows how often the people who
# trained it report. Scores of folds then depend on each other and are skewed.
MEASURED_ONLY = ("trained/category only, classes not weighted/*",)
# The first line that fits decides. A simple null must be rejected in 4 to 6 % of studies; composite
# nulls and corrected folds in at most 6 %; a null under which viewers share a pulse in at most 6.5.
ASKED: tuple[Asked, ...] = (
    Asked(FALSE_POSITIVES, 4, 6, "agreement/*/agreement r/every viewer moved in time"),
    Asked(POWER, 55, 100, "agreement/0.05/agreement r/every viewer moved in time"),
    Asked(COVERAGE, 93, 98, "agreement/0/agreement of pairs r/*"),
    Asked(COVERAGE, 93, 97, "agreement/*/agreement of pairs r/*"),
    # Clips moved in time; less the course of other clips is what decides.
    Asked(FALSE_POSITIVES, 4, 6, "coupling/0/*/clips moved in time"),
    Asked(FALSE_POSITIVES, 4, 6, "mixed_model/0/*/clips moved in time"),
    Asked(FALSE_POSITIVES, 0, 6, "*/0/*/clips moved in time, less the course*"),
    Asked(FALSE_POSITIVES, 0, 6.5, "*/0, viewers share a response/*/clips moved in time*"),
    Asked(FALSE_POSITIVES, 0, 6.5, "*/0, common onset/*/*, less the course of other clips"),
    Asked(POWER, 95, 100, "coupling/-0.15/mean Fisher z/clips moved in time, less the course*"),
    Asked(FALSE_POSITIVES, 4, 6, "coupling/0, clips of unequal length/*/clips moved in time*"),
    Asked(FALSE_POSITIVES, 4, 6, "mixed_model/0/difference of means*/mixed model, clusters*"),
    Asked(COVERAGE, 93, 97, "mixed_model/0/*/mixed model, clusters: participants"),
    Asked(COVERAGE, 93, 97, "mixed_model/-*/*/mixed model, clusters: participants"),
    Asked(FALSE_POSITIVES, 4, 6, "rest_change/*/*/t over participants, t-test"),
    Asked(COVERAGE, 93, 97, "rest_change/*/*/t over participants, t-test"),
    # The largest of many lags or times is conservative where few shifts differ.
    Asked(FALSE_POSITIVES, 0, 6, "lagged/no coupling/*/clips shifted, largest of all"),
    Asked(FALSE_POSITIVES, 0, 6.5, "lagged/no coupling, *shared/*/clips shifted, largest of all"),
    Asked(FALSE_POSITIVES, 0, 6.5, "lagged/no coupling, *onset/*/clips shifted, largest of all"),
    Asked(POWER, 95, 100, "lagged/-0.2 after 4 s/coupling at the largest lag/clips shifted*"),
    # A response function.
    Asked(FALSE_POSITIVES, 0, 6.5, "response_function/*/*/*ratings moved and fitted anew*"),
    Asked(COVERAGE, 93, 97, "response_function/*/*/these clips*"),
    Asked(FALSE_POSITIVES, 0, 6, "response_function/*/*/any clips: corrected t over clips"),
    Asked(COVERAGE, 93, 100, "response_function/*/*/any clips: corrected t over clips"),
    # Reports exchanged between viewers, who do not differ where predictions know nothing of them.
    Asked(FALSE_POSITIVES, 4, 6, "scores/*/within-clip tracking/exchanged within fold and*"),
    Asked(FALSE_POSITIVES, 4, 6, "within/*/*/*, reports exchanged between viewers"),
    # Covariates of the participants.
    Asked(FALSE_POSITIVES, 4, 6, "covariates/*/*/*"),
    Asked(COVERAGE, 93, 97, "covariates/*/*/*"),
    # Made-up models.
    Asked(FALSE_POSITIVES, 0, 6, "comparison/*/*, any clips/corrected t over folds"),
    Asked(FALSE_POSITIVES, 0, 6, "video_level/*/*, any clips/corrected t over folds"),
    Asked(COVERAGE, 93, 100, "video_level/*/*, any clips/corrected t over folds"),
    # Trained models.
    Asked(FALSE_POSITIVES, 0, 6, "trained*/*/tracking within clips/trained again on moved reports"),
    Asked(POWER, 58, 100, "trained/clip's course, weak/*/trained again on moved reports"),
    Asked(FALSE_POSITIVES, 0, 6, "trained*/*/*/corrected t over folds"),
    Asked(POWER, 78, 100, "trained/clip's course, strong/residual ROC AUC, any clips/corrected t*"),
    Asked(FALSE_POSITIVES, 0, 6, "verdicts/*/decision/*: shown"),
    Asked(CALLS, 0, 5, "verdicts/clip's course, AUC 0.72/decision/*: clear tracking absent"),
    Asked(COVERAGE, 93, 98, "trained*/*/calibration*/t on the logit, linearised"),
    Asked(FALSE_POSITIVES, 0, 6, "trained*/*/self-report*/reports exchanged between viewers"),
    # Of whole trials, and of edges, a person has few, and of trials that are all right the interval
    # takes each person as one: conservative, up to 100 %, which is printed.
    Asked(COVERAGE, 93, 100, "trained*/*/whole trials*, these clips/*within folds"),
    Asked(COVERAGE, 93, 100, "trained*/*/self-report*, these clips/*within folds"),
    Asked(COVERAGE, 93, 100, "trained*/*/events*, these clips/*within folds"),
    Asked(COVERAGE, 93, 97, "trained*/*/*, these clips/*within folds"),
    Asked(COVERAGE, 93, 100, "trained*/*/*, any clips/corrected t over folds"),
)
COLUMNS = (
    *("topic", "world", "statistic", "inference", "model", "population", "kind", "rate", "error"),
    *("low", "high", "n_studies", "asked_low", "asked_high", "met", "clear"),
)


def error_rates(summary: pd.DataFrame, dependence: pd.DataFrame) -> pd.DataFrame:
    """Return every measured rate beside what is asked of it.

    Parameters
    ----------
    summary : of `summaries.summarise_studies`. dependence : of `summaries.fold_dependence`.

    Returns
    -------
    One row per topic, world (effect), statistic, inference and kind (`false positives`, `power`,
    `coverage`, `calls` of a verdict, `correlation` between folds): model that is trained in every
    study (empty: none is), population of the interval, rate and its standard error over studies,
    95 % interval low to high (percent; a correlation as it is), n_studies, asked_low, asked_high
    and met (`yes` or `no`; empty where nothing is asked); clear: `yes` where the whole interval is
    outside what is asked, so that chance does not explain it.
    """
    rows = []
    for row in summary.to_dict("records"):
        rows += [
            _rate(row, COVERAGE, "coverage", "n_intervals"),
            _rate(row, _kind(row), "rejected", "n_tests"),
        ]
    for row in dependence.to_dict("records"):
        rows.append(
            {
                **_names(row),
                "statistic": "ROC AUC of folds",
                "inference": "pairs of folds, over studies",
                "population": "",
                "kind": CORRELATION,
                "rate": row["correlation"],
                "error": (row["correlation_high"] - row["correlation"]) / 1.96,
                "low": row["correlation_low"],
                "high": row["correlation_high"],
                "n_studies": row["studies"],
            }
        )
    found = pd.DataFrame([row for row in rows if row], columns=list(COLUMNS[:12]))
    return found.join(_judged(found))[list(COLUMNS)]


def _names(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    topic = TOPICS.get(str(row["topic"]))
    model = "" if topic is None or topic.trains is None else topic.trains
    return {"topic": row["topic"], "world": row["cell"], "model": model}


def _kind(row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["null"]):
        return CALLS
    return FALSE_POSITIVES if row["null"] else POWER


def _rate(row: Mapping[Hashable, Any], kind: str, share: str, count: str) -> dict[str, Any]:
    """Return one rate in percent; nothing where no study has one."""
    n, rate = int(row[count]), float(row[share])
    if not n or np.isnan(rate):
        return {}
    return {
        **_names(row),
        "statistic": row["result"],
        "inference": row["test"],
        "population": row["population"],
        "kind": kind,
        "rate": 100 * rate,
        "error": 100 * np.sqrt(rate * (1 - rate) / n),
        "low": 100 * row[f"{share}_low"],
        "high": 100 * row[f"{share}_high"],
        "n_studies": n,
    }


def asked_of(kind: str, where: str) -> Asked | None:
    """Return what is asked of a rate, None where it is not given as inference."""
    if kind == COVERAGE and any(fnmatchcase(where, world) for world in MEASURED_ONLY):
        return None
    return next((a for a in ASKED if a.kind == kind and fnmatchcase(where, a.where)), None)


def _judged(rates: pd.DataFrame) -> pd.DataFrame:
    judged: list[tuple[float, float, str, str]] = []
    for row in rates.to_dict("records"):
        where = "/".join(str(row[n]) for n in ("topic", "world", "statistic", "inference"))
        asked = asked_of(row["kind"], where)
        if asked is None:
            judged.append((np.nan, np.nan, "", ""))
            continue
        met = asked.low <= row["rate"] <= asked.high
        outside = row["high"] < asked.low or row["low"] > asked.high
        words = ("yes" if met else "no", "yes" if outside else "no")
        judged.append((asked.low, asked.high, *words))
    return pd.DataFrame(judged, columns=["asked_low", "asked_high", "met", "clear"])


def acceptance_table(rates: pd.DataFrame) -> pd.DataFrame:
    """Return, of every statistic of which something is asked, its worst and best world.

    Parameters
    ----------
    rates : of `error_rates`.

    Returns
    -------
    As a reader sees it: statistic, inference, model, kind, worlds, lowest and highest rate, asked,
    met (worlds in which it is).
    """
    judged = rates[rates["met"] != ""]
    keys = ["statistic", "inference", "model", "kind", "asked_low", "asked_high"]
    rows = []
    for key, part in judged.groupby(keys, sort=False):
        statistic, inference, model, kind, low, high = key
        met = int((part["met"] == "yes").sum())
        told = f"{met} of {len(part)}"
        rows.append(
            {
                "statistic": statistic,
                "inference": inference,
                "model": model,
                "kind": kind,
                "lowest, %": f"{part['rate'].min():.1f}",
                "highest, %": f"{part['rate'].max():.1f}",
                "asked, %": f"{low:g} to {high:g}",
                "met, worlds": told if met == len(part) else f"**{told}**",
                "studies": f"{part['n_studies'].min():,}",
            }
        )
    return pd.DataFrame(rows)


def missed_lines(rates: pd.DataFrame) -> list[str]:
    """Return a sentence for every rate that is not what is asked."""
    missed = rates[rates["met"] == "no"]
    return [
        f"- {row['statistic']}: {row['inference']}, {row['topic']}, {row['world']}: {row['kind']} "
        f"{row['rate']:.1f} % ({row['low']:.1f} to {row['high']:.1f}), asked "
        f"{row['asked_low']:g} to {row['asked_high']:g}"
        + ("" if row["clear"] == "yes" else "; chance of this many studies explains it")
        for row in missed.to_dict("records")
    ]
