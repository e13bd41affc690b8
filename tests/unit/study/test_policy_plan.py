"""Who takes part in a study of another reader, once policies and exclusions are applied."""

import json
from pathlib import Path
from typing import Any

import generated_studies
import pytest
import yaml
from paths import ROOT

from tinglegram.errors import TinglegramError
from tinglegram.inputs.inventory import ERROR
from tinglegram.study import planning
from tinglegram.study.configuration import read_configuration
from tinglegram.study.plan import Plan

SCHEMA = json.loads((ROOT / "workflow/schemas/config.schema.json").read_text())

# A column that no file has.
WRONG = generated_studies.BUTTON_OPTIONS | {
    "responses": [generated_studies.BUTTON_OPTIONS["responses"][0] | {"time": "second"}]
}


@pytest.fixture
def study(tmp_path, monkeypatch) -> Path:
    """The study of a button: ben was not shown the rain, fay was shown it again."""
    monkeypatch.chdir(tmp_path)
    generated_studies.write(generated_studies.button_study(), tmp_path / "raw")
    trials = tmp_path / "raw/trials.csv"
    lines = [row for row in trials.read_text().splitlines() if not row.startswith("ben,rain,")]
    trials.write_text("\n".join([*lines, "fay,rain,90.000,10.000", ""]))
    (tmp_path / "raw/button.csv").open("a").write("fay,95.0,press\nfay,97.0,release\n")
    return tmp_path


def planned(folder: Path, problems: dict[str, str], rows: str = "", **data: Any) -> Plan:
    overlay = yaml.safe_load((folder / "raw.yaml").read_text())
    if rows:
        (folder / "left_out.tsv").write_text("subject\tvideo\treason\n" + rows)
        data["exclusions"] = "left_out.tsv"
    overlay["data"] |= {"problems": problems} | data
    (folder / "study.yaml").write_text(yaml.safe_dump(overlay))
    files = [ROOT / "config.yaml", folder / "study.yaml"]
    plan, cache = planning.plan_study(*read_configuration(files, {}, SCHEMA)[:2], [])
    cache.keep()
    return plan


def test_by_default_nothing_is_read_and_nobody_is_left_out(study):
    plan = planned(study, {})
    assert not plan.inspects_people and not plan.left_out and len(plan.subjects) == 6
    assert not (study / "results").exists()
    assert "--may-miss" not in plan.event_options("001")


def test_policies_leave_out_people_and_showings(study):
    plan = planned(study, {"missing_clip": "exclude_subject", "repeated_clip": "exclude_trial"})
    ids = plan.sources.ids
    assert [ids[s] for s in plan.subjects] == ["ada", "cleo", "dora", "emil", "fay"]
    assert {(ids[s], video) for s, video in plan.left_out} == {("ben", "*"), ("fay", "rain@4")}
    (fay,) = [s for s, name in ids.items() if name == "fay"]
    assert plan.excluded_videos(fay) == ["rain@4"]
    # Everybody is inspected, who is left out too.
    assert plan.inspects_people and len(plan.inspected) == 6
    assert "--may-miss" in plan.event_options(fay)


def test_only_who_takes_part_is_held_against_others(study, monkeypatch):
    """As in the run: a copy of somebody whom a policy leaves out anyway stops nothing."""
    held = []
    monkeypatch.setattr(planning, "copied_data", lambda contents: held.append(contents) or [])
    planned(study, {"missing_clip": "exclude_subject"})
    planned(study, {"repeated_clip": "exclude_trial"})
    assert [("ben" in contents, len(contents)) for contents in held] == [(False, 5), (True, 6)]


def test_the_table_goes_before_the_policies(study):
    policies = {"missing_clip": "exclude_subject", "repeated_clip": "exclude_subject"}
    rows = "ben\train\twas not shown\nfay\train@3\tslept\nfay\train@4\tslept\n"
    plan = planned(study, policies, rows)
    assert len(plan.subjects) == 6 and len(plan.left_out) == 3
    plan = planned(study, {"missing_clip": "exclude_subject"}, "emil\t*\tfell ill\n")
    assert len(plan.subjects) == 4 and len(plan.inspected) == 5


def test_nobody_left_names_the_policies(study):
    with pytest.raises(TinglegramError, match=r"data\.root, data\.exclusions and data\.problems\."):
        planned(study, {"unreadable_log": "exclude_subject"}, options=WRONG)


def test_files_that_stay_are_read_once(study, monkeypatch):
    policies = {"missing_clip": "exclude_subject"}
    looked = []
    inspect = planning.inspect_participant
    monkeypatch.setattr(
        planning, "inspect_participant", lambda *a: looked.append(a[0]) or inspect(*a)
    )
    first = planned(study, policies)
    assert len(looked) == 6
    again = planned(study, policies)
    assert len(looked) == 6 and again.left_out == first.left_out
    # Another decision about the same findings, and another design.
    planned(study, policies | {"missing_log": "exclude_subject"})
    assert len(looked) == 6
    planned(study, policies | {"repeated_clip": "exclude_trial"})
    assert len(looked) == 12


def test_a_line_that_matches_nothing_stops_the_study(study):
    """Planning goes on: the job that reads says so, and problems.tsv does."""
    plan = planned(study, {"missing_log": "exclude_subject"}, "ada\train@9\tslept\n")
    found = planning.inspect_others(plan.config, plan.sources, plan.exclusions)
    (entry,) = [e for e in found.entries if e.expected]
    assert (entry.kind, entry.found) == ("unmatched_exclusion", "rain@9")
    decided = planning.decide(found.entries, {}, plan.exclusions.keys(), plan.conditions)
    assert decided.decisions.count(ERROR) == 1


def test_what_decides_is_the_code_of_the_readers(study):
    config = planned(study, {}).config
    scripts, source = ROOT / "scripts", ROOT / "src"
    code = [Path(path).name for path in planning.inspecting_code(config, scripts, source)]
    assert {"inspect_person.py", "csv_files.py", "csv_times.py"} <= {*code}
    assert "edf.py" not in code
    own = {**config, "data": {**config["data"], "reader": "rest_asmr"}}
    other = planning.inspecting_code(own, scripts, source)
    assert "take_inventory.py" in {Path(path).name for path in other}
