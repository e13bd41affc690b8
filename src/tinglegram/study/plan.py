"""The plan of a study: who takes part, which protocol computes what, and which files a job reads.

Rules only ask it. Paths are text below the folder of results; nothing here touches the disk.
"""

import json
import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from tinglegram.canonical.tables import RESPONSE
from tinglegram.inputs.raw_files import RawFiles
from tinglegram.models.perturbations import PERTURBATIONS
from tinglegram.models.settings import CATEGORY_BASELINE, MODEL_KINDS
from tinglegram.models.value_settings import CEILING, OF_CONDITIONS, VALUE_MODEL_KINDS
from tinglegram.readers.parts import EVENTS, RESPONSES, Sources
from tinglegram.sensors.measures import measures_of
from tinglegram.sensors.settings import SENSOR_TYPES
from tinglegram.settings import as_words, fields_of
from tinglegram.stimuli.findings import ClipProblems
from tinglegram.stimuli.settings import COURSE_SWITCHES, FEATURE_SETS, STREAMS, FeatureVariant
from tinglegram.study import protocols
from tinglegram.study.settings import Stimulus, conditions_of, stimulus_of
from tinglegram.trials.folds import BY_COVARIATE, HELD_OUT, resolved_scheme
from tinglegram.trials.trials import EVERY_MODALITY, ordered

STATISTICS_OF_MODEL = (
    "fold_metrics",
    "pooled",
    "video_level",
    "video_level_own_report",
    "within",
    "events",
    "calibration",
)
# In the order of the words of a variant (`scripts/stimuli/extract_features.py`).
STIMULUS_SWITCHES = tuple(setting.name for setting in fields_of(FeatureVariant))
CLIP_PROBLEMS = tuple(setting.name for setting in fields_of(ClipProblems))
PHYSIOLOGY = (
    "rest_change",
    "rest_change_people",
    "pulse_mixed_model",
    "pulse_mixed_model_checks",
    "pulse_mixed_model_residuals",
    "pulse_mixed_model_people",
)
COVARIATES = ("covariates", "covariate_groups", "covariate_people")
COUPLING = ("pulse_coupling", "pulse_coupling_test", "pulse_coupling_quality")
LAGGED = ("pulse_lags", "pulse_locked")
# Tables of the models of the reported value.
STATISTICS_OF_VALUES = ("regression", "regression_trials", "regression_differences")
# Statistics of signals other than the pulse, where the study reads any.
SENSOR_STATISTICS = (
    "sensor_coupling",
    "sensor_coupling_test",
    "sensor_coupling_quality",
    "sensor_rest_change",
    "sensor_rest_change_people",
    "sensor_mixed_model",
    "sensor_mixed_model_checks",
    "sensor_mixed_model_residuals",
    "sensor_mixed_model_people",
)
# Stages that nobody needs where no participant has a pulse that is used.
STAGES_OF_PULSE = (
    "pulse_10hz",
    "continuity",
    "pulse_windows",
    "pulse_blocks",
    "coupling",
    "lagged",
    "physiology",
)
# The temporal response function: what it is fitted to, and its tables. Only protocols that fit it
# have them.
RESPONSE_TABLES = (
    "response_function",
    "response_people",
    "response_kernel",
    "response_claims",
)
# Stages that nobody needs where there is nothing to train and to score.
STAGES_OF_MODELS = ("stimuli", "folds")


class Stage(NamedTuple):
    """A stage that protocols share where they agree.

    Attributes
    ----------
    switches : which can change its files.
    files : below the protocol's folder; `{subject}`, `{video}` and `{fold}` stand for all of them.
    participants : `all`, `with_pulse`, `with_sensors`, or empty where no file is a participant's.
    asked_by : one of the switches; where it is `none`, a protocol is without the stage.
    """

    switches: tuple[str, ...]
    files: tuple[str, ...]
    participants: str = ""
    asked_by: str = ""


# Stages of signals other than the pulse, where the study uses any.
STAGES_OF_SENSORS = {
    "sensors_10hz": Stage((), ("sensors_10hz/{subject}.npz",), "with_sensors"),
    "sensor_windows": Stage(("window_clock",), ("sensor_windows/{subject}.tsv",), "with_sensors"),
    "sensor_blocks": Stage(("window_clock",), ("sensor_blocks/{subject}.tsv",), "with_sensors"),
}


def dimensions_of(config: Mapping[str, Any]) -> dict[str, str]:
    """Return dimension of the responses -> its kind, of a merged configuration."""
    found = config.get("responses", {}).get("dimensions", {RESPONSE: {}})
    return {name: about.get("kind", "ordinal") for name, about in found.items()}


@dataclass(frozen=True)
class Plan:
    """Everything about a study that rules need to know.

    Attributes
    ----------
    config : the merged configuration.
    raw : its raw files.
    left_out : (subject, video or *) -> reason, of the exclusions table and of policies.
    exclusions : those of the exclusions table alone.
    offsets : participant -> where the recording started on the log clock, of the offsets table.
    without_pulse : participants whose pulse a policy does without.
    absent : raw files that are named but not there, and will not come to be.
    n_folds : number of folds.
    sources : readers, ids and files, where another reader than `rest_asmr` reads.
    """

    config: Mapping[str, Any]
    raw: RawFiles = field(default_factory=lambda: RawFiles({}, {}, {}))
    left_out: Mapping[tuple[str, str], str] = field(default_factory=dict)
    exclusions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    offsets: Mapping[str, float] = field(default_factory=dict)
    without_pulse: Collection[str] = ()
    absent: Collection[str] = ()
    n_folds: int = 0
    sources: Sources = field(default_factory=Sources)

    # Names

    @property
    def results(self) -> str:
        """Folder of the study's results."""
        return f"results/{self.config['study']}"

    @cached_property
    def protocols(self) -> list[str]:
        """Protocols of the study, the one on the report's first page in front."""
        return list(self.config["protocols"])

    @cached_property
    def switches(self) -> dict[str, dict[str, object]]:
        """Protocol -> its switches."""
        own, overrides = self.config["own_protocols"], self.config["overrides"]
        return {p: protocols.switches(p, overrides, own) for p in self.protocols}

    @cached_property
    def conditions(self) -> dict[str, str]:
        """Code of a clip -> its condition, `all` where the study has none; in the order given."""
        return conditions_of(self.config["clips"])

    @cached_property
    def stimuli(self) -> dict[str, Stimulus]:
        """Code of a clip -> its file, length and streams."""
        return {code: stimulus_of(entry) for code, entry in self.config["clips"].items()}

    @cached_property
    def lengths(self) -> dict[str, float]:
        """Code of a clip -> the seconds it plays."""
        usual = float(self.config["timing"]["clip"])
        return {
            code: usual if clip.duration is None else float(clip.duration)
            for code, clip in self.stimuli.items()
        }

    def config_of(self, video: str) -> Mapping[str, Any]:
        """The configuration with the length of one clip for that of all."""
        timing = self.config["timing"]
        length, first = self.lengths[video], timing["first_trial"]
        if length == timing["clip"]:
            return self.config
        own = {"clip": length, "first_trial": None if first is None else min(first, length)}
        return {**self.config, "timing": {**timing, **own}}

    @property
    def trial_options(self) -> str:
        """The options of a script that lays out trials: every clip, and the lengths that differ."""
        usual = self.config["timing"]["clip"]
        lengths = [f"{code}={s!r}" for code, s in self.lengths.items() if s != usual]
        return self.clip_options + (f" --lengths {shlex.join(lengths)}" if lengths else "")

    def clips_with(self, *streams: str) -> list[str]:
        """Clips of which people were shown any of these streams, and that have a file."""
        return [code for code, clip in self.stimuli.items() if {*streams} & {*clip.shown}]

    def stream_options(self, video: str) -> str:
        """The option of a script that says which streams of a clip count; nothing where both do."""
        shown = self.stimuli[video].shown
        return "" if shown == STREAMS else shlex.join(["--streams", *shown])

    @cached_property
    def all_conditions(self) -> list[str]:
        """Every condition, each once, in the order of its first clip; at least one."""
        return list(dict.fromkeys(self.conditions.values()))

    @property
    def clip_options(self) -> str:
        """The option of a script that names every clip and its condition."""
        return shlex.join(["--clips", *(f"{c}={kind}" for c, kind in self.conditions.items())])

    @property
    def file_options(self) -> str:
        """The option of a script that names every clip and its file."""
        files = [f"{code}={c.file}" for code, c in self.stimuli.items() if c.file is not None]
        return shlex.join(["--files", *files]) if files else ""

    @property
    def simulated(self) -> str:
        """Who takes part in a simulated study, as an option; nothing where the data are real."""
        if self.config["data"]["simulation"] is None:
            return ""
        asked = self.config["data"]["simulation"]["participants"]
        numbers = [f"1-{asked}"] if isinstance(asked, int) else map(str, asked)
        return shlex.join(["--simulated", *numbers])

    @property
    def simulation_options(self) -> str:
        """Who takes part in a simulated study and its seed, from which file names derive."""
        return f"{self.simulated} --seed {self.config['seed']}" if self.simulated else ""

    @property
    def accepted_problems(self) -> list[str]:
        """Kinds of problems of logs and recordings that the configuration takes for none."""
        policies = self.config["data"]["problems"].items()
        return [k for k, decision in policies if decision == "accept" and k not in CLIP_PROBLEMS]

    def offset(self, subject: str) -> str:
        """The option of a script that says where a recording started; nothing where it is 0."""
        seconds = self.offsets.get(subject, 0.0)
        # An option's value must not begin like an option.
        return f"--offset={seconds:.4f}" if seconds else ""

    @cached_property
    def clip_findings(self) -> dict[str, str]:
        """Code of each clip that is there -> what was found in it."""
        folder = f"{self.results}/clips"
        return {c: f"{folder}/{c}.json" for c, p in self.raw.clips.items() if p not in self.absent}

    @property
    def clip_findings_options(self) -> str:
        """The option of a script that names what was found in every clip that is there."""
        return shlex.join(["--clip-findings", *(f"{c}={p}" for c, p in self.clip_findings.items())])

    @property
    def target(self) -> str | None:
        """The condition whose reports are predicted; None: those of all conditions.

        As configured in `responses.target.condition`, else that of the first clip.
        """
        chosen = self.config.get("responses", {}).get("target", {})
        target: str | None = chosen.get("condition", self.all_conditions[0])
        return target

    @property
    def level_of_ratings(self) -> str:
        """Whether ratings of the target dimension are ordered only, or evenly spaced."""
        dimension = self.config.get("responses", {}).get("target", {}).get("dimension", RESPONSE)
        return "ordinal" if dimensions_of(self.config)[dimension] == "ordinal" else "interval"

    @property
    def others(self) -> list[str]:
        """The conditions in which nothing is predicted: all but the target."""
        return [c for c in self.all_conditions if self.target is not None and c != self.target]

    @cached_property
    def models(self) -> dict[str, Mapping[str, Any]]:
        """Models to train, with the modalities that `auto` stands for; none without raw data."""
        return self._with_modalities(self.config["models"])

    @cached_property
    def value_models(self) -> dict[str, Mapping[str, Any]]:
        """Models of the reported value, as `models`."""
        return self._with_modalities(self.config["regression"]["models"])

    def _with_modalities(self, models: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        if not self.config["data"]["root"]:
            return {}
        return {
            name: {**about, "modalities": self.available}
            if about["modalities"] == "auto"
            else dict(about)
            for name, about in models.items()
        }

    @property
    def value_baselines(self) -> list[str]:
        """Baselines of these models; that of conditions only where there are several."""
        wanted = self.config["regression"]["baselines"] if self.value_models else []
        several = len(self.all_conditions) > 1
        return [name for name in wanted if several or name != OF_CONDITIONS]

    @property
    def value_scored(self) -> dict[str, str]:
        """Model of the reported value -> its kind; and what stands beside them -> what it is."""
        models = {name: str(about["kind"]) for name, about in self.value_models.items()}
        ceilings = {CEILING: "noise_ceiling"}
        return models | {n: ceilings.get(n, "baseline") for n in self.value_baselines}

    @property
    def value_kind_options(self) -> str:
        """The options of a script with these models, these baselines, and what each is."""
        kinds = {name: f"{name}={kind}" for name, kind in self.value_scored.items()}
        models = [kinds[name] for name in self.value_models]
        return shlex.join(
            ["--models", *models, "--baselines", *(kinds[name] for name in self.value_baselines)]
        )

    def value_tables(self, protocol: str = "{protocol}") -> list[str]:
        """Tables of statistics of these models: differences only where there are baselines."""
        names = STATISTICS_OF_VALUES[: None if self.value_baselines else -1]
        return [f"{self.results}/{protocol}/statistics/{name}.tsv" for name in names]

    def value_models_of(self, kind: str) -> list[str]:
        """Models of the reported value of one kind."""
        return [name for name, about in self.value_models.items() if about["kind"] == kind]

    def about_model(self, model: str) -> Mapping[str, Any]:
        """Kind and modalities of a model; `regression/<name>` is one of the reported value.

        Empty for one that is not trained here, such as published predictions.
        """
        values = model.startswith("regression/")
        known = self.value_models if values else self.models
        return known.get(model.removeprefix("regression/"), {})

    @cached_property
    def lacking(self) -> dict[str, str]:
        """Modality that the study does not have -> what is missing."""
        found = {}
        if not self.clips_with("picture"):
            found["visual"] = "no clip has a file with pictures"
        if not self.clips_with("sound"):
            found["acoustic"] = "no clip has a file with sound"
        if not self.with_pulse:
            found["pulse"] = "nobody has a pulse"
        for kind in SENSOR_TYPES:
            if kind not in self.sensors:
                found[kind] = "sensors does not name it"
            elif not self.with_sensors:
                found[kind] = "nobody has signals"
        for name, stream in self.set_streams.items():
            if not self.clips_with(stream):
                of = "pictures" if stream == "picture" else stream
                found[name] = f"no clip has a file with {of}"
        return found

    # Feature sets

    @cached_property
    def networks_of_features(self) -> Mapping[str, Mapping[str, Any]]:
        """Name of a feature set -> the network from a file that makes it."""
        # Results of older versions know of no feature sets.
        found: Mapping[str, Mapping[str, Any]] = self.config.get("features", {}).get("networks", {})
        return found

    @cached_property
    def set_streams(self) -> dict[str, str]:
        """Every feature set that a model may name -> the stream that it is computed from."""
        found: dict[str, str] = {name: about.stream for name, about in FEATURE_SETS.items()}
        return found | {name: about["stream"] for name, about in self.networks_of_features.items()}

    @cached_property
    def feature_sets(self) -> list[str]:
        """Feature sets that any model uses, in the order of their columns; no others are made."""
        every = [*self.models.values(), *self.value_models.values()]
        used = {name for about in every for name in about["modalities"]} & {*self.set_streams}
        return list(ordered(used)) if used else []

    @property
    def set_settings(self) -> list[type]:
        """Classes of the settings of these sets, but for those of networks."""
        return [FEATURE_SETS[name].settings for name in self.feature_sets if name in FEATURE_SETS]

    @property
    def set_options(self) -> str:
        """The options of a script with these sets, and with the networks that make some of them."""
        networks = {
            name: self.networks_of_features[name]
            for name in self.feature_sets
            if name in self.networks_of_features
        }
        return shlex.join(["--sets", *self.feature_sets, "--networks", *as_words(networks)])

    @property
    def network_files(self) -> list[str]:
        """Files of the networks that make feature sets in use."""
        every = self.networks_of_features
        return list(
            dict.fromkeys(every[name]["path"] for name in self.feature_sets if name in every)
        )

    @property
    def set_packages(self) -> list[str]:
        """Packages that these sets need, beside those of every study."""
        found = [FEATURE_SETS[n].package for n in self.feature_sets if n in FEATURE_SETS]
        found += ["onnxruntime" for path in self.network_files if path.endswith(".onnx")]
        return list(dict.fromkeys(filter(None, found)))

    def set_pattern(self, name: str, protocol: str) -> str:
        """Files of a feature set, where they are computed for `protocol`; `{video}` in it."""
        owner = self.owner("features", protocol)
        return f"{self.results}/{owner}/features/{name}/{{video}}.npz"

    def set_files(self, name: str, protocol: str) -> list[str]:
        """The same of every clip that has a file."""
        pattern = self.set_pattern(name, protocol)
        return [pattern.format(video=video) for video in self.clips_with(*STREAMS)]

    def set_variants(self, video: str) -> str:
        """Options of the script that computes feature sets for all protocols; `{set}` in paths."""
        folders = [f"{self.results}/{protocol}/features" for protocol in self.owners["features"]]
        return self.variants("features", [f"{folder}/{{set}}/{video}.npz" for folder in folders])

    @property
    def available(self) -> list[str]:
        """Modalities that the study has."""
        return [name for name in EVERY_MODALITY if name not in self.lacking]

    def model_faults(self) -> Iterator[tuple[str, str]]:
        """Yield each model that asks for what the study does not have, and a sentence.

        By its place in the configuration below `models`, or `regression.models.<name>`.
        """
        yield from self._faults_of(self.config["models"], self.models, "")
        values = self.config["regression"]["models"]
        yield from self._faults_of(values, self.value_models, "regression.models.")

    def _faults_of(
        self, configured: Mapping[str, Any], trained: Iterable[str], place: str
    ) -> Iterator[tuple[str, str]]:
        for name in trained:
            asked = configured[name]["modalities"]
            every = [m for m in EVERY_MODALITY if m not in SENSOR_TYPES or m in self.sensors]
            wanted = every if asked == "auto" else asked
            gone = [modality for modality in wanted if modality in self.lacking]
            if not gone or (asked == "auto" and self.available):
                continue
            reasons = ", ".join(f"{modality} ({self.lacking[modality]})" for modality in gone)
            yield (
                f"{place}{name}",
                f"{place or 'models.'}{name}.modalities: not in this study: {reasons}. "
                "Name others or auto, or take the model out by setting it to null",
            )

    @cached_property
    def networks(self) -> list[str]:
        """Models that are networks."""
        return self.of_kind("bilstm")

    def of_kind(self, kind: str) -> list[str]:
        """Models of one kind."""
        return [name for name, about in self.models.items() if about["kind"] == kind]

    @cached_property
    def scored(self) -> list[str]:
        """Models that are scored: the trained ones, and the published predictions."""
        return [*self.models, *(["published"] if self.config["published_predictions"] else [])]

    @property
    def scheme(self) -> str:
        """What is held out in a fold: the scheme that `auto` stands for."""
        return resolved_scheme(self.config["folds"]["scheme"], self.conditions)

    @property
    def folds(self) -> range:
        """Numbers of the folds, from 1."""
        return range(1, self.n_folds + 1)

    # Readers

    @property
    def reads_rest_asmr(self) -> bool:
        """Whether the raw files are those of REST-ASMR, or predictions alone."""
        return bool(self.config["data"]["reader"] == "rest_asmr")

    @property
    def reading_text(self) -> str:
        """Which readers read what, as one argument of a script (JSON)."""
        keys = ["reader", "root", "options", "responses", "signals"]
        keys += ["participants"] if self.config["data"]["participants"] else []
        text = {key: self.config["data"][key] for key in keys}
        # Who has no events is one of the study's only where a policy leaves such people out.
        policy = self.config["data"]["problems"]["missing_log"]
        said = {} if policy == "error" else {"problems": {"missing_log": policy}}
        return json.dumps(text | said)

    @property
    def clip_paths(self) -> str:
        """The option of a script that names every clip that has a file, and its path."""
        return shlex.join(["--files", *(f"{c}={path}" for c, path in self.raw.clips.items())])

    @property
    def reading_options(self) -> str:
        """What readers must know of the study, as options of a script."""
        lengths = [f"{code}={seconds}" for code, seconds in self.lengths.items()]
        kinds = [f"{name}={kind}" for name, kind in dimensions_of(self.config).items()]
        return shlex.join(["--lengths", *lengths, "--dimensions", *kinds])

    def event_options(self, subject: str) -> str:
        """Who and what is read for the trials and responses of a participant, as options."""
        text = self.sources.as_text(subject, EVENTS, RESPONSES)
        # What a policy says of clips that were not shown, it may say of those left out too.
        missing = self.config["data"]["problems"]["missing_clip"]
        may_miss = [] if missing == "error" else ["--may-miss"]
        return shlex.join(["--parts", text, "--participant", self.sources.ids[subject], *may_miss])

    @property
    def inspects_people(self) -> bool:
        """Whether files are inspected apart from being read: a policy decides about problems."""
        policies = self.config["data"]["problems"].items()
        decides = any(p != "error" for kind, p in policies if kind not in CLIP_PROBLEMS)
        return decides and not self.reads_rest_asmr

    @property
    def inspected(self) -> list[str]:
        """Everybody whose files are inspected: whom the table of exclusions does not leave out."""
        return [s for s in self.raw.subjects if (s, "*") not in self.exclusions]

    def inspection_options(self, subject: str) -> str:
        """Who and what is inspected of a participant, as options: as the files are."""
        text = self.sources.passing_over([]).as_text(subject, *self.sources.parts)
        own = self.sources.files
        lacking = [part for part in self.sources.parts if subject not in own[part]]
        words = ["--parts", text, "--participant", self.sources.ids[subject]]
        words += ["--lacking", *lacking] if lacking else []
        left_out = sorted(video for s, video in self.exclusions if s == subject)
        return shlex.join([*words, "--exclude", *left_out])

    def signal_options(self, subject: str) -> str:
        """Who and what is read for the signals of a participant, as options."""
        text = self.sources.as_text(subject, self.sources.of_signals())
        return shlex.join(["--parts", text, "--participant", self.sources.ids[subject]])

    # Participants

    @cached_property
    def subjects(self) -> list[str]:
        """Everyone who takes part."""
        return [s for s in self.raw.subjects if (s, "*") not in self.left_out]

    @cached_property
    def with_pulse(self) -> list[str]:
        """Those of them whose pulse is used."""
        return [s for s in self.subjects if s not in self.without_pulse]

    @cached_property
    def sensor_measures(self) -> list[str]:
        """Names of what is measured of signals other than the pulse; none where nobody has any."""
        return [m.name for m in measures_of(self.sensors)] if self.with_sensors else []

    def participants(self, which: str) -> list[str]:
        """Participants by the name of their list: `all`, `with_pulse` or `with_sensors`."""
        lists = {"all": self.subjects, "with_pulse": self.with_pulse}
        return (lists | {"with_sensors": self.with_sensors})[which]

    @property
    def sensors(self) -> Mapping[str, str | None]:
        """Signals other than the pulse that the study uses -> name of the channel, or None."""
        found: Mapping[str, str | None] = self.config.get("sensors", {})
        if not found or self.reads_rest_asmr:
            return {}
        return {kind: found[kind] for kind in SENSOR_TYPES if kind in found}

    @cached_property
    def with_sensors(self) -> list[str]:
        """Those who take part and have files of signals, where the study uses others than pulse.

        Not those whose signals cannot be read, where a policy does without their pulse.
        """
        unread = self.sources.without_signals
        having = [s for s in self.subjects if s in self.raw.ppgs and s not in unread]
        return having if self.sensors else []

    @cached_property
    def with_sensors_alone(self) -> list[str]:
        """Those of them whose pulse is not used."""
        return [s for s in self.with_sensors if s not in self.with_pulse]

    @property
    def with_signals(self) -> list[str]:
        """Those of whom any signal is read."""
        return [s for s in self.subjects if s in {*self.with_pulse, *self.with_sensors}]

    @property
    def sensor_options(self) -> str:
        """The option of a script that names signals other than the pulse and their channels."""
        return shlex.join(["--sensors", *(f"{k}={name or ''}" for k, name in self.sensors.items())])

    @property
    def covariates(self) -> list[str]:
        """Covariates that are set against the outcomes of people."""
        return list(self.config["statistics"]["covariates"])

    @property
    def people_table(self) -> str:
        """The table of participants with their covariates; every reader but `rest_asmr` has one."""
        return f"{self.results}/participants.tsv"

    @property
    def fold_people(self) -> list[str]:
        """That table, where the folds need it."""
        return [self.people_table] if self.scheme == BY_COVARIATE else []

    def outcomes_of_people(self, table: str, protocol: str) -> list[str]:
        """Files of what was measured of each person: of the pulse, and of other signals.

        Parameters
        ----------
        table : rest_change_people or coupling.
        """
        of_pulse = {"coupling": "pulse_coupling"}.get(table, table)
        names = [of_pulse] if self.with_pulse else []
        names += [f"sensor_{table}"] if self.sensor_measures else []
        return [f"{self.results}/{protocol}/statistics/{name}.tsv" for name in names]

    def excluded_videos(self, subject: str) -> list[str]:
        """Clips of a participant that are left out."""
        return sorted(video for s, video in self.left_out if s == subject)

    def of_first_participant(self) -> "Plan":
        """Return the plan for one participant, and those whose Tinglegrams are drawn.

        Everybody has the same rules, so their graph needs no more, and planning it does not grow.
        """
        shown = self.config["report"]["tinglegram_subjects"]
        first = (self.with_pulse or self.subjects)[:1]
        kept = [s for s in self.subjects if s in first or (shown != "all" and int(s) in shown)]
        return replace(self, raw=self.raw.of(kept))

    @property
    def accepted(self) -> str:
        """Says that nothing in the raw files stops the study; its rule fails otherwise."""
        return f"{self.results}/inputs_accepted.txt"

    def raw_file(self, files: Mapping[str, str], name: str) -> str:
        """Return a raw file; where there is none, the file whose rule then fails and says so."""
        path = files.get(name)
        return self.accepted if path is None or path in self.absent else path

    @cached_property
    def raw_files(self) -> list[str]:
        """Every raw file that is there, or will be."""
        every = [*self.raw.every_log, *self.raw.every_ppg, *self.raw.clips.values()]
        return [path for path in every if path not in self.absent]

    @property
    def weights_are_random(self) -> bool:
        """Whether the image network is untrained."""
        return bool(self.config["stimuli"]["weights"] == "untrained")

    @property
    def weights_record(self) -> str:
        """Name and checksum of the weights that torchvision downloads."""
        return f"{self.results}/weights/resnet18.txt"

    @property
    def weights_files(self) -> list[str]:
        """What the image network's weights come from: the record of a download, or a file."""
        weights = self.config["stimuli"]["weights"]
        pictures = self.raw.clips.keys() & {*self.clips_with("picture")}
        if self.weights_are_random or not pictures:
            return []
        return [self.weights_record if weights == "IMAGENET1K_V1" else weights]

    # The temporal response function

    @cached_property
    def response_clips(self) -> list[str]:
        """Clips that the response function is fitted to: those of the target that have a file."""
        featured = self.clips_with(*STREAMS) if self.subjects else []
        return [c for c in featured if self.target in (None, self.conditions[c])]

    @cached_property
    def with_response_function(self) -> list[str]:
        """Protocols that fit a temporal response function; none where no clip has a file."""
        fitted = [p for p in self.protocols if self.switches[p]["response_function"] != "none"]
        return fitted if self.response_clips else []

    # Models beside models

    @cached_property
    def baselines(self) -> dict[str, str]:
        """Name -> baseline, for models of this study."""
        return {name: name for name in self.config["controls"]} if self.models else {}

    @cached_property
    def published_baselines(self) -> dict[str, str]:
        """Name -> baseline, for published predictions: own names where there are other models."""
        wanted = self.config["controls"] if self.config["published_predictions"] else []
        return {f"published_{name}" if self.models else name: name for name in wanted}

    @cached_property
    def perturbed(self) -> dict[str, tuple[str, str]]:
        """Name -> model and perturbation, where the model uses what is perturbed."""
        return {
            f"{model}_{name}": (model, name)
            for model, about in self.models.items()
            for name in self.config["perturbations"]
            if any(map(PERTURBATIONS[name].changes, about["modalities"]))
        }

    @cached_property
    def beside(self) -> list[str]:
        """Everything that scores stand beside."""
        return [*self.baselines, *self.published_baselines, *self.perturbed]

    def baseline_of(self, model: str, baseline: str) -> str:
        """Name of a baseline of `model`; empty: the study does without."""
        names = self.published_baselines if model == "published" else self.baselines
        return next((name for name, kind in names.items() if kind == baseline), "")

    @cached_property
    def with_verdict(self) -> dict[str, str]:
        """Model -> the baseline that knows the category alone: all models that get a verdict."""
        found = {model: self.baseline_of(model, CATEGORY_BASELINE) for model in self.scored}
        return {model: name for model, name in found.items() if name}

    # Stages that protocols share

    @cached_property
    def stages(self) -> dict[str, Stage]:
        """Name -> stage."""
        windowed = protocols.WINDOW_SWITCHES
        found = {
            "labels": Stage((), ("labels/{subject}.parquet",), "all"),
            "responders": Stage((), ("statistics/responders.tsv",)),
            "agreement": Stage(("p_value", "agreement_test"), ("statistics/agreement.tsv",)),
            "reliability": Stage((), ("statistics/reliability.tsv", "statistics/viewers.tsv")),
            "pulse_10hz": Stage(
                protocols.SERIES_SWITCHES, ("pulse_10hz/{subject}.npz",), "with_pulse"
            ),
            "continuity": Stage(("slice_by",), ("statistics/continuity.tsv",)),
            "pulse_windows": Stage(windowed, ("pulse_windows/{subject}.tsv",), "with_pulse"),
            "pulse_blocks": Stage(windowed, ("pulse_blocks/{subject}.tsv",), "with_pulse"),
            "coupling": Stage(
                (*windowed, *protocols.COUPLING_SWITCHES),
                tuple(f"statistics/{name}.tsv" for name in COUPLING),
            ),
            "physiology": Stage(
                (*windowed, *protocols.COUPLING_SWITCHES, "change_interval"),
                tuple(f"statistics/{name}.tsv" for name in PHYSIOLOGY),
            ),
            "lagged": Stage(
                (*windowed, "p_value"),
                tuple(f"statistics/{name}.tsv" for name in LAGGED),
                asked_by="lagged_coupling",
            ),
            **(STAGES_OF_SENSORS if self.with_sensors else {}),
            "stimuli": Stage(STIMULUS_SWITCHES, ("stimuli/{video}.npz",)),
            "folds": Stage(protocols.FOLD_SWITCHES, ("folds.tsv",)),
        }
        if self.feature_sets:
            files = tuple(f"features/{name}/{{video}}.npz" for name in self.feature_sets)
            found["features"] = Stage(COURSE_SWITCHES, files)
        if self.with_response_function:
            tables = tuple(f"statistics/{name}.tsv" for name in RESPONSE_TABLES)
            asked = "response_function"
            found["courses"] = Stage(COURSE_SWITCHES, ("courses/{video}.npz",), asked_by=asked)
            found[asked] = Stage((*COURSE_SWITCHES, "p_value"), tables, asked_by=asked)
        if self.sensor_measures:
            found["sensor_statistics"] = Stage(
                (
                    *found["sensor_windows"].switches,
                    *protocols.COUPLING_SWITCHES,
                    "change_interval",
                ),
                tuple(f"statistics/{name}.tsv" for name in SENSOR_STATISTICS),
            )
        if self.config["published_predictions"]:
            files = ("models/published/fold{fold}/predictions.parquet",)
            found["models/published"] = Stage((), files)
        for model, about in self.models.items():
            names = ("predictions.parquet", "history.tsv", MODEL_KINDS[about["kind"]].weights)
            found[f"models/{model}"] = Stage(
                protocols.model_switches(about["kind"], about["modalities"]),
                tuple(f"models/{model}/fold{{fold}}/{name}" for name in names),
            )
        for model, about in self.value_models.items():
            weights = VALUE_MODEL_KINDS[about["kind"]].weights
            found[f"regression/{model}"] = Stage(
                protocols.value_model_switches(about["kind"], about["modalities"]),
                tuple(
                    f"regression/{model}/fold{{fold}}/{name}"
                    for name in ("predictions.parquet", "history.tsv", weights)
                ),
            )
        return found

    def network_seeds(self, protocol: str) -> int:
        """Networks trained per fold; a protocol of the study's own takes the number of its root."""
        root = protocols.root(protocol, self.config["own_protocols"])
        return int(self.config["training"]["network_seeds"][root])

    def averages(self, protocol: str) -> bool:
        """Whether a network is scored by the mean over its seeds: there are several of them."""
        wanted = self.switches[protocol]["network_predictions"] == "mean"
        return wanted and self.network_seeds(protocol) > 1

    def owner(self, stage: str, protocol: str) -> str:
        """Return the protocol that computes `stage` for `protocol`."""
        trained = stage.removeprefix("models/") in self.networks and stage.startswith("models/")

        def key(other: str) -> tuple[object, ...]:
            seeds = self.network_seeds(other) if trained else None
            # The mean over one network is what that network says.
            switches = [
                s for s in self.stages[stage].switches if s != "network_predictions" or seeds != 1
            ]
            has = self.has_stage(stage, other)
            return (seeds, has, *(self.switches[other][s] for s in switches))

        # By name, so that the order in the configuration moves no file.
        return next(p for p in sorted(self.protocols) if key(p) == key(protocol))

    def has_stage(self, stage: str, protocol: str) -> bool:
        """Whether a protocol has a stage: some are there only where a switch asks for them."""
        asked_by = self.stages[stage].asked_by
        return not asked_by or self.switches[protocol][asked_by] != "none"

    @cached_property
    def with_lags(self) -> list[str]:
        """Protocols that hold the pulse against the rating at several lags; none without pulse."""
        return [p for p in self.protocols if self.with_pulse and self.has_stage("lagged", p)]

    @cached_property
    def owners(self) -> dict[str, list[str]]:
        """Stage -> the protocols that compute it themselves."""
        return {
            stage: [
                p for p in self.protocols if self.owner(stage, p) == p and self.has_stage(stage, p)
            ]
            for stage in self.stages
        }

    @cached_property
    def shared(self) -> list[tuple[str, str]]:
        """Stage and protocol, wherever another protocol computes the stage."""
        # Without raw data there is nothing to share but the published predictions.
        stages = set(self.stages) if self.subjects else {"models/published"} & set(self.stages)
        # What nothing in the study needs is computed for no protocol.
        stages -= set() if self.with_pulse else set(STAGES_OF_PULSE)
        stages -= set() if self.scored or self.value_models else set(STAGES_OF_MODELS)
        return [
            (s, p)
            for p in self.protocols
            for s in self.stages
            if s in stages and self.owner(s, p) != p and self.has_stage(s, p)
        ]

    # Files

    def stage_files(self, stage: str, protocol: str) -> list[str]:
        """Every file of a stage, below a protocol's folder."""
        about = self.stages[stage]
        participants = self.participants(about.participants) if about.participants else []
        found: list[str] = []
        # All files of one fold stand together, as those of one participant do.
        if any("{fold}" in file for file in about.files):
            found = [file.format(fold=fold) for fold in self.folds for file in about.files]
        else:
            for file in about.files:
                if "{subject}" in file:
                    found += [file.format(subject=subject) for subject in participants]
                elif "{video}" in file:
                    featured = self.clips_with(*STREAMS)
                    found += [file.format(video=video) for video in featured]
                else:
                    found.append(file)
        model = stage.removeprefix("models/")
        return found + (self.replicates(model, protocol) if stage.startswith("models/") else [])

    def replicates(self, model: str, protocol: str) -> list[str]:
        """Predictions of single networks beside the model's own, below the protocol's folder.

        Of networks trained from further seeds; of the first too, where the model is their mean.
        """
        if model not in self.networks:
            return []
        first = 1 if self.averages(protocol) else 2
        return [
            f"models/{model}/fold{fold}/seed{n}/predictions.parquet"
            for n in range(first, self.network_seeds(protocol) + 1)
            for fold in self.folds
        ]

    def at_owner(self, stage: str, protocol: str) -> list[str]:
        """Files of a stage, where they are computed for `protocol`."""
        folder = f"{self.results}/{self.owner(stage, protocol)}"
        return [f"{folder}/{file}" for file in self.stage_files(stage, protocol)]

    def with_pulse_at_owner(self, stage: str, protocol: str) -> list[str]:
        """Files of a stage of everybody's, of those with a pulse alone."""
        pattern = self.pattern_at_owner(stage, protocol)
        return [pattern.format(subject=subject) for subject in self.with_pulse]

    def pattern_at_owner(self, stage: str, protocol: str) -> str:
        """The one pattern of a stage's files, where they are computed for `protocol`."""
        (pattern,) = self.stages[stage].files
        return f"{self.results}/{self.owner(stage, protocol)}/{pattern}"

    @cached_property
    def needs_printed_time(self) -> bool:
        """Whether a protocol slices recordings by their printed times."""
        return any(found["slice_by"] == "printed_time" for found in self.switches.values())

    def variants(self, stage: str, *paths: Sequence[str]) -> str:
        """Options of a script that computes a stage for all its owners in one process.

        Each `--variant` has the values of the stage's switches, then one of each of `paths`, which
        are in the order of the owners.
        """
        words: list[str] = []
        for protocol, files in zip(self.owners[stage], zip(*paths, strict=True), strict=True):
            values = (str(self.switches[protocol][s]) for s in self.stages[stage].switches)
            words += ["--variant", *values, *files]
        return shlex.join(words)

    def participant_list(self, which: str = "all") -> str:
        """The file that lists participants: `all`, `with_pulse` or `with_sensors`."""
        return f"{self.results}/participants/{which}.txt"

    def of_participants(self, stage: str, pattern: str) -> list[str]:
        """Return another file of every participant whose files a stage has; `{subject}` in it."""
        own = self.participants(self.stages[stage].participants)
        return [pattern.format(subject=subject) for subject in own]

    def participant_lists(self, stage: str) -> list[str]:
        """The list of participants whose files a stage has; none where all are of clips."""
        participants = self.stages[stage].participants
        return [self.participant_list(participants)] if participants else []

    def shared_patterns(self, stage: str, protocol: str) -> list[str]:
        """Files of a stage below a protocol's folder; those of participants as one pattern."""
        if self.stages[stage].participants:
            return list(self.stages[stage].files)
        return self.stage_files(stage, protocol)

    def predictions(self, models: Iterable[str], protocol: str = "{protocol}") -> list[str]:
        """Predictions of models in every fold: all folds of the first, then of the second, ..."""
        pattern = f"{self.results}/{protocol}/models/"
        return [
            f"{pattern}{model}/fold{fold}/predictions.parquet"
            for model in models
            for fold in self.folds
        ]

    def predictions_pattern(self, protocol: str, model: str = "{model}") -> str:
        """Predictions of a model, or of any: `{model}` and `{fold}` are to be filled in."""
        return f"{self.results}/{protocol}/models/{model}/fold{{fold}}/predictions.parquet"

    def network_patterns(self, model: str, protocol: str) -> list[str]:
        """Predictions of every network of a model, `{fold}` to be filled in: one for each seed."""
        folder = f"{self.results}/{self.owner(f'models/{model}', protocol)}/models/{model}"
        seeds = range(2, self.network_seeds(protocol) + 1)
        parts = ["seed1/" if self.averages(protocol) else "", *(f"seed{n}/" for n in seeds)]
        return [f"{folder}/fold{{fold}}/{part}predictions.parquet" for part in parts]

    def network_predictions(self, model: str, protocol: str) -> list[str]:
        """Predictions of every network of a model: all folds of a seed, seed by seed."""
        patterns = self.network_patterns(model, protocol)
        return [pattern.format(fold=fold) for pattern in patterns for fold in self.folds]

    def network_options(self, protocol: str) -> str:
        """Predictions of every network, as options: a pattern for each model and seed."""
        words: list[str] = []
        for model in self.networks:
            words += ["--model", model, *self.network_patterns(model, protocol)]
        return shlex.join(words)

    def statistics_pattern(self, protocol: str) -> str:
        """Any table of any model: `{model}` and `{table}` are to be filled in."""
        return f"{self.results}/{protocol}/statistics/{{model}}/{{table}}.tsv"

    def statistics(
        self, models: Iterable[str], tables: Sequence[str], protocol: str = "{protocol}"
    ) -> list[str]:
        """Statistics of models: all tables of the first, then of the second, ..."""
        folder = f"{self.results}/{protocol}/statistics"
        return [f"{folder}/{model}/{table}.tsv" for model in models for table in tables]

    def uses(self, model: str, *modalities: str) -> bool:
        """Whether a model uses any of these modalities; published predictions use none."""
        return bool(set(modalities) & set(self.about_model(model).get("modalities", ())))

    def model_inputs(self, model: str, protocol: str) -> list[str]:
        """Pulse, sensors and features of a model, where they are computed for `protocol`."""
        found: list[str] = []
        if self.uses(model, "pulse"):
            found += [self.participant_list("with_pulse"), *self.at_owner("pulse_10hz", protocol)]
        if self.uses(model, *SENSOR_TYPES):
            found += [self.participant_list("with_sensors")]
            found += self.at_owner("sensors_10hz", protocol)
        if self.uses(model, "visual", "acoustic"):
            found += self.at_owner("stimuli", protocol)
        for name in self.feature_sets:
            found += self.set_files(name, protocol) if self.uses(model, name) else []
        return found

    def input_options(self, models: Iterable[str], protocol: str) -> str:
        """Patterns of pulse, sensors and features that any of these models uses, as options."""
        words: list[str] = []
        if any(self.uses(model, "pulse") for model in models):
            words += ["--pulse", self.pattern_at_owner("pulse_10hz", protocol)]
            words += ["--with-pulse", self.participant_list("with_pulse")]
        if any(self.uses(model, *SENSOR_TYPES) for model in models):
            words += ["--sensors", self.pattern_at_owner("sensors_10hz", protocol)]
            words += ["--with-sensors", self.participant_list("with_sensors")]
        if any(self.uses(model, "visual", "acoustic") for model in models):
            words += ["--stimuli", self.pattern_at_owner("stimuli", protocol)]
        sets = [n for n in self.feature_sets if any(self.uses(model, n) for model in models)]
        for name in sets:
            pattern = self.set_pattern(name, protocol)
            words += ["--features", name, self.set_streams[name], pattern]
        if "--stimuli" in words or sets:
            for stream in STREAMS:
                without = [code for code in self.stimuli if code not in self.clips_with(stream)]
                words += [f"--without-{stream}", *without] if without else []
        return shlex.join(words)

    def model_options(self, model: str, protocol: str) -> str:
        """What a model is trained on, as options: its modalities and where their files are."""
        words = ["--modalities", *self.about_model(model)["modalities"]]
        return f"{shlex.join(words)} {self.input_options([model], protocol)}"

    @property
    def trained_in(self) -> str:
        """A wildcard constraint: protocols that train the model named after them in the path."""
        return self._owners_of([f"models/{model}" for model in self.models])

    def networks_trained_in(self, *, averaged: bool) -> str:
        """The same of networks, where several make the model together or where the first one is it.

        Parameters
        ----------
        averaged : which of both.
        """
        stages = [f"models/{model}" for model in self.networks]
        kept = [p for p in self.protocols if self.averages(p) == averaged]
        return self._owners_of(stages, kept)

    @property
    def values_trained_in(self) -> str:
        """The same of models of the reported value."""
        return self._owners_of([f"regression/{model}" for model in self.value_models])

    def _owners_of(self, stages: Iterable[str], among: Collection[str] | None = None) -> str:
        found = [
            f"{protocol}(?=/{re.escape(stage)}/)"
            for stage in stages
            for protocol in self.owners[stage]
            if among is None or protocol in among
        ]
        return "|".join(found) or "(?!)"

    def value_predictions(self, models: Iterable[str], protocol: str = "{protocol}") -> list[str]:
        """Predicted values of models in every fold: all folds of the first, then of the second."""
        pattern = self.value_predictions_pattern(protocol)
        return [
            pattern.replace("{model}", model).replace("{fold}", str(fold))
            for model in models
            for fold in self.folds
        ]

    def value_predictions_pattern(self, protocol: str) -> str:
        """Predicted values of any model: `{model}` and `{fold}` are to be filled in."""
        return f"{self.results}/{protocol}/regression/{{model}}/fold{{fold}}/predictions.parquet"

    def trained(self, model: str, protocol: str = "{protocol}") -> list[str]:
        """The trained model of every fold; of every network, where their mean is the model."""
        return [
            pattern.replace("{fold}", str(fold))
            for pattern in self.weights_patterns(model, protocol)
            for fold in self.folds
        ]

    def weights_patterns(self, model: str, protocol: str = "{protocol}") -> list[str]:
        """The file of a trained model, `{fold}` to be filled in; one for each network of a mean."""
        name = MODEL_KINDS[self.models[model]["kind"]].weights
        found = [f"{self.results}/{protocol}/models/{model}/fold{{fold}}/{name}"]
        if model in self.networks and self.averages(protocol):
            folder = f"{self.results}/{self.owner(f'models/{model}', protocol)}/models/{model}"
            seeds = range(2, self.network_seeds(protocol) + 1)
            found += [f"{folder}/fold{{fold}}/seed{n}/{name}" for n in seeds]
        return found

    # Models of all people and clips, and their bundle

    def model_folder(self, model: str, protocol: str) -> str:
        """Folder of a model, where it is trained for `protocol`.

        Parameters
        ----------
        model : `regression/<name>` is one of the reported value.
        """
        stage = model if model.startswith("regression/") else f"models/{model}"
        return f"{self.results}/{self.owner(stage, protocol)}/{stage}"

    def final_seeds(self, model: str, protocol: str) -> range:
        """Numbers of the networks of all trials, from 1; one of what is no network."""
        several = model in self.networks
        return range(1, 1 + (self.network_seeds(protocol) if several else 1))

    def weights_name(self, model: str) -> str:
        """Name of the file of a trained model."""
        kind = self.about_model(model)["kind"]
        of_values = model.startswith("regression/")
        return VALUE_MODEL_KINDS[kind].weights if of_values else MODEL_KINDS[kind].weights

    def final_weights(self, model: str, protocol: str) -> list[str]:
        """Files of the model of all trials, one for each seed."""
        folder, name = f"{self.model_folder(model, protocol)}/final", self.weights_name(model)
        parts = ["" if seed == 1 else f"seed{seed}/" for seed in self.final_seeds(model, protocol)]
        return [f"{folder}/{part}{name}" for part in parts]

    def fold_weights(self, model: str, protocol: str) -> list[str]:
        """Files of the models of the folds: of each fold those that make the model together.

        All folds of the first seed, then of the second.
        """
        patterns = self.fold_patterns(model, protocol)
        return [pattern.format(fold=fold) for pattern in patterns for fold in self.folds]

    def fold_patterns(self, model: str, protocol: str) -> list[str]:
        """These files, one pattern for each seed: `{fold}` is to be filled in."""
        folder, name = self.model_folder(model, protocol), self.weights_name(model)
        seeds = self.final_seeds(model, protocol) if self.makes_mean(model, protocol) else [1]
        parts = ["" if seed == 1 else f"seed{seed}/" for seed in seeds]
        return [f"{folder}/fold{{fold}}/{part}{name}" for part in parts]

    def makes_mean(self, model: str, protocol: str) -> bool:
        """Whether a model is the mean of networks that differ in their seed."""
        return self.averages(protocol) and model in self.networks

    def history_patterns(self, model: str, protocol: str) -> list[str]:
        """When each network of a model was selected: `{fold}` is to be filled in."""
        folder = self.model_folder(model, protocol)
        seeds = self.final_seeds(model, protocol)
        parts = ["" if seed == 1 else f"seed{seed}/" for seed in seeds]
        return [f"{folder}/fold{{fold}}/{part}history.tsv" for part in parts]

    def histories(self, model: str, protocol: str) -> list[str]:
        """These files of every fold."""
        patterns = self.history_patterns(model, protocol)
        return [pattern.format(fold=fold) for pattern in patterns for fold in self.folds]

    @property
    def bundled_models(self) -> list[str]:
        """Models of a bundle: all that are trained; `regression/<name>` predicts the value."""
        return [*self.models, *(f"regression/{name}" for name in self.value_models)]

    @property
    def bundled_protocols(self) -> list[str]:
        """Protocols that can have a bundle: where models are trained that a file is enough for."""
        wanted = {"visual", "acoustic", *FEATURE_SETS}
        wanted |= {n for n, a in self.networks_of_features.items() if a["path"].endswith(".onnx")}
        able = [m for m in self.bundled_models if {*self.about_model(m)["modalities"]} <= wanted]
        return self.protocols if able else []

    def bundle_folder(self, protocol: str) -> str:
        """Folder of the bundle of a protocol."""
        return f"{self.results}/{protocol}/bundle"

    def bundle(self, protocol: str) -> str:
        """The file that stands for the whole of it."""
        return f"{self.bundle_folder(protocol)}/bundle.json"

    def bundle_inputs(self, protocol: str) -> list[str]:
        """Every trained model of a bundle, its test predictions, and the features of the clips."""
        found: list[str] = []
        for model in self.bundled_models:
            found += self.final_weights(model, protocol) + self.fold_weights(model, protocol)
            found += self._tested(model, protocol)
        for name in self.feature_sets:
            found += self.set_files(name, protocol)
        extracted = any(self.uses(model, "visual", "acoustic") for model in self.bundled_models)
        return [*found, *(self.at_owner("stimuli", protocol) if extracted else [])]

    def _tested(self, model: str, protocol: str) -> list[str]:
        """Test predictions of a model."""
        name = model.removeprefix("regression/")
        of_values = name != model
        return (self.value_predictions if of_values else self.predictions)([name], protocol)

    def bundle_tables(self, protocol: str) -> list[str]:
        """Every table of scores that a bundle tells."""
        found = self.statistics([*self.models, *self.baselines], ("pooled", "within"), protocol)
        found += [f"{self.results}/{protocol}/statistics/verdicts.tsv"] if self.with_verdict else []
        return found + (self.value_tables(protocol)[:1] if self.value_models else [])

    def bundle_options(self, protocol: str) -> str:
        """Where a bundle finds trials, features and scores, as options of its script."""
        folder = f"{self.results}/{protocol}/statistics"
        words = ["--statistics", self.statistics_pattern(protocol)]
        words += ["--verdicts", f"{folder}/verdicts.tsv"] if self.with_verdict else []
        words += ["--values", self.value_tables(protocol)[0]] if self.value_models else []
        inputs = self.input_options(self.bundled_models, protocol)
        return f"{shlex.join(words)} {inputs} {self.trial_options} {self.clip_paths}"

    def bundle_text(self, protocol: str) -> str:
        """What a bundle says of its study, as one argument of a script (JSON).

        Files of folds and seeds are patterns; `{fold}` is to be filled in.
        """
        report, target = self.config["report"], self.config["responses"]["target"]
        study = {
            "study": self.config["study"],
            "title": report["title"],
            "protocol": protocol,
            "switches": self.switches[protocol],
            "simulated": bool(self.config["data"]["simulation"] or report["simulated"]),
            "target": {
                "dimension": target["dimension"],
                "kind": dimensions_of(self.config)[target["dimension"]],
                "above": target["above"],
                "condition": self.target,
            },
            "held_out": HELD_OUT[self.scheme],
        }
        models = {model: self._bundled(model, protocol) for model in self.bundled_models}
        about = {
            "study": study,
            "models": models,
            "baselines": list(self.baselines),
            "value_baselines": list(self.value_baselines),
            "features": self._settings_of_sets,
        }
        return json.dumps(about, ensure_ascii=False)

    @property
    def _settings_of_sets(self) -> dict[str, Any]:
        """What stands under `features` of the sets in use."""
        known = [name for name in self.feature_sets if name in FEATURE_SETS]
        networks = {n: a for n, a in self.networks_of_features.items() if n in self.feature_sets}
        return {n: self.config["features"][n] for n in known} | {"networks": networks}

    def _bundled(self, model: str, protocol: str) -> dict[str, Any]:
        about, name = self.about_model(model), model.removeprefix("regression/")
        of_values = name != model
        pattern = self.value_predictions_pattern if of_values else self.predictions_pattern
        return {
            "kind": about["kind"],
            "predicts": "value" if of_values else "probability",
            "modalities": list(about["modalities"]),
            "averaged": self.makes_mean(model, protocol),
            "final": self.final_weights(model, protocol),
            "folds": self.fold_patterns(model, protocol),
            "predictions": pattern(protocol).replace("{model}", name),
        }

    # Models trained again on moved reports

    def retrainings(self, protocol: str) -> dict[str, int]:
        """Model -> shifts of the reports on which it is trained again; without those with none."""
        if self.switches[protocol]["tracking_test"] != "retrained":
            return {}
        wanted = self.config["statistics"]["retrainings"]
        found = {m: int(wanted.get(about["kind"], 0)) for m, about in self.models.items()}
        return {model: shifts for model, shifts in found.items() if shifts}

    @cached_property
    def retrained_in(self) -> list[str]:
        """Protocols that test tracking by models that are trained again."""
        return [protocol for protocol in self.protocols if self.retrainings(protocol)]

    @property
    def retrained_models(self) -> list[str]:
        """Models that any protocol trains again."""
        every = [model for protocol in self.retrained_in for model in self.retrainings(protocol)]
        return list(dict.fromkeys(every))

    def retrained(self, protocol: str) -> list[str]:
        """The table of these tests; none where the protocol does without."""
        path = f"{self.results}/{protocol}/statistics/retrained.tsv"
        return [path] if protocol in self.retrained_in else []

    def retrained_owner(self, model: str, protocol: str) -> str:
        """Return the protocol that trains a model again for `protocol`."""
        # Which networks make the model, and how p is counted, moves nothing here.
        stage = self.stages[f"models/{model}"]
        switches = [s for s in stage.switches if s != "network_predictions"]

        def key(other: str) -> tuple[object, ...]:
            return tuple(self.switches[other][s] for s in switches)

        return next(p for p in sorted(self.retrained_in) if key(p) == key(protocol))

    def shifts_of_parts(self, model: str) -> list[list[int]]:
        """Numbers of the shifts that each part trains a model on; parts run side by side."""
        shifts = max(self.retrainings(p).get(model, 0) for p in self.protocols)
        size = MODEL_KINDS[self.models[model]["kind"]].retrained_at_once
        every = list(range(1, shifts + 1))
        return [every[start : start + size] for start in range(0, shifts, size)]

    def retrained_pattern(self, model: str, protocol: str) -> str:
        """Scores of a model trained again: `{fold}` and `{part}` are to be filled in."""
        folder = f"{self.results}/{self.retrained_owner(model, protocol)}/models/{model}"
        return f"{folder}/fold{{fold}}/retrained/part{{part}}.parquet"

    def retrained_scores(self, protocol: str) -> list[str]:
        """Every file that tests of tracking read: of each model, its predictions and all parts."""
        found: list[str] = []
        for model in self.retrainings(protocol):
            found += [self._first_network(model, protocol).format(fold=k) for k in self.folds]
            pattern = self.retrained_pattern(model, protocol)
            parts = range(1, len(self.shifts_of_parts(model)) + 1)
            found += [pattern.format(fold=k, part=part) for k in self.folds for part in parts]
        return found

    def retrained_options(self, protocol: str) -> str:
        """These files as options: two patterns for each model, and its number of parts."""
        words: list[str] = []
        for model in self.retrainings(protocol):
            patterns = (
                self._first_network(model, protocol),
                self.retrained_pattern(model, protocol),
            )
            words += ["--model", model, *patterns, str(len(self.shifts_of_parts(model)))]
        return shlex.join(words)

    def _first_network(self, model: str, protocol: str) -> str:
        """Predictions of a model, of a network those of its first seed; `{fold}` in it."""
        if model in self.networks:
            return self.network_patterns(model, protocol)[0]
        return self.predictions_pattern(protocol, model)

    @property
    def retrained_by(self) -> str:
        """A wildcard constraint: protocols that train the model after them in the path again."""
        found = dict.fromkeys(
            f"{self.retrained_owner(model, protocol)}(?=/{re.escape(f'models/{model}')}/)"
            for protocol in self.retrained_in
            for model in self.retrainings(protocol)
        )
        return "|".join(found) or "(?!)"

    @property
    def perturbed_models(self) -> list[str]:
        """Models that are shown perturbed features."""
        return list(dict.fromkeys(model for model, _ in self.perturbed.values()))

    def perturbed_options(self, protocol: str) -> str:
        """The trained models, and the predictions to make of them, as options."""
        words: list[str] = []
        for model in self.perturbed_models:
            about = self.models[model]
            first, *further = self.weights_patterns(model, protocol)
            words += ["--model", model, first, *about["modalities"]]
            words += ["--averaged", model, *further] if further else []
        for name, (model, perturbation) in self.perturbed.items():
            words += ["--set", name, model, perturbation]
        return f"{shlex.join(words)} {self.input_options(self.perturbed_models, protocol)}"

    def perturbed_inputs(self, protocol: str) -> list[str]:
        """Every file that perturbed models read, beside folds and ratings."""
        parts = [
            [*self.trained(model, protocol), *self.model_inputs(model, protocol)]
            for model in self.perturbed_models
        ]
        return list(dict.fromkeys(path for part in parts for path in part))
