"""Draw the confusion matrices of one model: test frames pooled over folds, and whole trials."""

from pathlib import Path

from tinglegram.exhibits import Exhibit
from tinglegram.figures import confusion
from tinglegram_shell import program, read_table, run
from tinglegram_shell.exhibits import exhibit_arguments, source_of
from tinglegram_shell.figure_files import write_figure


def main() -> None:
    """Count frames, read the trials' counts, draw, write."""
    parser = program(__doc__)
    exhibit_arguments(parser)
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
    figure = confusion.draw(
        frames,
        trials,
        target=options.target,
        control=options.control,
        title=f"Model {options.model}",
        note=options.note,
    )
    about = Exhibit(
        name=options.output.stem,
        kind="figure",
        section="models",
        protocol=options.protocol,
        title=f"Confusion matrices: {options.model}",
        caption=confusion.describe(
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
