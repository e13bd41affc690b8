"""What a bundle's model says of a sound that is in memory, member by member."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinglegram.bundles.contents import Bundle
from tinglegram.bundles.distance import distances
from tinglegram.bundles.extraction import only_sound, stretch_features
from tinglegram.bundles.prediction import choose_models, member_of, stretch_starts
from tinglegram.errors import InputProblem
from tinglegram.proposals.proposing import SoundPrediction
from tinglegram.sounds.synthesis import Stereo
from tinglegram.sounds.transformations import at_rate

_FULL_SCALE = 32767.0


@dataclass(frozen=True)
class BundledModel:
    """One model of a bundle: its members are the models of all folds and seeds and the final ones.

    Attributes
    ----------
    bundle : that was read.
    model : its name.
    reason : why this one.
    """

    bundle: Bundle
    model: str
    reason: str

    @property
    def about(self) -> dict[str, Any]:
        """What the bundle says of the model."""
        return dict(self.bundle.models[self.model])

    def __call__(self, samples: Stereo, sample_rate: int, source: str) -> SoundPrediction:
        """Return the mean predicted response over a sound, and the median distance of its steps.

        Networks know nothing longer than a training clip: a longer sound is cut into stretches that
        overlap by half, and their means are averaged.

        Raises
        ------
        InputProblem : a sound shorter than a step of the grid.
        """
        decoded = only_sound(self.bundle, self._mono(samples, sample_rate), source)
        length = min(decoded.steps, int(self.bundle.about["steps"]))
        if not length:
            raise InputProblem(
                source,
                expected="a sound of one step of the grid or more",
                found=f"{len(samples) / sample_rate:g} s",
                remedy="Raise --duration-s.",
            )
        modalities = self.about["modalities"]
        each = [
            stretch_features(self.bundle, decoded, modalities, begin, length)
            for begin in stretch_starts(decoded.steps, length)
        ]
        features = {name: np.stack([one[name] for one in each]) for name in modalities}
        files = [*self.about["final"], *sum(self.about["folds"], [])]
        members = [
            float(np.mean(member_of(self.bundle, self.model, path)(features))) for path in files
        ]
        return SoundPrediction(np.array(members), self._distance(features))

    def _mono(self, samples: Stereo, sample_rate: int) -> np.ndarray:
        """Return both ears together as 16-bit samples at the bundle's rate."""
        wanted = int(self.bundle.about["decoding"]["sample_rate"])
        mono = at_rate(samples, sample_rate, wanted).mean(axis=1)
        found: np.ndarray = np.round(np.clip(mono, -1, 1) * _FULL_SCALE).astype(np.int16)
        return found

    def _distance(self, features: dict[str, np.ndarray]) -> float:
        modalities = list(self.about["modalities"])
        if modalities not in [list(own) for own in self.bundle.about["distances"]]:
            # ASSUMPTION: of one training clip nobody can say how far away a sound is; it then
            # counts as at the threshold, which costs nothing and is told.
            return 1.0
        joined = np.concatenate([features[name] for name in modalities], axis=2)
        steps = joined.reshape(-1, joined.shape[-1])
        return float(np.median(distances(self.bundle.reference_of(modalities), steps)))


def bundled_model(bundle: Bundle, name: str | None) -> BundledModel:
    """Return the model of a bundle that predicts the response to sound alone.

    Parameters
    ----------
    name : of the model; None: the best scored one that needs nothing but sound.

    Raises
    ------
    InputProblem : no model of that name, or none that sound is enough for.
    """
    asked = [name] if name else []
    choice = choose_models(bundle, ["sound"], "a proposed sound", asked)
    return BundledModel(bundle, choice.models[0], choice.reason)


def bundle_warnings(chosen: BundledModel) -> list[str]:
    """Return what a reader of proposals must know of the model behind them."""
    found = []
    if chosen.bundle.about["simulated"]:
        found.append("WARNING The bundle was trained on simulated people.")
    verdict = chosen.about.get("verdict")
    if verdict:
        found.append(f"What the study says of this model: {verdict['sentence']}")
    if list(chosen.about["modalities"]) not in [list(o) for o in chosen.bundle.about["distances"]]:
        found.append(
            "How far sounds are from the training clips cannot be told: there is one clip."
        )
    return found
