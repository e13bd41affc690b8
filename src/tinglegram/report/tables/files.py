"""Reading tables of texts, and writing the tables of the report."""

import dataclasses
from pathlib import Path

import pandas as pd

from tinglegram.files import write_json, write_table, write_text
from tinglegram.report import text
from tinglegram.report.items import ReportItem


def write_printed_table(table: pd.DataFrame, about: ReportItem, tsv: Path) -> None:
    """Write a table of texts as TSV, Markdown and LaTeX, and what is said about it as JSON."""
    write_table(table, tsv)
    heading = f"{about.title}. {about.caption}"
    write_text(text.as_markdown(table, heading, about.note), tsv.with_suffix(".md"))
    latex = text.as_latex(table, about.caption, about.name, about.note)
    write_text(latex, tsv.with_suffix(".tex"))
    write_json(dataclasses.asdict(about), tsv.with_suffix(".json"))


def read_texts(path: Path) -> pd.DataFrame:
    """Read a table in TSV with every cell as text, empty where there is nothing."""
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
