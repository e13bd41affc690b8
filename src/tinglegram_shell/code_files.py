"""Which files of ours a script runs, so that editing one reruns the jobs that depend on it."""

import ast
from functools import cache
from pathlib import Path


@cache
def imports(path: Path, source: Path) -> frozenset[Path]:
    """Return the files under `source` that the Python file imports, found without running it."""
    found: set[Path] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            stem = source.joinpath(*name.split("."))
            found.update(f for f in (stem.with_suffix(".py"), stem / "__init__.py") if f.is_file())
    return frozenset(found)


def code_files(script: Path, source: Path) -> list[str]:
    """Return the script, then every module of ours it imports, directly or not."""
    reached: set[Path] = set()
    frontier = {script}
    while frontier:
        reached |= frontier
        frontier = set().union(*(imports(path, source) for path in frontier)) - reached
    return [str(script), *sorted(str(path) for path in reached - {script})]
