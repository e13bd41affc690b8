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
    except TinglegramError as problem:
        sys.exit(f"ERROR {problem}")
