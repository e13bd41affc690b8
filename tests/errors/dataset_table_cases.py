"""Results that are not there, asked for as a dataset, as tables or for an export."""

import runpy
import sys
from pathlib import Path

from error_cases import Case
from paths import ROOT
from small_results import without_sensor, write_small_results

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


def script(name: str, *words: str) -> None:
    """Run a script of an export in this process."""
    given = sys.argv
    sys.argv = [name, "--results", "results/small", *words]
    try:
        runpy.run_path(str(ROOT / f"scripts/export/{name}.py"))["main"]()
    finally:
        sys.argv = given


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
            lambda: (
                without_sensor(Path("results/small"))
                and TrialDataset("results/small", "described", ["pulse"])
            ),
        ),
    ),
    Case(
        "an export of features that there are not",
        "results/small/described: expected features that the study has (acoustic, visual), found "
        "texture. Name some of these: --features.",
        asked(
            lambda: script(
                "export_table",
                *("--protocol", "described", "--features", "texture", "--output", "t.csv"),
            )
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
        "a study that has a pulse and no list of whose",
        "results/small/participants/with_pulse.txt: expected a list of those whose pulse is used, "
        "found none. Run the study to its end.",
        asked(lambda: study_tables("results/small", "described"), "participants/with_pulse.txt"),
    ),
    Case(
        "a table of a study that was stopped on its way",
        "results/small/described/labels/003.parquet: expected this file of the results, found "
        "none. Run the study to its end.",
        asked(
            lambda: script("export_table", "--protocol", "described", "--output", "t.csv"),
            "described/labels/003.parquet",
        ),
    ),
    Case(
        "a table without somebody's pulse",
        "results/small/described/pulse_10hz/002.npz: expected this file of the results, found "
        "none. Run the study to its end.",
        asked(
            lambda: script("export_table", "--protocol", "described", "--output", "t.csv"),
            "described/pulse_10hz/002.npz",
        ),
    ),
    Case(
        "derivatives without somebody's windows",
        "results/small/described/pulse_windows/002.tsv: expected this file of the results, found "
        "none. Run the study to its end.",
        asked(
            lambda: script("export_derivatives", "--protocol", "described", "--output", "out"),
            "described/pulse_windows/002.tsv",
        ),
    ),
    Case(
        "raw data of a study that was stopped on its way",
        "results/small/canonical/002_signals.npz: expected this canonical table of a participant, "
        "found none. Run the study to its end.",
        asked(
            lambda: script("export_bids", "--name", "small", "--output", "out"),
            "canonical/002_signals.npz",
        ),
    ),
    Case(
        "derivatives of a study whose folds are not all there",
        "results/small/described/folds.tsv: expected this file of the results, found none, nor "
        "results/small/described/models/fusion/fold2/predictions.parquet, "
        "results/small/described/models/fusion/fold3/seed2/predictions.parquet, "
        "results/small/described/statistics/majority/pooled.tsv. Run the study to its end.",
        asked(
            lambda: script("export_derivatives", "--protocol", "described", "--output", "out"),
            "described/folds.tsv",
            "described/models/fusion/fold2/predictions.parquet",
            "described/models/fusion/fold3/seed2/predictions.parquet",
            "described/statistics/majority/pooled.tsv",
        ),
    ),
    Case(
        "a table without a clip's features",
        "results/small/described/stimuli/rain.npz: expected this file of the results, found none. "
        "Run the study to its end.",
        asked(
            lambda: script("export_table", "--protocol", "described", "--output", "t.csv"),
            "described/stimuli/rain.npz",
        ),
    ),
    Case(
        "an export whose stimuli are elsewhere",
        "data/stim/sea.mp4: expected the stimuli that the study read (2 files), found none of "
        "them. Go to the folder from which the study was run, or say --without-stimuli.",
        asked(lambda: obey(["export", "results/small", "--bids", "out"])),
    ),
]
