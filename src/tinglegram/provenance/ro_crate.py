"""A record of a study's results as a Process Run Crate, and what has changed since it was written.

Sources: RO-Crate Metadata Specification 1.1, https://w3id.org/ro/crate/1.1; Process Run Crate 0.5,
https://w3id.org/ro/wfrun/process/0.5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    "https://w3id.org/ro/terms/workflow-run/context",
]
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
CRATE_NAME = "ro-crate-metadata.json"
FORMATS = {
    "html": "text/html",
    "json": "application/json",
    "md": "text/markdown",
    "npz": "application/x-npz",
    "parquet": "application/vnd.apache.parquet",
    "png": "image/png",
    "svg": "image/svg+xml",
    "tex": "application/x-tex",
    "tsv": "text/tab-separated-values",
    "yaml": "application/yaml",
}
# Kinds of difference, in the order they are told.
CHANGED, MISSING, NEW = "changed", "missing", "new"


@dataclass(frozen=True)
class CrateFile:
    """A file: its path below the folder of the results, its size in bytes, its SHA-256."""

    path: str
    size: int
    sha256: str


def crate_metadata(
    study: str,
    title: str,
    files: Sequence[CrateFile],
    provenance: Mapping[str, Any],
    *,
    version: str,
    finished: str,
) -> dict[str, Any]:
    """Return the content of `ro-crate-metadata.json`.

    Parameters
    ----------
    study, title : name and heading of the study.
    files : every result.
    provenance : what `provenance.json` holds.
    version : of this workflow.
    finished : when the run ended, ISO 8601 with time zone: the only part that differs from run to
        run.
    """
    results = [{"@id": quote(file.path)} for file in files]
    inputs = [
        {"@id": f"#input-{quote(path)}", "@type": "CreativeWork", "name": path, "sha256": checksum}
        for path, checksum in provenance["inputs"].items()
    ]
    software = {
        "@id": "#tinglegram",
        "@type": "SoftwareApplication",
        "name": "Tinglegram",
        "softwareVersion": version,
        "description": "Snakemake workflow for continuous multimodal affect research",
    }
    if provenance["workflow"]["commit"]:
        software["identifier"] = provenance["workflow"]["commit"]
    return {
        "@context": CONTEXT,
        "@graph": [
            {
                "@id": CRATE_NAME,
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": {"@id": SPECIFICATION},
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": f"{title}: results of the study {study}",
                "description": "Tables, figures, predictions and the report, with what they were "
                "computed from. Checksums of code and versions: provenance.json.",
                "datePublished": finished,
                "license": {"@id": "#licence"},
                "conformsTo": {"@id": PROFILE},
                "hasPart": results,
                "mentions": {"@id": "#run"},
            },
            {
                "@id": "#licence",
                "@type": "CreativeWork",
                "name": "Not chosen yet",
                "description": "Whoever publishes these results names their licence here.",
            },
            {
                "@id": PROFILE,
                "@type": "CreativeWork",
                "name": "Process Run Crate",
                "version": "0.5",
            },
            {
                "@id": "#run",
                "@type": "CreateAction",
                "name": f"Run of the workflow on the study {study}",
                "description": "All jobs of the workflow, from raw files to the report.",
                "instrument": {"@id": "#tinglegram"},
                "object": [{"@id": entry["@id"]} for entry in inputs],
                "result": results,
                "endTime": finished,
            },
            software,
            *inputs,
            *(_entity(file) for file in files),
        ],
    }


def _entity(file: CrateFile) -> dict[str, str]:
    ending = file.path.rpartition(".")[2]
    return {
        "@id": quote(file.path),
        "@type": "File",
        "name": file.path,
        "contentSize": str(file.size),
        "encodingFormat": FORMATS.get(ending, "application/octet-stream"),
        "sha256": file.sha256,
    }


def crate_checksums(content: Mapping[str, Any]) -> dict[str, str]:
    """Return path -> SHA-256 of every result that `metadata` recorded."""
    return {
        unquote(entity["@id"]): entity["sha256"]
        for entity in content["@graph"]
        if entity["@type"] == "File"
    }


def checksum_differences(
    recorded: Mapping[str, str], found: Mapping[str, str | None]
) -> list[tuple[str, str]]:
    """Return (kind, path) of everything that is not as it was recorded.

    Parameters
    ----------
    recorded : path -> checksum, as written at the end of the run.
    found : path -> checksum now; None or absent where there is no such file.
    """
    told = []
    for path in sorted(recorded.keys() | found.keys()):
        now = found.get(path)
        if now is None:
            told.append((MISSING, path))
        elif path not in recorded:
            told.append((NEW, path))
        elif now != recorded[path]:
            told.append((CHANGED, path))
    return told
