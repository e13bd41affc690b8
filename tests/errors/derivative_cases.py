"""Results that cannot be exported as BIDS derivatives."""

from pathlib import Path

import pandas as pd
from error_cases import Case
from small_results import write_small_results

from tinglegram.export.derivatives import DerivedStudy, derived_dataset_files
from tinglegram.export.files import read_participant_results
from tinglegram.study.cli import obey

TITLE = "Results as BIDS derivatives"


def exported(*words: str):
    """Export the results of a small study."""

    def provoke(folder: Path) -> None:
        write_small_results(folder / "results/small")
        obey(["export", "results/small", "--derivatives", "out", *words])

    return provoke


def described(**statistics: pd.DataFrame):
    """Describe statistics of a study of one participant."""
    study = DerivedStudy("small", "described", "0.1.0", {1: "ada"})
    return lambda folder: derived_dataset_files(study, {}, statistics) and None


CASES = [
    Case(
        "derivatives of a protocol that the study does not have",
        "results/small: expected a protocol of the study (described, corrected), found released. "
        "Name one of these, or add it to protocols: and run the study again.",
        exported("--protocol", "released"),
    ),
    Case(
        "derivatives of a protocol that was not run to its end",
        "results/x/corrected/labels/001.parquet: expected the ratings of this participant, found "
        "none. Run the study to its end under this protocol.",
        lambda folder: read_participant_results(Path("results/x/corrected"), "001") and None,
    ),
    Case(
        "statistics of participants whom the study no longer has",
        "change: expected participants of the study (1), found number 7, 9. The table is of an "
        "older run: run the study again.",
        described(change=pd.DataFrame({"subject": [1, 9, 7]})),
    ),
    Case(
        "statistics whose names BIDS would confuse",
        "statistics/own_table.tsv: expected a name that differs from other tables in letters or "
        "digits, found owntable for two. Rename one of them.",
        described(owntable=pd.DataFrame({"n": [1]}), own_table=pd.DataFrame({"n": [1]})),
    ),
]
