"""Which tables and figures a study can fill, what must be said beside them, and their files."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from paths import ROOT

from tinglegram.errors import TinglegramError
from tinglegram.inputs.raw_files import RawFiles
from tinglegram.models.baselines import BASELINES
from tinglegram.models.settings import CATEGORY_BASELINE
from tinglegram.report.tables import kinds
from tinglegram.report.tables.kinds import Available, Table, files_of
from tinglegram.study.configuration_lines import key_places
from tinglegram.study.plan import LAGGED, Plan
from tinglegram.study.report_plan import (
    FIGURES_OF_LAGS,
    FIGURES_OF_PULSE,
    FIGURES_OF_RESPONSE,
    NO_CLASSIFIERS,
    NO_MODELS,
    NO_PULSE,
    SIMULATED,
    TABLES_OF_BEHAVIOUR,
    TABLES_OF_PULSE,
    TABLES_OF_RESPONSE,
    UNTRAINED,
    ReportPlan,
)

DEFAULTS = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
PEOPLE = ("001", "002", "010")


@pytest.fixture
def config() -> dict[str, Any]:
    """A study of three people with a network of two modalities and trees of one."""
    found = copy.deepcopy(DEFAULTS)
    found |= {
        "study": "s",
        "protocols": ["described", "corrected"],
        "models": {
            "fusion": {"kind": "bilstm", "modalities": ["pulse", "visual"]},
            "trees": {"kind": "xgboost", "modalities": ["acoustic"]},
        },
        "controls": ["condition_only", "human_agreement"],
        "perturbations": ["shuffled_pulse"],
    }
    found["report"]["tinglegram_subjects"] = [2]
    return found


def planned(config: dict[str, Any], people: tuple[str, ...] = PEOPLE, **about: Any) -> ReportPlan:
    """Plan the report of a study of these people."""
    logs = {s: f"data/log/{s}.log" for s in people}
    raw = RawFiles(logs, {}, {}, (), tuple(logs.values()))
    return ReportPlan(Plan(config, raw=raw, n_folds=2, **about), [key_places(config, "c.yaml")])


@pytest.fixture
def report(config: dict[str, Any]) -> ReportPlan:
    """The plan of its report."""
    return planned(config)


@pytest.fixture
def published(config: dict[str, Any]) -> ReportPlan:
    """Published predictions alone: no raw data, so no people."""
    alone = config | {"published_predictions": "fusion.pkl"}
    return planned(alone | {"data": config["data"] | {"root": None}}, people=())


def test_tables_are_those_the_study_can_fill(report: ReportPlan, published: ReportPlan) -> None:
    names = report.table_names
    assert names[:4] == ["responders", "agreement", "reliability", "continuity"]
    assert names[9:] == [
        *("table1", "table2", "table_xgboost", "table_video_level", "verdicts"),
        *("table_within", "table_events", "table_own_report"),
    ]
    assert published.table_names == [
        *("table1_published", "table2", "table_video_level", "verdicts"),
        *("table_within", "table_events", "table_own_report"),
    ]


def test_a_lone_network_without_baselines_has_no_second_table(config: dict[str, Any]) -> None:
    config["controls"] = []
    report = planned(config)
    assert "table2" not in report.table_names
    assert "verdicts" not in report.table_names
    assert report.first_page == []
    assert report.available.baselines == {}
    assert report.beside_reference == ""


def test_models_of_each_table(report: ReportPlan) -> None:
    models = {table.name: list(table.models) for table in report.tables}
    assert models["table1"] == ["fusion"]
    assert models["table2"] == ["fusion", "condition_only", "human_agreement"]
    assert models["table_xgboost"] == ["trees", "condition_only", "human_agreement"]
    assert models["table_video_level"] == ["fusion", "trees"]
    assert models["table_within"][-1] == "fusion_shuffled_pulse"


def test_without_pulse_there_is_no_item_of_it(config: dict[str, Any]) -> None:
    config["models"] = {"trees": {"kind": "xgboost", "modalities": ["acoustic"]}}
    config["statistics"]["reference"] = "trees"
    report = planned(config, without_pulse=PEOPLE)
    assert report.table_names[:4] == ["responders", "agreement", "reliability", "table1"]
    assert report.figures[:2] == ["figure3", "beside"]
    assert report.absent == {"pulse": NO_PULSE}
    files = [*report.finished, *report.table_statistics("corrected"), *report.items("tsv", "svg")]
    assert not [file for file in files if "pulse" in file or "continuity" in file]
    made = report.claim_templates(["{protocol}/statistics/continuity.tsv", "inventory.tsv"])
    assert made == ["inventory.tsv"]


def test_covariates_stand_in_the_report_where_they_are_asked_for(config: dict[str, Any]) -> None:
    plain = planned(copy.deepcopy(config))
    config["statistics"] = config["statistics"] | {"covariates": ["age"]}
    report = planned(config)
    assert set(report.table_names) - set(plain.table_names) == {"covariates"}
    assert set(report.figures) - set(plain.figures) == {"covariates"}
    assert f"{report.plan.results}/corrected/statistics/covariates.tsv" in (
        report.table_statistics("corrected")
    )


def test_without_models_the_report_shows_the_data_alone(config: dict[str, Any]) -> None:
    report = planned(config | {"models": {}})
    assert report.table_names == [*TABLES_OF_BEHAVIOUR, *TABLES_OF_PULSE]
    assert report.figures == ["figure3", *FIGURES_OF_PULSE]
    assert (report.front, report.front_predictions, report.beside_reference) == ("", "", "")
    assert report.overview_models == report.first_page == report.tinglegrams == []
    assert report.absent == {"models": NO_MODELS}
    assert not [file for file in report.finished if "/models/" in file or "folds" in file]


def test_predicted_values_are_shown_where_a_model_predicts_them(config: dict[str, Any]) -> None:
    before = planned(config)
    assert before.values_sentence == "" and "regression" not in before.figures
    models = {
        "line": {"kind": "ridge", "modalities": ["visual"]},
        "net": {"kind": "bilstm", "modalities": "auto"},
    }
    config["regression"]["models"] = models
    config["stimuli"]["weights"] = "untrained"
    report = planned(config)
    assert report.table_names == [*before.table_names, "regression", "regression_differences"]
    assert report.figures_of_all == [*before.figures_of_all, "regression"]
    needed = set(report.table_statistics("corrected")) - set(before.table_statistics("corrected"))
    assert {path.rsplit("/", 1)[1] for path in needed} == {
        *("regression.tsv", "regression_differences.tsv")
    }
    assert UNTRAINED in report.values_note and UNTRAINED in report.table_options
    assert report.values_sentence == (
        "Predicted values: the value of the response at every step of every clip, by line, net."
    )
    config["responses"] |= {"dimensions": {"joy": {"kind": "hold"}}}
    config["responses"]["target"] |= {"dimension": "joy"}
    assert "joy (0 or 1, predicted as a number) at" in planned(config).values_sentence
    config["regression"]["baselines"] = []
    assert "regression_differences" not in planned(config).table_names
    # Without classifiers the folds and features are still needed, and shared by the protocols.
    twice = {"protocols": ["described", "mine"], "own_protocols": {"mine": {"from": "described"}}}
    alone = planned(config | twice | {"models": {}})
    assert alone.table_names[-1] == "regression" and alone.absent == {"models": NO_CLASSIFIERS}
    assert any("folds.tsv" in file for file in alone.finished)


@pytest.mark.parametrize(
    ("conditions", "name"),
    [(["a", "a"], ""), (["a", "b"], "b"), (["a", "b", "c"], "other"), ([None, None], "")],
)
def test_what_is_no_target_trial_has_a_name(
    config: dict[str, Any], conditions: list[str | None], name: str
) -> None:
    clips = {f"v{i}": {"file": f"{i}.avi", "condition": c} for i, c in enumerate(conditions)}
    config["responses"]["target"]["condition"] = conditions[0]
    report = planned(config | {"clips": clips})
    assert report.other_conditions == name
    titles = [table.title for table in report.tables]
    assert f"Within {conditions[0] or 'all'} trials" in titles


def test_files_behind_tables(report: ReportPlan, published: ReportPlan) -> None:
    folder = "results/s/corrected/statistics"
    files = report.table_statistics("corrected")
    assert files == sorted(set(files))
    assert {f"{folder}/ablation.tsv", f"{folder}/seeds.tsv"} < set(files)
    assert f"{folder}/human_agreement/fold_metrics.tsv" in files
    assert f"{folder}/trees/pooled.tsv" not in files
    alone = published.table_statistics("corrected")
    assert not {f"{folder}/ablation.tsv", f"{folder}/seeds.tsv"} & set(alone)


def test_order_of_the_files_of_a_table() -> None:
    available = Available({"a": {"condition_only": "published_condition_only"}}, ["a"], True)
    assert files_of(Table("table1", "score", "", ["a"]), available).every() == [
        *("a/fold_metrics.tsv", "a/pooled.tsv", "seeds.tsv"),
        "published_condition_only/fold_metrics.tsv",
    ]
    assert files_of(Table("table2", "comparison", "", ["a", "b"]), available).every() == [
        *("a/fold_metrics.tsv", "b/fold_metrics.tsv", "ablation.tsv"),
    ]
    assert files_of(Table("agreement", "plain"), available).every() == ["agreement.tsv"]


def test_baselines_in_rows_exist() -> None:
    assert {CATEGORY_BASELINE, *kinds.IN_ROW} <= BASELINES.keys()


def test_figures(report: ReportPlan, published: ReportPlan) -> None:
    assert report.figures == [
        *("figure3", "figure4", "rest_change", "mixed_model_checks", "beside"),
        *("confusion_fusion", "confusion_trees", "calibration_fusion", "calibration_trees"),
        *("training_fusion", "training_trees", "figure6_fusion_002"),
    ]
    assert published.figures == [
        *("beside", "confusion_published", "calibration_published", "figure6_published_002"),
    ]


def test_rows_of_the_figure_of_scores(report: ReportPlan) -> None:
    assert [(name, kind) for name, kind, _ in report.beside("corrected")] == [
        ("fusion", "model"),
        ("trees", "model"),
        ("fusion_shuffled_pulse", "perturbed"),
        ("condition_only", "baseline"),
        ("human_agreement", "noise_ceiling"),
    ]
    assert report.beside_reference == "condition_only"


def test_exported_simulations_are_called_so(config: dict[str, Any]) -> None:
    assert planned(config).note() == ""
    config["report"]["simulated"] = True
    report = planned(config)
    assert report.note() == report.note("trees") == SIMULATED and report.warnings == [SIMULATED]


def test_notes_say_what_the_numbers_are_not(config: dict[str, Any]) -> None:
    config["data"]["simulation"] = {"participants": 3}
    config["stimuli"]["weights"] = "untrained"
    config["published_predictions"] = "fusion.pkl"
    report = planned(config)
    assert report.note() == report.note("trees") == report.note("condition_only") == SIMULATED
    assert report.note("fusion_shuffled_pulse") == f"{SIMULATED} {UNTRAINED}"
    assert report.note("published") == report.note("published_condition_only") == ""
    assert report.notes_options(["published", "trees"]) == f"--notes 'trees={SIMULATED}'"
    assert report.note_options("trees") == f"--note '{SIMULATED}'"
    assert report.warnings == [SIMULATED]


def test_real_data_and_trained_features_need_no_note(report: ReportPlan) -> None:
    assert report.note() == report.note("fusion") == ""
    assert report.note_options() == ""
    assert report.notes_options(["fusion", "trees"]) == "--notes"
    assert report.warnings == []


def test_who_has_no_pulse_has_no_tinglegram_of_a_model_with_pulse(config: dict[str, Any]) -> None:
    config["report"]["tinglegram_subjects"] = "all"
    report = planned(config, without_pulse=["010"])
    assert report.tinglegrams == [("fusion", "001"), ("fusion", "002")]
    assert report.tinglegram_options == (
        "--tinglegram fusion with_pulse --participants all=results/s/participants/all.txt"
        " with_pulse=results/s/participants/with_pulse.txt"
    )


def test_a_study_without_a_sensor_needs_no_list_of_those_with_pulse(config: dict[str, Any]) -> None:
    config["report"]["tinglegram_subjects"] = "all"
    config["models"]["fusion"]["modalities"] = ["acoustic"]
    report = planned(config, without_pulse=["001", "002", "010"])
    assert report.tinglegram_lists == ["results/s/participants/all.txt"]


def test_tinglegrams_of_chosen_people_are_named(report: ReportPlan) -> None:
    assert report.tinglegram_options == "--tinglegram fusion 002"
    assert report.tinglegram_lists == []


def test_tinglegrams_of_strangers_are_refused(config: dict[str, Any]) -> None:
    config["report"]["tinglegram_subjects"] = [2, 27, 28]
    with pytest.raises(TinglegramError) as refused:
        planned(config)
    assert str(refused.value) == (
        "c.yaml: report.tinglegram_subjects: nobody numbered 027, 028 takes part. "
        "Present: 001, 002, 010."
    )


def test_tinglegrams_of_all_need_raw_data(config: dict[str, Any]) -> None:
    config["report"]["tinglegram_subjects"] = "all"
    config["data"]["root"] = None
    with pytest.raises(TinglegramError) as refused:
        planned(config, people=())
    assert str(refused.value) == (
        "c.yaml: report.tinglegram_subjects: 'all' needs raw data; list the numbers."
    )


@pytest.mark.parametrize(
    ("protocols", "shown"),
    [
        (["described", "released", "corrected"], ["described", "corrected"]),
        (["corrected", "described"], ["corrected"]),
        (["released", "described"], ["released"]),
    ],
)
def test_first_page(config: dict[str, Any], protocols: list[str], shown: list[str]) -> None:
    config["protocols"] = protocols
    report = planned(config)
    assert report.first_page == shown
    assert report.front == f"results/s/{protocols[0]}/figures/beside.json"


def test_items_in_reading_order(report: ReportPlan) -> None:
    files = report.items("tsv", "svg")
    assert files[0] == "results/s/described/tables/responders.tsv"
    assert files[-3:] == [
        *("results/s/tables/claims.tsv", "results/s/tables/claims_findings.tsv"),
        "results/s/figures/workflow.svg",
    ]
    # What only one of the protocols has: tables and figures after its others.
    own = [f"results/s/corrected/tables/{name}.tsv" for name in report.own_table_names]
    first = files.index("results/s/corrected/figures/figure3.svg")
    assert files[first - len(own) : first] == own
    assert files[-6:-3] == [f"results/s/{name}.svg" for name in report.of_one]
    assert len(files) == len(set(files)) == 2 * (17 + 12) + 5 + 3 + 3


def test_lags_stand_where_a_protocol_asks_for_them(report: ReportPlan) -> None:
    own = {*LAGGED, *FIGURES_OF_LAGS}
    names = [file for file in report.items("tsv", "svg") if Path(file).stem in own]
    assert len(names) == 4 and all(name.startswith("results/s/corrected/") for name in names)
    tables = ["retrained", *LAGGED, *TABLES_OF_RESPONSE]
    assert report.own_tables_words == [f"corrected={','.join(tables)}"]
    assert report.own_table_names == tables
    figures = (*FIGURES_OF_LAGS, *FIGURES_OF_RESPONSE)
    assert report.of_one == [f"corrected/figures/{name}" for name in figures]
    assert not {*LAGGED} & {*report.table_names} and not {*FIGURES_OF_LAGS} & {*report.figures}
    assert report.own_table_statistics("corrected", "pulse_lags") == [
        "results/s/corrected/statistics/pulse_lags.tsv"
    ]
    assert report.own_table_options("corrected", "pulse_lags").startswith("--table pulse_lags ")
    plan = report.plan
    assert plan.owners["lagged"] == plan.with_lags == ["corrected"]
    assert ("lagged", "described") not in plan.shared


def test_no_lags_without_a_protocol_or_a_pulse(config: dict[str, Any]) -> None:
    config["models"] = {"trees": {"kind": "xgboost", "modalities": ["acoustic"]}}
    config["statistics"]["reference"] = "trees"
    silent = planned(config, without_pulse=PEOPLE)
    described = planned(config | {"protocols": ["described", "released"]})
    for report in (silent, described):
        assert not {*LAGGED} & {*report.own_table_names}
        assert not any(Path(item).stem in FIGURES_OF_LAGS for item in report.of_one)
        assert "lagged" not in {stage for stage, _ in report.plan.shared}
    # Two that agree share the files of one.
    own = {"mine": {"from": "corrected", "scaling": "none"}}
    both = planned(config | {"protocols": ["mine", "corrected"], "own_protocols": own})
    assert list(both.own_tables) == both.plan.with_lags == ["mine", "corrected"]
    assert both.plan.owners["lagged"] == ["corrected"] and ("lagged", "mine") in both.plan.shared


def test_study_without_claims(config: dict[str, Any]) -> None:
    config["report"]["claims"] = False
    assert planned(config).claim_tables == ()


TEMPLATES = (
    "inventory.tsv",
    "timeline/{subject}.tsv",
    "{protocol}/models/published/fold{fold}/predictions.parquet",
    "{protocol}/statistics/fusion/pooled.tsv",
    "{protocol}/statistics/ablation.tsv",
    "{protocol}/folds.tsv",
    "typed_fold_scores.tsv",
    "inventory.tsv",
)


def test_files_that_answer_claims(report: ReportPlan, published: ReportPlan) -> None:
    assert report.claim_files(TEMPLATES) == [
        "results/s/inventory.tsv",
        *(f"results/s/timeline/{s}.tsv" for s in PEOPLE),
        *(f"results/s/{p}/statistics/fusion/pooled.tsv" for p in ("described", "corrected")),
        *(f"results/s/{p}/statistics/ablation.tsv" for p in ("described", "corrected")),
        *(f"results/s/{p}/folds.tsv" for p in ("described", "corrected")),
    ]
    assert published.claim_files(TEMPLATES) == [
        f"results/s/{p}/models/published/fold{k}/predictions.parquet"
        for p in ("described", "corrected")
        for k in (1, 2)
    ]


def test_sets_of_results_that_answer_claims(config: dict[str, Any], published: ReportPlan) -> None:
    assert published.claim_answers == [
        ("described", "described", "published"),
        ("corrected", "corrected", "published"),
    ]
    config["published_predictions"] = "fusion.pkl"
    for protocols, scored_by in (
        (["described", "released"], "released"),
        (["corrected", "described"], "corrected"),
    ):
        both = planned(config | {"protocols": protocols})
        assert both.claim_answers[-1] == ("published", scored_by, "published")
        assert {origin for _, _, origin in both.claim_answers[:-1]} == {"study"}


def test_finished_study_holds_shared_files(report: ReportPlan) -> None:
    finished = report.finished
    assert finished[0] == "results/s/report.html"
    assert "results/s/described/statistics/fusion_shuffled_pulse/pooled.tsv" in finished
    assert "results/s/described/labels/010.parquet" in finished
    assert "results/s/corrected/labels/010.parquet" not in finished


@pytest.mark.parametrize(
    "options",
    [lambda r: r.table_options, lambda r: r.claim_options, lambda r: r.tinglegram_options],
)
def test_options_do_not_grow_with_people(
    config: dict[str, Any], options: Callable[[ReportPlan], str]
) -> None:
    config["report"]["tinglegram_subjects"] = "all"
    many = tuple(f"{number:03d}" for number in range(1, 900))
    assert options(planned(config)) == options(planned(config, people=many))


def test_models_of_sensors_are_tested_on_those_who_have_signals(config: dict[str, Any]) -> None:
    config["report"]["tinglegram_subjects"] = "all"
    config["sensors"] = {"eda": None}
    config["data"]["reader"] = "csv"
    config["models"] = {"fusion": {"kind": "bilstm", "modalities": ["eda"]}}
    raw = RawFiles({s: s for s in PEOPLE}, {s: s for s in PEOPLE[:2]}, {})
    report = ReportPlan(Plan(config, raw=raw, n_folds=2), [key_places(config, "c.yaml")])
    assert report.tinglegrams == [("fusion", s) for s in PEOPLE[:2]]
    assert report.tinglegram_options.startswith("--tinglegram fusion with_sensors --participants")
    assert report.sensor_models_options == "--of-sensors fusion"
    blocks = [file for file in report.finished if "sensor_blocks" in file]
    assert sorted(blocks) == [
        f"results/s/{protocol}/sensor_blocks/{s}.tsv"
        for protocol in sorted(config["protocols"])
        for s in PEOPLE[:2]
    ]
    config["models"]["fusion"]["modalities"] = ["eda", "pulse"]
    both = Plan(config, raw=raw, n_folds=2, without_pulse=[PEOPLE[0]])
    report = ReportPlan(both, [key_places(config, "c.yaml")])
    assert report.tinglegram_options.startswith(f"--tinglegram fusion {PEOPLE[1]} --participants")


def test_too_few_draws_for_any_test_to_reject_are_told(config: dict[str, Any]) -> None:
    config["statistics"] |= {"permutations": 10, "response_shifts": 19}
    said = "statistics.permutations: 10 draws give no p below 0.091, so that no test by them can "
    assert planned(config).warnings == [f"{said}reach 0.05. Ask for 19 or more."]
    # The share of draws, as released counts it, can be 0.
    assert planned(config | {"protocols": ["described", "released"]}).warnings == []
