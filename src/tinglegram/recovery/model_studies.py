"""Every statistic of a model, in studies in which the model is really trained.

One study: clips and people, a model trained in every fold and tested on its people and clips, and
all tables that the report makes of it. What each table says is held against two truths: very many
people with the same clips and the same trained models, and the mean over studies with other clips.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from tinglegram.inference.corrected_folds import corrected_fold_test
from tinglegram.inference.resampling import Resamples, exceedance
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.planted_models import SIZES, PlantedKind, Tested, train_planted
from tinglegram.recovery.planted_truths import Values, by_row, expected_values
from tinglegram.recovery.results import ANY, THESE, Draws, Prepare, Result, Study, some_seed
from tinglegram.recovery.trained_studies import (
    PlantedFold,
    PlantedStudy,
    PlantedWorld,
    fold_aucs,
    planted_folds,
    planted_people,
    planted_study,
    scored_people,
    second_features,
    trained_again,
)
from tinglegram.statistics.calibration import CalibrationCurve
from tinglegram.statistics.comparison import ModelComparison, comparison_tests, fold_f1
from tinglegram.statistics.events import EVENT_METRICS, EventMatching
from tinglegram.statistics.model_tables import model_tables
from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.statistics.self_report import SELF_REPORT_METRICS
from tinglegram.statistics.time_shift import course_test, shift_test
from tinglegram.statistics.trial_level import TrialLevel
from tinglegram.statistics.within_target import WITHIN_TARGET_METRICS

TRACKING = "tracking within clips"
# One row per fold of a study: how folds depend on each other (`summaries.fold_dependence`).
FOLD_AUC = "ROC AUC of a fold"
# Resamples and permutations where models are trained: p is asked beside 0.05 alone.
MOST_DRAWS = 199

MATCHING, CURVE = EventMatching(), CalibrationCurve()
LEVEL = TrialLevel(video_level_resampling="participants")
# How the tables are made: as the released code infers, and as the protocol `corrected` does.
EARLIER, CURRENT = "resampled", "folds"


@dataclass(frozen=True)
class Asked:
    """What is true of a world, for the tests that deny it.

    follows : features hold what is felt in a clip. ranks : a model ranks frames within clips above
    chance, be it by a trend alone. viewers : features hold what tells viewers of a clip apart.
    category : they tell the clip's category. better : the reference's hold more than the other's.
    """

    follows: bool
    ranks: bool
    viewers: bool
    category: bool
    better: bool

    @classmethod
    def of(cls, world: PlantedWorld, agreement: float) -> "Asked":
        """Return what is true of a world whose viewers share `agreement` of what they feel."""
        viewers = bool(world.own_features and world.own > 0)
        follows = viewers or (world.signal > 0 and agreement > 0)
        return cls(
            follows=follows,
            ranks=follows or (world.trend > 0 and agreement > 0) or world.onset > 0,
            viewers=viewers,
            category=world.category != 0,
            better=world.other >= 0 and world.other != world.signal,
        )


class Reading(NamedTuple):
    """Where a statistic stands in a table of a model, and what it claims.

    `table` and `row` are as in `planted_truths.Values`; `ends` and `p_value` are columns, empty
    where there is none. `population`: whose truth the interval speaks of. `asks`: the field of
    `Asked` that the test finds evidence of.
    """

    way: str
    table: str
    row: str
    result: str
    test: str
    population: str
    ends: tuple[str, str] | None = ("ci_low", "ci_high")
    p_value: str = ""
    asks: str = ""


def _readings() -> Iterable[Reading]:
    """Return everything that is read from the tables, in the order of the page."""
    resampled = "resampled participants"
    exchanged = f"{resampled}, reports exchanged between viewers"
    for row in WITHIN_TARGET_METRICS:
        name = f"{row.replace('_', ' ')} within target"
        yield Reading(
            EARLIER, "within", row, name, exchanged, THESE, p_value="p_value", asks="viewers"
        )
    for where in (THESE, ANY):
        yield Reading(EARLIER, "pooled", "macro_f1", "macro F1", resampled, where)
    for where in (THESE, ANY):
        yield Reading(
            EARLIER, "video_level", "accuracy", "whole trials, accuracy", resampled, where
        )
    for row in SELF_REPORT_METRICS:
        name = f"self-report, {row.replace('_', ' ')}"
        yield Reading(EARLIER, "video_level_own_report", row, name, resampled, THESE)
    for row in EVENT_METRICS:
        name = f"events, {row.replace('_', ' ')}"
        yield Reading(EARLIER, "events", row, name, resampled, THESE)
    for scope in ("both_conditions", "within_target"):
        for number in range(CURVE.calibration_bins):
            name = f"calibration, {scope.replace('_', ' ')}"
            yield Reading(
                EARLIER, "calibration", f"{scope} {number}", name, f"{resampled}, bins", THESE
            )


READINGS = tuple(_readings())


@dataclass(frozen=True)
class _Trained:
    """One model of a study: what it says of the study's people, and of very many others."""

    trials: ScoredTrials
    many: ScoredTrials


def model_topic(kind: PlantedKind) -> Prepare:
    """Return how studies of a kind of model are prepared, as a topic needs it."""
    return partial(prepare_models, kind)


def prepare_models(
    kind: PlantedKind,
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of a model that is trained in each: all that the report says of it.

    Parameters
    ----------
    kind : of the model. Retraining on moved reports is done with ridge alone, and a second model
        to compare with is trained where training is fast.
    parameters : those of `PlantedWorld`, and `agreement`, the share of the latent variance that
        viewers of a clip share.
    """
    parameters = dict(parameters)
    agreement = parameters.pop("agreement", cohort.reporting.agreement)
    cohort = SIZES[kind].of(cohort.with_agreement(agreement))
    world, folds = PlantedWorld(**parameters), planted_folds(cohort)
    asked = Asked.of(world, agreement)
    fewer = replace(
        draws,
        bootstrap=min(draws.bootstrap, MOST_DRAWS),
        permutations=min(draws.permutations, MOST_DRAWS),
    )

    def study(generator: np.random.Generator) -> list[Result]:
        made = planted_study(cohort, world, generator)
        seed = some_seed(generator)
        visible = [made]
        if kind != "bilstm":
            visible.append(second_features(cohort, world, made, generator))
        many = _many_people(cohort, world, made, folds, draws.truth_cohorts, generator)
        models = [_trained(kind, cohort, one, folds, many, seed) for one in visible]
        trials = models[0].trials
        results = [
            *_tracking(trials, fewer.settings(seed), asked),
            *_read(cohort, models[0], fewer, seed, asked),
        ]
        if kind == "ridge":
            results.append(_retrained(made, folds, fewer.permutations, asked, generator))
        if len(models) > 1:
            results += _compared(models[0], models[1], seed, asked)
        return results + [
            Result(FOLD_AUC, str(number), float(auc))
            for number, auc in enumerate(fold_aucs(trials), 1)
        ]

    return study


def _many_people(
    cohort: Cohort,
    world: PlantedWorld,
    made: PlantedStudy,
    folds: list[PlantedFold],
    cohorts: int,
    generator: np.random.Generator,
) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """Return the reports, and features of trials, of other people who see each fold's clips."""
    return [
        planted_people(cohort, world, made, fold.clips, cohorts * len(fold.people), generator)
        for fold in folds
    ]


def _trained(
    kind: PlantedKind,
    cohort: Cohort,
    visible: PlantedStudy,
    folds: list[PlantedFold],
    many: list[tuple[np.ndarray, np.ndarray | None]],
    seed: int,
) -> _Trained:
    """Train a model in every fold and ask it of the fold's people and of many others."""
    tested: list[Tested] = [train_planted(kind, visible, fold, seed) for fold in folds]
    places = [np.ix_(fold.people, fold.clips) for fold in folds]
    own = [None if visible.own is None else visible.own[place] for place in places]
    labels = [visible.label[place] for place in places]
    said = [ask(given) for ask, given in zip(tested, own, strict=True)]
    others = [ask(given) for ask, (_, given) in zip(tested, many, strict=True)]
    last, crowds = 0, []
    for fold, (label, _) in zip(folds, many, strict=True):
        crowds.append(replace(fold, people=np.arange(last, last + len(label))))
        last += len(label)
    return _Trained(
        scored_people(cohort, folds, labels, said),
        scored_people(cohort, crowds, [label for label, _ in many], others),
    )


def _read(cohort: Cohort, model: _Trained, draws: Draws, seed: int, asked: Asked) -> list[Result]:
    """Read `READINGS` from the tables of a model."""
    grid = cohort.timing.grid
    truths: Values = expected_values(
        model.many,
        share=LEVEL.video_threshold,
        tolerance=MATCHING.event_tolerance,
        bins=CURVE.calibration_bins,
        grid=grid,
    )
    tables: dict[str, dict[str, pd.DataFrame]] = {}
    for way in dict.fromkeys(reading.way for reading in READINGS):
        settings = draws.settings(seed, "resampled" if way == EARLIER else "folds")
        made = model_tables(model.trials, settings, LEVEL, MATCHING, CURVE, grid=grid)
        tables[way] = by_row(made)
    return [
        _result_of(reading, tables[reading.way][reading.table].loc[reading.row], truths, asked)
        for reading in READINGS
    ]


def _result_of(reading: Reading, row: pd.Series, truths: Values, asked: Asked) -> Result:
    value = row["observed_share" if reading.table == "calibration" else "value"]
    low, high = (float(row[end]) for end in reading.ends) if reading.ends else (np.nan, np.nan)
    truth = truths[reading.table][reading.row] if reading.population == THESE else np.nan
    return Result(
        f"{reading.result}, {reading.population}",
        reading.test,
        float(value),
        truth,
        low,
        high,
        float(row[reading.p_value]) if reading.p_value else np.nan,
        not getattr(asked, reading.asks) if reading.asks else None,
        population=reading.population,
    )


def _tracking(trials: ScoredTrials, settings: Resamples, asked: Asked) -> list[Result]:
    """Return the tests of tracking that are no part of a table."""
    corrected = corrected_fold_test(fold_aucs(trials), 0.5, settings.confidence)
    tests = {
        "predictions moved in time": (shift_test(trials, settings).p_value, asked.follows),
        "above its own course on other clips": (
            course_test(trials, settings).p_value,
            asked.follows,
        ),
        "ROC AUC, corrected t over folds": (corrected.p_value, asked.ranks),
    }
    return [
        Result(TRACKING, test, p_value=float(p_value), null=not true)
        for test, (p_value, true) in tests.items()
    ]


def _retrained(
    made: PlantedStudy,
    folds: list[PlantedFold],
    permutations: int,
    asked: Asked,
    generator: np.random.Generator,
) -> Result:
    n_clips, n_steps = made.features.shape[:2]
    moved = generator.integers(n_steps, size=(permutations, n_clips))
    again = trained_again(made, folds, np.vstack([np.zeros_like(moved[:1]), moved]))
    p_value = float(exceedance(again[1:], again[0], "plus_one"))
    return Result(
        TRACKING, "trained again on moved reports", p_value=p_value, null=not asked.follows
    )


def _compared(reference: _Trained, other: _Trained, seed: int, asked: Asked) -> list[Result]:
    """Compare two models by what each protocol has."""
    truth = float(np.mean(fold_f1(reference.many) - fold_f1(other.many)))
    results = []
    for units in ("folds", "participants"):
        settings = ModelComparison(
            reference="reference",
            ablation_bootstrap=MOST_DRAWS,
            ablation_test=units,
            p_value="plus_one",
            seed=seed,
        )
        models = {"reference": reference.trials, "other": other.trials}
        for row in comparison_tests(models, settings).to_dict("records"):
            results.append(
                Result(
                    f"difference of macro F1, {ANY}",
                    f"{units}, {str(row['test']).replace('_', ' ')}",
                    float(row["mean_difference"]),
                    truth if units == "folds" else np.nan,
                    p_value=float(row["p_value"]),
                    null=not asked.better,
                )
            )
    return results
