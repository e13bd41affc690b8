"""A deposited dataset: the record that lists its files, and the receipt of what was fetched."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from tinglegram.errors import InputProblem

_CHECKSUM = "^(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})$"
_SIZE = {"type": "integer", "minimum": 0}
# The part of Zenodo's record that is used; more may stand there.
_RECORD = {
    "type": "object",
    "required": ["files"],
    "properties": {
        "files": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["key", "size", "checksum", "links"],
                "properties": {
                    "key": {"type": "string", "pattern": "^[^\\x00-\\x1f\\x7f]+$"},
                    "size": _SIZE,
                    "checksum": {"type": "string", "pattern": _CHECKSUM},
                    "links": {
                        "type": "object",
                        "required": ["self"],
                        "properties": {"self": {"type": "string", "pattern": "^https?://"}},
                    },
                },
            },
        }
    },
}
_RECEIPT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["doi", "complete", "downloads", "files"],
    "properties": {
        "doi": {"type": "string"},
        "complete": {"type": "boolean"},
        "downloads": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["checksum", "files"],
                "properties": {
                    "checksum": {"type": "string", "pattern": _CHECKSUM},
                    "files": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        "files": {
            "type": "object",
            "propertyNames": {"pattern": "^(log|ppg|stim)/[^/]+$"},
            "additionalProperties": {
                "type": "object",
                "required": ["size", "sha256"],
                "properties": {"size": _SIZE, "sha256": {"pattern": "^[0-9a-f]{64}$"}},
            },
        },
    },
}


@dataclass(frozen=True)
class Deposited:
    """A file of a record: its name, bytes, checksum ("md5:..." or "sha256:...") and address."""

    name: str
    size: int
    checksum: str
    url: str


def record_number(doi: str) -> str:
    """Return the number of the Zenodo record behind a DOI, also given as an address.

    Raises
    ------
    InputProblem : it is no DOI of Zenodo.
    """
    match = re.fullmatch(r"(?:https?://doi\.org/|doi:)?10\.5281/zenodo\.(\d+)", doi, re.IGNORECASE)
    if match is None:
        raise InputProblem(
            doi,
            expected="a DOI of Zenodo such as 10.5281/zenodo.18881334",
            found="something else",
            remedy="Download a dataset that lies elsewhere by hand, into log/, ppg/ and stim/.",
        )
    return match[1]


def deposited_files(content: bytes, source: str) -> list[Deposited]:
    """Read the files of a record as `/api/records/<number>` of Zenodo returns it.

    Parameters
    ----------
    content : the JSON text (https://developers.zenodo.org, "Records").
    source : the DOI, for messages.

    Raises
    ------
    InputProblem : it is no record, lists no files, or a file lacks size, checksum or address.
    """
    remedy = f"Open https://doi.org/{source} in a browser: are its files there, for everybody?"
    record = _parsed(content, source, _RECORD, "a record that lists its files", remedy)
    files = [
        Deposited(f["key"], f["size"], f["checksum"], f["links"]["self"]) for f in record["files"]
    ]
    names = [file.name for file in files]
    for name in names:
        if names.count(name) > 1:
            raise InputProblem(
                source, expected=f"one file {name!r}", found=f"{names.count(name)}", remedy=remedy
            )
    return files


def read_receipt(content: bytes, source: str) -> dict[str, Any]:
    """Read `fetched.json`: doi, complete, downloads (name -> checksum, files), files (path -> size,
    sha256).

    Raises
    ------
    InputProblem : it is not what this workflow writes.
    """
    receipt: dict[str, Any] = _parsed(
        content,
        source,
        _RECEIPT,
        "the list of files that make fetch writes",
        "Move the file away and run make fetch again; files that are in place are kept.",
    )
    return receipt


def check_pins(found: Mapping[str, str], pinned: Mapping[str, str], pins: str) -> None:
    """Compare checksums by file with the pinned ones.

    Raises
    ------
    InputProblem : a file is missing, is not pinned, or has another checksum.
    """
    for name in sorted(found.keys() | pinned.keys()):
        if found.get(name) != pinned.get(name):
            raise InputProblem(
                pins,
                where=name,
                expected=pinned.get(name, "no such file"),
                found=found.get(name, "no such file"),
                remedy="The dataset is not the pinned one: find out which version you need. To"
                " take this one, fetch without PINS and pin its fetched.json.",
            )


def continues(
    content_range: str | None, tag: str | None, *, have: int, size: int, known_tag: str | None
) -> bool:
    """Whether a partial answer (status 206) goes on exactly where ours ends, in the same file.

    Parameters
    ----------
    content_range, tag : headers Content-Range and ETag of the answer (RFC 9110, 14.4 and 8.8.3).
    have, size : bytes that we have, and that the whole file has.
    known_tag : ETag under which ours was begun; None where there was none.
    """
    match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", content_range or "")
    ours = (str(have), str(size - 1), str(size))
    return match is not None and match.groups() == ours and tag == known_tag


def _parsed(content: bytes, source: str, schema: dict[str, Any], expected: str, remedy: str) -> Any:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise InputProblem(
            source, expected=expected, found=f"no JSON: {content[:40]!r}", remedy=remedy
        ) from None
    fault = best_match(Draft202012Validator(schema).iter_errors(data))
    if fault is not None:
        said = fault.message if len(fault.message) <= 200 else f"... {fault.message[-190:]}"
        where = "/".join(map(str, fault.absolute_path))
        raise InputProblem(source, where=where, expected=expected, found=said, remedy=remedy)
    return data
