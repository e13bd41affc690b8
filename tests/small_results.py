"""The results of a study so small that every number in them is known.

Three participants, two clips of different lengths (a film, a sound), features counted upwards; one
participant has no pulse.
"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from tinglegram.canonical.files import write_session, write_signals
from tinglegram.canonical.tables import Session, Signal, response_table, trial_table
from tinglegram.files import write_arrays, write_table

SEA_STEPS, RAIN_STEPS, FIRST_STEPS = 15, 10, 12
# One MFCC and what follows it.
WIDTH = 12
CONFIG = {
    "study": "small",
    "protocols": ["described", "corrected"],
    "data": {"root": "data", "stimuli": "stim"},
    "clips": {
        "sea": {"file": "sea.mp4", "condition": "calm"},
        "rain": {"file": "rain.wav", "condition": "wild", "duration": 1.5},
        # What an overlay took out stands in the saved configuration.
        "vid1": None,
    },
    "models": {"fusion": {"kind": "bilstm", "modalities": "auto"}, "visual": None},
    # What a merged configuration has, beyond what is asked of it here.
    "published_predictions": None,
    "own_protocols": {},
    "overrides": {},
    "controls": ["majority"],
    "perturbations": [],
    "training": {"network_seeds": {"described": 2, "released": 1, "corrected": 1}},
    "folds": {"scheme": "leave_one_participant_out", "number": None},
    "timing": {"clip": 2.0, "warm_up": 0.5, "grid": 10},
    "stimuli": {"n_mfcc": 1},
    "responses": {
        "dimensions": {"joy": {"kind": "continuous"}, "response": None},
        "target": {"dimension": "joy", "above": 1, "condition": "wild"},
    },
}


def rated(subject: int) -> pd.DataFrame:
    """Return ratings that count 0, 1, 2, 0, ...; participant 1 saw the sea first, cut off."""
    first = subject == 1
    shown = [("sea", 0 if first else 1, FIRST_STEPS if first else SEA_STEPS)]
    shown.append(("rain", 1 if first else 0, RAIN_STEPS))
    rows = [
        (subject, clip, CONFIG["clips"][clip]["condition"], order, step, step / 10, step % 3)
        for clip, order, n in sorted(shown, key=lambda one: one[1])
        for step in range(n)
    ]
    names = ["subject", "video", "condition", "order", "step", "time_s", "rating"]
    return pd.DataFrame(rows, columns=names)


def counted(n: int, width: int) -> np.ndarray:
    """Return 0, 1, 2, ... row by row."""
    return np.arange(n * width, dtype=np.float32).reshape(n, width)


def with_skin_conductance(results: Path) -> Path:
    """Give everyone of the study a skin conductance while the sea was shown."""
    config = yaml.safe_load((results / "config.yaml").read_text())
    config["data"]["reader"] = "csv"
    config["sensors"] = {"eda": None}
    (results / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    folder = results / "described"
    windows = {"video": ["sea"], "start_s": [0.0], "eda_tonic_us": [2.5], "eda_coverage": [1.0]}
    blocks = {"block": ["calm"], "eda_tonic_us": [2.5], "eda_share_poor": [0.0]}
    for subject in (1, 2, 3):
        name = f"{subject:03d}"
        n = FIRST_STEPS if subject == 1 else SEA_STEPS
        write_arrays(folder / f"sensors_10hz/{name}.npz", {"sea@eda": counted(n, 2)})
        for what, values in (("windows", windows), ("blocks", blocks)):
            table = pd.DataFrame({"subject": [subject], **values})
            write_table(table, folder / f"sensor_{what}/{name}.tsv")
    return results


def with_motion(results: Path) -> Path:
    """Add the features of motion to the study: of the sea; the rain is a sound alone."""
    config = yaml.safe_load((results / "config.yaml").read_text())
    config["models"]["eye"] = {"kind": "xgboost", "modalities": ["motion"]}
    (results / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    for clip, n in (("sea", SEA_STEPS), ("rain", RAIN_STEPS)):
        arrays = {"columns": np.array(["luminance", "flow"]), "time_s": np.arange(n) / 10}
        values = {"values": -counted(n, 2)} if clip == "sea" else {}
        write_arrays(results / f"described/features/motion/{clip}.npz", arrays | values)
    return results


def write_small_results(results: Path) -> Path:
    """Write the results of the study into a folder, and return it."""
    (results / "participants").mkdir(parents=True)
    (results / "config.yaml").write_text(yaml.safe_dump(CONFIG, sort_keys=False))
    (results / "participants/all.txt").write_text("001\n002\n003\n")
    (results / "participants/with_pulse.txt").write_text("001\n002\n")
    people = pd.DataFrame({"subject": [1, 2, 3], "participant_id": ["ada", "ben", "cleo"]})
    write_table(people, results / "participants.tsv")
    folder = results / "described"
    for subject in (1, 2, 3):
        ratings = rated(subject)
        write_table(ratings, folder / f"labels/{subject:03d}.parquet")
        lengths = ratings.groupby(["subject", "order", "video"])["step"].count()
        trials = lengths.rename("n_steps").reset_index()
        write_table(trials, results / f"timeline/{subject:03d}.tsv")
        shown = [("sea", 2.0), ("rain", 1.5)][:: 1 if subject == 1 else -1]
        session = Session(
            people["participant_id"][subject - 1],
            trial_table(
                [(n + 1, clip, n, 1.0 + 3 * n, length) for n, (clip, length) in enumerate(shown)]
            ),
            response_table([(1, "joy", 1.5, 2.0), (2, "joy", 4.5, 1.0)]),
        )
        base = results / f"canonical/{subject:03d}"
        names = ("trials", "responses", "notes")
        write_session(session, *(Path(f"{base}_{name}.tsv") for name in names))
        if subject < 3:
            wave = Signal("PPG", "ppg", "mV", np.ones(60), 0.0, 10.0)
            write_signals({"pulse": wave}, Path(f"{base}_signals.npz"))
            pulse = {row.video: np.full(row.n_steps, subject / 2) for row in trials.itertuples()}
            write_arrays(folder / f"pulse_10hz/{subject:03d}.npz", pulse)
            windows = pd.DataFrame({"subject": [subject], "video": ["sea"], "pulse_rate_bpm": 70.0})
            write_table(windows, folder / f"pulse_windows/{subject:03d}.tsv")
            blocks = pd.DataFrame({"subject": [subject], "pulse_rate_bpm": 70.0})
            write_table(blocks, folder / f"pulse_blocks/{subject:03d}.tsv")
    sea = {"visual": counted(SEA_STEPS, 2), "acoustic": counted(SEA_STEPS, WIDTH)}
    first = {"acoustic_first": -counted(FIRST_STEPS, WIDTH) / 1000}
    write_arrays(folder / "stimuli/sea.npz", sea | first)
    write_arrays(folder / "stimuli/rain.npz", {"acoustic": counted(RAIN_STEPS, WIDTH)})
    roles = [("train", "rain"), ("validation", "sea")]
    folds = [(1, 1, clip, role) for role, clip in roles] + [(1, 2, "sea", "test")]
    folds += [(1, 3, "sea", "test"), (1, 2, "rain", "unused")]
    write_table(
        pd.DataFrame(folds, columns=["fold", "subject", "video", "role"]), folder / "folds.tsv"
    )
    # Of participant 1 alone; the other files hold no row.
    probabilities = {"fold1": 0.25, "fold2": 0.5, "fold2/seed2": 0.75}
    for place in ("fold1", "fold1/seed2", "fold2", "fold2/seed2", "fold3", "fold3/seed2"):
        said = pd.DataFrame({"subject": [1], "probability": [probabilities.get(place, 0.0)]})
        rows = 1 if place in probabilities else 0
        write_table(said[:rows], folder / f"models/fusion/{place}/predictions.parquet")
        if "/" not in place:
            write_table(said[:0], folder / f"models/majority/{place}/predictions.parquet")
    write_table(pd.DataFrame({"r": [0.5]}), folder / "statistics/agreement.tsv")
    for model in ("fusion", "majority"):
        score = pd.DataFrame({"metric": ["accuracy"], "value": [len(model) / 10]})
        write_table(score, folder / f"statistics/{model}/pooled.tsv")
    return results


def without_sensor(results: Path) -> Path:
    """Take the pulse out of the results, as in a study that has no sensor, and return them."""
    (results / "participants/with_pulse.txt").write_text("")
    for place in ("pulse_10hz", "pulse_windows", "pulse_blocks"):
        shutil.rmtree(results / "described" / place)
    for signals in (results / "canonical").glob("*_signals.npz"):
        signals.unlink()
    return results
