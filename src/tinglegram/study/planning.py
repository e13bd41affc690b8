"""From a configuration and the names of raw files to the plan of a study."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from tinglegram.behaviour.timeline import ClipEnds
from tinglegram.clock import Timing
from tinglegram.inputs.exclusions import read_exclusions, require_participants
from tinglegram.inputs.inspection import Cache, inspect
from tinglegram.inputs.inventory import Design, Problems, decide
from tinglegram.inputs.offsets import read_offsets
from tinglegram.inputs.raw_files import RawFiles, absent_files, raw_files, require_plain_names
from tinglegram.pulse.alignment import ClockAlignment
from tinglegram.readers.parts import EVENTS, covariate_table, find_sources
from tinglegram.readers.people import with_people, written_values
from tinglegram.settings import as_object, fields_of, value_at
from tinglegram.statistics.covariates import require_covariates
from tinglegram.study.configuration import placed, refuse_faults
from tinglegram.study.configuration_lines import KeyPlaces, place
from tinglegram.study.plan import Plan, dimensions_of
from tinglegram.study.settings import conditions_of
from tinglegram.trials.folds import BY_COVARIATE, groups_of_values, number_of_folds


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
        of_pulse = [model for model in plan.models if plan.uses(model, "pulse")]
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
    refuse_faults(
        f"{place(['models', name], outlines)}: {sentence}" for name, sentence in plan.model_faults()
    )
    if not plan.scored:
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
    return replace(plan, n_folds=n_folds)


def plan_other_study(
    config: Mapping[str, Any], outlines: Sequence[KeyPlaces], code: Sequence[str]
) -> tuple[Plan, Cache]:
    """Plan a study that another reader than `rest_asmr` reads; see `plan_study`.

    Who takes part is known by the names of files; what is amiss in them stops the job that reads.
    """
    data = config["data"]
    with placed(outlines, "data", "reader"):
        sources = find_sources(data, Plan(config).lengths, dimensions_of(config))
    folder = f"{data['root']}/{data['stimuli']}"
    clips = {
        c: f"{folder}/{clip['file']}" for c, clip in config["clips"].items() if clip.get("file")
    }
    files = {part: {s: own[0] for s, own in of.items()} for part, of in sources.files.items()}
    every = [path for s in sources.ids for path in sources.used(s, *sources.parts)]
    raw = RawFiles(files[EVENTS], files[sources.of_signals()], clips, (), tuple(every))
    require_plain_names(every)
    exclusions = read_exclusions(data["exclusions"], raw, config["clips"], sources.ids)
    # Models that use a pulse that nobody has: `Plan.model_faults`, which names their lines.
    settings = "data.root and data.exclusions"
    require_participants(raw, exclusions, [], data["root"], folders="", settings=settings)
    lacking = [s for s in sources.ids if s not in raw.ppgs]
    plan = Plan(
        config,
        raw=raw,
        left_out=exclusions,
        exclusions=exclusions,
        without_pulse=list(sources.ids) if config["pulse"]["signal"] is None else lacking,
        absent=absent_files(raw),
        sources=sources,
    )
    people = None
    if _asks_for_people(config):
        with placed(outlines, "data", "reader"):
            about = (plan.lengths, dimensions_of(config), data["participants"])
            people = covariate_table(sources, *about)
    cache = Cache(Path("results") / config["study"] / "inspection.json", code)
    return _with_folds(plan, outlines, people), cache
