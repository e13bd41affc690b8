"""Biopac text exports, whole and edited."""

import numpy as np

SIGNAL = np.round(np.sin(np.arange(4000) / 100), 5)


def export(
    signal=SIGNAL,
    rate=2000.0,
    *,
    interval="0.5 msec/sample",
    unit="min",
    delimiter="\t",
    trailing="\t",
    newline="\r\n",
    counts=True,
    names=("PPG", "PPG, 0.5-35 Hz"),
    encoding="utf-8",
    title="S01.acq",
    units="Volts",
):
    """Text of an export with CH1 = -signal and CH2 = signal, in Volts unless `units` differ."""
    per_unit = {"min": 60.0, "sec": 1.0, "msec": 1e-3, "milliSec": 1e-3}[unit]
    lines = [title, interval, f"{len(names)} channels"]
    lines += [line for name in names for line in (name, units)]
    lines.append(delimiter.join([unit, "CH1", "CH2"]) + trailing)
    if counts:
        lines.append(delimiter.join(["", str(len(signal)), str(len(signal))]) + trailing)
    for i, value in enumerate(signal):
        stamp = f"{i / rate / per_unit:.6g}".replace("e", "E")
        lines.append(delimiter.join([stamp, f"{-value:.6g}", f"{value:.6g}"]) + trailing)
    return (newline.join(lines) + newline).encode(encoding)


def edited(line: int, change, **layout) -> bytes:
    """An export whose line `line`, from 1, is what `change` makes of it; None takes it out."""
    lines = export(**layout).split(b"\r\n")
    lines[line - 1] = change(lines[line - 1])
    return b"\r\n".join(line for line in lines if line is not None)
