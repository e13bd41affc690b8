"""The data of the benchmark, simulated once by the library itself and used by every stage."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from tinglegram.behaviour.ratings import rating_grid
from tinglegram.behaviour.timeline import Behaviour, Timing, timeline
from tinglegram.files import write_arrays, write_json, write_table
from tinglegram.formats.biopac import read_export
from tinglegram.formats.presentation import read_log
from tinglegram.pulse.epochs import pack_epoch
from tinglegram.pulse.slicing import slice_by_index, slice_by_printed_time
from tinglegram.settings import as_object
from tinglegram.simulation import clips, design, logs, pulse_wave
from tinglegram.trials.folds import assign_roles

ROOT = Path(__file__).resolve().parents[1]

# Rests of a 12-minute session (paper, "Experimental Procedure"), seconds.
RESTS = (60.0, 120.0, 60.0)
# Sizes that are not the study's: each is said in the table of results.
SIZES = {
    # People whose logs are read, whose trials are assembled and whose predictions are resampled.
    "people": 34,
    # People for whom the plain reference extracts the features of one clip.
    "viewers": 4,
    # People and epochs of the training.
    "trained_people": 12,
    "epochs": 1,
    "frame_size": [640, 360],
    "frame_rate": "30",
    # The plain resampling runs one draw in so many; its time is multiplied by it.
    "draws_per_reference_draw": 100,
}


def paper_scale() -> dict[str, Any]:
    """Return the configuration of the real study, with the simulation of the demo in its size."""
    settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    demo = yaml.safe_load((ROOT / "workflow/studies/demo.yaml").read_text(encoding="utf-8"))
    settings["simulation"] = demo["data"]["simulation"] | {"rests": list(RESTS)}
    settings["bench"] = SIZES
    return settings


def read_settings(folder: Path) -> dict[str, Any]:
    """Read the settings that `prepare` stored."""
    return json.loads((folder / "settings.json").read_text(encoding="utf-8"))


def conditions(settings: dict[str, Any]) -> dict[str, str]:
    """Return clip code -> condition."""
    return {code: clip["condition"] for code, clip in settings["clips"].items()}


def steps(settings: dict[str, Any]) -> int:
    """Return the grid steps of a full clip."""
    timing = settings["timing"]
    return round((timing["clip"] - timing["warm_up"]) * timing["grid"])


def steps_first(settings: dict[str, Any]) -> int:
    """Return the grid steps of a trial shown first."""
    timing = settings["timing"]
    return round((timing["first_trial"] - timing["warm_up"]) * timing["grid"])


def study_timing(settings: dict[str, Any]) -> Timing:
    """Return the timing as the library takes it."""
    return as_object(settings, Timing)


def prepare(folder: Path, settings: dict[str, Any]) -> None:
    """Simulate everything the stages need and store it in `folder`."""
    labels = prepare_trials(folder, settings)
    _first_person(folder, settings)
    _clip(folder, settings)
    _predictions(folder, settings, labels)


def prepare_trials(folder: Path, settings: dict[str, Any]) -> pd.DataFrame:
    """Store the settings, every log, and what trials are made of; return the labels of all."""
    write_json(settings, folder / "settings.json")
    tables = []
    for subject in range(1, settings["bench"]["people"] + 1):
        log, path = _session(settings, subject)[2], folder / "log" / f"{subject:03d}.log"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(log)
        found = _timeline(settings, subject, log)
        tables.append(rating_grid(found.timeline, found.key_presses, settings["timing"]["grid"]))
    labels = pd.concat(tables, ignore_index=True)
    write_table(labels, folder / "all_labels.parquet")
    _matrices(folder, settings, labels)
    return labels


def _session(
    settings: dict[str, Any], subject: int
) -> tuple[design.SimulatedSession, dict[str, tuple[design.Press, ...]], bytes]:
    """Plan a person's session; return it with the presses and the log."""
    simulation, timing, seed = settings["simulation"], settings["timing"], settings["seed"]
    schedule = design.Schedule(timing["clip"], timing["first_trial"], tuple(simulation["rests"]))
    reporting = design.Reporting(
        **{
            name: simulation[name]
            for name in ("agreement", "non_responders", "level", "smoothness", "decision")
        },
        thresholds=tuple(simulation["thresholds"]),
    )
    session = design.plan_session(subject, conditions(settings), schedule, seed)
    presses = design.reports(session, timing["clip"], reporting, seed)
    log = logs.presentation_log(
        session,
        [press for made in presses.values() for press in made],
        {rating: code for code, rating in settings["ratings"].items()},
        {code: clip["file"] for code, clip in settings["clips"].items()},
        logs.log_layout(subject),
        seed,
    )
    return session, presses, log


def _timeline(settings: dict[str, Any], subject: int, log: bytes) -> Behaviour:
    name = f"{subject:03d}.log"
    return timeline(
        read_log(log, name).events,
        source=name,
        subject=subject,
        clips=conditions(settings),
        ratings=settings["ratings"],
        timing=study_timing(settings),
    )


def _first_person(folder: Path, settings: dict[str, Any]) -> None:
    """Write person 1's timeline and labels, and their pulse as text, whole and sliced."""
    session, presses, log = _session(settings, 1)
    found = _timeline(settings, 1, log)
    write_table(found.timeline, folder / "timeline.tsv")
    labels = rating_grid(found.timeline, found.key_presses, settings["timing"]["grid"])
    write_table(labels, folder / "labels.parquet")
    _recording(folder, settings, session, presses, found.timeline)


def _recording(
    folder: Path,
    settings: dict[str, Any],
    session: design.SimulatedSession,
    presses: dict[str, tuple[design.Press, ...]],
    trials: pd.DataFrame,
) -> None:
    simulation, channel = settings["simulation"], settings["pulse"]["channel"]
    cardiac = pulse_wave.Cardiac(
        resting=tuple(simulation["resting"]),
        coupling=simulation["coupling"],
        drift=simulation["drift"],
        noise=simulation["noise"],
    )
    rate = settings["pulse"]["sampling_rate"]
    pulse = pulse_wave.simulate_pulse(session, presses, cardiac, rate, settings["seed"])
    layout = pulse_wave.export_layout(session.subject)
    text = pulse_wave.biopac_text(pulse, f"{session.subject:03d}.acq", layout)
    (folder / "ppg.txt").write_bytes(text)
    recording = read_export(text, "ppg.txt", channel, rate)
    arrays = {"sampling_rate_hz": np.array(recording.sampling_rate_hz)}
    for trial in trials.itertuples():
        epoch = (recording, "ppg.txt", trial.video, trial.valid_start_s, trial.end_s)
        arrays |= pack_epoch(trial.video, slice_by_index(*epoch), slice_by_printed_time(*epoch))
    write_arrays(folder / "slices.npz", arrays)
    # The slices are stored in single precision; the whole recording gets the same values.
    signal = recording.signal.astype(np.float32).astype(np.float64)
    write_arrays(folder / "recording.npz", {"signal": signal, "time_s": recording.printed_time_s})


def _clip(folder: Path, settings: dict[str, Any]) -> None:
    simulation, (width, height) = settings["simulation"], settings["bench"]["frame_size"]
    form = clips.ClipFormat(
        width=width,
        height=height,
        frame_rate=Fraction(settings["bench"]["frame_rate"]),
        video_codec="mpeg4",
        audio_codec="libmp3lame",
        audio_rate=settings["stimuli"]["sample_rate"],
    )
    feeling = clips.Feeling(
        settings["timing"]["clip"], simulation["smoothness"], simulation["feature_signal"]
    )
    video, condition = next(iter(conditions(settings).items()))
    film = clips.simulate_clip(video, condition, feeling, form, settings["seed"])
    (folder / "clip.avi").write_bytes(film)


def _matrices(folder: Path, settings: dict[str, Any], labels: pd.DataFrame) -> None:
    """Write the features of every clip and the pulse of every trial: random, in their sizes."""
    draw = np.random.default_rng(settings["seed"])

    def random(*shape: int) -> np.ndarray:
        return draw.random(shape, dtype=np.float32)

    # Columns: 512 of ResNet-18; librosa's MFCCs and 11 more.
    n_acoustic = settings["stimuli"]["n_mfcc"] + 11
    stimuli = {}
    for code in conditions(settings):
        stimuli[f"{code}/visual"] = random(steps(settings), 512)
        stimuli[f"{code}/acoustic"] = random(steps(settings), n_acoustic)
        stimuli[f"{code}/acoustic_first"] = random(steps_first(settings), n_acoustic)
    write_arrays(folder / "stimuli.npz", stimuli)
    shown = labels.groupby(["subject", "video"]).size()
    write_arrays(folder / "pulse.npz", {f"{s}/{v}": random(n) for (s, v), n in shown.items()})


def _predictions(folder: Path, settings: dict[str, Any], labels: pd.DataFrame) -> None:
    """Write labels and made-up predictions of every test trial, padded to a full clip."""
    named = conditions(settings)
    tested = assign_roles(
        "double_independent",
        labels[["subject", "video"]].drop_duplicates(),
        named,
        n_folds=settings["folds"]["number"],
        subject_order="string",
        validation_fraction=0.1,
        seed=settings["seed"],
    ).query("role == 'test'")
    target = next(iter(named.values()))
    ratings = {key: rows["rating"].to_numpy() for key, rows in labels.groupby(["subject", "video"])}
    draw = np.random.default_rng(settings["seed"])
    label = np.zeros((len(tested), steps(settings)), dtype=bool)
    predicted = np.zeros_like(label)
    control = tested["video"].map(named).to_numpy() != target
    for row, trial in enumerate(tested.itertuples()):
        found = ratings[trial.subject, trial.video]
        label[row, : len(found)] = (found > 0) & ~control[row]
        # Right in most frames of the tested condition, seldom a false alarm in the other.
        wrong = draw.random(label.shape[1]) < (0.02 if control[row] else 0.3)
        predicted[row] = label[row] ^ wrong
    write_arrays(
        folder / "predictions.npz",
        {
            "subject": tested["subject"].to_numpy(dtype=np.int64),
            "fold": tested["fold"].to_numpy(dtype=np.int64),
            "control": control,
            "label": label,
            "predicted": predicted,
        },
    )
