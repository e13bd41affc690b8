"""From a configuration and the names of raw files to the plan of a study."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from tinglegram.behaviour.responses import ResponseDimensions
from tinglegram.behaviour.timeline import ClipEnds
from tinglegram.clock import Timing
from tinglegram.errors import InputProblem
from tinglegram.inputs.exclusions import read_exclusions, require_participants
from tinglegram.inputs.inspection import Cache, inspect
from tinglegram.inputs.inventory import WITHOUT_PULSE, Design, Entry, Problems, decide
from tinglegram.inputs.offsets import read_offsets
from tinglegram.inputs.raw_files import RawFiles, absent_files, raw_files, require_plain_names
from tinglegram.provenance.code_files import code_files
from tinglegram.pulse.alignment import ClockAlignment
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.windows import Windowing
from tinglegram.readers.clocks import ClockLimits
from tinglegram.readers.inspection import (
    ReadingDesign,
    SeenPerson,
    copied_data,
    inspect_participant,
    noted_kinds,
    uneven_clocks,
)
from tinglegram.readers.parts import EVENTS, Sources, covariate_table, find_sources, parts_of
from tinglegram.readers.people import with_people, written_values
from tinglegram.readers.registry import files_of_readers
from tinglegram.sensors.settings import SENSOR_TYPES, SensorMethods
from tinglegram.settings import as_object, fields_of, value_at
from tinglegram.statistics.covariates import require_covariates
from tinglegram.study.configuration import placed, refuse_faults
from tinglegram.study.configuration_lines import KeyPlaces, place
from tinglegram.study.plan import Plan, dimensions_of
from tinglegram.study.settings import conditions_of
from tinglegram.trials.folds import (
    BY_COVARIATE,
    SUBJECT_ORDERS,
    groups_of_values,
    number_of_folds,
    unserved_fold,
)


def design_of(config: Mapping[str, Any]) -> Design:
    """Return what a session should hold by a merged configuration."""
    return Design(
        clips=conditions_of(config["clips"]),
        ratings=config["ratings"],
        timing=as_object(config, Timing),
        channel=config["pulse"]["channel"],
        sampling_rate=config["pulse"]["sampling_rate"],
        ends=as_object(config, ClipEnds),
        alignment=as_object(config, ClockAlignment),
    )


def inspecting_code(config: Mapping[str, Any], scripts: Path, source: Path) -> list[str]:
    """Return the files of ours, and readers of the user's own, that decide what inspection finds.

    Parameters
    ----------
    scripts, source : folders of our programs and of our library.
    """
    if config["data"]["reader"] == "rest_asmr" or config["data"]["root"] is None:
        return code_files(scripts / "inputs/take_inventory.py", source)
    readers = {part.reader for part in parts_of(config["data"]).values()}
    every = code_files(scripts / "readers/inspect_person.py", source)
    for file in files_of_readers(sorted(readers), source):
        every += code_files(file, source)
    return list(dict.fromkeys(every))


def policies_of(config: Mapping[str, Any]) -> dict[str, str]:
    """Return kind of problem -> decision, wherever the configuration decides by itself."""
    found = {s.name: value_at(config, s.path) for s in fields_of(Problems)}
    return {kind: decision for kind, decision in found.items() if decision != "error"}


def plan_study(
    config: Mapping[str, Any], outlines: Sequence[KeyPlaces], code: Sequence[str]
) -> tuple[Plan, Cache]:
    """Plan a study: list its raw files, leave out who is to be left out, count the folds.

    Raw files are read only where a policy decides about their problems.

    Parameters
    ----------
    config : merged and without faults.
    outlines : of its sources, so that a problem names the line it comes from.
    code : files of ours that decide what an inspection finds.

    Returns
    -------
    The plan, and what an inspection found, to be kept when the study really runs.

    Raises
    ------
    TinglegramError : raw files or exclusions that do not fit, nobody left, or impossible folds.
    """
    data, clips = config["data"], config["clips"]
    if data["reader"] != "rest_asmr" and data["root"] is not None:
        return plan_other_study(config, outlines, code)
    raw = raw_files(data["root"], data["simulation"], clips, config["seed"])
    require_plain_names([*raw.every_log, *raw.every_ppg])
    exclusions = read_exclusions(data["exclusions"], raw, clips)
    offsets = read_offsets(data["offsets"], raw)
    absent = absent_files(raw)
    # The files of a simulated study come to be in the same run and have no problems.
    simulated = data["simulation"] is not None
    policies = policies_of(config)
    cache = Cache(Path("results") / config["study"] / "inspection.json", code)
    by_policy: dict[tuple[str, str], str] = {}
    without_pulse: list[str] = []
    if policies and not (simulated and absent):
        found = inspect(raw, design_of(config), exclusions, cache, offsets)
        decided = decide(found.entries, policies, exclusions.keys(), clips)
        by_policy, without_pulse = decided.excluded, decided.without_pulse
    # The table goes before the policies; both together leave out.
    plan = Plan(
        config,
        raw=raw,
        left_out=by_policy | exclusions,
        exclusions=exclusions,
        offsets=offsets,
        without_pulse=without_pulse,
        absent=frozenset() if simulated else absent,
    )
    if data["root"] is not None:
        trained = [*plan.models, *(f"regression/{model}" for model in plan.value_models)]
        of_pulse = [model for model in trained if plan.uses(model, "pulse")]
        require_participants(raw, plan.left_out, without_pulse, data["root"], of_pulse)
    people = None
    if _asks_for_people(config):
        with placed(outlines, "data", "participants"):
            named = {"subject": [int(s) for s in raw.subjects], "participant_id": raw.subjects}
            ids = {subject: subject for subject in raw.subjects}
            people = with_people(pd.DataFrame(named), data["participants"], ids)
    return _with_folds(plan, outlines, people), cache


def _asks_for_people(config: Mapping[str, Any]) -> bool:
    """Whether statistics or folds need covariates, which are then read while planning."""
    return bool(config["statistics"]["covariates"] or config["folds"]["scheme"] == BY_COVARIATE)


def _with_folds(
    plan: Plan, outlines: Sequence[KeyPlaces], people: pd.DataFrame | None = None
) -> Plan:
    """Return a plan with its number of folds, once its models have what they need.

    `people`: their covariates, where these are asked for.
    """
    covariate, groups = plan.config["folds"]["covariate"], dict[int, str]()
    if people is not None:
        with placed(outlines, "statistics", "covariates"):
            require_covariates(people, plan.covariates)
    if people is not None and plan.scheme == BY_COVARIATE:
        with placed(outlines, "folds", "covariate"):
            require_covariates(people, [covariate])
            everybody = [int(subject) for subject in plan.subjects]
            groups = groups_of_values(written_values(people, covariate), everybody, covariate)
    refuse_missing_modalities(plan, outlines)
    if not plan.scored and not plan.value_models:
        return plan
    folds = plan.config["folds"]
    with placed(outlines, "folds", "number"):
        n_folds = number_of_folds(
            folds["scheme"],
            folds["number"],
            n_participants=len(plan.subjects),
            clips=plan.conditions,
            groups=groups,
        )
    plan = replace(plan, n_folds=n_folds)
    refuse_unserved_folds(plan, outlines, groups)
    return plan


def refuse_unserved_folds(
    plan: Plan, outlines: Sequence[KeyPlaces], groups: Mapping[int, str]
) -> None:
    """Raise TinglegramError, naming the line, where a fold has nobody with what a model uses.

    `groups` : participant -> value of the covariate by which folds are made.
    """
    refuse_faults(
        f"{place(_place_of(name), outlines)}: {sentence}"
        for name, sentence in _unserved(plan, groups)
    )


def _unserved(plan: Plan, groups: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """Yield each model that a fold has nobody to test or to train by, and a sentence.

    By its place in the configuration, as `Plan.model_faults`.
    """
    orders = dict.fromkeys(str(plan.switches[p]["subject_order"]) for p in plan.protocols)
    models = {name: about["modalities"] for name, about in plan.models.items()}
    models |= {
        f"regression.models.{name}": about["modalities"]
        for name, about in plan.value_models.items()
    }
    for name, modalities in models.items():
        # Sounds and pictures are everybody's.
        used = [m for m in modalities if m == "pulse" or m in SENSOR_TYPES]
        having = [
            int(subject)
            for subject in plan.subjects
            if ("pulse" not in used or subject in plan.with_pulse)
            and (used in ([], ["pulse"]) or subject in plan.with_sensors)
        ]
        for order in orders:
            subjects = sorted(map(int, plan.subjects), key=SUBJECT_ORDERS[order])
            about = (plan.scheme, subjects, plan.conditions, plan.n_folds, groups, having)
            found = unserved_fold(*about)
            if found:
                lacking = [f"{s:03d}" for s in subjects if s not in having]
                yield (
                    name,
                    f"{name if '.' in name else f'models.{name}'}.modalities: fold {found[0]} has "
                    f"no {found[1]} trial with {' and '.join(used)}, which {', '.join(lacking)} "
                    "of the participants do not have. Name others, leave out who has none "
                    "(data: exclusions), or choose another folds: scheme",
                )
                break


def refuse_missing_modalities(plan: Plan, outlines: Sequence[KeyPlaces]) -> None:
    """Raise TinglegramError, naming the line, where a model asks for what the study lacks."""
    refuse_faults(
        f"{place(_place_of(name), outlines)}: {sentence}" for name, sentence in plan.model_faults()
    )


def _place_of(model: str) -> list[str]:
    """Return where a model stands in the configuration, by its name in `Plan.model_faults`."""
    return model.split(".") if "." in model else ["models", model]


def reading_design_of(config: Mapping[str, Any]) -> ReadingDesign:
    """Return what a merged configuration says of everybody whom another reader reads."""
    timing = as_object(config, Timing)
    return ReadingDesign(
        conditions_of(config["clips"]),
        Plan(config).lengths,
        as_object(config, ResponseDimensions).dimensions,
        config["responses"]["target"]["dimension"],
        timing.warm_up,
        timing.grid,
        as_object(config, ClipEnds).shortfall,
        config["pulse"]["signal"],
        as_object(config, Windowing),
        as_object(config, BeatLimits),
        as_object(config, RestEpochs),
        as_object(config, ClockLimits),
        noted_kinds(config["data"]["problems"]),
        Plan(config).sensors,
        as_object(config, SensorMethods),
    )


class OtherInspection(NamedTuple):
    """What was found in everybody's files: what was read of each participant, and all entries."""

    seen: dict[str, SeenPerson]
    entries: list[Entry]

    @property
    def trials(self) -> dict[str, list[str]]:
        """Participant -> names of the trials, as exclusions name them."""
        return {subject: seen["trials"] for subject, seen in self.seen.items()}


def inspect_others(
    config: Mapping[str, Any],
    sources: Sources,
    exclusions: Mapping[tuple[str, str], str],
    cache: Cache | None = None,
) -> OtherInspection:
    """Read everybody whom the table of exclusions does not leave out, by their readers.

    Parameters
    ----------
    config : merged and without faults.
    exclusions : (subject, video or *) -> reason.
    cache : remembers files inspected before.
    """
    design = reading_design_of(config)
    seen: dict[str, SeenPerson] = {}
    entries: list[Entry] = []
    for subject in sources.ids:
        if (subject, "*") in exclusions:
            continue
        left_out = sorted(video for s, video in exclusions if s == subject)
        look = partial(inspect_participant, subject, sources, design, left_out)
        if cache is None:
            seen[subject], own = look()
        else:
            parts = sources.as_text(subject, *sources.parts)
            about = repr((subject, sources.ids[subject], parts, design, left_out))
            paths = sources.used(subject, *sources.parts)
            seen[subject], own = cache.recall(paths, about, look)
        entries += own
    found = OtherInspection(seen, uneven_clocks(entries, seen))
    # As in a run, only what is used is compared.
    decided = decide(
        found.entries, policies_of(config), exclusions.keys(), config["clips"], found.trials
    )
    without_signals = () if design.sensors else decided.without_pulse
    contents = {
        sources.ids[subject]: {
            what: digest
            for what, digest in own["contents"].items()
            if subject not in without_signals or what.startswith("responses ")
        }
        for subject, own in seen.items()
        if (subject, "*") not in decided.excluded
    }
    return found._replace(entries=[*found.entries, *copied_data(contents)])


def other_raw_files(config: Mapping[str, Any], sources: Sources) -> RawFiles:
    """Return the files of a study that another reader than `rest_asmr` reads."""
    data = config["data"]
    folder = f"{data['root']}/{data['stimuli']}"
    clips = {
        c: f"{folder}/{clip['file']}" for c, clip in config["clips"].items() if clip.get("file")
    }
    files = {part: {s: own[0] for s, own in of.items()} for part, of in sources.files.items()}
    every = [path for s in sources.ids for path in sources.used(s, *sources.parts)]
    # Who has no file of events is one of the study's nevertheless.
    unclear = [
        (s, InputProblem(name, expected="files of events", found="none", remedy="Add them."))
        for s, name in sources.ids.items()
        if s not in files[EVENTS]
    ]
    of_signals = files[sources.of_signals()]
    return RawFiles(files[EVENTS], of_signals, clips, tuple(unclear), tuple(every))


def plan_other_study(
    config: Mapping[str, Any], outlines: Sequence[KeyPlaces], code: Sequence[str]
) -> tuple[Plan, Cache]:
    """Plan a study that another reader than `rest_asmr` reads; see `plan_study`.

    Who takes part is known by the names of files. Files are read only where a policy decides about
    their problems; else what is amiss in them stops the job that reads.
    """
    data = config["data"]
    with placed(outlines, "data", "reader"):
        sources = find_sources(data, Plan(config).lengths, dimensions_of(config))
    raw = other_raw_files(config, sources)
    require_plain_names(raw.every_log)
    exclusions = read_exclusions(data["exclusions"], raw, config["clips"], sources.ids)
    cache = Cache(Path("results") / config["study"] / "inspection.json", code)
    found = OtherInspection({}, [])
    if policies_of(config):
        found = inspect_others(config, sources, exclusions, cache)
    return plan_of_others(config, outlines, sources, exclusions, found), cache


def plan_of_others(
    config: Mapping[str, Any],
    outlines: Sequence[KeyPlaces],
    sources: Sources,
    exclusions: Mapping[tuple[str, str], str],
    found: OtherInspection,
) -> Plan:
    """Return the plan of a study that another reader reads, once its policies are applied.

    Raises
    ------
    TinglegramError : nobody is left, or models and folds that do not fit who is.
    """
    raw = other_raw_files(config, sources)
    decided = decide(
        found.entries, policies_of(config), exclusions.keys(), config["clips"], found.trials
    )
    left_out = decided.excluded | dict(exclusions)
    # Models that use a pulse that nobody has: `Plan.model_faults`, which names their lines.
    settings = "data.root and data.exclusions"
    if len(left_out) > len(exclusions):
        settings = "data.root, data.exclusions and data.problems"
    require_participants(raw, left_out, [], config["data"]["root"], folders="", settings=settings)
    lacking = {s for s in sources.ids if s not in raw.ppgs} | set(decided.without_pulse)
    lacking |= {*sources.without_pulse}
    unreadable = {
        e.subject
        for e, decision in zip(found.entries, decided.decisions, strict=True)
        if e.kind == "unreadable_pulse" and decision == WITHOUT_PULSE
    }
    plan = Plan(
        config,
        raw=raw,
        left_out=left_out,
        exclusions=exclusions,
        without_pulse=[s for s in sources.ids if config["pulse"]["signal"] is None or s in lacking],
        absent=absent_files(raw),
        sources=sources.passing_over(unreadable) if unreadable else sources,
    )
    people = None
    if _asks_for_people(config):
        with placed(outlines, "data", "reader"):
            about = (plan.lengths, dimensions_of(config), config["data"]["participants"])
            people = covariate_table(sources, *about)
    return _with_folds(plan, outlines, people)
