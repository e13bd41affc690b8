"""Nothing that is read can run: no pickle is loaded anywhere, proved from the syntax trees."""

import ast
import re
from collections.abc import Iterator

import pytest
from paths import ROOT

# Reading with these runs what the file says.
FORBIDDEN = re.compile(
    r"(cPickle|_pickle|cloudpickle|dill|joblib|marshal|shelve)(\..*)?|.*\.read_pickle|__import__"
    r"|torch\.(jit|hub)\.load|pickle\.(?!(Pickle|Pickling|Unpickling)Error$).*"
)
# These do only as they are called: name -> keyword and value that make them safe, and whether
# they are safe without it.
GUARDED = {
    "torch.load": ("weights_only", True, False),
    "load_state_dict_from_url": ("weights_only", True, False),
    "get_state_dict": ("weights_only", True, False),
    "numpy.load": ("allow_pickle", False, True),
    "numpy.lib.format.read_array": ("allow_pickle", False, True),
}
# A network in TorchScript runs what is in it, as docs/stimuli.md says: the one file that somebody
# names as a feature set of their own. It never stands in a bundle.
NAMED_BY_THE_USER = {"src/tinglegram/stimuli/network_features.py": ["torch.jit.load"]}
FILES = [path for folder in ("src", "scripts") for path in sorted((ROOT / folder).rglob("*.py"))]


def _imported(tree: ast.Module) -> dict[str, str]:
    """Local name -> dotted name of what was imported under it."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                whole = module + alias.name
                if alias.asname or module:
                    names[alias.asname or alias.name] = whole
                else:
                    names[whole.split(".")[0]] = whole.split(".")[0]
    return names


def _dotted(node: ast.AST, imported: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, imported)}.{node.attr}"
    return imported.get(node.id, node.id) if isinstance(node, ast.Name) else "?"


def _is_safe(call: ast.Call | None, keyword: str, value: bool, by_default: bool) -> bool:
    if call is None or any(option.arg is None for option in call.keywords):
        return False
    given = [option.value for option in call.keywords if option.arg == keyword]
    # By its place, an argument after the first could be the keyword itself.
    if not given:
        return by_default and len(call.args) < 2
    return isinstance(given[0], ast.Constant) and given[0].value is value


def unsafe(source: str) -> Iterator[str]:
    """What in `source` could run what a file says."""
    tree = ast.parse(source)
    imported = _imported(tree)
    yield from (name for name in imported.values() if FORBIDDEN.fullmatch(name))
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute | ast.Name):
            continue
        name = _dotted(node, imported)
        if FORBIDDEN.fullmatch(name):
            yield name
        for guarded, conditions in GUARDED.items():
            is_it = name == guarded or ("." not in guarded and name.endswith(f".{guarded}"))
            # Named without being called, it could be called anywhere.
            if is_it and not _is_safe(calls.get(id(node)), *conditions):
                yield name


def test_no_file_loads_a_pickle():
    found = {
        path.relative_to(ROOT).as_posix(): list(unsafe(path.read_text(encoding="utf-8")))
        for path in FILES
    }
    assert len(found) > 50
    assert {path: names for path, names in found.items() if names} == NAMED_BY_THE_USER


def test_the_rules_load_no_pickle():
    for path in [ROOT / "Snakefile", *(ROOT / "workflow").rglob("*.smk")]:
        assert not re.search(
            r"pickle|joblib|import torch|\bload\(", path.read_text(encoding="utf-8")
        )


@pytest.mark.parametrize(
    "source",
    [
        "import pickle; pickle.load(f)",
        "import pickle as p; p.loads(b)",
        "from pickle import Unpickler",
        "import pickle; reader = pickle.Unpickler",
        "import dill",
        "from joblib import load",
        "import joblib.numpy_pickle as n",
        "import pandas as pd; pd.read_pickle(f)",
        "from pandas import read_pickle as r",
        "import torch; torch.load(f)",
        "import torch; torch.load(f, weights_only=False)",
        "import torch; torch.load(f, weights_only=trusted)",
        "import torch; torch.load(f, **options)",
        "import torch; read = torch.load",
        "from torch import load; load(f)",
        "import torch; torch.hub.load('a', 'b')",
        "from torch.hub import load_state_dict_from_url as get; get('x')",
        "import numpy as np; np.load(f, allow_pickle=True)",
        "import numpy as np; np.load(f, None, True)",
        "import numpy; numpy.load(f, allow_pickle=flag)",
        "from numpy import load; load(f, allow_pickle=True)",
        "__import__('pickle').load(f)",
    ],
)
def test_the_proof_finds_it(source):
    assert list(unsafe(source))


@pytest.mark.parametrize(
    "source",
    [
        "import torch; torch.load(f, weights_only=True)",
        "import numpy as np; np.load(f); np.load(f, allow_pickle=False)",
        "import pickle\ntry: pass\nexcept pickle.UnpicklingError: pass",
        "import pickletools; pickletools.genops(b)",
        "network.load_state_dict(body)",
    ],
)
def test_the_proof_lets_the_rest_pass(source):
    assert not list(unsafe(source))
