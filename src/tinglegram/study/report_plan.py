"""The plan of a study's report: which tables and figures it can fill, and what each is made from.

Rules only ask it. Paths are text below the folder of results; nothing here touches the disk.
"""

import re
import shlex
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tinglegram.errors import TinglegramError
from tinglegram.models.baselines import BASELINES
from tinglegram.models.settings import CATEGORY_BASELINE
from tinglegram.report.items import ordered_items
from tinglegram.report.tables.kinds import IN_ROW, Available, Table, files_of
from tinglegram.report.text import OTHERS, predicted_values_sentence
from tinglegram.sensors.settings import SENSOR_TYPES
from tinglegram.study.configuration_lines import KeyPlaces, place
from tinglegram.study.plan import (
    COUPLING,
    LAGGED,
    PHYSIOLOGY,
    SENSOR_STATISTICS,
    STAGES_OF_SENSORS,
    Plan,
    dimensions_of,
)

# Tables of statistics of the raw data that the report prints as they are, and their figures; those
# of the pulse only where somebody's pulse is used, those of other signals where any is read.
TABLES_OF_BEHAVIOUR = ("responders", "agreement", "reliability")
TABLES_OF_PULSE = (
    "continuity",
    "pulse_coupling_test",
    "pulse_coupling_quality",
    "rest_change",
    "pulse_mixed_model",
    "pulse_mixed_model_checks",
)
TABLES_OF_SENSORS = (
    "sensor_coupling_test",
    "sensor_coupling_quality",
    "sensor_rest_change",
    "sensor_mixed_model",
    "sensor_mixed_model_checks",
)
DRAWN_FOR_ALL = ("confusion", "calibration", "training")
FIGURES_OF_BEHAVIOUR = ("figure3",)
FIGURES_OF_PULSE = ("figure4", "rest_change", "mixed_model_checks")
FIGURES_OF_LAGS = ("lagged_coupling", "around_reports")
FIGURES_OF_COVARIATES = ("covariates",)
# Of protocols that fit a temporal response function.
TABLES_OF_RESPONSE = ("response_function", "response_claims")
FIGURES_OF_RESPONSE = ("response_kernel",)
CLAIM_TABLES = ("claims", "claims_findings")

SIMULATED = "Simulated data: nothing here is about real people."
NO_PULSE = "Nobody has a pulse recording that is used."
NO_MODELS = "The study trains no model and has no published predictions."
NO_CLASSIFIERS = (
    "The study trains no model of class 1 and has no published predictions; its models predict the "
    "reported value."
)
NO_RAW_DATA = "This study has no raw data (data: root is null), only published predictions."
UNTRAINED = "Untrained ResNet-18: scores carry no meaning."
# The protocol to cite; it stands on the first page beside the study's own first.
CITED = "corrected"
# The file of numbers typed into the released code answers claims, but no study makes it.
TYPED = "typed_fold_scores.tsv"


@dataclass(frozen=True)
class ReportPlan:
    """Everything about a study's report that rules need to know.

    Attributes
    ----------
    plan : of the study.
    outlines : of the sources of its configuration, so that a problem names the line it comes from.

    Raises
    ------
    TinglegramError : the configuration asks for Tinglegrams of participants who do not take part.
    """

    plan: Plan
    outlines: Sequence[KeyPlaces]

    def __post_init__(self) -> None:
        """Refuse Tinglegrams of participants who do not take part."""
        _ = self.tinglegram_subjects

    # Models

    @cached_property
    def headline(self) -> list[str]:
        """The models whose scores stand in front: the reference and the published predictions."""
        wanted = (self.plan.config["statistics"]["reference"], "published")
        return [model for model in wanted if model in self.plan.scored]

    @cached_property
    def available(self) -> Available:
        """What tables find beside the models."""
        plan = self.plan
        found = {
            model: {b: name for b in IN_ROW if (name := plan.baseline_of(model, b))}
            for model in plan.scored
        }
        compared = plan.config["statistics"]["reference"] in plan.models
        return Available({m: names for m, names in found.items() if names}, plan.networks, compared)

    @property
    def is_simulated(self) -> bool:
        """Whether nothing in the study is about real people."""
        config = self.plan.config
        return bool(config["data"]["simulation"] or config["report"]["simulated"])

    def note(self, *models: str) -> str:
        """Return what must be said beside the output of these models; of none: of the raw data."""
        plan = self.plan
        behind = [plan.perturbed.get(model, (model,))[0] for model in models]
        own = [model for model in behind if plan.about_model(model)]
        measured = not models or own or plan.baselines.keys() & set(models)
        said = [SIMULATED] if self.is_simulated and measured else []
        if plan.config["stimuli"]["weights"] == "untrained":
            said += [UNTRAINED] if any(plan.uses(model, "visual") for model in own) else []
        return " ".join(said)

    def note_options(self, *models: str) -> str:
        """Return the option of a script with this note; nothing where none must be said."""
        note = self.note(*models)
        return shlex.join(["--note", note]) if note else ""

    def notes_options(self, models: Iterable[str]) -> str:
        """Return the option of a script with the notes of each of these models."""
        notes = {model: self.note(model) for model in models}
        return shlex.join(
            ["--notes", *(f"{model}={note}" for model, note in notes.items() if note)]
        )

    @property
    def warnings(self) -> list[str]:
        """What a reader of the report must know first."""
        return [*([SIMULATED] if self.is_simulated else []), *self._too_few_draws()]

    def _too_few_draws(self) -> list[str]:
        """Say which numbers of draws leave no p small enough for any test to reject."""
        settings = self.plan.config["statistics"]
        level = round(1 - settings["confidence"], 12)
        asked = {"permutations": "p_value", "response_shifts": "response_function"}
        found = []
        for name, switch in asked.items():
            used = any(
                own["p_value"] == "plus_one" and own[switch] != "none"
                for own in self.plan.switches.values()
            )
            least = 1 / (settings[name] + 1)
            if used and least > level:
                found.append(
                    f"statistics.{name}: {settings[name]} draws give no p below {least:.2g}, so "
                    f"that no test by them can reach {level:g}. Ask for {round(1 / level) - 1} or "
                    "more."
                )
        return found

    # Tables

    @cached_property
    def tables(self) -> list[Table]:
        """The tables of a protocol, in reading order."""
        found = [Table(name, "plain") for name in self._of_raw_data(TABLES_OF_BEHAVIOUR)]
        found += [Table(name, "plain") for name in self._of_pulse(TABLES_OF_PULSE)]
        found += [Table(name, "plain") for name in self._of_sensors(TABLES_OF_SENSORS)]
        found += [Table(name, "plain") for name in self._of_covariates]
        return [*found, *self._of_models(), *self._of_values()]

    def _of_values(self) -> list[Table]:
        """Tables of models of the reported value."""
        plan = self.plan
        if not plan.value_models:
            return []
        models = [f"regression/{model}" for model in plan.value_models]
        found = [Table("regression", "values", "Predicted values", models)]
        if plan.value_baselines:
            title = "Predicted values: models minus baselines"
            found.append(Table("regression_differences", "value_differences", title, models))
        return found

    def _of_models(self) -> list[Table]:
        """Tables of models of class 1."""
        plan, found = self.plan, []
        boosted = plan.of_kind("xgboost")
        networks = [model for model in plan.scored if model not in boosted]
        baselines = [*plan.baselines, *plan.published_baselines]
        if not plan.scored:
            return []
        for model in self.headline:
            name = "table1" if model in plan.models else f"table1_{model}"
            found.append(Table(name, "score", f"Table 1. Scores of model {model}", [model]))
        if len(networks + baselines) > 1:
            title = "Table 2. Networks side by side, and controls"
            found.append(Table("table2", "comparison", title, networks + baselines))
        if boosted:
            title = "XGBoost, frame by frame, and controls"
            models = boosted + list(plan.baselines)
            found.append(Table("table_xgboost", "comparison", title, models))
        found.append(Table("table_video_level", "trial", "Whole trials", plan.scored))
        if plan.with_verdict:
            found.append(Table("verdicts", "plain"))
        side_by_side = plan.scored + plan.beside
        trials = f"{plan.target or 'all'} trials"
        return [
            *found,
            Table("table_within", "within", f"Within {trials}", side_by_side),
            Table("table_events", "events", f"Onsets and offsets in {trials}", side_by_side),
            Table(
                "table_own_report",
                "self_report",
                "Whole trials against the own report",
                side_by_side,
            ),
        ]

    def _of_raw_data(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return names if self.plan.subjects else ()

    @property
    def _of_covariates(self) -> tuple[str, ...]:
        """Name of the table and the figure of covariates, where the study asks for them."""
        return FIGURES_OF_COVARIATES if self.plan.covariates else ()

    def _of_pulse(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return names if self.plan.with_pulse else ()

    def _of_sensors(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return self._of_raw_data(names) if self.plan.sensor_measures else ()

    @property
    def absent(self) -> dict[str, str]:
        """Section of the report -> why this study has none."""
        plan = self.plan
        if not plan.subjects:
            return dict.fromkeys(("behaviour", "pulse"), NO_RAW_DATA)
        no_models = NO_CLASSIFIERS if plan.value_models else NO_MODELS
        return ({} if plan.with_pulse else {"pulse": NO_PULSE}) | (
            {} if plan.scored else {"models": no_models}
        )

    @property
    def table_names(self) -> list[str]:
        """Their names."""
        return [table.name for table in self.tables]

    @cached_property
    def own_tables(self) -> dict[str, list[Table]]:
        """Protocol -> tables that others do not have, as they come from a switch."""
        plan = self.plan
        asked: list[tuple[Collection[str], Collection[str]]] = [
            (("retrained",), plan.retrained_in),
            (LAGGED, plan.with_lags),
            (TABLES_OF_RESPONSE, plan.with_response_function),
        ]
        found = {
            protocol: [
                Table(name, "plain")
                for names, protocols in asked
                if protocol in protocols
                for name in names
            ]
            for protocol in plan.protocols
        }
        return {protocol: tables for protocol, tables in found.items() if tables}

    @property
    def own_tables_words(self) -> list[str]:
        """The same as words of an option: a protocol and the names of its tables."""
        return [
            f"{protocol}={','.join(table.name for table in tables)}"
            for protocol, tables in self.own_tables.items()
        ]

    @property
    def own_table_names(self) -> list[str]:
        """Names of all of them, each once."""
        return list(dict.fromkeys(t.name for own in self.own_tables.values() for t in own))

    def own_table_statistics(self, protocol: str, name: str) -> list[str]:
        """Every file of statistics behind one of them."""
        return self._statistics_of(self._own_table(protocol, name), protocol)

    def own_table_options(self, protocol: str, name: str) -> str:
        """The options of the script that prints one of them, quoted for a shell."""
        return self._printing_options(self._own_table(protocol, name))

    def _own_table(self, protocol: str, name: str) -> list[Table]:
        return [table for table in self.own_tables[protocol] if table.name == name]

    @property
    def of_one(self) -> list[str]:
        """Figures that only some protocols have, below the folder of results."""
        asked = (
            (FIGURES_OF_LAGS, self.plan.with_lags),
            (FIGURES_OF_RESPONSE, self.plan.with_response_function),
        )
        return [
            f"{protocol}/figures/{name}"
            for names, protocols in asked
            for protocol in protocols
            for name in names
        ]

    def table_statistics(self, protocol: str) -> list[str]:
        """Every file of statistics behind the tables of a protocol."""
        return self._statistics_of(self.tables, protocol)

    def _statistics_of(self, tables: Iterable[Table], protocol: str) -> list[str]:
        folder = f"{self.plan.results}/{protocol}/statistics"
        files = {file for t in tables for file in files_of(t, self.available).every()}
        return [f"{folder}/{file}" for file in sorted(files)]

    @cached_property
    def table_options(self) -> str:
        """The options of the script that prints all tables of a protocol, quoted for a shell."""
        return self._printing_options(self.tables)

    def _printing_options(self, tables: Iterable[Table]) -> str:
        words, notes = [], []
        for table in tables:
            words += ["--table", table.name, table.kind, table.title, *table.models]
            note = self.note(*table.models)
            notes += [f"{table.name}={note}"] if note else []
        words += ["--notes", *notes]
        for model, names in self.available.baselines.items():
            for baseline, name in names.items():
                words += ["--baseline", model, baseline, name]
        words += ["--seeds", *self.available.seeds]
        return shlex.join(words + (["--compared"] if self.available.compared else []))

    # Figures

    @cached_property
    def tinglegram_subjects(self) -> list[str]:
        """Participants whose Tinglegrams are drawn, as they stand in file names."""
        key = ("report", "tinglegram_subjects")
        here = f"{place(key, self.outlines)}: {'.'.join(key)}"
        wanted, present = self.plan.config["report"]["tinglegram_subjects"], self.plan.subjects
        if wanted == "all" and not present:
            raise TinglegramError(f"{here}: 'all' needs raw data; list the numbers.")
        chosen = present if wanted == "all" else [f"{subject:03d}" for subject in wanted]
        strangers = [subject for subject in chosen if present and subject not in present]
        if strangers:
            raise TinglegramError(
                f"{here}: nobody numbered {', '.join(strangers)} takes part. "
                f"Present: {', '.join(present)}."
            )
        return chosen

    def is_tested(self, model: str, subject: str) -> bool:
        """Whether a model is tested on a participant: without pulse, only by models without it."""
        if self.plan.uses(model, *SENSOR_TYPES) and subject not in self.plan.with_sensors:
            return False
        return subject not in self.plan.without_pulse or not self.plan.uses(model, "pulse")

    @cached_property
    def tinglegrams(self) -> list[tuple[str, str]]:
        """Model and participant of every Tinglegram."""
        subjects = self.tinglegram_subjects
        return [(m, s) for m in self.headline for s in subjects if self.is_tested(m, s)]

    @property
    def tinglegram_lists(self) -> list[str]:
        """The lists of participants that name who is drawn; none where numbers do."""
        if self.plan.config["report"]["tinglegram_subjects"] != "all":
            return []
        return [self.plan.participant_list(which) for which in self._lists]

    def _listed(self, model: str) -> list[tuple[str, str]]:
        """Model and the list of everybody it is tested on; without one, each of them."""
        plan = self.plan
        own = [("with_sensors", SENSOR_TYPES), ("with_pulse", ("pulse",))]
        names = [which for which, kinds in own if plan.uses(model, *kinds)] or ["all"]
        tested = [s for s in plan.subjects if self.is_tested(model, s)]
        for which in names:
            if tested == plan.participants(which):
                return [(model, which)]
        return [(model, subject) for subject in tested]

    @property
    def sensor_models_options(self) -> str:
        """The option of a script that names models of sensors; nothing where there are none."""
        found = [m for m in self.headline if self.plan.uses(m, *SENSOR_TYPES)]
        return shlex.join(["--of-sensors", *found]) if found else ""

    @property
    def _lists(self) -> list[str]:
        """Names of the lists of participants that there are."""
        some = {"with_pulse": self.plan.with_pulse, "with_sensors": self.plan.with_sensors}
        return ["all", *(which for which, who in some.items() if who)]

    @property
    def tinglegram_options(self) -> str:
        """Which Tinglegrams there are, as options of a script; everybody is the name of a list."""
        drawn = self.tinglegrams
        if self.tinglegram_lists:
            drawn = [pair for m in self.headline for pair in self._listed(m)]
        words = [word for pair in drawn for word in ("--tinglegram", *pair)]
        lists = [f"{Path(path).stem}={path}" for path in self.tinglegram_lists]
        return shlex.join([*words, *(["--participants", *lists] if lists else [])])

    @cached_property
    def drawn(self) -> dict[str, list[str]]:
        """Kind -> figures that one job draws for all models."""
        return {
            "confusion": [f"confusion_{model}" for model in self.plan.scored],
            "calibration": [f"calibration_{model}" for model in self.plan.scored],
            "training": [f"training_{model}" for model in self.plan.models],
            **self.drawn_of_sensors,
            "tinglegram": [f"figure6_{model}_{subject}" for model, subject in self.tinglegrams],
        }

    @cached_property
    def drawn_of_sensors(self) -> dict[str, list[str]]:
        """Kind -> figures of signals other than the pulse; none where none is read."""
        measures = self._of_sensors(tuple(self.plan.sensor_measures))
        return {
            "sensor_coupling": [f"sensor_coupling_{name}" for name in measures],
            "sensor_rest_change": ["sensor_against_rest"] if measures else [],
            "sensor_mixed_model": [f"sensor_mixed_model_{name}" for name in measures],
        }

    @cached_property
    def figures(self) -> list[str]:
        """The figures of a protocol, in reading order."""
        return [*self.figures_of_all, *self.drawn["tinglegram"]]

    @property
    def figures_of_all(self) -> list[str]:
        """Those of them that do not show single participants."""
        of_models = [name for kind in DRAWN_FOR_ALL for name in self.drawn[kind]]
        behaviour = self._of_raw_data(FIGURES_OF_BEHAVIOUR)
        scores = ("beside",) if self.plan.scored else ()
        values = ("regression",) if self.plan.value_models else ()
        pulse = self._of_pulse(FIGURES_OF_PULSE)
        sensors = [name for names in self.drawn_of_sensors.values() for name in names]
        shown = [*behaviour, *pulse, *sensors, *self._of_covariates]
        return [*shown, *scores, *of_models, *values]

    @property
    def values_note(self) -> str:
        """The option of a script with the note on the output of models of the reported value."""
        return self.note_options(*(f"regression/{model}" for model in self.plan.value_models))

    @property
    def values_sentence(self) -> str:
        """What models of the reported value predict; empty: there are none."""
        plan = self.plan
        if not plan.value_models:
            return ""
        dimension = plan.config["responses"]["target"]["dimension"]
        kind = dimensions_of(plan.config)[dimension]
        return predicted_values_sentence(dimension, kind, list(plan.value_models))

    def beside(self, protocol: str) -> list[tuple[str, str, str]]:
        """Name, kind and fold scores of every row in the figure of scores beside baselines."""
        plan = self.plan
        kinds = dict.fromkeys(plan.scored, "model") | dict.fromkeys(plan.perturbed, "perturbed")
        for name, baseline in (plan.baselines | plan.published_baselines).items():
            is_ceiling = BASELINES[baseline].kind == "noise_ceiling"
            kinds[name] = "noise_ceiling" if is_ceiling else "baseline"
        folder = f"{plan.results}/{protocol}/statistics"
        return [(name, kind, f"{folder}/{name}/fold_metrics.tsv") for name, kind in kinds.items()]

    def beside_options(self, protocol: str) -> str:
        """The options of the script that draws these rows, quoted for a shell."""
        return shlex.join(word for row in self.beside(protocol) for word in ("--row", *row))

    @property
    def beside_reference(self) -> str:
        """The baseline whose mean that figure marks; empty: the study does without."""
        found = [self.plan.baseline_of(model, CATEGORY_BASELINE) for model in self.headline[:1]]
        return "".join(found)

    # Files

    def figure(self, name: str, form: str = "svg", protocol: str = "{protocol}") -> str:
        """Return the file of a figure of a protocol."""
        return f"{self.plan.results}/{protocol}/figures/{name}.{form}"

    def table(self, name: str, form: str = "tsv", protocol: str = "{protocol}") -> str:
        """Return the file of a table of a protocol."""
        return f"{self.plan.results}/{protocol}/tables/{name}.{form}"

    def items(self, of_table: str, of_figure: str) -> list[str]:
        """Return the files in these forms of all tables and figures, in the report's order."""
        found = ordered_items(
            self.plan.protocols,
            self.table_names,
            self.figures,
            self.of_study,
            of_table,
            of_figure,
            own={p: [table.name for table in own] for p, own in self.own_tables.items()},
            of_one=self.of_one,
        )
        return [f"{self.plan.results}/{item}" for item in found]

    @property
    def of_study(self) -> list[str]:
        """Tables and figures of no protocol, below the folder of results and without suffix."""
        return [*(f"tables/{name}" for name in self.claim_tables), "figures/workflow"]

    def history_pattern(self, protocol: str = "{protocol}") -> str:
        """The training history of any model: `{model}` and `{fold}` are to be filled in."""
        return f"{self.plan.results}/{protocol}/models/{{model}}/fold{{fold}}/history.tsv"

    def histories(self) -> list[str]:
        """Return the training histories of all models: all folds of the first, ..."""
        pattern, plan = self.history_pattern(), self.plan
        return [
            pattern.replace("{model}", model).replace("{fold}", str(fold))
            for model in plan.models
            for fold in plan.folds
        ]

    # The first page

    @cached_property
    def first_page(self) -> list[str]:
        """Protocols whose verdicts stand on the first page: the first one and the one to cite."""
        shown = (self.plan.protocols[0], CITED) if self.plan.with_verdict else ()
        return [protocol for protocol in self.plan.protocols if protocol in shown]

    @property
    def front(self) -> str:
        """Caption of the figure of the first page; empty: there are no scores to show."""
        return self.figure("beside", "json", self.plan.protocols[0]) if self.plan.scored else ""

    @property
    def front_predictions(self) -> str:
        """Predictions of the first model in front, `{fold}` to be filled in; empty: no model."""
        patterns = self.plan.predictions_pattern(self.plan.protocols[0])
        return "".join(patterns.replace("{model}", model) for model in self.headline[:1])

    @property
    def other_conditions(self) -> str:
        """What is no target trial, by name; empty: all trials are of the target."""
        others = self.plan.others
        return others[0] if len(others) == 1 else OTHERS if others else ""

    @property
    def condition_options(self) -> str:
        """The option of a script with the target condition and what is no target."""
        return shlex.join(["--conditions", self.plan.target or "any", self.other_conditions])

    @property
    def overview_models(self) -> list[str]:
        """Models of the overview of scores, and the baselines that stand beside them; or none."""
        return list(dict.fromkeys([*self.plan.scored, *self.plan.with_verdict.values()]))

    # Claims

    @property
    def claim_tables(self) -> tuple[str, ...]:
        """The tables of claims, if the study is held against the paper."""
        return CLAIM_TABLES if self.plan.config["report"]["claims"] else ()

    def claim_templates(self, templates: Iterable[str]) -> list[str]:
        """Return those files of the sources of claims that this study makes, each once.

        Parameters
        ----------
        templates : below the folder of results, with {protocol}, {subject} and {fold} in them.
        """
        return [t for t in dict.fromkeys(templates) if t != TYPED and self._is_made(t)]

    def _is_made(self, template: str) -> bool:
        model = re.search(r"/(?:statistics|models)/(\w+)/", template)
        if model:
            return model[1] in self.plan.scored
        if template.endswith("/ablation.tsv"):
            return self.plan.config["statistics"]["reference"] in self.plan.models
        if Path(template).stem in SENSOR_STATISTICS:
            return bool(self._of_sensors(SENSOR_STATISTICS))
        if Path(template).stem in (*COUPLING, *PHYSIOLOGY, *TABLES_OF_PULSE):
            return bool(self.plan.with_pulse)
        return bool(self.plan.subjects)

    def claim_files(self, templates: Iterable[str]) -> list[str]:
        """Return every file of the study that can answer a claim."""
        plan, found = self.plan, []
        for template in self.claim_templates(templates):
            for protocol in plan.protocols if "{protocol}" in template else [""]:
                for subject in plan.subjects if "{subject}" in template else [""]:
                    for fold in plan.folds if "{fold}" in template else [0]:
                        file = template.format(protocol=protocol, subject=subject, fold=fold)
                        found.append(f"{plan.results}/{file}")
        return found

    @cached_property
    def claim_answers(self) -> list[tuple[str, str, str]]:
        """Name, protocol and origin of each set of columns of the ledger of claims.

        Own results, else the published predictions; both where a study has both.
        """
        protocols = self.plan.protocols
        origin = "study" if self.plan.subjects else "published"
        found = [(protocol, protocol, origin) for protocol in protocols]
        if origin == "study" and "published" in self.plan.scored:
            # The predictions come from the released code, so they are scored as it scores.
            scored_by = "released" if "released" in protocols else protocols[0]
            found.append(("published", scored_by, "published"))
        return found

    @property
    def claim_options(self) -> str:
        """The options of the script that checks claims for these, quoted for a shell."""
        return shlex.join(w for answer in self.claim_answers for w in ("--answer", *answer))

    # The end

    @cached_property
    def finished(self) -> list[str]:
        """Everything a finished study holds beyond what the report needs, the report first."""
        plan = self.plan
        pooled = [
            f"{plan.results}/{protocol}/statistics/{model}/pooled.tsv"
            for protocol in plan.protocols
            for model in plan.beside
        ]
        shared = [
            f"{plan.results}/{protocol}/{file}"
            for stage, protocol in plan.shared
            for file in plan.stage_files(stage, protocol)
        ]
        sensors = [
            file
            for stage in STAGES_OF_SENSORS
            for protocol in plan.owners.get(stage, ())
            for file in plan.at_owner(stage, protocol)
        ]
        return [f"{plan.results}/report.html", *pooled, *shared, *sensors]
