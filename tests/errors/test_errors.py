"""Every bad input gives exactly the message that docs/errors.md prints."""

import pytest
from error_cases import Case, topics
from paths import ROOT
from write_page import page

from tinglegram.errors import TinglegramError

CASES = [
    pytest.param(case, id=f"{topic.__name__.removesuffix('_cases')}: {case.given}")
    for topic in topics()
    for case in topic.CASES
]


@pytest.mark.parametrize("case", CASES)
def test_the_message_is_exact(case: Case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        said = case.provoke(tmp_path)
    except TinglegramError as problem:
        said = str(problem)
    assert said is not None, "nothing was said"
    assert said.replace(f"{tmp_path}/", "").strip() == case.message


def test_no_two_inputs_share_a_heading_within_a_topic():
    for topic in topics():
        given = [case.given for case in topic.CASES]
        assert len(given) == len(set(given))


def test_the_page_lists_every_case():
    assert (ROOT / "docs/errors.md").read_text(encoding="utf-8") == page(), "run: make errors"
