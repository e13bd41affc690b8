"""Printed numbers of the paper that contradict each other, computed from print alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr

from tinglegram.claims.views import records

CONTRADICTION_COLUMNS = ("finding", "claims", "paper_says", "but", "computed_how", "source")
# Percent points by which four-decimal fold scores can move a mean printed with two decimals.
_TYPED_ROUNDING = 0.01
# The paper's level of significance (`p < 0.05`).
_LEVEL = 0.05
_MOST_FREEDOM = 1000


def printed_degrees_of_freedom(t: str, p_value: str) -> list[int]:
    """Return every number of degrees of freedom for which a printed t has the printed two-sided p.

    Both are taken as anything that rounds to what is printed.
    """
    size, half_t, half_p = abs(float(t)), _half_unit(t), _half_unit(p_value)
    freedom = np.arange(1, _MOST_FREEDOM + 1)
    highest, lowest = (2 * stdtr(freedom, -(size + shift)) for shift in (-half_t, half_t))
    fits = (lowest <= float(p_value) + half_p) & (highest >= float(p_value) - half_p)
    found: list[int] = freedom[fits].tolist()
    return found


def paper_contradictions(
    claims: pd.DataFrame, typed: pd.DataFrame, typed_source: str, claims_source: str
) -> pd.DataFrame:
    """List the contradictions inside the paper that its own numbers show.

    Parameters
    ----------
    claims : text; the table of claims (see `ledger.ledger`). A finding whose claims are not there
        is left out.
    typed : as `views.typed_scores` returns it.
    typed_source, claims_source : files both come from.

    Returns
    -------
    finding, claims (ids, `; ` between them), paper_says, but, computed_how, source.
    """
    text = {row["id"]: row for row in records(claims)}
    both = f"{claims_source}; {typed_source}"
    rows = [
        *_typed_means(text, typed, both),
        *_typed_tests(text, typed, both),
        *_pairs(text, claims_source),
        *_padding(text, claims_source),
    ]
    return pd.DataFrame(rows, columns=list(CONTRADICTION_COLUMNS))


def _half_unit(printed: str) -> float:
    """Return half a unit of the last digit printed."""
    return 0.5 * 10.0 ** -len(printed.partition(".")[2])


def _typed_means(
    text: Mapping[str, dict[str, Any]], typed: pd.DataFrame, source: str
) -> list[tuple[Any, ...]]:
    rows = []
    for model in records(typed):
        claim = model["claim"]
        if claim not in text:
            continue
        printed, mean = text[claim]["value"], 100 * model["mean"]
        if abs(mean - float(printed)) > _TYPED_ROUNDING:
            rows.append(
                (
                    "table and fold scores disagree",
                    claim,
                    f"{text[claim]['quantity']}: {printed} %",
                    f"the fold scores behind its significance test have the mean {mean:.2f} %",
                    "mean of the fold scores typed into the released ablation test",
                    source,
                )
            )
    return rows


def _typed_tests(
    text: Mapping[str, dict[str, Any]], typed: pd.DataFrame, source: str
) -> list[tuple[Any, ...]]:
    rows = []
    for model in records(typed.dropna(subset="paired_bootstrap")):
        # table2.video.macro_f1 -> table2.video.p_vs_fusion
        stem = model["claim"].rpartition(".")[0] + ".p_vs_"
        claim = next((name for name in text if name.startswith(stem)), None)
        if claim is None or float(text[claim]["p_value"]) >= _LEVEL:
            continue
        exact = {"bootstrap": model["exact_bootstrap"], "sign flip": model["exact_sign_flip"]}
        missed = [f"{p:.4f} ({name})" for name, p in exact.items() if p >= _LEVEL]
        if missed:
            rows.append(
                (
                    "significance rests on four folds",
                    claim,
                    f"{text[claim]['quantity']}: p = {text[claim]['p_value']}",
                    f"gone through exactly, the same fold scores give p = {' and '.join(missed)}",
                    "all resamples and all signs of the four differences of typed fold scores",
                    source,
                )
            )
    return rows


def _pairs(text: Mapping[str, dict[str, Any]], source: str) -> list[tuple[Any, ...]]:
    if not {"cardio.t", "cohort.n_participants"} <= text.keys():
        return []
    test, people = text["cardio.t"], int(text["cohort.n_participants"]["value"])
    freedom = printed_degrees_of_freedom(test["value"], test["p_value"])
    if not freedom or people - 1 in freedom:
        return []
    possible = " or ".join(map(str, freedom))
    pairs = " or ".join(str(number + 1) for number in freedom)
    return [
        (
            "people in the paired t-test",
            "cardio.t; cohort.n_participants",
            f"{people} participants; t = {test['value']}, p = {test['p_value']}",
            f"this t has this p with {possible} degrees of freedom: {pairs} pairs, not {people}",
            "two-sided p of Student's t for every number of degrees of freedom, t and p anything "
            "that rounds to print",
            source,
        )
    ]


def _padding(text: Mapping[str, dict[str, Any]], source: str) -> list[tuple[Any, ...]]:
    lengths = ("shape.first_trial_seconds", "shape.other_trial_seconds")
    used = ("shape.total_frames", "cohort.n_trials", "cohort.n_participants", "shape.steps")
    if not {*used, *lengths} <= text.keys():
        return []
    said, trials, people, steps = (int(text[name]["value"]) for name in used)
    first, other = (float(text[name]["value"]) for name in lengths)
    # Every participant has one first trial, cut short; its steps go by its share of the full
    # length.
    padded = people * round(steps * (1 - first / other))
    frames, valid = trials * steps, trials * steps - padded
    if not valid < said <= frames:
        return []
    return [
        (
            "frames count padding",
            "shape.total_frames",
            f"over {said:,} synchronized frames",
            f"{trials} x {steps} = {frames:,} counts {padded:,} padded frames; {valid:,} are valid",
            f"first trials last {first:g} s of {other:g} s, one for each of {people} participants",
            source,
        )
    ]
