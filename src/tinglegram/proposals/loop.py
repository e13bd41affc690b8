"""A closed loop of proposing, hearing and learning, with simulated listeners.

A study of existing sounds comes first. Then, in each round, every strategy names the sounds of the
round, the same panel hears them, and the model learns from all responses so far.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinglegram.proposals.choice import PredictedCandidates, choose_proposals
from tinglegram.proposals.listeners import (
    ListenerKind,
    Listening,
    Panel,
    draw_panel,
    sound_means,
    who_hears,
)
from tinglegram.proposals.pool import SoundPool
from tinglegram.proposals.settings import Proposing
from tinglegram.proposals.surrogate import Worked, fit_ensemble, whether_it_works
from tinglegram.settings import SHARE, Bounds, section

Numbers = NDArray[np.float64]
MODEL, RANDOM, AGAIN, ORACLE = "model", "random", "best existing again", "oracle"

LOOP_COLUMNS = {
    "listeners": "str",
    "repetition": "int64",
    "strategy": "str",
    "round": "int64",
    "mean": "float64",
    "best": "float64",
    "explained": "float64",
    "p": "float64",
    "works": "float64",
}


@section("loop")
class ClosedLoop:
    """How long a closed loop is, and what it starts from."""

    rounds: Annotated[int, Bounds(minimum=1), "Rounds of a closed loop."] = 8
    per_round: Annotated[int, Bounds(minimum=2), "Sounds of a round."] = 12
    existing: Annotated[
        int, Bounds(minimum=6), "Sounds of the study that comes before the first round."
    ] = 24
    candidates: Annotated[
        int, Bounds(minimum=2), "New candidates of each round, the same for all strategies."
    ] = 100
    members: Annotated[int, Bounds(minimum=2), "Members of the ensemble."] = 30
    exchanges: Annotated[
        int, Bounds(minimum=19), "Exchanges of responses behind the decision whether it works."
    ] = 199
    alpha: Annotated[float, SHARE, "Level of that decision."] = 0.05

    @property
    def sounds_needed(self) -> int:
        """Sounds that a pool must have: existing ones, and new candidates in each round."""
        return self.existing + self.rounds * self.candidates


@dataclass(eq=False)
class _Experiment:
    """One repetition: listeners, sounds, and what has been heard under one strategy."""

    pool: SoundPool
    panel: Panel
    settings: ClosedLoop
    listening: Listening
    proposing: Proposing
    generator: np.random.Generator
    felt: Numbers
    heard: list[pd.DataFrame] = field(default_factory=list)
    offered: NDArray[np.intp] = field(default_factory=lambda: np.arange(0))

    @property
    def truth(self) -> Numbers:
        """Mean over the panel of what is felt at each sound, (sounds,)."""
        found: Numbers = self.felt.mean(axis=0)
        return found

    def hear(self, sounds: NDArray[np.intp]) -> None:
        """Let listeners hear sounds; their responses are kept."""
        who = who_hears(len(sounds), self.listening, self.generator)
        responses = self.panel.respond(
            self.felt[:, sounds], who, self.listening.noise, self.generator
        )
        self.heard.append(
            pd.DataFrame(
                {
                    "sound": np.broadcast_to(sounds, who.shape).ravel(),
                    "listener": who.ravel(),
                    "response": responses.ravel(),
                }
            )
        )

    def known(self) -> pd.Series:
        """Mean response to each sound that was heard."""
        return sound_means(pd.concat(self.heard))

    def decision(self) -> Worked:
        """Whether the responses so far depend on the sounds at all."""
        known = self.known()
        return whether_it_works(
            self.pool.features[known.index],
            known.to_numpy(float),
            permutations=self.settings.exchanges,
            alpha=self.settings.alpha,
            generator=self.generator,
        )


def _by_model(experiment: _Experiment) -> NDArray[np.intp]:
    known, left = experiment.known(), experiment.offered
    own = experiment.pool.features[known.index]
    model = fit_ensemble(
        own, known.to_numpy(float), experiment.settings.members, experiment.generator
    )
    features = experiment.pool.features[left]
    chosen = choose_proposals(
        PredictedCandidates(
            model.predict(features),
            float(model.predict(own).mean(axis=0).max()),
            model.distances(features),
            model.standardised(features),
        ),
        experiment.settings.per_round,
        experiment.proposing,
        seed=int(experiment.generator.integers(2**32)),
    )
    found: NDArray[np.intp] = left[chosen["candidate"].to_numpy()]
    return found


def _at_random(experiment: _Experiment) -> NDArray[np.intp]:
    drawn: NDArray[np.intp] = experiment.generator.choice(
        experiment.offered, experiment.settings.per_round, replace=False
    )
    return drawn


def _again(experiment: _Experiment) -> NDArray[np.intp]:
    """Return the existing sounds that had the highest responses so far."""
    known = experiment.known().sort_values(ascending=False, kind="stable")
    return known.index.to_numpy()[: experiment.settings.per_round]


def _by_oracle(experiment: _Experiment) -> NDArray[np.intp]:
    """Return the candidates that are truly best."""
    left = experiment.offered
    best = np.argsort(-experiment.truth[left], kind="stable")
    return left[best[: experiment.settings.per_round]]


STRATEGIES: dict[str, Callable[[_Experiment], NDArray[np.intp]]] = {
    MODEL: _by_model,
    RANDOM: _at_random,
    AGAIN: _again,
    ORACLE: _by_oracle,
}


def simulate_loop(
    pool: SoundPool,
    kind: ListenerKind,
    repetition: int,
    settings: ClosedLoop,
    listening: Listening,
    proposing: Proposing,
    seed: int,
) -> pd.DataFrame:
    """Return what each strategy reached in each round, columns of `LOOP_COLUMNS`.

    Round 0 is the study of existing sounds, the same sounds and responses under every strategy.
    Each round has candidates of its own, as `tinglegram propose` makes new ones each time.
    `mean` and `best` are the true responses (mean over the panel) to the sounds of the round. Under
    the model, `explained`, `p` and `works` are the decision after the round.

    Parameters
    ----------
    repetition : its own draw of listeners, candidates and existing sounds.

    Raises
    ------
    ValueError : the pool has too few sounds, or a round too few candidates.
    """
    if settings.candidates < settings.per_round:
        raise ValueError(
            f"expected {settings.per_round} candidates or more, found {settings.candidates}"
        )
    asked = settings.sounds_needed
    if asked > len(pool.features):
        raise ValueError(f"expected a pool of {asked} sounds, found {len(pool.features)}")
    start = np.random.SeedSequence([seed, repetition, kind == "responding"])
    first, *others = start.spawn(1 + len(STRATEGIES))
    generator = np.random.default_rng(first)
    own = pool.some(generator.choice(len(pool.features), asked, replace=False))
    panel = draw_panel(kind, listening, generator)
    felt = panel.felt(own.measures)
    study = _Experiment(own, panel, settings, listening, proposing, generator, felt)
    existing = np.arange(settings.existing)
    study.hear(existing)
    rows = []
    for (name, choose), child in zip(STRATEGIES.items(), others, strict=True):
        experiment = _Experiment(
            own,
            panel,
            settings,
            listening,
            proposing,
            np.random.default_rng(child),
            felt,
            list(study.heard),
        )
        for number in range(settings.rounds + 1):
            sounds = existing
            if number:
                begin = settings.existing + (number - 1) * settings.candidates
                experiment.offered = np.arange(begin, begin + settings.candidates)
                sounds = choose(experiment)
                experiment.hear(sounds)
            truth = felt[:, sounds].mean(axis=0)
            decided = experiment.decision() if name == MODEL else None
            said = (np.nan,) * 3 if decided is None else tuple(map(float, decided[:3]))
            rows.append((kind, repetition, name, number, truth.mean(), truth.max(), *said))
    return pd.DataFrame(rows, columns=list(LOOP_COLUMNS)).astype(LOOP_COLUMNS)
