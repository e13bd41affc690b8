"""The record of a run holds what its specifications ask for, and tells what has changed since."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import ROOT

from tinglegram.files import sha256
from tinglegram.provenance.checksums import result_files
from tinglegram.provenance.code_files import recorded_code
from tinglegram.provenance.ro_crate import (
    CHANGED,
    MISSING,
    NEW,
    CrateFile,
    checksum_differences,
    crate_checksums,
    crate_metadata,
)

FILES = [CrateFile("report.html", 12, "a" * 64), CrateFile("tables/für alle.tsv", 3, "b" * 64)]
PROVENANCE = {
    "inputs": {"data/log/001 a.log": "c" * 64},
    "workflow": {"commit": "d" * 40},
}


def record(files=FILES, provenance=PROVENANCE) -> dict:
    return crate_metadata(
        "tiny", "A title", files, provenance, version="0.1.0", finished="2026-01-02T03:04:05+00:00"
    )


def entities(content: dict) -> dict[str, dict]:
    return {entity["@id"]: entity for entity in content["@graph"]}


def test_required_parts_of_an_ro_crate_are_there():
    """RO-Crate 1.1, "Root Data Entity", "Data Entities" and "JSON-LD appendix"."""
    content = record()
    assert content["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    found = entities(content)
    assert len(found) == len(content["@graph"])
    descriptor = found["ro-crate-metadata.json"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = found["./"]
    assert root["@type"] == "Dataset"
    assert root["name"] and root["description"] and root["license"]
    assert datetime.fromisoformat(root["datePublished"]).tzinfo
    parts = [part["@id"] for part in root["hasPart"]]
    assert parts == ["report.html", "tables/f%C3%BCr%20alle.tsv"]
    assert all(found[part]["@type"] == "File" for part in parts)


def test_required_parts_of_a_process_run_crate_are_there():
    """Process Run Crate 0.5, "Requirements"."""
    found = entities(record())
    assert found["./"]["conformsTo"]["@id"] in found
    action = found[found["./"]["mentions"]["@id"]]
    assert action["@type"] == "CreateAction" and action["endTime"]
    assert found[action["instrument"]["@id"]]["@type"] == "SoftwareApplication"
    assert found[action["instrument"]["@id"]]["identifier"] == "d" * 40
    assert [found[entry["@id"]]["name"] for entry in action["object"]] == ["data/log/001 a.log"]
    assert action["result"] == found["./"]["hasPart"]


def test_every_entity_that_is_named_is_described():
    content = record()
    named = set()

    def look(value) -> None:
        if isinstance(value, dict):
            named.update([value["@id"]] if "@id" in value else [])
            value = list(value.values())
        if isinstance(value, list):
            for inner in value:
                look(inner)

    look(content["@graph"])
    assert named - set(entities(content)) == {"https://w3id.org/ro/crate/1.1"}


def test_without_a_commit_none_is_claimed():
    content = record(provenance={"inputs": {}, "workflow": {"commit": None}})
    assert "identifier" not in entities(content)["#tinglegram"]


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text()))
def test_checksums_come_back(recorded):
    files = [CrateFile(path, 0, checksum) for path, checksum in recorded.items()]
    assert crate_checksums(json.loads(json.dumps(record(files)))) == recorded


def test_differences_are_told_by_kind_and_path():
    before = {"a": "1", "b": "2", "c": "3", "d": "4"}
    now = {"a": "1", "b": "9", "c": None, "e": "5"}
    assert checksum_differences(before, now) == [
        (CHANGED, "b"),
        (MISSING, "c"),
        (MISSING, "d"),
        (NEW, "e"),
    ]


RAW = "data/log/001-1.log"
CODE = len(recorded_code(ROOT))


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Results with one input, and their record as the workflow writes it."""
    folder = tmp_path / "results" / "tiny"
    for name, text in {
        "report.html": "page",
        "config.yaml": "study: tiny",
        "described/a b.tsv": "1",
        "logs/rule.log": "said",
        "benchmarks/rule.tsv": "s",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / RAW).parent.mkdir(parents=True)
    (tmp_path / RAW).write_text("raw")
    script(
        tmp_path,
        "provenance/record_provenance",
        *("--config", "results/tiny/config.yaml", "--checkout", str(ROOT), "--root", "data"),
        # A clip that is not there: its absence is for the inventory to say.
        *("--files", "vid1=a.avi", "--seed", "42", "--packages", "numpy"),
        *("--output", "results/tiny/provenance.json"),
    )
    script(
        tmp_path,
        "provenance/write_crate",
        *("--results", "results/tiny", "--provenance", "results/tiny/provenance.json"),
        *("--study", "tiny", "--title", "Tiny", "--workflow-version", "0.1.0"),
        *("--output", "results/tiny/ro-crate-metadata.json"),
    )
    return folder


def script(folder: Path, name: str, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(ROOT / f"scripts/{name}.py"), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def verify(results: Path) -> tuple[int, str]:
    answer = script(results.parents[1], "provenance/verify_results", "--results", "results/tiny")
    return answer.returncode, answer.stdout + answer.stderr


def test_untouched_results_are_as_recorded(results):
    (results / "logs/rule.log").write_text("said more")
    (results / "notes.txt").write_text("mine")
    assert verify(results) == (
        0,
        "result: 3 of 3 as recorded\n  new: notes.txt\ninput: 1 of 1 as recorded\n"
        f"code: {CODE} of {CODE} as recorded\nconfiguration: 1 of 1 as recorded\n"
        "results/tiny: everything is as the run left and found it.\n",
    )


def test_whatever_changed_is_named(results):
    (results / "described/a b.tsv").write_text("2")
    (results / "report.html").unlink()
    (results / "config.yaml").write_text("study: other")
    (results.parents[1] / RAW).write_text("other")
    code, said = verify(results)
    assert code == 1
    assert said.splitlines() == [
        "result: 1 of 3 as recorded",
        "  changed: described/a b.tsv",
        "  missing: report.html",
        "input: 0 of 1 as recorded",
        f"  changed: {RAW}",
        f"code: {CODE} of {CODE} as recorded",
        "configuration: 0 of 1 as recorded",
        "  changed: config.yaml",
        "results/tiny: 4 file(s) are not as the run left or found them.",
    ]


def test_changed_code_is_named(results):
    path = results / "provenance.json"
    provenance = json.loads(path.read_text())
    provenance["workflow"]["code"]["Snakefile"] = "0" * 64
    path.write_text(json.dumps(provenance))
    code, said = verify(results)
    assert code == 1
    assert f"code: {CODE - 1} of {CODE} as recorded\n  changed: Snakefile\n" in said
    assert "  changed: provenance.json\n" in said


def test_provenance_says_what_the_run_was_made_from(results):
    found = json.loads((results / "provenance.json").read_text())
    assert found["inputs"] == {RAW: sha256(results.parents[1] / RAW)}
    assert found["config_sha256"] == sha256(results / "config.yaml")
    assert len(found["workflow"]["code"]) == CODE
    assert found["workflow"]["code"]["Snakefile"] == sha256(ROOT / "Snakefile")
    assert found["seed"] == 42
    assert found["versions"]["numpy"]
    assert set(found["platform"]) == {"python", "system", "machine"}
    modified, files = (found["workflow"][name] for name in ("modified", "modified_files"))
    assert modified is (None if files is None else files > 0)


def test_results_leave_out_what_differs_from_run_to_run(results):
    (results / ".a.0123abcd.partial.tsv").touch()
    names = [path.relative_to(results).as_posix() for path in result_files(results)]
    assert names == ["config.yaml", "described/a b.tsv", "provenance.json", "report.html"]
