"""How the house is built: stages and their order, who touches the disk, what an import loads."""

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from paths import ROOT

PACKAGE = ROOT / "src" / "tinglegram"
# From the ground up: a stage imports stages before it, never one after it.
ORDER = (
    *("errors", "settings", "clock", "files", "command_line"),
    *(
        "formats",
        "canonical",
        "inference",
        "behaviour",
        "pulse",
        "sensors",
        "stimuli",
        "sounds",
        "simulation",
        "inputs",
    ),
    *(
        "readers",
        "export",
        "trials",
        "models",
        "statistics",
        "claims",
        "report",
        "bundles",
        "proposals",
        "provenance",
        "recovery",
        "study",
        "datasets",
    ),
)
# A whole format, what is generic, what makes sounds for proposals and for simulated listeners, and
# what reads results for others are no stages themselves.
NO_STAGES = ("formats", "canonical", "inference", "sounds", "datasets")
STAGES = [name for name in ORDER[5:] if name not in NO_STAGES]
# What takes long to load, and the stages that may.
HEAVY = {
    "torch": {"models", "stimuli"},
    "torchvision": {"stimuli"},
    "xgboost": {"models"},
    "av": {"stimuli", "simulation"},
    "librosa": {"stimuli"},
    "statsmodels": {"pulse", "sensors", "recovery"},
    # XGBoost loads it.
    "sklearn": {"statistics", "models"},
    "matplotlib": {"report"},
    "jinja2": {"report", "proposals"},
    "snakemake": {"study"},
    "requests": {"inputs"},
}


def modules() -> dict[str, Path]:
    """Dotted name below the package -> file."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "__init__.py"
    }


MODULES = modules()


def imported(path: Path) -> set[str]:
    """Absolute names of everything that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_every_stage_has_its_place():
    folders = {path.name for path in PACKAGE.iterdir() if path.name not in ("py.typed",)}
    names = {name.removesuffix(".py") for name in folders if not name.startswith("__")}
    assert names == set(ORDER)


@pytest.mark.parametrize("name", MODULES)
def test_no_stage_imports_a_later_one(name):
    own = ORDER.index(name.split(".")[0])
    others = {n.split(".")[1] for n in imported(MODULES[name]) if n.startswith("tinglegram.")}
    assert {other for other in others if ORDER.index(other) > own} == set()


def test_packages_hold_a_docstring_only():
    for path in PACKAGE.rglob("__init__.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert len(body) == 1 and isinstance(body[0], ast.Expr), path


TOUCHES = {"open", "read_bytes", "read_text", "write_bytes", "write_text", "exists", "is_file"} | {
    *("is_dir", "glob", "rglob", "iterdir", "mkdir", "unlink", "stat", "disk_usage"),
    *("copyfile", "copy2", "rmtree", "getsize", "read_csv", "read_parquet", "to_csv", "savez"),
    *("to_parquet", "load_file", "safe_open", "save_file"),
}
# Text of the package itself; films, archives and tables in memory; a reader of an open file.
NO_DISK = {
    "bundles.cutting": {"open"},
    "bundles.ranking_page": {"read_text"},
    "formats.biopac": {"read_csv"},
    "proposals.listening_page": {"read_text"},
    "proposals.orders": {"to_csv"},
    "report.page": {"read_text"},
    "simulation.clips": {"open"},
    "stimuli.video": {"open"},
}


def touches(path: Path) -> set[str]:
    """Names of calls that touch the disk."""
    found = set()
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call):
            called = call.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            found |= {name} & TOUCHES
    return found


def may_touch(name: str) -> bool:
    """Only `files`, `*/files`, `inputs`, and what reads configuration and code."""
    return (
        name.split(".")[-1] == "files"
        or name.startswith(("inputs.", "readers."))
        or name
        in (
            "command_line",
            "study.configuration",
            "provenance.checksums",
            "provenance.code_files",
            # Apart from the files of other features, which a change would make anew.
            "stimuli.network_files",
            # safetensors gives the metadata of a file that it opens itself, not of bytes.
            "models.trained",
        )
    )


@pytest.mark.parametrize("name", [name for name in MODULES if not may_touch(name)])
def test_only_few_touch_the_disk(name):
    assert touches(MODULES[name]) - NO_DISK.get(name, set()) == set()


OF_READERS = ("find", "read", "covariates")


def test_no_two_public_definitions_share_a_name():
    found = defaultdict(list)
    for name, path in MODULES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            # What every reader offers has one name in all of them.
            if not (name.startswith("readers.") and node.name in OF_READERS):
                found[node.name].append(name)
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


@pytest.mark.parametrize("stage", ORDER)
def test_importing_a_stage_loads_no_library_of_another(stage):
    names = [f"tinglegram.{name}" for name in MODULES if name.split(".")[0] == stage]
    foreign = sorted(library for library, stages in HEAVY.items() if stage not in stages)
    # What lower stages bring along, a stage may have; today none brings anything heavy.
    code = (
        f"import importlib, sys\n[importlib.import_module(n) for n in {names}]\n"
        f"print([n for n in {foreign} if n in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout.strip() == "[]"


# Importing these must stay quick: planning does, or every job of a stage.
LIGHT = ("pulse.windows", "pulse.series", "pulse.quality", "study.plan", "study.planning")


@pytest.mark.parametrize("name", LIGHT)
def test_planning_loads_nothing_heavy(name):
    heavy = [*HEAVY, "scipy.signal", "scipy.stats"]
    if name == "study.planning":
        heavy.remove("snakemake")
    code = f"import sys, tinglegram.{name}\nprint([n for n in {heavy} if n in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "folder", ["scripts", "tests/unit", "workflow/rules", "docs"], ids=lambda f: f.split("/")[0]
)
def test_the_same_stages_stand_everywhere(folder):
    names = {path.stem for path in (ROOT / folder).iterdir()}
    # Recovery and proposals have workflows of their own beside that of a study; export is asked
    # for after a run.
    others = {"recovery", "export", "proposals"}
    wanted = set(STAGES) - (others if folder == "workflow/rules" else set())
    assert wanted - names == set()
    if folder == "workflow/rules":
        # What all rule files share stands beside them.
        assert names == wanted | {"plan"}
