"""Read a Biopac export once and store the valid epoch of every clip, and every rest."""

import logging
from pathlib import Path

import numpy as np

from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_arrays
from tinglegram.formats.biopac import read_export
from tinglegram.pulse import rests
from tinglegram.pulse.epochs import pack_epoch
from tinglegram.pulse.slicing import slice_by_index, slice_by_printed_time


def main() -> None:
    """Write the slices of one participant."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--recording", type=Path, required=True, help="Biopac text export")
    add("--timeline", type=Path, required=True, help="timeline of the same participant")
    add("--channel", required=True, help="label (CH2) or name of the channel to read")
    add("--sampling-rate", type=float, help="Hz; left out: the header's")
    add("--printed-time", action="store_true", help="also slice on the printed time column")
    add("--rest-margin", type=float, required=True, help="left out at both ends of a rest, s")
    add("--rest-minimum", type=float, required=True, help="a shorter rest is not used, s")
    add("--n-clips", type=int, required=True, help="clips of a whole session")
    add("--output", type=Path, required=True, help="slices (NPZ, written)")
    add("--output-rests", type=Path, required=True, help="rests (NPZ, written)")
    args = parser.parse_args()

    source = args.recording.name
    recording = read_export(args.recording.read_bytes(), source, args.channel, args.sampling_rate)
    logging.info(
        "%s: %d samples at %g Hz, %s (%s) in %s, %s",
        source,
        len(recording.signal),
        recording.sampling_rate_hz,
        recording.channel,
        recording.name,
        recording.unit or "no unit",
        recording.encoding,
    )
    for finding in recording.findings:
        logging.warning("%s: %s", source, finding)
    rate = {"sampling_rate_hz": np.array(recording.sampling_rate_hz)}
    arrays = dict(rate)
    timeline = read_table(args.timeline)
    for trial in timeline.itertuples():
        epoch = (recording, source, trial.video, trial.valid_start_s, trial.end_s)
        printed = slice_by_printed_time(*epoch) if args.printed_time else None
        arrays |= pack_epoch(trial.video, slice_by_index(*epoch), printed)
    slices = {}
    for rest in rests.find_rests(
        timeline,
        rests.recording_seconds(len(recording.signal), recording.sampling_rate_hz),
        args.n_clips,
        margin_s=args.rest_margin,
        minimum_s=args.rest_minimum,
    ):
        if rest.problem:
            logging.warning("%s: rest '%s' is not used: %s", source, rest.name, rest.problem)
            slices[rest] = None
        else:
            logging.info("rest '%s': %.4f to %.4f s", rest.name, rest.start_s, rest.end_s)
            slices[rest] = rests.slice_rest(recording, source, rest).signal
    write_arrays(args.output, arrays)
    write_arrays(args.output_rests, rate | rests.pack_rests(slices))


if __name__ == "__main__":
    run(main)
