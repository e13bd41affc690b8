"""Covariates of the participants against what was measured of each: correlations and groups.

A covariate of numbers (age) is correlated with the outcome; one of words (sex, site) makes groups,
whose means are compared. One row per covariate, outcome and condition, so that everybody enters a
test once.
"""

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Annotated, Literal

import numpy as np
import pandas as pd
import scipy

from tinglegram.behaviour.agreement import agreement_of_people
from tinglegram.behaviour.showings import showing_keys
from tinglegram.errors import TinglegramError
from tinglegram.inference.multiple_testing import ADJUSTED_COLUMNS, adjust
from tinglegram.pulse.measures import PULSE_MEASURES, Measure
from tinglegram.pulse.rests import ALL_RESTS
from tinglegram.settings import NO_REPEATS, NOT_EMPTY, Each, section
from tinglegram.trials.folds import groups_of_values

CovariateKind = Literal["number", "groups"]
OUTCOME_COLUMNS = ["outcome", "unit", "condition", "subject", "value"]
PEOPLE_COLUMNS = ["covariate", "kind", *OUTCOME_COLUMNS[:4], "number", "group", "value"]
GROUP_COLUMNS = ["covariate", *OUTCOME_COLUMNS[:3], "group", "n", "mean", "median", "sd"]
_KEYS = ["covariate", "kind", *OUTCOME_COLUMNS[:3], "test", "comparison"]
_NUMBERS = ("estimate", "ci_low", "ci_high", "statistic", "df", "df_within", "p_value")
_COUNTS = ("n_participants", "n_without_covariate", "n_without_value", "n_alone")
COVARIATE_COLUMNS = [*_KEYS, *_NUMBERS, *ADJUSTED_COLUMNS, *_COUNTS, "reason"]
# Fisher's z has the standard error 1 / sqrt(n - 3).
FEWEST_CORRELATED = 4
# Numbers that software writes for a missing value.
_CODES = (999.0, 9999.0, -999.0, -9999.0)
# Up to so many people every order of the values is gone through (8! = 40,320); with more, the
# t-distribution is close.
_MOST_EXACT = 8


@section("statistics")
class Covariates:
    """Which covariates are set against the outcomes of people."""

    covariates: Annotated[
        tuple[str, ...],
        NO_REPEATS,
        Each(NOT_EMPTY),
        "Columns of participants.tsv that are set against each person's change from rest, mean "
        "rating, agreement with the others, and coupling: numbers are correlated, words are "
        "groups. None: nothing is computed.",
    ] = ()
    covariates_as_groups: Annotated[
        tuple[str, ...],
        NO_REPEATS,
        Each(NOT_EMPTY),
        "Those of them whose numbers are names of groups, such as 1 and 2.",
    ] = ()


# ---- outcomes of people --------------------------------------------------------------------------


def outcomes_of_people(
    ratings: pd.DataFrame,
    clips: Mapping[str, str],
    changes: Sequence[pd.DataFrame] = (),
    couplings: Sequence[pd.DataFrame] = (),
    measures: Sequence[Measure] = PULSE_MEASURES,
) -> pd.DataFrame:
    """Return what was measured of each person in each condition.

    Parameters
    ----------
    ratings : of all participants on the grid: subject, video, condition, step, rating, and order
        where a clip was shown again.
    clips : video -> condition, in the order of the study.
    changes : tables of `tinglegram.pulse.rest_change.changes`, of the pulse and of other signals.
    couplings : tables of `tinglegram.pulse.coupling.correlate`; those of other signals have a
        column measure.
    measures : of the pulse, whose coupling is an outcome.

    Returns
    -------
    outcome, unit, condition, subject, value (NaN: could not be measured). Outcomes, all windows
    included: <measure>_change against the mean of the person's rests, such as pulse_rate_change
    (bpm); mean_rating, every trial counting once; agreement, the person's correlation with the
    mean of the others (mean of Fisher's z over clips, as r); <measure>_coupling (Spearman r with
    the rating).
    """
    found = [_changes(table) for table in changes]
    found += [_mean_ratings(ratings), _agreements(ratings, clips)]
    found += [_couplings(table, measures) for table in couplings]
    return pd.concat(found, ignore_index=True)[OUTCOME_COLUMNS]


def _changes(changes: pd.DataFrame) -> pd.DataFrame:
    own = changes[(changes["windows"] == "all") & (changes["against"] == ALL_RESTS)]
    return own.assign(outcome=own["measure"] + "_change", value=own["change"])


def _mean_ratings(ratings: pd.DataFrame) -> pd.DataFrame:
    trials = ratings.groupby([*showing_keys(ratings, "condition", "subject")], sort=False)
    means = trials["rating"].mean().groupby(["condition", "subject"], sort=False).mean()
    return means.reset_index(name="value").assign(outcome="mean_rating", unit="rating")


def _agreements(ratings: pd.DataFrame, clips: Mapping[str, str]) -> pd.DataFrame:
    found = agreement_of_people(ratings, clips)
    return found.rename(columns={"r": "value"}).assign(outcome="agreement", unit="r")


def _couplings(coupling: pd.DataFrame, measures: Sequence[Measure]) -> pd.DataFrame:
    if "measure" in coupling:
        return coupling.assign(
            outcome=coupling["measure"] + "_coupling", unit="r", value=coupling["r"]
        )
    parts = [
        coupling.assign(outcome=f"{one.name}_coupling", unit="r", value=coupling[f"r_{one.name}"])
        for one in measures
    ]
    return pd.concat(parts, ignore_index=True)


# ---- covariates ----------------------------------------------------------------------------------


def require_covariates(people: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise if nobody has a covariate, or if its values cannot be what they look like.

    Parameters
    ----------
    people : participants.tsv: subject, participant_id, covariates.
    names : that are asked for.

    Raises
    ------
    TinglegramError : a name that is no column, or a column without any value; it names those there
        are. Words that differ in case alone, which would be two groups; or a number that software
        writes for a missing one, far from all others.
    """
    known = [
        str(name)
        for name in people.columns
        if name not in ("subject", "participant_id") and people[name].notna().any()
    ]
    lacking = [name for name in names if name not in known]
    if lacking:
        raise TinglegramError(
            f"expected covariates that somebody has (present: {', '.join(known) or 'none'}), found "
            f"{', '.join(lacking)}. Name one of these, or add a table of participants "
            "(data: participants)."
        )
    for name in names:
        _check_values(name, people[name].dropna())


def _check_values(name: str, values: pd.Series) -> None:
    if pd.api.types.is_numeric_dtype(values):
        # ASSUMPTION: no covariate has one of these where all others are ten times nearer to 0.
        others = values[~values.isin(_CODES)].abs().max()
        codes = [code for code in _CODES if (values == code).any() and abs(code) > 10 * others]
        if codes:
            raise TinglegramError(
                f"covariate {name}: {codes[0]:g} stands for a missing value in many programs, and "
                f"all others are at most {others:g}. Leave the cell blank."
            )
        return
    written: dict[str, str] = {}
    for word in dict.fromkeys(values.astype(str)):
        first = written.setdefault(word.strip().casefold(), word)
        if first != word:
            raise TinglegramError(
                f"covariate {name}: expected one way to write a group, found {first!r} and "
                f"{word!r}. Write both alike, or give two groups names that differ in more than "
                "case."
            )


def kind_of(values: pd.Series, as_groups: bool) -> CovariateKind:
    """Return whether a covariate is of numbers or makes groups; true and false make groups."""
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return "number" if numeric and not as_groups else "groups"


def joined_people(
    people: pd.DataFrame, outcomes: pd.DataFrame, covariates: Sequence[str], groups: Sequence[str]
) -> pd.DataFrame:
    """Return every outcome of everybody beside every covariate: what the tests are made from.

    Parameters
    ----------
    people : subject, and the covariates, of those who take part.
    outcomes : table of `outcomes_of_people`.
    covariates : names, in order; groups : those of them whose numbers are names of groups.

    Returns
    -------
    covariate, kind (number, groups), outcome, unit, condition, subject, number (the covariate;
    NaN: missing, or a group), group (text; missing: none, or a number), value. Everybody stands in
    every outcome and condition that somebody has.
    """
    keys = outcomes[["outcome", "unit", "condition"]].drop_duplicates()
    every = keys.merge(people[["subject"]].sort_values("subject"), how="cross")
    every = every.merge(outcomes, on=["outcome", "unit", "condition", "subject"], how="left")
    parts = []
    for name in covariates:
        values = people.set_index("subject")[name]
        kind = kind_of(values, name in groups)
        own = every["subject"].map(values)
        # The groups of folds: two values that differ in the table are two groups.
        given = zip(people["subject"].tolist(), values.tolist(), strict=True)
        written = {int(who): str(v) for who, v in given if not pd.isna(v) and v != ""}
        labels = every["subject"].map(groups_of_values(written, list(written), name))
        parts.append(
            every.assign(
                covariate=name,
                kind=kind,
                number=own.astype("float64") if kind == "number" else np.nan,
                group=labels.astype(object).where(labels.notna() & (kind == "groups"), None),
            )
        )
    return pd.concat(parts, ignore_index=True)[PEOPLE_COLUMNS]


def group_table(people: pd.DataFrame) -> pd.DataFrame:
    """Return n, mean, median and SD of every group, of covariates that make groups.

    Parameters
    ----------
    people : table of `joined_people`.

    Returns
    -------
    covariate, outcome, unit, condition, group, n, mean, median, sd (sample; NaN of one person).
    """
    own = people[people["kind"] == "groups"].dropna(subset=["group", "value"])
    keys = ["covariate", *OUTCOME_COLUMNS[:3], "group"]
    found = own.groupby(keys, sort=False)["value"].agg(
        n="count", mean="mean", median="median", sd="std"
    )
    table = found.reset_index()
    # In the order of the tests; groups by name.
    order = {key: place for place, key in enumerate(_row_keys(people))}
    at = [order[key] for key in table[keys[:-1]].itertuples(index=False, name=None)]
    return (
        table.assign(_at=at)
        .sort_values(["_at", "group"], ignore_index=True)
        .drop(columns="_at")[GROUP_COLUMNS]
    )


def _row_keys(people: pd.DataFrame) -> list[tuple[str, ...]]:
    keys = people[["covariate", *OUTCOME_COLUMNS[:3]]].drop_duplicates()
    return list(keys.itertuples(index=False, name=None))


# ---- tests ---------------------------------------------------------------------------------------


def covariate_tests(people: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Test every covariate against every outcome in every condition.

    Numbers: Spearman's rank correlation, and Pearson's beside it. p of Spearman's is exact (all
    orders of the values) with up to 8 people, else by the t-distribution; intervals by Fisher's z,
    with the standard error of Bonett & Wright (2000, doi:10.1007/BF02294183) for Spearman's.
    Two groups: Welch's t-test (1947, doi:10.1093/biomet/34.1-2.28) of the difference of means, with
    its interval. More groups: Welch's analysis of variance (1951, doi:10.1093/biomet/38.3-4.330),
    with df between and `df_within`. Groups of one person have no variance: they are left out of the
    test and counted.

    Parameters
    ----------
    people : table of `joined_people`.
    confidence : level of the intervals, a fraction.

    Returns
    -------
    The columns of `COVARIATE_COLUMNS`; `estimate` is r, or the mean of the second group minus
    that of the first (`comparison`). Families: all Spearman and Welch tests of the table; all
    Pearson tests. `n_without_covariate` and `n_without_value` count who could not enter,
    `n_alone` those in groups of one. `reason`: why there is no test; empty: there is.
    """
    rows: list[dict[str, object]] = []
    keys = ["covariate", "kind", *OUTCOME_COLUMNS[:3]]
    for key, own in people.groupby(keys, sort=False):
        at = "number" if own["kind"].iloc[0] == "number" else "group"
        there = own.dropna(subset=[at, "value"])
        head = dict(zip(keys, key if isinstance(key, tuple) else (key,), strict=True)) | {
            "n_without_covariate": int(own[at].isna().sum()),
            "n_without_value": int((own[at].notna() & own["value"].isna()).sum()),
            "n_alone": 0,
        }
        if at == "number":
            x, y = there["number"].to_numpy(float), there["value"].to_numpy(float)
            tests = [spearman_test(x, y, confidence), pearson_test(x, y, confidence)]
        else:
            groups = {
                str(name): part["value"].to_numpy(float) for name, part in there.groupby("group")
            }
            tests = [welch_test(groups, confidence)]
        rows += [head | test for test in tests]
    table = pd.DataFrame(rows).reindex(columns=[c for c in COVARIATE_COLUMNS if c != "family"])
    second = table["test"] == "pearson"
    family = np.where(second, "covariates, Pearson", "covariates, Spearman and Welch")
    adjusted = adjust(table["p_value"], family.tolist())
    return table.drop(columns=["p_holm", "p_bh"]).join(adjusted)[COVARIATE_COLUMNS]


def spearman_test(x: np.ndarray, y: np.ndarray, confidence: float) -> dict[str, object]:
    """Return Spearman's correlation of (n,) pairs with interval and two-sided p."""
    r, row = _correlation("spearman", scipy.stats.rankdata(x), scipy.stats.rankdata(y))
    if row["reason"]:
        return row
    n = len(x)
    error = np.sqrt((1.0 + r * r / 2.0) / (n - 3))
    if n <= _MOST_EXACT:
        row["p_value"] = _exact_p(scipy.stats.rankdata(x), scipy.stats.rankdata(y), r)
        row |= {"statistic": np.nan, "df": np.nan}
    return row | _fisher_interval(r, error, confidence)


def pearson_test(x: np.ndarray, y: np.ndarray, confidence: float) -> dict[str, object]:
    """Return Pearson's correlation of (n,) pairs with interval and two-sided p."""
    r, row = _correlation("pearson", x, y)
    return row if row["reason"] else row | _fisher_interval(r, 1 / np.sqrt(len(x) - 3), confidence)


def _correlation(test: str, x: np.ndarray, y: np.ndarray) -> tuple[float, dict[str, object]]:
    """Return r, and the row of its t-test on n - 2 degrees of freedom."""
    n = len(x)
    row: dict[str, object] = {"test": test, "comparison": "", "n_participants": n, "reason": ""}
    if n < FEWEST_CORRELATED:
        return np.nan, row | {"reason": f"{n} participant(s) with both values"}
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        what = "covariate" if np.ptp(x) == 0 else "outcome"
        return np.nan, row | {"reason": f"the same {what} in everybody"}
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))
    with np.errstate(divide="ignore"):
        t = float(r * np.sqrt((n - 2) / np.float64(1.0 - r * r)))
    p = float(2 * scipy.special.stdtr(n - 2, -abs(t)))
    return r, row | {"estimate": r, "statistic": t, "df": n - 2.0, "p_value": p}


def _fisher_interval(r: float, error: float, confidence: float) -> dict[str, object]:
    """Return the interval through Fisher's z; none where r is 1 or -1, whose z is infinite."""
    if abs(r) > 1 - 1e-12:
        return {"ci_low": np.nan, "ci_high": np.nan}
    reach = scipy.special.ndtri((1 + confidence) / 2) * error
    z = np.arctanh(r)
    return {"ci_low": float(np.tanh(z - reach)), "ci_high": float(np.tanh(z + reach))}


def _exact_p(x: np.ndarray, y: np.ndarray, r: float) -> float:
    """Return the share of all orders of `y` whose correlation with `x` is as far from 0."""
    orders = np.array(list(permutations(range(len(y)))))
    x, y = x - x.mean(), y - y.mean()
    null = (y[orders] @ x) / np.sqrt((x @ x) * (y @ y))
    return float(np.mean(np.abs(null) >= abs(r) - 1e-12))


def welch_test(groups: Mapping[str, np.ndarray], confidence: float) -> dict[str, object]:
    """Compare the means of groups of unequal variance.

    Parameters
    ----------
    groups : name -> (n,) values; those of one person are left out and counted (`n_alone`).
    confidence : level of the interval.
    """
    used = {name: values for name, values in groups.items() if len(values) > 1}
    n = sum(map(len, used.values()))
    row: dict[str, object] = {
        "test": "welch_t" if len(used) < 3 else "welch_anova",
        "comparison": "",
        "n_participants": n,
        "n_alone": sum(len(values) == 1 for values in groups.values()),
        "reason": "",
    }
    if len(used) < 2:
        return row | {"reason": f"{len(used)} group(s) of two people or more"}
    level = [np.ptp(values) == 0 for values in used.values()]
    if all(level) or (any(level) and len(used) > 2):
        return row | {"reason": "the same outcome in everybody of a group"}
    if len(used) > 2:
        return row | {"comparison": f"{len(used)} groups"} | _welch_anova(list(used.values()))
    (first, a), (second, b) = used.items()
    found = scipy.stats.ttest_ind(b, a, equal_var=False)
    low, high = found.confidence_interval(confidence)
    return row | {
        "comparison": f"{second} - {first}",
        "estimate": float(b.mean() - a.mean()),
        "ci_low": float(low),
        "ci_high": float(high),
        "statistic": float(found.statistic),
        "df": float(found.df),
        "p_value": float(found.pvalue),
    }


def _welch_anova(groups: Sequence[np.ndarray]) -> dict[str, object]:
    """Return F, both degrees of freedom and p of Welch's analysis of variance (1951, eq. 10-12)."""
    k = len(groups)
    n, mean, variance = (
        np.array([f(g) for g in groups]) for f in (len, np.mean, lambda g: np.var(g, ddof=1))
    )
    weight = n / variance
    share = weight / weight.sum()
    spread = float(np.sum((1 - share) ** 2 / (n - 1)))
    between = float(np.sum(weight * (mean - np.sum(share * mean)) ** 2)) / (k - 1)
    statistic = between / (1 + 2 * (k - 2) / (k * k - 1) * spread)
    within = (k * k - 1) / (3 * spread)
    return {
        "statistic": statistic,
        "df": k - 1.0,
        "df_within": within,
        "p_value": float(scipy.special.fdtrc(k - 1, within, statistic)),
    }
