"""Scores of simulated models: their intervals, and what the permutation tests say."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tinglegram.inference.counts import METRICS, scores
from tinglegram.inference.resampling import Resamples
from tinglegram.recovery.cohort import Cohort, courses, every_step, middle_steps
from tinglegram.recovery.predictions import SimulatedModel, simulate_answers
from tinglegram.recovery.results import ANY, Draws, Result, Study, some_seed
from tinglegram.statistics.comparison import paired_tests, participant_f1
from tinglegram.statistics.pooled import pooled_table
from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.statistics.time_shift import course_test, shift_test
from tinglegram.statistics.trial_level import TrialLevel, trial_calls, trial_level_table
from tinglegram.statistics.verdicts import CALLS, Comparison, Within, category_verdict
from tinglegram.statistics.within_target import within_target_table

ACCURACY = "video-level accuracy"
_F1 = METRICS.index("macro_f1")


def expected_counts(
    cohort: Cohort,
    model: SimulatedModel,
    shared: np.ndarray,
    noise: np.ndarray,
    cohorts: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return the summed counts (tn, fp, fn, tp) of many participants seeing the clips given."""
    steps = middle_steps(cohort)
    answers = simulate_answers(cohort, model, shared, noise, steps, generator, cohorts)
    found: np.ndarray = answers.counts().sum(axis=0)
    return found


def prepare_scores(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of one model: pooled macro F1, its interval, and p of the permutations.

    Parameters
    ----------
    parameters : the weights of `SimulatedModel`.

    Macro F1 has two truths: that of very many participants with the study's own clips, and that of
    very many participants and clips.
    """
    model, n_clips = SimulatedModel.of(parameters), len(cohort.clips)
    steps = every_step(cohort)
    counts = np.sum(
        [
            expected_counts(cohort, model, *_clips(cohort, n_clips, generator), 1, generator)
            for _ in range(20 * draws.truth_cohorts)
        ],
        axis=0,
    )
    anywhere = float(scores(counts, counts)[_F1])
    follows = model.clip != 0 or model.own != 0

    def study(generator: np.random.Generator) -> list[Result]:
        shared, noise = _clips(cohort, n_clips, generator)
        answers = simulate_answers(cohort, model, shared, noise, steps, generator)
        many = expected_counts(cohort, model, shared, noise, draws.truth_cohorts, generator)
        seed = some_seed(generator)
        here, settings = float(scores(many, many)[_F1]), draws.settings(seed)
        pooled = pooled_table(answers, settings).to_dict("records")[_F1]
        value, low, high = (float(pooled[name]) for name in ("value", "ci_low", "ci_high"))
        units = "bootstrap of participants"
        scored = within_target_table(answers, settings).to_dict("records")
        auc = next(row for row in scored if row["metric"] == "roc_auc")
        shifted = shift_test(answers, settings)
        course = course_test(answers, settings)
        inside = Within(
            roc_auc=auc["value"],
            ci_low=auc["ci_low"],
            ci_high=auc["ci_high"],
            p_shift=shifted.p_value,
            p_exchange=auc["p_value"],
            course_auc=course.course_auc,
            p_course=course.p_value,
        )
        verdict = _verdict(answers, inside, settings)

        def tracking(test: str, p_value: float) -> Result:
            return Result("within-clip tracking", test, p_value=p_value, null=not follows)

        # The released code's p of the same shuffles: a count over their number.
        count = (float(pooled["p_value"]) * (draws.permutations + 1) - 1) / draws.permutations
        return [
            Result("macro F1, these clips", units, value, here, low, high),
            Result("macro F1, any clips", units, value, anywhere, low, high),
            tracking("all trials exchanged, count (released)", count),
            tracking("all trials exchanged, plus one", float(pooled["p_value"])),
            tracking("exchanged within fold and condition", float(pooled["p_within"])),
            tracking("ROC AUC, exchanged within fold and condition", float(auc["p_value"])),
            tracking("ROC AUC, interval over participants above 0.5", _p(auc["ci_low"] > 0.5)),
            tracking("ROC AUC, predictions moved in time", shifted.p_value),
            tracking("ROC AUC, above its own course on other clips", course.p_value),
            *(Result("verdict", call, p_value=_p(verdict == call)) for call in CALLS),
        ]

    return study


def prepare_video_level(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of whole trials: accuracy, its intervals, and the test for any clips.

    Parameters
    ----------
    parameters : the weights of `SimulatedModel`, without that of the clips' course, and
        `threshold`, the share of frames that calls a trial.

    The truth is the accuracy among very many participants and clips.
    """
    model, share = SimulatedModel.of(parameters), parameters["threshold"]
    still = np.zeros((len(cohort.clips), cohort.n_looks))

    def answers(cohorts: int, generator: np.random.Generator) -> ScoredTrials:
        steps = every_step(cohort)
        noise = courses(cohort, len(still), generator) if model.clip_noise else still
        return simulate_answers(cohort, model, still, noise, steps, generator, cohorts)

    at_a_time, times = (1, 20) if model.clip_noise else (10, 2)
    many = [answers(at_a_time, generator) for _ in range(times * draws.truth_cohorts)]
    expected = float(np.mean([trial_calls(part, share) != part.control for part in many]))

    def study(generator: np.random.Generator) -> list[Result]:
        trials, seed = answers(1, generator), some_seed(generator)
        results = []
        for units in ("trials", "participants"):
            level = TrialLevel(video_threshold=share, video_level_resampling=units)
            found = trial_level_table(trials, draws.settings(seed), level).iloc[0]
            value, low, high = (float(found[name]) for name in ("value", "ci_low", "ci_high"))
            test = f"bootstrap of {units}"
            results.append(Result(ACCURACY, test, value, expected, low, high))
        found = trial_level_table(trials, draws.settings(seed, "folds"), level).iloc[0]
        low, high, p_value = (float(found[name]) for name in ("any_low", "any_high", "p_value"))
        value, null = float(found["value"]), not model.category
        names = f"{ACCURACY}, {ANY}", "corrected t over folds"
        results.append(Result(*names, value, expected, low, high, p_value, null, ANY))
        return results

    return study


def _p(found: bool) -> float:
    """Write a finding that has no p of its own as one: 0 when found."""
    return 0.0 if found else 1.0


def _verdict(answers: ScoredTrials, inside: Within, settings: Resamples) -> str:
    """Return what the report would call the model, beside a rule that knows the category alone."""
    rule = replace(answers, predicted=~answers.control[:, None] & answers.counted)
    model, control = participant_f1(answers), participant_f1(rule)
    tests = paired_tests(
        model - control,
        units="participants",
        n_resamples=settings.permutations,
        seed=settings.seed,
        p_value=settings.p_value,
    )
    beside = Comparison(
        float(model.mean()),
        float(model.std()),
        float(control.mean()),
        float(control.std()),
        tests["sign_flip"],
    )
    return category_verdict(beside, inside, alpha=round(1 - settings.confidence, 12)).call


def _clips(
    cohort: Cohort, n_clips: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw what viewers share of each clip, and the model's own course for it."""
    return courses(cohort, n_clips, generator), courses(cohort, n_clips, generator)
