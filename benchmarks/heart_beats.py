"""How many R peaks are found, in electrocardiograms whose beats are known, as a table in Markdown.

Those of the model need nothing. Records of the MIT-BIH Arrhythmia Database (PhysioNet,
doi:10.13026/C2F305) are read from a folder that holds NAME.dat and NAME.atr.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from ecg_waves import EcgWave, model_waves, read_record

from tinglegram.command_line import program, run
from tinglegram.files import write_text
from tinglegram.pulse.heart_beats import r_peaks

# A peak is a beat's within this time (ANSI/AAMI EC57), and the bpm of a window of so many seconds.
TOLERANCE_S, WINDOW_S = 0.15, 10.0
# Beats so near to an end are not counted: filters begin there.
EDGE_S = 1.0


def scores(wave: EcgWave) -> dict[str, float]:
    """Return sensitivity, positive predictive value, SD of places (ms) and error of the rate (bpm).

    The error is the 95th percentile of that of windows of `WINDOW_S`, of 60 s over the mean
    interval.
    """
    found = r_peaks(wave.signal, wave.rate, wave.name) / wave.rate
    seconds = len(wave.signal) / wave.rate
    beats = wave.beats_s[(wave.beats_s > EDGE_S) & (wave.beats_s < seconds - EDGE_S)]
    peaks = found[(found > EDGE_S) & (found < seconds - EDGE_S)]
    away = _nearest(beats, found)
    hit = np.abs(away) <= TOLERANCE_S
    edges = np.arange(0.0, seconds, WINDOW_S)
    rates = [_rates(times, edges) for times in (wave.beats_s, found)]
    return {
        "sensitivity": float(hit.mean()),
        "ppv": float((np.abs(_nearest(peaks, wave.beats_s)) <= TOLERANCE_S).mean()),
        "sd_ms": float(1000 * np.std(away[hit])),
        "bpm": float(np.nanquantile(np.abs(rates[0] - rates[1]), 0.95)),
        "n": len(beats),
    }


def _nearest(times: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the distance of each time to the nearest other."""
    place = np.clip(np.searchsorted(others, times), 1, len(others) - 1)
    left, right = others[place - 1] - times, others[place] - times
    return np.where(np.abs(left) < np.abs(right), left, right)


def _rates(times: np.ndarray, edges: np.ndarray) -> np.ndarray:
    found = []
    for start in edges:
        own = times[(times >= start) & (times < start + WINDOW_S)]
        found.append(60.0 / np.diff(own).mean() if len(own) > 2 else np.nan)
    return np.array(found)


def table_of(waves: Sequence[EcgWave]) -> str:
    """Return a row for each name of waves: the worst of them."""
    every = pd.DataFrame([{"name": wave.name} | scores(wave) for wave in waves])
    lines = [
        "| electrocardiogram | beats | sensitivity | positive predictive value | SD of places | "
        "error of the rate |",
        "|---|---|---|---|---|---|",
    ]
    for name, rows in every.groupby("name", sort=False):
        found, true = (np.average(rows[k], weights=rows["n"]) for k in ("sensitivity", "ppv"))
        lines.append(
            f"| {name} | {rows['n'].sum():.0f} | {100 * found:.2f} % "
            f"({100 * rows['sensitivity'].min():.1f}) | {100 * true:.2f} % "
            f"({100 * rows['ppv'].min():.1f}) | {rows['sd_ms'].max():.1f} ms | "
            f"{rows['bpm'].max():.2f} bpm |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the table."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--records", type=Path, help="folder of records of the MIT-BIH database")
    add("--names", nargs="*", default=["100"], help="of the records")
    add("--output", type=Path, required=True, help="table (Markdown, written)")
    options = parser.parse_args()
    waves = model_waves()
    for name in options.names if options.records else ():
        waves += read_record(options.records, name)
    write_text(table_of(waves), options.output)


if __name__ == "__main__":
    run(main)
