"""Bad raw files stop a study with every problem named at once, or are left out by a policy."""

import networkx as nx
import pandas as pd
import pytest
import yaml
from workflow_helpers import Study

HEALTHY = ["timeline/001.tsv", "recordings/001.npz", "described/pulse_10hz/001.npz"]


def decide(study: Study, **problems: str) -> None:
    overlay = yaml.safe_load((study.folder / "tiny.yaml").read_text())
    overlay["data"]["problems"] = problems
    # With so few people a fold of people may train on one alone.
    overlay["folds"]["scheme"] = "leave_one_clip_pair_out"
    (study.folder / "tiny.yaml").write_text(yaml.safe_dump(overlay))


def log_of(study: Study, subject: str):
    return next((study.folder / "raw/log").glob(f"{subject}-*"))


def problems(study: Study) -> list[tuple]:
    table = pd.read_csv(study.results / "problems.tsv", sep="\t")
    # A clip's problem is nobody's: 0.
    kept = table[table["decision"] != "noted"].fillna({"subject": 0})
    return list(kept[["subject", "video", "kind", "decision"]].itertuples(index=False, name=None))


@pytest.fixture
def broken(study) -> Study:
    """Person 2 was not shown vid2, 3 has no pulse recording and 4 an empty log."""
    log = log_of(study, "002")
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(line for line in lines if b"\tVideo\tvid2\t" not in line))
    (study.folder / "raw/ppg/003_csv.txt").unlink()
    log_of(study, "004").write_bytes(b"")
    return study


def test_all_problems_are_named_and_the_rest_is_completed(broken):
    (broken.folder / "raw/stim/ASMR2.avi").write_bytes(b"no clip")
    for name in HEALTHY:
        (broken.results / name).unlink()
    (broken.results / "described/folds.tsv").unlink()
    code, said = broken.snakemake("--cores", "2", "--keep-going")
    assert code != 0
    words = " ".join(said.split())
    assert "4 problem(s) in the raw files stop this study" in words
    for sentence in (
        "participant 002: 002-",
        "expected a Video event vid2, found none; shown: ",
        "ppg/003_csv.txt: expected the pulse recording of participant 003, found no such file.",
        "expected a Presentation event log, found an empty file.",
        "ASMR2.avi: expected a video clip, found Invalid data",
    ):
        assert sentence in words
    assert problems(broken) == [
        (2, "vid2", "missing_clip", "error"),
        (3, "*", "missing_pulse", "error"),
        (4, "*", "unreadable_log", "error"),
        (0, "vid2", "unusable_stimulus", "error"),
    ]
    assert pd.read_csv(broken.results / "inventory.tsv", sep="\t")["n_clips"].tolist() == [
        *(4, 3, 4, 0)
    ]
    assert all((broken.results / name).exists() for name in HEALTHY)
    assert not (broken.results / "described/folds.tsv").exists()
    assert not (broken.results / "inputs_accepted.txt").exists()
    # Nothing is looked at while planning unless a policy needs it.
    assert not (broken.results / "inspection.json").exists()


def test_policies_leave_out_and_keep_people_without_pulse(broken):
    for path in (broken.folder / "aside").iterdir():
        path.rename(broken.folder / "raw" / ("log" if path.suffix == ".log" else "ppg") / path.name)
    decide(
        broken,
        missing_clip="exclude_trial",
        missing_pulse="without_pulse",
        unreadable_log="exclude_subject",
    )
    assert nx.utils.graphs_equal(*broken.rule_graphs())
    statistics = ("ablation", "verdicts", "pulse_coupling")
    broken.run(
        *(f"results/tiny/described/statistics/{name}.tsv" for name in statistics),
        "results/tiny/inventory.tsv",
    )
    assert problems(broken) == [
        (2, "vid2", "missing_clip", "exclude_trial"),
        (3, "*", "missing_pulse", "without_pulse"),
        (4, "*", "unreadable_log", "exclude_subject"),
    ]
    folder = broken.results / "described"
    tested = {}
    for model in ("fusion", "acoustic"):
        tables = [
            pd.read_parquet(folder / f"models/{model}/fold{k}/predictions.parquet") for k in (1, 2)
        ]
        tested[model] = set(pd.concat(tables)["subject"])
    assert tested == {"fusion": {1, 2, 10}, "acoustic": {1, 2, 3, 10}}
    folds = pd.read_csv(folder / "folds.tsv", sep="\t")
    assert (2, "vid2") not in set(zip(folds["subject"], folds["video"], strict=True))
    assert set(folds["subject"]) == {1, 2, 3, 10}
    coupling = pd.read_csv(folder / "statistics/pulse_coupling.tsv", sep="\t")
    assert set(coupling["subject"]) == {1, 2, 10}
    ablation = pd.read_csv(folder / "statistics/ablation.tsv", sep="\t", na_values="n/a")
    assert ablation["mean_difference"].notna().all()
    assert (broken.results / "inspection.json").exists()
    inventory = pd.read_csv(broken.results / "inventory.tsv", sep="\t")
    assert inventory["included"].tolist() == [True, True, True, False, True]
    assert inventory["pulse"].tolist() == [True, True, False, True, True]
