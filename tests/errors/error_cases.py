"""What a bad input is, how it comes about, and the exact message it must give.

Every module `<topic>_cases.py` here holds `TITLE`, one line that names its topic in
docs/errors.md, and `CASES`. `test_errors.py` provokes each; `write_page.py` prints all of them.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One bad input.

    Parameters
    ----------
    given : what is wrong with it, in a few words: the heading of the case in docs/errors.md.
    message : every word that the user reads.
    provoke : does what a user would do with this input, in an empty folder that it may fill, and
        raises a TinglegramError or returns the text it printed. The folder's own path never
        stands in the message: paths in it are given relative to the folder.
    """

    given: str
    message: str
    provoke: Callable[[Path], str | None]


def topics() -> list[ModuleType]:
    """Return the modules that hold cases, by name."""
    return [
        importlib.import_module(path.stem)
        for path in sorted(FOLDER.glob("*_cases.py"))
        if path.stem != "error_cases"
    ]
