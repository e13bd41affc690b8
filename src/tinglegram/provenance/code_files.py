"""Which files of ours a script runs, so that editing one reruns the jobs that depend on it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def imports(path: Path, source: Path) -> frozenset[Path]:
    """Return the files under `source` that the Python file imports, found without running it.

    Importing `a.b.c` also runs `a/__init__.py` and `a/b/__init__.py`. Relative imports are those
    of the file's own package.
    """
    ours = _modules(source)
    found: set[Path] = set()
    for node in _statements(ast.parse(path.read_text(encoding="utf-8"))):
        for name in _names(node, path, source):
            while name:
                found.update(ours.get(name, ()))
                name = name.rpartition(".")[0]
    return frozenset(found)


@cache
def _modules(source: Path) -> dict[str, list[Path]]:
    """Return every module under `source` by its dotted name; a package is its `__init__.py`."""
    found: dict[str, list[Path]] = {}
    for path in source.rglob("*.py"):
        module = path.parent if path.name == "__init__.py" else path.with_suffix("")
        found.setdefault(".".join(module.relative_to(source).parts), []).append(path)
    return found


def _statements(block: ast.AST) -> Iterator[ast.AST]:
    """Yield every statement inside, however deep; expressions hold none and are not searched."""
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        for node in getattr(block, field, ()):
            yield node
            yield from _statements(node)


def _names(node: ast.AST, path: Path, source: Path) -> Iterator[str]:
    """Yield the absolute names of all modules that an import statement may run."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        package = node.module or ""
        if node.level:
            if not path.is_relative_to(source):
                return
            # One dot is the package of the file, each further one the package around it.
            around = path.relative_to(source).parts[: -node.level]
            package = ".".join([*around, *([node.module] if node.module else [])])
        yield package
        # What is imported from a package may be a module of it.
        yield from (f"{package}.{alias.name}" for alias in node.names)


def code_files(script: Path, source: Path) -> list[str]:
    """Return the script, then every module of ours it imports, directly or not."""
    reached: set[Path] = set()
    frontier = {script}
    while frontier:
        reached |= frontier
        frontier = set().union(*(imports(path, source) for path in frontier)) - reached
    return [str(script), *sorted(str(path) for path in reached - {script})]


# Code that results depend on, below the folder of the workflow.
_RECORDED = (
    "Snakefile",
    "scripts/*/*.py",
    "src/*/**/*.py",
    "src/**/templates/*",
    "workflow/**/*.*",
)


def recorded_code(root: Path) -> list[Path]:
    """Return every file of the workflow in `root` whose checksum is recorded, by path.

    Benchmarks, tests and documentation make no results.
    """
    return sorted({path for pattern in _RECORDED for path in root.glob(pattern) if path.is_file()})
