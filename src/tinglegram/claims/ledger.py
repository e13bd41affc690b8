"""The paper's printed numbers beside ours, and whether they agree: the ledger of claims.

A claim is one row of printed numbers (value, SD, interval, p). A source says in which table of the
results one of these parts is found, and how far it may lie from print.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.claims.views import UNSEEN, VIEWS, records
from tinglegram.files import sources as one_line

# Numbers that a claim may print, columns of the table of claims.
PARTS = ("value", "spread_sd", "ci95_low", "ci95_high", "p_value")
REPRODUCED, DIFFERS, OPEN = "reproduced", "differs", "not computable here"
# Columns of the ledger that every set of results has, after its name.
ANSWER_COLUMNS = (*PARTS, "difference", "verdict", "failing", "missing", "source")
# Whose numbers a source leads to.
ORIGINS = ("study", "published")
# Differences are those of printed decimals, not of how floats hold them.
_FLOAT = 1e-9


@dataclass(frozen=True)
class Results:
    """What one set of results can answer with.

    Attributes
    ----------
    origin : `study` (computed from its recordings) or `published` (from what the authors released).
    tables : file, as the sources name it -> its content; a file this study does not make is absent.
    names : file, as the sources name it -> the file as a reader finds it.
    """

    origin: str
    tables: Mapping[str, pd.DataFrame]
    names: Mapping[str, str]


@dataclass
class _Answer:
    found: dict[str, float | str] = field(default_factory=dict)
    failing: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    used: list[dict[str, Any]] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        return DIFFERS if self.failing else OPEN if self.missing else REPRODUCED


def ledger(
    claims: pd.DataFrame,
    sources: pd.DataFrame,
    results: Mapping[str, Results],
    findings: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Hold every claim against every set of results.

    Parameters
    ----------
    claims : text; id, section, quantity, value, spread_sd, ci95_low, ci95_high, p_value, unit.
        An empty part is not printed.
    sources : text; id, part, origin, file, view (of `views.VIEWS`), row (condition as in
        `pandas.DataFrame.query`; empty: all), column (expression as in `pandas.DataFrame.eval`),
        reduce (see `look_up`), scale, tolerance, compare (see `agrees`), reason (exact, rounding,
        Monte-Carlo), needs (what is missing where the file is).
    results : name (a protocol, or `published`) -> its tables.
    findings : claims (ids, `; ` between them) and finding; named in the rows they concern.

    Returns
    -------
    One row per claim: id, section, quantity, unit, paper, verdict, reproduced_by, missing, finding,
    tolerance, tolerance_reason; then for each name of `results` the columns
    `<name>_<ANSWER_COLUMNS>`, numbers in the claim's unit. The overall verdict is `reproduced`
    when any set of results reproduces every printed part, `differs` when some could be computed
    and none does.

    Raises
    ------
    ValueError : a printed part has no source, or a source names a column that a table lacks.
    """
    rows, listed = [], records(sources)
    for claim in records(claims):
        wanted = [source for source in listed if source["id"] == claim["id"]]
        answers = {name: _answer(claim, wanted, given) for name, given in results.items()}
        verdicts = {name: answer.verdict for name, answer in answers.items()}
        overall = next((v for v in (REPRODUCED, DIFFERS) if v in verdicts.values()), OPEN)
        lacking = [m for a in answers.values() for m in a.missing] if overall == OPEN else []
        used = [source for answer in answers.values() for source in answer.used]
        row = {name: claim[name] for name in ("id", "section", "quantity", "unit")}
        row |= {
            "paper": printed(claim),
            "verdict": overall,
            "reproduced_by": _joined([n for n, v in verdicts.items() if v == REPRODUCED]),
            "missing": _joined(lacking),
            "finding": _findings_of(claim["id"], findings),
            "tolerance": _joined([_tolerance(claim, source) for source in used]),
            "tolerance_reason": _reasons(used),
        }
        for name, answer in answers.items():
            row |= {f"{name}_{part}": answer.found.get(part, "") for part in PARTS}
            row |= {
                f"{name}_difference": _difference(claim, answer),
                f"{name}_verdict": answer.verdict,
                f"{name}_failing": _joined(answer.failing, ", "),
                f"{name}_missing": _joined(answer.missing),
                f"{name}_source": one_line(answer.files) if answer.files else "",
            }
        rows.append(row)
    return pd.DataFrame(rows)


def agrees(printed: str, ours: float | str, tolerance: float, compare: str = "") -> bool | None:
    """Say whether a number agrees with print; None: what can be seen of it does.

    Parameters
    ----------
    printed : a number, `<0.0002`, or numbers with slashes between them.
    ours : ours in the printed unit; as text, `?` stands for a number that cannot be seen.
    tolerance : largest distance from print, in the printed unit.
    compare : empty: distance; `above`: more than printed; `part`: ours is a part of the printed.
    """
    if isinstance(ours, str):
        pairs = list(zip(printed.split("/"), ours.split("/"), strict=True))
        if any(mine not in (UNSEEN, theirs) for theirs, mine in pairs):
            return False
        return None if UNSEEN in ours else True
    if printed.startswith("<"):
        return ours < float(printed[1:])
    if compare == "above":
        return ours > float(printed)
    if compare == "part":
        return None if ours <= float(printed) else False
    return abs(ours - float(printed)) <= tolerance + _FLOAT


def look_up(table: pd.DataFrame, row: str, column: str, reduce: str) -> float | str | None:
    """Return one number, or text, of a table; None where no row is wanted or it holds no number.

    Parameters
    ----------
    row, column : see `sources` of `ledger`.
    reduce : what is taken of several rows: `only` (there must be one), `max`, `mean`, `sum`,
        `count` (of rows) or `distinct` (number of different values).

    Raises
    ------
    ValueError : a column is missing, or `only` finds several rows.
    """
    try:
        chosen = table.query(row, engine="python") if row else table
        # Most columns are plain names, which need no parsing.
        values = pd.Series(
            chosen[column] if column in chosen else chosen.eval(column, engine="python")
        )
    except NameError as fault:
        raise ValueError(f"{fault}; columns: {', '.join(map(str, table.columns))}") from fault
    if not len(values):
        return None
    if reduce in ("count", "distinct"):
        return float(len(values) if reduce == "count" else values.nunique())
    if reduce == "only":
        if len(values) > 1:
            raise ValueError(f"one row with {row or column} expected, found {len(values)}")
        number = values.iloc[0]
    else:
        number = values.agg(reduce)
    if isinstance(number, str):
        return number
    return float(number) if np.isfinite(number) else None


def printed(claim: Mapping[str, str]) -> str:
    """Return what a claim prints as one text: `75.51 ± 5.63 [69.8, 80.7] p <0.0002`."""
    return as_text({part: claim[part] for part in PARTS})


def as_text(parts: Mapping[str, str]) -> str:
    """Return the parts of a claim, given as texts, in one line; empty ones are left out."""
    text = parts["value"]
    text += f" ± {parts['spread_sd']}" if parts["spread_sd"] else ""
    if parts["ci95_low"]:
        text += f" [{parts['ci95_low']}, {parts['ci95_high']}]"
    text += f" p {parts['p_value']}" if parts["p_value"] else ""
    return text.strip()


def _answer(claim: Mapping[str, Any], wanted: Sequence[dict[str, Any]], given: Results) -> _Answer:
    answer = _Answer()
    for part in PARTS:
        if not claim[part]:
            continue
        fitting = [s for s in wanted if s["part"] == part]
        # What the authors released cannot answer what only recordings can: then these are missing.
        own = [s for s in fitting if s["origin"] == given.origin] or [
            s for s in fitting if s["origin"] == "study"
        ]
        if len(own) != 1:
            raise ValueError(f"claim {claim['id']}, {part}: one source expected, found {len(own)}")
        _add(answer, claim, own[0], given)
    for names in (answer.missing, answer.files):
        names[:] = dict.fromkeys(names)
    return answer


def _add(answer: _Answer, claim: Mapping[str, Any], source: dict[str, Any], given: Results) -> None:
    part, file = source["part"], source["file"]
    answer.used.append(source)
    if source["origin"] != given.origin or file not in given.tables:
        answer.missing.append(source["needs"])
        return
    name = given.names[file]
    table = VIEWS[source["view"]](given.tables[file])
    try:
        number = look_up(table, source["row"], source["column"], source["reduce"])
    except ValueError as fault:
        raise ValueError(f"claim {claim['id']}, {part}, in {name}: {fault}") from fault
    if number is None:
        answer.missing.append(f"a number in {name} where {source['row'] or source['column']}")
        return
    if not isinstance(number, str):
        number *= float(source["scale"])
    answer.found[part] = number
    answer.files.append(name)
    same = agrees(claim[part], number, float(source["tolerance"]), source["compare"])
    if same is None:
        answer.missing.append(f"{source['needs']}; what is seen ({_short(number)}) agrees")
    elif not same:
        answer.failing.append(part)


def _difference(claim: Mapping[str, Any], answer: _Answer) -> float | str:
    """Return ours minus printed, of the value, or of p where no value is printed."""
    part = "value" if claim["value"] else "p_value"
    ours = answer.found.get(part, "")
    partial = any(s["part"] == part and s["compare"] == "part" for s in answer.used)
    if isinstance(ours, str) or partial or claim[part].startswith("<"):
        return ""
    return ours - float(claim[part])


def _reasons(used: Sequence[Mapping[str, Any]]) -> str:
    """Return `rounding: value, spread_sd; Monte-Carlo: ci95_low, ci95_high`."""
    parts = {
        reason: [s["part"] for s in used if s["reason"] == reason]
        for reason in dict.fromkeys(s["reason"] for s in used)
    }
    return "; ".join(f"{reason}: {_joined(named, ', ')}" for reason, named in parts.items())


def _tolerance(claim: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    part = source["part"]
    if claim[part].startswith("<"):
        return f"{part} {claim[part]}"
    if source["compare"]:
        return f"{part} {'>' if source['compare'] == 'above' else 'at most'} {claim[part]}"
    return f"{part} ±{source['tolerance']}" if float(source["tolerance"]) else f"{part} equal"


def _short(number: float | str) -> str:
    return number if isinstance(number, str) else f"{number:g}"


def _findings_of(claim: str, findings: pd.DataFrame | None) -> str:
    if findings is None:
        return ""
    return _joined([f["finding"] for f in records(findings) if claim in f["claims"].split("; ")])


def _joined(parts: Sequence[str], between: str = "; ") -> str:
    return between.join(dict.fromkeys(parts))
