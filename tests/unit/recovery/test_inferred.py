"""Whatever `corrected` prints as p or interval has a measured rate, or is called descriptive."""

import re
from fnmatch import fnmatchcase

import pandas as pd
import pytest
import yaml
from paths import ROOT

from tinglegram.recovery.acceptance import asked_of
from tinglegram.report.inferred import (
    DESCRIPTIVE,
    EMPTY,
    INFERRED,
    descriptive_note,
    inferred_rows,
)
from tinglegram.report.tables.kinds import TABLE_KINDS
from tinglegram.report.tables.plain import PLAIN, plain_caption

FILES = (ROOT / "docs/files.md").read_text()
TOPICS = yaml.safe_load((ROOT / "workflow/recovery/config.yaml").read_text())["recovery"]["topics"]
# A p or an end of an interval.
TESTED = re.compile(r"\b(?:p_[a-z_]+|(?:[a-z_]+_)?(?:low|high))\b")
# Columns that are called alike and are neither.
NEITHER = {"bin_low", "bin_high"}
# Tables that are described by those of another, and what stands there of theirs.
LIKE = {
    "sensor_mixed_model": "pulse_mixed_model",
    "sensor_mixed_model_checks": "pulse_mixed_model_checks",
    "sensor_coupling_quality": "sensor_coupling_test",
    "regression_differences": "regression",
    "sensor_rest_change": "rest_change",
}
PRINTED = sorted(
    {*PLAIN, *(file for kind in TABLE_KINDS.values() for file in kind.files)}
    | {"ablation", "calibration", "regression", "regression_differences"}
)


def columns_of(table: str) -> set[str]:
    """Return the p and ends of intervals of a file of statistics, by the page of files."""
    found: set[str] = set()
    for line in FILES.splitlines():
        cells = line.split(" | ")
        if len(cells) > 1 and re.search(rf"[/`]{table}\.tsv`", cells[0]):
            found |= set(TESTED.findall(" ".join(cells[1:])))
    if table in LIKE:
        found |= columns_of(LIKE[table])
    return found - NEITHER


@pytest.mark.parametrize("table", PRINTED)
def test_every_p_and_interval_is_declared_once(table):
    every = (*INFERRED, *DESCRIPTIVE, *EMPTY)
    known = [c for one in every if fnmatchcase(table, one.table) for c in one.columns]
    assert columns_of(table) <= set(known), sorted(columns_of(table) - set(known))
    given = [
        c for one in (*DESCRIPTIVE, *EMPTY) if fnmatchcase(table, one.table) for c in one.columns
    ]
    as_inference = {c for one in INFERRED if fnmatchcase(table, one.table) for c in one.columns}
    assert not as_inference & set(given)


def test_the_page_of_files_is_read():
    assert {"ci_low", "p_any", "p_value"} <= columns_of("response_function")
    assert {"band_low", "p_holm"} <= columns_of("pulse_lags")
    assert columns_of("responders") == set() and columns_of("sensor_mixed_model") != set()


@pytest.mark.parametrize("rate", sorted({rate for one in INFERRED for rate in one.rates}))
def test_of_every_inference_something_is_asked(rate):
    kind, where = rate.split(": ", 1)
    topic, effect, _ = where.split("/", 2)
    assert effect in TOPICS[topic], rate
    assert asked_of(kind, where) is not None, rate


@pytest.mark.parametrize("one", DESCRIPTIVE, ids=lambda one: f"{one.table} {one.columns[0]}")
def test_captions_say_what_describes(one):
    names = [name for name in PRINTED if fnmatchcase(name, one.table)]
    assert names
    for name in names:
        assert one.reason in descriptive_note(name, one.columns), name
        assert one.reason not in descriptive_note(name, ["value"])


def test_a_caption_reads_the_declaration():
    table = pd.DataFrame({"video": ["a"], "icc_2k": [0.9], "icc_ci_low": [0.8]})
    said = plain_caption("reliability", table)
    assert said.endswith("icc_ci_low: " + DESCRIPTIVE[0].reason + ".")
    assert "Descriptive" not in plain_caption("reliability", table[["video", "icc_2k"]])


def test_the_docs_show_the_declaration():
    assert "\n".join(inferred_rows()) in (ROOT / "docs/inference.md").read_text()
