"""Three studies in other people's formats, small, the same from the same seed, with what is true.

`bids_study`: word ids, four film lengths, no conditions, a slider at 1 Hz, a pulse recording whose
StartTime is not 0. `wrist_study`: tables, an irregular joystick in two dimensions, three
conditions, a wrist device with unix times. `button_study`: tables, a button held, sound alone or
picture alone, no sensor.

Each is a `GeneratedStudy`: bytes by path, the overlay that a user would write, and the truth.
"""

import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml
from clip_files import clip_file, sound_file

from tinglegram.behaviour.agreement import leave_one_out
from tinglegram.simulation.clip_format import ClipFormat
from tinglegram.simulation.clips import Feeling, simulate_clip
from tinglegram.simulation.design import shared_latent
from tinglegram.simulation.pulse_wave import template

FORM = ClipFormat(64, 48, Fraction(10), "mjpeg", "pcm_s16le", 16000)
SMOOTHNESS = 1.5
GRID_HZ = 10
# The first clips of config.yaml, which a study of its own takes out.
TAKEN_OUT = {f"vid{number}": None for number in range(1, 9)}
# Monday, 6 May 2024, 12:00 UTC.
UNIX_S = 1_714_996_800.0


class Film(NamedTuple):
    """A stimulus: its file below the study's folder, its length, and what it has."""

    stimulus_id: str
    file: str
    seconds: float
    condition: str | None = None
    picture: bool = True
    sound: bool = True


class Shown(NamedTuple):
    """One trial: seconds on the participant's clock at which the stimulus began."""

    participant_id: str
    stimulus_id: str
    order: int
    onset_s: float
    seconds: float


class Samples(NamedTuple):
    """What was written of a response: seconds since the onset of the stimulus, and values."""

    times_s: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class GeneratedStudy:
    """A study as files, and what is true of it.

    Attributes
    ----------
    files : path below the study's folder -> content.
    overlay : YAML as a user would write it; `{root}` stands for the study's folder.
    onsets_s : (participant, stimulus) -> second of the stimulus at which the response begins;
        before it every value is 0.
    samples : (participant, stimulus, dimension) -> what the files hold, before rounding.
    pulse_bpm : participant -> the steady pulse rate; empty without a sensor.
    skin_onsets_s : participant -> seconds on their clock at which skin conductance responses of
        `SKIN_US` begin; empty without one.
    temperature_c : participant -> the steady temperature of those who have one.
    """

    name: str
    films: tuple[Film, ...]
    participants: tuple[str, ...]
    trials: tuple[Shown, ...]
    files: Mapping[str, bytes]
    overlay: str
    onsets_s: Mapping[tuple[str, str], float]
    samples: Mapping[tuple[str, str, str], Samples]
    pulse_bpm: Mapping[str, float] = field(default_factory=dict)
    skin_onsets_s: Mapping[str, np.ndarray] = field(default_factory=dict)
    temperature_c: Mapping[str, float] = field(default_factory=dict)

    def held(self, stimulus_id: str, dimension: str, start_s: float = 0.0) -> np.ndarray:
        """Return the responses at 10 Hz from `start_s` on, (n_participants, n_steps); values hold.

        In the order of the participants; 0 before the first value.
        """
        (seconds,) = {film.seconds for film in self.films if film.stimulus_id == stimulus_id}
        steps = start_s + np.arange(round((seconds - start_s) * GRID_HZ)) / GRID_HZ
        rows = []
        for participant in self.participants:
            times, values = self.samples[participant, stimulus_id, dimension]
            last = np.searchsorted(times, steps + 1e-9, side="right")
            rows.append(np.concatenate([[0.0], values])[last])
        return np.array(rows)

    def agreement(self, stimulus_id: str, dimension: str, start_s: float = 0.0) -> float:
        """Return the mean correlation of each participant with all others at a stimulus."""
        return float(np.mean(leave_one_out(self.held(stimulus_id, dimension, start_s))))


def write(study: GeneratedStudy, folder: Path) -> Path:
    """Write a study's files into a folder, and its overlay beside them; return the overlay."""
    for name, content in study.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    overlay = folder.with_name(f"{folder.name}.yaml")
    overlay.write_text(study.overlay.replace("{root}", str(folder)), encoding="utf-8")
    return overlay


def felt(film: Film, onset_s: float, seed: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return what is felt at a second of a film: 0 before the onset, then 0.2 to 1.

    It follows what picture and sound carry (`tinglegram.simulation.clips`).
    """
    shared = shared_latent(film.stimulus_id, film.seconds, SMOOTHNESS, seed)
    level = 0.6 + 0.4 * np.tanh(shared)
    grid = np.arange(len(shared)) / GRID_HZ

    def value(times: np.ndarray) -> np.ndarray:
        return np.where(times >= onset_s, np.interp(times, grid, level), 0.0)

    return value


def stimulus_bytes(film: Film, seed: int) -> bytes:
    """Return the file of a stimulus, with picture, sound or both."""
    if film.picture and film.sound:
        look = "ASMR" if film.condition is None else film.condition
        feeling = Feeling(film.seconds, SMOOTHNESS, 0.8)
        return simulate_clip(film.stimulus_id, look, feeling, FORM, seed)
    if film.sound:
        return sound_file(film.seconds + 0.1, 16000).getvalue()
    frames = round((film.seconds + 0.1) * 10)
    return clip_file(frames, 10, video="mjpeg", audio=None, height=48).getvalue()


def order_of(films: Sequence[Film], number: int) -> list[Film]:
    """Return the films in the order of a participant: each begins at another one."""
    start = number % len(films)
    return [*films[start:], *films[:start]]


def sessions(
    films: Sequence[Film], participants: Sequence[str], first_s: float, pause_s: float
) -> list[Shown]:
    """Return all trials: films one after another with pauses, on each participant's clock."""
    found = []
    for number, participant in enumerate(participants):
        onset = first_s + 0.25 * number
        for order, film in enumerate(order_of(films, number)):
            found.append(Shown(participant, film.stimulus_id, order, onset, film.seconds))
            onset += film.seconds + pause_s
    return found


def planted_onsets(trials: Sequence[Shown], seed: int) -> dict[tuple[str, str], float]:
    """Return when each response begins: 2.5 to 5 s, in ms, near to each other at a stimulus."""
    found = {}
    for trial in trials:
        shared = np.random.default_rng([seed, *trial.stimulus_id.encode()]).uniform(2.5, 4.0)
        own = np.random.default_rng([seed, *f"{trial[:2]}".encode()]).uniform(0.0, 1.0)
        found[trial.participant_id, trial.stimulus_id] = round(float(shared + own), 3)
    return found


def rates(participants: Sequence[str]) -> dict[str, float]:
    """Return a pulse rate for each participant, bpm."""
    return {name: 62.0 + 4.5 * number for number, name in enumerate(participants)}


def pulse(bpm: float, times_s: np.ndarray, height: float, draw: np.random.Generator) -> np.ndarray:
    """Return a steady pulse wave: its systolic peaks lie at whole numbers of cycles."""
    wave = template(bpm / 60.0 * times_s) / 3.0
    return height * (wave + 0.01 * draw.standard_normal(len(times_s)))


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], separator: str = ",") -> bytes:
    """Return a text table."""
    lines = [separator.join(map(str, row)) for row in [columns, *rows]]
    return ("\n".join(lines) + "\n").encode()


def numbers(values: np.ndarray, digits: int) -> str:
    """Return rows of numbers as text, columns apart by tabs."""
    buffer = io.StringIO()
    np.savetxt(buffer, values, fmt=f"%.{digits}f", delimiter="\t", newline="\n")
    return buffer.getvalue()


def overlay_of(
    study: str,
    reader: str,
    options: Mapping[str, Any],
    rest: Mapping[str, Any],
    response: str,
    pulse_from: str | None = "ppg",
) -> str:
    """Return an overlay with what all three have in common: small models, no claims."""
    content = {
        "study": study,
        "protocols": ["corrected"],
        "data": {
            "root": "{root}",
            "reader": reader,
            "options": dict(options),
            **rest.get("data", {}),
        },
        **{key: value for key, value in rest.items() if key not in ("data", "models")},
        "timing": {"first_trial": None, "warm_up": 2.0},
        "pulse": {"signal": pulse_from, "sampling_rate": None},
        "stimuli": {"weights": "untrained", "image_size": 48},
        "models": {
            "fusion": {"kind": "bilstm", "modalities": "auto"},
            **{name: None for name in ("visual", "acoustic", "xgboost")},
            **rest.get("models", {}),
        },
        "training": {
            "bilstm": {"hidden": 8, "epochs": 2, "learning_rate": 0.01},
            "network_seeds": {"corrected": 1},
        },
        "folds": {"scheme": "double_independent", "number": 2},
        "perturbations": [],
        "statistics": {
            "bootstrap": 200,
            "permutations": 200,
            "retrainings": {"bilstm": 0, "xgboost": 0},
        },
        "report": {
            "title": study,
            "response": response,
            "claims": False,
            "tinglegram_subjects": "all",
        },
    }
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def clips_of(films: Sequence[Film]) -> dict[str, Any]:
    """Return the section `clips`: REST-ASMR's taken out, one's own put in."""
    return TAKEN_OUT | {
        film.stimulus_id: {
            "file": film.file.split("/")[1],
            "duration": film.seconds,
            "condition": film.condition,
            # What the ending does not tell.
            **({} if film.sound or not film.picture else {"streams": ["picture"]}),
        }
        for film in films
    }


# ---- (a) BIDS ------------------------------------------------------------------------------------

AREAS = tuple(f"sub-{name}" for name in ("area", "bridge", "cloud", "delta", "ember", "field"))
PPG_HZ = 100.0


def bids_study(seed: int = 1) -> GeneratedStudy:
    """Four films of unequal length, a slider at 1 Hz, PPG at 100 Hz; a run for each film."""
    lengths = {"harbour": 9.0, "forest": 11.0, "kitchen": 12.5, "station": 14.0}
    films = tuple(Film(name, f"stimuli/{name}.avi", s) for name, s in lengths.items())
    # Every run has its own clock, whose time 0 is that of the scanner.
    trials = tuple(t._replace(onset_s=2.0 + 0.5 * t.order) for t in sessions(films, AREAS, 0.0, 4))
    onsets, bpm = planted_onsets(trials, seed), rates(AREAS)
    by_id = {film.stimulus_id: film for film in films}
    samples = {}
    files = {film.file: stimulus_bytes(film, seed) for film in films} | _bids_heads(films)
    for trial in trials:
        key = (trial.participant_id, trial.stimulus_id)
        times = np.arange(int(trial.seconds)) / 1.0
        # Nobody moves a slider as far as another does: the same values twice would be a copy.
        reach = 1.0 - 0.02 * AREAS.index(trial.participant_id)
        values = reach * felt(by_id[trial.stimulus_id], onsets[key], seed)(times)
        samples[*key, "Anxiety"] = Samples(times, values)
        draw = np.random.default_rng([seed, trial.order, AREAS.index(trial.participant_id)])
        files |= _bids_run(trial, values, bpm[trial.participant_id], draw)
    for participant in AREAS:
        own = [trial for trial in trials if trial.participant_id == participant]
        files[f"{participant}/{participant}_scans.tsv"] = table(
            ["filename", "acq_time"],
            [[f"{_run(t)}_events.tsv", f"2024-05-06T12:{2 * t.order:02d}:00"] for t in own],
            "\t",
        )
    responses = {
        "dimensions": {
            "response": None,
            "Anxiety": {
                "kind": "continuous",
                "range": [0.0, 1.0],
                "initial": 0.0,
                "interpolation": "hold",
            },
        },
        "target": {"dimension": "Anxiety", "above": 0.0, "condition": None},
    }
    overlay = overlay_of(
        "generated_bids",
        "bids",
        {"task": "*"},
        {
            "data": {"stimuli": "stimuli"},
            "clips": clips_of(films),
            "responses": responses,
        },
        "anxiety",
    )
    return GeneratedStudy("bids", films, AREAS, trials, files, overlay, onsets, samples, bpm)


def _run(trial: Shown) -> str:
    """Return the beginning of the names of a run's files, below the participant's folder."""
    return f"beh/{trial.participant_id}_task-{trial.stimulus_id}"


def _bids_heads(films: Sequence[Film]) -> dict[str, bytes]:
    about = {"Name": "Generated films", "BIDSVersion": "1.10.0", "DatasetType": "raw"}
    people = [[name, 20 + 3 * number] for number, name in enumerate(AREAS)]
    tasks = {
        f"task-{film.stimulus_id}_events.json": _json({"TaskName": film.stimulus_id})
        for film in films
    }
    return tasks | {
        "dataset_description.json": _json(about),
        "README": b"Made by tests/generated_studies.py.\n",
        "participants.tsv": table(["participant_id", "age"], people, "\t"),
    }


def _bids_run(
    trial: Shown, values: np.ndarray, bpm: float, draw: np.random.Generator
) -> dict[str, bytes]:
    start = f"{trial.participant_id}/{_run(trial)}"
    # The recorder runs before the scanner does, or begins later.
    begins = -1.25 if trial.order % 2 == 0 else 0.75
    times = begins + np.arange(round((trial.onset_s + trial.seconds + 3.0) * PPG_HZ)) / PPG_HZ
    events = [[trial.onset_s, trial.seconds, "film", f"{trial.stimulus_id}.avi"]]
    slider = {
        "SamplingFrequency": 1,
        "StartTime": trial.onset_s,
        "Columns": ["Anxiety"],
        "Anxiety": {"Description": "Slider, 0 to 1", "Units": "a.u."},
    }
    physio = {
        "SamplingFrequency": PPG_HZ,
        "StartTime": begins,
        "Columns": ["PPG - PPG100C"],
        "PPG - PPG100C": {"Units": "V"},
    }
    return {
        f"{start}_events.tsv": table(
            ["onset", "duration", "trial_type", "stim_file"], events, "\t"
        ),
        f"{start}_recording-Anxiety_stim.tsv.gz": _gz(numbers(values[:, None], 5)),
        f"{start}_recording-Anxiety_stim.json": _json(slider),
        f"{start}_physio.tsv.gz": _gz(numbers(pulse(bpm, times, 1.5, draw)[:, None], 5)),
        f"{start}_physio.json": _json(physio),
    }


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode()


def _gz(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0, compresslevel=1)


# ---- (b) tables and a wrist device ---------------------------------------------------------------

WRISTS = tuple(f"P{number:02d}" for number in range(1, 7))
BVP_HZ, EDA_HZ = 64.0, 4.0
# Height of a planted skin conductance response and the level it stands on, µS; the thermometer of
# one wrist is broken.
SKIN_US, LEVEL_US, BROKEN = 0.4, 3.0, WRISTS[1]


KINDS = {"joy": 0.8, "calm": 0.3, "fear": -0.7}
# Ten conditions, and the valence of each.
TEN_KINDS = KINDS | {
    **{"anger": -0.8, "awe": 0.6, "disgust": -0.6, "sadness": -0.4},
    **{"surprise": 0.2, "tenderness": 0.7, "neutral": 0.1},
}


def ten_study(clips_each: int = 2, seed: int = 4) -> GeneratedStudy:
    """Return `wrist_study` with sounds of ten conditions."""
    films = [
        Film(f"{kind}{i}", f"stim/{kind}{i}.wav", 6.0 + n % 4 + 0.5 * i, kind, picture=False)
        for n, kind in enumerate(TEN_KINDS)
        for i in range(1, clips_each + 1)
    ]
    return _of_wrists("ten", films, seed)


def wrist_study(seed: int = 2) -> GeneratedStudy:
    """Six films of three conditions, a joystick of two dimensions in unix ms, an E4 folder each.

    Skin conductance responds to every film when the participant does.
    """
    films = [
        Film(f"{kind}{i}", f"stim/{kind}{i}.avi", 8.0 + n + 0.5 * i, kind)
        for n, kind in enumerate(KINDS)
        for i in (1, 2)
    ]
    return _of_wrists("wrist", films, seed)


def _of_wrists(study: str, shown_films: Sequence[Film], seed: int) -> GeneratedStudy:
    films = tuple(shown_films)
    trials = tuple(sessions(films, WRISTS, 12.0, 4.0))
    onsets, bpm = planted_onsets(trials, seed), rates(WRISTS)
    by_id = {film.stimulus_id: film for film in films}
    files = {film.file: stimulus_bytes(film, seed) for film in films}
    samples: dict[tuple[str, str, str], Samples] = {}
    shown, moved = [], {name: list[list[object]]() for name in WRISTS}
    for trial in trials:
        name, film = trial.participant_id, by_id[trial.stimulus_id]
        start_ms = round(_unix_s(name) * 1000 + trial.onset_s * 1000)
        shown.append(
            [
                name,
                film.stimulus_id,
                start_ms,
                start_ms + round(film.seconds * 1000),
                film.condition,
            ]
        )
        draw = np.random.default_rng([seed, trial.order, WRISTS.index(name)])
        # Whole milliseconds: 50 to 180 apart, the first within 50 ms of the onset.
        steps = draw.integers(50, 181, int(film.seconds / 0.05))
        late = np.cumsum(steps) - steps[0] + draw.integers(0, 50)
        late = late[late < film.seconds * 1000]
        arousal = felt(film, onsets[name, film.stimulus_id], seed)(late / 1000)
        valence = arousal * TEN_KINDS[str(film.condition)]
        samples[name, film.stimulus_id, "x"] = Samples(late / 1000, valence)
        samples[name, film.stimulus_id, "y"] = Samples(late / 1000, arousal)
        moved[name] += [
            [start_ms + ms, f"{x:.5f}", f"{y:.5f}"]
            for ms, x, y in zip(late.tolist(), valence, arousal, strict=True)
        ]
    skin = {
        name: np.array(
            [t.onset_s + onsets[name, t.stimulus_id] for t in trials if t.participant_id == name]
        )
        for name in WRISTS
    }
    warm = {name: 31.0 + 0.5 * n for n, name in enumerate(WRISTS) if name != BROKEN}
    files["trials.csv"] = table(["participant", "video", "start_ms", "end_ms", "condition"], shown)
    for number, name in enumerate(WRISTS):
        files[f"joystick/{name}.csv"] = table(["timestamp", "x", "y"], moved[name], ";")
        last = max(t.onset_s + t.seconds for t in trials if t.participant_id == name)
        draw = np.random.default_rng([seed, 99, number])
        files |= _wrist_device(f"e4/{name}", _unix_s(name), last + 12.0, bpm[name], draw)
        files |= _skin(f"e4/{name}", _unix_s(name), last + 12.0, skin[name], warm.get(name), draw)
    both = {"kind": "continuous", "range": [-1.0, 1.0], "initial": 0.0, "interpolation": "hold"}
    responses = {
        "dimensions": {"response": None, "x": both, "y": dict(both)},
        "target": {"dimension": "y", "above": 0.0, "condition": None},
    }
    device = {"reader": "empatica", "root": "{root}/e4", "options": {"files": "{participant}/"}}
    rest = {"data": {"signals": device}, "clips": clips_of(films), "responses": responses}
    rest["sensors"] = {"eda": None, "temperature": None}
    rest["models"] = {"skin": {"kind": "xgboost", "modalities": ["eda"]}}
    overlay = overlay_of(f"generated_{study}", "csv", WRIST_OPTIONS, rest, "arousal")
    truth = (films, WRISTS, trials, files, overlay, onsets, samples, bpm, skin, warm)
    return GeneratedStudy(study, *truth)


def _unix_s(participant: str) -> float:
    """Return the unix second at which a participant's device was switched on: its time 0."""
    return UNIX_S + 3600.0 * WRISTS.index(participant)


def _wrist_device(
    folder: str, unix_s: float, seconds: float, bpm: float, draw: np.random.Generator
) -> dict[str, bytes]:
    """Return the files of an Empatica E4: unix second, rate, then a value a line."""
    times = np.arange(round(seconds * BVP_HZ)) / BVP_HZ
    # Between two beats lie 60 / bpm seconds; a beat's row holds its time and the interval before.
    beats = np.arange(1, int(seconds * bpm / 60.0)) * 60.0 / bpm
    beat_rows = "".join(f"{beat:.6f},{60.0 / bpm:.6f}\n" for beat in beats)
    # The device gives its first rate after 10 s.
    heart = np.full(int(seconds) - 10, bpm)

    return {
        f"{folder}/BVP.csv": _e4(BVP_HZ, unix_s, pulse(bpm, times, 90.0, draw), 2),
        f"{folder}/HR.csv": _e4(1.0, unix_s + 10.0, heart, 2),
        f"{folder}/IBI.csv": f"{unix_s:.6f}, IBI\n{beat_rows}".encode(),
    }


def _e4(rate: float, start: float, values: np.ndarray, digits: int) -> bytes:
    return f"{start:.6f}\n{rate:.6f}\n{numbers(values[:, None], digits)}".encode()


def _skin(
    folder: str,
    unix_s: float,
    seconds: float,
    onsets_s: np.ndarray,
    celsius: float | None,
    draw: np.random.Generator,
) -> dict[str, bytes]:
    """Return skin conductance with a response at each onset, and temperature unless it is None."""
    times = np.arange(round(seconds * EDA_HZ)) / EDA_HZ
    conductance = skin_conductance(times, onsets_s, np.full(len(onsets_s), SKIN_US), LEVEL_US)
    conductance += 0.002 * draw.standard_normal(len(times))
    files = {f"{folder}/EDA.csv": _e4(EDA_HZ, unix_s, conductance, 6)}
    if celsius is not None:
        warm = celsius + 0.02 * draw.standard_normal(len(times))
        files[f"{folder}/TEMP.csv"] = _e4(EDA_HZ, unix_s, warm, 2)
    return files


def skin_conductance(
    times_s: np.ndarray,
    onsets_s: np.ndarray,
    amplitudes: np.ndarray,
    level: float,
    rise_fall_s: tuple[float, float] = (0.75, 2.5),
) -> np.ndarray:
    """Return a level with responses, (n,) µS: each the difference of two exponentials."""
    fast, slow = rise_fall_s
    top_s = np.log(slow / fast) * fast * slow / (slow - fast)
    top = np.exp(-top_s / slow) - np.exp(-top_s / fast)
    found = np.full(len(times_s), level)
    for onset, amplitude in zip(onsets_s, amplitudes, strict=True):
        since = np.maximum(times_s - onset, 0.0)
        found += amplitude / top * (np.exp(-since / slow) - np.exp(-since / fast))
    return found


# ---- (c) a held button ---------------------------------------------------------------------------

NAMES = ("ada", "ben", "cleo", "dora", "emil", "fay")


def button_study(seed: int = 3) -> GeneratedStudy:
    """Sounds without picture and films without sound, a button held twice a trial, no sensor."""
    films = (
        Film("rain", "stim/rain.wav", 10.0, "sound", picture=False),
        Film("tapping", "stim/tapping.wav", 12.0, "sound", picture=False),
        Film("brush", "stim/brush.avi", 9.0, "picture", sound=False),
        Film("folding", "stim/folding.avi", 13.0, "picture", sound=False),
    )
    trials = tuple(sessions(films, NAMES, 3.0, 5.0))
    onsets = planted_onsets(trials, seed)
    files = {film.file: stimulus_bytes(film, seed) for film in films}
    samples, shown, pressed = {}, [], []
    for trial in trials:
        name, stimulus_id = trial.participant_id, trial.stimulus_id
        begin = onsets[name, stimulus_id]
        # Held for 1.5 s, released for 1 s, then held until shortly before the end.
        edges = np.round([begin, begin + 1.5, begin + 2.5, trial.seconds - 0.4], 3)
        samples[name, stimulus_id, "tingle"] = Samples(edges, np.array([1.0, 0.0, 1.0, 0.0]))
        shown.append([name, stimulus_id, f"{trial.onset_s:.3f}", f"{trial.seconds:.3f}"])
        pressed += [
            [name, f"{trial.onset_s + second:.3f}", event]
            for second, event in zip(edges, ("press", "release") * 2, strict=True)
        ]
    files["trials.csv"] = table(["participant", "stimulus", "onset_s", "duration_s"], shown)
    files["button.csv"] = table(["participant", "time_s", "event"], pressed)
    dimension = {"kind": "hold", "range": [0.0, 1.0], "initial": 0.0, "interpolation": "hold"}
    responses = {
        "dimensions": {"response": None, "tingle": dimension},
        "target": {"dimension": "tingle", "above": 0.0, "condition": None},
    }
    rest = {"clips": clips_of(films), "responses": responses}
    overlay = overlay_of("generated_button", "csv", BUTTON_OPTIONS, rest, "tingle", None)
    return GeneratedStudy("button", films, NAMES, trials, files, overlay, onsets, samples)


# What the reader of tables is told (docs/readers.md).
WRIST_OPTIONS: dict[str, Any] = {
    "trials": {
        **{"files": "trials.csv", "participant": "participant", "stimulus": "video"},
        **{"unit": "ms", "clock": "unix", "onset": "start_ms", "end": "end_ms"},
    },
    "responses": [
        {
            **{"files": "joystick/{participant}.csv", "unit": "ms", "clock": "unix"},
            **{"time": "timestamp", "value": {"x": "x", "y": "y"}},
        }
    ],
}
BUTTON_OPTIONS: dict[str, Any] = {
    "trials": {
        **{"files": "trials.csv", "participant": "participant", "stimulus": "stimulus"},
        **{"onset": "onset_s", "duration": "duration_s"},
    },
    "responses": [
        {
            **{"files": "button.csv", "participant": "participant", "dimension": "tingle"},
            **{"time": "time_s", "event": "event"},
        }
    ],
}
STUDIES: dict[str, Callable[[], GeneratedStudy]] = {
    "bids": bids_study,
    "wrist": wrist_study,
    "button": button_study,
}
