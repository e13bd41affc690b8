"""Options of the programs that read one clip and write a file for every variant of its features."""

import argparse
from pathlib import Path
from typing import TypeVar

from tinglegram.settings import fields_of
from tinglegram.stimuli.settings import STREAMS, FeatureVariant

Variant = TypeVar("Variant", bound=FeatureVariant)


def add_clip_options(parser: argparse.ArgumentParser, variant: type, output: str) -> None:
    """Add the clip, its variants, and which of its streams count.

    Parameters
    ----------
    variant : class of the switches that variants differ by.
    output : what is written for each.
    """
    switches = _switches(variant)
    add = parser.add_argument
    add("--clip-file", type=Path, required=True, help="the clip")
    add(
        "--variant",
        nargs=len(switches) + 1,
        action="append",
        required=True,
        metavar=(*(name.upper() for name in switches), "NPZ"),
        help=f"the value of every switch, and {output}",
    )
    add("--streams", nargs="+", choices=STREAMS, default=STREAMS, help="that count")
    add("--threads", type=int, default=1, help="CPU threads")


def clip_variants(
    options: argparse.Namespace, variant: type[Variant]
) -> tuple[list[Variant], list[str]]:
    """Return the variants that `options` ask for, and the file of each."""
    names = _switches(variant)
    chosen = [variant(**dict(zip(names, words[:-1], strict=True))) for words in options.variant]
    return chosen, [words[-1] for words in options.variant]


def _switches(variant: type) -> list[str]:
    return [setting.name for setting in fields_of(variant)]
