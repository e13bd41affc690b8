"""The page of the recovery studies: which statistics keep their error rates, every number."""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from tinglegram.recovery.acceptance import acceptance_table, missed_lines
from tinglegram.recovery.model_studies import MOST_DRAWS, TRACKING
from tinglegram.recovery.topics import TOPICS
from tinglegram.statistics.verdicts import CATEGORY_DETECTOR, TRACKS

VERDICT = "verdict"

PAGE = """\
# What the statistics get right

`{command}` wrote this page. For each effect: {studies} simulated studies of {participants}
participants ({nulls} where there is nothing to find; {trained}), with {bootstrap} bootstrap
resamples and {permutations} permutations inside each (at most {fewer} where a model is trained).
Every study is analysed by the code that analyses a real one. What is known of the truth is
compared with what the study reports.
{lacking}
- **bias**: mean estimate minus truth, with its 95 % interval.
- **covered**: studies whose {confidence:.0f} % interval holds the truth.
- **found**: studies whose test rejects at p ≤ {alpha:g}. Where there is nothing to find these are
  false positives, and a test keeps its nominal error rate (*level* in the tables) when the
  95 % Wilson interval of their share holds {percent:g} %: *liberal* tests reject too often,
  *conservative* ones too rarely. Elsewhere it is the power; for a verdict, how often the report
  would give it.

Of the intervals on this page 1 in 20 misses by chance, so a share just beside the nominal one
says little.

## Acceptance

What is asked of every statistic that the protocol `corrected` gives as inference: its lowest and
highest rate over the simulated worlds beside the bounds that it has to keep. Every rate, those of
earlier methods too, stands in [{rates_name}]({rates_name}).

{acceptance}

{missed}

## Dependence between folds

Folds of one study train on each other's reports. The corrected variance of Nadeau & Bengio (2003)
assumes a correlation of 1 / K between the results of K folds; this is what it is over simulated
studies, without any signal and with it.

{dependence}

## In short

{findings}

![Coverage, false positives and power]({figure})

{sections}
"""


def rounded_percent(share: float, low: float, high: float) -> str:
    """Return a share with its interval in percent; nothing where there is none."""
    if math.isnan(share):
        return ""
    return f"{100 * share:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def table_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one topic as a reader sees them."""
    shown = []
    for row in rows.to_dict("records"):
        bias = ""
        if not math.isnan(row["bias"]):
            bias = f"{row['bias']:+.4f} ({row['bias_low']:+.4f} to {row['bias_high']:+.4f})"
        fewer = min(n for n in (row["n_estimates"], row["n_tests"], row["studies"]) if n)
        covered = rounded_percent(row["coverage"], row["coverage_low"], row["coverage_high"])
        found = rounded_percent(row["rejected"], row["rejected_low"], row["rejected_high"])
        shown.append(
            {
                "effect": row["cell"],
                "statistic": row["result"],
                "inference": row["test"],
                "truth": "" if math.isnan(row["truth"]) else f"{row['truth']:.3f}",
                "bias": bias,
                "covered, %": covered,
                "interval": _marked(row["interval"], "as stated"),
                "found, %": found,
                "test": _marked(row["level"], "level") or _kind(row["null"], found),
                "studies": fewer,
            }
        )
    table = pd.DataFrame(shown)
    return table.loc[:, (table != "").any()]


def _kind(null: bool | None, found: str) -> str:
    """Say what a share of studies is where it is no rate of false positives."""
    if not found:
        return ""
    return "calls" if pd.isna(null) else "power"


def _marked(word: str, fine: str) -> str:
    return word if word in ("", fine) else f"**{word}**"


def recovery_findings(summary: pd.DataFrame) -> list[str]:
    """Return the sentences that say what is not as it should be, and what a detector is called."""
    said = []
    for column, words in (
        ("level", {"liberal": "rejects too often", "conservative": "rejects too rarely"}),
        ("interval", {"too little": "covers too little", "too much": "covers too much"}),
    ):
        share = "rejected" if column == "level" else "coverage"
        for word, verb in words.items():
            rows = summary[summary[column] == word].to_dict("records")
            cases = [
                f"{_name(row)}, {row['cell']}: "
                f"{rounded_percent(*(row[f'{share}{end}'] for end in ('', '_low', '_high')))} %"
                for row in rows
            ]
            if cases:
                kind = (
                    "Does not keep its nominal error rate" if column == "level" else "Not as stated"
                )
                said.append(f"- **{kind}, {verb}**:\n" + "\n".join(f"  - {c}" for c in cases))
    level = summary[summary["level"] == "level"]
    if len(level):
        names = dict.fromkeys(f"{_name(row)}, {row['cell']}" for row in level.to_dict("records"))
        said.append(
            "- **Keeps its nominal error rate**:\n" + "\n".join(f"  - {name}" for name in names)
        )
    said += [_called(rows) for _, rows in _verdicts(summary).groupby("cell", sort=False)]
    return said


def _name(row: Mapping[Hashable, Any]) -> str:
    return f"{row['result']}: {row['test']}" if row["test"] else row["result"]


def _verdicts(summary: pd.DataFrame) -> pd.DataFrame:
    return summary[summary["result"] == VERDICT]


def _called(rows: pd.DataFrame) -> str:
    shares = rows.set_index("test")
    told = {
        call: rounded_percent(*shares.loc[call, ["rejected", "rejected_low", "rejected_high"]])
        for call in (CATEGORY_DETECTOR, TRACKS)
    }
    return (
        f"- A model of the kind *{rows['cell'].iloc[0]}* is called a category detector in "
        f"{told[CATEGORY_DETECTOR]} % of studies, and one that tracks reports in {told[TRACKS]} %."
    )


def headline_rows(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that the figure and the first findings show.

    Of trained models only the tests of tracking: all their other statistics stand under
    "Acceptance" and in the tables.
    """
    trains = [name for name, topic in TOPICS.items() if topic.trains is not None]
    return summary[~summary["topic"].isin(trains) | (summary["result"] == TRACKING)]


def _studies(summary: pd.DataFrame, *, null: bool) -> str:
    """Return how many studies each effect has where no model is trained, without and with one."""
    own = [name for name, topic in TOPICS.items() if topic.trains is None]
    rows = summary[summary["topic"].isin(own)]
    # Of a verdict nothing is denied.
    found = rows.loc[rows["null"].eq(null).fillna(False).astype(bool), "studies"]
    return f"{found.max():,}" if len(found) else "none"


def _trained_studies(summary: pd.DataFrame) -> str:
    """Return how many studies each effect has in which a model is trained."""
    told = [
        f"{rows['studies'].min():,} where {TOPICS[str(name)].trains} is trained in each"
        for name, rows in summary.groupby("topic", sort=False)
        if name in TOPICS and TOPICS[str(name)].trains is not None
    ]
    return ", ".join(told) or "no model is trained"


def dependence_table(dependence: pd.DataFrame) -> str:
    """Return the table of how folds depend on each other, as a reader sees it."""
    if not len(dependence):
        return "No model was trained."
    shown = [
        {
            "topic": row["topic"],
            "effect": row["cell"],
            "mean ROC AUC": f"{row['auc']:.3f}",
            "correlation between folds": f"{row['correlation']:+.2f} "
            f"({row['correlation_low']:+.2f} to {row['correlation_high']:+.2f})",
            "assumed": f"{row['assumed']:.2f}",
            "studies": row["studies"],
        }
        for row in dependence.to_dict("records")
    ]
    return pd.DataFrame(shown).to_markdown(index=False, disable_numparse=True)


def _lacking(command: str, topics: Sequence[str]) -> str:
    """Say which statistics the page lacks, and how they get there."""
    if not topics:
        return ""
    return f"\nNot simulated yet: `{command} ONLY='{' '.join(topics)}'`.\n"


def _acceptance(rates: pd.DataFrame) -> str:
    table = acceptance_table(rates)
    if not len(table):
        return "Nothing is asked of what was simulated."
    return table.to_markdown(index=False, disable_numparse=True)


def write_page(
    summary: pd.DataFrame,
    dependence: pd.DataFrame,
    rates: pd.DataFrame,
    *,
    command: str,
    not_shown: Sequence[str],
    figure: str,
    rates_name: str,
    participants: int,
    bootstrap: int,
    permutations: int,
    confidence: float,
) -> str:
    """Return the page.

    Parameters
    ----------
    summary, dependence, rates : of `summarise_studies`, `fold_dependence` and `error_rates`.
    command : what wrote the page.
    not_shown : statistics without a summary.
    figure, rates_name : its picture and the file of the rates, as links from the page.
    participants, bootstrap, permutations : of each study.
    confidence : nominal.
    """
    sections = []
    for name, topic in TOPICS.items():
        rows = summary[summary["topic"] == name]
        if not len(rows):
            continue
        table = table_of(rows).to_markdown(index=False, disable_numparse=True)
        sections.append(f"## {topic.title}\n\n{topic.about}\n\n{table}")
    alpha = round(1 - confidence, 12)
    return PAGE.format(
        command=command,
        lacking=_lacking(command, not_shown),
        studies=_studies(summary, null=False),
        nulls=_studies(summary, null=True),
        trained=_trained_studies(summary),
        fewer=MOST_DRAWS,
        rates_name=rates_name,
        acceptance=_acceptance(rates),
        missed="\n".join(missed_lines(rates)) or "Nothing misses what is asked.",
        dependence=dependence_table(dependence),
        participants=participants,
        bootstrap=bootstrap,
        permutations=permutations,
        confidence=100 * confidence,
        alpha=alpha,
        percent=100 * alpha,
        findings="\n".join(recovery_findings(headline_rows(summary))),
        figure=figure,
        sections="\n\n".join(sections),
    )
