"""A page to listen to proposals: players, predictions and reasons; it asks nothing of a network."""

import json
from collections.abc import Sequence
from importlib.resources import files

import pandas as pd
from jinja2 import Environment, StrictUndefined

from tinglegram.sounds.safety import SoundSafety


def listening_page(
    proposals: pd.DataFrame,
    safety: SoundSafety,
    *,
    title: str,
    summary: str,
    warnings: Sequence[str] = (),
) -> str:
    """Return the page, HTML; sounds are files beside it.

    Parameters
    ----------
    proposals : rows of `proposals.tsv`. summary, warnings : sentences for a reader.
    """
    template = files("tinglegram.proposals").joinpath("templates/proposals.html.j2")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=False, keep_trailing_newline=True
    )
    sounds = [
        {**row, "made": _made(row["parameters"], row["sources"])}
        for row in proposals.to_dict("records")
    ]
    return environment.from_string(template.read_text(encoding="utf-8")).render(
        title=title, summary=summary, warnings=warnings, safety=safety, sounds=sounds
    )


def _made(parameters: str, sources: str) -> list[tuple[str, str]]:
    """Return how a sound was made, name and value."""
    made = [(name, f"{value:g}") for name, value in json.loads(parameters).items()]
    return [("made of", sources), *made] if sources else made
