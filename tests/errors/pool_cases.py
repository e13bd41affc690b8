"""Studies that cannot be pooled, or read back from their canonical tables."""

from pathlib import Path

import pandas as pd
import yaml
from error_cases import Case
from small_results import write_small_results

from tinglegram.files import write_table
from tinglegram.readers.canonical_tables import covariates, find, read
from tinglegram.readers.registry import Request
from tinglegram.study.cli import obey

TITLE = "Pooling studies, and studies read back"
TWO = ("results/one", "results/two")


def small(name: str, dimension: str = "joy", **about: object) -> Path:
    """Write a finished study into the working folder; `about`: of its dimension."""
    results = write_small_results(Path("results") / name)
    own = yaml.safe_load((results / "config.yaml").read_text())
    own["data"]["root"] = None
    own["pulse"], own["report"] = {"signal": "ppg"}, {"response": "joy"}
    own["responses"]["dimensions"] = {dimension: {"kind": "continuous", **about}}
    own["responses"]["target"] = {"dimension": dimension, "above": 0.0, "condition": None}
    (results / "config.yaml").write_text(yaml.safe_dump(own, sort_keys=False))
    return results


def pool(*words: str, second: dict | None = None, spoil=lambda: None):
    """Pool two small studies; `second`: how the other one differs."""

    def provoke(_: Path) -> None:
        small("one", range=[0.0, 1.0])
        small("two", **({"range": [0.0, 1.0]} | (second or {})))
        spoil()
        obey(["pool", *(words or TWO), "--output", "both.yaml"])

    return provoke


def request(**options: object) -> Request:
    studies = {"studies": {"a": "one", "b": "two"}}
    return Request(Path("results"), studies | options)


def of_reader(ask, spoil=lambda: None, **options: object):
    """Write two small studies, spoil them, and ask the reader."""

    def provoke(_: Path) -> None:
        for name in ("one", "two"):
            small(name)
        spoil()
        ask(request(**options))

    return provoke


def read_first(asked: Request) -> None:
    people = find(asked)
    read("a_ada", people["a_ada"], asked)


def known(name: str, **columns: list) -> None:
    table = pd.DataFrame({"subject": [1, 2, 3], "participant_id": ["ada", "ben", "cleo"]})
    write_table(table.assign(**columns), Path("results") / name / "participants.tsv")


def words_and_numbers() -> None:
    known("one", sex=["f", "m", "f"])
    known("two", sex=[1, 2, 1])


CASES = [
    Case(
        "one study alone is pooled",
        "results/one: expected two studies or more, found one. Name the folders of their results, "
        "such as results/one results/two.",
        pool("results/one"),
    ),
    Case(
        "an overlay that is there already",
        "both.yaml: expected no file of that name, so that nothing is lost, found one. Move it "
        "away, or name another: --output FILE.",
        pool(spoil=lambda: Path("both.yaml").touch()),
    ),
    Case(
        "a dimension that studies give on other scales",
        "two, dimension joy: expected range 0 to 1, as in one, found range -1 to 1. Correct one of "
        "the studies and run it again, or keep both apart: --rename two.joy=OTHER.",
        pool(second={"range": [-1.0, 1.0]}),
    ),
    Case(
        "a dimension that studies give in other ways",
        "two, dimension joy: expected range 0 to 1, interpolation hold, as in one, found range "
        "any, interpolation linear. Correct one of the studies and run it again, or keep both "
        "apart: --rename two.joy=OTHER.",
        pool(second={"range": None, "interpolation": "linear"}),
    ),
    Case(
        "studies that asked for different things",
        "one, two: expected one dimension of responses that all studies have, to be predicted, "
        "found joy in one; fear in two. If they are the same under other names, say so: --rename "
        "STUDY.NAME=NEW.",
        pool(second={"dimension": "fear"}),
    ),
    Case(
        "a new name for a dimension that is not there",
        "one: expected dimensions of the study (joy) in --rename, found joi. Correct the name.",
        pool(*TWO, "--rename", "one.joi=fear"),
    ),
    Case(
        "a new name of another form",
        "--rename: expected STUDY.DIMENSION=NAME, of one, two, found three.joy=fear. Correct it.",
        pool(*TWO, "--rename", "three.joy=fear"),
    ),
    Case(
        "a folder that holds no results",
        "results/two: expected results of a study that ran, with participants/all.txt and "
        "canonical/, found neither. Correct data.root or data.options.studies, or run that study "
        "first.",
        of_reader(find, lambda: Path("results/two/participants/all.txt").unlink()),
    ),
    Case(
        "a canonical table that is missing",
        "results/two/canonical/002_trials.tsv: expected this canonical table of b_ben, found none. "
        "Run that study to its end.",
        of_reader(find, lambda: Path("results/two/canonical/002_trials.tsv").unlink()),
    ),
    Case(
        "names for a study that is none of the pooled",
        "data.options.stimuli: expected names of studies (a, b), found c. Correct it.",
        of_reader(find, stimuli={"c": {"sea": "waves"}}),
    ),
    Case(
        "two stimuli of a study that would become one",
        "data.options.stimuli.a: expected another name for each, found sea for rain and sea. "
        "Correct it.",
        of_reader(read_first, stimuli={"a": {"rain": "sea"}}),
    ),
    Case(
        "a covariate in numbers here and in words there",
        "results/two/participants.tsv: expected words as sex, as in a, found numbers in b. Write "
        "both alike in the raw data, or rename one of them.",
        of_reader(covariates, words_and_numbers),
    ),
    Case(
        "a covariate that is called study",
        "results/one/participants.tsv: expected no covariate that is called study, which says "
        "whose study it is, found one. Rename the column in the raw data of that study and run it "
        "again.",
        of_reader(covariates, lambda: known("one", study=["x", "y", "x"])),
    ),
]
