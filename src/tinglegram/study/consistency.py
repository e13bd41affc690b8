"""Checks what the values of a configuration, each sound by itself, say together."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from tinglegram.study.configuration_values import Fault, nearest, shown
from tinglegram.study.protocols import PROTOCOLS

Config = Mapping[str, Any]


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


def drop_removed(config: MutableMapping[str, Any]) -> None:
    """Take out, in place, the clips, models and dimensions that an overlay set to null."""
    for section in (config, config.get("responses")):
        for name in ("clips", "models", "dimensions"):
            _drop_null_entries(section, name)


def _drop_null_entries(section: object, name: str) -> None:
    if isinstance(section, MutableMapping):
        entries = section.get(name)
        if isinstance(entries, MutableMapping):
            for key in [key for key, entry in entries.items() if entry is None]:
                del entries[key]


def contradictions(config: Config, switches: Mapping[str, Config]) -> Iterator[Fault]:
    """Yield every contradiction between values, and every name that names nothing.

    Parameters
    ----------
    config : the merged configuration of a study, without any `value_faults`.
    switches : switch -> the JSON schema of its values, from the schema of the configuration.
    """
    yield from _switch_faults(config, switches)
    yield from _clip_and_fold_faults(config)
    yield from _signal_faults(config["timing"], config["pulse"])
    yield from _simulation_faults(config)
    yield from _response_faults(config)
    if config["data"]["root"] is None and config["published_predictions"] is None:
        yield _fault(
            "data.root and published_predictions are both null: there is nothing to analyse. Set "
            "one of them",
            "data.root",
            "published_predictions",
        )
    models = [*config["models"], *(["published"] if config["published_predictions"] else [])]
    name = config["statistics"]["reference"]
    if config["data"]["root"] and config["models"] and name not in models:
        sentence = f"statistics.reference: no model '{name}'. {nearest(name, models)}"
        yield _fault(sentence, "statistics.reference")
    for kept in sorted(set(config["models"]) & _kept_names(config)):
        sentence = f"models.{kept}: this name is kept for {_keeper(kept)}; choose another"
        yield _fault(sentence, f"models.{kept}")


def _fault(sentence: str, *places: str) -> Fault:
    """Return a fault whose keys are given with dots; no name in a configuration holds one."""
    return Fault(sentence, [place.split(".") for place in places])


def _signal_faults(timing: Config, pulse: Config) -> Iterator[Fault]:
    if not timing["warm_up"] < timing["first_trial"] <= timing["clip"]:
        names = ("warm_up", "first_trial", "clip")
        yield _fault(
            "timing: expected warm_up < first_trial <= clip, found "
            + ", ".join(str(timing[name]) for name in names),
            *(f"timing.{name}" for name in names),
        )
    for name in ("band", "interval_range"):
        if not pulse[name][0] < pulse[name][1]:
            yield _fault(
                f"pulse.{name}: the first value must be below the second, found {pulse[name]}",
                f"pulse.{name}",
            )
    rate, upper = pulse["sampling_rate"], pulse["band"][1]
    if rate is not None and upper >= rate / 2:
        yield _fault(
            f"pulse.band: expected an upper end below half the sampling rate, {rate / 2:g} Hz, "
            f"found {upper}",
            "pulse.band",
            "pulse.sampling_rate",
        )


def _simulation_faults(config: Config) -> Iterator[Fault]:
    simulation = config["data"]["simulation"]
    if simulation is None:
        return
    if config["data"]["root"] is None:
        yield _fault(
            "data.root: null, but data.simulation writes its files there; name a folder",
            "data.root",
            "data.simulation",
        )
    conditions = list(dict.fromkeys(clip["condition"] for clip in config["clips"].values()))
    for name in ("level", "coupling", "rest_change"):
        for condition in simulation[name]:
            if condition not in conditions:
                key = f"data.simulation.{name}.{condition}"
                hint = nearest(condition, conditions)
                yield _fault(f"{key}: no condition '{condition}'. {hint}", key)
    thresholds = simulation["thresholds"]
    if sorted(thresholds) != thresholds:
        yield _fault(
            f"data.simulation.thresholds: expected ascending values, found {thresholds}",
            "data.simulation.thresholds",
        )
    unnamed = set(range(len(thresholds) + 1)) - set(config["ratings"].values())
    if unnamed:
        yield _fault(
            f"data.simulation.thresholds: {len(thresholds)} values make ratings 0 to "
            f"{len(thresholds)}, but ratings has no key for {', '.join(map(str, sorted(unnamed)))}",
            "data.simulation.thresholds",
            "ratings",
        )


def _response_faults(config: Config) -> Iterator[Fault]:
    dimensions, target = (config["responses"][name] for name in ("dimensions", "target"))
    for name, about in dimensions.items():
        place, ends = f"responses.dimensions.{name}", about.get("range")
        if ends is not None and not ends[0] < ends[1]:
            sentence = f"{place}.range: the first value must be below the second, found {ends}"
            yield _fault(sentence, f"{place}.range")
        elif ends is not None and not ends[0] <= about.get("initial", 0) <= ends[1]:
            yield _fault(
                f"{place}.initial: expected a level from {ends[0]:g} to {ends[1]:g}, as in range, "
                f"found {about.get('initial', 0):g}",
                f"{place}.initial",
                f"{place}.range",
            )
    place = "responses.target"
    if target["dimension"] not in dimensions:
        hint = nearest(target["dimension"], list(dimensions))
        sentence = f"{place}.dimension: no dimension '{target['dimension']}'. {hint}"
        yield _fault(sentence, f"{place}.dimension")
        return
    ends = dimensions[target["dimension"]].get("range")
    if ends is not None and ends[0] < ends[1] and not ends[0] <= target["above"] < ends[1]:
        yield _fault(
            f"{place}.above: expected a level from {ends[0]:g} to below {ends[1]:g}, the range of "
            f"{target['dimension']}, found {target['above']:g}: every frame would be of one class",
            f"{place}.above",
        )
    conditions = list(dict.fromkeys(clip["condition"] for clip in config["clips"].values()))
    if target["condition"] is not None and target["condition"] not in conditions:
        yield _fault(
            f"{place}.condition: no condition '{target['condition']}'. "
            f"{nearest(target['condition'], conditions)} null: reports in any clip are class 1",
            f"{place}.condition",
        )


def _kept_names(config: Config) -> set[str]:
    """Names under which imported predictions, controls and perturbed models stand."""
    perturbed = {f"{model}_{p}" for model in config["models"] for p in config["perturbations"]}
    controls = set(config["controls"]) | {f"published_{name}" for name in config["controls"]}
    return {"published"} | controls | perturbed


def _keeper(name: str) -> str:
    return "imported predictions" if name == "published" else "a control or a perturbed model"


def _switch_faults(config: Config, switches: Mapping[str, Config]) -> Iterator[Fault]:
    own, overrides = config["own_protocols"], config["overrides"]
    known = [*PROTOCOLS, *own]
    for index, protocol in enumerate(config["protocols"]):
        if protocol not in known:
            sentence = f"protocols: no protocol '{protocol}'. {nearest(protocol, known)}"
            yield _fault(sentence, f"protocols.{index}")
    for name, entries in own.items():
        place = f"own_protocols.{name}"
        if name in PROTOCOLS:
            sentence = f"{place}: this name is one of {', '.join(PROTOCOLS)}; choose another"
            yield _fault(sentence, place)
        if entries["from"] not in PROTOCOLS:
            hint = nearest(entries["from"], list(PROTOCOLS))
            sentence = f"{place}.from: no protocol '{entries['from']}'. {hint}"
            yield _fault(sentence, f"{place}.from")
        changed = {k: v for k, v in entries.items() if k != "from"}
        yield from _wrong_values(place, changed, switches)
        for switch in sorted(entries.keys() & overrides.keys()):
            if name in config["protocols"] and entries[switch] != overrides[switch]:
                yield _fault(
                    f"overrides.{switch}: {shown(overrides[switch])} replaces the switch in every "
                    f"protocol, but {place} sets {shown(entries[switch])}. Take one of them out",
                    f"overrides.{switch}",
                    f"{place}.{switch}",
                )
    yield from _wrong_values("overrides", overrides, switches)


def switch_choices(schema: Config) -> list[object]:
    """Return every value that the schema of a switch admits; none where it is any fraction."""
    return [False, True] if schema.get("type") == "boolean" else list(schema.get("enum", ()))


def _wrong_values(place: str, values: Config, switches: Mapping[str, Config]) -> Iterator[Fault]:
    for switch, value in values.items():
        key = f"{place}.{switch}"
        if switch not in switches:
            # In the order of the protocols, as everywhere in the documentation.
            hint = nearest(switch, list(PROTOCOLS["released"]))
            yield _fault(f"{key}: unknown switch. {hint}", key)
            continue
        choices = switch_choices(switches[switch])
        if not choices:
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
                sentence = f"{key}: expected a fraction between 0 and 1, found {shown(value)}"
                yield _fault(sentence, key)
        elif not any(value == known and type(value) is type(known) for known in choices):
            listed = ", ".join(map(shown, choices))
            yield _fault(f"{key}: expected one of {listed}, found {shown(value)}", key)


def _clip_and_fold_faults(config: Config) -> Iterator[Fault]:
    clips = config["clips"]
    conditions = [clip["condition"] for clip in clips.values()]
    counts = {name: conditions.count(name) for name in dict.fromkeys(conditions)}
    codes: dict[str, list[str]] = {}
    for code, clip in clips.items():
        codes.setdefault(clip["file"], []).append(code)
    for file, sharing in codes.items():
        if len(sharing) > 1:
            yield _fault(
                f"clips: file {file} is named by more than one code: {', '.join(sharing)}",
                *(f"clips.{code}.file" for code in sharing),
            )
    if len(counts) != 2:
        yield _fault(
            "clips: expected two conditions (the first is the target, the second its control), "
            f"found {', '.join(counts)}",
            *(f"clips.{code}.condition" for code in _first_of_each(clips)),
        )
    yield from _fold_faults(config, counts)


def _first_of_each(clips: Config) -> list[str]:
    """The code of the first clip of each condition."""
    first: dict[str, str] = {}
    for code, clip in clips.items():
        first.setdefault(clip["condition"], code)
    return list(first.values())


def _fold_faults(config: Config, counts: Mapping[str, int]) -> Iterator[Fault]:
    scheme, number = config["folds"]["scheme"], config["folds"]["number"]
    if scheme == "leave_one_participant_out":
        if number is not None:
            yield _fault(
                f"folds.number: with {scheme} the number of people decides; write null",
                "folds.number",
                "folds.scheme",
            )
        if config["published_predictions"] is not None:
            yield _fault(
                f"folds.scheme: {scheme} does not fit published_predictions, whose folds are those "
                "of the clips; choose another scheme, or set published_predictions to null",
                "folds.scheme",
                "published_predictions",
            )
    elif number is None:
        yield _fault(
            f"folds.number: {scheme} needs the number of clips in each condition, found null",
            "folds.number",
            "folds.scheme",
        )
    elif any(n != number for n in counts.values()):
        found = ", ".join(f"{name} has {n}" for name, n in counts.items() if n != number)
        yield _fault(
            f"folds.number: {number} {scheme.replace('_', '-')} folds need as many clips in each "
            f"condition, but {found}",
            "folds.number",
            "clips",
        )
