"""Every statistic of a model, in studies in which the model is really trained.

One study: clips and people, a model trained in every fold and tested on its people and clips, and
all tables that the report makes of it. What each table says is held against two truths: very many
people with the same clips and the same trained models, and the mean over studies with other clips.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np

from tinglegram.inference.counts import METRICS
from tinglegram.inference.resampling import Resamples, exceedance
from tinglegram.recovery.cohort import Cohort
from tinglegram.recovery.planted_models import SIZES, PlantedKind, Tested, train_planted
from tinglegram.recovery.planted_truths import Values, expected_values, means_over_folds, rows_of
from tinglegram.recovery.results import (
    ANY,
    FOLD_AUC,
    THESE,
    Draws,
    Prepare,
    Result,
    Study,
    some_seed,
)
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
from tinglegram.statistics.calibration import SCOPES, CalibrationCurve
from tinglegram.statistics.comparison import (
    ANY_CLIPS_TEST,
    ModelComparison,
    comparison_tests,
    fold_f1,
    participant_f1,
)
from tinglegram.statistics.events import EVENT_METRICS, EventMatching
from tinglegram.statistics.model_tables import model_tables
from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.statistics.self_report import SELF_REPORT_METRICS
from tinglegram.statistics.time_shift import course_test, shift_test
from tinglegram.statistics.trial_level import TRIAL_LEVEL_METRICS, TrialLevel
from tinglegram.statistics.within_target import (
    RESIDUAL_AUC,
    WITHIN_TARGET_METRICS,
)

TRACKING = "tracking within clips"
# Resamples and permutations where models are trained: p is asked beside 0.05 alone.
MOST_DRAWS = 199

MATCHING, CURVE = EventMatching(), CalibrationCurve()
LEVEL = TrialLevel(video_level_resampling="participants")
# How the tables are made: as the released code infers, and as the protocol `corrected` does.
EARLIER: Literal["resampled"] = "resampled"
CURRENT: Literal["folds"] = "folds"
RESAMPLED, T_WITHIN = "resampled participants", "t over people within folds"
EXCHANGED, LINEARISED = "reports exchanged between viewers", "t on the logit, linearised"
DESCRIBED = "descriptive"
JACKKNIFE, OVER_FOLDS = "jackknife over people within folds", "corrected t over folds"


@dataclass(frozen=True)
class WorldTruth:
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
    def of(cls, world: PlantedWorld, agreement: float) -> "WorldTruth":
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
    `WorldTruth` that the test finds evidence of.
    """

    way: Literal["resampled", "folds"]
    table: str
    row: str
    result: str
    test: str
    population: str
    ends: tuple[str, str] | None = ("ci_low", "ci_high")
    p_value: str = ""
    asks: str = ""


def _of_row(
    table: str, row: str, name: str, *, asks: str = "", any_clips: str = ""
) -> Iterable[Reading]:
    """Return what is read of one row of a table, as it was inferred earlier and is now.

    `asks`: what the column p_value finds evidence of, empty where none is read. `any_clips`: what p
    for any clips does, empty where there is no such interval, `-` where it has no p.
    """
    earlier = Reading(EARLIER, table, row, name, RESAMPLED, THESE)
    if asks:
        yield earlier._replace(test=f"{RESAMPLED}, {EXCHANGED}", p_value="p_value", asks=asks)
    else:
        yield earlier
    if any_clips and row in ("macro_f1", "roc_auc"):
        # Nobody said so of these intervals; readers take them for it.
        yield earlier._replace(population=ANY)
    yield Reading(CURRENT, table, row, name, JACKKNIFE, THESE)
    if any_clips:
        there = Reading(CURRENT, table, row, name, OVER_FOLDS, ANY, ("any_low", "any_high"))
        p_any = "" if any_clips == "-" else "p_any"
        yield there._replace(p_value=p_any, asks=any_clips.strip("-"))


def _readings() -> Iterable[Reading]:
    """Return everything that is read from the tables, in the order of the page."""
    above = {name: "ranks" for name in ("balanced_accuracy", "matthews_correlation", "roc_auc")}
    for row in WITHIN_TARGET_METRICS:
        name = row.removesuffix("_within_target").replace("_", " ")
        name = "Brier, both conditions" if row == "brier" else f"{name}, within target"
        name = name.replace("roc auc", "ROC AUC").replace("brier", "Brier")
        yield from _of_row("within", row, name, asks="viewers", any_clips=above.get(row, "-"))
    residual = Reading(CURRENT, "within", RESIDUAL_AUC, "residual ROC AUC", JACKKNIFE, THESE)
    yield residual
    yield residual._replace(
        test=OVER_FOLDS,
        population=ANY,
        ends=("any_low", "any_high"),
        p_value="p_any",
        asks="follows",
    )
    for row in METRICS:
        # Macro recall has none for any clips.
        yield from _of_row("pooled", row, _words(row), any_clips="-" * (row != "macro_recall"))
    for row in TRIAL_LEVEL_METRICS:
        name = f"whole trials, {_words(row)}"
        primary = row == TRIAL_LEVEL_METRICS[0]
        how = "Wilson with a design effect, people within folds" if primary else JACKKNIFE
        p_value, asks = ("p_value", "category") if primary else ("", "")
        yield from _both(Reading(CURRENT, "video_level", row, name, how, THESE), p_value, asks)
    for row in SELF_REPORT_METRICS:
        name = f"self-report, {_words(row)}"
        read = Reading(CURRENT, "video_level_own_report", row, name, JACKKNIFE, THESE)
        if row != SELF_REPORT_METRICS[-1]:
            yield from _both(read)
            continue
        yield read._replace(way=EARLIER, test=RESAMPLED)
        yield read._replace(test=DESCRIBED, ends=None)
        yield read._replace(test=EXCHANGED, ends=None, p_value="p_value", asks="viewers")
    for row in EVENT_METRICS:
        name = f"events, {_words(row)}"
        yield from _both(Reading(CURRENT, "events", row, name, JACKKNIFE, THESE))
    for scope in SCOPES:
        name = f"calibration, {_words(scope)}"
        for number in range(CURVE.calibration_bins):
            there = Reading(CURRENT, "calibration", f"{scope} {number}", name, LINEARISED, THESE)
            yield there._replace(way=EARLIER, test=RESAMPLED)
            yield there
        for line in ("slope", "intercept"):
            told = f"{name}, {line}"
            # Descriptive: what its bias is, is all that is read.
            read = Reading(CURRENT, "calibration", f"{scope} {line}", told, DESCRIBED, THESE)
            yield read._replace(ends=None)


def _both(these: Reading, p_value: str = "", asks: str = "") -> Iterable[Reading]:
    """Return a statistic as it was inferred earlier and, for both populations, as it is now.

    `p_value`, `asks`: of the test for any clips.
    """
    yield these._replace(way=EARLIER, test=RESAMPLED)
    yield these
    there = these._replace(test=OVER_FOLDS, population=ANY, ends=("any_low", "any_high"))
    yield there._replace(p_value=p_value, asks=asks)


def _words(row: str) -> str:
    return row.replace("_", " ").replace("macro f1", "macro F1")


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
    asked = WorldTruth.of(world, agreement)
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
        models = [_trained(kind, cohort, world, one, folds, many, seed) for one in visible]
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
    world: PlantedWorld,
    visible: PlantedStudy,
    folds: list[PlantedFold],
    many: list[tuple[np.ndarray, np.ndarray | None]],
    seed: int,
) -> _Trained:
    """Train a model in every fold and ask it of the fold's people and of many others."""
    tested: list[Tested] = [
        train_planted(kind, visible, fold, seed, weighted=bool(world.weighted)) for fold in folds
    ]
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


def _read(
    cohort: Cohort, model: _Trained, draws: Draws, seed: int, asked: WorldTruth
) -> list[Result]:
    """Read `READINGS` from the tables of a model."""
    grid = cohort.timing.grid
    pooled, by_fold = (
        values(
            model.many,
            share=LEVEL.video_threshold,
            tolerance=MATCHING.event_tolerance,
            bins=CURVE.calibration_bins,
            grid=grid,
        )
        for values in (expected_values, means_over_folds)
    )
    truths: dict[str, Values] = {EARLIER: pooled, CURRENT: {**pooled, **by_fold}}
    tables: dict[str, dict[str, dict[str, dict[str, Any]]]] = {}
    for way in (EARLIER, CURRENT):
        made = model_tables(
            model.trials, draws.settings(seed, way), LEVEL, MATCHING, CURVE, grid=grid
        )
        tables[way] = rows_of(made)
    auc = tables[EARLIER]["within"]["roc_auc"]["ci_low"]
    results = [
        Result(
            TRACKING,
            "ROC AUC, interval over participants above 0.5",
            p_value=0.0 if auc > 0.5 else 1.0,
            null=not asked.ranks,
        )
    ]
    for reading in READINGS:
        row = tables[reading.way][reading.table][reading.row]
        here = reading.population == THESE
        truth = truths[reading.way][reading.table][reading.row] if here else np.nan
        results.append(_result_of(reading, row, truth, asked))
    return results


def _result_of(reading: Reading, row: Mapping[str, Any], truth: float, asked: WorldTruth) -> Result:
    """Return what a row says."""
    low, high = (float(row[end]) for end in reading.ends) if reading.ends else (np.nan, np.nan)
    return Result(
        f"{reading.result}, {reading.population}",
        reading.test,
        float(row["value"]),
        truth,
        low,
        high,
        float(row[reading.p_value]) if reading.p_value else np.nan,
        not getattr(asked, reading.asks) if reading.asks else None,
        population=reading.population,
    )


def _tracking(trials: ScoredTrials, settings: Resamples, asked: WorldTruth) -> list[Result]:
    """Return the tests of tracking that are no part of a table."""
    tests = {
        "predictions moved in time": shift_test(trials, settings).p_value,
        "above its own course on other clips": course_test(trials, settings).p_value,
    }
    return [
        Result(TRACKING, test, p_value=float(p_value), null=not asked.follows)
        for test, p_value in tests.items()
    ]


def _retrained(
    made: PlantedStudy,
    folds: list[PlantedFold],
    permutations: int,
    asked: WorldTruth,
    generator: np.random.Generator,
) -> Result:
    n_clips, n_steps = made.features.shape[:2]
    moved = generator.integers(n_steps, size=(permutations, n_clips))
    again = trained_again(made, folds, np.vstack([np.zeros_like(moved[:1]), moved]))
    p_value = float(exceedance(again[1:], again[0], "plus_one"))
    return Result(
        TRACKING, "trained again on moved reports", p_value=p_value, null=not asked.follows
    )


def _compared(reference: _Trained, other: _Trained, seed: int, asked: WorldTruth) -> list[Result]:
    """Compare two models by what each protocol has."""
    by_fold, by_person = (
        float(np.mean(score(reference.many) - score(other.many)))
        for score in (fold_f1, participant_f1)
    )
    models = {"reference": reference.trials, "other": other.trials}
    name, results = "difference of macro F1", []
    ways: tuple[Literal["folds", "participants", "corrected_t"], ...]
    ways = ("folds", "participants", "corrected_t")
    for way in ways:
        settings = ModelComparison(
            reference="reference",
            ablation_bootstrap=MOST_DRAWS,
            ablation_test=way,
            p_value="plus_one",
            seed=seed,
        )
        for row in comparison_tests(models, settings).to_dict("records"):
            value, p_value = float(row["mean_difference"]), float(row["p_value"])
            if way != "corrected_t":
                # Held against what they are taken for: one model is better than another.
                test = f"{way}, {str(row['test']).replace('_', ' ')}"
                truth = by_fold if way == "folds" else by_person
                results.append(
                    Result(name, test, value, truth, p_value=p_value, null=not asked.better)
                )
                continue
            ends = float(row["ci_low"]), float(row["ci_high"])
            if row["test"] == ANY_CLIPS_TEST:
                found = Result(
                    f"{name}, {ANY}", OVER_FOLDS, value, np.nan, *ends, p_value, not asked.better
                )
                results.append(found._replace(population=ANY))
            else:
                # That one is better with these clips is a truth of every study of its own: there
                # is no null to reject too often.
                found = Result(f"{name}, {THESE}", T_WITHIN, value, by_person, *ends)
                results.append(found._replace(population=THESE))
    return results
