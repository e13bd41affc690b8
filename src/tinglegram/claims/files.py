"""Reading what the paper prints, where our numbers stand, and the results themselves."""

import csv
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
from safetensors import safe_open

from tinglegram.claims.ledger import Results
from tinglegram.files import read_table


def read_facts(path: Path) -> pd.DataFrame:
    """Read a table of the paper's claims or of their sources: every cell as text, as it stands."""
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, quoting=csv.QUOTE_NONE)


def source_templates(path: Path) -> list[str]:
    """Return the files that a table of sources names, each once, as it names them."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return list(dict.fromkeys(row["file"] for row in rows))


def read_results(
    results: Path,
    origin: str,
    protocol: str,
    templates: Iterable[str],
    numbers: Mapping[str, Sequence[str]],
) -> Results:
    """Read the results of one protocol, those of a template below each other.

    Parameters
    ----------
    results : folder of the study's results.
    origin : see `Results`.
    protocol : whose files to read.
    templates : files below `results`, with {protocol} and names of `numbers` in them.
    numbers : name in braces -> all its values, digits; they become columns of the tables.
    """
    tables, names = {}, {}
    for template in templates:
        own = template.replace("{protocol}", protocol)
        used = {name: values for name, values in numbers.items() if f"{{{name}}}" in own}
        read = [
            _table(results / own.format(**file)).assign(**{k: int(v) for k, v in file.items()})
            for values in itertools.product(*used.values())
            for file in [dict(zip(used, values, strict=True))]
        ]
        if read:
            tables[template] = pd.concat(read, ignore_index=True)
            names[template] = re.sub(r"{\w+}", "*", own)
    return Results(origin, tables, names)


def _table(path: Path) -> pd.DataFrame:
    """Return a table, or the widths of a network's weights: one row, a column for each name."""
    if path.suffix != ".safetensors":
        return read_table(path)
    with safe_open(path, framework="numpy") as weights:
        names = weights.keys()
        return pd.DataFrame({k: [weights.get_slice(k).get_shape()[-1]] for k in names})
