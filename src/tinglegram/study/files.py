"""Files of the `tinglegram` command, and what a study that ran has saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.export.files import read_lists, read_saved_predictions, read_statistics
from tinglegram.files import read_arrays, read_table, read_tables, write_text
from tinglegram.statistics.study_comparison import OWN_COLUMNS, declared, too_few
from tinglegram.study.consistency import drop_removed, fill_in_clips
from tinglegram.study.protocols import switches
from tinglegram.study.settings import stimulus_of

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
    if path.exists() or path.is_symlink():
        raise InputProblem(
            str(path),
            expected="no file of that name, so that nothing is lost",
            found="one",
            remedy="Move it away, or name another: --output FILE.",
        )
    write_text(text, path)


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


def stimulus_files(config: Mapping[str, Any]) -> dict[str, Path]:
    """Return code of a clip -> its file, of clips that have one.

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
            remedy="Go to the folder from which the study was run, or say --without-stimuli.",
        )
    return found


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

    def require_whole(self) -> None:
        """Refuse results that lack a file of somebody who takes part.

        Raises
        ------
        InputProblem : the study was stopped on its way; the sentence names the file.
        """
        self._each("labels", self.folder, "parquet", self.subjects)
        for what, suffix in (("pulse_10hz", "npz"), *((w, "tsv") for w in OF_PULSE)):
            if (self.folder / what).is_dir():
                self._each(what, self.folder, suffix, self.with_pulse)

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
        if not path.is_file():
            raise InputProblem(
                str(path),
                expected="this file of the results",
                found="none",
                remedy="Run the study to its end.",
            )
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
