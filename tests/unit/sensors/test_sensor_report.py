"""What a study with signals other than the pulse plans, draws and prints; without, nothing."""

import copy
import re
import shlex

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure
from paths import ROOT
from sensor_tables import MEASURES, sensor_blocks, sensor_windows

from tinglegram.inputs.raw_files import RawFiles
from tinglegram.pulse.measures import PULSE_MEASURES
from tinglegram.pulse.rest_change import changes
from tinglegram.report.figures.coupling import describe_coupling, draw_coupling
from tinglegram.report.figures.mixed_model import describe_mixed_model, draw_mixed_model
from tinglegram.report.figures.rest_change import describe_rest_change, draw_rest_change
from tinglegram.report.tables.plain import PLAIN, plain_caption, plain_table
from tinglegram.sensors import measure_statistics as of_sensors
from tinglegram.sensors.measures import POOR_COLUMNS, SENSOR_MEASURES, measures_named
from tinglegram.sensors.settings import MEASURES_OF
from tinglegram.statistics.study_comparison import compare_studies
from tinglegram.study.configuration_lines import key_places
from tinglegram.study.plan import SENSOR_STATISTICS, Plan
from tinglegram.study.report_plan import TABLES_OF_SENSORS, ReportPlan

DEFAULTS = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
CONDITIONS = ["sea", "forest"]
# Words of one study that no other one has a use for.
FOREIGN = re.compile(r"ASMR|\bNature\b|[Tt]ingl|paper")


def planned(sensors, reader="csv", recorded=("001", "003")) -> ReportPlan:
    """Plan a study of three people, some with a recording."""
    config = copy.deepcopy(DEFAULTS)
    config |= {"study": "s", "protocols": ["described", "corrected"], "sensors": sensors}
    config["data"] = config["data"] | {"reader": reader}
    config["report"]["tinglegram_subjects"] = [1]
    logs = {s: f"{s}.csv" for s in ("001", "002", "003")}
    raw = RawFiles(logs, {s: f"{s}_eda.csv" for s in recorded}, {}, (), ())
    plan = Plan(config, raw=raw, n_folds=2)
    return ReportPlan(plan, [key_places(config, "c.yaml")])


def texts(figure: Figure) -> str:
    return "\n".join(t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text")))


def test_measures_are_those_that_the_stage_gives():
    assert {kind: tuple(m.column for m in own) for kind, own in SENSOR_MEASURES.items()} == dict(
        MEASURES_OF
    )
    assert set(POOR_COLUMNS.values()) == {f"{kind}_poor" for kind in MEASURES_OF}


def test_a_study_with_sensors_has_their_statistics_tables_and_figures():
    report = planned({"temperature": None, "eda": "EDA"})
    plan = report.plan
    names = ["eda_tonic", "eda_phasic", "eda_responses", "temperature"]
    assert plan.sensor_measures == names
    assert plan.stage_files("sensor_statistics", "described") == [
        f"statistics/{name}.tsv" for name in SENSOR_STATISTICS
    ]
    # Windows are the same in both; what p is of them differs.
    assert plan.owners["sensor_windows"] == ["corrected"]
    assert plan.owners["sensor_statistics"] == ["described", "corrected"]
    assert plan.of_participants("sensor_windows", "timeline/{subject}.tsv") == [
        "timeline/001.tsv",
        "timeline/003.tsv",
    ]
    assert [t for t in report.table_names if t.startswith("sensor")] == list(TABLES_OF_SENSORS)
    figures = [f for f in report.figures_of_all if f.startswith("sensor")]
    assert figures == [
        *(f"sensor_coupling_{name}" for name in names),
        "sensor_against_rest",
        *(f"sensor_mixed_model_{name}" for name in names),
    ]
    # Each has its own place in the page.
    assert not {*figures} & {*report.table_names}
    assert report.figures.index("mixed_model_checks") < report.figures.index(figures[0])
    files = [f"results/s/described/statistics/{name}.tsv" for name in TABLES_OF_SENSORS]
    assert set(files) <= set(report.table_statistics("described"))
    assert report.claim_templates(["{protocol}/statistics/sensor_coupling.tsv"])


@pytest.mark.parametrize(
    "about",
    [
        {"sensors": {}},
        {"sensors": {"eda": None}, "recorded": ()},
        {"sensors": {"eda": None}, "reader": "rest_asmr"},
    ],
    ids=["not configured", "nobody has a recording", "rest_asmr"],
)
def test_a_study_without_sensors_has_nothing_of_them(about):
    report = planned(**about)
    assert report.plan.sensor_measures == []
    words = [
        *report.plan.stages,
        *(shlex.split(report.table_options)),
        *report.items("tsv", "svg"),
        *report.finished,
        *report.absent,
        *report.claim_templates(["{protocol}/statistics/sensor_coupling.tsv"]),
    ]
    assert [word for word in words if "sensor" in word] == []


@pytest.fixture(scope="module")
def tables():
    """Statistics of a small study, as files hold them."""
    windows, blocks = sensor_windows(1, {"eda_tonic": (1, 0)}, people=6), sensor_blocks(1, people=6)
    windows["temperature_c"] = np.nan
    some = measures_named(["eda_tonic", "resp_rate", "temperature"])
    coupling = of_sensors.couple_measures(windows, CONDITIONS, 10, some)
    absent = of_sensors.absent_measures(windows, some)
    shares = of_sensors.poor_shares(windows, some)
    quality = of_sensors.compare_measures(coupling, CONDITIONS, some, shares, absent)
    how = {"resamples": 50, "confidence": 0.95, "seed": 1}
    models = of_sensors.fit_measures(
        windows, *CONDITIONS, measures=some, window_s=4, step_s=2, confidence=0.95
    )
    return {
        "measures": some,
        "sensor_coupling": coupling,
        "sensor_coupling_quality": quality,
        "sensor_coupling_test": of_sensors.tests_of_all_windows(quality),
        "sensor_rest_change": of_sensors.rest_change_of_measures(blocks, CONDITIONS, some, **how),
        "people": changes(blocks, CONDITIONS, some),
        "sensor_mixed_model": models.model,
        "sensor_mixed_model_checks": models.checks,
        "residuals": models.residuals,
        "effects": models.participants,
    }


@pytest.mark.parametrize("name", TABLES_OF_SENSORS)
def test_every_table_is_printed_with_words_of_any_study(tables, name):
    section, title, _ = PLAIN[name]
    caption = plain_caption(name, tables[name])
    printed = plain_table(tables[name], draws=100, source="s.tsv")
    assert section == "sensors" and FOREIGN.search(title + caption) is None
    assert set(printed["measure"]) == {"eda_tonic", "resp_rate", "temperature"}
    if name != "sensor_mixed_model_checks":
        alone = printed[printed["measure"] == "temperature"]
        expected = {"sensor_rest_change": ""}.get(name, "nobody has a value of the temperature")
        assert set(alone["reason"]) == {expected}
    if name.startswith("sensor_coupling"):
        assert "temperature: nobody has a value that could be correlated" in caption


def test_one_condition_is_said_in_the_captions(tables):
    one = tables["sensor_rest_change"].query("condition == 'sea'")
    said = "A test between conditions is not applicable"
    assert said in plain_caption("sensor_rest_change", one)
    assert said not in plain_caption("sensor_rest_change", tables["sensor_rest_change"])
    terms = tables["sensor_mixed_model"]
    alone = terms[~terms["term"].str.contains(" - ", regex=False)]
    assert said in plain_caption("sensor_mixed_model", alone)
    assert said not in plain_caption("sensor_mixed_model", terms)


def test_the_coupling_is_drawn_for_each_measure(tables):
    for measure in tables["measures"]:
        own = tables["sensor_coupling"].query(f"measure == '{measure.name}'")
        own = own.rename(columns={"r": f"r_{measure.name}", "r_good": f"r_{measure.name}_good"})
        given = own, tables["sensor_coupling_quality"], CONDITIONS
        text = texts(draw_coupling(*given, measure=measure))
        caption = describe_coupling(*given, measure)
        assert f"Spearman r, {measure.words} and rating" in text
        assert f"between {measure.words} and mean rating" in caption and "Left: all w" in caption
        assert FOREIGN.search(text + caption) is None
        if measure.name == "temperature":
            assert "not computable (n = 0 pairs)" in text and "sea\n(n = 0)" in text
        else:
            test = tables["sensor_coupling_test"].query(f"measure == '{measure.name}'").iloc[0]
            assert f"paired t(5) = {test['t']:.3f}".replace("-", "−") in text


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_the_change_against_rest_has_a_panel_for_each_measure(n):
    own = MEASURES[:n]
    blocks = sensor_blocks(2, people=5)
    tests = of_sensors.rest_change_of_measures(
        blocks, CONDITIONS, own, resamples=20, confidence=0.95, seed=1
    )
    figure = draw_rest_change(changes(blocks, CONDITIONS, own), tests, CONDITIONS, "", own)
    labels = [f"Change of {m.words} ({m.unit})" for m in own]
    assert [axis.get_ylabel() for axis in figure.axes] == labels
    caption = describe_rest_change(tests, 0.95, 20, own)
    assert caption.endswith("N = 5 in sea, 5 in forest.") and FOREIGN.search(caption) is None


def test_numbers_of_people_that_differ_are_said_of_each_measure():
    blocks = sensor_blocks(3, people=5)
    blocks.loc[blocks["subject"] == 1, "resp_depth"] = np.nan
    own = measures_named(["resp_rate", "resp_depth"])
    tests = of_sensors.rest_change_of_measures(
        blocks, CONDITIONS, own, resamples=20, confidence=0.95, seed=1
    )
    assert describe_rest_change(tests, 0.95, 20, own).endswith(
        "N = respiration rate: 5 in sea, 5 in forest; respiration depth: 4 in sea, 4 in forest."
    )
    assert [m.name for m in PULSE_MEASURES] == ["pulse_rate", "rmssd"]


def test_the_checks_are_drawn_with_the_words_and_unit_of_the_measure(tables):
    for measure in tables["measures"]:
        rows, effects = (
            tables[name].query(f"measure == '{measure.name}' and windows == 'all'")
            for name in ("residuals", "effects")
        )
        plain = measure.without_ending
        text = texts(draw_mixed_model(rows, effects, "careful", plain))
        assert f"Fitted {measure.words} ({measure.unit})" in text.replace("\n", " ")
        assert f"Residual ({measure.unit})" in text and "bpm" not in text and "careful" in text
        assert ("no model: see the table of checks" in text) == (measure.name == "temperature")
        caption = describe_mixed_model(rows, effects, "intercept", plain)
        n = 0 if measure.name == "temperature" else len(rows)
        assert f"N = {n} windows" in caption and FOREIGN.search(caption) is None


def test_statistics_of_two_studies_stand_side_by_side(tables):
    names = ("sensor_coupling_test", "sensor_rest_change", "sensor_mixed_model")
    one = {name: tables[name] for name in names}
    both = compare_studies({"a": one, "b": one})
    assert set(both["statistic"]) == set(names)
    assert both["row"].str.contains("eda_tonic").any()
    values = both[["a", "b"]]
    assert pd.Series(values["a"]).equals(pd.Series(values["b"]))
