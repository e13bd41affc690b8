"""Studies that cannot be put side by side."""

from pathlib import Path

import pandas as pd
from error_cases import Case
from small_results import write_small_results

from tinglegram.files import write_table
from tinglegram.statistics.study_comparison import compare_studies
from tinglegram.study.files import read_compared, studies_to_compare

TITLE = "Comparing studies"


def of(*studies: str, protocol: str = "described", model: str = ""):
    """Compare studies of small results; `model`: the second one has that one alone."""

    def provoke(folder: Path) -> None:
        for name in dict.fromkeys(studies):
            write_small_results(folder / "results" / name)
            # Only what models have is compared here.
            (folder / "results" / name / "described/statistics/agreement.tsv").unlink()
        if model:
            statistics = folder / "results" / studies[1] / "described/statistics"
            for fitted in ("fusion", "majority"):
                (statistics / fitted / "pooled.tsv").unlink()
            score = pd.DataFrame({"metric": ["accuracy"], "value": [0.5]})
            write_table(score, statistics / model / "pooled.tsv")
        folders = studies_to_compare([Path("results", name) for name in studies])
        read = {name: read_compared(path, protocol) for name, path in folders.items()}
        compare_studies({name: study.tables for name, study in read.items()})

    return provoke


def of_tables(first: dict, second: dict):
    """Compare the agreement of two studies, each given as columns."""

    def provoke(_: Path) -> None:
        tables = {"one": first, "two": second}
        compare_studies({name: {"agreement": pd.DataFrame(t)} for name, t in tables.items()})

    return provoke


SEA = {"video": ["sea"], "condition": ["calm"], "r": [0.5]}
CASES = [
    Case(
        "one study",
        "results/one: expected two studies or more, found one. Name the folders of their results, "
        "such as results/one results/two.",
        of("one"),
    ),
    Case(
        "the same study twice",
        "results/one: expected every study once, found the same as results/one. Name another "
        "study.",
        of("one", "two", "one"),
    ),
    Case(
        "a protocol that a study does not have",
        "results/one: expected a protocol of the study (described, corrected), found released. "
        "Name one of these, or add it to protocols: and run the study again.",
        of("one", "two", protocol="released"),
    ),
    Case(
        "a protocol without statistics",
        "results/one/corrected/statistics: expected statistics of a finished study, found none. "
        "Run the study to its end.",
        of("one", "two", protocol="corrected"),
    ),
    Case(
        "nothing in common",
        "one, two: expected a row of a statistic that two of the studies have, found none in "
        "common. Compare studies with the same clips, conditions or models. docs/statistics.md "
        "lists what is compared.",
        of("one", "two", model="xgboost"),
    ),
    Case(
        "a table without the columns that say which row it is",
        "two, agreement: expected columns that say which row it is (video, condition), found no "
        "condition. Run the study again with this version, then compare.",
        of_tables(SEA, {"video": ["sea"], "r": [0.5]}),
    ),
    Case(
        "a row that stands twice in a table",
        "two, agreement: expected each row once, by video, condition, found sea / calm twice. Run "
        "the study again with this version, then compare.",
        of_tables(SEA, {column: cells * 2 for column, cells in SEA.items()}),
    ),
]
