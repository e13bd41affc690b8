"""Beats of recordings by NeuroKit2, heartpy and systole, in an environment of their own.

Started by benchmarks/pulse.py with that environment's Python; imports nothing of ours. Reads
an NPZ with `<name>` (a pulse wave) and `<name>@rate` (Hz), and writes an NPZ with
`<name>@<detector>`: seconds of its beats, or `<name>@<detector>@error`: what it failed with.
"""

import importlib.util
import sys
import warnings
from collections.abc import Callable

import numpy as np

Detector = Callable[[np.ndarray, float], np.ndarray]


def neurokit(method: str) -> Detector:
    """Return a detector of NeuroKit2 with the cleaning that belongs to it."""
    import neurokit2

    def find(wave: np.ndarray, rate: float) -> np.ndarray:
        clean = neurokit2.ppg_clean(wave, sampling_rate=int(rate), method=_CLEANING[method])
        found = neurokit2.ppg_findpeaks(clean, sampling_rate=int(rate), method=method)
        return np.asarray(found["PPG_Peaks"], dtype=float) / rate

    return find


# NeuroKit2's own pairs. Its `bishop` (MSPTD) is left out: on a recording of 8 minutes it takes more
# than 10 minutes and 4 GB, and `charlton` (MSPTDfast) is the same idea made fast.
_CLEANING = {"elgendi": "elgendi", "charlton": "elgendi"}


def heartpy(wave: np.ndarray, rate: float) -> np.ndarray:
    """Return the beats that heartpy accepts."""
    import heartpy as package

    scaled = package.scale_data(package.filter_signal(wave, [0.5, 4.0], rate, 2, "bandpass"))
    working, _ = package.process(scaled, rate)
    accepted = np.asarray(working["binary_peaklist"], dtype=bool)
    return np.asarray(working["peaklist"], dtype=float)[accepted] / rate


def systole(wave: np.ndarray, rate: float) -> np.ndarray:
    """Return the beats of systole's rolling average, which works at 1000 samples per second."""
    from systole.detection import ppg_peaks

    # The package promises equal results for lists and arrays only at whole rates.
    _, peaks = ppg_peaks(wave, sfreq=int(rate), new_sfreq=1000, method="rolling_average")
    return np.flatnonzero(peaks) / 1000.0


def detectors() -> dict[str, Detector]:
    """Return name -> detector, of the packages that are installed."""
    found: dict[str, Detector] = {}
    if importlib.util.find_spec("neurokit2"):
        found |= {f"NeuroKit2 {method}": neurokit(method) for method in _CLEANING}
    named = (("heartpy", heartpy), ("systole", systole))
    return found | {name: detector for name, detector in named if importlib.util.find_spec(name)}


def main() -> None:
    """Read waves, write the beats of every detector."""
    source, target = sys.argv[1:]
    warnings.simplefilter("ignore")
    found: dict[str, np.ndarray] = {}
    named = detectors()
    with np.load(source) as arrays:
        for name in [key for key in arrays.files if not key.endswith("@rate")]:
            for detector, find in named.items():
                try:
                    found[f"{name}@{detector}"] = find(arrays[name], float(arrays[f"{name}@rate"]))
                # A package's detector that fails on a recording has no value there.
                except Exception as problem:
                    found[f"{name}@{detector}@error"] = np.array(repr(problem))
    np.savez(target, **found)


if __name__ == "__main__":
    main()
