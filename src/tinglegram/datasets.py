"""The results of a study for work of your own: trials as a PyTorch Dataset, tables as pandas'."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tinglegram.behaviour.responses import ResponseTarget
from tinglegram.clock import grid_steps
from tinglegram.errors import InputProblem
from tinglegram.export.tidy import feature_columns, set_columns
from tinglegram.sensors.settings import SENSOR_TYPES, series_columns
from tinglegram.study.files import SavedStudy, open_study
from tinglegram.study.plan import Plan
from tinglegram.trials.assembly import assemble
from tinglegram.trials.trials import EVERY_MODALITY, MODALITIES, Split, Trials, ordered, split

if TYPE_CHECKING:
    import torch


class TrialDataset:
    """Every trial of a study under one protocol, with its features.

    PyTorch takes for a dataset whatever has a length and items, so a `DataLoader` or a `Subset`
    takes it. Trials differ in length: `DataLoader(data, batch_size=None)` gives one at a time,
    a `collate_fn` of yours pads them.

    Parameters
    ----------
    results : folder of the study's results, such as results/demo.
    protocol : whose labels and features.
    modalities : out of visual, acoustic, pulse, eda, resp and temperature, and the feature sets
        that the study computed (docs/stimuli.md); columns run in this order, whatever that of
        `modalities`. With pulse, trials of participants who have none are left out; with a sensor,
        trials without it.

    Attributes
    ----------
    columns : name of each feature column. Spectral centroid and bandwidth are log(1 + Hz), as the
        models see them.
    trials : all of it as matrices (`tinglegram.trials.trials.Trials`).
    without_pulse : numbers of the participants who are left out.

    Raises
    ------
    InputProblem : there is no such study, protocol or modality; the sentence says what there is.
    """

    def __init__(
        self, results: str | Path, protocol: str, modalities: Collection[str] = MODALITIES
    ) -> None:
        """Read the trials and assemble them."""
        study = open_study(Path(results), protocol)
        plan = Plan(study.config)
        self.modalities = _chosen(study, plan, modalities)
        uses_pulse = "pulse" in self.modalities
        self.without_pulse = (
            sorted({int(name) for name in study.subjects} - {int(s) for s in study.with_pulse})
            if uses_pulse
            else []
        )
        stimuli = study.stimuli() if {"visual", "acoustic"} & {*self.modalities} else {}
        used = [name for name in study.feature_sets if name in self.modalities]
        sets = {name: study.features_of(name) for name in used}
        about = (self.modalities, stimuli, sets)
        self.trials = _assembled(study, plan, *about, self.without_pulse)
        self.columns = _columns(*about, _n_mfcc(study))
        self._folds = study.folds

    def __len__(self) -> int:
        """Return the number of trials."""
        return len(self.trials.subject)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return one trial.

        Returns
        -------
        features : tensor (n_steps, columns), float32.
        labels : tensor (n_steps,), int64: 1 where the report is of class 1.
        ratings : tensor (n_steps,), float32.
        subject, video, condition, order : whose trial of which clip it is; the `order` tells two
            showings of a clip apart.
        """
        trials, count = self.trials, len(self)
        if not -count <= index < count:
            raise IndexError(f"trial {index} of {count}")
        row = index % count
        n = int(trials.n_steps[row])
        return {
            "features": _tensor(trials.features([row], self.modalities)[0, :n], np.float32),
            "labels": _tensor(trials.labels[row, :n], np.int64),
            "ratings": _tensor(trials.ratings[row, :n], np.float32),
            "subject": int(trials.subject[row]),
            "video": str(trials.video[row]),
            "condition": str(trials.condition[row]),
            "order": int(trials.order[row]),
        }

    def fold(self, number: int) -> Split:
        """Return the rows that train, validate and test in one fold, from 1.

        Raises
        ------
        TinglegramError : the study has no such fold.
        """
        folds = self._folds()
        return split(self.trials, folds, number, dict.fromkeys(self.without_pulse, "pulse"))


def _tensor(values: np.ndarray, kind: type) -> "torch.Tensor":
    # Takes seconds to load, and tables do without.
    import torch

    return torch.from_numpy(values.astype(kind))


def _chosen(study: SavedStudy, plan: Plan, modalities: Collection[str]) -> tuple[str, ...]:
    """Return the modalities in column order; one that the study does not have is refused."""
    has: dict[str, bool] = {
        "visual": study.has_stimuli and bool(plan.clips_with("picture")),
        "acoustic": study.has_stimuli and bool(plan.clips_with("sound")),
        "pulse": bool(study.with_pulse),
        **{kind: study.has_sensors and kind in plan.sensors for kind in SENSOR_TYPES},
    }
    available = [name for name in EVERY_MODALITY if has[name]]
    available += [n for n in study.feature_sets if plan.clips_with(plan.set_streams[n])]
    lacking = [name for name in modalities if name not in available]
    if lacking or not modalities:
        raise InputProblem(
            str(study.folder),
            expected=f"modalities of the study ({', '.join(available) or 'it has none'})",
            found=", ".join(lacking) or "none",
            remedy="Name some of these.",
        )
    return ordered(modalities)


def _n_mfcc(study: SavedStudy) -> int:
    return int(study.config["stimuli"]["n_mfcc"])


def _assembled(
    study: SavedStudy,
    plan: Plan,
    modalities: Collection[str],
    stimuli: Mapping[str, Mapping[str, np.ndarray]],
    sets: Mapping[str, Mapping[str, Mapping[str, np.ndarray]]],
    without: Collection[int],
) -> Trials:
    """Put the trials together as the jobs that train models do."""
    timing = study.config["timing"]
    steps_of = {
        clip: grid_steps(seconds, timing["warm_up"], timing["grid"])
        for clip, seconds in plan.lengths.items()
    }
    ratings = study.ratings()
    target = study.config.get("responses", {}).get("target", {})
    n_mfcc = _n_mfcc(study)
    return assemble(
        ratings[~ratings["subject"].isin(without)],
        plan.conditions,
        steps=max(steps_of.values()),
        steps_of=steps_of,
        grid=timing["grid"],
        target=ResponseTarget(above=target.get("above", 0), condition=plan.target),
        modalities=modalities,
        lacking={
            modality: [clip for clip in plan.conditions if clip not in plan.clips_with(stream)]
            for modality, stream in (
                *(("visual", "picture"), ("acoustic", "sound")),
                *plan.set_streams.items(),
            )
        },
        features=sets,
        stimuli=stimuli,
        pulse=study.pulse() if "pulse" in modalities else {},
        sensors=study.sensors() if {*SENSOR_TYPES} & {*modalities} else {},
        log_columns=(n_mfcc + 1, n_mfcc + 2),
    )


def _columns(
    modalities: Collection[str],
    stimuli: Mapping[str, Mapping[str, np.ndarray]],
    sets: Mapping[str, Mapping[str, Mapping[str, np.ndarray]]],
    n_mfcc: int,
) -> list[str]:
    """Name every feature column, as in the exported table but for what is a logarithm here."""
    # Loads librosa, which takes seconds, and tables do without.
    from tinglegram.stimuli.acoustic import column_names

    names = column_names(n_mfcc)
    for place in (n_mfcc + 1, n_mfcc + 2):
        names[place] = f"log1p_{names[place]}"
    own = {"pulse": ["pulse"]}
    own |= {kind: series_columns(kind) for kind in SENSOR_TYPES}
    own |= {name: set_columns(name, clips) for name, clips in sets.items()}
    kinds = [name for name in modalities if name not in own]
    found = own | feature_columns(stimuli, kinds, {"acoustic": names})
    return [column for name in modalities for column in found[name]]


def study_tables(results: str | Path, protocol: str) -> dict[str, pd.DataFrame]:
    """Return the tables of a study under one protocol, by name.

    Parameters
    ----------
    results, protocol : as for `TrialDataset`.

    Returns
    -------
    timeline : a row per trial.
    ratings : a row per trial and step.
    participants : their numbers, ids and covariates, where there are any.
    pulse_windows, folds, predictions : where the study has them; predictions of every model in
        one table, with `model`, `fold` and `seed` (1: the network that is scored) in front.
    agreement, pooled, ... : every other table of statistics by the name of its file; those of
        models have `model` in front.

    Raises
    ------
    InputProblem : there is no such study or protocol; the sentence says what there is.
    """
    study = open_study(Path(results), protocol)
    return {
        "timeline": study.timeline(),
        "ratings": study.ratings(),
        **study.tables_where_there_are(),
    }
