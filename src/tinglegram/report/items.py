"""What is said beside a figure or table: its caption, and the files its numbers come from."""

from dataclasses import dataclass
from typing import Annotated

from tinglegram.settings import AT_LEAST_ZERO, section

# Sections of the report, in reading order.
SECTIONS = {
    "behaviour": "Behaviour",
    "pulse": "Pulse",
    "models": "Models",
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
            raise ValueError(f"kind of exhibit {self.name}: figure or table, not {self.kind!r}")
        if self.section not in SECTIONS:
            raise ValueError(
                f"section of exhibit {self.name}: one of {', '.join(SECTIONS)}, "
                f"not {self.section!r}"
            )
