"""The page "How to": its three studies are planned by the overlays that stand there."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from generated_studies import STUDIES, GeneratedStudy, write
from paths import ROOT

from tinglegram.study.cli import command_of, command_parser, obey
from tinglegram.study.configuration import read_configuration
from tinglegram.study.planning import plan_study
from tinglegram.study.report_plan import ReportPlan

_, _, PART = (ROOT / "docs/how-to.md").read_text().partition("## Your study in ten minutes\n")
BEGIN, *EXAMPLES = PART.partition("\n## ")[0].split("\n### ")
COMMANDS = [line.split("#")[0].strip() for line in BEGIN.splitlines() if line[:11] == "tinglegram "]
# Part of the page, study, and what answering its questions changes in what `init` writes.
ANSWERED = {
    "A BIDS dataset": ("bids", {"responses.target.above"}),
    "Tables": (
        "button",
        {
            *(f"clips.{code}.condition" for code in ("rain", "tapping", "brush", "folding")),
            *("data.options.responses", "responses.target.dimension", "report.response"),
            *(f"responses.dimensions.{name}" for name in ("response", "tingle")),
        },
    ),
    "A watch": (
        "wrist",
        {
            *("data.options.responses", "responses.target.dimension", "report.response"),
            *(f"responses.dimensions.{name}" for name in ("x", "y", "valence", "arousal")),
        },
    ),
}
SCHEMA = json.loads((ROOT / "workflow/schemas/config.schema.json").read_text())


def block(heading: str, kind: str) -> str:
    """The one block of a kind below a heading of the page."""
    (part,) = (part for part in EXAMPLES if part.startswith(f"{heading}\n"))
    (text,) = re.findall(rf"^```{kind}\n(.*?)^```$", part, flags=re.MULTILINE | re.DOTALL)
    return text


def differing(one: object, other: object, path: str = "") -> set[str]:
    """Paths at which two configurations differ."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return set() if one == other else {path}
    keys = one.keys() | other.keys()
    return set[str]().union(
        *(differing(one.get(k), other.get(k), f"{path}.{k}".lstrip(".")) for k in keys)
    )


@pytest.fixture(scope="module", params=ANSWERED)
def example(request, tmp_path_factory) -> tuple[str, GeneratedStudy]:
    """A heading of the page; its study lies in the folder that the test stands in."""
    folder = tmp_path_factory.mktemp("how_to")
    study = STUDIES[ANSWERED[request.param][0]]()
    write(study, folder / "raw")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield request.param, study


def test_the_commands_of_the_page(example):
    begin, *others = map(shlex.split, COMMANDS)
    assert begin[:2] == ["tinglegram", "init"] and begin[-1] == "my_study.yaml"
    assert obey(begin[1:]) == 0
    assert [words[1] for words in others] == ["check", "run", "run"]
    for _, *words in others:
        # Refuses an overlay that is not there, and options that do not exist.
        own = words[: words.index("--")] if "--" in words else words
        assert command_of(command_parser().parse_args(own), (), ROOT)


def test_an_overlay_is_what_init_writes_with_its_questions_answered(example):
    heading, _ = example
    Path("my_study.yaml").unlink(missing_ok=True)
    assert obey(["init", "raw", "--output", "my_study.yaml"]) == 0
    begun = yaml.safe_load(Path("my_study.yaml").read_text())
    shown = yaml.safe_load(block(heading, "yaml"))
    given = {"study", "report.title", *ANSWERED[heading][1]}
    assert differing(begun, shown) - {"perturbations"} == given


def test_a_study_is_planned_by_its_overlay(example):
    heading, study = example
    Path("shown.yaml").write_text(block(heading, "yaml"))
    config, outlines, _ = read_configuration([ROOT / "config.yaml", Path("shown.yaml")], {}, SCHEMA)
    plan, _ = plan_study(config, outlines, [])
    assert ReportPlan(plan, outlines)
    assert set(plan.sources.ids.values()) == set(study.participants)
    assert {clip: plan.lengths[clip] for clip in plan.conditions} == {
        film.stimulus_id: film.seconds for film in study.films
    }
    assert len(plan.subjects) == 6 and plan.n_folds >= 2
    assert len(plan.with_pulse) == (6 if study.pulse_bpm else 0)


def test_files_on_the_page_are_files_of_the_study(example):
    heading, study = example
    for line in block(heading, "text").splitlines():
        path, *header = line.split()
        content = study.files[path.removeprefix("raw/")]
        if header:
            assert content.decode().splitlines()[0] == header[0]


def test_every_example_is_tested():
    assert [part.splitlines()[0] for part in EXAMPLES] == [*ANSWERED, "An adapter of your own"]
