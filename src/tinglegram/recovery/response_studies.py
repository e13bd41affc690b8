"""The temporal response function in studies whose sound has a known part in what viewers feel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from tinglegram.recovery.cohort import (
    Cohort,
    courses,
    draw_responders,
    every_step,
    held,
    place_of,
    ratings_at_looks,
)
from tinglegram.recovery.model_studies import MOST_DRAWS
from tinglegram.recovery.results import Draws, Result, Study, some_seed
from tinglegram.statistics.response_function import (
    ResponseFunction,
    fit_kernel,
    left_out_scores,
    mean_z,
    over_people,
    person_series,
    sides_of,
)
from tinglegram.statistics.response_tables import (
    ENVELOPE,
    EVERY_CLIP,
    SOUND,
    TERASHIMA,
    CourseColumn,
    Inference,
    MeasuredClip,
    feature_set,
    rated_by_others,
    response_tables,
)

# Coarser than in a real study, so that a thousand studies can be fitted: the tests are the same.
FIT = ResponseFunction(
    response_function="ridge",
    response_lags=(-0.4, 2.4),
    response_step=0.4,
    response_penalties=(1.0, 100.0, 10000.0),
)
# The highest band, Hz; each further one is an octave lower, the second lies at 5 kHz.
_HIGHEST_HZ = 10000.0
_SAMPLED_HZ = 44100.0
# Clips differ more than cohorts: their truth comes from this many times as many studies.
_MORE = 10


@dataclass(frozen=True)
class SoundWorld:
    """What the sound of clips has to do with what viewers feel.

    bands : number of bands, at least two.
    signal : share of the variance of the band at 5 kHz that is, turned round, what viewers of the
        clip share; what they report follows it by about a second, as they look and press.
    trend : share of what viewers share, and of each band, that rises alike in all clips.
    """

    bands: float
    signal: float = 0.0
    trend: float = 0.0


@dataclass(frozen=True)
class HeardClips:
    """The target's clips: their features on the grid, and what viewers share, (clips, looks)."""

    features: dict[str, MeasuredClip]
    shared: np.ndarray


def heard_clips(cohort: Cohort, world: SoundWorld, generator: np.random.Generator) -> HeardClips:
    """Draw sounds, and what viewers of each clip share in what they feel."""
    videos = [v for v, condition in cohort.clips.items() if condition == cohort.conditions[0]]
    n_bands = int(world.bands)
    ramp = np.linspace(-1, 1, cohort.n_looks) * np.sqrt(3)
    rising, own = np.sqrt(world.trend) * ramp, np.sqrt(1 - world.trend)
    shared = rising + own * courses(cohort, len(videos), generator)
    drawn = courses(cohort, len(videos) * n_bands, generator)
    bands = rising + own * drawn.reshape(len(videos), n_bands, -1)
    bands[:, 1] = np.sqrt(1 - world.signal) * bands[:, 1] - np.sqrt(world.signal) * shared
    columns = tuple(CourseColumn(ENVELOPE, _HIGHEST_HZ / 2**i) for i in range(n_bands))
    looks, at = np.arange(cohort.n_looks), place_of(cohort, every_step(cohort))
    features = {}
    for video, own_bands in zip(videos, bands, strict=True):
        values = np.stack([np.interp(at, looks, band) for band in own_bands], axis=1)
        features[video] = MeasuredClip(columns, values, _SAMPLED_HZ)
    return HeardClips(features, shared)


def reported(
    cohort: Cohort, heard: HeardClips, generator: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Return what a new cohort reports of clips: video -> viewers by steps."""
    people = cohort.participants
    responds = draw_responders(cohort, people, generator)
    found = {}
    for video, shared in zip(heard.features, heard.shared, strict=True):
        own = courses(cohort, people, generator)
        looks = ratings_at_looks(cohort, cohort.conditions[0], shared, own, responds)
        given = held(cohort, looks, every_step(cohort), generator)
        found[video] = pd.DataFrame(given, index=range(1, people + 1))
    return found


class TrueResponse(NamedTuple):
    """Mean correlations of the group and of people, and the mean weight that the claim is about."""

    group: float
    person: float
    weight: float


def fitted_responses(
    cohort: Cohort, heard: HeardClips, cohorts: int, generator: np.random.Generator
) -> TrueResponse:
    """Return what new cohorts that hear these clips give in the mean, without any inference.

    The equations of the clips are solved once for all of them.
    """
    reports = [reported(cohort, heard, generator) for _ in range(cohorts)]
    grid, penalties = cohort.timing.grid, FIT.response_penalties
    of = feature_set(SOUND, heard.features, reports[0], grid, FIT)
    if of is None:
        return TrueResponse(np.nan, np.nan, np.nan)
    clips = of.equations.clips
    rated = [rated_by_others(of, report, grid) for report in reports]
    means = [np.stack([one[i].ratings.mean(axis=0) for one in rated]) for i in range(of.n_clips)]
    group = sides_of(clips, means)
    series, others = zip(*(person_series(one) for one in rated), strict=True)
    test, train = (sides_of(clips, _below(each)) for each in (series, others))
    own = left_out_scores(of.equations, train, test, penalties)
    # Everybody sees every clip, so that all cohorts have as many columns.
    persons = mean_z(over_people(own.reshape(of.n_clips, cohorts, -1).transpose(0, 2, 1)))
    groups = mean_z(left_out_scores(of.equations, group, group, penalties))
    first = group.columns(np.array([0]))
    _, _, weights = fit_kernel(of.equations, first, group, of.window(TERASHIMA), penalties)
    every = np.tanh(groups), np.tanh(persons), weights
    return TrueResponse(*(float(np.nanmean(values)) for values in every))


def _below(of_cohorts: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
    """Return of every clip the rows of all cohorts below each other."""
    return [np.concatenate(clip) for clip in zip(*of_cohorts, strict=True)]


def _mean(of: Sequence[TrueResponse]) -> TrueResponse:
    return TrueResponse(*np.nanmean(np.array(of), axis=0).tolist())


def prepare_response_function(
    cohort: Cohort,
    draws: Draws,
    parameters: Mapping[str, float],
    generator: np.random.Generator,
) -> Study:
    """Prepare studies of one sound each: predictions of the group and of people, and the claim.

    Parameters
    ----------
    parameters : those of `SoundWorld`, and `agreement`, the share of the latent variance that
        viewers of a clip share.

    The truth of an interval of these clips is the mean over `truth_cohorts` further cohorts that
    hear them; that of any clips is the mean over ten times as many studies with other clips.
    """
    parameters = dict(parameters)
    cohort = cohort.with_agreement(parameters.pop("agreement", cohort.reporting.agreement))
    world = SoundWorld(**parameters)
    null = world.signal == 0
    any_clips = _mean(
        [
            fitted_responses(cohort, heard_clips(cohort, world, generator), 1, generator)
            for _ in range(draws.truth_cohorts * _MORE)
        ]
    )

    def study(generator: np.random.Generator) -> list[Result]:
        heard = heard_clips(cohort, world, generator)
        tables = response_tables(
            heard.features,
            reported(cohort, heard, generator),
            grid=cohort.timing.grid,
            fit=replace(FIT, response_shifts=min(draws.permutations, MOST_DRAWS)),
            inference=Inference(draws.confidence, "plus_one", some_seed(generator)),
        )
        these_clips = fitted_responses(cohort, heard, draws.truth_cohorts, generator)
        function = tables.function[tables.function["video"] == EVERY_CLIP]
        results = []
        for row in function.to_dict("records"):
            target = str(row["target"])
            of_ends = {
                "ci": (
                    "these clips: ratings moved and fitted anew; jackknife over people",
                    these_clips,
                    row["p_value"],
                ),
                "any": ("any clips: corrected t over clips", any_clips, row["p_any"]),
            }
            results += [
                Result(
                    f"response function of the {target}, r",
                    test,
                    row["r"],
                    truth._asdict()[target],
                    row[f"{end}_low"],
                    row[f"{end}_high"],
                    p_value=p_value,
                    null=null,
                )
                for end, (test, truth, p_value) in of_ends.items()
            ]
        claim = tables.claims.iloc[0]
        results.append(
            Result(
                "weight near 5 kHz",
                "one-sided, ratings moved and fitted anew",
                claim["value"],
                0.0 if null else any_clips.weight,
                p_value=claim["p_value"],
                null=null,
            )
        )
        results.append(
            Result(
                "weight near 5 kHz",
                "two-sided, ratings moved and fitted anew",
                p_value=claim["p_two_sided"],
                null=null,
            )
        )
        return results

    return study
