"""The plan of a ranking: which contents are predicted by which model, and the files of each job.

Rules only ask it. Paths are text, relative to the folder of the ranking; nothing here touches the
disk.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from tinglegram.bundles.contents import Bundle
from tinglegram.bundles.prediction import Choice, applicable, choose_models, streams_of
from tinglegram.bundles.rank_settings import Ranking
from tinglegram.errors import InputProblem
from tinglegram.settings import as_options, fields_of, schema_of, section_schema, written_as
from tinglegram.stimuli.settings import STREAMS, Stream

# The plan of a ranking, in its folder, and the listing of the files that were found.
PLAN, LISTING = "rank.json", "files.tsv"
# Endings of films and sounds that FFmpeg reads. Others may be opened too, and be text.
MEDIA = frozenset(
    (
        *(".3g2", ".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4"),
        *(".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv"),
        *(".aac", ".ac3", ".aif", ".aiff", ".amr", ".au", ".caf", ".flac", ".m4a", ".mka"),
        *(".mp3", ".oga", ".ogg", ".opus", ".w64", ".wav", ".wma", ".wv"),
    )
)
FILE_COLUMNS = ("file", "bytes", "sha256", "left_out")
PROBLEM_COLUMNS = ("file", "sentence")
# Signs of the bundle's checksum in the names of folders.
_SIGNS = 16


def left_out(file: str) -> str:
    """Return why a file is not ranked; empty: it is.

    Parameters
    ----------
    file : its path below the folder that is ranked, with slashes.
    """
    path = PurePosixPath(file)
    if any(part.startswith(".") for part in path.parts):
        return "hidden"
    if path.suffix.lower() in MEDIA:
        return ""
    return (
        f"{path.suffix.lower()}: no film or sound" if path.suffix else "no ending: no film or sound"
    )


def require_media(used: Collection[str], number: int, source: str) -> None:
    """Raise unless something is to be ranked.

    Parameters
    ----------
    used : files that are films or sounds; number : of all files; source : the folder.

    Raises
    ------
    InputProblem : there is neither film nor sound.
    """
    if not used:
        raise InputProblem(
            source,
            expected="films or sounds in it, by the endings of their names",
            found=f"none among {number} file(s)",
            remedy="Name a folder with films or sounds; docs/ranking.md lists the endings.",
        )


def model_for(
    bundle: Bundle, held: Sequence[Collection[Stream]], asked: str | None, source: str
) -> Choice:
    """Return the one model that predicts all contents, so that their segments can be compared.

    Parameters
    ----------
    held : what each content has of picture and sound.
    asked : name of the model; None: the best scored of those that most contents are enough for.
    source : name of what is ranked, for messages.

    Raises
    ------
    InputProblem : the bundle has no such model, or none that any of the contents is enough for.
    """
    if asked is not None:
        return choose_models(bundle, STREAMS, source, [asked])
    ways: list[tuple[Stream, ...]] = [STREAMS, ("sound",), ("picture",)]
    able = [way for way in ways if applicable(bundle, way)] or ways[:1]
    # Of ways that as many contents have, the first: the one with more to choose from.
    chosen = max(able, key=lambda way: sum({*way} <= {*own} for own in held))
    choice = choose_models(bundle, chosen, source)
    return choice._replace(reason=choice.reason.replace("the file is", "most files are"))


def rank_schema() -> dict[str, Any]:
    """Return the JSON schema of rank.json (draft 2020-12)."""
    text = {"type": "string", "minLength": 1}
    names = {"type": "array", "items": text, "minItems": 1}
    contents = {"type": "object", "additionalProperties": names}
    checksum = {"type": "string"} | written_as("[0-9a-f]{64}", "a SHA-256 in hexadecimal")
    contents["propertyNames"] = checksum
    return section_schema(
        {
            "rank": section_schema({s.name: schema_of(s) for s in fields_of(Ranking)}),
            "folder": text,
            "bundle": text,
            "bundle_sha256": checksum,
            "model": text,
            "reason": text,
            "streams": {"type": "array", "items": {"enum": list(STREAMS)}, "minItems": 1},
            "contents": contents,
        }
    )


@dataclass(frozen=True)
class RankPlan:
    """The plan of a ranking.

    Parameters
    ----------
    config : rank.json: `rank` (settings), `folder` and `bundle` (from the ranking's own folder),
        `bundle_sha256` (of its bundle.json, which holds the checksums of its other files), `model`,
        `reason` (why this one), `streams` (that it uses), `contents` (SHA-256 -> files).
    """

    config: Mapping[str, Any]

    @cached_property
    def contents(self) -> Mapping[str, Sequence[str]]:
        """SHA-256 of a content -> its files, below the folder that is ranked."""
        found: Mapping[str, Sequence[str]] = self.config["contents"]
        return found

    @property
    def model(self) -> str:
        """Name of the model."""
        return str(self.config["model"])

    @property
    def predicted(self) -> str:
        """Folder of what this bundle and model predict of `{content}`."""
        key = str(self.config["bundle_sha256"])[:_SIGNS]
        return f"cache/{{content}}/{key}/{self.model}"

    def of_each(self, pattern: str) -> list[str]:
        """Return a path with `{content}` for every content, in order."""
        return [pattern.replace("{content}", content) for content in self.contents]

    def options(self, *classes: type) -> str:
        """Return the options of a script."""
        return as_options(self.config, *classes)

    def bundle_in(self, folder: str) -> str:
        """Return the path of the bundle, from where the ranking's `folder` is seen."""
        return str(PurePosixPath(folder, self.config["bundle"]))

    def file_in(self, folder: str, content: str) -> str:
        """Return the path of the first file of a content, from where `folder` is seen."""
        return str(PurePosixPath(folder, self.config["folder"], self.contents[content][0]))


def streams_used(bundle: Bundle, model: str) -> list[Stream]:
    """Return what a model uses of picture and sound."""
    used = streams_of(bundle, bundle.models[model]["modalities"])
    return [name for name in STREAMS if name in used]
