"""Simulated listeners, whose response depends on what is measured in a sound, or on nothing.

The response is a smooth function of the rate and regularity of cycles, of the centre of the
spectrum and of the likeness of both ears (`tinglegram.sounds.measured`): quantities that the model
is not given, in a form that is not the model's. What people like differs between them.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinglegram.settings import ABOVE_ZERO, AT_LEAST_ZERO, Bounds, section

Numbers = NDArray[np.float64]
ListenerKind = Literal["responding", "unmoved"]
LISTENER_KINDS: tuple[ListenerKind, ...] = ("responding", "unmoved")


# ASSUMPTION: nobody knows what the tingle depends on and how. The preferences below are planted
# so that there is something to find; their places follow what was reported of cyclic sounds: slow
# and regular cycles, high frequencies, and unlike ears.
@section("loop.listeners")
class Listening:
    """The panel of listeners, and what is planted in them."""

    panel: Annotated[int, Bounds(minimum=2), "Listeners of a closed loop."] = 24
    heard_by: Annotated[int, Bounds(minimum=1), "Listeners who hear each sound of a round."] = 8
    noise: Annotated[
        float, AT_LEAST_ZERO, "SD of a response about what its listener feels, 0 to 1."
    ] = 0.2
    preferred_rate_hz: Annotated[float, ABOVE_ZERO, "Rate that is liked most, median; Hz."] = 2.5
    preferred_centroid_hz: Annotated[
        float, ABOVE_ZERO, "Centre of the spectrum that is liked most, median; Hz."
    ] = 4000.0
    octaves: Annotated[
        float, ABOVE_ZERO, "Octaves from what is liked most to 61 % of the liking."
    ] = 1.0
    differ_octaves: Annotated[
        float, AT_LEAST_ZERO, "SD between listeners of what they like most, octaves."
    ] = 0.7


@dataclass(frozen=True, eq=False)
class Panel:
    """Listeners: what each likes and how strongly, arrays (listeners,)."""

    rate_hz: Numbers
    centroid_hz: Numbers
    octaves: float
    weights: Numbers
    strength: Numbers
    base: Numbers

    def felt(self, measures: pd.DataFrame) -> Numbers:
        """Return what each listener feels at each sound, (listeners, sounds), 0 to 1.

        Parameters
        ----------
        measures : a row for each sound, columns of `SoundMeasures`.
        """
        rate = self._near(measures["rate_hz"], self.rate_hz)
        centroid = self._near(measures["centroid_hz"], self.centroid_hz)
        # What is no cycle has no rate that one could like.
        regularity = measures["regularity"].to_numpy(float)
        unlike = 1 - np.clip(measures["interaural_correlation"].to_numpy(float), 0, 1)
        liked = np.stack(
            [
                rate * regularity,
                centroid,
                np.broadcast_to(regularity, rate.shape),
                np.broadcast_to(unlike, rate.shape),
            ]
        )
        drive = (self.weights.T[:, :, None] * liked).sum(axis=0)
        moved = 1 / (1 + np.exp(-self.strength[:, None] * (drive - 0.55)))
        found: Numbers = np.where(self.strength[:, None] > 0, moved, self.base[:, None])
        return found

    def _near(self, values: pd.Series, liked: Numbers) -> Numbers:
        """Return how near values lie to what each listener likes, (listeners, sounds), 0 to 1."""
        apart = np.log2(values.to_numpy(float)[None, :] / liked[:, None])
        found: Numbers = np.exp(-0.5 * np.square(apart / self.octaves))
        return found

    def respond(
        self, felt: Numbers, who: NDArray[np.intp], noise: float, generator: np.random.Generator
    ) -> Numbers:
        """Return responses to sounds, (heard_by, sounds), of the listeners `who` of that form."""
        own = felt[who, np.arange(felt.shape[1])]
        found: Numbers = own + noise * generator.standard_normal(own.shape)
        return found


def draw_panel(kind: ListenerKind, settings: Listening, generator: np.random.Generator) -> Panel:
    """Return a panel of listeners who respond to sounds, or whom nothing moves."""
    n = settings.panel

    def about(median: float) -> Numbers:
        found: Numbers = median * 2 ** (settings.differ_octaves * generator.standard_normal(n))
        return found

    rate, centroid = about(settings.preferred_rate_hz), about(settings.preferred_centroid_hz)
    # Rate, centre, regularity and unlike ears, on average in these shares.
    weights = generator.dirichlet(10 * np.array([0.35, 0.3, 0.15, 0.2]), n)
    strength = 8.0 * np.exp(0.3 * generator.standard_normal(n))
    base = np.clip(0.3 + 0.15 * generator.standard_normal(n), 0, 1)
    moved = 1.0 if kind == "responding" else 0.0
    return Panel(rate, centroid, settings.octaves, weights, moved * strength, base)


def who_hears(sounds: int, settings: Listening, generator: np.random.Generator) -> NDArray[np.intp]:
    """Return who hears each sound of a round, (heard_by, sounds).

    Every listener hears as many sounds of a round as every other, or one more.
    """
    needed = settings.heard_by * sounds
    rounds = -(-needed // settings.panel)
    turns = np.concatenate([generator.permutation(settings.panel) for _ in range(rounds)])
    # Neighbours in a permutation are different people.
    return turns[:needed].reshape(sounds, settings.heard_by).T


def sound_means(responses: pd.DataFrame) -> pd.Series:
    """Return the mean response to each sound, that of its listeners taken out.

    Sounds and listeners are fitted together by least squares, so that a sound which reticent
    listeners happened to hear does not seem worse.

    Parameters
    ----------
    responses : columns sound, listener, response; a sound may be heard twice.
    """
    sounds, of_sound = np.unique(responses["sound"], return_inverse=True)
    listeners, of_listener = np.unique(responses["listener"], return_inverse=True)
    rows = np.arange(len(responses))
    design = np.zeros((len(responses), len(sounds) + len(listeners)))
    design[rows, of_sound] = 1
    design[rows, len(sounds) + of_listener] = 1
    # Listeners' effects sum to zero; those of one sound alone are drawn towards it.
    penalty = np.diag(np.r_[np.zeros(len(sounds)), np.full(len(listeners), 0.5)])
    values = responses["response"].to_numpy(float)
    solved = np.linalg.solve(design.T @ design + penalty, design.T @ values)
    return pd.Series(solved[: len(sounds)], index=sounds)
