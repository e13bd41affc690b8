"""What every command-line script shares: its parser, its log lines and its exit code."""

import argparse
import logging
import sys
from collections.abc import Callable

from tinglegram.errors import TinglegramError


class _Defaults(argparse.ArgumentDefaultsHelpFormatter):
    """Shows a default only where there is one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.default in (None, [], ""):
            return action.help
        return super()._get_help_string(action)


# Between two sets of options that one process works off, one after the other.
THEN = "--then"


def program(description: str | None) -> argparse.ArgumentParser:
    """Return a parser that shows the script's docstring and every default in `--help`."""
    return argparse.ArgumentParser(
        description=description,
        formatter_class=_Defaults,
        epilog=f"Several sets of options, with {THEN} between them, run one after the other.",
    )


def run(main: Callable[[], None]) -> None:
    """Run a script's `main`; a user's error ends it with its sentence, without a traceback.

    `main` runs once for each set of options between `--then`: loading libraries takes longer than
    drawing a figure, so a rule lets one process draw several.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr, force=True
    )
    script, *words = sys.argv
    try:
        while THEN in words:
            end = words.index(THEN)
            sys.argv, words = [script, *words[:end]], words[end + 1 :]
            main()
        sys.argv = [script, *words]
        main()
    except TinglegramError as problem:
        sys.exit(f"ERROR {problem}")
