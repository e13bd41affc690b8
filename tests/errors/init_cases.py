"""The command `tinglegram`: folders, overlays and checkouts that are not as they must be."""

import runpy
from collections.abc import Mapping
from pathlib import Path

from error_cases import Case
from paths import ROOT

from tinglegram.study.cli import obey
from tinglegram.study.files import checkout_of, script_of

TITLE = "The command tinglegram, and folders that are no study"


def told(*words: str, files: Mapping[str, str] | None = None):
    """Say `tinglegram` and these words in a folder that holds these files."""

    def provoke(folder: Path) -> None:
        for name, content in (files or {}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        obey(words)

    return provoke


def checked(*names: str):
    """Check a folder with these files, without an overlay."""

    def provoke(folder: Path) -> None:
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("participant,video,onset_s\n1,a,0.0\n")
        runpy.run_path(str(ROOT / "scripts/inputs/check_data.py"))["refuse_unknown"](Path("study"))

    return provoke


CASES = [
    Case(
        "init of a folder that is not there",
        "study: expected a folder with raw data, found no such folder. Correct its path.",
        told("init", "study"),
    ),
    Case(
        "init of a file",
        "study.csv: expected a folder with raw data, found a file. Correct its path.",
        told("init", "study.csv", files={"study.csv": "a,b\n1,2\n"}),
    ),
    Case(
        "init of a folder without anything that is known",
        "study: expected raw data: tables, recordings, films or sounds, found nothing that is "
        "known. Name the folder of a study. docs/readers.md lists what is read and how to write a "
        "reader of your own.",
        told("init", "study", files={"study/notes.doc": "words"}),
    ),
    Case(
        "init where an overlay is already",
        "study.yaml: expected no file of that name, so that nothing is lost, found one. Move it "
        "away, or name another: --output FILE.",
        told(
            "init",
            "study",
            files={"study.yaml": "study: mine\n", "study/r.csv": "participant,age\na,1\nb,2\n"},
        ),
    ),
    Case(
        "check of a folder in which the reader rest_asmr recognises nothing",
        "study: expected logs (log/*.log) or recordings (ppg/*_csv.txt) of the reader rest_asmr, "
        "found neither; the folder looks like one for the reader csv. A run would stop. Write an "
        "overlay for it: tinglegram init study; then check with that overlay.",
        checked("study/trials.csv"),
    ),
    Case(
        "check of a folder in which nothing is recognised",
        "study: expected logs (log/*.log) or recordings (ppg/*_csv.txt) of the reader rest_asmr, "
        "found neither; the folder looks like none that is known. A run would stop. Write an "
        "overlay for it: tinglegram init study; then check with that overlay.",
        checked("study/notes.doc"),
    ),
    Case(
        "check of a folder that lacks what the overlay names below data.root",
        "copy/e4: expected the folder of data.signals.root, found none. Put the files there, or "
        "correct the overlay.",
        lambda folder: (
            runpy.run_path(str(ROOT / "scripts/inputs/check_data.py"))["moved"](
                {"root": "study", "responses": None, "signals": {"root": "study/e4"}}, Path("copy")
            )
            and None
        ),
    ),
    Case(
        "check with an overlay that is not there",
        "mine.yaml: expected the overlay of a study, found no such file. Correct its path, or "
        "write one: tinglegram init FOLDER.",
        told("check", "study", "--config", "mine.yaml"),
    ),
    Case(
        "run of a folder",
        "study: expected the overlay of a study, found a folder. Correct its path, or write one: "
        "tinglegram init FOLDER.",
        told("run", "study", files={"study/trials.csv": ""}),
    ),
    Case(
        "the package without its checkout",
        "lib/tinglegram/study: expected this package inside its checkout, whose Snakefile and "
        "scripts do the work, found no Snakefile above it. Clone the repository and run make env "
        "there; it installs the command so that it finds them.",
        lambda folder: str(checkout_of(folder / "lib/tinglegram/study/cli.py")),
    ),
    Case(
        "a checkout that is older than the command",
        "scripts/export/export_bids.py: expected this script, found none. The checkout is older "
        "than the command: update it, then run make env.",
        lambda folder: str(script_of(folder, "export/export_bids")),
    ),
]
