"""Draw the confusion matrices of models: test frames pooled over folds, and whole trials."""

from tinglegram.behaviour.wording import ResponseWord
from tinglegram.command_line import filled, program, run
from tinglegram.files import read_table
from tinglegram.report.figures import confusion
from tinglegram.report.files import model_arguments, source_of, write_figure
from tinglegram.report.items import ReportItem
from tinglegram.report.text import Words
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.statistics.trial_level import TrialLevel
from tinglegram.trials.trials import Scoring

Calls = only(TrialLevel, "video_threshold")


def main() -> None:
    """Count frames, read the trials' counts, draw, write, model by model."""
    parser = program(__doc__)
    model_arguments(parser)
    add = parser.add_argument
    add("--predictions", required=True, help="test predictions of a {model} in a {fold}")
    add("--folds", type=int, required=True, help="number of folds")
    add("--video-level", required=True, help="counts of whole trials of a {model}")
    add("--target", required=True, help="condition whose reports are class 1")
    add("--control", default="", help="name of what is no target; none: all trials are target's")
    add_settings(parser, Scoring, Calls, ResponseWord)
    options = parser.parse_args()
    words = Words(read_settings(options, ResponseWord).response, options.target, options.control)
    padding = read_settings(options, Scoring).padding
    threshold = read_settings(options, Calls).video_threshold

    for model in options.models:
        note = options.notes.get(model, "")
        folds = filled([options.predictions], model=[model], fold=range(1, options.folds + 1))
        (video_level,) = filled([options.video_level], model=[model])
        (output,) = filled([options.output], model=[model])
        columns = ["valid", "label", "predicted"]
        frames = confusion.pooled_counts((read_table(path, columns) for path in folds), padding)
        trials = confusion.trial_counts(read_table(video_level))
        figure = confusion.draw_confusion(
            frames,
            trials,
            words=words,
            title=f"Model {model}",
            note=note,
        )
        about = ReportItem(
            name=output.stem,
            kind="figure",
            section="models",
            protocol=options.protocol,
            title=f"Confusion matrices: {model}",
            caption=confusion.describe_confusion(
                frames, trials, model, words, padding=padding, video_threshold=threshold
            ),
            source=source_of([*folds, video_level], options.results),
            note=note,
        )
        write_figure(figure, about, output)


if __name__ == "__main__":
    run(main)
