"""Lists that programs read, patterns of file names, and settings of one name."""

import argparse
from pathlib import Path

from error_cases import Case

from tinglegram.command_line import add_clips, filled, names_in
from tinglegram.models.settings import Boosting, NetworkTraining
from tinglegram.settings import options_of

TITLE = "Lists and patterns that programs are given"


def listed(text: str):
    """Read a list that holds this text."""

    def provoke(folder: Path) -> None:
        (folder / "all.txt").write_text(text)
        names_in(Path("all.txt"))

    return provoke


def clips(*words: str):
    """Parse clips of a command line."""

    def provoke(_: Path) -> str | None:
        parser = argparse.ArgumentParser(exit_on_error=False)
        add_clips(parser)
        try:
            parser.parse_args(["--clips", *words])
        except argparse.ArgumentError as problem:
            return str(problem)
        return None

    return provoke


def refused(_: Path) -> str | None:
    """Ask for options of two classes whose settings share a name."""
    try:
        options_of([NetworkTraining, Boosting])
    except ValueError as problem:
        return str(problem)
    return None


CASES = [
    Case(
        "a participant stands in a list twice",
        "all.txt, line 3: expected one name a line, each once, found 001, as in line 1. Delete the "
        "list; the workflow writes it anew.",
        listed("001\n002\n001\n"),
    ),
    Case(
        "an empty line in a list",
        "all.txt, line 2: expected one name a line, each once, found an empty line. Delete the "
        "list; the workflow writes it anew.",
        listed("001\n\n002\n"),
    ),
    Case(
        "an empty list",
        "all.txt: expected one name a line, found an empty list. Delete the list; the workflow "
        "writes it anew.",
        listed(""),
    ),
    Case(
        "a pattern that names one file for everybody",
        "labels/001.parquet: expected a pattern with {subject}, found none. Without it, one file "
        "would stand for all.",
        lambda _: filled(["labels/001.parquet"], subject=["001", "002"]),
    ),
    Case(
        "a clip is given twice",
        "argument --clips: named more than once: vid1",
        clips("vid1=ASMR", "vid2=Nature", "vid1=Nature"),
    ),
    Case(
        "a clip without its condition",
        "argument --clips: expected CLIP=CONDITION, found 'vid1'",
        clips("vid1"),
    ),
    Case(
        "two settings would be one option (for who adds a setting)",
        "training.bilstm.learning_rate and training.xgboost.learning_rate would both be "
        "--learning-rate: name one of them otherwise",
        refused,
    ),
]
