"""Resample the pulse of every clip to the grid of the ratings and standardise it."""

import logging
from pathlib import Path

from tinglegram.behaviour.showings import timeline_names
from tinglegram.command_line import program, run
from tinglegram.files import read_arrays, read_table, write_arrays
from tinglegram.pulse.epochs import unpack_epoch
from tinglegram.pulse.heart_rates import rate_series
from tinglegram.pulse.heart_values import heart_kind, unpack_heart
from tinglegram.pulse.polarity import inverted_epochs, turned
from tinglegram.pulse.series import resample_to_grid


def main() -> None:
    """Write the standardised series of one participant, once for each way of slicing."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--recording", type=Path, required=True, help="slices of one participant (NPZ)")
    add("--timeline", type=Path, required=True, help="timeline of the same participant")
    add(
        "--variant",
        nargs=3,
        action="append",
        required=True,
        metavar=("SLICE_BY", "POLARITY", "NPZ"),
        help="how the slices were cut, whether a wave that is upside down is turned, and the "
        "series to write",
    )
    options = parser.parse_args()

    arrays, timeline = read_arrays(options.recording), read_table(options.timeline)
    if heart_kind(arrays):
        rates = {
            name: rate_series(unpack_heart(arrays, name), t.valid_start_s, t.end_s, t.n_steps)
            for name, t in zip(timeline_names(timeline), timeline.itertuples(), strict=True)
        }
        for video in (name for name, rate in rates.items() if not rate.any()):
            logging.warning("%s: no change of heart rate, or no value: its series is zero", video)
        for *_, path in options.variant:
            write_arrays(Path(path), rates)
        return
    rate = float(arrays["sampling_rate_hz"])
    for slice_by, polarity, path in options.variant:
        series = {}
        trials, names = list(timeline.itertuples()), timeline_names(timeline)
        epochs = [
            unpack_epoch(arrays, name, slice_by, t.valid_start_s)
            for name, t in zip(names, trials, strict=True)
        ]
        down = inverted_epochs(epochs, rate) if polarity == "detected" else [False] * len(trials)
        for name, trial, epoch, inverted in zip(names, trials, epochs, down, strict=True):
            if inverted:
                logging.warning("%s: the pulse wave is upside down: it was turned", name)
                epoch = turned(epoch)
            series[name] = resample_to_grid(epoch.signal, trial.n_steps)
            n_samples = len(epoch.signal)
            logging.info("%s: %d samples to %d steps", name, n_samples, trial.n_steps)
        write_arrays(Path(path), series)


if __name__ == "__main__":
    run(main)
