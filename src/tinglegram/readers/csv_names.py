"""File names by pattern: `events/*_{participant}.csv`."""

import glob
import re
from collections.abc import Collection

_PIECE = re.compile(r"\{(\w*)\}|\*\*/|\*|\?")


def placeholders(pattern: str) -> set[str]:
    """Return the names in braces."""
    return set(re.findall(r"\{(\w*)\}", pattern))


def name_glob(pattern: str) -> str:
    """Return the pattern for `Path.glob`, with `*` for every placeholder."""
    parts, at = [], 0
    for piece in _PIECE.finditer(pattern):
        parts += [glob.escape(pattern[at : piece.start()]), "*" if piece[1] else piece[0]]
        at = piece.end()
    return "".join([*parts, glob.escape(pattern[at:])])


def name_pattern(pattern: str, stimuli: Collection[str] = ()) -> re.Pattern[str]:
    """Return the pattern as a regular expression with a group for each placeholder.

    A placeholder is any text without `/`, as short as it can be; `{stimulus}` is one of `stimuli`,
    if some are given, so that names with the same sign as the pattern are told apart.
    """
    parts, at = [], 0
    met: set[str] = set()
    known = "|".join(re.escape(name) for name in sorted(stimuli, key=lambda s: (-len(s), s)))
    for piece in _PIECE.finditer(pattern):
        parts.append(re.escape(pattern[at : piece.start()]))
        at = piece.end()
        name = piece[1]
        if name is None:
            parts.append({"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}[piece[0]])
        elif name in met:
            parts.append(f"(?P={name})")
        else:
            met.add(name)
            parts.append(f"(?P<{name}>{known if name == 'stimulus' and known else '[^/]+?'})")
    return re.compile("".join([*parts, re.escape(pattern[at:])]))
