"""Policies about problems in files of another reader: who is left out, and that it is told."""

import shutil

import generated_studies
import pytest
import yaml
from paths import ROOT
from workflow_helpers import CORES, Study

from tinglegram.files import read_table

POLICIES = {
    "missing_log": "exclude_subject",
    "missing_pulse": "without_pulse",
    "unreadable_pulse": "without_pulse",
    "short_pulse": "exclude_trial",
    "repeated_clip": "exclude_trial",
}
# Tables with six people; only what reads them is run.
LABELS = [f"corrected/labels/00{number}.parquet" for number in (1, 2, 3, 4, 6)]
SLICES = [f"recordings/00{number}.npz" for number in (1, 3, 6)]


@pytest.fixture(scope="module")
def broken(made_once, tmp_path_factory) -> Study:
    """The study of the wrist, in which five of six people have a problem."""
    folder = tmp_path_factory.mktemp("policies")
    overlay = generated_studies.write(generated_studies.wrist_study(), folder / "raw")
    raw = folder / "raw"
    shutil.rmtree(raw / "e4/P02")
    for name, change in (
        ("P03", lambda lines: lines[: int(len(lines) * 0.7)]),
        ("P04", lambda lines: [*lines[:100], "abc", *lines[101:]]),
    ):
        path = raw / f"e4/{name}/BVP.csv"
        path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")
    (raw / "joystick/P05.csv").unlink()
    (folder / "left_out.tsv").write_text("subject\tvideo\treason\nP06\tjoy1\tphone rang\n")
    config = yaml.safe_load(overlay.read_text())
    config["data"] |= {"problems": POLICIES, "exclusions": str(folder / "left_out.tsv")}
    config["models"] |= {"fusion": None, "skin": None}
    overlay.write_text(yaml.safe_dump(config))
    return Study(folder, ROOT, overlay)


def test_everything_that_is_left_out_is_counted(broken):
    results = broken.folder / "results/generated_wrist"
    wanted = ("inputs_accepted.txt", "inventory.tsv", *LABELS, *SLICES)
    broken.run(*(f"results/generated_wrist/{name}" for name in wanted), cores=CORES)
    problems = read_table(results / "problems.tsv")
    assert [
        (row.subject, row.video, row.kind, row.decision)
        for row in problems[problems["decision"] != "noted"].itertuples()
    ] == [
        (2, "*", "missing_pulse", "without_pulse"),
        (3, "joy1", "short_pulse", "exclude_trial"),
        (3, "joy2", "short_pulse", "exclude_trial"),
        (4, "*", "unreadable_pulse", "without_pulse"),
        (5, "*", "missing_log", "exclude_subject"),
    ]
    inventory = read_table(results / "inventory.tsv").set_index("subject")
    assert inventory["n_clips"].to_dict() == {1: 6, 2: 6, 3: 4, 4: 6, 5: 0, 6: 5}
    assert inventory["included"].to_dict() == dict.fromkeys(range(1, 7), True) | {5: False}
    assert inventory["n_left_out"].to_dict() == {1: 0, 2: 0, 3: 2, 4: 0, 5: 0, 6: 1}
    assert not inventory.loc[[2, 4], "pulse"].any()
    # Whose signals cannot be read has none of the others either.
    with_sensors = (results / "participants/with_sensors.txt").read_text().split()
    assert with_sensors == ["001", "003", "006"]
    # What is counted is what is analysed.
    for number, videos in ((3, {"calm1", "calm2", "fear1", "fear2"}), (4, 6), (6, 5)):
        shown = set(read_table(results / f"timeline/00{number}.tsv")["video"])
        assert shown == videos or len(shown) == videos
    assert (results / "inspection.json").exists()
