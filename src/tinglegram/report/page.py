"""The report: everything a study found, as one self-contained HTML page."""

import base64
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from tinglegram.inputs.inventory import Entry, is_of_clip
from tinglegram.report.items import SECTIONS, ReportItem
from tinglegram.report.text import ABSENT, SOURCE


@dataclass(frozen=True)
class TextTable:
    """A table of strings: one header row and the rows below it."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Shown:
    """A figure or table with its content: the bytes of an SVG figure, or a table."""

    about: ReportItem
    svg: bytes = b""
    table: TextTable | None = None

    @property
    def anchor(self) -> str:
        """Id of the figure or table in the page."""
        return "-".join(part for part in (self.about.protocol, self.about.name) if part)

    @property
    def image(self) -> str:
        """The figure as an address that holds it."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg).decode("ascii")


@dataclass(frozen=True)
class Report:
    """What `render` puts on the page.

    Attributes
    ----------
    title : name of the study.
    protocols : in the order shown.
    facts : what was analysed, name and value.
    overview, overview_source : scores of all models and protocols, and their files.
    switches : value of every switch under every protocol.
    shown : every figure and table, in the order they stand within their section.
    absent : section -> why it is left out of this study.
    excluded : who was found with a problem or left out, with reasons; None without raw data.
    inventory : everyone found; None without raw data.
    clips : everything found in the clips; None without raw data.
    provenance : versions, commit, platform, seeds and checksums, nested at will.
    config : text of the merged configuration.
    class_1 : what class 1 is, in a sentence; empty: not said.
    values : what models of the reported value predict, in a sentence; empty: there are none.
    warnings : what a reader must know first.
    verdicts : for each headline model its name, protocol and verdict, and one sentence on what
        its score is worth.
    decisions : numbers behind verdicts that are claims, a row for each claim; None: there are none.
    decisions_caption : what stands below them.
    decisions_note : what one file of predictions cannot show; empty: every model was trained again.
    front : the figure of the first page, shown under the verdicts.
    """

    title: str
    protocols: Sequence[str]
    facts: Sequence[tuple[str, str]]
    overview: TextTable
    overview_source: str
    switches: TextTable
    shown: Sequence[Shown]
    provenance: Mapping[str, Any]
    config: str
    class_1: str = ""
    values: str = ""
    absent: Mapping[str, str] = field(default_factory=dict)
    excluded: TextTable | None = None
    inventory: TextTable | None = None
    clips: TextTable | None = None
    warnings: Sequence[str] = ()
    verdicts: Sequence[tuple[str, str]] = ()
    decisions: TextTable | None = None
    decisions_caption: str = ""
    decisions_note: str = ""
    front: Shown | None = None

    def of(self, protocol: str, section: str) -> list[Shown]:
        """Return the figures and tables of a section of a protocol."""
        return [
            s for s in self.shown if s.about.protocol == protocol and s.about.section == section
        ]

    def all_warnings(self) -> list[str]:
        """Return every warning once, the study's own and its figures'; none that another holds."""
        notes = dict.fromkeys([*self.warnings, *(s.about.note for s in self.shown)])
        return [n for n in notes if n and not any(n != other and n in other for other in notes)]


def text_table(table: pd.DataFrame) -> TextTable:
    """Return a table as strings, missing values as n/a, the column of sources left out."""
    shown = table.drop(columns=SOURCE, errors="ignore")
    rows = [[ABSENT if pd.isna(v) else str(v) for v in row] for row in shown.to_numpy(dtype=object)]
    return TextTable([str(name) for name in shown.columns], rows)


def switch_table(switches: Mapping[str, Mapping[str, object]]) -> TextTable:
    """Return one row per switch, one column per protocol."""
    names = list(dict.fromkeys(name for values in switches.values() for name in values))
    rows = [[name, *(str(values[name]) for values in switches.values())] for name in names]
    return TextTable(["Switch", *switches], rows)


def flat(content: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return a nested mapping as (dotted name, value) pairs, in its own order."""
    pairs: list[tuple[str, str]] = []
    for key, value in content.items():
        name = f"{prefix}{key}"
        pairs += flat(value, f"{name}: ") if isinstance(value, Mapping) else [(name, str(value))]
    return pairs


def analysed(inventory: pd.DataFrame) -> list[tuple[str, str]]:
    """Return how many of the participants and trials of inventory.tsv are analysed, as facts."""
    included = inventory[inventory["included"].astype(bool)]
    participants = f"{len(included)} analysed of {len(inventory)} found"
    with_pulse = int(included["pulse"].sum())
    if with_pulse < len(included):
        participants += f", {with_pulse} of them with pulse"
    trials = f"{int(included['n_clips'].sum())} analysed"
    left_out = int(included["n_left_out"].sum())
    if left_out:
        trials += f", {left_out} of these people left out (reasons below)"
    return [("Participants", participants), ("Trials", trials)]


def study_facts(
    study: str,
    protocols: Sequence[str],
    models: Sequence[str],
    tested: pd.DataFrame | None,
    inventory: pd.DataFrame | None,
) -> list[tuple[str, str]]:
    """Return what was analysed, as names and values.

    Parameters
    ----------
    study, protocols, models : their names.
    tested : one row per test trial; columns subject, video. None: the study has no model.
    inventory : as for `analysed`; None without raw data.
    """
    facts = [("Study", study), ("Protocols", ", ".join(protocols))]
    facts += [("Models", ", ".join(models) or "none")]
    facts += analysed(inventory) if inventory is not None else []
    if tested is not None:
        n_participants = tested["subject"].nunique()
        facts.append(("Tested", f"{len(tested)} trials of {n_participants} participants"))
    return facts


def verdict_sentences(
    verdicts: Mapping[str, pd.DataFrame], headline: Sequence[str]
) -> list[tuple[str, str]]:
    """Return what stands before each sentence of the first page, model by model, and the sentence.

    Parameters
    ----------
    verdicts : protocol -> columns model, sentence, and verdict or timing, score and category.
    headline : models of the first page.
    """
    lines = {
        protocol: {row["model"]: row for row in table.to_dict("records")}
        for protocol, table in verdicts.items()
    }
    return [
        (f"{model}, {protocol}{_called(rows[model])}", rows[model]["sentence"])
        for model in headline
        for protocol, rows in lines.items()
    ]


def _called(row: Mapping[Hashable, Any]) -> str:
    """Return what stands behind the names: the verdict of a row, or what is claimed."""
    if "timing" not in row:
        return f": {row['verdict']}"
    return "; " + "; ".join(f"{claim}: {row[claim]}" for claim in ("timing", "score", "category"))


def excluded_participants(inventory: pd.DataFrame) -> TextTable:
    """Return everyone of the inventory with a problem, a trial or all data left out, and why.

    Parameters
    ----------
    inventory : columns subject, log, ppg, n_clips, problem, included, reason.
    """
    named = inventory["reason"].notna() | inventory["problem"].notna()
    left_out = ~inventory["included"].astype(bool)
    return text_table(inventory.loc[named | left_out, ["subject", "included", "problem", "reason"]])


def clip_table(problems: Sequence[tuple[Entry, str]]) -> TextTable:
    """Return everything that was found in the clips, a row each.

    Parameters
    ----------
    problems : entries of problems.tsv and their decisions; those of participants are left out.
    """
    rows = [
        [found.video, found.kind, decision, found.sentence]
        for found, decision in problems
        if is_of_clip(found)
    ]
    return TextTable(["clip", "what", "decision", "found"], rows)


def clip_warnings(problems: Sequence[tuple[Entry, str]]) -> list[str]:
    """Return a sentence for each clip with a problem; as `clip_table`."""
    kinds: dict[str, list[str]] = {}
    for found, _ in problems:
        if is_of_clip(found) and found.expected:
            kinds.setdefault(found.video, []).append(found.kind)
    return [
        f"Clip {video}: {', '.join(dict.fromkeys(names))} (below, What was found in the clips)."
        for video, names in kinds.items()
    ]


def render(report: Report) -> str:
    """Return the page. All text is escaped; figures and styles stand inside the page."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = (
        files("tinglegram.report").joinpath("templates/report.html.j2").read_text(encoding="utf-8")
    )
    return environment.from_string(source).render(
        report=report, sections=SECTIONS, provenance=flat(report.provenance)
    )
