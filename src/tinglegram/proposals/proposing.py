"""From candidates to proposals: each is made, predicted, and some are chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinglegram.errors import InputProblem
from tinglegram.proposals.candidates import CandidatePlan, make_candidate
from tinglegram.proposals.choice import PredictedCandidates, choose_proposals
from tinglegram.proposals.features import summarise_sound
from tinglegram.proposals.settings import CandidateSounds, Proposing
from tinglegram.sounds.safety import SafeSound, SoundSafety, make_safe
from tinglegram.sounds.synthesis import Stereo
from tinglegram.sounds.transformations import at_rate, of_length

Numbers = NDArray[np.float64]
# Features that keep proposals apart are computed at this rate.
_FEATURE_HZ = 22050
_TINY = 1e-9


class SoundPrediction(NamedTuple):
    """What a trained model says of a sound.

    Attributes
    ----------
    members : mean response over the sound by each member of the ensemble, (members,).
    distance : of the sound from the training clips; 1 is the threshold.
    """

    members: Numbers
    distance: float


class Predicts(Protocol):
    """A trained model that predicts the response to sounds."""

    def __call__(self, samples: Stereo, sample_rate: int, source: str) -> SoundPrediction:
        """Predict the response to stereo sound, (n, 2), full scale 1."""


@dataclass(frozen=True, eq=False)
class ConsideredSounds:
    """Candidates that were made and predicted.

    Attributes
    ----------
    plans : of each.
    predictions : (members, candidates). distances : (candidates,).
    features : standardised, (candidates, features).
    best : what proposals are to exceed.
    """

    plans: Sequence[CandidatePlan]
    predictions: Numbers
    distances: Numbers
    features: Numbers
    best: float


def safe_candidate(
    plan: CandidatePlan,
    sources: Sequence[Stereo],
    settings: CandidateSounds,
    safety: SoundSafety,
) -> SafeSound:
    """Return a candidate as it would be written: at its loudness and within all limits."""
    made = make_candidate(plan, sources, settings.duration_s, settings.sound_rate)
    return make_safe(made.samples, settings.sound_rate, safety, made.level_db)


def require_candidates(number: int, candidates: int) -> None:
    """Raise InputProblem unless as many sounds as are proposed can be chosen from."""
    if not 0 < number <= candidates:
        raise InputProblem(
            "--n",
            expected=f"1 to {candidates} sounds, as there are {candidates} candidates",
            found=f"{number}",
            remedy="Ask for fewer, or raise --synthesised, --transformed or --recombined.",
        )


def consider(
    plans: Sequence[CandidatePlan],
    sources: Sequence[Stereo],
    predicts: Predicts,
    settings: CandidateSounds,
    safety: SoundSafety,
    progress: Callable[[int, int], None] | None = None,
) -> ConsideredSounds:
    """Make and predict candidates, and the existing sounds as they would be written.

    Existing sounds say what is to be exceeded: the highest mean over members of any.

    Parameters
    ----------
    sources : existing sounds at the rate of the settings; may be none.
    progress : is told how many candidates are done, of how many.
    """
    predictions, features = [], []
    for place, plan in enumerate(plans):
        sound = safe_candidate(plan, sources, settings, safety).samples
        predictions.append(predicts(sound, settings.sound_rate, f"candidate {place + 1}"))
        features.append(summarise_sound(_for_features(sound, settings), _FEATURE_HZ))
        if progress is not None:
            progress(place + 1, len(plans))
    table = np.array(features)
    spread = table.std(axis=0)
    means = [float(one.members.mean()) for one in predictions]
    for place, source in enumerate(sources):
        whole = of_length(source, settings.duration_s, settings.sound_rate)
        heard = make_safe(whole, settings.sound_rate, safety).samples
        known = predicts(heard, settings.sound_rate, f"existing sound {place + 1}")
        # The first one takes the place of the candidates' means.
        means = [float(known.members.mean()), *(means if place else [])]
    # ASSUMPTION: without existing sounds the candidate with the highest mean stands for the best so
    # far, and what is worth most is what may exceed even that.
    return ConsideredSounds(
        plans,
        np.array([one.members for one in predictions]).T,
        np.array([one.distance for one in predictions]),
        (table - table.mean(axis=0)) / np.where(spread > _TINY, spread, 1.0),
        max(means),
    )


def _for_features(sound: Stereo, settings: CandidateSounds) -> Stereo:
    return at_rate(sound, settings.sound_rate, _FEATURE_HZ)


def choose_sounds(
    considered: ConsideredSounds, number: int, proposing: Proposing, seed: int
) -> pd.DataFrame:
    """Return the proposals, columns of `tinglegram.proposals.choice.CHOICE_COLUMNS`."""
    return choose_proposals(
        PredictedCandidates(
            considered.predictions, considered.best, considered.distances, considered.features
        ),
        number,
        proposing,
        seed,
    )
