"""The demo from nothing to its report, and the simulated truth that it must recover."""

import json
import re
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from paths import ROOT
from workflow_helpers import variables

from tinglegram.files import read_table


def truths(demo) -> list[dict]:
    return [json.loads(p.read_text()) for p in sorted((demo / "raw/truth").glob("0*.json"))]


def test_results_keep_the_contract(demo, shared):
    checker = shared.parent / "check_contract.py"
    answer = subprocess.run(
        [sys.executable, str(checker), str(demo)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout


def test_every_press_and_clip_is_recovered(demo):
    for truth in truths(demo):
        name = f"{truth['subject']:03d}.tsv"
        presses = read_table(demo / "presses" / name)
        timeline = read_table(demo / "timeline" / name).set_index("video")
        for clip in truth["clips"]:
            assert timeline.loc[clip["video"], "start_s"] == pytest.approx(clip["start_s"])
            found = presses[presses.video == clip["video"]]
            expected = np.reshape(clip["presses"], (-1, 2))
            np.testing.assert_allclose(found[["time_s", "rating"]], expected, atol=1e-9)


@pytest.mark.parametrize("protocol", ["described", "released", "corrected"])
def test_pulse_rate_follows_the_simulated_beats(demo, protocol):
    errors = []
    for truth in truths(demo):
        name = f"{truth['subject']:03d}.tsv"
        windows = read_table(demo / protocol / "pulse_windows" / name)
        timeline = read_table(demo / "timeline" / name).set_index("video")
        beats = np.array(truth["beats_s"])
        start = windows.start_s + windows.video.map(timeline.valid_start_s)
        for begin, rate in zip(start, windows.pulse_rate_bpm, strict=True):
            within = beats[(beats >= begin) & (beats < begin + 5)]
            errors.append(rate - 60 / np.diff(within).mean())
    assert np.isfinite(errors).mean() > 0.99
    assert np.nanmedian(np.abs(errors)) < 0.5


@pytest.mark.parametrize("protocol", ["described", "released", "corrected"])
def test_coupling_has_the_simulated_sign_in_each_condition(demo, protocol):
    # The simulation couples pulse rate to rating by -4 bpm per step (ASMR) and +1 (Nature).
    folder = demo / protocol / "statistics"
    each = read_table(folder / "pulse_coupling.tsv").groupby("condition").r_pulse_rate
    assert each.mean()["ASMR"] < -0.6
    assert each.mean()["Nature"] > 0.6
    assert each.max()["ASMR"] < 0 < each.min()["Nature"]
    tests = read_table(folder / "pulse_coupling_test.tsv")
    between = tests[tests.comparison == "ASMR - Nature"].set_index("measure")
    test = between.loc["pulse_rate"]
    assert test.df == 7
    assert test.t < 0
    assert test.p_value < 0.01
    # Clips of 20 s hold five-second windows alone: RMSSD describes.
    assert np.isnan(between.loc["rmssd", "p_value"]) == (protocol == "corrected")


def test_pulse_and_report_go_together_without_lag_as_simulated(demo):
    # Only where the protocol asks for lags; the simulation has none.
    for name in ("pulse_lags", "pulse_locked"):
        there = list(demo.glob(f"*/statistics/{name}.tsv"))
        assert there == [demo / f"corrected/statistics/{name}.tsv"]
    lags = read_table(demo / "corrected/statistics/pulse_lags.tsv")
    largest = lags[lags.largest].set_index("condition").loc["ASMR"]
    assert largest.lag_s == 0 and largest.r_mean < largest.band_low < 0
    assert largest.p_value < 0.05 and largest.n_participants == 8
    locked = read_table(demo / "corrected/statistics/pulse_locked.tsv")
    assert set(locked.edge) == {"onset", "offset"} and locked.largest.sum() == 4


@pytest.mark.parametrize("protocol", ["described", "released", "corrected"])
def test_change_against_rest_is_the_simulated_one(demo, protocol):
    # What clips change by themselves, plus what the coupling adds at the mean rating.
    looked_at = "measure == 'pulse_rate' and against == 'rest' and windows == 'good'"
    folder = demo / protocol / "statistics"
    mean = read_table(folder / "rest_change.tsv").query(looked_at).set_index("condition")
    each = read_table(folder / "rest_change_people.tsv").query(looked_at)
    each = each.groupby("condition").change.mean()
    labels = pd.concat(read_table(p) for p in (demo / protocol / "labels").glob("*.parquet"))
    rating = labels.groupby("condition").rating.mean()
    truth = truths(demo)[0]
    for condition, change in truth["rest_change_bpm"].items():
        expected = change + truth["coupling_bpm_per_rating"][condition] * rating[condition]
        assert mean.loc[condition, "mean_change"] == pytest.approx(expected, abs=1.0)
        assert mean.loc[condition, "n_participants"] == 8
        assert each[condition] == pytest.approx(mean.loc[condition, "mean_change"])
    assert mean.loc["ASMR", "p_holm"] < 0.01


@pytest.mark.parametrize("protocol", ["described", "released", "corrected"])
def test_mixed_model_finds_the_simulated_slopes(demo, protocol):
    table = read_table(demo / protocol / "statistics/pulse_mixed_model.tsv")
    good = table[table.windows == "good"].set_index("term")
    for condition, slope in truths(demo)[0]["coupling_bpm_per_rating"].items():
        assert good.loc[f"slope in {condition}", "estimate"] == pytest.approx(slope, abs=1.0)
    assert good.loc["slope, ASMR - Nature", "p_holm"] < 0.01


def test_few_windows_of_a_clean_simulation_are_poor(demo):
    quality = read_table(demo / "described/statistics/pulse_coupling_quality.tsv")
    assert set(quality.windows) == {"all", "good"}
    assert (quality.share_poor < 0.2).all()


def test_viewers_agree_as_simulated(demo):
    agreement = read_table(demo / "described/statistics/agreement.tsv")
    # sqrt(0.6) of each viewer's latent SD is shared: correlations well above 0, below 1.
    assert agreement.r.between(0.3, 0.95).all()
    assert (agreement.ci_low > 0).all()


def test_clean_sensor_is_found_continuous(demo):
    continuity = read_table(demo / "described/statistics/continuity.tsv")
    assert (continuity.continuity > 0.999).all()


def test_networks_tell_the_simulated_conditions_apart(demo):
    # Pictures and sounds of the two conditions differ, so most Nature frames must be called none.
    scores = read_table(demo / "described/statistics/fusion/fold_metrics.tsv").set_index("fold")
    assert scores.loc["mean", "nature_specificity"] > 0.8


def test_untrained_network_and_simulation_are_said_everywhere(demo):
    for about in (demo / "described/figures").glob("*_fusion*.json"):
        note = json.loads(about.read_text())["note"]
        assert "Untrained ResNet-18" in note
        assert "Simulated data" in note
    page = (demo / "report.html").read_text()
    assert "Untrained ResNet-18" in page


def test_every_claim_has_a_verdict_and_says_that_the_data_are_simulated(demo):
    claims = read_table(demo / "claims.tsv").set_index("id")
    assert claims["verdict"].isin(["reproduced", "differs", "not computable here"]).all()
    assert claims["note"].str.contains("Simulated data").all()
    # 512 of pictures, 31 of sound and the pulse: the width that the network took.
    assert float(claims.loc["shape.features", "described_value"]) == 544


def test_every_figure_and_table_names_its_source(demo):
    for about in [*demo.glob("*/figures/*.json"), *demo.glob("*/tables/*.json")]:
        facts = json.loads(about.read_text())
        assert facts["caption"]
        assert facts["source"]


def test_benchmarks_and_logs_exist_for_every_rule(demo):
    logs = {p.name.removesuffix(".log") for p in (demo / "logs").iterdir()}
    marks = {p.name.removesuffix(".tsv") for p in (demo / "benchmarks").iterdir()}
    assert logs == marks
    assert pd.read_csv(demo / "benchmarks/write_report.tsv", sep="\t").s.iloc[0] > 0


def test_the_page_from_the_demo_to_a_ranked_folder_can_be_followed(demo, tmp_path):
    """Every command of docs/new_clips.md, as it stands there, in a copy of the demo."""
    page = (ROOT / "docs/new_clips.md").read_text()
    commands = re.findall(r"^```bash\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert [command.split()[1] for command in commands] == ["bundle", "predict", "rank", "propose"]
    command = tmp_path / "tinglegram"
    call = "import sys; sys.path.insert(0, {!r}); from tinglegram.study.cli import main; main()"
    command.write_text(f"#!{sys.executable} -u\n{call.format(str(ROOT / 'src'))}\n")
    command.chmod(0o755)
    # As far from the code as the original.
    study = demo.parents[1]
    folder = shutil.copytree(study, study.with_name("demo_followed"), symlinks=True)
    for line in commands:
        done = subprocess.run(
            shlex.split(line),
            cwd=folder,
            env=variables(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    segments = read_table(folder / "ranked/segments.tsv")
    assert list(segments["rank"]) == sorted(segments["rank"]) and len(segments) >= 3
    assert segments["mean"].is_monotonic_decreasing
    assert len(read_table(folder / "ranked/stimuli.tsv")) == 3
    assert "untrained" in (folder / "results/demo/corrected/bundle/README.md").read_text()
    predicted = read_table(folder / "predicted/ASMR1.avi.tsv")
    assert predicted["mean"].between(0, 1).all()
    assert len(list((folder / "proposed").glob("*.wav"))) == 3
    assert (folder / "ranked/index.html").is_file() and (folder / "proposed/index.html").is_file()
    shutil.rmtree(folder)
