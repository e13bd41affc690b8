"""Pulse recordings that read well and hold no pulse, the wrong stretch, or too few samples."""

import numpy as np
import pandas as pd
from error_cases import Case

from tinglegram.formats.recording import Recording
from tinglegram.pulse.beats import BeatLimits, PulseMethods
from tinglegram.pulse.continuity import Continuity, clip_continuity, describe_continuity
from tinglegram.pulse.epochs import Epoch
from tinglegram.pulse.findings import (
    UsualPulse,
    faults_finding,
    findings_of_stretch,
    held_finding,
    irregular_finding,
    limits_finding,
    low_pulse_finding,
    polarity_finding,
)
from tinglegram.pulse.long_windows import too_short_finding
from tinglegram.pulse.quality import scale_finding
from tinglegram.pulse.rests import Rest
from tinglegram.pulse.series import resample_to_grid
from tinglegram.pulse.slicing import slice_by_index, slice_by_printed_time
from tinglegram.pulse.windows import Rates, Windowing, exact_windows, filter_windows, possible_rates
from tinglegram.simulation.pulse_wave import template

TITLE = "Pulse in the recordings"


def _slice(cut, start_s: float, end_s: float):
    recording = Recording(
        np.zeros(5000), np.arange(5000) / 100, 100.0, "CH2", "", "", "", "utf-8", ()
    )
    return lambda folder: cut(recording, "007_csv.txt", "vid1", start_s, end_s) and None


def _too_short(folder):
    """Two clips with a long window each, and a rest without one."""
    clips = pd.DataFrame({"video": ["vid1", "vid2"]})
    return too_short_finding(
        clips, clips, pd.DataFrame({"rest": []}), [Rest("baseline", 0.0, 20.0)], 30.0
    )


def _continuity(spoil):
    """Say what was found in a pulse of ten seconds at 100 Hz after two of them were spoilt."""

    def provoke(folder):
        signal = np.sin(2 * np.pi * np.arange(1000) / 100)
        spoil(signal[300:500])
        settings = Continuity(flat_seconds=0.2, clip_seconds=0.05, jump_sds=12.5)
        return describe_continuity(clip_continuity(signal, 100.0, settings), "007 vid1")

    return provoke


def _flat(part: np.ndarray) -> None:
    part[:] = part[0]


def _clipped(part: np.ndarray) -> None:
    np.clip(part * 4, -1.5, 1.5, out=part)


def _slow_pulse(folder):
    settings = Windowing()
    clip = Epoch(np.zeros(80), np.arange(80) / 8)
    return filter_windows(clip, exact_windows(0.0, 10.0, 10, settings), 8.0, settings) and None


def _stretch(bpm: float, height: float):
    """Say what is noted about 40 s of such a pulse at 100 Hz."""

    def provoke(folder):
        wave = template(bpm / 60 * np.arange(4000) / 100)
        noted = findings_of_stretch(
            height * wave / np.ptp(wave), 100.0, Windowing(), BeatLimits(rate_range=(50.0, 200.0))
        )
        return "\n".join(f"{note.kind}: {note}" for note in noted)

    return provoke


def _faults(folder):
    signal = np.minimum(template(1.2 * np.arange(4000) / 100), 2.5)
    signal[2000:] += 60
    clips = [Epoch(part, np.arange(2500) / 100) for part in (signal[:2500], signal[1500:])]
    return faults_finding(clips, 100.0, Continuity())


def _released_rates() -> Rates:
    return possible_rates(Windowing(), PulseMethods(), BeatLimits())


CASES = [
    Case(
        "a recording shorter than the log",
        "007_csv.txt, second 50.0: expected samples up to second 60.0, where clip vid1 ends, "
        "found the end of the recording after 5000 samples. Export the whole recording, or "
        "exclude the trial (data: exclusions).",
        _slice(slice_by_index, 5.0, 60.0),
    ),
    Case(
        "a recording shorter than the log, sliced by its printed times",
        "007_csv.txt, second 50.0: expected samples up to second 60.0, where clip vid1 ends, "
        "found the end of the recording after 5000 samples. Export the whole recording, or "
        "exclude the trial (data: exclusions).",
        _slice(slice_by_printed_time, 5.0, 60.0),
    ),
    Case(
        "a clip that began before the recording",
        "007_csv.txt, second -1.0: expected a recording that runs before clip vid1 begins, found "
        "a clip that begins before the first sample. Check that log and recording belong to the "
        "same session, or exclude the trial.",
        _slice(slice_by_index, -1.0, 30.0),
    ),
    Case(
        "a flat line (a warning; the samples are counted in continuity.tsv)",
        "007 vid1: 20.00% of 1000 samples show no pulse (200 flat, 0 clipped, 0 disconnected). "
        "They stay in the series; windows that they spoil count as poor. List the clip in the "
        "table of exclusions (data: exclusions) to leave it out.",
        _continuity(_flat),
    ),
    Case(
        "clipping (a warning; the samples are counted in continuity.tsv)",
        "007 vid1: 14.80% of 1000 samples show no pulse (148 flat, 148 clipped, 0 disconnected). "
        "They stay in the series; windows that they spoil count as poor. List the clip in the "
        "table of exclusions (data: exclusions) to leave it out.",
        _continuity(_clipped),
    ),
    Case(
        "a unit in which no pulse stands out (a warning)",
        "peaks are to stand out by 0.5 in the unit of the recording, but no window of any clip "
        "holds two such peaks. If the recording is in another unit (its header is logged where it "
        "is sliced), set pulse: peak_prominence to match.",
        lambda folder: scale_finding(np.nan, 0.5),
    ),
    Case(
        "a unit in which everything stands out (a warning)",
        "peaks are to stand out by 0.5 in the unit of the recording, but the median pulse is "
        "1.2e+03 high. If the recording is in another unit (its header is logged where it is "
        "sliced), set pulse: peak_prominence to match.",
        lambda folder: scale_finding(1200.0, 0.5),
    ),
    Case(
        "a recording in another unit (noted before anything runs)",
        "pulse_height: with prominence: absolute, peaks are to stand out by 0.5 in the unit of the "
        "recording, but half of this participant's pulses are lower than 0.00283: weak ones are "
        "missed. Set overrides: prominence: relative, or a lower pulse: peak_prominence.",
        _stretch(72.0, 0.003),
    ),
    Case(
        "a slow pulse that is upside down (noted before anything runs)",
        "inverted_pulse: the pulse wave is upside down (its short waves and its steep flank point "
        "down): it is turned with polarity: detected, and used as recorded without\n"
        "rate_limits: with interval_limits: fixed, the pulse is at about 40 bpm, but with "
        "these settings a window can have a pulse rate from 46.2 to 171.4 bpm only, and below "
        "48.0 bpm not every window has one: what has a value there may be wrong. Choose "
        "interval_limits: rate_range and pulse: rate_range to match, or leave the participant out "
        "(data: exclusions).\n"
        "rate_limits: with interval_limits: rate_range, the pulse is at about 40 bpm, but with "
        "these settings a window can have a pulse rate from 50.0 to 200.0 bpm only, and below "
        "50.0 bpm not every window has one: what has a value there may be wrong. Choose "
        "interval_limits: rate_range and pulse: rate_range to match, or leave the participant out "
        "(data: exclusions).",
        _stretch(40.0, -3.0),
    ),
    Case(
        "no pulse in the middle of a recording (noted before anything runs)",
        "faulty_samples: of all samples, 100.0% in flat lines\n"
        "no_pulse: no pulse can be seen there",
        _stretch(72.0, 0.0),
    ),
    Case(
        "a pulse wave that is upside down (a warning)",
        "the pulse wave is upside down (its short waves and its steep flank point down) and is "
        "used as recorded, so beats are placed on its troughs. Set overrides: polarity: detected "
        "to turn it.",
        lambda folder: polarity_finding(True, PulseMethods()),
    ),
    Case(
        "a pulse wave that is upside down, and turned (a warning)",
        "the pulse wave is upside down (its short waves and its steep flank point down): it was "
        "turned",
        lambda folder: polarity_finding(True, PulseMethods(polarity="detected")),
    ),
    Case(
        "a pulse wave that was turned over during a session, and turned back (a warning)",
        "the pulse wave is upside down in vid2, vid5 alone (its short waves and its steep flank "
        "point down): it was turned",
        lambda folder: polarity_finding(True, PulseMethods(polarity="detected"), ["vid2", "vid5"]),
    ),
    Case(
        "clips or rests too short for an RMSSD (a warning)",
        "0 of 2 clips and 1 of 1 rests are too short for a window of 30 s (pulse: rmssd_window): "
        "they have no RMSSD",
        _too_short,
    ),
    Case(
        "beats at irregular times (a warning, and noted before anything runs)",
        "the beats are irregular: neighbouring intervals differ by 34% in the median, and 31% of "
        "all are unlike those around them. Noise, movement or an arrhythmia: look at the recording "
        "before you trust its pulse rates.",
        lambda folder: irregular_finding(UsualPulse(60.0, 90.0, 3.0, 0.34, 0.31)),
    ),
    Case(
        "clipping and jumps (a warning, and noted before anything runs)",
        "of all samples, 5.2% at the highest or lowest value and less than 0.1% at jumps or "
        "disconnected",
        _faults,
    ),
    Case(
        "a pulse too slow or too fast for the settings (a warning)",
        "the pulse is at about 44 and 178 bpm, but with these settings a window can have "
        "a pulse rate from 46.2 to 171.4 bpm only, and below 48.0 bpm not every window has one: "
        "what has a value there may be wrong. Choose interval_limits: rate_range and pulse: "
        "rate_range to match, or leave the participant out (data: exclusions).",
        lambda folder: limits_finding(UsualPulse(44.2, 177.6, 3.0), _released_rates()),
    ),
    Case(
        "a pulse that is low for a fixed prominence (a warning)",
        "peaks are to stand out by 0.5 in the unit of the recording, but half of this "
        "participant's pulses are lower than 0.68: weak ones are missed. Set overrides: "
        "prominence: relative, or a lower pulse: peak_prominence.",
        lambda folder: low_pulse_finding(UsualPulse(72.0, 72.0, 0.68), Windowing(), PulseMethods()),
    ),
    Case(
        "a slow channel exported at a high rate (a warning)",
        "every value stands 100 times: the pulse was taken at about 20 Hz, not at 2000 Hz",
        lambda folder: held_finding(np.repeat(np.arange(50.0), 100), 2000.0),
    ),
    Case(
        "a sampling rate too low for the band-pass",
        "A band-pass of 0.5 to 4 Hz needs a pulse of more than 8 samples per second, but the "
        "recording has 8. Export it at its full rate, or correct pulse: band.",
        _slow_pulse,
    ),
    Case(
        "a sampling rate below the grid's",
        "A clip of 440 samples cannot be brought down to 550 grid steps: the sampling rate must "
        "be higher than the grid rate (timing: grid).",
        lambda folder: resample_to_grid(np.zeros(440), 550) and None,
    ),
]
