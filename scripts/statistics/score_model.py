"""Score one model: per fold, pooled over folds with resampling, and per video."""

import logging
from pathlib import Path

from tinglegram.metrics import as_trials, fold_table
from tinglegram.resampling import Resamples, pooled_table, video_table
from tinglegram_shell import program, read_table, run, write_table


def main() -> None:
    """Read the predictions of all folds and write the three tables."""
    parser = program(__doc__)
    parser.add_argument("--name", required=True, help="the model, for messages")
    parser.add_argument(
        "--predictions", type=Path, nargs="+", required=True, help="one file per fold, in order"
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
    parser.add_argument("--control", required=True, help="condition in which no label is 1")
    parser.add_argument("--seed", type=int, required=True, help="the study's seed")
    parser.add_argument("--fold-metrics", type=Path, required=True, help="output, scores per fold")
    parser.add_argument("--pooled", type=Path, required=True, help="output, pooled scores")
    parser.add_argument("--video-level", type=Path, required=True, help="output, per video")
    options = parser.parse_args()
    trials = as_trials(
        [read_table(path) for path in options.predictions],
        padding=options.padding,
        control=options.control,
        source=options.name,
    )
    settings = Resamples(
        bootstrap=options.bootstrap,
        permutations=options.permutations,
        confidence=options.confidence,
        seed=options.seed,
        p_value=options.p_value,
    )
    write_table(fold_table(trials), options.fold_metrics)
    pooled = pooled_table(trials, settings)
    write_table(pooled, options.pooled)
    video = video_table(
        trials,
        settings,
        share=options.video_threshold,
        resampling=options.video_level_resampling,
    )
    write_table(video, options.video_level)
    logging.info("%s, %d test trials\n%s", options.name, len(trials.names), pooled.to_string())


if __name__ == "__main__":
    run(main)
