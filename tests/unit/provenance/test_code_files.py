"""Which files an edit reruns: imports of every form are followed, packages included."""

from pathlib import Path

import pytest
from paths import ROOT

from tinglegram.provenance.code_files import code_files, recorded_code


def written(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def package(tmp_path) -> Path:
    written(
        tmp_path,
        ours__inner__module="from . import beside\nfrom ..other import value\n",
        ours__inner__beside="from .. import top\n",
        ours__inner__unused="",
        ours__other="value = 1\n",
        ours__top="",
    )
    for name in ("ours", "ours/inner"):
        (tmp_path / name / "__init__.py").write_text("")
    return tmp_path


def found(source: Path, statement: str) -> set[str]:
    script = source / "script.py"
    script.write_text(statement)
    first, *others = code_files(script, source)
    assert first == str(script)
    return {Path(path).relative_to(source).as_posix() for path in others}


PACKAGES = {"ours/__init__.py", "ours/inner/__init__.py"}
REACHED = PACKAGES | {f"ours/{n}.py" for n in ("inner/module", "inner/beside", "other", "top")}


@pytest.mark.parametrize(
    "statement",
    [
        "import ours.inner.module",
        "from ours.inner import module",
        "from ours.inner.module import value",
        "def later():\n    from ours.inner import module\n",
        "try:\n    pass\nexcept OSError:\n    pass\nelse:\n    from ours.inner import module\n",
        "match 1:\n    case _:\n        with open('x'):\n            import ours.inner.module\n",
    ],
)
def test_relative_imports_and_parent_packages_are_followed(package, statement):
    assert found(package, statement) == REACHED


def test_the_init_of_every_parent_package_counts(package):
    (package / "ours" / "__init__.py").write_text("from ours.inner import unused\n")
    assert found(package, "import ours.top") == PACKAGES | {"ours/top.py", "ours/inner/unused.py"}


def test_an_init_imports_relative_to_its_own_package(package):
    (package / "ours/inner/__init__.py").write_text("from .unused import nothing\n")
    assert "ours/inner/unused.py" in found(package, "import ours.inner.beside")


def test_other_libraries_are_not_followed(package):
    assert found(package, "import numpy\nfrom os import path\n") == set()


def test_code_of_a_real_script():
    files = code_files(ROOT / "scripts/recovery/simulate_studies.py", ROOT / "src")
    assert str(ROOT / "src/tinglegram/behaviour/agreement.py") in files
    assert str(ROOT / "src/tinglegram/__init__.py") in files
    assert str(ROOT / "src/tinglegram/report/page.py") not in files


def test_recorded_code_is_all_that_makes_results():
    found = {path.relative_to(ROOT).as_posix() for path in recorded_code(ROOT)}
    assert {
        *("Snakefile", "workflow/rules/report.smk", "workflow/claims.tsv"),
        *("scripts/report/make_tables.py", "src/tinglegram/errors.py"),
        "src/tinglegram/report/templates/report.html.j2",
    } < found
    assert {name.split("/")[0] for name in found} == {"Snakefile", "scripts", "src", "workflow"}
    assert not any("__pycache__" in name for name in found)
