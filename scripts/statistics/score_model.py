"""Score models: frames, trials, within the target condition, events and calibration."""

import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table
from tinglegram.inference.resampling import Resamples
from tinglegram.statistics.calibration import calibration_table
from tinglegram.statistics.events import event_table
from tinglegram.statistics.metrics import fold_table
from tinglegram.statistics.pooled import pooled_table
from tinglegram.statistics.scored_trials import ScoredTrials, as_trials
from tinglegram.statistics.self_report import self_report_table
from tinglegram.statistics.trial_level import trial_level_table
from tinglegram.statistics.within_target import within_target_table


def score(
    trials: ScoredTrials,
    settings: Resamples,
    *,
    grid: float,
    event_tolerance: float,
    calibration_bins: int,
    video_threshold: float,
    video_level_resampling: str,
) -> dict[str, pd.DataFrame]:
    """Return name of the file -> table, of one model."""
    return {
        "fold_metrics": fold_table(trials),
        "pooled": pooled_table(trials, settings),
        "video_level": trial_level_table(
            trials, settings, share=video_threshold, resampling=video_level_resampling
        ),
        "video_level_own_report": self_report_table(trials, settings, share=video_threshold),
        "within": within_target_table(trials, settings),
        "events": event_table(trials, settings, grid=grid, tolerance=event_tolerance),
        "calibration": calibration_table(trials, settings, bins=calibration_bins),
    }


def main() -> None:
    """Read the predictions of one model after the other and write its tables."""
    parser = program(__doc__)
    parser.add_argument("--names", nargs="+", required=True, help="models, in the files' order")
    parser.add_argument(
        "--predictions",
        type=Path,
        nargs="+",
        required=True,
        help="all folds of the first model, then of the second, ...",
    )
    parser.add_argument(
        "--padding",
        choices=["counted", "masked"],
        required=True,
        help="frames after a clip's end count or not",
    )
    parser.add_argument(
        "--p-value", choices=["count", "plus_one"], required=True, help="how p is counted"
    )
    parser.add_argument(
        "--video-level-resampling",
        choices=["trials", "participants"],
        required=True,
        help="units resampled",
    )
    parser.add_argument("--bootstrap", type=int, required=True, help="participant-level resamples")
    parser.add_argument("--permutations", type=int, required=True, help="shuffles of the labels")
    parser.add_argument("--confidence", type=float, required=True, help="of the intervals")
    parser.add_argument(
        "--video-threshold", type=float, required=True, help="share of frames that makes a call"
    )
    parser.add_argument(
        "--event-tolerance", type=float, required=True, help="seconds that make the same onset"
    )
    parser.add_argument(
        "--calibration-bins", type=int, required=True, help="bins of the reliability curve"
    )
    parser.add_argument("--grid", type=float, required=True, help="steps per second")
    parser.add_argument("--control", required=True, help="condition in which no label is 1")
    parser.add_argument("--seed", type=int, required=True, help="the study's seed")
    parser.add_argument(
        "--outputs", type=Path, nargs="+", required=True, help="folder of each model's tables"
    )
    options = parser.parse_args()
    n_folds, rest = divmod(len(options.predictions), len(options.names))
    if rest or len(options.outputs) != len(options.names):
        parser.error("every model needs as many files as the others")
    settings = Resamples(
        bootstrap=options.bootstrap,
        permutations=options.permutations,
        confidence=options.confidence,
        seed=options.seed,
        p_value=options.p_value,
    )
    for place, (model, folder) in enumerate(zip(options.names, options.outputs, strict=True)):
        trials = as_trials(
            [
                read_table(path)
                for path in options.predictions[place * n_folds : (place + 1) * n_folds]
            ],
            padding=options.padding,
            control=options.control,
            source=model,
        )
        tables = score(
            trials,
            settings,
            grid=options.grid,
            event_tolerance=options.event_tolerance,
            calibration_bins=options.calibration_bins,
            video_threshold=options.video_threshold,
            video_level_resampling=options.video_level_resampling,
        )
        for name, table in tables.items():
            write_table(table, folder / f"{name}.tsv")
        logging.info("%s, %d test trials", model, len(trials.names))
        for name in ("pooled", "within"):
            logging.info("%s, %s\n%s", model, name, tables[name].to_string())


if __name__ == "__main__":
    run(main)
