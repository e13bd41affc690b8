"""The ledger of claims and the findings as printed tables of the report."""

from collections.abc import Mapping

import pandas as pd

from tinglegram.claims.ledger import PARTS, as_text
from tinglegram.claims.views import records
from tinglegram.report.text import SOURCE

_VERDICT = "_verdict"


def result_names(ledger: pd.DataFrame) -> list[str]:
    """Return the names of the sets of results in a ledger."""
    return [str(c).removesuffix(_VERDICT) for c in ledger if str(c).endswith(_VERDICT)]


def ledger_table(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the ledger as printed: one row per claim, columns for each set of results.

    Parameters
    ----------
    ledger : as `ledger.ledger` returns it, every cell as text, empty where there is nothing.
    """
    rows, names = [], result_names(ledger)
    for line in records(ledger):
        row = {"Claim": line["id"], "Verdict": line["verdict"], "Paper": line["paper"]}
        for name in names:
            failing = line[f"{name}_failing"]
            row[name] = _ours(line, name)
            row[f"{name} minus paper"] = _number(line[f"{name}_difference"], signed=True)
            # With one set of results its verdict is that of the row.
            where = f"{name}: verdict" if len(names) > 1 else "Verdict"
            row[where] = line[name + _VERDICT] + (f" ({failing})" if failing else "")
        row |= {
            "What": line["quantity"],
            "Unit": line["unit"],
            "Tolerance": line["tolerance"],
            "Reason": line["tolerance_reason"],
            "Missing": line["missing"],
            "Finding": line["finding"],
            # Not named like the column that pages leave out: here each row has its own files.
            "From": _files(line, names),
        }
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.assign(**{SOURCE: table["From"]})


def describe_ledger(ledger: pd.DataFrame) -> str:
    """Return the caption of the ledger, with the number of claims of each verdict."""
    counts = ", ".join(f"{n} {verdict}" for verdict, n in ledger["verdict"].value_counts().items())
    return (
        f"{len(ledger)} claims: {counts}. A claim is reproduced when every number it prints lies "
        "within its tolerance under at least one protocol; in brackets, the numbers that do not. A "
        "p of 0: no draw reached the score."
    )


def findings_table(findings: pd.DataFrame) -> pd.DataFrame:
    """Return the findings as printed: `contradictions.CONTRADICTION_COLUMNS`, cells as text."""
    names = {
        "finding": "Finding",
        "claims": "Claims",
        "paper_says": "The paper says",
        "but": "But",
        "computed_how": "Computed how",
    }
    return findings.rename(columns=names)


def describe_findings(findings: pd.DataFrame) -> str:
    """Return the caption of the findings."""
    return (
        f"{len(findings)} places where numbers the authors printed or released do not fit each "
        "other, computed from these numbers alone."
    )


def _ours(line: Mapping[str, str], name: str) -> str:
    """Return our numbers in one text, with the decimals that tell them apart from print."""
    return as_text({part: _number(line[f"{name}_{part}"]) for part in PARTS})


def _number(text: str, signed: bool = False) -> str:
    try:
        number = float(text)
    except ValueError:
        return text
    if number.is_integer() and "e" not in text:
        return f"{number:+.0f}" if signed else f"{number:.0f}"
    size = abs(number)
    digits = 2 if size >= 1 and not signed else 4
    return f"{number:{'+' if signed else ''}.{digits}f}"


def _files(line: Mapping[str, str], names: list[str]) -> str:
    return "; ".join(dict.fromkeys(line[f"{n}_source"] for n in names if line[f"{n}_source"]))
