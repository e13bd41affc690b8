"""What is said beside a figure or table: its caption, and the files its numbers come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

# Sections of the report, in reading order.
SECTIONS = {
    "behaviour": "Behaviour",
    "pulse": "Pulse",
    "models": "Models",
    "claims": "Claims of the paper",
    "methods": "Methods",
}


@dataclass(frozen=True)
class Exhibit:
    """One figure or table of the report.

    Attributes
    ----------
    name : file name without suffix; unique within protocol and kind.
    kind : `figure` or `table`.
    section : key of `SECTIONS`.
    protocol : protocol it belongs to; empty for the whole study.
    title, caption : heading, and what is shown with its N.
    source : files it was made from, relative to the folder of results.
    note : a warning that must stand wherever the content is shown; empty: none.
    """

    name: str
    kind: str
    section: str
    protocol: str
    title: str
    caption: str
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse kinds and sections the report would not show."""
        if self.kind not in ("figure", "table"):
            raise ValueError(f"kind of exhibit {self.name}: figure or table, not {self.kind!r}")
        if self.section not in SECTIONS:
            raise ValueError(
                f"section of exhibit {self.name}: one of {', '.join(SECTIONS)}, "
                f"not {self.section!r}"
            )


def sources(paths: Sequence[str], listed: int = 4) -> str:
    """Return one line for the paths: all of them when few, else patterns.

    With more than `listed` paths, those of the same depth become one pattern in which what differs
    is `*`: `["a/1.tsv", "a/2.tsv", …]` gives `a/*.tsv (5 files)`.
    """
    unique = sorted(set(paths))
    if len(unique) <= listed:
        return "; ".join(unique)
    by_depth: dict[int, list[tuple[str, ...]]] = {}
    for path in unique:
        parts = PurePosixPath(path).parts
        by_depth.setdefault(len(parts), []).append(parts)
    return "; ".join(_pattern(group) for group in by_depth.values())


def _pattern(group: Sequence[tuple[str, ...]]) -> str:
    pattern = PurePosixPath(*(_shared(names) for names in zip(*group, strict=True)))
    return f"{pattern} ({len(group)} files)" if len(group) > 1 else str(pattern)


def _shared(names: Sequence[str]) -> str:
    if len(set(names)) == 1:
        return names[0]
    suffixes = {PurePosixPath(name).suffix for name in names}
    return "*" + (suffixes.pop() if len(suffixes) == 1 else "")
