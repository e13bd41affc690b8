"""The benchmark of the GPU, end to end on a CPU at tiny size. No times are asserted."""

import importlib
import json
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from paths import ROOT

from tinglegram.errors import TinglegramError

BENCH = ROOT / "benchmarks"
TINY = "--device cpu --people 4 --protocols described --networks acoustic --folds 1 --epochs 1"


@pytest.fixture(scope="module")
def bench():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        names = ("gpu", "gpu_page", "gpu_study", "simulated")
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in names})


def start(bench, monkeypatch, *words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["gpu.py", *words])
    bench.gpu.main()


def test_without_a_gpu_it_says_so(bench, monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit) as end:
        start(bench, monkeypatch, "--output", str(tmp_path / "gpu.md"))
    assert end.value.code == 2
    assert "expected a CUDA device, found none" in caplog.text
    assert "Run it on a machine with an NVIDIA GPU" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_it_trains_repeats_compares_and_writes(bench, monkeypatch, tmp_path):
    output = tmp_path / "gpu.md"
    words = [*TINY.split(), "--slots", "2", "--repeats", "2", "--output", str(output)]
    start(bench, monkeypatch, *words)
    measured = bench.gpu_page.Measured.from_json(output.with_suffix(".json").read_text())
    (wave,), (repeat,), (beside,) = measured.waves, measured.repeats, measured.beside
    assert (wave.protocol, wave.slots, len(wave.each)) == ("described", 2, 1)
    assert wave.seconds >= wave.each[0] > 0 and wave.held > 2**20
    # What a CPU gives it gives again.
    assert (repeat.trainings, repeat.times, repeat.same, repeat.largest) == (1, 2, 1, 0.0)
    assert (beside.model, beside.largest, beside.device_f1) == ("acoustic", 0.0, beside.cpu_f1)
    section = output.read_text()
    assert "4 people, 8 clips, 550 steps at 10 Hz" in section
    assert "Not the whole study on a GPU" in section
    assert [w for w in section.split() if "{" in w or "}" in w] == []


def test_files_hold_what_the_reports_say(bench, tmp_path):
    settings = bench.simulated.paper_scale()
    settings["bench"] = settings["bench"] | {"people": 4}
    bench.gpu_study.prepare(tmp_path, settings)
    labels = bench.gpu_study.read_table(tmp_path / "all_labels.parquet")
    pulse = bench.gpu_study.read_arrays(tmp_path / "pulse" / "003.npz")
    for clip, rows in labels[labels["subject"] == 3].groupby("video"):
        assert np.array_equal(pulse[clip] >= 1, rows["rating"].to_numpy() > 0)
    features = bench.gpu_study.read_arrays(tmp_path / "stimuli" / "vid1.npz")
    assert {name: array.shape for name, array in features.items()} == {
        "visual": (550, 512),
        "acoustic": (550, 31),
        "acoustic_first": (507, 31),
    }
    # 512 + 31 columns of a clip and one of the pulse, as in the study.
    assert sum(features[name].shape[1] for name in ("visual", "acoustic")) + 1 == 544
    assert features["visual"][:, :32].max() > 1 >= features["visual"][:, 32:].max()


def test_the_whole_study_is_its_networks_folds_and_seeds(bench):
    settings = bench.simulated.paper_scale()
    jobs = bench.gpu_study.trainings(settings, [1, 2, 3, 4])
    assert {name: len(its) for name, its in jobs.items()} == {
        "described": 12,
        "released": 12,
        "corrected": 60,
    }
    assert len({job.name for its in jobs.values() for job in its}) == 84


def test_differences_are_counted(bench):
    def left(probability: list[float], content: bytes):
        return bench.gpu_study.Predicted(np.array(probability), 0.5, content)

    same = [left([0.1, 0.2], b"a")] * 3
    other = [left([0.1, 0.2], b"a"), left([0.1, 0.25], b"b")]
    found = bench.gpu.repeated("x", [same, other])
    assert (found.trainings, found.same) == (2, 1)
    assert found.largest == pytest.approx(0.05)


def test_a_gpu_is_described_and_its_memory_watched(bench, monkeypatch):
    mib, free = 2**20, iter([70, 60, 40, *[50] * 1000])
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Some GPU")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (next(free) * mib, 80 * mib))
    monkeypatch.setattr(bench.gpu, "LOOK_EVERY", 0.001)
    with bench.gpu.watched(bench.gpu.held_on("cuda")) as held:
        while len(held) < 4:
            time.sleep(0.001)
    assert held[:4] == [0, 10 * mib, 30 * mib, 20 * mib]
    settings = bench.simulated.paper_scale()
    settings["bench"] = settings["bench"] | {"folds": [1]}
    about = bench.gpu_page.about(settings, "cuda", "0123")
    assert about["device"] == "Some GPU" and "cuDNN" in about["libraries"]
    wave = bench.gpu_page.Wave("described", 2, 3.0, [1.5, 1.5], 4 * mib)
    section = bench.gpu_page.write_section(bench.gpu_page.Measured(about, [wave], [], []), None)
    assert "(MPS)" in section and "GPU memory in use" in section


def measurements(bench, seconds: float):
    settings = bench.simulated.paper_scale()
    settings["bench"] = settings["bench"] | {"folds": [1, 2, 3, 4]}
    waves = [
        bench.gpu_page.Wave(protocol, slots, seconds / slots, [2.0] * number, slots * 2**30)
        for slots in (1, 8)
        for protocol, number in (("described", 12), ("corrected", 60))
    ]
    about = bench.gpu_page.about(settings, "cpu", "0123")
    return bench.gpu_page.Measured(about, waves, [], [])


def test_section_holds_the_whole_study_against_the_aim(bench):
    whole = {"described": 12, "corrected": 60}
    section = bench.gpu_page.write_section(measurements(bench, 200.0), whole)
    assert "below 60 s: reached (50.0 s in 8 slots)" in section
    assert "**50.0**" in section and "1024" in section
    slow = bench.gpu_page.write_section(measurements(bench, 300.0), whole)
    assert "below 60 s: **missed** (75.0 s in 8 slots)" in slow
    for other in (None, whole | {"released": 12}, {"described": 12, "corrected": 59}):
        section = bench.gpu_page.write_section(measurements(bench, 200.0), other)
        assert "not held against the aim" in section


def test_parts_are_joined_only_if_they_fit(bench):
    one = measurements(bench, 200.0)
    from_file = bench.gpu_page.Measured.from_json(json.dumps(bench.gpu.asdict(one)))
    assert from_file == one
    # What was timed again takes the place of what was timed before.
    again = replace(one, waves=[replace(one.waves[0], seconds=1.0)])
    assert [wave.seconds for wave in again.joined(from_file).waves] == [200.0, 25.0, 25.0, 1.0]
    other = replace(one, about=one.about | {"torch": "1.0"})
    with pytest.raises(TinglegramError, match="other torch. Leave out --also"):
        one.joined(other)
