"""What every command-line script shares: its parser, its log lines and its exit code."""

import argparse
import gc
import itertools
import logging
import os
import re
import resource
import stat
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.settings import pairs_of


class _Defaults(argparse.ArgumentDefaultsHelpFormatter):
    """Shows a default only where there is one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.default in (None, [], ""):
            return action.help
        return super()._get_help_string(action)


# How libraries other than NumPy say that memory ran out: PyTorch on a CPU, on a GPU, XGBoost.
NO_MEMORY = ("can't allocate memory", "out of memory", "bad_alloc")


def program(description: str | None) -> argparse.ArgumentParser:
    """Return a parser that shows the script's docstring and every default in `--help`."""
    return argparse.ArgumentParser(description=description, formatter_class=_Defaults)


def run(main: Callable[[], None]) -> None:
    """Run a script's `main`; a user's error ends it with its sentence, without a traceback."""
    logging.basicConfig(
        level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr, force=True
    )
    try:
        main()
        # For the log of a job, which is a file; on a terminal or in a pipe nobody asked for it.
        if stat.S_ISREG(os.fstat(sys.stderr.fileno()).st_mode):
            logging.info("peak memory: %.0f MiB", peak_memory() / 2**20)
    except TinglegramError as problem:
        sys.exit(f"ERROR {problem}")
    except OSError as fault:
        if fault.filename is None:
            raise
        sys.exit(f"ERROR {_unusable(fault)}")
    except (MemoryError, RuntimeError, ValueError) as fault:
        if not (isinstance(fault, MemoryError) or any(w in str(fault) for w in NO_MEMORY)):
            raise
        sys.exit(f"ERROR {_no_memory(Path(sys.argv[0]), fault)}")
    finally:
        # The process ends here. Without this, the interpreter looks through every object of every
        # library once more on its way out: a second of a job that has loaded PyTorch.
        gc.freeze()


def add_clips(parser: argparse.ArgumentParser, note: str = "") -> None:
    """Add every clip with its condition: `options.clips`, code -> condition, in config order."""
    about = f"in config order{note and f'; {note}'}"
    parser.add_argument("--clips", required=True, help=about, **pairs_of(str, "CLIP=CONDITION"))


def _numbers(text: str) -> range:
    """Return the whole numbers that `3` or `1-10000` stands for."""
    ends = re.fullmatch("([0-9]+)(?:-([0-9]+))?", text)
    found = range(int(ends[1]), int(ends[2] or ends[1]) + 1) if ends else range(0)
    if not found:
        raise argparse.ArgumentTypeError(
            f"expected a number such as 3 or a range such as 1-34, found '{text}'"
        )
    return found


class _Joined(argparse.Action):
    """Puts the numbers of all ranges into one list."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
        setattr(namespace, self.dest, [number for given in values for number in given])


def add_simulated(parser: argparse.ArgumentParser) -> None:
    """Add who takes part in a simulated study: `options.simulated`; none where data are real.

    The folder of a simulated study may hold files of more participants than it asks for now.
    """
    about = "numbers of the participants of a simulated study, and ranges of numbers (1-34)"
    parser.add_argument(
        "--simulated", type=_numbers, action=_Joined, nargs="+", default=[], help=about
    )


def names_in(path: Path, may_be_empty: bool = False) -> list[str]:
    """Read a list with one name a line, such as that of the participants.

    Raises
    ------
    InputProblem : no name, unless there may be none, or a name that stands twice and would count
        twice.
    """
    names: dict[str, int] = {}
    for line, name in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if name in names or not name.strip():
            raise InputProblem(
                str(path),
                where=f"line {line}",
                expected="one name a line, each once",
                found=f"{name}, as in line {names[name]}" if name in names else "an empty line",
                remedy="Delete the list; the workflow writes it anew.",
            )
        names[name] = line
    if not (names or may_be_empty):
        raise InputProblem(
            str(path),
            expected="one name a line",
            found="an empty list",
            remedy="Delete the list; the workflow writes it anew.",
        )
    return list(names)


def filled(patterns: Iterable[str], **names: Iterable[object]) -> list[Path]:
    """Return the paths that patterns stand for, `{subject}` filled in with every subject.

    Long lists of files reach a script as one pattern and a list of names, because the system limits
    how long a command may be.

    Parameters
    ----------
    patterns : paths, in which names in braces are to be filled in.
    names : name in braces -> all its values; the first one given varies slowest.

    Raises
    ------
    TinglegramError : a pattern lacks one of the names, and would be one file for all of its values.
    """
    values = {name: list(of_name) for name, of_name in names.items()}
    found = []
    for pattern in patterns:
        lacking = [f"{{{name}}}" for name in values if f"{{{name}}}" not in pattern]
        if lacking:
            raise TinglegramError(
                f"{pattern}: expected a pattern with {' and '.join(lacking)}, found none. "
                "Without it, one file would stand for all."
            )
        for chosen in itertools.product(*values.values()):
            path = pattern
            for name, value in zip(values, chosen, strict=True):
                path = path.replace(f"{{{name}}}", str(value))
            found.append(Path(path))
    return found


def peak_memory() -> int:
    """Return the largest resident memory so far, in bytes: this process's or that of one it ran."""
    # Kilobytes on Linux, bytes on macOS (getrusage(2)).
    unit = 1 if sys.platform == "darwin" else 1024
    own, others = (
        unit * resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    status = Path("/proc/self/status")
    if status.is_file():
        # On Linux, getrusage starts from the peak of the process that started this one.
        lines = status.read_text(encoding="utf-8").splitlines()
        own = 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return max(own, others)


def _unusable(fault: OSError) -> str:
    return (
        f"{fault.filename}: expected a file that can be used here, found: {fault.strerror}. "
        "Check that it is there and that you may use it, then run the same command again."
    )


def _no_memory(script: Path, fault: BaseException) -> str:
    held = peak_memory()
    said = str(fault).strip().splitlines()
    return (
        f"{script.name}: expected enough memory, found none left with {held / 1e6:.0f} MB in use"
        f"{f' ({said[0]})' if said else ''}. What its rule needs stands as mem_mb in the job's "
        "resources. Run fewer jobs at once (CORES=1), close other programs, or take a larger "
        "machine, then run the same command again."
    )
