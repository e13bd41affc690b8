"""Three studies in other people's formats run unforged to their reports; known truths are found."""

import html
import re
from pathlib import Path

import generated_studies
import numpy as np
import pandas as pd
import pytest
import yaml
from paths import ROOT
from workflow_helpers import CORES, Study

from tinglegram.files import read_arrays, read_table, read_tables

WARM_UP_S, GRID_HZ = 2.0, 10
# Words of REST-ASMR that a report of another study has no use for, unless its people feel tingles.
FOREIGN = r"ASMR|\bNature\b"
TINGLES = r"|[Tt]ingl(?!egram)"


# Models of the reported value, in the study with a slider.
VALUE_MODELS = {
    "line": {"kind": "ridge", "modalities": "auto"},
    "network": {"kind": "bilstm", "modalities": ["pulse"]},
    "trees": {"kind": "xgboost", "modalities": ["acoustic"]},
}


class Run:
    """A generated study, its results, and what is true of it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.truth = generated_studies.STUDIES[name]()
        overlay = generated_studies.write(self.truth, folder / "raw")
        if name == "bids":
            values = {"regression": {"models": VALUE_MODELS}, "training": {"xgboost": {"trees": 5}}}
            own = yaml.safe_load(overlay.read_text(encoding="utf-8"))
            own["training"] |= values.pop("training") | {"network_seeds": {"corrected": 2}}
            own["statistics"]["retrainings"]["bilstm"] = 2
            overlay.write_text(yaml.safe_dump(own | values, sort_keys=False), encoding="utf-8")
        self.study = Study(folder, ROOT, overlay)
        self.said = self.study.run(cores=CORES)
        (self.results,) = (folder / "results").iterdir()
        people = read_table(self.results / "participants.tsv")
        self.subjects = dict(zip(people["participant_id"], people["subject"], strict=True))

    def table(self, pattern: str, participant: str) -> pd.DataFrame:
        return read_table(self.results / pattern.format(f"{self.subjects[participant]:03d}"))


@pytest.fixture(scope="module", params=generated_studies.STUDIES)
def ran(request, made_once, tmp_path_factory) -> Run:
    return Run(request.param, tmp_path_factory.mktemp(request.param))


def test_everybody_is_there(ran):
    assert sorted(ran.subjects) == sorted(ran.truth.participants)
    inventory = read_table(ran.results / "inventory.tsv")
    assert inventory["included"].all() and len(inventory) == len(ran.subjects)


def test_planted_onsets_are_found_within_a_step(ran):
    """Before its onset a response is 0; the grid shows it at the first step at or after it."""
    checked = 0
    for participant, subject in ran.subjects.items():
        path = ran.results / f"corrected/labels/{subject:03d}.parquet"
        for video, rows in pd.read_parquet(path).groupby("video"):
            onset_s = ran.truth.onsets_s[participant, video] - WARM_UP_S
            above = rows.loc[rows["rating"] != 0, "time_s"]
            samples = np.concatenate(
                [
                    s.times_s
                    for (p, v, _), s in ran.truth.samples.items()
                    if (p, v) == (participant, video)
                ]
            )
            # The response shows with its first sample at or after the onset.
            first_s = max(0.0, samples[samples >= onset_s + WARM_UP_S - 1e-9].min() - WARM_UP_S)
            assert first_s - 1e-3 <= above.min() <= first_s + 1.0 / GRID_HZ + 1e-3, (
                participant,
                video,
            )
            checked += 1
    assert checked == len(ran.truth.onsets_s)


def test_no_response_is_lost(ran):
    """What the files hold is in the canonical tables, or counted in problems.tsv."""
    written = sum(len(samples.times_s) for samples in ran.truth.samples.values())
    kept = sum(len(ran.table("canonical/{}_responses.tsv", p)) for p in ran.subjects)
    problems = read_table(ran.results / "problems.tsv")
    counted = problems["found"].str.extract(r"^(\d+) (?:response|value|row|press)")[0].dropna()
    assert kept + counted.astype(int).sum() >= written
    assert kept <= written + 2 * len(ran.truth.trials)


def test_pulse_rates_are_recovered_within_one_beat(ran):
    for participant, bpm in ran.truth.pulse_bpm.items():
        windows = ran.table("corrected/pulse_windows/{}.tsv", participant)
        assert windows["pulse_rate_bpm"].median() == pytest.approx(bpm, abs=1.0)
    if not ran.truth.pulse_bpm:
        assert not (ran.results / "recordings").exists()


def test_other_signals_have_their_statistics(ran):
    """Every test has a p or a reason, and counts those who have the signal; so does the report."""
    folder = ran.results / "corrected/statistics"
    page = (ran.results / "report.html").read_text(encoding="utf-8")
    if not ran.truth.skin_onsets_s:
        assert list(folder.glob("sensor_*")) == [] and "section-sensors" not in page
        return
    change, coupling, model = (
        read_table(folder / f"sensor_{name}.tsv")
        for name in ("rest_change", "coupling_quality", "mixed_model")
    )
    # That a mean is not 0 is no test.
    model = model[model["term"].str.contains("slope| - ")]
    for table in (change, coupling, model):
        assert set(table["measure"]) >= {"eda_tonic", "eda_phasic", "eda_responses", "temperature"}
        told = table["reason"].notna() & (table["reason"] != "")
        assert (table["p_value"].notna() | told).all()
    between = change[(change["windows"] == "all") & change["against"].isin(["calm", "fear"])]
    n = between.groupby("measure")["n_participants"].unique().map(list)
    assert n["eda_tonic"] == [len(ran.subjects)]
    assert n["temperature"] == [len(ran.truth.temperature_c)]
    # The planted responses lie in the films alone.
    phasic = change.query("measure == 'eda_phasic' and against == 'rest' and windows == 'all'")
    assert (phasic["mean_change"] > 0.1).all() and (phasic["p_holm"] < 0.001).all()
    for name in ("sensor_coupling_eda_phasic", "sensor_against_rest", "sensor_mixed_model_checks"):
        assert f'id="corrected-{name}"' in page


def test_planted_skin_responses_and_temperatures_are_recovered(ran):
    """Onsets within 0.3 s; who has no thermometer is told, and no trial of a model that uses it."""
    if not ran.truth.skin_onsets_s:
        assert not (ran.results / "sensors").exists()
        return
    lacking = {ran.subjects[p] for p in ran.subjects if p not in ran.truth.temperature_c}
    for participant, onsets_s in ran.truth.skin_onsets_s.items():
        subject = ran.subjects[participant]
        arrays = read_arrays(ran.results / f"sensors/{subject:03d}.npz")
        first_s = min(t.onset_s for t in ran.truth.trials if t.participant_id == participant)
        shift_s = ran.table("canonical/{}_trials.tsv", participant)["onset_s"].min() - first_s
        np.testing.assert_allclose(arrays["eda@onset_s"], onsets_s + shift_s, atol=0.3)
        windows = ran.table("corrected/sensor_windows/{}.tsv", participant)
        keys = ["subject", "video", "start_s", "mean_rating"]
        pulse = ran.table("corrected/pulse_windows/{}.tsv", participant)
        pd.testing.assert_frame_equal(windows[keys], pulse[keys])
        assert not windows["poor"].any()
        assert windows["eda_tonic_us"].median() == pytest.approx(3.0, abs=0.05)
        assert windows["temperature_c"].isna().all() == (subject in lacking)
        if subject not in lacking:
            truth = ran.truth.temperature_c[participant]
            assert windows["temperature_c"].median() == pytest.approx(truth, abs=0.05)
        blocks = ran.table("corrected/sensor_blocks/{}.tsv", participant)
        (final,) = blocks.loc[(blocks["block"] == "final") & (blocks["windows"] == "good")].index
        assert blocks.loc[final, "eda_responses_per_min"] == 0
    problems = read_table(ran.results / "problems.tsv")
    assert set(problems.loc[problems["kind"] == "no_temperature", "subject"]) == lacking
    tested = {
        model: set(read_tables(sorted(folder.glob("*/predictions.parquet")))["subject"])
        for model in ("skin", "fusion")
        if (folder := ran.results / f"corrected/models/{model}")
    }
    assert tested["skin"] == set(ran.subjects.values())
    assert tested["fusion"] == tested["skin"] - lacking


def test_a_study_of_skin_conductance_alone_is_planned(tmp_path):
    """Signals are read without a pulse, and nothing of the pulse is computed."""
    overlay = generated_studies.write(generated_studies.wrist_study(), tmp_path / "raw")
    text = overlay.read_text(encoding="utf-8")
    overlay.write_text(text.replace("signal: ppg", "signal: null"), encoding="utf-8")
    code, said = Study(tmp_path, ROOT, overlay).snakemake("--dry-run", "--cores", "1")
    assert code == 0, said
    for rule, there in (("read_sensors", 6), ("compute_sensor_windows", 6), ("read_signals", 0)):
        count = re.search(rf"^ *{rule.replace('_', '[ _]')} +(\d+)", said, re.MULTILINE)
        assert (int(count[1]) if count else 0) == there, rule
    assert "compute_pulse_windows" not in said.replace("compute pulse", "compute_pulse")


def test_the_report_speaks_of_this_study(ran):
    page = (ran.results / "report.html").read_text(encoding="utf-8")
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]+>", " ", page))
    words = FOREIGN + ("" if "tingle" in ran.truth.overlay else TINGLES)
    assert re.findall(words, text) == []
    assert "Class 1" in text


def test_tracking_is_tested_by_networks_that_are_trained_again(ran):
    folder = ran.results / "corrected"
    page = (ran.results / "report.html").read_text(encoding="utf-8")
    if ran.truth.name != "bids":
        assert not [*folder.glob("models/*/*/retrained"), *folder.glob("models/*/*/seed*")]
        assert not (folder / "statistics/retrained.tsv").exists()
        assert 'id="corrected-retrained"' not in page
        return
    assert 'id="corrected-retrained"' in page
    (test,) = read_table(folder / "statistics/retrained.tsv").to_dict("records")
    assert test["model"] == "fusion" and test["n_shifts"] == 2
    assert round(3 * test["p_value"], 9) in (1, 2, 3)
    parts = read_tables(sorted(folder.glob("models/fusion/fold*/retrained/part1.parquet")))
    each = parts.groupby(["shift", "subject"])["roc_auc"].mean().groupby("shift").mean()
    assert test["null_mean"] == pytest.approx(each.mean()) and each.nunique() == 2
    # The model is the mean of its two networks, and seeds.tsv has each by itself.
    scores = read_table(folder / "statistics/seeds.tsv")
    assert scores["seed"].tolist() == ["1", "2", "mean", "sd"] and (scores["macro_f1"] > 0).all()
    for fold in (1, 2):
        own = folder / f"models/fusion/fold{fold}"
        model, *networks = (
            pd.read_parquet(own / place / "predictions.parquet")["probability"]
            for place in ("", "seed1", "seed2")
        )
        assert not networks[0].equals(networks[1])
        np.testing.assert_allclose(model, (networks[0] + networks[1]) / 2, rtol=1e-12)


def test_values_of_the_slider_are_predicted_beside_their_baselines(ran):
    folder = ran.results / "corrected"
    if ran.truth.name != "bids":
        assert not (folder / "regression").exists()
        assert not [*folder.glob("statistics/regression*")]
        return
    found = read_table(folder / "statistics/regression.tsv").set_index(["model", "metric"])
    baselines = ["mean", "time_course", "stimulus_mean", "human_agreement"]
    assert found.index.get_level_values(0).unique().tolist() == [*VALUE_MODELS, *baselines]
    # Everybody follows the film from an onset of their own on, so that others tell nearly all.
    assert found.loc[("human_agreement", "concordance"), "value"] > 0.9
    assert found.loc[("mean", "concordance"), "value"] == 0
    trials = read_table(folder / "statistics/regression_trials.tsv")
    for model in VALUE_MODELS:
        tables = [
            pd.read_parquet(path)
            for path in sorted(folder.glob(f"regression/{model}/fold*/predictions.parquet"))
        ]
        assert len(tables) == 2
        own = pd.concat(tables)
        # Decimals of the slider, not a class.
        held = [
            ran.truth.held(video, "Anxiety", WARM_UP_S)[number]
            for number, participant in enumerate(ran.truth.participants)
            for video in own.loc[own["subject"] == ran.subjects[participant], "video"].unique()
        ]
        assert np.isclose(np.sort(own["reported"]), np.sort(np.concatenate(held)), atol=1e-5).all()
        tested = trials[trials["model"] == model]
        assert len(tested) == len(own[["subject", "video"]].drop_duplicates())
        assert len(tested) == found.loc[(model, "rmse"), "n_trials"]
    differences = read_table(folder / "statistics/regression_differences.tsv")
    assert len(differences) == len(VALUE_MODELS) * len(baselines) * 3
    page = (ran.results / "report.html").read_text(encoding="utf-8")
    assert "the value of Anxiety at every step of every clip, by line, network, trees." in page
    assert 'id="corrected-section-regression"' in page and 'id="corrected-regression"' in page
