"""Simulated studies in which what people feel follows one column of one feature set.

Sounds and pictures are made, and their features are computed by the functions that compute those of
a study. Four courses that have nothing to do with each other rule a clip: how loud it is, how deep
it fluctuates, how alike both ears hear it, and how fast its picture moves. The level is that of the
mix, whatever the other two do, so that no set is meant to tell what another is planted in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy

from tinglegram.models.ridge import fit_ridge
from tinglegram.models.value_settings import RidgeFit
from tinglegram.simulation.design import smooth_noise
from tinglegram.statistics.scored_trials import ScoredTrials
from tinglegram.stimuli import acoustic
from tinglegram.stimuli.feature_sets import known_set
from tinglegram.stimuli.settings import (
    BinauralFeatures,
    MotionFeatures,
    TextureFeatures,
)
from tinglegram.trials.trials import Split, Trials

BASE = ("acoustic",)
SETTINGS = {
    "binaural": BinauralFeatures(binaural_bands=3, binaural_range=(400.0, 4000.0)),
    "texture": TextureFeatures(
        texture_bands=3,
        texture_range=(400.0, 4000.0),
        modulation_bands=3,
        modulation_range=(4.0, 16.0),
    ),
    "motion": MotionFeatures(),
}
# World -> the column that what is felt follows; none: no feature tells it.
PLANTED = {
    "acoustic": "rms",
    "binaural": "iacc_1402hz",
    "texture": "modulation_8hz_1402hz",
    "motion": "flow_speed_widths_per_step",
    "nothing": "",
}
# Penalty of standardised features.
RIDGE = RidgeFit(lags=(0.0,), penalties=(0.1,), inner_folds=2)
_AMPLITUDE, _MODULATION_HZ, _SIDE = 2500.0, 8.0, 64


class Size(NamedTuple):
    """Clips, their seconds, people, folds, samples and steps per second."""

    clips: int = 16
    seconds: float = 30.0
    people: int = 12
    folds: int = 8
    sample_rate: int = 16000
    grid: int = 5

    @property
    def steps(self) -> int:
        """Steps of a clip."""
        return round(self.seconds * self.grid)


@dataclass(frozen=True)
class People:
    """How people report: share of the latent variance that viewers have in common, and level.

    Seconds of the Gaussian that smooths what is a viewer's own.
    """

    agreement: float = 0.6
    threshold: float = 0.3
    smoothness: float = 2.0


class Clips(NamedTuple):
    """Feature set -> (clips, steps, columns) float32, and the names of its columns."""

    features: Mapping[str, np.ndarray]
    columns: Mapping[str, Sequence[str]]


def sound(size: Size, draw: np.random.Generator) -> np.ndarray:
    """Return noise for both ears, (n, 2) int16: loud, fluctuating and alike in both as drawn."""
    n = round(size.seconds * size.sample_rate)
    at = np.arange(n) / size.sample_rate
    level, depth, alike = (_course(size, at, draw) for _ in range(3))
    shared, other = draw.standard_normal((2, n))
    alike = 0.5 + 0.45 * np.tanh(alike)
    ears = np.stack([shared, alike * shared + np.sqrt(1 - alike**2) * other], axis=1)
    # The mix of both has the same power however alike they are.
    ears /= np.sqrt((1 + alike) / 2)[:, None]
    deep = 0.5 + 0.45 * np.tanh(depth)
    wave = 1 + deep * np.sin(2 * np.pi * _MODULATION_HZ * at + draw.uniform(0, 2 * np.pi))
    # A tremolo changes no mean power.
    wave /= np.sqrt(1 + deep**2 / 2)
    loud = _AMPLITUDE * 10 ** (0.15 * level)
    return np.clip(np.round(ears * (wave * loud)[:, None]), -32768, 32767).astype(np.int16)


def _course(size: Size, at: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return a smooth course of mean 0 and SD 1 at times."""
    values = smooth_noise(draw, size.seconds, 1.5)
    found: np.ndarray = np.interp(at, np.arange(len(values)) / 10, values)
    return found


def pictures(size: Size, draw: np.random.Generator) -> np.ndarray:
    """Return pictures of a pattern that moves as fast as drawn, (steps, height, width, 3) uint8."""
    at = np.arange(size.steps) / size.grid
    speed = 1.5 + np.tanh(_course(size, at, draw))
    pattern = scipy.ndimage.gaussian_filter(
        draw.standard_normal((_SIDE, 4 * _SIDE)), 2, mode="wrap"
    )
    pattern = np.clip(128 + 40 * pattern / pattern.std(), 0, 255)
    shown = [
        scipy.ndimage.shift(pattern, (0, -place), order=1, mode="grid-wrap")[:, :_SIDE]
        for place in np.cumsum(speed)
    ]
    return np.repeat(np.uint8(np.stack(shown))[..., None], 3, axis=3)


def made_clips(size: Size, seed: int) -> Clips:
    """Make the clips of a study, and compute their features."""
    each: list[dict[str, np.ndarray]] = []
    sets = {name: known_set(name, own) for name, own in SETTINGS.items()}
    hop = acoustic.hop_samples(size.sample_rate, size.grid)
    about = {"sample_rate": size.sample_rate, "hop": hop}
    for number in range(size.clips):
        draw = np.random.default_rng(np.random.SeedSequence([seed, number]))
        ears, shown = sound(size, draw), pictures(size, draw)
        mix = np.round(ears.mean(axis=1)).astype(np.int16)
        watching = sets["motion"].start()  # type: ignore[union-attr]
        for picture in shown:
            watching.add(picture)
        window = acoustic.window_samples("cover_hop", 2048, hop)
        each.append(
            {
                "acoustic": acoustic.features(mix, size.steps, window=window, **about),
                "binaural": sets["binaural"].compute(ears, size.steps, **about),  # type: ignore[union-attr]
                "texture": sets["texture"].compute(mix, size.steps, **about),  # type: ignore[union-attr]
                "motion": watching.features(np.arange(size.steps)),
            }
        )
    columns = {name: list(own.columns(size.sample_rate)) for name, own in sets.items()}
    columns["acoustic"] = acoustic.column_names()
    return Clips({name: np.stack([one[name] for one in each]) for name in each[0]}, columns)


def felt(clips: Clips, world: str, size: Size, seed: int) -> np.ndarray:
    """Return what viewers of a clip share, (clips, steps), of mean 0 and SD 1 over all clips."""
    if world == "nothing":
        draw = np.random.default_rng(np.random.SeedSequence([seed, 10**6]))
        at = np.arange(size.steps) / size.grid
        course = np.stack([_course(size, at, draw) for _ in range(size.clips)])
    else:
        place = list(clips.columns[world]).index(PLANTED[world])
        course = clips.features[world][..., place].astype(float)
    found: np.ndarray = (course - course.mean()) / course.std()
    return found


def trials_of(clips: Clips, course: np.ndarray, people: People, size: Size, seed: int) -> Trials:
    """Return the trials of everybody with every clip: 1 where the latent is above the threshold.

    The latent is that of `tinglegram.simulation.design.latent`: sqrt(a) shared + sqrt(1 - a) own.
    """
    subject, clip = (part.ravel() for part in np.indices((size.people, size.clips)))
    draw = np.random.default_rng(np.random.SeedSequence([seed, 10**6 + 1]))
    at = np.arange(size.steps) / size.grid
    noise = (smooth_noise(draw, size.seconds, people.smoothness) for _ in subject)
    own = np.stack([np.interp(at, np.arange(len(one)) / 10, one) for one in noise])
    latent = np.sqrt(people.agreement) * course[clip] + np.sqrt(1 - people.agreement) * own
    label = (latent > people.threshold).astype(np.uint8)
    sets = {name: own for name, own in clips.features.items() if name != "acoustic"}
    return Trials(
        subject=subject + 1,
        video=np.array([f"clip{number + 1:02d}" for number in clip], object),
        condition=np.full(len(clip), "ASMR", object),
        order=clip + 1,
        n_steps=np.full(len(clip), size.steps),
        ratings=label,
        labels=label,
        clip_index=clip,
        acoustic_index=clip,
        visual=None,
        acoustic=clips.features["acoustic"],
        pulse=None,
        grid=float(size.grid),
        feature_sets=sets,
    )


def held_out(trials: Trials, n_folds: int) -> list[Split]:
    """Return folds that hold clips out: every clip is tested in one of them."""
    rows, none = np.arange(len(trials.subject)), np.empty(0, np.int64)
    group = trials.clip_index % n_folds
    return [
        Split(fold + 1, rows[group != fold], none, rows[group == fold]) for fold in range(n_folds)
    ]


def models_of(sets: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return model -> its feature sets: the base, it and each set, each set alone."""
    found: dict[str, tuple[str, ...]] = {"acoustic": BASE}
    found |= {f"acoustic_{name}": (*BASE, name) for name in sets}
    return found | {name: (name,) for name in sets}


def predicted(trials: Trials, modalities: Sequence[str], n_folds: int) -> ScoredTrials:
    """Train a ridge regression in every fold and return its test trials, ready to be scored."""
    names, label, share = [], [], []
    for split in held_out(trials, n_folds):
        fitted = fit_ridge(trials, split, modalities, RIDGE)
        share.append(np.clip(fitted.predicted, 0.0, 1.0))
        label.append(trials.labels[split.test].astype(bool))
        about = {"fold": split.fold, "subject": trials.subject[split.test]}
        about |= {"video": trials.video[split.test], "condition": trials.condition[split.test]}
        names.append(pd.DataFrame(about))
    told, shares = np.concatenate(label), np.concatenate(share)
    everywhere = np.ones_like(told)
    table = pd.concat(names, ignore_index=True)
    nothing = np.zeros(len(told), bool)
    return ScoredTrials(table, nothing, told, shares > 0.5, everywhere, shares, everywhere)


def planted_worlds(
    size: Size, seed: int, worlds: Sequence[str]
) -> dict[str, dict[str, ScoredTrials]]:
    """Return world -> model -> its test trials, of the same clips in every world."""
    clips, people = made_clips(size, seed), People()
    found = {}
    for world in worlds:
        course = felt(clips, world, size, seed)
        trials = trials_of(clips, course, people, size, seed)
        found[world] = {
            model: predicted(trials, modalities, size.folds)
            for model, modalities in models_of(list(SETTINGS)).items()
        }
    return found
