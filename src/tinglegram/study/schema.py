"""The schema of the configuration, made from every declaration of a setting.

`make configuration` writes it to workflow/schemas/, where an editor reads it, and its table into
docs/configuration.md. Planning reads the written schema, because importing all stages takes long.
"""

import copy
import json
from collections.abc import Mapping
from typing import Any

from tinglegram.behaviour.agreement import AgreementDraws
from tinglegram.behaviour.reliability import ReliabilityDraws
from tinglegram.behaviour.responses import ResponseDimensions, ResponseTarget
from tinglegram.behaviour.timeline import ClipEnds, RatingKeys
from tinglegram.behaviour.wording import ResponseWord
from tinglegram.bundles.settings import BundleTerms
from tinglegram.clock import Timing
from tinglegram.formats.biopac import BiopacExport
from tinglegram.inference.resampling import Resamples
from tinglegram.inference.seeding import Seeding
from tinglegram.inputs.inventory import Problems
from tinglegram.models.settings import (
    Beside,
    Boosting,
    Device,
    Models,
    NetworkAverage,
    NetworkInput,
    NetworkTraining,
    Replicates,
    TrackingTest,
)
from tinglegram.models.value_settings import RidgeFit, ValueModels
from tinglegram.pulse.alignment import ClockAlignment
from tinglegram.pulse.beats import BeatLimits, PulseMethods
from tinglegram.pulse.continuity import Continuity
from tinglegram.pulse.coupling import Coupling, CouplingTest
from tinglegram.pulse.epochs import Margins, Slicing
from tinglegram.pulse.heart_windows import HeartQuality
from tinglegram.pulse.lagged import LaggedCoupling
from tinglegram.pulse.locked import LockedAverage
from tinglegram.pulse.long_windows import LongWindows
from tinglegram.pulse.quality import Quality
from tinglegram.pulse.recordings import PulseSource
from tinglegram.pulse.rest_change import ChangeInterval
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.windows import WindowClock, Windowing
from tinglegram.readers.clocks import ClockLimits
from tinglegram.report.items import Tinglegrams
from tinglegram.sensors.settings import SensorChannels, SensorMethods
from tinglegram.settings import Setting, fields_of, only, schema_of, section_schema, walk
from tinglegram.simulation.clip_format import SimulatedClips
from tinglegram.simulation.design import Reporting, SimulatedStudy
from tinglegram.simulation.pulse_wave import Cardiac
from tinglegram.statistics.calibration import CalibrationCurve
from tinglegram.statistics.comparison import ModelComparison
from tinglegram.statistics.covariates import Covariates
from tinglegram.statistics.decisions import VerdictRule
from tinglegram.statistics.events import EventMatching
from tinglegram.statistics.response_function import ResponseFunction
from tinglegram.statistics.trial_level import TrialLevel
from tinglegram.stimuli.findings import ClipProblems
from tinglegram.stimuli.settings import (
    AcousticFeatures,
    FeatureVariant,
    SoundBands,
    VisualFeatures,
)
from tinglegram.study.settings import Published, RawData, ReportContent, Stimuli, Study
from tinglegram.trials.folds import FoldScheme
from tinglegram.trials.trials import Scoring

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# Every class of settings, in the order of config.yaml: sections stand where their first key does.
CLASSES: tuple[type, ...] = (
    Study,
    Seeding,
    RawData,
    Problems,
    ClipProblems,
    ClockLimits,
    only(SimulatedStudy, "participants", "rests"),
    Reporting,
    only(Cardiac, "resting", "coupling", "rest_change", "drift", "noise"),
    SimulatedStudy,
    SimulatedClips,
    Published,
    Stimuli,
    Timing,
    ClipEnds,
    RatingKeys,
    PulseSource,
    ResponseDimensions,
    ResponseTarget,
    BiopacExport,
    ClockAlignment,
    Windowing,
    BeatLimits,
    Margins,
    Coupling,
    LongWindows,
    LaggedCoupling,
    LockedAverage,
    Continuity,
    RestEpochs,
    Quality,
    HeartQuality,
    SensorChannels,
    SensorMethods,
    VisualFeatures,
    AcousticFeatures,
    SoundBands,
    FoldScheme,
    Models,
    Beside,
    ValueModels,
    RidgeFit,
    Device,
    Replicates,
    NetworkTraining,
    Boosting,
    only(ModelComparison, "reference"),
    Resamples,
    AgreementDraws,
    ReliabilityDraws,
    TrackingTest,
    ResponseFunction,
    ModelComparison,
    TrialLevel,
    EventMatching,
    CalibrationCurve,
    VerdictRule,
    Covariates,
    only(ReportContent, "title"),
    ResponseWord,
    ReportContent,
    Tinglegrams,
    BundleTerms,
)
# Classes that hold switches alone, beside those above.
SWITCHING: tuple[type, ...] = (
    Slicing,
    WindowClock,
    PulseMethods,
    CouplingTest,
    ChangeInterval,
    FeatureVariant,
    Scoring,
    NetworkInput,
    NetworkAverage,
)
SECTIONS = {
    "data": "Raw data, and what becomes of problems in them.",
    "data.problems": "What becomes of a person or trial whose raw files have a problem: error "
    "stops the study, exclude_trial and exclude_subject leave out; nothing is ever filled in.",
    "data.clocks": "How far clocks and rates of a participant's files may be apart (readers other "
    "than rest_asmr).",
    "data.simulation": "A simulated study written to data.root; null: the data are real.",
    "timing": "How long clips play, and the grid of everything measured in them.",
    "responses": "What people report, and which of it is class 1.",
    "responses.target": "What class 1 is.",
    "pulse": "How the pulse is read, cut into windows and measured.",
    "pulse.quality": "Signal quality of a window; one that misses any of these is poor.",
    "sensor_methods": "How signals other than the pulse are measured.",
    "stimuli": "Features of the clips.",
    "folds": "Who trains, validates and tests on what.",
    "regression": "Models of the reported value itself, and what they stand beside.",
    "regression.ridge": "The linear model.",
    "training": "How models are trained.",
    "training.bilstm": "The network.",
    "training.xgboost": "The boosted trees.",
    "statistics": "Resampling, intervals and thresholds of the statistics.",
    "report": "What the report says and shows.",
    "bundle": "Under which terms trained models are given to others (docs/bundles.md).",
}
# Sections that may be null, and mappings whose entries an overlay may set to null.
_NULLABLE = ("data.simulation",)
_REMOVABLE = (("clips",), ("models",), ("responses", "dimensions"), ("regression", "models"))


def configuration_schema() -> dict[str, Any]:
    """Return the JSON schema of a whole configuration (draft 2020-12)."""
    tree: dict[str, Any] = {}
    for setting in walk(CLASSES):
        *sections, key = setting.path
        place = tree
        for name in sections:
            place = place.setdefault(name, {})
        place[key] = setting
    root = _section(tree, ())
    about = {"$schema": DIALECT, "title": "Configuration of a study"}
    # Nothing refers to them: `study.consistency` looks the values of a protocol up there.
    return {**about, **root, "$defs": {"switches": switch_schemas()}}


def _section(tree: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    properties = {
        name: schema_of(entry) if isinstance(entry, Setting) else _section(entry, (*path, name))
        for name, entry in tree.items()
    }
    name = ".".join(path)
    found = section_schema(properties, SECTIONS[name] if name else "")
    if name in _NULLABLE:
        found["type"] = ["object", "null"]
    return found


def overlay_schema() -> dict[str, Any]:
    """Return the JSON schema of an overlay: a part of a configuration; null takes out."""
    found = copy.deepcopy(configuration_schema())
    found["title"] = "Overlay of the configuration of a study"
    del found["$defs"]
    _relax(found)
    for path in _REMOVABLE:
        entries = found
        for name in path:
            entries = entries["properties"][name]
        entries.pop("minProperties", None)
        entry = entries["additionalProperties"]
        # An overlay may change one thing of a clip or model that is there; a new one without the
        # others is refused when everything is merged.
        _relax(entry)
        entry["type"] = ["object", "null"]
    return found


def _relax(schema: dict[str, Any]) -> None:
    """Let a section, and every section in it, lack keys."""
    schema.pop("required", None)
    for entry in schema.get("properties", {}).values():
        _relax(entry)


def switch_schemas() -> dict[str, dict[str, Any]]:
    """Return switch -> the JSON schema of its values."""
    settings = [setting for cls in (*CLASSES, *SWITCHING) for setting in fields_of(cls)]
    return {setting.name: schema_of(setting) for setting in settings if setting.is_switch}


def settings_page() -> str:
    """Return the table of all settings in Markdown, one section each."""
    parts: dict[str, list[Setting]] = {}
    for setting in walk(CLASSES):
        parts.setdefault(".".join(setting.path[:-1]), []).append(setting)
    lines = []
    for name, settings in parts.items():
        lines += [f"## {name or 'study'}", ""]
        if name:
            lines += [SECTIONS[name], ""]
        lines += ["| setting | values | default | what it is |", "|---|---|---|---|"]
        for setting in settings:
            cells = (f"`{setting.path[-1]}`", _values(setting), _default(setting), setting.help)
            lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _cell(text: str) -> str:
    """Return text that Markdown shows in a table as it stands; code keeps its brackets."""
    shown = text if text.startswith("`") else text.replace("<", "&lt;")
    return shown.replace("|", "\\|")


def _values(setting: Setting) -> str:
    # Imported here: planning needs no sentences about values.
    from tinglegram.study.configuration_values import expected

    schema = {k: v for k, v in schema_of(setting).items() if k != "description"}
    return expected(schema)


def _default(setting: Setting) -> str:
    try:
        text = json.dumps(setting.default, ensure_ascii=False)
    except TypeError:
        return "-"
    return f"`{text}`" if len(text) <= 60 else "see config.yaml"
