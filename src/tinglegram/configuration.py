"""Checks a study's configuration: every fault at once, each with the nearest known name."""

from collections.abc import Iterator, Mapping, MutableMapping
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tinglegram.protocols import PROTOCOLS, SWITCHES

Config = Mapping[str, Any]


def problems(config: Config, schema: Mapping[str, Any]) -> list[str]:
    """Return one sentence for every fault of `config`; an empty list when there is none.

    Parameters
    ----------
    config : the merged configuration of a study.
    schema : its JSON schema (draft 2020-12).
    """
    unquoted = list(_unquoted(config))
    if unquoted:
        return unquoted
    faults = sorted(Draft202012Validator(schema).iter_errors(config), key=lambda f: list(f.path))
    sentences = [sentence for fault in faults for sentence in _sentences(fault)]
    # Cross-checks read values whose types the schema has just vouched for.
    return sentences or list(_contradictions(config))


def put_in_order(config: MutableMapping[str, Any], base: Mapping[str, Any]) -> None:
    """Bring the keys of `config` into the order of `base`, new ones last, in place and nested.

    Merging puts the keys of an overlay first, but the order of the clips says which condition is
    the target and which fold tests what.
    """
    for key in [
        *(key for key in base if key in config),
        *(key for key in config if key not in base),
    ]:
        config[key] = config.pop(key)
        if isinstance(config[key], MutableMapping) and isinstance(base.get(key), Mapping):
            put_in_order(config[key], base[key])


def nearest(name: str, known: list[str]) -> str:
    """Return a hint that names the known word closest to `name`, or lists all of them."""
    close = get_close_matches(str(name), known, n=1)
    return f"Did you mean '{close[0]}'?" if close else f"Known: {', '.join(known)}."


def _unquoted(section: object, place: str = "") -> Iterator[str]:
    if isinstance(section, Mapping):
        for key, value in section.items():
            if not isinstance(key, str):
                yield f'{_join(place, key)}: write this key in quotes: "{key}"'
            yield from _unquoted(value, _join(place, key))


def _sentences(fault: ValidationError) -> Iterator[str]:
    place = ".".join(str(part) for part in fault.absolute_path)
    if fault.validator == "additionalProperties":
        known = list(fault.schema.get("properties", {}))
        for key in fault.instance:
            if key not in known:
                yield f"{_join(place, key)}: unknown key. {nearest(key, known)}"
    elif fault.validator == "required":
        for key in fault.validator_value:
            if key not in fault.instance:
                yield f"{_join(place, key)}: missing. Take its line over from config.yaml."
    else:
        yield f"{place or 'configuration'}: {fault.message}"


def _join(place: str, key: object) -> str:
    return f"{place}.{key}" if place else str(key)


def _contradictions(config: Config) -> Iterator[str]:
    yield from _switch_faults(config)
    yield from _clip_and_fold_faults(config)
    timing, pulse = config["timing"], config["pulse"]
    if not timing["warm_up"] < timing["first_trial"] <= timing["clip"]:
        yield (
            "timing: expected warm_up < first_trial <= clip, found "
            f"{timing['warm_up']}, {timing['first_trial']}, {timing['clip']}"
        )
    for name in ("band", "interval_range"):
        if not pulse[name][0] < pulse[name][1]:
            yield f"pulse.{name}: the first value must be below the second, found {pulse[name]}"
    if config["data"]["root"] is None and config["published_predictions"] is None:
        yield "data.root and published_predictions are both null: there is nothing to analyse"
    models = [*config["models"], *(["published"] if config["published_predictions"] else [])]
    name = config["statistics"]["reference"]
    if config["data"]["root"] and config["models"] and name not in models:
        yield f"statistics.reference: no model '{name}'. {nearest(name, models)}"
    for kept in sorted(set(config["models"]) & _kept_names(config)):
        yield f"models.{kept}: this name is kept for {_keeper(kept)}; choose another"


def _kept_names(config: Config) -> set[str]:
    """Names under which imported predictions, controls and perturbed models stand."""
    perturbed = {f"{model}_{p}" for model in config["models"] for p in config["perturbations"]}
    controls = set(config["controls"]) | {f"published_{name}" for name in config["controls"]}
    return {"published"} | controls | perturbed


def _keeper(name: str) -> str:
    return "imported predictions" if name == "published" else "a control or a perturbed model"


def _switch_faults(config: Config) -> Iterator[str]:
    own = config["own_protocols"]
    known = [*PROTOCOLS, *own]
    for protocol in config["protocols"]:
        if protocol not in known:
            yield f"protocols: no protocol '{protocol}'. {nearest(protocol, known)}"
    for name, entries in own.items():
        place = f"own_protocols.{name}"
        if name in PROTOCOLS:
            yield f"{place}: this name is one of {', '.join(PROTOCOLS)}; choose another"
        if entries["from"] not in PROTOCOLS:
            yield (
                f"{place}.from: no protocol '{entries['from']}'. "
                f"{nearest(entries['from'], list(PROTOCOLS))}"
            )
        yield from _wrong_values(place, {k: v for k, v in entries.items() if k != "from"})
    yield from _wrong_values("overrides", config["overrides"])


def _wrong_values(place: str, switches: Mapping[str, object]) -> Iterator[str]:
    for switch, value in switches.items():
        if switch not in SWITCHES:
            yield f"{place}.{switch}: unknown switch. {nearest(switch, list(SWITCHES))}"
        elif switch == "validation_fraction":
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
                yield f"{place}.{switch}: expected a fraction between 0 and 1, found {value!r}"
        elif not any(value == known and type(value) is type(known) for known in SWITCHES[switch]):
            choices = ", ".join(map(repr, SWITCHES[switch]))
            yield f"{place}.{switch}: expected one of {choices}, found {value!r}"


def _clip_and_fold_faults(config: Config) -> Iterator[str]:
    clips = config["clips"]
    conditions = [clip["condition"] for clip in clips.values()]
    counts = {name: conditions.count(name) for name in dict.fromkeys(conditions)}
    files = [clip["file"] for clip in clips.values()]
    for file in dict.fromkeys(f for f in files if files.count(f) > 1):
        yield f"clips: file {file} is named by more than one code"
    if len(counts) != 2:
        yield (
            "clips: expected two conditions (the first is the target, the second its control), "
            f"found {', '.join(counts)}"
        )
    yield from _fold_faults(config, counts)


def _fold_faults(config: Config, counts: Mapping[str, int]) -> Iterator[str]:
    scheme, number = config["folds"]["scheme"], config["folds"]["number"]
    if scheme == "leave_one_participant_out":
        if number is not None:
            yield f"folds.number: with {scheme} the number of people decides; write null"
        if config["published_predictions"] is not None:
            yield (
                f"folds.scheme: {scheme} does not fit published_predictions, whose folds are those "
                "of the clips; choose another scheme, or set published_predictions to null"
            )
    elif number is None:
        yield f"folds.number: {scheme} needs the number of clips in each condition, found null"
    elif any(n != number for n in counts.values()):
        found = ", ".join(f"{name} has {n}" for name, n in counts.items() if n != number)
        yield (
            f"folds.number: {number} {scheme.replace('_', '-')} folds need as many clips in each "
            f"condition, but {found}"
        )
