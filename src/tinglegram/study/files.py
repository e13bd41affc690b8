"""Files of the `tinglegram` command, and what a study that ran has saved."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from tinglegram.behaviour.showings import showings_of
from tinglegram.canonical.files import read_signals
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.export.files import (
    lacking_results,
    participant_ids,
    read_lists,
    read_participants,
    read_saved_predictions,
    read_statistics,
)
from tinglegram.files import (
    read_arrays,
    read_table,
    read_tables,
    sha256,
    write_table,
    write_text,
)
from tinglegram.inputs.exclusions import EXCLUSION_COLUMNS
from tinglegram.inputs.raw_files import RawFiles
from tinglegram.readers.people import written_values
from tinglegram.statistics.study_comparison import OWN_COLUMNS, declared, too_few
from tinglegram.study.consistency import drop_removed, fill_in_clips
from tinglegram.study.plan import Plan
from tinglegram.study.pooling import PooledClip, PooledStudy
from tinglegram.study.protocols import switches
from tinglegram.study.settings import stimulus_of
from tinglegram.study.starting_overlay import numbered_names, study_name
from tinglegram.trials.folds import groups_of_values, number_of_folds

# Tables of those whose pulse is used.
OF_PULSE = ("pulse_windows", "pulse_blocks")


def checkout_of(module: Path) -> Path:
    """Return the folder of the Snakefile that a module of this package belongs to.

    Parameters
    ----------
    module : path of the module, below `src/tinglegram/`.

    Raises
    ------
    TinglegramError : the package was installed without its checkout, which holds rules and scripts.
    """
    for folder in module.resolve().parents:
        if (folder / "Snakefile").is_file() and (folder / "scripts").is_dir():
            return folder
    raise TinglegramError(
        f"{module.parent}: expected this package inside its checkout, whose Snakefile and scripts "
        "do the work, found no Snakefile above it. Clone the repository and run make env there; it "
        "installs the command so that it finds them."
    )


def script_of(checkout: Path, name: str) -> Path:
    """Return a script of the checkout, such as `export/export_bids`.

    Raises
    ------
    TinglegramError : the checkout has none of that name.
    """
    script = checkout / "scripts" / f"{name}.py"
    if not script.is_file():
        raise TinglegramError(
            f"{script}: expected this script, found none. The checkout is older than the command: "
            "update it, then run make env."
        )
    return script


def require_overlay(path: Path) -> Path:
    """Return the path of an overlay that is there.

    Raises
    ------
    InputProblem : there is none.
    """
    if not path.is_file():
        raise InputProblem(
            str(path),
            expected="the overlay of a study",
            found="a folder" if path.is_dir() else "no such file",
            remedy="Correct its path, or write one: tinglegram init FOLDER.",
        )
    return path


def write_new(text: str, path: Path) -> None:
    """Write a file that is not there yet.

    Raises
    ------
    InputProblem : it is there, and may hold somebody's work.
    """
    require_new(path)
    write_text(text, path)


def write_exclusions(rows: Sequence[tuple[str, str, str]], path: Path) -> None:
    """Write a table of exclusions; see `tinglegram.inputs.exclusions`."""
    write_table(pd.DataFrame(rows, columns=EXCLUSION_COLUMNS), path)


def require_new(path: Path) -> None:
    """Raise where a file is there.

    Raises
    ------
    InputProblem : it is there, and may hold somebody's work.
    """
    if path.exists() or path.is_symlink():
        raise InputProblem(
            str(path),
            expected="no file of that name, so that nothing is lost",
            found="one",
            remedy="Move it away, or name another: --output FILE.",
        )


def read_base(checkout: Path) -> dict[str, Any]:
    """Read config.yaml of the checkout, over which every overlay is laid."""
    base: dict[str, Any] = yaml.safe_load((checkout / "config.yaml").read_text(encoding="utf-8"))
    return base


def read_saved_configuration(results: Path) -> dict[str, Any]:
    """Read the merged configuration of a study that ran, from the folder of its results.

    What an overlay took out, which stands in the file as null, is not in it.

    Raises
    ------
    InputProblem : there is none; the sentence names the studies beside it.
    """
    path = results / "config.yaml"
    if path.is_file():
        config: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        drop_removed(config)
        fill_in_clips(config)
        return config
    beside = sorted(other.parent.name for other in results.parent.glob("*/config.yaml"))
    raise InputProblem(
        str(results),
        expected="the results of a study, with its config.yaml",
        found="none; studies in the same folder: " + (", ".join(beside) or "none"),
        remedy="Correct the folder, or run the study first.",
    )


def chosen_protocol(config: Mapping[str, Any], results: Path, asked: str | None) -> str:
    """Return the protocol that is asked for; None: the study's first.

    Raises
    ------
    InputProblem : the study has no such protocol.
    """
    known: list[str] = list(config["protocols"])
    if asked is not None and asked not in known:
        raise InputProblem(
            str(results),
            expected=f"a protocol of the study ({', '.join(known)})",
            found=asked,
            remedy="Name one of these, or add it to protocols: and run the study again.",
        )
    return known[0] if asked is None else asked


def folder_of_run(results: Path, study: str) -> Path:
    """Return the folder that a study was run from, which its results lie below.

    Raises
    ------
    InputProblem : the results were moved out of `results/<study>`.
    """
    place = results.resolve()
    if (place.parent.name, place.name) != ("results", study):
        raise InputProblem(
            str(results),
            expected=f"the results of {study} where they were made, in results/{study}",
            found=f"them in {place.parent.name}/{place.name}",
            remedy="Name the folder that the study was run into: its models are trained there.",
        )
    return place.parent.parent


def studies_to_pool(folders: Sequence[Path]) -> dict[str, Path]:
    """Return a name for each study, of letters, digits, _ and -, -> folder of its results.

    Raises
    ------
    InputProblem : see `studies_to_compare`.
    """
    named = studies_to_compare(folders)
    plain = numbered_names(named, study_name)
    return {plain[name]: folder for name, folder in named.items()}


def studies_to_compare(folders: Sequence[Path]) -> dict[str, Path]:
    """Return a name for each study -> folder of its results.

    The name is that of the folder; folders of the same name have those above it in front.

    Raises
    ------
    InputProblem : fewer than two, or one that is named twice.
    """
    if len(folders) < 2:
        raise too_few(", ".join(map(str, folders)))
    places = [folder.resolve().parts for folder in folders]
    for nth, place in enumerate(places):
        if place in places[:nth]:
            raise InputProblem(
                str(folders[nth]),
                expected="every study once",
                found="the same as " + str(folders[places.index(place)]),
                remedy="Name another study.",
            )
    for depth in range(1, max(map(len, places)) + 1):
        names = ["/".join(place[-depth:]) for place in places]
        if len(set(names)) == len(names) and not {*names} & {*OWN_COLUMNS}:
            break
    return dict(zip(names, folders, strict=True))


@dataclass(frozen=True)
class ComparedStudy:
    """What a study brings to a comparison.

    Attributes
    ----------
    protocol : its name; `switches`: the value of every switch.
    tables : name (`agreement`, `fusion/pooled`) -> table of statistics, every cell as its text.
    """

    protocol: str
    switches: Mapping[str, object]
    tables: Mapping[str, pd.DataFrame]


def read_compared(results: Path, asked: str | None) -> ComparedStudy:
    """Read the statistics of a study that ran.

    Parameters
    ----------
    asked : the protocol; None: the study's first.

    Raises
    ------
    InputProblem : there is no such study, protocol or table.
    """
    config = read_saved_configuration(results)
    protocol = chosen_protocol(config, results, asked)
    own, overrides = config.get("own_protocols", {}), config.get("overrides", {})
    tables = _compared(results / protocol / "statistics")
    return ComparedStudy(protocol, switches(protocol, overrides, own), tables)


def _compared(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the tables that are compared in a folder of statistics, every cell as its text."""
    paths = [*sorted(folder.glob("*.tsv")), *sorted(folder.glob("*/*.tsv"))]
    names = {path.relative_to(folder).with_suffix("").as_posix(): path for path in paths}
    # As text: a number stands in the comparison as it stands in its file.
    found = {
        name: pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
        for name, path in names.items()
        if declared(name)
    }
    if not found:
        raise InputProblem(
            str(folder),
            expected="statistics of a finished study",
            found="none",
            remedy="Run the study to its end.",
        )
    return found


def read_pooled(folders: Mapping[str, Path]) -> tuple[str, str, list[PooledStudy]]:
    """Read what finished studies bring to one study of all their people.

    Parameters
    ----------
    folders : name of a study -> folder of its results.

    Returns
    -------
    Folder that all results lie in; folder of the clips, from there; and the studies.

    Raises
    ------
    InputProblem : a folder of no study, without canonical tables, or a file of a clip that is not
        where the study read it.
    """
    configs = {name: read_saved_configuration(folder) for name, folder in folders.items()}
    files = {name: stimulus_files(config, "") for name, config in configs.items()}
    root = _common([folder.resolve() for folder in folders.values()])
    every = [path.resolve() for own in files.values() for path in own.values()]
    # The folder that all of them lie in; of one file, its own.
    stimuli = _common([path.parent for path in every]) if every else root
    contents = _contents(every)
    studies = []
    for name, folder in folders.items():
        config, subjects = configs[name], read_lists(folder)
        ids = participant_ids(subjects[0], read_participants(folder))
        clips = {}
        for code, entry in config["clips"].items():
            about, path = stimulus_of(entry), files[name].get(code)
            seconds = config["timing"]["clip"] if about.duration is None else about.duration
            below = None if path is None else os.path.relpath(path.resolve(), stimuli)
            content = None if path is None else contents[path.resolve()]
            clips[code] = PooledClip(float(seconds), below, content, about.condition, about.streams)
        people = read_participants(folder)
        known = [] if people is None else [*people.columns.drop(["subject", "participant_id"])]
        studies.append(
            PooledStudy(
                name,
                os.path.relpath(folder.resolve(), root),
                config,
                clips,
                list(ids.values()),
                [ids[int(subject)] for subject in subjects[1]],
                _first_signals(folder, [*subjects[1], *subjects[0]]),
                _left_out(folder, subjects[0], ids),
                known,
            )
        )
    here = os.path.relpath(root)
    return here, os.path.relpath(stimuli, root), studies


def _common(folders: Sequence[Path]) -> Path:
    """Return the folder that folders lie in; of one, the folder above it."""
    common = Path(os.path.commonpath(folders))
    return common.parent if common in folders and len({*folders}) == 1 else common


def _contents(paths: Sequence[Path]) -> dict[Path, str]:
    """Return for each file what tells it apart; only files of one size need to be read."""
    sizes = Counter(path.stat().st_size for path in {*paths})
    found = {}
    for path in {*paths}:
        size = path.stat().st_size
        found[path] = sha256(path) if sizes[size] > 1 else f"{size} bytes"
    return found


def _first_signals(folder: Path, subjects: Sequence[str]) -> dict[str, str]:
    """Return type -> rate and unit of the signals of the first participant who has any."""
    paths = [folder / f"canonical/{name}_signals.npz" for name in subjects]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return {}
    signals = list(read_signals(path).values())
    types = Counter(signal.type for signal in signals)
    return {
        signal.type: ("times of its own" if signal.rate_hz is None else f"{signal.rate_hz:g} Hz")
        + f", in {signal.unit or 'no unit'}"
        for signal in signals
        if types[signal.type] == 1
    }


def _left_out(
    folder: Path, subjects: Sequence[str], ids: Mapping[int, str]
) -> list[tuple[str, str]]:
    """Return id and name of trials that were shown, but that the study left out.

    As a table of exclusions names them: `sea`, or `sea@4` where the clip was shown again.
    """
    found = []
    for subject in subjects:
        shown, used = (
            read_table(folder / path)
            for path in (f"canonical/{subject}_trials.tsv", f"timeline/{subject}.tsv")
        )
        names = showings_of(zip(shown["stimulus_id"], shown["order"], strict=True))
        kept = {*zip(used["video"], used["order"], strict=True)}
        found += [(ids[int(subject)], name) for key, name in names.items() if key not in kept]
    return found


def stimulus_files(
    config: Mapping[str, Any], otherwise: str = ", or say --without-stimuli"
) -> dict[str, Path]:
    """Return code of a clip -> its file, of clips that have one.

    `otherwise` : what else can be done about a file that is missing, for the message.

    Raises
    ------
    InputProblem : a file is not where the study read it.
    """
    data = config["data"]
    if data["root"] is None:
        return {}
    folder = Path(data["root"]) / data.get("stimuli", "stim")
    files = {code: stimulus_of(entry).file for code, entry in config["clips"].items()}
    found = {code: folder / name for code, name in files.items() if name is not None}
    gone = [str(path) for path in found.values() if not path.is_file()]
    if gone:
        raise InputProblem(
            gone[0],
            expected=f"the stimuli that the study read ({len(found)} files)",
            found=f"{len(gone)} of them missing" if len(gone) < len(found) else "none of them",
            remedy=f"Go to the folder from which the study was run{otherwise}.",
        )
    return found


def require_files(paths: Sequence[Path]) -> None:
    """Refuse results that lack one of these files.

    Raises
    ------
    InputProblem : one or more are not there.
    """
    gone = [path for path in paths if not path.is_file()]
    if gone:
        raise lacking_results(gone)


@dataclass(frozen=True)
class SavedStudy:
    """What a study saved under one protocol.

    Attributes
    ----------
    results : folder of its results; `folder`: that of the protocol.
    config : the merged configuration.
    subjects, with_pulse : names of the files of participants, and of those whose pulse is used.
    """

    results: Path
    folder: Path
    config: Mapping[str, Any]
    subjects: tuple[str, ...]
    with_pulse: tuple[str, ...]

    @property
    def has_stimuli(self) -> bool:
        """Whether features of stimuli were computed."""
        return (self.folder / "stimuli").is_dir()

    @property
    def has_sensors(self) -> bool:
        """Whether signals other than the pulse were measured."""
        return (self.folder / "sensors_10hz").is_dir()

    @property
    def sensors_used(self) -> tuple[str, ...]:
        """Return the types of signals other than the pulse that were measured."""
        return tuple(self.config.get("sensors") or {}) if self.has_sensors else ()

    def plan(self) -> Plan:
        """Return the plan of the study, by its configuration and who took part."""
        everyone, pulse = (dict.fromkeys(names, "") for names in (self.subjects, self.with_pulse))
        without = [name for name in self.subjects if name not in self.with_pulse]
        return Plan(self.config, raw=RawFiles(everyone, pulse, {}), without_pulse=without)

    def require_steps(self) -> None:
        """Refuse results that lack a file of the ratings, pulse or features at every step.

        Raises
        ------
        InputProblem : the study was stopped on its way; the sentence names the files.
        """
        require_files(self._steps(self.plan()))

    def require_whole(self) -> None:
        """Refuse results that lack anything of a participant, a fold or a model.

        Raises
        ------
        InputProblem : the study was stopped on its way; the sentence names the files.
        """
        plan, folder, asked = self.plan(), self.folder, self.config["folds"]
        found = self._steps(plan)
        for what in OF_PULSE:
            found += [folder / what / f"{name}.tsv" for name in self.with_pulse]
        for what in ("sensor_windows", "sensor_blocks") if self.sensors_used else ():
            found += [folder / what / f"{name}.tsv" for name in self.subjects]
        found.append(folder / "statistics/agreement.tsv")
        models = [*plan.scored, *plan.beside]
        if models:
            found.append(folder / "folds.tsv")
            how = (asked["scheme"], asked["number"], len(self.subjects), plan.conditions)
            plan = replace(
                plan, n_folds=number_of_folds(*how, self._groups(asked.get("covariate")))
            )
        for model in models:
            found += [
                folder / f"models/{model}/fold{fold}/predictions.parquet" for fold in plan.folds
            ]
            found += [folder / name for name in plan.replicates(model, folder.name)]
            found.append(folder / f"statistics/{model}/pooled.tsv")
        require_files(found)

    def _groups(self, covariate: str | None) -> dict[int, str]:
        """Return participant -> value of the covariate that makes the folds; none: nothing."""
        people = None if covariate is None else read_participants(self.results)
        if people is None or covariate is None:
            return {}
        everybody = [int(subject) for subject in self.subjects]
        return groups_of_values(written_values(people, covariate), everybody, covariate)

    def _steps(self, plan: Plan) -> list[Path]:
        """Return the files that hold a value at every step, of everybody and of every clip."""
        found = [self.folder / f"labels/{name}.parquet" for name in self.subjects]
        # What no model uses is computed only where protocols share it.
        if (self.folder / "pulse_10hz").is_dir() or any(plan.uses(m, "pulse") for m in plan.models):
            found += [self.folder / f"pulse_10hz/{name}.npz" for name in self.with_pulse]
        if self.sensors_used:
            found += [self.folder / f"sensors_10hz/{name}.npz" for name in self.subjects]
        if self.has_stimuli or any(plan.uses(m, "visual", "acoustic") for m in plan.models):
            shown = [code for code, clip in plan.stimuli.items() if clip.shown]
            found += [self.folder / f"stimuli/{code}.npz" for code in shown]
        return found

    def timeline(self) -> pd.DataFrame:
        """Read the trials of everyone."""
        return read_tables(self._each("timeline", self.results, "tsv", self.subjects))

    def ratings(self) -> pd.DataFrame:
        """Read the ratings of everyone, on the grid."""
        return read_tables(self._each("labels", self.folder, "parquet", self.subjects))

    def pulse(self) -> dict[int, dict[str, np.ndarray]]:
        """Read the pulse on the grid: subject -> clip, or name of a later showing -> (n_steps,)."""
        paths = self._each("pulse_10hz", self.folder, "npz", self.with_pulse)
        return {int(path.stem): read_arrays(path) for path in paths}

    def sensors(self) -> dict[int, dict[str, np.ndarray]]:
        """Read sensors on the grid: subject -> `<trial>@<kind>` -> (n_steps, columns)."""
        paths = sorted((self.folder / "sensors_10hz").glob("*.npz"))
        return {int(path.stem): read_arrays(path) for path in paths}

    def stimuli(self) -> dict[str, dict[str, np.ndarray]]:
        """Read the features: code of a clip -> their kind -> (n_steps, width)."""
        clips = {code: stimulus_of(entry) for code, entry in self.config["clips"].items()}
        named = tuple(code for code, clip in clips.items() if clip.shown)
        paths = self._each("stimuli", self.folder, "npz", named)
        return {path.stem: read_arrays(path) for path in paths}

    def folds(self) -> pd.DataFrame:
        """Read the folds."""
        return read_table(self._there(self.folder / "folds.tsv"))

    def tables_where_there_are(self) -> dict[str, pd.DataFrame]:
        """Read what not every study has: participants, windows, folds, predictions, statistics."""
        found = {}
        for name, path in (
            ("participants", self.results / "participants.tsv"),
            ("folds", self.folder / "folds.tsv"),
        ):
            if path.is_file():
                found[name] = read_table(path)
        if self.with_pulse and (self.folder / "pulse_windows").is_dir():
            windows = self._each("pulse_windows", self.folder, "tsv", self.with_pulse)
            found["pulse_windows"] = read_tables(windows)
        predictions = read_saved_predictions(self.folder / "models")
        if predictions:
            found["predictions"] = pd.concat(predictions, ignore_index=True)
        return found | read_statistics(self.folder / "statistics")

    def _each(self, what: str, below: Path, suffix: str, names: tuple[str, ...]) -> list[Path]:
        return [self._there(below / what / f"{name}.{suffix}") for name in names]

    def _there(self, path: Path) -> Path:
        """Return the path of a file that is there."""
        require_files([path])
        return path


def open_study(results: Path, protocol: str) -> SavedStudy:
    """Return what a study saved under a protocol; tables are read when they are asked for.

    Raises
    ------
    InputProblem : there is no such study or protocol.
    """
    config = read_saved_configuration(results)
    chosen_protocol(config, results, protocol)
    everyone, with_pulse = read_lists(results)
    return SavedStudy(results, results / protocol, config, everyone, with_pulse)


def measured_trainings(results: Path, shifts_of_job: Mapping[str, int]) -> dict[str, list[float]]:
    """Return model -> seconds that a training took in each job of a run before.

    Of jobs that train on moved reports the time of one shift; where there is none yet, of those
    that train on the reports as they are. Without models that were never trained.

    Parameters
    ----------
    results : folder of the study's results, with its benchmarks.
    shifts_of_job : model -> shifts that one whole job of it trains on.
    """
    found = {}
    for model, shifts in shifts_of_job.items():
        for pattern, trainings in (
            ("retrain_*/*/{}/*_part1.tsv", shifts),
            ("train_*/*/{}/*.tsv", 1),
        ):
            paths = sorted((results / "benchmarks").glob(pattern.format(model)))
            seconds = [s / trainings for path in paths for s in pd.read_csv(path, sep="\t")["s"]]
            if seconds:
                found[model] = seconds
                break
    return found
