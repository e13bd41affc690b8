"""Numbers and tables as printed text: percent, mean ± SD, intervals, p; Markdown and LaTeX."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

ABSENT = "n/a"
# Why what needs two conditions is not applicable.
ONE_CONDITION = "there are no trials beside those whose reports are predicted"
# Column that names the files a row was read from.
SOURCE = "source"


def percent_text(value: float, digits: int = 2) -> str:
    """Return a fraction as a percentage without its sign: 0.71863 gives `71.86`."""
    return f"{100 * value:.{digits}f}" if np.isfinite(value) else ABSENT


def spread_text(mean: float, sd: float) -> str:
    """Return mean ± SD in percent, both given as fractions."""
    return f"{percent_text(mean)} ± {percent_text(sd)}" if np.isfinite(mean) else ABSENT


def population_sd(folds: int) -> str:
    """Say what the SD over folds is, and by how much one of a sample is larger."""
    if folds < 2:
        return "population SD"
    larger = float(np.sqrt(folds / (folds - 1)))
    return f"population SD (as of the paper; that of a sample is {larger:.2f} times as large)"


def interval_text(low: float, high: float) -> str:
    """Return an interval of fractions in percent, with one decimal as in the paper's Table 1."""
    return f"[{percent_text(low, 1)}, {percent_text(high, 1)}]" if np.isfinite(low) else ABSENT


def p_text(p_value: float, draws: float | None = None) -> str:
    """Return a p-value; a count of 0 among `draws` reads `< 1/draws` (paper: `< 0.0002`)."""
    if not np.isfinite(p_value):
        return ABSENT
    if p_value == 0 and draws:
        return f"< {np.format_float_positional(1 / draws, precision=2, fractional=False)}"
    return f"{p_value:.4f}" if p_value >= 0.0001 else "< 0.0001"


def as_markdown(table: pd.DataFrame, caption: str, note: str = "") -> str:
    """Return the table in Markdown, its caption above and its note below."""
    body = table.to_markdown(index=False, disable_numparse=True)
    return f"{caption}\n\n{body}\n" + (f"\n{note}\n" if note else "")


def as_latex(table: pd.DataFrame, caption: str, label: str, note: str = "") -> str:
    """Return the table in LaTeX (needs booktabs), everything in it escaped; sources left out."""
    shown = table.drop(columns=SOURCE)
    styled = (
        shown.style.hide(axis="index")
        .format(escape="latex")
        .format_index(escape="latex", axis="columns")
    )
    title = _escaped(f"{caption} {note}".strip())
    columns = "l" + "r" * (len(shown.columns) - 1)
    text = styled.to_latex(hrules=True, caption=title, label=f"tab:{label}", column_format=columns)
    # Bare < and > print as other signs in LaTeX's default encoding.
    return text.replace("<", "$<$").replace(">", "$>$")


_LATEX: dict[str, str] = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_LATEX |= {sign: "\\" + sign for sign in "&%$#_{}"}


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in text)


# What several conditions beside the target are called.
OTHERS = "other"


class Words(NamedTuple):
    """What the sentences of a report call things: its response and its conditions.

    `control` is empty where there is none beside the target, and `OTHERS` where there are several.
    `above` is the level above which a rating is a response.
    """

    response: str = "response"
    target: str = "target"
    control: str = "control"
    above: float = 0

    @property
    def a_response(self) -> str:
        """The response with its article."""
        return f"{'an' if self.response[:1].lower() in 'aeiou' else 'a'} {self.response}"

    @property
    def one_other(self) -> bool:
        """Whether exactly one condition stands beside the target: `control` is its name."""
        return self.control not in ("", OTHERS)

    @property
    def all_trials(self) -> str:
        """The trials of every condition."""
        return "both conditions" if self.one_other else "all trials"


# Words that fit any study.
NEUTRAL = Words()


def predicted_values_sentence(dimension: str, kind: str, models: Sequence[str]) -> str:
    """Say what is predicted, for the first page.

    Parameters
    ----------
    dimension, kind : name and kind of the dimension that is predicted.
    models : their names.
    """
    what = "the response" if dimension == "response" else dimension
    levels = " (0 or 1, predicted as a number)" if kind in ("hold", "episodes") else ""
    return (
        f"Predicted values: the value of {what}{levels} at every step of every clip, by "
        f"{', '.join(models)}."
    )
