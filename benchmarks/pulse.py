"""Pulse rate and RMSSD beside a reference: our protocols and detectors, and other packages.

Recordings are read from REST_ASMR_SHARED/data/real/ppg*; simulated waves need nothing. Other
packages are asked in an environment of their own (benchmarks/pulse_environment.py makes one).
"""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pulse_page
from pulse_waves import MARGIN_S, Wave, recordings, simulated

from tinglegram.command_line import program, run
from tinglegram.errors import TinglegramError
from tinglegram.files import read_arrays, write_arrays, write_text
from tinglegram.pulse.beats import PulseMethods
from tinglegram.pulse.continuity import Continuity
from tinglegram.pulse.epochs import Epoch
from tinglegram.pulse.measurement import measure_epoch
from tinglegram.pulse.quality import Quality, mark_poor
from tinglegram.pulse.windows import Windowing, exact_windows
from tinglegram.settings import as_object
from tinglegram.study.protocols import PROTOCOLS

WINDOWING = Windowing()
# Intervals that count when another package found the beats, ms: 30 to 200 bpm.
PLAUSIBLE_MS = (300.0, 2000.0)


def our_ways() -> dict[str, PulseMethods]:
    """Return name -> switches of every protocol that differs, and of the second detector."""
    ways = {
        name: as_object({}, PulseMethods, PROTOCOLS[name]) for name in ("released", "corrected")
    }
    second = replace(ways["corrected"], peak_detector="msptd_fast")
    return ways | {"corrected, msptd_fast": second}


def middle(wave: Wave) -> tuple[float, float]:
    """Return the seconds of a wave in which windows stand, margins left out."""
    return MARGIN_S, len(wave.signal) / wave.rate - MARGIN_S


def our_values(wave: Wave, methods: PulseMethods) -> pd.DataFrame:
    """Measure the windows of a wave as a study does: pulse_rate_bpm, rmssd_ms, poor."""
    start, end = middle(wave)
    first, last = round(start * wave.rate), round(end * wave.rate)
    signal = wave.signal
    epoch = Epoch(
        signal[first:last], np.arange(first, last) / wave.rate, signal[:first], signal[last:]
    )
    windows = exact_windows(start, end, 10, WINDOWING)
    table = measure_epoch(epoch, windows, np.empty(0), wave.rate, WINDOWING, Continuity(), methods)
    median = float(table["amplitude"].median())
    return mark_poor(table, median, Quality(), methods.window_faults)


def window_values(
    wave: Wave, beats_s: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pulse rate and RMSSD of every window from beats: of intervals that count, by their middles.

    RMSSD is over true neighbours, by the beat between them. A window with fewer than three
    intervals has no value, as in ours.
    """
    ms = np.diff(beats_s) * 1000.0
    middles = (beats_s[1:] + beats_s[:-1]) / 2
    neighbours = counts[1:] & counts[:-1]
    changes, at = np.diff(ms)[neighbours], beats_s[1:-1][neighbours]
    rates, rmssds = [], []
    for start in exact_windows(*middle(wave), 10, WINDOWING).start_s:
        inside = (middles >= start) & (middles < start + WINDOWING.window)
        kept = ms[inside & counts]
        enough = len(kept) >= WINDOWING.minimum_intervals
        rates.append(60000.0 / kept.mean() if enough else np.nan)
        differences = changes[(at >= start) & (at < start + WINDOWING.window)]
        square = np.mean(differences**2) if enough and len(differences) else np.nan
        rmssds.append(np.sqrt(square))
    return np.array(rates), np.array(rmssds)


def plausible(beats_s: np.ndarray) -> np.ndarray:
    """Which intervals between another package's beats count."""
    ms = np.diff(beats_s) * 1000.0
    low, high = PLAUSIBLE_MS
    return (ms >= low) & (ms <= high)


def ask_others(python: Path, waves: Sequence[Wave]) -> dict[str, np.ndarray]:
    """Return `<wave>@<detector>` -> seconds of beats, of every package that is installed there."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "waves.npz", Path(folder) / "beats.npz"
        arrays = {wave.name: wave.signal for wave in waves}
        arrays |= {f"{wave.name}@rate": np.array(wave.rate) for wave in waves}
        write_arrays(source, arrays)
        script = Path(__file__).with_name("pulse_others.py")
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        answer = subprocess.run([python, script, source, target], env=environment, check=False)
        if answer.returncode:
            raise TinglegramError(
                f"pulse_others.py ended with code {answer.returncode}; what it said stands above. "
                "Make the environment anew with benchmarks/pulse_environment.py."
            )
        return dict(read_arrays(target))


def compare(waves: Sequence[Wave], others: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Measure every wave in every way.

    Returns
    -------
    pandas.DataFrame
        one row per window and way: group, name, bpm, way, rate, rmssd, poor, true_rate, true_rmssd.
    """
    parts = []
    for wave in waves:
        found = {name: our_values(wave, how) for name, how in our_ways().items()}
        for key, beats in others.items():
            name, _, way = key.partition("@")
            if name != wave.name or way == "rate":
                continue
            if way.endswith("@error"):
                way, beats = way.removesuffix("@error"), np.empty(0)
            rates, rmssds = window_values(wave, beats, plausible(beats))
            found[way] = pd.DataFrame(
                {"pulse_rate_bpm": rates, "rmssd_ms": rmssds, "poor": np.isnan(rates)}
            )
        true = _aligned_truth(
            wave, [table["pulse_rate_bpm"].to_numpy() for table in found.values()]
        )
        parts += [
            pd.DataFrame(
                {
                    "group": wave.group,
                    "name": wave.name,
                    "bpm": wave.bpm,
                    "way": way,
                    "rate": table["pulse_rate_bpm"],
                    "rmssd": table["rmssd_ms"],
                    "poor": table["poor"].astype(bool),
                    "true_rate": true[0],
                    "true_rmssd": true[1],
                }
            )
            for way, table in found.items()
        ]
    return pd.concat(parts, ignore_index=True)


def _aligned_truth(wave: Wave, rates: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Reference values of the windows, at the lag that suits all ways together best."""
    normal = wave.normal if len(wave.normal) else np.ones(len(wave.beats_s) - 1, dtype=bool)
    low, high = wave.lags_s
    best = None
    for lag in np.arange(low, high + 0.01, 0.1):
        true = window_values(wave, wave.beats_s + lag, normal)
        errors = [np.abs(rate - true[0]) for rate in rates]
        total = sum(float(np.nanmedian(e)) for e in errors if np.isfinite(e).any())
        if best is None or total < best[0]:
            best = total, true
    assert best is not None
    return best[1]


def main() -> None:
    """Write the tables of the page."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--others", type=Path, help="Python of an environment with NeuroKit2, heartpy and systole")
    add("--output", type=Path, required=True, help="tables in Markdown (written)")
    options = parser.parse_args()
    shared = os.environ.get("REST_ASMR_SHARED")
    real = recordings(Path(shared) / "data") if shared else []
    made = list(simulated())
    others = ask_others(options.others, [*real, *made]) if options.others else {}
    table = compare([*real, *made], others)
    write_text(pulse_page.page(table, [wave.group for wave in real]), options.output)


if __name__ == "__main__":
    run(main)
