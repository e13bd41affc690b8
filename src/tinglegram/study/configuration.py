"""Reads the files of a study's configuration, and reports every fault with the place it is at."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from snakemake.utils import update_config

from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.inputs.raw_files import FILLED_IN
from tinglegram.study.configuration_lines import KeyPlaces, key_places, place, read_keys
from tinglegram.study.configuration_values import Fault, nearest, shown, value_faults
from tinglegram.study.consistency import (
    contradictions,
    drop_removed,
    fill_in_clips,
    put_in_order,
)

COMMAND_LINE = "the command line (--config)"


def read_files(
    files: Sequence[Path], given: Mapping[str, Any], giver: str = COMMAND_LINE
) -> tuple[list[dict[str, Any]], list[KeyPlaces]]:
    """Read configuration files and say where their keys stand.

    Parameters
    ----------
    files : config.yaml and its overlays, each overruling the ones before it.
    given : values that stand in no file and overrule all of them.
    giver : where these come from, for messages.

    Returns
    -------
    The values of each source, the given ones last, and their outlines.

    Raises
    ------
    InputProblem : a file is absent or does not parse.
    """
    read = [_read_file(Path(os.path.relpath(file))) for file in files]
    read.append((dict(given), key_places(given, giver)))
    values, outlines = zip(*read, strict=True)
    return list(values), list(outlines)


def overlaid(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Merge the sources of a configuration as Snakemake does, each overruling those before it."""
    config: dict[str, Any] = {}
    for overlay in values:
        update_config(config, overlay)
    return config


def merged_configuration(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the configuration of the study that the sources describe."""
    config = overlaid(values)
    put_in_order(config, values[0])
    drop_removed(config)
    fill_in_clips(config)
    return config


def read_configuration(
    files: Sequence[Path],
    given: Mapping[str, Any],
    schema: Mapping[str, Any],
    giver: str = COMMAND_LINE,
) -> tuple[dict[str, Any], list[KeyPlaces], str]:
    """Read, merge and check the configuration of a study.

    Parameters
    ----------
    files, given, giver : as for `read_files`.
    schema : of the merged configuration.

    Returns
    -------
    The merged configuration without what an overlay took out, where its keys stand, and its text
    before anything was taken out: given as the overlay of another run, it gives the same study.

    Raises
    ------
    TinglegramError : everything that `read_files` and `check_configuration` refuse.
    """
    values, outlines = read_files(files, given, giver)
    config = overlaid(values)
    put_in_order(config, values[0])
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    drop_removed(config)
    fill_in_clips(config)
    check_configuration(config, schema, outlines)
    fill_defaults(config, schema)
    return config, outlines, text


def fill_defaults(config: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Give every entry of a mapping, in place, the keys that it lacks and that have a default.

    Parameters
    ----------
    config : a merged configuration without `value_faults`.
    schema : its JSON schema.
    """
    for key, about in schema.get("properties", {}).items():
        if key not in config and "default" in about:
            config[key] = about["default"]
        value, entry = config.get(key), about.get("additionalProperties")
        if isinstance(value, dict):
            fill_defaults(value, about)
            for inner in value.values() if isinstance(entry, Mapping) else ():
                if isinstance(inner, dict):
                    fill_defaults(inner, entry)


def check_configuration(
    config: Mapping[str, Any],
    schema: Mapping[str, Any],
    outlines: Sequence[KeyPlaces],
    files: bool = True,
) -> None:
    """Raise with every fault of a study's configuration.

    Parameters
    ----------
    config : the merged configuration.
    schema : its JSON schema.
    outlines : its sources, as `read_files` returns them.
    files : whether the files that the configuration names must be there.

    Raises
    ------
    TinglegramError : one line for each fault.
    """
    found = [
        f"{outline.source}, line {line}: {'.'.join(key)}: this key stands in line {first} too, and "
        "only the last one counts. Join them"
        for outline in outlines
        for key, first, line in outline.doubled
    ]
    # What values say together, and which files they name, needs every value to be of its kind.
    faults = list(value_faults(config, schema)) or [
        *contradictions(config, schema["$defs"]["switches"]),
        *(file_faults(config) if files else ()),
    ]
    for fault in faults:
        places = dict.fromkeys(place(path, outlines) for path in fault.places)
        found.append(f"{'; '.join(places)}: {fault.sentence}")
    refuse_faults(found)


def refuse_faults(sentences: Iterable[str]) -> None:
    """Raise with every fault of a configuration, each once; without one, do nothing.

    Raises
    ------
    TinglegramError : one line for each fault.
    """
    found = dict.fromkeys(sentences)
    if found:
        raise TinglegramError(
            "\n  ".join([f"The configuration has {len(found)} fault(s):", *found])
        )


@contextmanager
def placed(outlines: Sequence[KeyPlaces], *path: str) -> Iterator[None]:
    """Name the file and line of the key at `path` in front of a problem that it causes."""
    try:
        yield
    except TinglegramError as problem:
        raise TinglegramError(f"{place(path, outlines)}: {problem}") from None


def file_faults(config: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield every file that the configuration names and that is not there or cannot be used.

    Parameters
    ----------
    config : a merged configuration without `value_faults`.
    """
    named: dict[tuple[str, ...], str | None] = {
        ("published_predictions",): config["published_predictions"],
        ("data", "root"): config["data"]["root"],
        ("data", "exclusions"): config["data"]["exclusions"],
        ("data", "offsets"): config["data"]["offsets"],
        ("data", "participants"): config["data"]["participants"],
        ("stimuli", "weights"): config["stimuli"]["weights"],
        **{("clips", code, "file"): clip.get("file") for code, clip in config["clips"].items()},
    }
    for key, name in named.items():
        # Even quoted, what begins with a dash is an option to a script.
        if name is not None and (name.startswith("-") or FILLED_IN.search(name)):
            sentence = "expected a name without braces and <word>, and no dash in front, found"
            yield Fault(f"{'.'.join(key)}: {sentence} {shown(name)}. Rename it", [key])
    yield from _missing_files(config)


def _missing_files(config: Mapping[str, Any]) -> Iterator[Fault]:
    data, weights = config["data"], config["stimuli"]["weights"]
    named = {
        "published_predictions": config["published_predictions"],
        "data.exclusions": data["exclusions"],
        "data.offsets": data["offsets"],
        "data.participants": data["participants"],
    }
    if data["root"] is not None and weights not in ("IMAGENET1K_V1", "untrained"):
        named["stimuli.weights"] = weights
    for key, file in named.items():
        if file is not None and not Path(file).is_file():
            hint = ". Write IMAGENET1K_V1, untrained or a path" if key == "stimuli.weights" else ""
            yield Fault(f"{key}: no file {file}{hint}", [key.split(".")])
    if data["root"] is None or data["simulation"] is not None:
        return
    folder = Path(data["root"])
    if not folder.is_dir():
        sentence = f"data.root: no folder {folder}. Put the dataset there, or name its folder"
        yield Fault(sentence, [("data", "root")])
        return
    clips = folder / data["stimuli"]
    present = sorted(path.name for path in clips.glob("*")) if clips.is_dir() else []
    for code, clip in config["clips"].items():
        file = clip.get("file")
        if file is not None and not (clips / file).is_file():
            hint = nearest(file, present) if present else f"{clips} is empty."
            sentence = f"clips.{code}.file: no file {clips / file}. {hint}"
            yield Fault(sentence, [("clips", code, "file")])


def _read_file(file: Path) -> tuple[dict[str, Any], KeyPlaces]:
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise InputProblem(
            str(file),
            expected="a configuration file",
            found=f"none that can be read ({fault.strerror})",
            remedy="Check the name after --configfile.",
        ) from None
    return read_keys(content, str(file))
