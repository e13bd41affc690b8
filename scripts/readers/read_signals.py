"""Read one participant's signals, by any reader, and cut the pulse into trials and rests."""

import argparse
import json
import logging
from pathlib import Path

import pandas as pd

from tinglegram.behaviour.showings import timeline_names
from tinglegram.canonical.contents import check_contents, signal_contents
from tinglegram.canonical.files import write_signals
from tinglegram.canonical.tables import Signal
from tinglegram.command_line import program, run
from tinglegram.errors import refuse
from tinglegram.files import read_table, write_arrays, write_json, write_table
from tinglegram.formats.recording import Note
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.epochs import Margins
from tinglegram.pulse.heart_beats import r_peaks
from tinglegram.pulse.heart_slices import slice_heart, with_beats
from tinglegram.pulse.heart_values import heart_values, intervals_of_beats
from tinglegram.pulse.recordings import recording_of
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.slices import Slices, slice_participant
from tinglegram.pulse.steady import steady_wave, stopped_recordings
from tinglegram.pulse.wave_look import wave_notes
from tinglegram.pulse.windows import Windowing
from tinglegram.readers.clocks import ClockLimits
from tinglegram.readers.devices import distinct_names
from tinglegram.readers.parts import (
    SIGNALS,
    check_recordings,
    chosen_signal,
    read_parts,
    signals_on_clock,
)
from tinglegram.settings import add_settings, pairs_of, read_settings


def main() -> None:
    """Write the canonical signals, and the slices of one participant."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--parts", required=True, help="reader, its options and files (JSON)")
    add("--participant", required=True, help="id of the participant")
    add("--lengths", required=True, help="of the clips", **pairs_of(float, "CLIP=SECONDS"))
    add("--dimensions", required=True, help="of responses", **pairs_of(str, "NAME=KIND"))
    add("--signal", help="type of the signal that the pulse is taken from; nothing: no pulse")
    add("--clock", type=Path, required=True, help="unix time of time 0 (JSON)")
    add("--trials", type=Path, required=True, help="canonical trials")
    add("--timeline", type=Path, required=True, help="timeline of the same participant")
    add_settings(parser, RestEpochs, Margins, Windowing, BeatLimits, ClockLimits)
    add("--signals", type=Path, required=True, help="canonical signals (NPZ, written)")
    add("--contents", type=Path, required=True, help="digests of signals (JSON, written)")
    add("--notes", type=Path, required=True, help="what should be known (written)")
    add("--output", type=Path, help="slices of the pulse (NPZ, written)")
    add("--output-rests", type=Path, help="rests of the pulse (NPZ, written)")
    options = parser.parse_args()

    who = options.participant
    limits = read_settings(options, ClockLimits)
    asked = (options.parts, who, options.lengths, options.dimensions, limits)
    ((part, session),) = read_parts(*asked).items()
    zero_s = json.loads(options.clock.read_text(encoding="utf-8"))["zero_unix_s"]
    signals = signals_on_clock(session, zero_s, who)
    write_signals({str(place): signal for place, signal in enumerate(signals)}, options.signals)
    trials = read_table(options.trials)
    names = distinct_names([signal.name for signal in signals])
    # Of trials that are left out nothing is used.
    kept = trials[trials["order"].isin(read_table(options.timeline)["order"])]
    contents = signal_contents(dict(zip(names, signals, strict=True)), kept)
    told = check_contents(contents, who)
    write_json(contents, options.contents)
    # Those of a reader that gives the events too stand among the notes of the events.
    notes = [*(session.notes if part == SIGNALS else ()), *told]
    notes += check_recordings(session, signals, trials, zero_s, limits, who)
    if options.signal is not None:
        notes += write_pulse(options, signals, trials)
    notes = list(dict.fromkeys(notes))
    write_table(pd.DataFrame(notes, columns=list(Note._fields)), options.notes)
    for note in notes:
        logging.warning("%s: %s", who, note)


def write_pulse(
    options: argparse.Namespace, signals: list[Signal], trials: pd.DataFrame
) -> list[Note]:
    """Write the pulse in clips and rests, and return what should be known of it."""
    who = options.participant
    chosen = chosen_signal(signals, options.signal, who)
    timeline = read_table(options.timeline)
    n_clips = int(trials["order"].max()) + 1
    rest_epochs = read_settings(options, RestEpochs)
    margin_s = read_settings(options, Margins).filter_margin
    if options.signal in ("ibi", "hr"):
        heart, notes = heart_values(chosen, who)
        logging.info("%s: %d values of %s", who, len(heart.values), chosen.name)
        slices = slice_heart(heart, who, timeline, n_clips, rest_epochs, margin_s)
    else:
        pulse, notes = steady_wave(chosen, who)
        if options.signal == "ppg":
            look = (read_settings(options, Windowing), read_settings(options, BeatLimits))
            notes += wave_notes(pulse, *look)
        slices = slices_of_wave(pulse, who, timeline, n_clips, rest_epochs, margin_s)
        refuse(stopped_recordings(chosen, timeline, timeline_names(timeline), who))
    for rest in slices.found:
        if rest.problem:
            logging.warning("%s: rest '%s' is not used: %s", who, rest.name, rest.problem)
    write_arrays(options.output, slices.clips)
    write_arrays(options.output_rests, slices.rests)
    return notes


def slices_of_wave(
    wave: Signal,
    who: str,
    timeline: pd.DataFrame,
    n_clips: int,
    rest_epochs: RestEpochs,
    margin_s: float,
) -> Slices:
    """Cut a pulse wave, or an electrocardiogram with its beats."""
    recording, clock = recording_of(wave)
    logging.info(
        "%s: %d samples at %g Hz, %s in %s",
        who,
        len(recording.signal),
        recording.sampling_rate_hz,
        recording.channel,
        recording.unit or "no unit",
    )
    slices = slice_participant(
        recording,
        who,
        timeline,
        n_clips,
        rest_epochs,
        printed_time=False,
        clock=clock,
        margin_s=margin_s,
    )
    if wave.type != "ecg":
        return slices
    rate = recording.sampling_rate_hz
    beats_s = (recording.first_index + r_peaks(recording.signal, rate, who)) / rate
    logging.info("%s: %d heart beats", who, len(beats_s))
    return with_beats(slices, intervals_of_beats(beats_s), timeline, clock, margin_s)


if __name__ == "__main__":
    run(main)
