"""From the statistics behind a table of the report to its printed text, whatever its kind."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from tinglegram.files import sources
from tinglegram.report.tables import plain, predicted_values, within_target
from tinglegram.report.tables.kinds import Available, Table, TableFiles, files_of
from tinglegram.report.tables.scores import (
    comparison_table,
    describe_comparison,
    describe_scores,
    describe_trials,
    folds_in,
    score_table,
    whole_trial_table,
)
from tinglegram.report.text import NEUTRAL, Words


class PrintedTable(NamedTuple):
    """A table of texts, the section of the report it stands in, and what is said beside it."""

    content: pd.DataFrame
    section: str
    title: str
    caption: str
    source: str


@dataclass(frozen=True)
class Printing:
    """What all tables of a protocol are printed from.

    Attributes
    ----------
    statistics : file below `folder` -> its table.
    folder : of the statistics, below the folder of results.
    available : what the study has beside its models.
    confidence : level of the intervals, a fraction.
    draws : resamples behind a p of 0 in tables of models.
    plain_draws : the same in tables of statistics as they are.
    words : what the study calls its response and conditions.
    """

    statistics: Mapping[str, pd.DataFrame]
    folder: str
    available: Available
    confidence: float
    draws: int
    plain_draws: int
    words: Words = NEUTRAL

    def source(self, files: Iterable[str]) -> str:
        """Return the files, relative to the folder of results, in one line."""
        return sources([f"{self.folder}/{file}" for file in files])

    def of_models(self, table: Table, files: TableFiles) -> dict[str, pd.DataFrame]:
        """Return model -> the first of its statistics."""
        first = next(iter(files.of_models.values()))
        return {m: self.statistics[file] for m, file in zip(table.models, first, strict=True)}

    def in_row(self, files: TableFiles) -> dict[str, dict[str, pd.DataFrame]]:
        """Return model -> baseline -> the first of its statistics."""
        return {
            model: {baseline: self.statistics[file] for baseline, file in found.items()}
            for model, found in files.in_row.items()
        }


def printed_table(table: Table, given: Printing) -> PrintedTable:
    """Print a table of any kind from the statistics behind it."""
    return _PRINTERS[table.kind](table, given, files_of(table, given.available))


def _score(table: Table, given: Printing, files: TableFiles) -> PrintedTable:
    (model,) = table.models
    (pooled,) = (given.statistics[file] for file in files.of_models["pooled"])
    metrics, source = given.of_models(table, files)[model], given.source(files.every())
    seeds = given.statistics[files.seeds] if files.seeds else None
    content = score_table(
        metrics,
        pooled,
        confidence=given.confidence,
        source=source,
        beside=given.in_row(files).get(model, {}),
        seeds=seeds[seeds["model"] == model] if seeds is not None else None,
        words=given.words,
    )
    caption = describe_scores(model, metrics, pooled, given.words)
    return PrintedTable(content, "models", table.title, caption, source)


def _comparison(table: Table, given: Printing, files: TableFiles) -> PrintedTable:
    metrics = given.of_models(table, files)
    ablation = given.statistics[files.ablation] if files.ablation else None
    content = comparison_table(
        metrics,
        ablation,
        draws=given.draws,
        source=given.source(files.of_models["fold_metrics"]),
        ablation_source=given.source([files.ablation] if files.ablation else []),
        words=given.words,
    )
    caption = describe_comparison(
        table.models, folds=folds_in(metrics[table.models[0]]), ablation=ablation
    )
    caption += fewer_folds(metrics)
    return PrintedTable(content, "models", table.title, caption, given.source(files.every()))


def fewer_folds(metrics: Mapping[str, pd.DataFrame]) -> str:
    """Return what is said of models that some folds test nothing of; empty: there are none.

    Parameters
    ----------
    metrics : model -> its table of fold metrics.
    """
    folds = {model: folds_in(own) for model, own in metrics.items()}
    most = max(folds.values())
    return "".join(
        f" {model}: {n} of {most} folds, because in the others nobody else saw the tested clips."
        for model, n in folds.items()
        if n < most
    )


def _trial(table: Table, given: Printing, files: TableFiles) -> PrintedTable:
    trials, source = given.of_models(table, files), given.source(files.every())
    content = whole_trial_table(
        trials,
        confidence=given.confidence,
        source=source,
        beside=given.in_row(files),
        words=given.words,
    )
    caption = describe_trials(trials[table.models[0]], given.words)
    return PrintedTable(content, "models", table.title, caption, source)


def _within_target(table: Table, given: Printing, files: TableFiles) -> PrintedTable:
    printed, described = within_target.PRINTED[table.kind]
    scores, source = given.of_models(table, files), given.source(files.every())
    content = printed(
        scores,
        confidence=given.confidence,
        source=source,
        baseline_of=given.available.category_baselines(),
        **({"words": given.words} if table.kind == "within" else {}),
    )
    caption = described(scores[table.models[0]], given.words)
    return PrintedTable(content, "models", table.title, caption, source)


def _plain(table: Table, given: Printing, files: TableFiles) -> PrintedTable:
    section, title, _ = plain.PLAIN[table.name]
    caption = plain.plain_caption(table.name, given.statistics[files.plain])
    caption = caption.format(above=given.words.above)
    source = given.source(files.every())
    rows = plain.shown_rows(table.name, given.statistics[files.plain])
    content = plain.plain_table(rows, draws=given.plain_draws, source=source)
    return PrintedTable(content, section, title, caption, source)


def _values(table: Table, given: Printing, files: TableFiles) -> PrintedTable:
    printed, described = predicted_values.VALUE_PRINTERS[table.kind]
    found, source = given.statistics[files.plain], given.source(files.every())
    return PrintedTable(printed(found, source), "regression", table.title, described(found), source)


_PRINTERS: Mapping[str, Callable[[Table, Printing, TableFiles], PrintedTable]] = {
    "score": _score,
    "comparison": _comparison,
    "trial": _trial,
    **dict.fromkeys(within_target.PRINTED, _within_target),
    **dict.fromkeys(predicted_values.VALUE_PRINTERS, _values),
    "plain": _plain,
}
