"""Read a Biopac export once and store the valid epoch of every clip, and every rest."""

import logging
from pathlib import Path

from tinglegram.canonical.files import write_signals
from tinglegram.command_line import program, run
from tinglegram.errors import refuse
from tinglegram.files import read_table, write_arrays
from tinglegram.formats.biopac import BiopacExport, read_export
from tinglegram.pulse.alignment import ClockAlignment
from tinglegram.pulse.epochs import Margins
from tinglegram.pulse.fit import align_clock, fit_of_title
from tinglegram.pulse.recordings import canonical_signal, recording_of
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.slices import slice_participant
from tinglegram.settings import add_settings, read_settings


def main() -> None:
    """Write the slices of one participant."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--recording", type=Path, required=True, help="Biopac text export")
    add("--timeline", type=Path, required=True, help="timeline of the same participant")
    add("--subject", type=int, required=True, help="number of the participant")
    add("--offset", type=float, default=0.0, help="seconds of the log at the first sample")
    add("--accept", nargs="*", default=[], metavar="KIND", help="problems taken for none")
    add_settings(parser, BiopacExport, RestEpochs, ClockAlignment, Margins)
    add("--printed-time", action="store_true", help="also slice on the printed time column")
    add("--n-clips", type=int, required=True, help="clips of a whole session")
    add("--signals", type=Path, required=True, help="canonical signals (NPZ, written)")
    add("--output", type=Path, required=True, help="slices (NPZ, written)")
    add("--output-rests", type=Path, required=True, help="rests (NPZ, written)")
    options = parser.parse_args()
    export, rest_epochs, alignment = (
        read_settings(options, c) for c in (BiopacExport, RestEpochs, ClockAlignment)
    )

    source, content = options.recording.name, options.recording.read_bytes()
    recording = read_export(content, source, export.channel, export.sampling_rate)
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
    timeline = read_table(options.timeline)
    aligned = align_clock(
        content,
        lambda: content,
        source,
        (export.channel, export.sampling_rate),
        alignment,
        timeline["start_s"].tolist(),
        options.offset,
    )
    fits = (aligned.fit, fit_of_title(recording.title, source, options.subject))
    problems = [problem for fit in fits for problem in fit.problems]
    refuse([problem for problem in problems if problem.kind not in options.accept])
    notes = [note for fit in fits for note in fit.notes]
    for finding in (*recording.findings, *problems, *notes):
        logging.warning("%s: %s", source, finding)
    signal = canonical_signal(recording, aligned.clock, printed_time=options.printed_time)
    write_signals({"pulse": signal}, options.signals)
    canonical, clock = recording_of(signal)
    slices = slice_participant(
        canonical,
        source,
        timeline,
        options.n_clips,
        rest_epochs,
        printed_time=options.printed_time,
        clock=clock,
        margin_s=read_settings(options, Margins).filter_margin,
    )
    for rest in slices.found:
        if rest.problem:
            logging.warning("%s: rest '%s' is not used: %s", source, rest.name, rest.problem)
        else:
            logging.info("rest '%s': %.4f to %.4f s", rest.name, rest.start_s, rest.end_s)
    write_arrays(options.output, slices.clips)
    write_arrays(options.output_rests, slices.rests)


if __name__ == "__main__":
    run(main)
