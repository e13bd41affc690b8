"""The audit of dependencies never takes silence for a clean bill."""

import json
import os
import subprocess
import sys

import pytest
from paths import ROOT

SOUND = {"name": "a", "version": "1", "vulns": []}
FLAWED = {
    "name": "b",
    "version": "2",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}, {"id": "PYSEC-2", "fix_versions": []}],
}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found on PyPI"}
FLAWS = (
    "VULNERABLE: 2 known flaws:\n  b 2: PYSEC-1 (mended in 3)\n"
    "  b 2: PYSEC-2 (mended in no version yet)"
)


def audit(folder, packages: list | None, *options: str, ending: str = "") -> tuple[int, str]:
    """Run the audit with a pip-audit that gives this answer, or none."""
    (folder / "pip_audit").mkdir()
    # Without it the installed package would go before this one.
    (folder / "pip_audit/__init__.py").touch()
    said = "" if packages is None else json.dumps({"dependencies": packages})
    (folder / "pip_audit/__main__.py").write_text(
        f"import sys\nprint({said!r})\nprint('a trace\\nno route to host', file=sys.stderr)\n"
        + ending
    )
    path = os.pathsep.join([str(folder), str(ROOT / "src")])
    answer = subprocess.run(
        [sys.executable, str(ROOT / "envs/audit_dependencies.py"), *options],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ending or answer.stderr == ""
    return answer.returncode, answer.stdout.strip()


@pytest.mark.parametrize(
    ("packages", "code", "lenient", "said"),
    [
        ([SOUND], 0, 0, "Audited: no known flaw in 1 packages."),
        ([SOUND, FLAWED, SKIPPED], 1, 1, FLAWS),
        (
            [SOUND, SKIPPED],
            3,
            0,
            "NOT AUDITED: the advisory service did not know 1 of 2 packages (Dependency not found "
            "on PyPI). Run make audit where it can be reached.",
        ),
        (
            [],
            3,
            0,
            "NOT AUDITED: the advisory service did not know 0 of 0 packages (no packages). Run "
            "make audit where it can be reached.",
        ),
        (None, 3, 0, "NOT AUDITED: the advisory service did not answer (no route to host)."),
    ],
)
@pytest.mark.parametrize("allowed", [False, True])
def test_what_the_audit_says(tmp_path, packages, code, lenient, said, allowed):
    options = ["--allow-unreachable"] if allowed else []
    assert audit(tmp_path, packages, *options) == (lenient if allowed else code, said)


@pytest.mark.parametrize(
    "code", ["raise ModuleNotFoundError('No module named pip_audit')", "sys.exit(2)"]
)
def test_a_broken_pip_audit_passes_nowhere(tmp_path, code):
    returned, said = audit(tmp_path, None, "--allow-unreachable", ending=code)
    assert (returned, said) == (1, "")
