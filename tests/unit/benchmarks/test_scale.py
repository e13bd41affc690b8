"""The scaling benchmark's reading and fitting, on measurements with known slopes. No clock."""

import importlib
import json
import math
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from paths import ROOT

from tinglegram.errors import TinglegramError

BENCH = ROOT / "benchmarks"
HEADER = "s\th:m:s\tmax_rss\n"
PEOPLE = (8, 34, 136, 340)


@pytest.fixture(scope="module")
def scale():
    """The benchmark's modules."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCH))
        names = ("scale_run", "scale_fit", "scale_page", "scale_estimate", "scale_draw")
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in names})
        for name in (*names, "simulated"):
            sys.modules.pop(name, None)


def size(people: int, *, leaking: bool = False) -> dict[str, Any]:
    """A cohort that takes 2 s and 1 MB for each person, and 10 s for training it."""
    each = [
        {
            "rule": "read_log",
            "stage": "behaviour",
            "s": 2.0,
            "peak_mib": 100.0 + leaking * people,
        }
        for _ in range(people)
    ]
    once = [
        {"rule": "train_network", "stage": "models", "s": 10.0, "peak_mib": 500.0 + people},
        {"rule": "score_model", "stage": "statistics", "s": 4.0, "peak_mib": None},
        {"rule": "train_boosting", "stage": "models", "s": 1.0, "peak_mib": 300.0},
    ]
    jobs = each + once
    return {
        "people": people,
        "clips": 8,
        "scheme": "double_independent",
        "session_s": 128.0,
        "plan": {
            "seconds": 2.0 + people / 34,
            "cpu_seconds": 1.0,
            "peak_mib": 100.0,
            "jobs": 7 * people,
        },
        "longest_command": 1000 + 200 * people,
        "parts": None,
        "run": {
            "cores": 2,
            # A quarter of a second for each job, on top of what the jobs took.
            "wall_s": (sum(job["s"] for job in jobs) + 0.25 * len(jobs)) / 2,
            "cpu_s": 2.0,
            "pace_s": 0.02,
            "load": 1.0,
            "jobs": jobs,
            "raw_bytes": 1e6 * people,
            "results_bytes": 5e5,
        },
    }


def test_power_laws_and_lines_have_their_known_slopes(scale):
    fit = scale.scale_fit
    found = fit.growth(PEOPLE, [3 * n**1.5 for n in PEOPLE])
    assert [found.exponent, found.low, found.high] == pytest.approx([1.5] * 3)
    noisy = fit.growth(
        PEOPLE, [n * wobble for n, wobble in zip(PEOPLE, (1.1, 0.9, 1, 1.1), strict=True)]
    )
    assert noisy.low < 1 < noisy.high
    assert math.isnan(fit.growth([8, 34], [1, 2]).low)
    assert fit.line([1, 2, 4], [5, 7, 11]) == fit.Line(pytest.approx(3), pytest.approx(2))
    assert fit.line([1, 2], [5, 3]) == fit.Line(4.0, 0.0)
    assert fit.line([1], [5]).at(100) == 5
    assert fit.last_exponent(PEOPLE, [1, 1, 10, 10 * 2.5**2]) == pytest.approx(2)


def test_benchmark_files_and_logs_are_read_by_rule(scale, tmp_path):
    for name, row, log in (
        ("read_log/001", "1.5\t0:00:01\t105.47", "INFO peak memory: 120 MiB"),
        ("train_network/corrected/fusion/fold1", "20\t0:00:20\t700", "INFO peak memory: 800 MiB"),
        (
            "rate_grid/p/001",
            "0.2\t0:00:00\t0.00",
            "INFO peak memory: 9 MiB\nINFO peak memory: 8 MiB",
        ),
        ("share/p/recordings", "0.1\t0:00:00\tNA", "copied"),
    ):
        for kind, suffix, content in (
            ("benchmarks", ".tsv", f"{HEADER}{row}"),
            ("logs", ".log", log),
        ):
            path = (tmp_path / kind / name).with_suffix(suffix)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{content}\n")
    assert scale.scale_run.collect(tmp_path) == [
        {"rule": "rate_grid", "s": 0.2, "peak_mib": 9.0},
        {"rule": "read_log", "s": 1.5, "peak_mib": 120.0},
        {"rule": "share", "s": 0.1, "peak_mib": None},
        {"rule": "train_network", "s": 20.0, "peak_mib": 800.0},
    ]
    with pytest.raises(TinglegramError, match="expected benchmark files"):
        scale.scale_run.collect(tmp_path / "absent")


def test_pace_is_looked_at_until_the_block_ends(scale, monkeypatch):
    monkeypatch.setattr(scale.scale_run, "PACE_EVERY", 0.0)
    with scale.scale_run.Pace() as pace:
        while len(pace.looks) < 3:
            pass
    looks = len(pace.looks)
    assert looks >= 3 and 0 < pace.seconds == pytest.approx(sum(pace.looks) / looks)
    assert not pace._thread.is_alive()


def test_a_slow_machine_is_not_growth(scale):
    sizes = [size(n) for n in PEOPLE]
    for job in sizes[-1]["run"]["jobs"]:
        job["s"] *= 1.6
    assert verdicts(scale, sizes)[4] is False
    sizes[-1]["run"]["pace_s"] *= 1.6
    fit = scale.scale_fit
    assert fit.totals(sizes)["steady_s"].tolist() == pytest.approx([2 * n + 15 for n in PEOPLE])
    assert fit.jobs_of(sizes)["s"].max() == pytest.approx(10)
    # What the clock said is still held against the mark in seconds: 1.6 times 4 s.
    assert verdicts(scale, sizes) == [True, True, False, True, True]


def test_every_rule_with_a_benchmark_has_a_stage(scale):
    stages = scale.scale_run.stages()
    assert stages["simulate_participant"] == "simulation" and stages["share"] == "study"
    assert stages.keys() >= scale.scale_fit.TRAINING | scale.scale_fit.STATISTICS


def test_totals_overhead_and_memory(scale):
    fit = scale.scale_fit
    sizes = [size(n, leaking=True) for n in PEOPLE]
    total = fit.totals(sizes)
    assert total["overhead_s"].tolist() == pytest.approx([0.25] * 4)
    assert total["seconds"].tolist() == [2 * n + 15 for n in PEOPLE]
    memory = fit.memory(fit.per_rule(fit.jobs_of(sizes))).set_index("rule")
    assert memory["mib_per_person"].to_dict() == pytest.approx(
        {"read_log": 1, "train_network": 1, "train_boosting": 0}, abs=1e-9
    )
    assert memory["grows"].to_dict() == {
        "read_log": True,
        "train_network": True,
        "train_boosting": False,
    }


def test_noise_is_not_drawn_on_to_many_people(scale):
    fit = scale.scale_fit
    sizes = [size(n) for n in PEOPLE]
    for cohort, seconds in zip(sizes, (5.0, 6.0, 7.0, 8.0), strict=True):
        clip = {"rule": "extract_features", "stage": "stimuli", "s": seconds, "peak_mib": 900.0}
        cohort["run"]["jobs"] += [clip, clip | {"peak_mib": 905.0 + seconds}]
    rules = fit.per_rule(fit.jobs_of(sizes))
    clips = rules[rules["rule"] == "extract_features"]
    assert fit.growing("extract_features", clips, "seconds") == fit.Line(13.0, 0.0)
    assert fit.longest_line("extract_features", clips) == fit.Line(8.0, 0.0)
    assert fit.peak_line("extract_features", clips) == fit.Line(913.0, 0.0)
    network = rules[rules["rule"] == "train_network"]
    assert fit.peak_line("train_network", network).at(10_000) == pytest.approx(10_500)


def test_work_that_grows_faster_than_people_is_not_called_linear(scale):
    sizes = [size(n) for n in PEOPLE]
    for cohort in sizes:
        # Much work done once, and a part that grows with the square of the people.
        once = cohort["run"]["jobs"][-3]
        once["s"] += 5000 + cohort["people"] ** 2 / 100
    total = scale.scale_fit.totals(sizes)
    assert scale.scale_fit.last_exponent(total["people"], total["seconds"]) < 1
    assert scale.scale_fit.added([1, 2, 4], [5, 6, 12]) == [1, 3]
    assert verdicts(scale, sizes)[4] is False


def verdicts(scale, sizes) -> list[bool | None]:
    return [mark.reached for mark in scale.scale_fit.marks(sizes)]


def test_marks_are_reached_missed_or_open(scale):
    assert verdicts(scale, [size(n) for n in PEOPLE]) == [True] * 5
    assert verdicts(scale, [size(n, leaking=True) for n in PEOPLE])[3] is False
    # Nothing is said about 340 people before they are there.
    assert verdicts(scale, [size(8), size(34)]) == [None, None, None, True, True]
    slow = [size(n) for n in PEOPLE]
    slow[-1]["plan"]["seconds"] = 20.5
    for job in slow[-1]["run"]["jobs"]:
        job["s"] *= 3
        job["peak_mib"] = 9000.0
    assert verdicts(scale, slow) == [False] * 5


def test_estimate_follows_the_slopes(scale):
    sizes = [size(n) for n in PEOPLE]
    found = scale.scale_estimate.estimates(sizes, 10_000)
    assert found["jobs"] == pytest.approx(10_003)
    assert found["seconds"] == pytest.approx(20_015)
    assert found["raw_mb"] == pytest.approx(10_000)
    for cohort in sizes:
        simulated = {"rule": "simulate_participant", "stage": "simulation", "peak_mib": 200.0}
        cohort["run"]["jobs"] += [simulated | {"s": 9.0}] * cohort["people"]
    assert scale.scale_estimate.estimates(sizes, 10_000)["seconds"] == found["seconds"]
    assert found["results_mb"] == pytest.approx(0.5)
    assert scale.scale_estimate.command_limit([8, 34], [2600, 7800], 2_001_100) == 10_000
    page = scale.scale_estimate.estimate_page(sizes, 10_000, 0.05, 720.0)
    # 20,015 s are 5.56 h; full sessions last 5.625 times as long.
    assert "| core hours" in page and "| 6 " in page and "| 31 " in page
    assert "ASSUMPTION: 0.05 EUR" in page


def test_pages_and_figure_are_made_from_stored_sizes(scale, tmp_path):
    planned = size(340) | {"clips": 32, "run": None}
    sizes = json.loads(json.dumps([*(size(n) for n in PEOPLE), planned]))
    page = scale.scale_page.scale_page(sizes, 90)
    assert page.count("| reached ") == 5
    assert "Planned only, for time: 340 people with 32 clips." in page
    assert "`train_network` 1.00 MiB" in page
    scale.scale_draw.draw(sizes, tmp_path / "scale.svg")
    assert (tmp_path / "scale.svg").read_text().startswith("<?xml")


def test_overlay_gives_every_condition_as_many_clips(scale):
    overlay = scale.scale_run.cohort(34, 32, "double_independent")
    more = [clip["condition"] for clip in overlay["clips"].values()]
    assert len(more) == 24 and more.count("ASMR") == 12
    assert overlay["folds"]["number"] == 16
    assert scale.scale_run.scheme_of(32, 8) == "leave_one_clip_pair_out"
    assert scale.scale_run.scheme_of(8, 8) == "double_independent"
