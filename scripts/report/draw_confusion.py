"""Draw the confusion matrices of one model: test frames pooled over folds, and whole trials."""

from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.files import read_table
from tinglegram.report.figures import confusion
from tinglegram.report.files import item_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem


def main() -> None:
    """Count frames, read the trials' counts, draw, write."""
    parser = program(__doc__)
    item_arguments(parser)
    parser.add_argument(
        "--predictions", type=Path, nargs="+", required=True, help="test predictions of every fold"
    )
    parser.add_argument("--video-level", type=Path, required=True, help="counts of whole trials")
    parser.add_argument("--model", required=True, help="name of the model")
    parser.add_argument(
        "--padding", choices=["counted", "masked"], required=True, help="frames after the end"
    )
    parser.add_argument("--video-threshold", type=float, required=True, help="share of frames")
    parser.add_argument("--target", required=True, help="condition of the tingle trials")
    parser.add_argument("--control", required=True, help="condition of the control trials")
    options = parser.parse_args()

    frames = sum(
        confusion.frame_counts(read_table(path, ["valid", "label", "predicted"]), options.padding)
        for path in options.predictions
    )
    counts = read_table(options.video_level)[["tn", "fp", "fn", "tp"]].iloc[0]
    trials = counts.to_numpy(dtype=int).reshape(2, 2)
    figure = confusion.draw_confusion(
        frames,
        trials,
        target=options.target,
        control=options.control,
        title=f"Model {options.model}",
        note=options.note,
    )
    about = ReportItem(
        name=options.output.stem,
        kind="figure",
        section="models",
        protocol=options.protocol,
        title=f"Confusion matrices: {options.model}",
        caption=confusion.describe_confusion(
            frames,
            trials,
            options.model,
            padding=options.padding,
            video_threshold=options.video_threshold,
        ),
        source=source_of([*options.predictions, options.video_level], options.results),
        note=options.note,
    )
    write_figure(figure, about, options.output)


if __name__ == "__main__":
    run(main)
