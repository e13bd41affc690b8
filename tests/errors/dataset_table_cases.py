"""Results that are not there, asked for as a dataset, as tables or for an export."""

from pathlib import Path

from error_cases import Case
from small_results import write_small_results

from tinglegram.datasets import TrialDataset, study_tables
from tinglegram.study.cli import obey

TITLE = "Results as datasets and tables"


def asked(ask, *gone: str):
    """Write a small study without the files `gone`, then ask."""

    def provoke(folder: Path) -> None:
        write_small_results(folder / "results/small")
        for name in gone:
            (folder / "results/small" / name).unlink()
        ask()

    return provoke


CASES = [
    Case(
        "a study that is not there",
        "results/smal: expected the results of a study, with its config.yaml, found none; studies "
        "in the same folder: small. Correct the folder, or run the study first.",
        asked(lambda: study_tables("results/smal", "described")),
    ),
    Case(
        "a protocol that the study does not have",
        "results/small: expected a protocol of the study (described, corrected), found released. "
        "Name one of these, or add it to protocols: and run the study again.",
        asked(lambda: TrialDataset("results/small", "released")),
    ),
    Case(
        "a modality that there is not",
        "results/small/described: expected modalities of the study (visual, acoustic, pulse), "
        "found sound. Name some of these.",
        asked(lambda: TrialDataset("results/small", "described", ["sound", "pulse"])),
    ),
    Case(
        "pulse of a study in which nobody has any",
        "results/small/described: expected modalities of the study (visual, acoustic), found "
        "pulse. Name some of these.",
        asked(
            lambda: TrialDataset("results/small", "described", ["pulse"]),
            "participants/with_pulse.txt",
        ),
    ),
    Case(
        "a study that was stopped on its way",
        "results/small/described/labels/002.parquet: expected this file of the results, found "
        "none. Run the study to its end.",
        asked(
            lambda: TrialDataset("results/small", "described", ["pulse"]),
            "described/labels/002.parquet",
        ),
    ),
    Case(
        "a study without a list of participants",
        "results/small/participants/all.txt: expected a list of the study's participants, found "
        "none. Run the study to its end. One of published predictions alone has no trials.",
        asked(lambda: study_tables("results/small", "described"), "participants/all.txt"),
    ),
    Case(
        "an export whose stimuli are elsewhere",
        "data/stim/sea.mp4: expected the stimuli that the study read (2 files), found none of "
        "them. Go to the folder from which the study was run, or say --without-stimuli.",
        asked(lambda: obey(["export", "results/small", "--bids", "out"])),
    ),
]
