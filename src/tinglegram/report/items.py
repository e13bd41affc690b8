"""What is said beside a figure or table: its caption, and the files its numbers come from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from tinglegram.settings import AT_LEAST_ZERO, section

# Sections of the report, in reading order.
SECTIONS = {
    "behaviour": "Behaviour",
    "pulse": "Pulse",
    "sensors": "Other signals",
    "models": "Models",
    "regression": "Predicted values",
    "claims": "Claims of the paper",
    "methods": "Methods",
}


@section("report")
class Tinglegrams:
    """How the probabilities of a Tinglegram are drawn."""

    smoothing_steps: Annotated[
        float,
        AT_LEAST_ZERO,
        "SD, in grid steps, of the Gaussian that smooths probabilities for drawing only.",
    ] = 2.0


@dataclass(frozen=True)
class ReportItem:
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
            raise ValueError(f"kind of report item {self.name}: figure or table, not {self.kind!r}")
        if self.section not in SECTIONS:
            raise ValueError(
                f"section of report item {self.name}: one of {', '.join(SECTIONS)}, "
                f"not {self.section!r}"
            )


def ordered_items(
    protocols: Iterable[str],
    tables: Sequence[str],
    figures: Sequence[str],
    of_study: Iterable[str],
    of_table: str,
    of_figure: str,
    own: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> list[str]:
    """Return the files of all tables and figures below the folder of results, in reading order.

    Parameters
    ----------
    protocols : each has all tables, then all figures.
    tables, figures : their names.
    of_study : those of the whole study, such as `tables/claims`.
    of_table, of_figure : suffixes without the dot, such as `tsv` and `svg`.
    own : protocol -> tables that not every protocol has; they stand after the others.
    """
    found = []
    for protocol in protocols:
        found += [
            f"{protocol}/tables/{name}.{of_table}" for name in [*tables, *own.get(protocol, ())]
        ]
        found += [f"{protocol}/figures/{name}.{of_figure}" for name in figures]
    for item in of_study:
        found.append(f"{item}.{of_table if item.startswith('tables/') else of_figure}")
    return found
