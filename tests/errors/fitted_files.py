"""Logs and recordings that fit each other, or do not, in ways that are known."""

import numpy as np

HEADER = (
    "Subject\tTrial\tEvent Type\tCode\tTime\tTTime\tUncertainty\tDuration\tUncertainty\tReqTime"
    "\tReqDur\tStim Type\tPair Index"
)
CLIPS = {"vid1": "ASMR", "vid2": "ASMR", "vid5": "Nature", "vid6": "Nature"}
# Clips of 20 s and when they begin, in seconds of the log; the last event is Quit.
ONSETS = dict(zip(CLIPS, (12.0, 44.0, 76.0, 108.0), strict=True))
CLIP_S, LAST_S = 20.0, 140.0
RATE = 50.0


def log(subject=7, onsets=None):
    """A log whose clips each begin a trial, with a rest after each."""
    rows = []
    for number, (code, second) in enumerate((onsets or ONSETS).items()):
        rows.append((2 * number + 1, "Video", code, second))
        rows.append((2 * number + 2, "Picture", "rest", second + CLIP_S))
    rows.append((rows[-1][0], "Quit", "", LAST_S))
    lines = [
        f"{subject:03d}\t{trial}\t{kind}\t{code}\t{round(second * 10_000)}\t0\t1"
        for trial, kind, code, second in rows
    ]
    return "\n".join(["Scenario - a", "", HEADER, "", *lines, ""]).encode()


def pulse(seconds):
    """A wave of 72 bpm that names each second of the log by its level."""
    return np.sin(2 * np.pi * 1.2 * seconds) + 0.01 * seconds


def marks_at(times, begin, end, rate=RATE, width=0.1):
    """A line that is 5 V for `width` seconds at each time, else 0."""
    seconds = np.arange(round(begin * rate), round(end * rate)) / rate
    high = np.zeros(len(seconds))
    for time in times:
        high[(seconds >= time - 1e-9) & (seconds < time + width - 1e-9)] = 5.0
    return high


def recording(
    seconds,
    marks=None,
    *,
    title="007.acq",
    rate=RATE,
    name="Digital input",
    first=0.0,
):
    """An export of the pulse at these seconds of the log, and of a trigger channel, if given.

    `first` is the first stamp of its time column, in seconds.
    """
    columns = [pulse(np.asarray(seconds))]
    names = ["PPG"]
    if marks is not None:
        columns.append(np.asarray(marks))
        names.append(name)
    labels = [f"CH{i + 1}" for i in range(len(names))]
    head = [title, f"{1000 / rate:.6g} msec/sample", f"{len(names)} channels"]
    head += [line for one in names for line in (one, "Volts")]
    head += ["\t".join(["sec", *labels]), "\t".join(["", *[str(len(columns[0]))] * len(names)])]
    rows = [
        "\t".join([f"{first + i / rate:.6g}", *(f"{v:.6g}" for v in values)])
        for i, values in enumerate(zip(*columns, strict=True))
    ]
    return "\r\n".join([*head, *rows, ""]).encode()


def seconds_of(begin, end, rate=RATE):
    """Seconds of the log at the samples of a recording from `begin` to `end`."""
    return begin + np.arange(round((end - begin) * rate)) / rate
