"""R peaks of electrocardiograms that no threshold was chosen by: a model's, and an annotated one.

`tests/unit/pulse/mitdb_100.npz` holds seconds 1460 to 1580 of lead MLII of record 100 of the
MIT-BIH Arrhythmia Database (Moody & Mark 2001, doi:10.1109/51.932724; PhysioNet,
doi:10.13026/C2F305; Open Data Commons Attribution License 1.0), as steps from sample to sample,
with its annotated beats.
"""

import importlib

import numpy as np
import pytest
from paths import ROOT

from tinglegram.files import read_arrays

NORMAL, VENTRICULAR, ATRIAL = 1, 5, 8


@pytest.fixture(scope="module")
def bench():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        return importlib.import_module("heart_beats")


@pytest.fixture(scope="module")
def model(bench):
    waves = bench.model_waves((128.0, 500.0), seed=7)
    return [(wave, bench.scores(wave)) for wave in waves]


def test_the_model_has_the_rate_and_the_waves_that_were_asked_for(bench):
    waves = importlib.import_module("ecg_waves")
    wave = waves.ecgsyn("plain", 500.0, 70.0)
    assert 60 / np.mean(np.diff(wave.beats_s)) == pytest.approx(70, abs=1.5)
    # Away from its beats, nothing comes near to an R wave.
    at = np.round(wave.beats_s * 500).astype(int)
    assert np.median(wave.signal[at]) == pytest.approx(1, abs=0.05)
    near = np.zeros(len(wave.signal), bool)
    near[(at[:, None] + np.arange(-30, 31)).clip(0, len(near) - 1)] = True
    assert 0.2 < wave.signal[~near].max() < 0.5


@pytest.mark.parametrize(
    ("name", "sensitivity", "ppv", "bpm"),
    [
        ("clean", 1.0, 1.0, 0.1),
        ("noise 0.1 mV", 0.99, 0.99, None),
        ("upside down, noise 0.1 mV", 0.99, 0.99, None),
        ("mains 0.3 mV", 1.0, 1.0, 0.1),
        ("wander 2 mV", 1.0, 1.0, 0.1),
        ("T at 0.8 of R", 1.0, 1.0, 0.1),
        ("10 % ectopic beats", 0.85, 0.99, None),
        ("noise 0.2 mV", 0.95, 0.95, None),
    ],
)
def test_beats_of_the_model_are_found(model, name, sensitivity, ppv, bpm):
    own = [scores for wave, scores in model if wave.name == name]
    assert len(own) == 8
    n = [scores["n"] for scores in own]
    assert np.average([scores["sensitivity"] for scores in own], weights=n) >= sensitivity
    assert np.average([scores["ppv"] for scores in own], weights=n) >= ppv
    assert bpm is None or max(scores["bpm"] for scores in own) < bpm


def test_all_annotated_beats_of_a_real_recording_are_found(bench):
    held = read_arrays(ROOT / "tests/unit/pulse/mitdb_100.npz")
    signal = np.cumsum(held["steps"].astype(np.int64)) / 200.0
    codes = held["codes"].tolist()
    assert [codes.count(code) for code in (NORMAL, VENTRICULAR, ATRIAL)] == [144, 1, 3]
    for sign in (1, -1):
        wave = bench.EcgWave("MIT-BIH 100", sign * signal, 360.0, held["beats"] / 360.0)
        scores = bench.scores(wave)
        assert (scores["sensitivity"], scores["ppv"]) == (1.0, 1.0)
        assert scores["bpm"] < 0.1 and scores["sd_ms"] < 5


def test_files_of_a_record_are_read_as_their_format_says(bench, tmp_path):
    """Format 212 packs two samples in three bytes; an annotation is a code and a step."""
    waves = importlib.import_module("ecg_waves")
    assert waves.read_212(bytes([0x34, 0x12, 0x78, 0xFF, 0xFF, 0xFF])).tolist() == [
        [0x234, 0x178],
        [-1, -1],
    ]
    words = [(28 << 10) | 18, (63 << 10) | 3, 0x4E28, 0x0000, (1 << 10) | 59]
    words += [59 << 10, 1, 4, (5 << 10) | 2, 0]
    content = np.array(words, "<u2").tobytes()
    assert waves.read_annotations(content).tolist() == [77, 77 + 65540 + 2]
    (tmp_path / "x.atr").write_bytes(content)
    (tmp_path / "x.dat").write_bytes(bytes(6))
    assert [len(wave.signal) for wave in waves.read_record(tmp_path, "x")] == [2, 2]
