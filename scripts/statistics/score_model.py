"""Score models: per fold, pooled over folds with resampling, and per video."""

import argparse
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from tinglegram.metrics import as_trials, fold_table
from tinglegram.resampling import Resamples, pooled_table, video_table
from tinglegram_shell import program, read_table, run, write_table

# Outputs of every model, by their options.
OUTPUTS = {"fold_metrics": "scores per fold", "pooled": "pooled scores", "video_level": "per video"}


def main() -> None:
    """Score one model after the other."""
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
    parser.add_argument("--control", required=True, help="condition in which no label is 1")
    parser.add_argument("--seed", type=int, required=True, help="the study's seed")
    for output, content in OUTPUTS.items():
        option = f"--{output.replace('_', '-')}"
        parser.add_argument(
            option, type=Path, nargs="+", required=True, help=f"output, {content}, of each model"
        )
    options = parser.parse_args()
    n_folds, rest = divmod(len(options.predictions), len(options.names))
    if rest or any(len(getattr(options, output)) != len(options.names) for output in OUTPUTS):
        parser.error("every model needs as many files as the others")
    for i, name in enumerate(options.names):
        folds = options.predictions[i * n_folds : (i + 1) * n_folds]
        score(name, folds, {output: getattr(options, output)[i] for output in OUTPUTS}, options)


def score(
    name: str, folds: Sequence[Path], outputs: Mapping[str, Path], options: argparse.Namespace
) -> None:
    """Read the predictions of all folds of one model and write its tables."""
    trials = as_trials(
        [read_table(path) for path in folds],
        padding=options.padding,
        control=options.control,
        source=name,
    )
    settings = Resamples(
        bootstrap=options.bootstrap,
        permutations=options.permutations,
        confidence=options.confidence,
        seed=options.seed,
        p_value=options.p_value,
    )
    write_table(fold_table(trials), outputs["fold_metrics"])
    pooled = pooled_table(trials, settings)
    write_table(pooled, outputs["pooled"])
    video = video_table(
        trials,
        settings,
        share=options.video_threshold,
        resampling=options.video_level_resampling,
    )
    write_table(video, outputs["video_level"])
    logging.info("%s, %d test trials\n%s", name, len(trials.names), pooled.to_string())


if __name__ == "__main__":
    run(main)
