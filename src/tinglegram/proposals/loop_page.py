"""The page of the closed loops: what each strategy reached, and how often the loop was right."""

from pathlib import PurePosixPath

import numpy as np
import pandas as pd
from scipy import stats

from tinglegram.proposals.features import summary_names
from tinglegram.proposals.listeners import LISTENER_KINDS, Listening
from tinglegram.proposals.loop import AGAIN, MODEL, ORACLE, RANDOM, STRATEGIES, ClosedLoop
from tinglegram.proposals.pool import PoolOfSounds

_CONFIDENCE = 0.95
QUANTITIES = ("mean", "best")

PAGE = """\
# A closed loop of proposing, hearing and learning

`make loop` wrote this page; every number stands in [{table_name}]({table_name}). Listeners and
sounds are simulated, the model is really trained. The page shows what the choice of sounds is worth
if responses depend on sounds as planted here. It does not show that people respond to proposed
sounds.

![True response over rounds, and how often the loop says that something works]({figure})

{findings}

## What was simulated

- **Sounds**: a pool of {sounds:,} synthesised sounds of {sound_s:g} s, all within the limits of
  level and onsets, made once for all repetitions. A repetition takes its existing sounds from
  it and, for each round, {candidates:,} new candidates, as `tinglegram propose` makes new ones each
  time. All strategies are offered the same.
- **Listeners**: {panel} people; every sound of a round is heard by {heard_by} of them, and
  everybody hears as many. What each feels is a logistic function of smooth preferences for rate,
  regularity, centre of the spectrum and unlike ears, as *measured* in the sound; preferences and
  their strengths differ between people (SD {differ:g} octaves). A response is what is felt (0 to 1)
  plus noise (SD {noise:g}).
- **The model** knows {features} acoustic features of a sound (31 columns as mean, SD and mean step;
  modulation in octaves; difference between the ears), but is not given the four quantities. It is
  an ensemble of {members} kernel ridge regressions, trained anew in every round on all responses
  so far.
- **Rounds**: first a study of {existing} existing sounds (round 0), then {rounds} rounds of
  {per_round} sounds.
- **Strategies**: *{model}* chooses as `tinglegram propose` does ({acquisition}; exploration and
  variety included); *{random}* draws from the candidates; *{again}* plays the {per_round}
  sounds of round 0 with the highest responses so far; *{oracle}* knows the true responses and takes
  the best candidates, which no model can reach.
- **Best of a round** is the best of {existing} sounds in round 0, of {per_round} in all others.
- **True response** of a sound: the mean over the panel of what is felt. Intervals: 95 %, t over
  {repetitions} repetitions, each with its own listeners, candidates and existing sounds.

## Mean true response to the sounds of a round

{mean}

## Best true response to a sound of a round

{best}

## Does the loop say where nothing works?

After each round: can mean responses be predicted in sounds left out, better than when exchanged
between sounds ({exchanges} exchanges, p ≤ {alpha:g})? Otherwise it says *nothing found that works*.
To *unmoved* listeners all sounds are the same, and their responses differ between people and by
noise alone. The level is nominal: which sounds come later depends on earlier responses, so the
shares below are what counts. Shares of repetitions, with 95 % Wilson intervals:

{decisions}
"""


def summarise_loops(loops: pd.DataFrame) -> pd.DataFrame:
    """Return quantity, listeners, strategy, round, value, low, high and repetitions.

    `mean` and `best`: true responses, mean over repetitions with a t interval; `works`: share of
    repetitions in which the loop says that something works, with a Wilson interval.

    Parameters
    ----------
    loops : columns of `tinglegram.proposals.loop.LOOP_COLUMNS`.
    """
    rows = []
    for (kind, strategy, number), own in loops.groupby(
        ["listeners", "strategy", "round"], sort=False
    ):
        for quantity in QUANTITIES:
            values = own[quantity].to_numpy(float)
            around = _half_width(values)
            value = float(values.mean())
            rows.append((quantity, kind, strategy, number, value, value - around, value + around))
        if own["works"].notna().all():
            n, found = len(own), int(own["works"].sum())
            ends = stats.binomtest(found, n).proportion_ci(_CONFIDENCE, method="wilson")
            rows.append(("works", kind, strategy, number, found / n, ends.low, ends.high))
    columns = ["quantity", "listeners", "strategy", "round", "value", "low", "high"]
    found_rows = pd.DataFrame(rows, columns=columns)
    found_rows["repetitions"] = int(loops["repetition"].nunique())
    return found_rows


def _half_width(values: np.ndarray) -> float:
    """Return half the width of a t interval of a mean."""
    n = len(values)
    if n < 2:
        return float("nan")
    error = values.std(ddof=1) / np.sqrt(n)
    return float(stats.t.ppf(0.5 + _CONFIDENCE / 2, n - 1) * error)


def gain_of(loops: pd.DataFrame, over: str, quantity: str) -> tuple[float, float, float]:
    """Return by how much the model exceeds a strategy in the mean of all rounds, with a t interval.

    Within repetitions, whose listeners and candidates are the same.

    Parameters
    ----------
    loops : of responding listeners. over : name of the other strategy.
    """
    proposed = loops[loops["round"] > 0]
    means = proposed.pivot_table(quantity, "repetition", "strategy")
    differences = (means[MODEL] - means[over]).to_numpy(float)
    around, value = _half_width(differences), float(differences.mean())
    return value, value - around, value + around


def loop_page(
    loops: pd.DataFrame,
    settings: ClosedLoop,
    listening: Listening,
    pool: PoolOfSounds,
    acquisition: str,
    *,
    page: str,
    table: str,
    figure: str,
) -> str:
    """Return the page, Markdown.

    Parameters
    ----------
    loops : all repetitions. page, table, figure : paths, from which links are made.
    """
    summary = summarise_loops(loops)
    folder = PurePosixPath(page).parent
    return PAGE.format(
        table_name=_beside(table, folder),
        figure=_beside(figure, folder),
        findings=_findings(loops, summary, settings),
        sounds=pool.sounds,
        sound_s=pool.sound_s,
        candidates=settings.candidates,
        panel=listening.panel,
        heard_by=listening.heard_by,
        differ=listening.differ_octaves,
        noise=listening.noise,
        features=len(summary_names()),
        members=settings.members,
        existing=settings.existing,
        rounds=settings.rounds,
        per_round=settings.per_round,
        acquisition=acquisition.replace("_", " "),
        model=MODEL,
        random=RANDOM,
        again=AGAIN,
        oracle=ORACLE,
        repetitions=loops["repetition"].nunique(),
        exchanges=settings.exchanges,
        alpha=settings.alpha,
        mean=_rounds_table(summary, "mean"),
        best=_rounds_table(summary, "best"),
        decisions=_decisions(summary),
    )


def _beside(path: str, folder: PurePosixPath) -> str:
    """Return a path as a link from a page in a folder."""
    own = PurePosixPath(path)
    return str(own.relative_to(folder)) if own.is_relative_to(folder) else str(own)


def _findings(loops: pd.DataFrame, summary: pd.DataFrame, settings: ClosedLoop) -> str:
    responding = loops[loops["listeners"] == LISTENER_KINDS[0]]
    lines = []
    for over in (RANDOM, AGAIN, ORACLE):
        words = [
            f"{quantity} {value:+.3f} ({low:+.3f} to {high:+.3f})"
            for quantity in QUANTITIES
            for value, low, high in [gain_of(responding, over, quantity)]
        ]
        lines.append(f"- **{MODEL} less {over}**, all rounds: {', '.join(words)}.")
    last = summary[(summary["quantity"] == "works") & (summary["round"] == settings.rounds)]
    shares = last.set_index("listeners")[["value", "low", "high"]]
    for kind, wanted in zip(LISTENER_KINDS, (1, 0), strict=True):
        right = shares.loc[kind].to_numpy() if wanted else 1 - shares.loc[kind].to_numpy()
        said = "something works" if wanted else "nothing found that works"
        ends = sorted(right[1:])
        lines.append(
            f"- **{kind} listeners**: after the last round the loop says *{said}* in "
            f"{100 * right[0]:.0f} % ({100 * ends[0]:.0f} to {100 * ends[1]:.0f} %) of repetitions."
        )
    return "\n".join(lines)


def _rounds_table(summary: pd.DataFrame, quantity: str) -> str:
    own = summary[(summary["quantity"] == quantity) & (summary["listeners"] == LISTENER_KINDS[0])]
    own = own.assign(
        shown=[f"{v:.3f} ({a:.3f} to {b:.3f})" for v, a, b in own[["value", "low", "high"]].values]
    )
    wide = own.pivot(index="round", columns="strategy", values="shown")[list(STRATEGIES)]
    return str(wide.reset_index().to_markdown(index=False, disable_numparse=True))


def _decisions(summary: pd.DataFrame) -> str:
    own = summary[summary["quantity"] == "works"]
    lines = []
    for number, rows in own.groupby("round"):
        line = {"round": str(number)}
        for kind, value, low, high in rows[["listeners", "value", "low", "high"]].values:
            shares = (
                (value, low, high) if kind == LISTENER_KINDS[0] else (1 - value, 1 - high, 1 - low)
            )
            said = "something works" if kind == LISTENER_KINDS[0] else "nothing found that works"
            line[f"{kind}: says {said}, %"] = "{:.0f} ({:.0f} to {:.0f})".format(
                *(100 * share for share in shares)
            )
        lines.append(line)
    return str(pd.DataFrame(lines).to_markdown(index=False, disable_numparse=True))
