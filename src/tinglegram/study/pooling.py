"""The overlay that `tinglegram pool` writes: people of several finished studies in one.

People keep their ids behind the name of their study. Clips that are the same file are one clip;
other clips of one name are kept apart. What studies must share (the target of the responses) is
refused where they do not, and what only a person can decide is asked in the overlay.
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tinglegram.behaviour.responses import Dimension
from tinglegram.behaviour.showings import AT
from tinglegram.errors import InputProblem
from tinglegram.readers.canonical_tables import STUDY
from tinglegram.sensors.settings import SENSOR_TYPES
from tinglegram.settings import fields_of
from tinglegram.study.settings import stimulus_of
from tinglegram.study.starting_overlay import (
    OF_REST_ASMR,
    numbered_names,
    overlay_of_parts,
    question_lines,
    starting_models,
)
from tinglegram.trials.folds import BY_COVARIATE
from tinglegram.trials.trials import EVERY_MODALITY

# Settings that pooled studies take over where all of them agree; how trials and signals are read
# is the reader's matter.
TAKEN_OVER = (
    *("seed", "timing", "pulse", "sensors", "sensor_methods", "stimuli", "features"),
    *("controls", "regression", "training", "statistics"),
)
_NOT_TAKEN = {
    *(("timing", "clip"), ("timing", "first_trial"), ("pulse", "signal"), ("pulse", "channel")),
    *(("pulse", "sampling_rate"), ("pulse", "trigger"), ("pulse", "align")),
    *(("statistics", "covariates"), ("statistics", "covariates_as_groups")),
    # The models are those of the pooled study.
    ("statistics", "reference"),
}


@dataclass(frozen=True)
class PooledClip:
    """A clip of a study.

    Attributes
    ----------
    seconds : it plays.
    file : path below the folder of the pooled clips; None: there is none.
    content : what tells files apart: the same text for files of the same bytes; None: no file.
    condition, streams : as the study says; None: it says nothing.
    """

    seconds: float
    file: str | None = None
    content: str | None = None
    condition: str | None = None
    streams: tuple[str, ...] | None = None


@dataclass(frozen=True)
class PooledStudy:
    """What a finished study brings.

    Attributes
    ----------
    name : in ids and as value of the covariate.
    folder : of its results, below `data: root` of the pooled study.
    config : its merged configuration.
    clips : code -> clip.
    people : ids of those who took part, and of those whose pulse it used (`with_pulse`).
    signals : of one participant: type -> rate and unit in words, of types that are there once.
    left_out : (id, name) of trials that were shown but left out of the study; the name is the code
        of the clip, or `<code>@<order>` where it was shown again.
    covariates : that it knows.
    """

    name: str
    folder: str
    config: Mapping[str, Any]
    clips: Mapping[str, PooledClip]
    people: Sequence[str]
    with_pulse: Sequence[str] = ()
    signals: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[tuple[str, str]] = ()
    covariates: Sequence[str] = ()

    @property
    def pulse(self) -> str | None:
        """The signal that its pulse is taken from; None: nobody has one."""
        signal: str | None = self.config["pulse"]["signal"]
        return signal if self.with_pulse else None


@dataclass(frozen=True)
class ClipPlan:
    """Clips of all studies as one.

    Attributes
    ----------
    clips : code -> clip; `renamed`: study -> code there -> code here, where they differ.
    asked : questions that only a person can answer.
    """

    clips: Mapping[str, PooledClip]
    renamed: Mapping[str, Mapping[str, str]]
    asked: Sequence[str]


def pooled_clips(studies: Sequence[PooledStudy]) -> ClipPlan:
    """Return one set of clips: the same bytes are one clip, other clips of one code stay apart.

    A code that stands for different clips gets the name of its study in front.
    """
    members: dict[object, list[tuple[str, str]]] = {}
    of = {(study.name, code): clip for study in studies for code, clip in study.clips.items()}
    for (study, code), clip in of.items():
        alone: object = (study, code)
        key = alone if clip.content is None else (clip.content, clip.streams)
        # Two codes of one study are two clips, whatever their files hold.
        if any(study == other for other, _ in members.get(key, [])):
            key = alone
        members.setdefault(key, []).append((study, code))
    codes = [group[0][1] for group in members.values()]
    plain = {}
    for group in members.values():
        study, code = group[0]
        apart = codes.count(code) > 1
        plain[group[0]] = re.sub(r"[^A-Za-z0-9_]+", "_", f"{study}_{code}") if apart else code
    names = _unique(plain)
    renamed: dict[str, dict[str, str]] = {study.name: {} for study in studies}
    clips: dict[str, PooledClip] = {}
    for group in members.values():
        name, first = names[group[0]], of[group[0]]
        for study, code in group:
            if code != name:
                renamed[study][code] = name
        longest = max(of[member].seconds for member in group)
        clips[name] = PooledClip(longest, first.file, first.content, first.condition, first.streams)
    asked = [*_apart_questions(members, names, of), *_same_questions(members, names, of)]
    if 0 < sum(clip.condition is None for clip in clips.values()) < len(clips):
        lacking = ", ".join(code for code, clip in clips.items() if clip.condition is None)
        asked.append(
            f"Some clips had a condition, {lacking} had none, so all are without here: which "
            "condition does each belong to?"
        )
        clips = {
            code: PooledClip(c.seconds, c.file, c.content, None, c.streams)
            for code, c in clips.items()
        }
    return ClipPlan(clips, {s: found for s, found in renamed.items() if found}, asked)


_Members = Mapping[object, Sequence[tuple[str, str]]]


def _unique(plain: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Return a name for each clip, with a number where another is called so."""
    keys = {f"{study}/{code}": (study, code) for study, code in plain}
    named = numbered_names(keys, lambda key: plain[keys[key]])
    return {keys[key]: name for key, name in named.items()}


def _apart_questions(
    members: _Members, names: Mapping[tuple[str, str], str], of: Mapping[Any, PooledClip]
) -> Iterator[str]:
    """Ask about clips of one code that are kept apart."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for group in members.values():
        groups.setdefault(group[0][1], []).append(group[0])
    for code, own in groups.items():
        if len(own) > 1:
            files = all(of[member].content is not None for member in own)
            why = "are different files" if files else "cannot be compared: there is no file of one"
            listed = ", ".join(f"{names[member]} ({member[0]})" for member in own)
            yield (
                f"Clips called {code} {why}, so they are kept apart: {listed}. If people saw the "
                "same, give them one name under data: options: stimuli."
            )


def _same_questions(
    members: _Members, names: Mapping[tuple[str, str], str], of: Mapping[Any, PooledClip]
) -> Iterator[str]:
    """Ask about clips that become one though studies call or treat them differently."""
    for group in members.values():
        if len(group) == 1:
            continue
        name = names[group[0]]
        if len({code for _, code in group}) > 1:
            listed = ", ".join(f"{code} ({study})" for study, code in group)
            yield f"{listed} are the same file and are one clip here, {name}: is that right?"
        for what in ("condition", "seconds"):
            values = {member: getattr(of[member], what) for member in group}
            if len(set(values.values())) > 1:
                listed = ", ".join(f"{value} in {study}" for (study, _), value in values.items())
                rule = "the longest stands here" if what == "seconds" else "the first stands here"
                yield f"{what} of {name} is {listed}; {rule}: is that right?"


# ---- responses -----------------------------------------------------------------------------------


def renamed_dimensions(
    study: PooledStudy, names: Mapping[str, str]
) -> dict[str, Mapping[str, Any]]:
    """Return the dimensions of a study under their names in the pooled one.

    Raises
    ------
    InputProblem : a name for a dimension that it does not have, or two of one name.
    """
    own = study.config["responses"]["dimensions"]
    unknown = [name for name in names if name not in own]
    if unknown:
        raise InputProblem(
            study.name,
            expected=f"dimensions of the study ({', '.join(own)}) in --rename",
            found=", ".join(unknown),
            remedy="Correct the name.",
        )
    found: dict[str, Mapping[str, Any]] = {}
    for name, about in own.items():
        called = names.get(name, name)
        if called in found:
            raise InputProblem(
                study.name,
                expected="another name for each dimension",
                found=f"{called} for two of them",
                remedy="Correct --rename.",
            )
        found[called] = {s.name: about.get(s.name, s.default) for s in fields_of(Dimension)}
    return found


def pooled_dimensions(
    studies: Sequence[PooledStudy], renamed: Mapping[str, Mapping[str, str]]
) -> dict[str, Mapping[str, Any]]:
    """Return every dimension of the studies.

    Parameters
    ----------
    renamed : study -> dimension as it names it -> as the pooled study does.

    Raises
    ------
    InputProblem : studies give one dimension in another way (kind, range, initial,
        interpolation); both are named.
    """
    found: dict[str, Mapping[str, Any]] = {}
    first: dict[str, str] = {}
    for study in studies:
        for name, about in renamed_dimensions(study, renamed.get(study.name, {})).items():
            other = found.setdefault(name, about)
            first.setdefault(name, study.name)
            differ = [key for key in about if _plain(about[key]) != _plain(other[key])]
            if differ:
                raise InputProblem(
                    study.name,
                    where=f"dimension {name}",
                    expected=", ".join(f"{key} {_said(other[key])}" for key in differ)
                    + f", as in {first[name]}",
                    found=", ".join(f"{key} {_said(about[key])}" for key in differ),
                    remedy="Correct one of the studies and run it again, or keep both apart: "
                    f"--rename {study.name}.{name}=OTHER.",
                )
    return found


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " to ".join(f"{end:g}" for end in value)
    return "any" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def pooled_target(
    studies: Sequence[PooledStudy],
    renamed: Mapping[str, Mapping[str, str]],
    conditions: Sequence[str | None],
) -> tuple[dict[str, Any], list[str]]:
    """Return what class 1 is, and questions about it.

    Parameters
    ----------
    renamed : see `pooled_dimensions`; conditions : of the pooled clips.

    Raises
    ------
    InputProblem : no dimension that everybody was asked for.
    """
    own = [renamed_dimensions(study, renamed.get(study.name, {})) for study in studies]
    common = [name for name in own[0] if all(name in other for other in own)]
    if not common:
        raise InputProblem(
            ", ".join(study.name for study in studies),
            expected="one dimension of responses that all studies have, to be predicted",
            found="; ".join(
                f"{', '.join(names)} in {study.name}"
                for study, names in zip(studies, own, strict=True)
            ),
            remedy="If they are the same under other names, say so: --rename STUDY.NAME=NEW.",
        )
    targets = [study.config["responses"]["target"] for study in studies]
    called = [
        renamed.get(study.name, {}).get(target["dimension"], target["dimension"])
        for study, target in zip(studies, targets, strict=True)
    ]
    dimension = next((name for name in called if name in common), common[0])
    levels = [t["above"] for t, name in zip(targets, called, strict=True) if name == dimension]
    wanted = {target["condition"] for target in targets}
    condition = next(iter(wanted)) if len(wanted) == 1 else None
    target = {
        "dimension": dimension,
        "above": levels[0] if levels else 0.0,
        "condition": condition if condition in conditions else None,
    }
    asked = []
    if len(set(called)) > 1 or len(set(levels)) > 1 or len(wanted) > 1:
        listed = "; ".join(
            f"{name} above {t['above']:g} in {t['condition'] or 'any condition'} ({study.name})"
            for study, t, name in zip(studies, targets, called, strict=True)
        )
        asked.append(f"Class 1 was: {listed}. What is it here?")
    return target, asked


# ---- settings that studies share -----------------------------------------------------------------


def shared_settings(
    configs: Mapping[str, Mapping[str, Any]], base: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Return settings in which all studies agree and differ from config.yaml, and what differs.

    Parameters
    ----------
    configs : study -> its merged configuration.
    base : config.yaml.

    Returns
    -------
    Sections of an overlay, and a question for each setting in which studies differ.
    """
    found: dict[str, Any] = {}
    asked = []
    leaves = {
        path: value
        for path, value in _leaves(base)
        if path[0] in TAKEN_OVER and path not in _NOT_TAKEN
    }
    for path, usual in leaves.items():
        own = {name: _at(config, path, usual) for name, config in configs.items()}
        values = list(own.values())
        if any(value != values[0] for value in values):
            listed = ", ".join(f"{value} in {name}" for name, value in own.items())
            asked.append(f"{'.'.join(path)} is {listed}; config.yaml's {usual} stands. Which one?")
        elif values[0] != usual:
            place = found
            for key in path[:-1]:
                place = place.setdefault(key, {})
            place[path[-1]] = copy.deepcopy(values[0])
    return found, asked


def _leaves(
    section: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in section.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _at(config: Mapping[str, Any], path: Sequence[str], usual: Any) -> Any:
    """Return the value at a path; of a study that ran before the setting was there, the usual."""
    value: Any = config
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return usual
        value = value[key]
    return value


# ---- the overlay ---------------------------------------------------------------------------------


def excluded_trials(
    studies: Sequence[PooledStudy], renamed: Mapping[str, Mapping[str, str]]
) -> list[tuple[str, str, str]]:
    """Return rows of a table of exclusions: what studies left out is left out here too."""
    found = []
    for study in studies:
        names = renamed.get(study.name, {})
        for who, name in study.left_out:
            code, at, order = name.partition(AT)
            here = f"{names.get(code, code)}{at}{order}"
            found.append((f"{study.name}_{who}", here, f"as in {study.name}"))
    return found


def pooled_overlay(
    studies: Sequence[PooledStudy],
    base: Mapping[str, Any],
    *,
    name: str,
    root: str,
    stimuli: str,
    dimensions: Mapping[str, Mapping[str, str]],
    exclusions: str | None,
) -> str:
    """Return an overlay for the people of several studies in one, as YAML with comments.

    Parameters
    ----------
    studies : two or more, of different names.
    base : config.yaml.
    name : of the pooled study.
    root : folder that the results of all lie in; `stimuli`: that of the clips, from there.
    dimensions : study -> dimension as it names it -> as this study does.
    exclusions : table of trials that the studies left out; None: none were.

    Raises
    ------
    InputProblem : dimensions that do not fit together.
    """
    plan = pooled_clips(studies)
    described = pooled_dimensions(studies, dimensions)
    target, asked = pooled_target(studies, dimensions, [c.condition for c in plan.clips.values()])
    shared, differing = shared_settings({s.name: s.config for s in studies}, base)
    signal, with_pulse, about_pulse = _pulse(studies)
    modalities, partial = _modalities(studies, plan, with_pulse, shared.get("sensors", {}))
    options: dict[str, Any] = {"studies": {study.name: study.folder for study in studies}}
    options |= {"stimuli": _copied(plan.renamed)} if plan.renamed else {}
    options |= {"dimensions": _copied(dimensions)} if dimensions else {}
    data: dict[str, Any] = {"root": root, "reader": "canonical", "options": options}
    data["stimuli"] = stimuli
    if any(study.signals for study in studies):
        # Copies: YAML would write what is there twice as a reference.
        own = copy.deepcopy(options) | {"with_pulse": with_pulse}
        data["signals"] = {"reader": "canonical", "options": own}
    data |= {"exclusions": exclusions} if exclusions else {}
    statistics = {"covariates": [STUDY], **shared.pop("statistics", {})}
    pulse = {"signal": signal, "sampling_rate": None, **shared.pop("pulse", {})}
    timing = {"first_trial": None, **shared.pop("timing", {})}
    clips = dict[str, Any].fromkeys(code for code in OF_REST_ASMR if code not in plan.clips)
    clips |= {code: _entry(clip) for code, clip in plan.clips.items()}
    folds, about_folds = _folds(studies, modalities)
    models, about_models = _models(studies, plan, base), ["# Models use what there is."]
    if partial and folds["scheme"] == BY_COVARIATE:
        for model in [*models.values(), *shared.get("regression", {}).get("models", {}).values()]:
            if model is not None:
                model["modalities"] = _of_all(model["modalities"], modalities)
        about_models = [
            "# Models use what all studies have, since a fold tests a whole study. Of some studies "
            "alone:",
            f"# {', '.join(partial)}. With other folds, models may use these too.",
        ]
    used = [model["modalities"] for model in models.values() if model is not None]
    wave = with_pulse and any(one == "auto" or "pulse" in one for one in used)
    worn = any({*SENSOR_TYPES} & {*(modalities if one == "auto" else one)} for one in used)
    perturbed = [*(["shuffled_pulse"] if wave else []), "shifted_stimulus"]
    perturbed += ["shuffled_sensors"] if worn else []
    counts = ", ".join(f"{len(study.people)} of {study.name}" for study in studies)
    head = [
        f"# Written by tinglegram pool: {counts}. Ids are those of the studies, their name in",
        "# front. Answer each QUESTION, delete it, then run.",
        *question_lines(differing),
    ]
    parts: list[tuple[Sequence[str], Mapping[str, Any]]] = [
        (head, {"study": name, "protocols": ["corrected"]}),
        (["# Canonical tables of the studies that ran."], {"data": data}),
        ([*_about_clips(studies, plan), *question_lines(plan.asked)], {"clips": clips}),
        (
            question_lines(asked),
            {"responses": {"dimensions": _dimensions(described), "target": target}},
        ),
        ([], {"timing": timing}),
        (about_pulse, {"pulse": pulse}),
        (about_models, {"models": models}),
        (about_folds, {"folds": folds}),
        ([], {"perturbations": perturbed}),
        (_about_covariates(studies), {"statistics": statistics}),
        *([(["# As in all of the studies."], shared)] if shared else []),
        ([], {"report": _report(studies, target["dimension"])}),
    ]
    return overlay_of_parts(parts)


def _copied(names: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {study: dict(own) for study, own in names.items()}


def _entry(clip: PooledClip) -> dict[str, Any]:
    found = {"file": clip.file, "duration": clip.seconds, "condition": clip.condition}
    return found | ({"streams": list(clip.streams)} if clip.streams else {})


def _dimensions(described: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    # The dimension of config.yaml, which a study of its own takes out.
    taken_out = {} if "response" in described else {"response": None}
    return taken_out | {
        name: {key: _plain(value) for key, value in about.items()}
        for name, about in described.items()
    }


def _about_clips(studies: Sequence[PooledStudy], plan: ClipPlan) -> list[str]:
    total = sum(len(study.clips) for study in studies)
    one = total - len(plan.clips)
    said = f"{one} of them the same file as another's" if one else "no two of them the same file"
    return [f"# {total} clips of {len(studies)} studies; {said}."]


def _models(
    studies: Sequence[PooledStudy], plan: ClipPlan, base: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the models of the studies where all have the same, else those of a new study."""
    first = studies[0].config["models"]
    automatic = all(about["modalities"] == "auto" for about in first.values())
    if first and automatic and all(study.config["models"] == first for study in studies):
        return dict.fromkeys(base["models"]) | {m: dict(about) for m, about in first.items()}
    shown = _streams(plan)
    return starting_models("picture" in shown, "sound" in shown)


def _streams(plan: ClipPlan) -> set[str]:
    """Return what any of the clips has."""
    return {
        stream
        for clip in plan.clips.values()
        for stream in stimulus_of({"file": clip.file, "streams": clip.streams}).shown
    }


def _modalities(
    studies: Sequence[PooledStudy],
    plan: ClipPlan,
    with_pulse: Sequence[str],
    sensors: Mapping[str, Any],
) -> tuple[list[str], list[str]]:
    """Return the modalities that people of every study have, and those that some have."""
    shown = _streams(plan)
    streams = {"visual": "picture", "acoustic": "sound"}
    every = [modality for modality, stream in streams.items() if stream in shown]
    of_people = {"pulse": {*with_pulse}}
    of_people |= {kind: {s.name for s in studies if kind in s.signals} for kind in sensors}
    every += [kind for kind, having in of_people.items() if len(having) == len(studies)]
    partial = [kind for kind, having in of_people.items() if 0 < len(having) < len(studies)]
    return every, partial


def _of_all(asked: str | Sequence[str], common: Sequence[str]) -> list[str]:
    """Return what a model asks for of what all studies have, and its feature sets.

    These are of clips, which are everybody's. Where that is nothing, what it asks for: the plan of
    the study then refuses it by name.
    """
    wanted = (
        common
        if asked == "auto"
        else [name for name in asked if name in common or name not in EVERY_MODALITY]
    )
    return [*(wanted or asked)]


def _pulse(studies: Sequence[PooledStudy]) -> tuple[str | None, list[str], list[str]]:
    """Return the signal of the pulse, the studies that have it, and what is said about it."""
    chosen = next((study.pulse for study in studies if study.pulse), None)
    if chosen is None:
        return None, [], ["# No study has a pulse."]
    having = [s for s in studies if s.with_pulse and chosen in s.signals]
    lines = [
        "# The signal that the pulse is taken from. Rates and units may differ: heights are judged",
        "# against each person's own pulse, and 10-Hz series are standardised within person.",
        *(f"# {study.name}: {chosen} at {study.signals[chosen]}" for study in having),
    ]
    lacking = [s for s in studies if s not in having]
    asked = []
    for study in lacking:
        own = f"it has {', '.join(study.signals)}" if study.signals else "it has no signal"
        asked.append(
            f"{study.name} has no {chosen} ({own}), so its people are without pulse here. Is that "
            "right?"
        )
    return chosen, [study.name for study in having], [*lines, *question_lines(asked)]


def _folds(
    studies: Sequence[PooledStudy], modalities: Sequence[str]
) -> tuple[dict[str, Any], list[str]]:
    automatic = {"scheme": "auto", "number": None, "covariate": None}
    if not modalities:
        return automatic, [
            "# Studies have nothing in common for models to use: none is held out as a whole."
        ]
    total = sum(len(study.people) for study in studies)
    if min(total - len(study.people) for study in studies) < 2:
        return automatic, ["# Too few people outside of one study to hold it out as a whole."]
    folds = {"scheme": BY_COVARIATE, "number": None, "covariate": STUDY}
    return folds, [
        "# Each fold tests all people of one study with models of the others. For another question",
        "# choose another scheme (docs/trials.md).",
    ]


def _about_covariates(studies: Sequence[PooledStudy]) -> list[str]:
    names: dict[str, list[str]] = {}
    for study in studies:
        for covariate in study.covariates:
            names.setdefault(covariate, []).append(study.name)
    if not names:
        return ["# Whether people of the studies differ."]
    listed = "; ".join(f"{name} ({', '.join(own)})" for name, own in names.items())
    return [
        "# Whether people of the studies differ. Studies also know:",
        f"# {listed}.",
    ]


def _report(studies: Sequence[PooledStudy], dimension: str) -> dict[str, Any]:
    words = {study.config["report"].get("response") for study in studies}
    simulated = any(
        study.config["data"].get("simulation") or study.config["report"].get("simulated")
        for study in studies
    )
    return {
        "title": " and ".join(study.name for study in studies),
        "response": words.pop() if len(words) == 1 else dimension.lower(),
        "claims": False,
        "tinglegram_subjects": "all",
        "simulated": simulated,
    }
