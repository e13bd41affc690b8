"""Studies are read back as they were, and pooled: ids apart, study as covariate and fold."""

import dataclasses
from pathlib import Path

import generated_studies
import pandas as pd
import pytest
import yaml
from generated_studies import AREAS, WRISTS, GeneratedStudy
from paths import ROOT
from workflow_helpers import CORES, Study

from tinglegram.files import read_table
from tinglegram.study.cli import obey

PEOPLE, FILMS = AREAS[:3], ("harbour", "forest")
RATINGS = [f"corrected/labels/{number:03d}.parquet" for number in (1, 2, 3)]
WINDOWS = [f"corrected/pulse_windows/{number:03d}.tsv" for number in (1, 2, 3)]
STATISTICS = [
    f"corrected/statistics/{name}.tsv" for name in ("rest_change", "agreement", "pulse_coupling")
]
# What a study must have made before it can be read back.
MADE = ["problems.tsv", "config.yaml", "participants/all.txt", "participants/with_pulse.txt"]


def small(name: str, seed: int) -> GeneratedStudy:
    """Three people and two films of a generated study; the first film is that of another seed."""
    study = generated_studies.bids_study(seed)
    shared = generated_studies.bids_study(1).files["stimuli/harbour.avi"]
    gone = [who for who in AREAS if who not in PEOPLE]
    gone += [film.stimulus_id for film in study.films if film.stimulus_id not in FILMS]
    files = {path: c for path, c in study.files.items() if not any(g in path for g in gone)}
    people = "participant_id\tage\n" + "".join(f"{who}\t{30 + len(who)}\n" for who in PEOPLE)
    files |= {"participants.tsv": people.encode(), "stimuli/harbour.avi": shared}
    overlay = yaml.safe_load(study.overlay) | {"study": name}
    overlay["clips"] = {
        code: clip for code, clip in overlay["clips"].items() if clip is None or code in FILMS
    }
    overlay["pulse"]["minimum_windows"] = 3
    overlay["folds"] = {"scheme": "leave_one_participant_out", "number": None}
    return dataclasses.replace(study, files=files, overlay=yaml.safe_dump(overlay, sort_keys=False))


def ran(study: GeneratedStudy, folder: Path, name: str, targets: list[str]) -> Study:
    overlay = generated_studies.write(study, folder / f"raw_{name}")
    found = Study(folder, ROOT, overlay)
    found.run(*(f"results/{name}/{target}" for target in targets), cores=CORES)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two studies that ran, in one folder."""
    found = tmp_path_factory.mktemp("pooled")
    ran(small("one", 1), found, "one", [*MADE, *RATINGS, *WINDOWS, *STATISTICS])
    ran(small("two", 5), found, "two", MADE)
    return found


def test_a_study_is_read_back_as_it_was(folder):
    overlay = yaml.safe_load((folder / "raw_one.yaml").read_text())
    overlay["study"] = "again"
    overlay["data"] = {
        "root": "results/one",
        "reader": "canonical",
        "options": {},
        "stimuli": "../../raw_one/stimuli",
        "signals": {"reader": "canonical", "options": {"with_pulse": ["study"]}},
    }
    (folder / "again.yaml").write_text(yaml.safe_dump(overlay, sort_keys=False))
    study = Study(folder, ROOT, folder / "again.yaml")
    targets = ["problems.tsv", *RATINGS, *WINDOWS, *STATISTICS]
    study.run(*(f"results/again/{target}" for target in targets), cores=CORES)
    one, again = folder / "results/one", folder / "results/again"
    names = ["participants.tsv", *RATINGS, *WINDOWS, *STATISTICS]
    for what in ("canonical", "timeline", "presses", "recordings", "rests"):
        names += [path.relative_to(one).as_posix() for path in (one / what).iterdir()]
    # Which files were read is another matter.
    names.remove("canonical/sources.tsv")
    assert len(names) > 30
    differ = [name for name in names if (one / name).read_bytes() != (again / name).read_bytes()]
    assert differ == []


@pytest.fixture(scope="module")
def pooled(folder) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert obey(["pool", "results/one", "results/two", "--output", "both.yaml"]) == 0
    study = Study(folder, ROOT, folder / "both.yaml")
    targets = ["corrected/statistics/covariates.tsv", "corrected/folds.tsv"]
    study.run(*(f"results/both/{target}" for target in targets), cores=CORES)
    return folder / "results/both"


def test_people_keep_their_ids_and_their_study_becomes_a_covariate(pooled):
    people = read_table(pooled / "participants.tsv")
    assert people["participant_id"].tolist() == [f"{s}_{p}" for s in ("one", "two") for p in PEOPLE]
    assert people["study"].tolist() == ["one"] * 3 + ["two"] * 3
    assert people["age"].tolist() == [30 + len(who) for who in PEOPLE] * 2


def test_what_everybody_reported_is_what_their_study_has(pooled):
    """The clip that both studies showed has one name, the others that of their study."""
    for number in range(1, 7):
        own = pd.read_parquet(pooled / f"corrected/labels/{number:03d}.parquet")
        name, theirs = ("one", number) if number < 4 else ("two", number - 3)
        assert set(own["video"]) == {"harbour", f"{name}_forest"}
        path = pooled.parent / f"{name}/presses/{theirs:03d}.tsv"
        given = read_table(pooled / f"presses/{number:03d}.tsv")
        pd.testing.assert_series_equal(given["rating"], read_table(path)["rating"])


def test_each_fold_tests_one_study(pooled):
    folds = read_table(pooled / "corrected/folds.tsv")
    tested = folds[folds["role"] == "test"].groupby("fold")["subject"].unique()
    assert [sorted(own) for own in tested] == [[1, 2, 3], [4, 5, 6]]


def test_studies_are_compared_as_groups(pooled):
    table = read_table(pooled / "corrected/statistics/covariates.tsv")
    assert set(table["covariate"]) == {"study"}
    rating = table.set_index("outcome").loc["mean_rating"]
    assert (rating["test"], rating["comparison"]) == ("welch_t", "two - one")
    assert rating["n_participants"] == 6
    groups = read_table(pooled / "corrected/statistics/covariate_groups.tsv")
    means = groups[groups["outcome"] == "mean_rating"].set_index("group")["mean"]
    assert rating["estimate"] == pytest.approx(means["two"] - means["one"])


# ---- skin conductance and no pulse ---------------------------------------------------------------

SKIN_PEOPLE, SKIN_FILMS = WRISTS[:3], ("joy1", "calm1", "fear1")
OF_THE_PULSE = ("BVP.csv", "HR.csv", "IBI.csv")


def of_skin(name: str, seed: int) -> GeneratedStudy:
    """Three wrists of a generated study without any pulse, and three of its films."""
    study = generated_studies.wrist_study(seed)
    gone = [who for who in WRISTS if who not in SKIN_PEOPLE]
    gone += [film.stimulus_id for film in study.films if film.stimulus_id not in SKIN_FILMS]
    files = {
        path: content
        for path, content in study.files.items()
        if not any(g in path for g in gone) and not path.endswith(OF_THE_PULSE)
    }
    rows = files["trials.csv"].decode().splitlines()
    rows = [row for row in rows if not any(g in row for g in gone)]
    # The first film is the same file in both studies.
    files["stim/joy1.avi"] = generated_studies.wrist_study(2).files["stim/joy1.avi"]
    files["trials.csv"] = ("\n".join(rows) + "\n").encode()
    overlay = yaml.safe_load(study.overlay) | {"study": name}
    overlay["clips"] = {
        code: clip for code, clip in overlay["clips"].items() if clip is None or code in SKIN_FILMS
    }
    overlay["pulse"] = {"signal": None, "sampling_rate": None, "minimum_windows": 3}
    overlay["folds"] = {"scheme": "leave_one_participant_out", "number": None}
    return dataclasses.replace(study, files=files, overlay=yaml.safe_dump(overlay, sort_keys=False))


@pytest.fixture(scope="module")
def skins(tmp_path_factory) -> Path:
    """Two such studies and their people in one."""
    folder = tmp_path_factory.mktemp("skins")
    for name, seed in (("one", 2), ("two", 7)):
        ran(of_skin(name, seed), folder, name, [*MADE[:-1], "participants/with_sensors.txt"])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert obey(["pool", "results/one", "results/two", "--output", "both.yaml"]) == 0
    study = Study(folder, ROOT, folder / "both.yaml")
    names = ("covariates", "sensor_rest_change", "viewers")
    targets = [f"corrected/statistics/{name}.tsv" for name in names] + ["problems.tsv"]
    study.run(*(f"results/both/{target}" for target in targets), cores=CORES)
    return folder


def test_studies_of_skin_conductance_alone_are_pooled(skins):
    overlay = yaml.safe_load((skins / "both.yaml").read_text())
    assert overlay["sensors"] == {"eda": None, "temperature": None}
    assert overlay["pulse"]["signal"] is None
    assert overlay["perturbations"] == ["shifted_stimulus", "shuffled_sensors"]
    both = skins / "results/both"
    lists = [(both / f"participants/{name}.txt").read_text() for name in ("all", "with_sensors")]
    assert lists[0] == lists[1] == "".join(f"{number:03d}\n" for number in range(1, 7))
    # What was measured on a wrist is what its own study has, of everybody but the broken sensor.
    change = read_table(both / "corrected/statistics/sensor_rest_change_people.tsv")
    people = change[(change["windows"] == "all") & change["change"].notna()]
    people = people.groupby("measure")["subject"].unique().map(list)
    assert people["eda_tonic"] == [1, 2, 3, 4, 5, 6] and people["temperature"] == [1, 3, 4, 6]
    told = read_table(both / "problems.tsv")
    assert told.loc[told["kind"] == "no_temperature", "subject"].tolist() == [2, 5]
    assert not set(told["kind"]) & {"missing_pulse", "no_pulse"}
    table = read_table(both / "corrected/statistics/covariates.tsv").set_index("outcome")
    assert set(table["covariate"]) == {"study"}
    assert (table.loc["eda_phasic_change", "n_participants"] == 6).all()
    assert not any(name.startswith(("rate_", "rmssd_", "pulse_")) for name in table.index)
    assert len(read_table(both / "corrected/statistics/viewers.tsv")) == 6
