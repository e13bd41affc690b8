"""Errors that tell a researcher what to do next."""

import importlib
from collections.abc import Sequence
from types import ModuleType


class TinglegramError(Exception):
    """Something the user can put right; shown without a traceback."""


class InputProblem(TinglegramError):
    """A raw input that does not hold what its format promises.

    Parameters
    ----------
    source : name of the file, as the user knows it.
    expected, found : what the format promises and what stands there.
    where : line, second or sample at which it was seen; empty when it concerns the whole file.
    remedy : what the user can do about it.
    kind : short name by which the configuration can say what becomes of such a trial or participant
        (`tinglegram.inputs.inventory.DECISIONS`); empty where nothing can be chosen.
    video : code of the clip it concerns; `*` when it is the whole file.
    """

    def __init__(
        self,
        source: str,
        *,
        expected: str,
        found: str,
        remedy: str,
        where: str = "",
        kind: str = "",
        video: str = "*",
    ) -> None:
        """Compose the sentence the user reads."""
        self.source, self.where, self.kind, self.video = source, where, kind, video
        self.expected, self.found, self.remedy = expected, found, remedy
        place = f"{source}, {where}" if where else source
        super().__init__(f"{place}: expected {expected}, found {found}. {remedy}")


def refuse(problems: Sequence[InputProblem]) -> None:
    """Raise if there is a problem; several become one error with a line for each."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise TinglegramError("\n".join(map(str, problems)))


def require(library: str, extra: str, why: str) -> ModuleType:
    """Return a library that not everything needs.

    Raises
    ------
    TinglegramError : it is not installed; the sentence names the command that installs it.
    """
    try:
        return importlib.import_module(library)
    except ImportError:
        raise TinglegramError(
            f"{why} needs the package {library}, which is not installed. Install it: "
            f"python -m pip install --constraint envs/constraints.txt --editable '.[{extra}]'"
        ) from None
