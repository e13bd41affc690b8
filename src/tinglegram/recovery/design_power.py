"""Power of planned studies, the smallest effect that they find, and the tables of the design page.

Power is the share of simulated studies whose test rejects; a study whose test cannot be computed
has found nothing. It is held to rise with the effect (isotonic regression; Barlow et al., 1972,
"Statistical Inference under Order Restrictions") before it is interpolated.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tinglegram.recovery.design_studies import DESIGN_QUESTIONS, DesignQuestion, StudyDesign
from tinglegram.recovery.summaries import beside, share

DESIGN_KEYS = ["question", "test", "participants", "clips", "folds"]


@dataclass(frozen=True)
class Detectable:
    """The smallest effect that is found with the wanted power; NaN: beyond all that were simulated.

    low, high : where the upper and the lower end of the power's 95 % interval reach it.
    """

    effect: float
    low: float
    high: float


def rising(found: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the isotonic (never falling) least-squares fit of (effects,) shares."""
    from scipy.optimize import isotonic_regression

    fitted: np.ndarray = isotonic_regression(found, weights=weights).x
    return fitted


def crossing(effects: np.ndarray, power: np.ndarray, wanted: float) -> float:
    """Return where a never falling power first reaches the wanted one, by linear interpolation.

    Parameters
    ----------
    effects, power : (effects,) from the weakest to the strongest effect.

    Returns
    -------
    The weakest effect where its power is enough; NaN where no power is.
    """
    reached = np.flatnonzero(power >= wanted)
    if not len(reached):
        return float("nan")
    last = int(reached[0])
    if last == 0:
        return float(effects[0])
    below, above = power[last - 1], power[last]
    way = (wanted - below) / (above - below)
    return float(effects[last - 1] + way * (effects[last] - effects[last - 1]))


def detectable_effect(rows: pd.DataFrame, wanted: float) -> Detectable:
    """Return the smallest effect that one test finds in one design with the wanted power.

    Parameters
    ----------
    rows : one per effect, weakest first: shown, studies, found, found_low, found_high.
    wanted : power, a fraction.
    """
    effects, weights = rows["shown"].to_numpy(float), rows["studies"].to_numpy(float)
    found, low, high = (
        crossing(effects, rising(rows[column].to_numpy(float), weights), wanted)
        for column in ("found", "found_high", "found_low")
    )
    return Detectable(found, low, high)


def power_table(
    studies: pd.DataFrame, marked: StudyDesign, *, confidence: float, wanted: float
) -> pd.DataFrame:
    """Return the power of every test in every design, for every effect.

    Parameters
    ----------
    studies : tables of `simulate_design`, one below the other.
    marked : the design whose models say how strong a planted signal is.
    confidence : tests reject at p <= 1 - confidence.
    wanted : power at which an effect counts as detectable.

    Returns
    -------
    One row per question, test, participants, clips, folds and effect, in the order of appearance:
    effect (planted), shown (the effect as a reader sees it: for tracking the mean ROC AUC within
    clips of models of the marked design; else as planted), reached (mean estimate in this design)
    with reached_error (its standard error), studies, found (power; at effect 0 false positives)
    with its 95 % Wilson interval found_low and found_high, level (effect 0 alone: beside 1 -
    confidence) and detectable, detectable_low, detectable_high (of `detectable_effect`; the same
    for all effects of a test in a design).
    """
    alpha = round(1 - confidence, 12)
    rows = []
    for keys, part in studies.groupby([*DESIGN_KEYS, "effect"], sort=False):
        n, estimate = len(part), part["estimate"].dropna()
        found = share(int((part["p_value"] <= alpha).sum()), n)
        rows.append(
            dict(zip([*DESIGN_KEYS, "effect"], keys, strict=True))
            | {
                "reached": estimate.mean(),
                "reached_error": estimate.std() / np.sqrt(max(len(estimate), 1)),
                "studies": n,
                **dict(zip(("found", "found_low", "found_high"), found, strict=True)),
                "level": beside(*found[1:], alpha, "conservative", "level", "liberal")
                if keys[-1] == 0
                else "",
            }
        )
    table = pd.DataFrame(rows)
    table.insert(list(table).index("reached"), "shown", shown_effects(table, marked))
    parts = []
    for _, part in table.groupby(DESIGN_KEYS, sort=False):
        smallest = detectable_effect(part, wanted)
        parts.append(
            part.assign(
                detectable=smallest.effect,
                detectable_low=smallest.low,
                detectable_high=smallest.high,
            )
        )
    return pd.concat(parts, ignore_index=True)


def shown_effects(table: pd.DataFrame, marked: StudyDesign) -> pd.Series:
    """Return each row's effect as a reader sees it.

    A planted signal means nothing to a reader. It is shown as the ROC AUC within clips that models
    of the marked design reach with it, which no other design changes: with more clips and people
    the same signal trains a better model, and that is part of what a design is worth.
    """
    own = table[
        (table["question"] == "tracking")
        & (table["participants"] == marked.participants)
        & (table["clips"] == marked.clips)
        & (table["test"] == DESIGN_QUESTIONS["tracking"].tests[0])
    ]
    of_signal = own.set_index("effect")["reached"]
    # More signal never trains a worse model: what chance of few studies turns round, is levelled.
    of_signal = pd.Series(rising(of_signal.to_numpy(float), np.ones(len(of_signal))), own["effect"])
    shown = table["effect"].where(table["question"] != "tracking", table["effect"].map(of_signal))
    return shown.astype(float)


def design_section(
    table: pd.DataFrame, marked: StudyDesign, *, shifts: int, confidence: float, wanted: float
) -> str:
    """Return the generated part of the design page: how sure its numbers are, and every table.

    Parameters
    ----------
    table : of `power_table`. shifts : in time, within each study.
    """
    n = int(table["studies"].min())
    alpha = round(1 - confidence, 12)
    parts = [
        f"{n} studies of every design and effect, {shifts} shifts in time in each, tests at "
        f"p ≤ {alpha:g}. The Monte-Carlo standard error of a power of {100 * wanted:.0f} % is "
        f"{_error(wanted, n):.1f} points, that of {100 * alpha:.0f} % false positives "
        f"{_error(alpha, n):.1f} points. *No effect*: false positives. *Beyond*: not with the "
        f"strongest effect that was simulated. **Bold**: {marked.words}.",
        f"The smallest effect that is found with {100 * wanted:.0f} % power, and where the 95 % "
        "interval of the power reaches it:\n\n" + "\n".join(_findings(table, marked)),
    ]
    for question, asked in DESIGN_QUESTIONS.items():
        for test in asked.tests:
            rows = table[(table["question"] == question) & (table["test"] == test)]
            if len(rows):
                shown = _shown_table(rows, marked, wanted, asked)
                heading = f"### {asked.title[:-1]}: {test}"
                parts.append(f"{heading}\n\nEffect: {asked.effect}.\n\n{shown}")
    return "\n\n".join(parts)


def _error(rate: float, n: int) -> float:
    return float(100 * np.sqrt(rate * (1 - rate) / n))


def _shown_table(
    rows: pd.DataFrame, marked: StudyDesign, wanted: float, asked: DesignQuestion
) -> str:
    lines = []
    for (participants, clips, folds), part in rows.groupby(
        ["participants", "clips", "folds"], sort=False
    ):
        is_marked = participants == marked.participants and (
            clips == marked.clips or not asked.by_clips
        )
        line = {"people": str(participants)}
        if asked.by_clips:
            line["clips"] = f"{clips} + {clips}"
        if asked.by_folds:
            line["folds"] = str(folds)
        for row in part.to_dict("records"):
            name = f"at {row['shown']:.3g}" if row["effect"] else "no effect"
            line[f"{name}, %"] = f"{100 * row['found']:.0f}"
        line[f"found with {100 * wanted:.0f} % power"] = detectable_words(part)
        strongest = part.iloc[-1]
        if not np.isnan(strongest["reached"]):
            error = strongest["reached_error"]
            line["estimate at the last"] = f"{strongest['reached']:.3f} ± {error:.3f}"
        lines.append({k: f"**{v}**" if is_marked else v for k, v in line.items()})
    return str(pd.DataFrame(lines).to_markdown(index=False, disable_numparse=True))


def detectable_words(rows: pd.DataFrame) -> str:
    """Return the smallest effect that a test finds in a design, with its Monte-Carlo interval.

    Parameters
    ----------
    rows : of `power_table`, of one test in one design, weakest effect first.
    """
    first, strongest = rows.iloc[0], float(rows["shown"].iloc[-1])
    beyond = f"beyond {strongest:.3f}"
    at, low, high = (
        beyond if np.isnan(value) else f"{value:.3f}"
        for value in first[["detectable", "detectable_low", "detectable_high"]]
    )
    return beyond if at == beyond and low == beyond else f"{at} ({low} to {high})"


def _findings(table: pd.DataFrame, marked: StudyDesign) -> Iterable[str]:
    """Yield what twice as many people, or clips, are worth beside the marked design."""
    for question, asked in DESIGN_QUESTIONS.items():
        for test in asked.tests:
            rows = table[(table["question"] == question) & (table["test"] == test)]
            clips = marked.clips if asked.by_clips else 1
            designs = {
                "this design": (marked.participants, clips),
                "twice the people": (2 * marked.participants, clips),
                "twice the clips": (marked.participants, 2 * clips),
                "four times the clips": (marked.participants, 4 * clips),
            }
            told = []
            for name, (people, number) in designs.items():
                own = rows[(rows["participants"] == people) & (rows["clips"] == number)]
                if len(own):
                    told.append(f"{name}: {detectable_words(own)}")
            if told:
                yield f"- {asked.title} *{test}*: {'; '.join(told)}."
