"""The overlay that `tinglegram init` writes: what was found in a folder, and open questions."""

import re
import shlex
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import yaml

from tinglegram.inputs.inference import DimensionGuess, FolderGuess, StimulusFile
from tinglegram.sensors.settings import SENSOR_TYPES
from tinglegram.study.table_options import option_questions, table_options

# The stimuli of config.yaml, which a study of its own takes out.
OF_REST_ASMR = tuple(f"vid{number}" for number in range(1, 9))
QUESTION = "# QUESTION: "
# ASSUMPTION: a round scale holds the values found; the first that does is taken, and asked about.
_SCALES = ((0, 1), (-1, 1), (0, 10), (-10, 10), (0, 100), (-100, 100), (0, 255), (0, 1000))
_WIDTH = 100


def study_name(folder: str) -> str:
    """Return a name for the study of a folder: letters, digits, _ and -."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", folder).strip("_-") or "study"


def stimulus_code(name: str) -> str:
    """Return the code of a stimulus: its name without folder and ending; letters, digits and _."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", PurePosixPath(name).name)
    return re.sub(r"[^A-Za-z0-9_]+", "_", stem).strip("_") or "stimulus"


def condition_name(text: str) -> str | None:
    """Return a condition as the configuration names it; None where the table names none."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")
    if not name:
        return "condition" if any(sign.isalnum() for sign in text) else None
    return name if name[0].isalpha() else f"c{name}"


def numbered_names(names: Iterable[str], plain: Callable[[str], str]) -> dict[str, str]:
    """Return name -> what the study calls it, with a number where another is called so.

    Parameters
    ----------
    plain : what a name is called where no other is called alike.
    """
    wanted = {name: plain(name) for name in names}
    found: dict[str, str] = {}
    for name, called in wanted.items():
        free, number = called, 2
        while free in found.values() or (free != called and free in wanted.values()):
            free, number = f"{called}_{number}", number + 1
        found[name] = free
    return found


def _alike(called: Mapping[str, str], plain: Callable[[str], str], what: str) -> Iterator[str]:
    """Yield a question for names of different things that differ in a number alone."""
    alike: dict[str, list[str]] = {}
    for name in called:
        alike.setdefault(plain(name), []).append(name)
    for names in alike.values():
        if len(names) > 1:
            pairs = ", ".join(f"{name} as {called[name]}" for name in names)
            yield (
                f"Names have letters of the Latin alphabet, digits and _ here, so {what} are told "
                f"apart by a number: {pairs}. Do they differ? Give them better names."
            )


def overlay_text(guess: FolderGuess, root: str, name: str, path: str) -> str:
    """Return an overlay for a folder of raw data, as YAML with comments.

    Parameters
    ----------
    guess : what the folder looks like.
    root : the folder, as the overlay shall name it.
    name : of the study.
    path : of the overlay, for the commands that it names.
    """
    folder, clips, asked = _clips(guess)
    head = [
        *(f"# Written by tinglegram init: {sentence}" for sentence in guess.seen),
        "# Answer each QUESTION, delete it, then: "
        + shlex.join(["tinglegram", "check", root, "--config", path]),
    ]
    head += [] if guess.reader else ["# Nothing here tells who was shown what, and when."]
    parts = [
        (head, {"study": name, "protocols": ["corrected"]}),
        (question_lines([*guess.questions, *_reader_questions(guess)]), _data(guess, root, folder)),
    ]
    if guess.reader != "rest_asmr":
        parts += [
            (question_lines(asked) + _about_clips(guess), {"clips": clips}),
            (_about_responses(guess), {"responses": _responses(guess)}),
            (
                question_lines(
                    ["Do the first seconds of each stimulus count? Then set warm_up to 0."]
                )
                + ["# Seconds at the start of each stimulus that only set the initial state."],
                {"timing": {"first_trial": None, "warm_up": _warm_up(guess)}},
            ),
            (
                ["# The signal that the pulse is taken from; null: none."],
                {"pulse": {"signal": _pulse(guess), "sampling_rate": None}},
            ),
            *_of_sensors(guess),
            (["# Models use what there is."], {"models": _models(guess)}),
            (
                ["# Pairs of stimuli, stimuli or groups of participants are left out in turn."],
                {"folds": {"scheme": "auto", "number": None}},
            ),
            ([], {"perturbations": _perturbations(guess)}),
        ]
    report: dict[str, Any] = {"title": name}
    if guess.reader != "rest_asmr":
        # What is reported, in a word.
        report["response"] = _responses(guess)["target"]["dimension"].lower()
    parts.append(([], {"report": report | {"claims": False, "tinglegram_subjects": "all"}}))
    return overlay_of_parts(parts)


def overlay_of_parts(parts: Sequence[tuple[Sequence[str], Mapping[str, Any]]]) -> str:
    """Return sections of an overlay as YAML, the comment lines of each in front of it."""
    return "\n".join(
        "".join(f"{line}\n" for line in comments) + _dumped(section) for comments, section in parts
    )


def _dumped(section: Mapping[str, Any]) -> str:
    return yaml.safe_dump(
        dict(section), sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=None
    )


def question_lines(sentences: Sequence[str]) -> list[str]:
    """Return questions as comments, one of several lines where it is long."""
    lines: list[str] = []
    for sentence in dict.fromkeys(sentences):
        lines += textwrap.wrap(
            " ".join(sentence.split()),
            _WIDTH,
            initial_indent=QUESTION,
            subsequent_indent="#   ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines


# ---- data ----------------------------------------------------------------------------------------


def _reader_questions(guess: FolderGuess) -> Iterator[str]:
    if not guess.reader:
        yield (
            "Which reader fits (docs/readers.md)? csv reads tables of trials and responses; a "
            "script of your own reads anything."
        )
    if guess.reader == "csv":
        yield from option_questions(guess)


def _data(guess: FolderGuess, root: str, stimuli: str) -> dict[str, Any]:
    data: dict[str, Any] = {"root": root}
    if guess.reader == "rest_asmr":
        return {"data": data}
    data["reader"] = guess.reader or "csv"
    data["options"] = dict(guess.options)
    codes = numbered_names(guess.stimulus_ids, stimulus_code)
    renamed = {name: code for name, code in codes.items() if code != name}
    if guess.reader == "csv":
        data["options"] |= table_options(guess, renamed, _dimension_names(guess.dimensions))
    if guess.reader == "bids" and renamed:
        data["options"]["rename"] = renamed
    data["stimuli"] = stimuli
    if guess.signals_reader:
        below = str(PurePosixPath(root) / guess.signals_folder)
        data["signals"] = {"reader": guess.signals_reader, "root": below}
        data["signals"]["options"] = dict(guess.signals_options)
    return {"data": data}


# ---- stimuli -------------------------------------------------------------------------------------


def _clips(guess: FolderGuess) -> tuple[str, dict[str, Any], list[str]]:
    """Return the folder of the stimuli, the section `clips`, and questions about it."""
    folders = {str(PurePosixPath(stimulus.path).parent) for stimulus in guess.stimuli}
    folder = folders.pop() if len(folders) == 1 else "."
    # Files of one name, in two folders or formats, are one stimulus.
    stems = {PurePosixPath(s.path).stem: s.path for s in guess.stimuli}
    plain = {name: stimulus_code(name) for name in guess.stimulus_ids}
    plain = plain or {stem: stimulus_code(path) for stem, path in stems.items()}
    codes = numbered_names(plain, plain.__getitem__)
    asked = list(_alike(codes, plain.__getitem__, "stimuli"))
    of_stimuli = {name: condition for name, condition in guess.conditions.items() if name in plain}
    named = {text: condition_name(text) for text in dict.fromkeys(of_stimuli.values())}
    conditions = numbered_names([t for t in named if named[t]], lambda text: str(named[text]))
    asked += _alike(conditions, lambda text: str(named[text]), "conditions")
    clips: dict[str, Any] = dict.fromkeys(OF_REST_ASMR)
    taken: set[str] = set()
    for name, code in codes.items():
        alone = list(plain.values()).count(plain[name]) == 1
        files = _files_of(name, plain[name] if alone else None, guess.stimuli)
        taken |= {file.path for file in files}
        asked += [f"{files[0].path} or {f.path}: which one was shown?" for f in files[1:]]
        entry = _entry(files[0] if files else None, folder, guess.shown_s.get(name))
        if entry["file"] is None:
            asked.append(f"No file of stimulus {code} was found: where is it, how long is it?")
        if entry["duration"] is None:
            asked.append(f"How many seconds was {code} shown? Set its duration.")
        entry["condition"] = conditions.get(guess.conditions.get(name, ""))
        clips[code] = entry
    for path in (s.path for s in guess.stimuli if s.path not in taken):
        asked.append(f"{path} is named by no trial: was it shown?")
    if not codes:
        asked.append("No stimulus was found: add each one here, with its file or its duration.")
    return folder, clips, sorted(asked)


def _files_of(name: str, code: str | None, stimuli: Sequence[StimulusFile]) -> list[StimulusFile]:
    """Return the files that may be of a stimulus: of its path, else its name, else its code."""
    last = PurePosixPath(name).name
    found = (
        [s for s in stimuli if f"/{s.path}".endswith(f"/{name}")],
        [s for s in stimuli if last in (PurePosixPath(s.path).name, PurePosixPath(s.path).stem)],
        [s for s in stimuli if stimulus_code(s.path) == code],
    )
    return next((files for files in found if files), [])


def _entry(stimulus: StimulusFile | None, folder: str, shown_s: float | None) -> dict[str, Any]:
    if stimulus is None:
        return {"file": None, "duration": shown_s}
    path = PurePosixPath(stimulus.path)
    named = str(path.relative_to(folder)) if folder != "." else str(path)
    # It cannot be shown for longer than it is.
    lengths = [s for s in (stimulus.seconds, shown_s) if s is not None]
    seconds = round(min(lengths), 3) if lengths else None
    found: dict[str, Any] = {"file": named, "duration": seconds}
    if not (stimulus.has_picture and stimulus.has_sound):
        found["streams"] = ["picture"] if stimulus.has_picture else ["sound"]
    return found


def _about_clips(guess: FolderGuess) -> list[str]:
    lines = ["# Seconds for which each is shown: of the trials, or of the file."]
    if not guess.conditions:
        lines += question_lines(
            ["Do stimuli belong to conditions? Name the condition of each; else null."]
        )
    return lines


# ---- responses -----------------------------------------------------------------------------------


def _scale(dimension: DimensionGuess) -> list[float]:
    for low, high in _SCALES:
        if low <= dimension.low and dimension.high <= high:
            return [float(low), float(high)]
    return [dimension.low, dimension.high]


def _responses(guess: FolderGuess) -> dict[str, Any]:
    dimensions = guess.dimensions or (DimensionGuess("response", "continuous", 0.0, 1.0),)
    described: dict[str, Any] = {}
    names = _dimension_names(dimensions)
    if "response" not in names.values():
        # The dimension of config.yaml, which a study of its own takes out.
        described["response"] = None
    for dimension in dimensions:
        ordinal = dimension.kind == "ordinal"
        ends = [dimension.low, dimension.high] if ordinal else _scale(dimension)
        at_rest = dimension.low if ordinal else max(0.0, ends[0])
        described[names[dimension.name]] = {
            "kind": dimension.kind,
            "range": ends,
            "initial": at_rest,
            "interpolation": "hold",
        }
    name = names[dimensions[0].name]
    first = described[name]
    target = {"dimension": name, "above": first["initial"], "condition": None}
    return {"dimensions": described, "target": target}


def _dimension_names(dimensions: Sequence[DimensionGuess]) -> dict[str, str]:
    return numbered_names((dimension.name for dimension in dimensions), _dimension_name)


def _dimension_name(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    return plain if plain[:1].isalpha() else f"d{plain}"


def _about_responses(guess: FolderGuess) -> list[str]:
    asked = []
    if not guess.dimensions:
        asked.append("No response was found: what did people report, and on which scale?")
    asked += _alike(_dimension_names(guess.dimensions), _dimension_name, "dimensions")
    for dimension in guess.dimensions:
        if dimension.kind != "hold":
            asked.append(
                f"{dimension.name} goes from {dimension.low:g} to {dimension.high:g} in what was "
                "looked at: which range can it have, and where does it stand before the first "
                "value (initial)?"
            )
    target = _responses(guess)["target"]
    asked.append(
        f"Class 1 is {target['dimension']} above {target['above']:g} in any condition: is that "
        "what the study asks?"
    )
    return question_lines(asked)


# ---- models --------------------------------------------------------------------------------------


def _lengths(guess: FolderGuess) -> list[float]:
    return [s.seconds for s in guess.stimuli if s.seconds is not None]


def _warm_up(guess: FolderGuess) -> float:
    """Return 5 s, or less where stimuli are short: at least three quarters of each must be left."""
    return float(min(5.0, int(min(_lengths(guess), default=20.0) / 4.0)))


def _models(guess: FolderGuess) -> dict[str, Any]:
    return starting_models(
        any(s.has_picture for s in guess.stimuli) or not guess.stimuli,
        any(s.has_sound for s in guess.stimuli) or not guess.stimuli,
    )


def starting_models(has_picture: bool, has_sound: bool) -> dict[str, Any]:
    """Return models that use what a study has, laid over those of config.yaml."""
    alone = {"visual": has_picture, "acoustic": has_sound}
    return {
        "fusion": {"kind": "bilstm", "modalities": "auto"},
        **{name: None for name, there in alone.items() if not there},
        "xgboost": {"kind": "xgboost", "modalities": "auto"},
    }


def _pulse(guess: FolderGuess) -> str | None:
    """Return the type of signal that tells the pulse best, of those there are."""
    present = {signal.type for signal in guess.signals}
    return next((kind for kind in ("ppg", "ecg", "ibi", "hr") if kind in present), None)


def _of_sensors(guess: FolderGuess) -> list[tuple[list[str], dict[str, Any]]]:
    """Return the section of signals other than the pulse; nothing where there is none."""
    named: dict[str, list[str]] = {}
    for signal in guess.signals:
        if signal.type in SENSOR_TYPES:
            named.setdefault(signal.type, []).append(signal.name)
    if not named:
        return []
    comments = [
        "# Other signals, each with its channel; null: the one of that type (docs/sensors.md)."
    ]
    comments += question_lines(
        [
            f"Channels {', '.join(names)} are all of type {kind}: which one is used?"
            for kind, names in named.items()
            if len(set(names)) > 1
        ]
    )
    wanted = {
        k: named[k][0] if len(set(named[k])) > 1 else None for k in SENSOR_TYPES if k in named
    }
    return [(comments, {"sensors": wanted})]


def _perturbations(guess: FolderGuess) -> list[str]:
    worn = any(signal.type in SENSOR_TYPES for signal in guess.signals)
    return [
        *(["shuffled_pulse"] if _pulse(guess) else []),
        "shifted_stimulus",
        *(["shuffled_sensors"] if worn else []),
    ]
