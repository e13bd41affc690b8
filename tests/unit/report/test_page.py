"""The page: everything escaped, everything inside, every figure with its caption and source."""

import dataclasses
import re

import pandas as pd
import pytest
import synthetic_results as synthetic

from tinglegram.inputs.inventory import Entry
from tinglegram.report.items import ReportItem
from tinglegram.report.page import (
    Report,
    Shown,
    TextTable,
    analysed,
    clip_table,
    clip_warnings,
    excluded_participants,
    flat,
    render,
    study_facts,
    switch_table,
    text_table,
    verdict_sentences,
)
from tinglegram.study.protocols import switches

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
UNTRAINED = "Untrained ResNet-18: scores carry no meaning."


def item(name: str, kind: str, section: str, protocol: str, note: str = "") -> ReportItem:
    title, caption = f"Title of {name}", f"Caption of {name}, N = 12"
    return ReportItem(name, kind, section, protocol, title, caption, f"{protocol}/{name}.tsv", note)


@pytest.fixture
def study() -> Report:
    inventory = synthetic.inventory()
    table = TextTable(["Metric", "x"], [["Accuracy", "< 0.0002"]])
    shown = [
        Shown(item("figure3", "figure", "behaviour", "described"), svg=SVG),
        Shown(item("table1", "table", "models", "described", UNTRAINED), table=table),
        Shown(item("figure6", "figure", "models", "released", UNTRAINED), svg=SVG),
        Shown(item("workflow", "figure", "methods", ""), svg=SVG),
    ]
    return Report(
        title="Synthetic <study>",
        protocols=["described", "released"],
        class_1="Class 1: a response above 0 in any clip; all other frames are class 0.",
        facts=[("Participants", "11 analysed of 12 found")],
        overview=table,
        overview_source="described/statistics/*/fold_metrics.tsv (4 files)",
        switches=switch_table({p: switches(p, {}) for p in ("described", "released")}),
        shown=shown,
        provenance={"seed": 42, "inputs": {"data/<script>.log": "e" * 64}},
        config="title: <b>&</b>",
        excluded=excluded_participants(inventory),
        inventory=text_table(inventory),
        warnings=["Simulated data."],
    )


def test_names_of_files_cannot_become_markup(study: Report) -> None:
    page = render(study)
    assert "<script" not in page
    assert "log/&lt;script&gt;alert(1)&lt;/script&gt;.log" in page
    assert "fell asleep &amp; &lt;b&gt;left&lt;/b&gt;" in page
    assert "data/&lt;script&gt;.log" in page and "title: &lt;b&gt;&amp;&lt;/b&gt;" in page
    assert "<title>Synthetic &lt;study&gt;" in page


def test_what_models_of_values_predict_is_said_where_there_are_any(study: Report) -> None:
    assert 'class="values"' not in render(study)
    said = dataclasses.replace(study, values="Predicted values: <x>.")
    assert '<p class="values">Predicted values: &lt;x&gt;.</p>' in render(said)


def test_nothing_is_fetched_from_elsewhere(study: Report) -> None:
    page = render(study)
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert addresses and all(a.startswith(("#", "data:")) for a in addresses)
    assert "url(" not in page and "@import" not in page and "default-src 'none'" in page


def test_every_item_has_caption_source_and_note(study: Report) -> None:
    page = render(study)
    for shown in study.shown:
        figure = re.search(rf'<figure id="{shown.anchor}".*?</figure>', page, re.DOTALL)
        assert figure is not None
        for words in (shown.about.caption, f"Source: {shown.about.source}", shown.about.note):
            assert words in figure[0]


def test_contents_lead_somewhere(study: Report) -> None:
    page = render(study)
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(re.findall(r'id="([^"]+)"', page))
    assert {"described-section-behaviour", "released-section-models"} <= targets
    assert "released-section-behaviour" not in targets


def test_warnings_stand_first_and_once(study: Report) -> None:
    assert study.all_warnings() == ["Simulated data.", UNTRAINED]
    page = render(study)
    assert page.index(UNTRAINED) < page.index('id="study"')


def test_people_and_trials_left_out_are_counted() -> None:
    inventory = synthetic.inventory()
    assert analysed(inventory) == [
        ("Participants", "11 analysed of 12 found"),
        ("Trials", "44 analysed"),
    ]
    inventory.loc[2, ["n_clips", "n_left_out"]] = [3, 1]
    inventory.loc[[3, 4], "pulse"] = False
    assert analysed(inventory) == [
        ("Participants", "11 analysed of 12 found, 9 of them with pulse"),
        ("Trials", "43 analysed, 1 of these people left out (reasons below)"),
    ]


def test_who_was_left_out_stands_with_the_reason(study: Report) -> None:
    assert study.excluded is not None
    assert study.excluded.rows == [["2", "False", "n/a", "fell asleep & <b>left</b>"]]
    everyone = excluded_participants(synthetic.inventory().drop(index=1))
    assert everyone.rows == []
    page = render(dataclasses.replace(study, excluded=everyone))
    assert "nobody and no trial was left out." in page


def test_a_study_without_raw_data_says_what_is_missing(study: Report) -> None:
    absent = {"behaviour": "No raw data.", "pulse": "No raw data."}
    bare = dataclasses.replace(study, excluded=None, inventory=None, absent=absent)
    page = render(bare)
    assert "Behaviour: left out. No raw data." in page and "Pulse: left out." in page
    assert "inventory.tsv" not in page


def test_switches_stand_side_by_side(study: Report) -> None:
    rows = {row[0]: list(row[1:]) for row in study.switches.rows}
    assert rows["checkpoint"] == ["best", "last"]


def test_tables_lose_their_source_column_only() -> None:
    table = text_table(pd.DataFrame({"a": ["x", None], "source": ["s", "s"]}))
    assert (table.header, table.rows) == (["a"], [["x"], ["n/a"]])


def test_nested_provenance_is_flat() -> None:
    assert flat({"a": {"b": 1}, "c": None}) == [("a: b", "1"), ("c", "None")]


def test_the_first_page_says_what_scores_are_worth(study: Report) -> None:
    verdicts = [("fusion, corrected: undecided", "Macro F1 <71> beside 70.")]
    page = render(dataclasses.replace(study, verdicts=verdicts))
    first = page[: page.index('id="study"')]
    assert "<b>fusion, corrected: undecided.</b> Macro F1 &lt;71&gt; beside 70." in first
    assert 'id="verdict"' not in render(study) and 'id="decisions"' not in page


def test_numbers_behind_claims_stand_below_their_sentences(study: Report) -> None:
    claims = TextTable(["Model", "Claim"], [["m, corrected", "timing <1>"]])
    told = dataclasses.replace(
        study,
        verdicts=[("m, corrected: timing shown", "Of any clips of the kind: it does.")],
        decisions=claims,
        decisions_caption="What each claim rests on.",
    )
    page = render(told)
    first = page[page.index('id="verdict"') : page.index('id="study"')]
    assert first.index("it does.") < first.index("timing &lt;1&gt;") < first.index("rests on.")
    assert 'class="one-file"' not in first
    noted = render(dataclasses.replace(told, decisions_note="m: low power."))
    assert '<p class="one-file">m: low power.</p>' in noted


def test_what_was_analysed_is_said_without_raw_data_too() -> None:
    tested = pd.DataFrame({"subject": [1, 1, 2], "video": ["vid1", "vid5", "vid1"]})
    assert study_facts("s", ["released", "corrected"], ["published"], tested, None) == [
        ("Study", "s"),
        ("Protocols", "released, corrected"),
        ("Models", "published"),
        ("Tested", "3 trials of 2 participants"),
    ]
    names = [name for name, _ in study_facts("s", ["p"], ["m"], tested, synthetic.inventory())]
    assert names == ["Study", "Protocols", "Models", "Participants", "Trials", "Tested"]


def test_verdicts_stand_model_by_model() -> None:
    table = pd.DataFrame(
        {"model": ["a", "b"], "verdict": ["better", "open"], "sentence": ["A.", "B."]}
    )
    assert verdict_sentences({"p": table, "q": table}, ["b"]) == [
        ("b, p: open", "B."),
        ("b, q: open", "B."),
    ]


def test_what_was_found_in_clips_stands_on_the_first_page(study):
    def entry(subject, video, kind, expected):
        return Entry(subject, video, kind, f"{video}.avi", "", expected, "two <starts>", "Look.")

    problems = [
        (entry("", "vid1", "streams_apart", "one start"), "accept"),
        (entry("", "vid1", "streams_apart", "one start"), "accept"),
        (entry("", "vid2", "turned", ""), "noted"),
        (entry("007", "vid2", "missing_clip", "an event"), "exclude_trial"),
    ]
    assert clip_warnings(problems) == [
        "Clip vid1: streams_apart (below, What was found in the clips)."
    ]
    shown = dataclasses.replace(
        study, clips=clip_table(problems), warnings=[*study.warnings, *clip_warnings(problems)]
    )
    page = render(shown)
    front = page[: page.index('id="overview"')]
    assert "Clip vid1: streams_apart" in front
    assert front.count("vid1.avi: expected one start, found two &lt;starts&gt;. Look.") == 2
    assert "vid2.avi: two &lt;starts&gt;" in front and "missing_clip" not in front
    nothing = render(dataclasses.replace(study, clips=clip_table([])))
    assert "No problem was found." in nothing


def test_the_first_page_says_what_class_1_is(study: Report) -> None:
    sentence = "Class 1: a response above 0 in any clip; all other frames are class 0."
    assert sentence in render(study).split("<h2")[0]
