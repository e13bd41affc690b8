"""Checks what the values of a configuration, each sound by itself, say together."""

from collections import Counter
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any, get_args

from tinglegram.errors import TinglegramError
from tinglegram.export.tidy import FIRST
from tinglegram.models.settings import SCALE_OF_VALUES
from tinglegram.models.value_settings import ValueBaseline
from tinglegram.pulse.rests import names_a_rest
from tinglegram.sensors.settings import RATE_HZ
from tinglegram.stimuli.settings import FEATURE_SETS, STREAMS
from tinglegram.study.configuration_values import Fault, nearest, shown
from tinglegram.study.protocols import PROTOCOLS
from tinglegram.study.settings import conditions_of, filled_in, stimulus_of
from tinglegram.trials.folds import BY_COVARIATE, clip_pairs, number_of_folds, resolved_scheme
from tinglegram.trials.trials import EVERY_MODALITY

Config = Mapping[str, Any]
# The conditions that the paper's claims are about.
OF_THE_PAPER = ("ASMR", "Nature")


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
    places = ("responses", "regression", "features")
    for section in (config, *(config.get(place) for place in places)):
        for name in ("clips", "models", "dimensions", "networks"):
            _drop_null_entries(section, name)


def _drop_null_entries(section: object, name: str) -> None:
    if isinstance(section, MutableMapping):
        entries = section.get(name)
        if isinstance(entries, MutableMapping):
            for key in [key for key, entry in entries.items() if entry is None]:
                del entries[key]


def fill_in_clips(config: MutableMapping[str, Any]) -> None:
    """Give every clip all its keys, in place; absent ones at their defaults."""
    clips = config.get("clips")
    if isinstance(clips, MutableMapping):
        for code, entry in clips.items():
            if isinstance(entry, Mapping):
                clips[code] = filled_in(entry) | dict(entry)


def contradictions(config: Config, switches: Mapping[str, Config]) -> Iterator[Fault]:
    """Yield every contradiction between values, and every name that names nothing.

    Parameters
    ----------
    config : the merged configuration of a study, without any `value_faults`.
    switches : switch -> the JSON schema of its values, from the schema of the configuration.
    """
    yield from _switch_faults(config, switches)
    yield from _clip_and_fold_faults(config)
    yield from _timing_faults(config["timing"], config["clips"])
    yield from _reader_faults(config)
    yield from _signal_faults(config["pulse"])
    yield from _sensor_faults(config)
    yield from _kernel_faults(config)
    yield from _simulation_faults(config)
    yield from _response_faults(config)
    yield from _regression_faults(config)
    yield from _feature_faults(config)
    yield from _covariate_faults(config)
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


def _timing_faults(timing: Config, clips: Config) -> Iterator[Fault]:
    names = ["warm_up", "first_trial", "clip"]
    if timing["first_trial"] is None:
        names.remove("first_trial")
    lengths = [timing[name] for name in names]
    if lengths != sorted(lengths) or lengths[0] == lengths[1]:
        yield _fault(
            f"timing: expected {' < '.join(names[:2])}{' <= clip' * (len(names) > 2)}, found "
            + ", ".join(map(str, lengths)),
            *(f"timing.{name}" for name in names),
        )
    for code, clip in clips.items():
        seconds = clip.get("duration")
        if seconds is not None and seconds <= timing["warm_up"]:
            yield _fault(
                f"clips.{code}.duration: {seconds:g} s are over within the warm-up "
                f"({timing['warm_up']:g} s). Lower timing: warm_up, or take the clip out",
                f"clips.{code}.duration",
                "timing.warm_up",
            )


def _signal_faults(pulse: Config) -> Iterator[Fault]:
    for name in ("band", "interval_range", "coupling_lags", "locked_window"):
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


def _sensor_faults(config: Config) -> Iterator[Fault]:
    """Yield what does not fit together of signals other than the pulse."""
    methods = config["sensor_methods"]
    for name in ("eda_range", "resp_band", "resp_rate_range", "temperature_range"):
        if not methods[name][0] < methods[name][1]:
            yield _fault(
                f"sensor_methods.{name}: the first value must be below the second, found "
                f"{methods[name]}",
                f"sensor_methods.{name}",
            )
    if methods["resp_band"][1] >= RATE_HZ / 2:
        yield _fault(
            f"sensor_methods.resp_band: expected an upper end below {RATE_HZ / 2:g} Hz, found "
            f"{methods['resp_band'][1]}",
            "sensor_methods.resp_band",
        )
    if config["sensors"] and config["data"]["reader"] == "rest_asmr":
        yield _fault(
            "sensors: the reader rest_asmr gives the pulse alone. Name another reader, or write {}",
            "sensors",
            "data.reader",
        )


def _kernel_faults(config: Config) -> Iterator[Fault]:
    """Yield what does not fit together of the temporal response function."""
    for place, name in (("statistics", "response_lags"), ("stimuli", "band_range")):
        found = config[place][name]
        if not found[0] < found[1]:
            yield _fault(
                f"{place}.{name}: the first value must be below the second, found {found}",
                f"{place}.{name}",
            )


def _reader_faults(config: Config) -> Iterator[Fault]:
    """Yield what the reader of REST-ASMR's own files does not know."""
    data = config["data"]
    if data["reader"] != "rest_asmr" or data["root"] is None:
        return
    unused: dict[str, Any] = {"options": {}, "responses": None, "signals": None, "stimuli": "stim"}
    for name, usual in unused.items():
        if data[name] != usual:
            yield _fault(
                f"data.{name}: the reader rest_asmr has none of its own: logs lie in log/, "
                "recordings in ppg/, clips in stim/. Name another reader, or leave it out",
                f"data.{name}",
                "data.reader",
            )
    timing = config["timing"]
    for code, clip in config["clips"].items():
        seconds = clip.get("duration") or timing["clip"]
        if timing["warm_up"] < seconds != timing["clip"]:
            yield _fault(
                f"clips.{code}.duration: the reader rest_asmr plays every clip for the "
                f"{timing['clip']:g} s of timing: clip. Name another reader, or leave it out",
                f"clips.{code}.duration",
                "data.reader",
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
    clips = {code: stimulus_of(entry) for code, entry in config["clips"].items()}
    for code, clip in clips.items():
        if clip.file is None or clip.duration or clip.shown != STREAMS:
            yield _fault(
                f"clips.{code}: simulated clips have a file, the length that timing: clip says, "
                "picture and sound. Correct the clip, or set data.simulation to null",
                f"clips.{code}",
                "data.simulation",
            )
    conditions = list(dict.fromkeys(conditions_of(config["clips"]).values()))
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
    conditions = list(dict.fromkeys(conditions_of(config["clips"]).values()))
    if target["condition"] is not None and target["condition"] not in conditions:
        yield _fault(
            f"{place}.condition: no condition '{target['condition']}'. "
            f"{nearest(target['condition'], conditions)} null: reports in any clip are class 1",
            f"{place}.condition",
        )


def _regression_faults(config: Config) -> Iterator[Fault]:
    regression, grid = config["regression"], config["timing"]["grid"]
    if not regression["models"]:
        return
    place = "regression.models"
    if config["data"]["root"] is None:
        yield _fault(
            f"{place}: without raw data nothing is trained. Name data: root, or write {{}}",
            place,
            "data.root",
        )
    for name in sorted(regression["models"].keys() & get_args(ValueBaseline)):
        yield _fault(
            f"{place}.{name}: this name is kept for a baseline; choose another", f"{place}.{name}"
        )
    for index, lag in enumerate(regression["ridge"]["lags"]):
        if abs(lag * grid - round(lag * grid)) > 1e-9:
            yield _fault(
                f"regression.ridge.lags: expected whole steps of the grid, {1 / grid:g} s each, "
                f"found {lag:g} s",
                f"regression.ridge.lags.{index}",
                "timing.grid",
            )


def _feature_faults(config: Config) -> Iterator[Fault]:
    """Yield what does not fit together of feature sets, and modalities that there are not."""
    place = "features"
    for name, key in (
        ("binaural", "band_range"),
        ("texture", "band_range"),
        ("texture", "modulation_range"),
    ):
        found = config[place][name][key]
        if not found[0] < found[1]:
            yield _fault(
                f"{place}.{name}.{key}: the first value must be below the second, found {found}",
                f"{place}.{name}.{key}",
            )
    networks, kept = config[place]["networks"], [*EVERY_MODALITY, *FEATURE_SETS]
    kept += ["auto", SCALE_OF_VALUES]
    for name in sorted(networks.keys() & {*kept}):
        yield _fault(
            f"{place}.networks.{name}: this name is kept for features of our own; choose another",
            f"{place}.networks.{name}",
        )
    for name in sorted(networks):
        if name.endswith(FIRST):
            yield _fault(
                f"{place}.networks.{name}: names that end in {FIRST} are kept for the features of "
                "a trial shown first; choose another",
                f"{place}.networks.{name}",
            )
    known = [*EVERY_MODALITY, *FEATURE_SETS, *networks]
    for where, models in (
        ("models", config["models"]),
        ("regression.models", config["regression"]["models"]),
    ):
        for model, about in models.items():
            asked = about["modalities"]
            for index, name in enumerate([] if asked == "auto" else asked):
                if name not in known:
                    key = f"{where}.{model}.modalities"
                    hint = nearest(name, known)
                    yield _fault(f"{key}: no features '{name}'. {hint}", f"{key}.{index}")


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
    conditions = list(conditions_of(clips).values())
    counts = {name: conditions.count(name) for name in dict.fromkeys(conditions)}
    codes: dict[str, list[str]] = {}
    for code, clip in clips.items():
        if clip.get("file") is not None:
            codes.setdefault(clip["file"], []).append(code)
    for file, sharing in codes.items():
        if len(sharing) > 1:
            yield _fault(
                f"clips: file {file} is named by more than one code: {', '.join(sharing)}",
                *(f"clips.{code}.file" for code in sharing),
            )
    for code, clip in clips.items():
        if clip.get("file") is None and clip.get("streams"):
            yield _fault(
                f"clips.{code}.streams: without a file there are none. Name its file, or write "
                "null",
                f"clips.{code}.streams",
                f"clips.{code}.file",
            )
    without = [code for code, clip in clips.items() if not clip.get("condition")]
    if 0 < len(without) < len(clips):
        yield _fault(
            f"clips: {', '.join(without)} without a condition, others with one; give one to every "
            "clip or to none",
            *(f"clips.{code}" for code in without),
        )
    data = config["data"]
    of_rests = (
        data["reader"] == "rest_asmr" or config["pulse"]["signal"] is not None or config["sensors"]
    )
    if data["root"] is not None and of_rests:
        for name in filter(names_a_rest, counts):
            yield _fault(
                f"clips: condition {name} is called as a rest is (baseline, washout, washout2, "
                "..., final; rest: all of them), so that tables of the pulse could not tell them "
                "apart; choose another name",
                *(f"clips.{c}.condition" for c, own in clips.items() if own["condition"] == name),
            )
    if config["report"]["claims"] and set(counts) != set(OF_THE_PAPER):
        yield _fault(
            f"report.claims: the paper's claims are about {' and '.join(OF_THE_PAPER)}, but the "
            f"clips are of {_named(counts, without)}; write false",
            "report.claims",
            *(f"clips.{code}" for code in _first_of_each(clips)),
        )
    if config["models"] or config["published_predictions"] or config["regression"]["models"]:
        yield from _fold_faults(config, conditions_of(clips))


def _named(counts: Mapping[str, int], without: Sequence[str]) -> str:
    return "no condition" if without else ", ".join(counts)


def _first_of_each(clips: Config) -> list[str]:
    """The code of the first clip of each condition."""
    first: dict[str, str] = {}
    for code, clip in clips.items():
        first.setdefault(clip.get("condition") or "", code)
    return list(first.values())


# Schemes whose number of folds planning finds out -> what decides.
_BY_PEOPLE = {"leave_one_participant_out": "people", BY_COVARIATE: "groups"}


def _covariate_faults(config: Config) -> Iterator[Fault]:
    """Yield what contradicts itself about covariates; which there are, planning finds out."""
    chosen, folds, data = config["statistics"], config["folds"], config["data"]
    for name in chosen["covariates_as_groups"]:
        if name not in chosen["covariates"]:
            place = "statistics.covariates_as_groups"
            hint = nearest(name, chosen["covariates"]) if chosen["covariates"] else ""
            yield _fault(f"{place}: '{name}' is not among statistics.covariates. {hint}", place)
    of_groups = folds["scheme"] == BY_COVARIATE
    if of_groups != (folds["covariate"] is not None):
        needs = (
            f"folds.covariate: {BY_COVARIATE} needs the column of participants.tsv whose values it "
            "holds out, found null"
            if of_groups
            else f"folds.covariate: {folds['scheme']} holds out no values of a covariate; write "
            f"null, or scheme: {BY_COVARIATE}"
        )
        yield _fault(needs, "folds.covariate", "folds.scheme")
    if data["participants"] is None and (data["root"] is None or data["reader"] == "rest_asmr"):
        asking = {"folds.covariate": of_groups, "statistics.covariates": chosen["covariates"]}
        for place in (place for place, asked in asking.items() if asked):
            yield _fault(
                f"{place}: nothing tells covariates of the participants: the reader rest_asmr "
                "knows none. Name a table of them (data: participants)",
                place,
                "data.participants",
            )
    if data["root"] is None and data["participants"] is not None:
        sentence = "data.participants: without raw data (data.root: null) nobody takes part"
        yield _fault(f"{sentence}. Write null", "data.participants", "data.root")


def _fold_faults(config: Config, clips: Mapping[str, str]) -> Iterator[Fault]:
    asked, number = config["folds"]["scheme"], config["folds"]["number"]
    scheme = resolved_scheme(asked, clips)
    if config["published_predictions"] is not None:
        yield from _published_fold_faults(scheme, number, clips)
    if scheme in ("double_independent", "grouped_k_fold") and asked != "auto" and number is None:
        yield _fault(
            f"folds.number: {scheme} needs the number of groups, found null",
            "folds.number",
            "folds.scheme",
        )
    elif scheme in _BY_PEOPLE and number is not None:
        yield _fault(
            f"folds.number: with {scheme} the number of {_BY_PEOPLE[scheme]} decides; write null",
            "folds.number",
            "folds.scheme",
        )
    elif scheme not in _BY_PEOPLE:
        try:
            # Without people: how many there are, planning finds out.
            number_of_folds(asked, number, 0, clips)
        except TinglegramError as problem:
            if number is not None or asked != "auto":
                yield _fault(f"folds.number: {problem}".rstrip("."), "folds.number", "clips")


def _published_fold_faults(
    scheme: str, number: int | None, clips: Mapping[str, str]
) -> Iterator[Fault]:
    """The folds of published predictions test clip i of each condition."""
    if scheme not in ("double_independent", "leave_one_clip_pair_out"):
        yield _fault(
            f"folds.scheme: {scheme} does not fit published_predictions, whose folds are those "
            "of the clips; choose another scheme, or set published_predictions to null",
            "folds.scheme",
            "published_predictions",
        )
    elif clip_pairs(clips) != (number or clip_pairs(clips)) or not clip_pairs(clips):
        counts = Counter(clips.values())
        found = ", ".join(f"{name} has {count}" for name, count in counts.items())
        yield _fault(
            f"folds.number: published_predictions have as many folds as each condition has clips, "
            f"found {number} folds, and {found}",
            "folds.number",
            "clips",
            "published_predictions",
        )
