"""Covariates of the participants, in studies in which they tell a known part of an outcome."""

from collections.abc import Mapping

import numpy as np
from scipy import special

from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.results import THESE, Draws, Result, Study
from tinglegram.statistics.covariates import pearson_test, spearman_test, welch_test

BESIDE_CORRELATION = ("silent", "levels", "spread")
# Share of people in the second group where groups differ in size and spread, and in each of three.
SMALLER_GROUP = 0.3
FISHER, WELCH = "Fisher's z, t-test", "Welch"


def whole_levels(values: np.ndarray, levels: int) -> np.ndarray:
    """Return normal values as so many equally frequent whole numbers, as answers to a question."""
    numbers: np.ndarray = np.floor(special.ndtr(values) * levels)
    return numbers


def prepare_covariates(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of one outcome, one number and groups of people.

    Parameters
    ----------
    parameters : `correlation` of number and outcome, both normal; the second of two groups differs
        from the first by as many SDs. `silent`: share of people whose outcome is the same lowest
        value. `levels`: how many whole numbers the covariate can be (0: any number). `spread`: SD
        of the second group in those of the first, which then has `SMALLER_GROUP` of the people
        (0: equal groups of equal spread).

    There is a truth of the correlation where number and outcome are normal, or it is 0.
    """
    rho = parameters["correlation"]
    silent, levels, spread = (parameters.get(name, 0.0) for name in BESIDE_CORRELATION)
    normal = not (silent or levels)
    truths = {
        # Of a bivariate normal distribution (Pearson, 1907).
        "spearman": 6 / np.pi * np.arcsin(rho / 2) if normal or not rho else np.nan,
        "pearson": rho if normal or not rho else np.nan,
    }
    n, null = cohort.participants, rho == 0

    def study(generator: np.random.Generator) -> list[Result]:
        number, noise = generator.standard_normal((2, n))
        outcome = rho * number + np.sqrt(1 - rho**2) * noise
        if silent:
            outcome = np.maximum(outcome, special.ndtri(silent))
        if levels:
            number = whole_levels(number, int(levels))
        found = [
            _result(f"covariate, {name}", FISHER, test(number, outcome, draws.confidence), truth)
            for (name, truth), test in zip(
                truths.items(), (spearman_test, pearson_test), strict=True
            )
        ]
        of_two, of_three = _groups(n, rho, silent, spread, generator)
        two = welch_test(of_two, draws.confidence)
        truth = rho if not silent or null else np.nan
        if silent and spread:
            # What the lowest value cuts off moves the mean of the wider group.
            truth, two = np.nan, two | {"p_value": np.nan}
        found.append(_result("covariate, two groups", WELCH, two, truth))
        three = welch_test(of_three, draws.confidence)
        found.append(_result("covariate, three groups", WELCH, three, np.nan))
        return [one._replace(null=null if not np.isnan(one.p_value) else None) for one in found]

    return study


def _groups(
    n: int, apart: float, silent: float, spread: float, generator: np.random.Generator
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return the outcomes of two, and of three groups; the last is `apart` SDs above the others."""
    second = round(n * (SMALLER_GROUP if spread else 0.5))
    wide, third = spread or 1.0, n // 3
    lowest = special.ndtri(silent) if silent else -np.inf

    def group(size: int, mean: float, sd: float) -> np.ndarray:
        drawn: np.ndarray = np.maximum(mean + sd * generator.standard_normal(size), lowest)
        return drawn

    two = {"a": group(n - second, 0.0, 1.0), "b": group(second, apart, wide)}
    three = {
        "a": group(n - 2 * third, 0.0, 1.0),
        "b": group(third, 0.0, 1.0),
        "c": group(third, apart, 1.0 if silent else wide),
    }
    return two, three


def _result(name: str, test: str, row: Mapping[str, object], truth: float) -> Result:
    def number(key: str) -> float:
        value = row.get(key, np.nan)
        return float(value) if isinstance(value, (int, float, np.floating)) else np.nan

    return Result(
        name,
        test,
        number("estimate"),
        truth,
        number("ci_low"),
        number("ci_high"),
        number("p_value"),
        population=THESE,
    )
