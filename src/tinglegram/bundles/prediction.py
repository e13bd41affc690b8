"""Predicted responses to files and sounds that nobody has rated, with how far they can be trusted.

A file that plays longer than a training clip is cut into stretches of a training clip's length that
overlap by half, because networks know nothing longer and the floor of the MFCCs depends on what is
around. Where stretches overlap, predictions are averaged with weights that fall to the ends of
each. Memory does not grow with the file beyond a few numbers for each step.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pandas as pd

from tinglegram.bundles.conformal import (
    clip_scores,
    coverage_sentence,
    half_width,
    interval,
)
from tinglegram.bundles.contents import Bundle, distance_name, usable
from tinglegram.bundles.distance import Reference, distances
from tinglegram.bundles.extraction import (
    Decoded,
    Progress,
    Store,
    decode_file,
    stretch_features,
)
from tinglegram.errors import InputProblem
from tinglegram.stimuli.settings import Stream
from tinglegram.trials.trials import EVERY_MODALITY, Array, Trials, ordered

COLUMNS = (
    *("model", "step", "time_s", "mean", "sd_folds", "sd_seeds", "low", "high"),
    *("distance", "outside"),
)
# By which score models are compared, best first: name in bundle.json -> table and metric.
RANKED_BY = (("within", "roc_auc"), ("regression", "concordance"))
# ASSUMPTION: a file of which this share of the steps is unlike the training clips gets a warning.
# Of training clips that were left out, 5 % of the steps are.
WARNED_SHARE = 0.2
# Stretches that models are shown at once.
_AT_ONCE = 8

# Features -> what is predicted, (stretches, T).
Member = Callable[[Mapping[str, Array]], Array]


class Choice(NamedTuple):
    """Models for a file, and why these."""

    models: tuple[str, ...]
    reason: str


class Prediction(NamedTuple):
    """What is predicted of a file.

    Attributes
    ----------
    table : model, step, time_s (seconds of the file), mean (predicted response of viewers),
        sd_folds and sd_seeds (SD over the models of the folds, and over seeds of the model of all
        clips; NaN of one), low, high (calibrated interval; NaN where there is none), distance (1:
        the threshold), outside.
    choice : models and why these.
    notes : model -> sentences that belong beside its numbers.
    """

    table: pd.DataFrame
    choice: Choice
    notes: Mapping[str, tuple[str, ...]]


def stretch_starts(steps: int, length: int) -> list[int]:
    """Return where stretches begin that cover `steps`, each `length` long or all there is.

    They overlap by half; the last one ends with the file.
    """
    if steps <= length:
        return [0]
    return [*range(0, steps - length, max(1, length // 2)), steps - length]


def stretch_weights(length: int) -> Array:
    """Return the weight of each step of a stretch, which falls to its ends, (length,)."""
    steps = np.arange(length)
    return np.minimum(steps + 1, length - steps).astype(np.float64)


def streams_of(bundle: Bundle, modalities: Collection[str]) -> set[Stream]:
    """Return what of a file these feature sets need: picture, sound."""
    return {bundle.sets[name]["stream"] for name in modalities}


def score_of(model: Mapping[str, Any]) -> tuple[str, float]:
    """Return the score that models are compared by, its name and value; NaN: it has none."""
    for table, metric in RANKED_BY:
        found = model["scores"].get(table, {}).get(metric, {}).get("value")
        if found is not None:
            return metric, float(found)
    return RANKED_BY[0][1], float("nan")


def applicable(bundle: Bundle, streams: Collection[str]) -> list[str]:
    """Return the models that a file with these streams is enough for."""
    return [
        name
        for name, about in bundle.models.items()
        if usable(bundle, about) and streams_of(bundle, about["modalities"]) <= {*streams}
    ]


def choose_models(
    bundle: Bundle, streams: Collection[str], source: str, asked: Sequence[str] = ()
) -> Choice:
    """Return the models that predict the response to a file.

    Parameters
    ----------
    streams : what the file has of picture and sound.
    asked : names of models; none: the best scored one that the file is enough for, of models of
        class 1 by ROC AUC within clips, or, where there is none of them, of models of the value by
        concordance; `all`: every model that the file is enough for.

    Raises
    ------
    InputProblem : a model is not there, or the file is not enough for it; which ones it is for.
    """
    able = applicable(bundle, streams)
    for name in asked:
        if name != "all" and name not in bundle.models:
            raise InputProblem(
                "--model",
                expected=f"models out of {', '.join(bundle.models)}",
                found=name,
                remedy="Name one of them, or all.",
            )
        if name != "all" and name not in able:
            raise _not_enough(bundle, name, streams, source, able)
    if not able:
        nearest = min(bundle.models, key=lambda name: not usable(bundle, bundle.models[name]))
        raise _not_enough(bundle, nearest, streams, source, able)
    if "all" in asked:
        return Choice(tuple(able), "every model that the file is enough for")
    if asked:
        return Choice(tuple(dict.fromkeys(asked)), "asked for")
    kinds = [
        [n for n in able if bundle.models[n]["predicts"] == k] for k in ("probability", "value")
    ]
    among = kinds[0] or kinds[1]
    scored = [name for name in among if not np.isnan(score_of(bundle.models[name])[1])]
    if not scored:
        return Choice((among[0],), "the first one that the file is enough for; none has a score")
    best = max(scored, key=lambda name: score_of(bundle.models[name])[1])
    metric, value = score_of(bundle.models[best])
    words = {"roc_auc": "ROC AUC within clips", "concordance": "concordance"}[metric]
    return Choice(
        (best,),
        f"the best of {len(among)} that the file is enough for, {words} {value:.2f}"
        if len(among) > 1
        else f"the only one that the file is enough for, {words} {value:.2f}",
    )


def _not_enough(
    bundle: Bundle, name: str, streams: Collection[str], source: str, able: Sequence[str]
) -> InputProblem:
    """Return the problem of a file that lacks what a model needs."""
    modalities = bundle.models[name]["modalities"]
    signals = [m for m in modalities if m not in bundle.sets]
    gone = [m for m in signals if m not in EVERY_MODALITY]
    if gone:
        return InputProblem(
            "--model",
            expected="models whose feature sets the bundle can compute",
            found=f"{name}, which needs {' and '.join(gone)}",
            remedy=f"A bundle carries networks as ONNX files alone. {_others(able)}",
        )
    lacking = sorted(streams_of(bundle, set(modalities) - set(signals)) - {*streams})
    what = " and ".join([*signals, *lacking])
    return InputProblem(
        source,
        expected=f"a file with {what}, which model {name} needs",
        found="none",
        remedy=_others(able),
    )


def _others(able: Sequence[str]) -> str:
    """Return which models can do with a file."""
    if not able:
        return "No model of this bundle can do with such a file."
    return f"Of this bundle's models, {', '.join(able)} can do with such a file (--model)."


def stretch_trials(features: Mapping[str, Array], grid: float) -> Trials:
    """Return stretches as trials that models can be shown, without reports.

    Parameters
    ----------
    features : feature set -> (stretches, T, columns) float32.
    """
    first = next(iter(features.values()))
    number, steps = first.shape[:2]
    rows, nothing = np.arange(number), np.zeros((number, steps), np.uint8)
    return Trials(
        subject=np.zeros(number, np.int64),
        video=rows.astype(str).astype(object),
        condition=np.full(number, "", object),
        order=rows,
        n_steps=np.full(number, steps),
        ratings=nothing,
        labels=nothing,
        clip_index=rows,
        acoustic_index=rows,
        visual=features.get("visual"),
        acoustic=features.get("acoustic"),
        pulse=None,
        grid=grid,
        feature_sets={n: own for n, own in features.items() if n not in EVERY_MODALITY},
    )


@lru_cache(maxsize=512)
def member_of(bundle: Bundle, name: str, path: str) -> Member:
    """Return how one trained model of a bundle predicts.

    Parameters
    ----------
    name : of the model; path : its file of one fold or seed.
    """
    about, grid = bundle.models[name], bundle.about["grid_hz"]
    modalities = tuple(about["modalities"])

    def shown(features: Mapping[str, Array]) -> tuple[Trials, Array]:
        trials = stretch_trials({m: features[m] for m in modalities}, grid)
        return trials, np.arange(len(trials.subject))

    if about["kind"] == "xgboost":
        from tinglegram.models.boosting import predict_boosting

        trees = bundle.trees[path]
        return lambda features: predict_boosting(*shown(features), modalities, trees)
    arrays = bundle.arrays[path]
    if about["kind"] == "ridge":
        from tinglegram.models.ridge import predict_ridge

        return lambda features: predict_ridge(*shown(features), modalities, arrays)
    return _network_member(about, arrays, shown, modalities)


def _network_member(
    about: Mapping[str, Any],
    arrays: Mapping[str, Array],
    shown: Callable[[Mapping[str, Array]], tuple[Trials, Array]],
    modalities: tuple[str, ...],
) -> Member:
    import torch

    from tinglegram.models.bilstm import predict_network
    from tinglegram.models.devices import select_device
    from tinglegram.models.settings import NetworkTraining
    from tinglegram.models.standardise import Scaling, standardise, stored_scaling
    from tinglegram.models.value_network import predict_value_network

    training = NetworkTraining(**{k: v for k, v in about["settings"].items() if k != "scaled"})
    tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    scalings = stored_scaling(arrays) if about["settings"]["scaled"] else {}
    device = select_device("cpu", threads=1)

    def predict(features: Mapping[str, Array]) -> Array:
        trials, rows = shown(features)
        scaled = standardise(trials, scalings)
        if about["predicts"] == "probability":
            return predict_network(scaled, rows, modalities, training, tensors, device=device)
        scale = Scaling(arrays["scaling.values.mean"], arrays["scaling.values.sd"])
        return predict_value_network(
            scaled, rows, modalities, training, tensors, scale=scale, device=device
        )

    return predict


class _Model:
    """The courses of one model over a file, added up stretch by stretch."""

    def __init__(self, bundle: Bundle, name: str, steps: int) -> None:
        self.name, self.about = name, bundle.models[name]
        self.files = [*self.about["final"], *sum(self.about["folds"], [])]
        self.members = [member_of(bundle, name, path) for path in self.files]
        self.sums = np.zeros((len(self.files), steps))

    def add(self, begins: Sequence[int], weights: Array, features: Mapping[str, Array]) -> None:
        for total, member in zip(self.sums, self.members, strict=True):
            for begin, said in zip(begins, member(features), strict=True):
                total[begin : begin + len(weights)] += weights * said

    def courses(self, weight: Array) -> tuple[Array, Array, Array]:
        """Return the model's mean (T,), its seeds (seeds, T), and the folds' models (folds, T)."""
        all_courses = dict(zip(self.files, self.sums / weight, strict=True))
        seeds = np.stack([all_courses[path] for path in self.about["final"]])
        folds = [[all_courses[path] for path in paths] for paths in self.about["folds"]]
        mean = seeds.mean(axis=0) if self.about["averaged"] else seeds[0]
        return mean, seeds, np.stack([np.mean(own, axis=0) for own in folds])


def _spread(courses: Array) -> Array:
    """Return the SD over courses at every step; NaN of one."""
    if len(courses) < 2:
        return np.full(courses.shape[1], np.nan)
    found: Array = courses.std(axis=0, ddof=1)
    return found


def _batches(
    bundle: Bundle, decoded: Decoded, modalities: Collection[str]
) -> Iterator[tuple[list[int], int, dict[str, Array]]]:
    """Yield the begins of some stretches, their length, and features (stretches, T, columns)."""
    length = min(decoded.steps, bundle.about["steps"])
    begins = stretch_starts(decoded.steps, length)
    for place in range(0, len(begins), _AT_ONCE):
        own = begins[place : place + _AT_ONCE]
        each = [stretch_features(bundle, decoded, modalities, begin, length) for begin in own]
        yield own, length, {name: np.stack([one[name] for one in each]) for name in modalities}


def predict_stretches(
    bundle: Bundle,
    decoded: Decoded,
    models: Sequence[str],
    *,
    confidence: float = 0.8,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return what models predict of a decoded file or of sound in memory.

    Parameters
    ----------
    decoded : with what the models need (`decode_file`, `only_sound`).
    models : their names.
    confidence : of the calibrated interval.
    progress : is told what is done, how many steps of it, and of how many.

    Returns
    -------
    The table of `Prediction`.
    """
    modalities = ordered({n for model in models for n in bundle.models[model]["modalities"]})
    steps, weight = decoded.steps, np.zeros(decoded.steps)
    known = [tuple(own) for own in bundle.about["distances"]]
    wanted = {tuple(bundle.models[m]["modalities"]) for m in models}
    references: dict[tuple[str, ...], Reference] = {
        own: bundle.reference_of(own)
        for own in known
        if distance_name(own) in {distance_name(modality_set) for modality_set in wanted}
    }
    far = {own: np.zeros(steps) for own in references}
    running = [_Model(bundle, model, steps) for model in models]
    for begins, length, features in _batches(bundle, decoded, modalities):
        weights = stretch_weights(length)
        for begin in begins:
            weight[begin : begin + length] += weights
        for model in running:
            model.add(begins, weights, features)
        for own, reference in references.items():
            joined = np.concatenate([features[name] for name in own], axis=2)
            for begin, stretch in zip(begins, joined, strict=True):
                far[own][begin : begin + length] += weights * distances(reference, stretch)
        if progress is not None:
            progress("predicted", begins[-1] + length, steps)
    by_set = {distance_name(own): total / weight for own, total in far.items()}
    tables = [_table(bundle, model, weight, by_set, confidence) for model in running]
    return pd.concat(tables, ignore_index=True)


def _table(
    bundle: Bundle,
    model: _Model,
    weight: Array,
    by_set: Mapping[str, Array],
    confidence: float,
) -> pd.DataFrame:
    """Return the rows of one model."""
    mean, seeds, folds = model.courses(weight)
    half = calibrated_half_width(bundle, model.name, confidence)
    bounds = (0.0, 1.0) if model.about["predicts"] == "probability" else (-np.inf, np.inf)
    low, high = interval(np.vstack([folds, mean]), half, bounds)
    unknown = np.full(len(mean), np.nan)
    distance = by_set.get(distance_name(model.about["modalities"]), unknown)
    steps = np.arange(len(mean))
    return pd.DataFrame(
        {
            "model": model.name,
            "step": steps,
            "time_s": steps / bundle.about["grid_hz"],
            "mean": mean,
            "sd_folds": _spread(folds),
            "sd_seeds": _spread(seeds),
            "low": low,
            "high": high,
            "distance": distance,
            "outside": distance > 1,
        }
    )


def calibrated_half_width(bundle: Bundle, model: str, confidence: float) -> float | None:
    """Return the half width of a model's interval; None: it has no calibrated one."""
    if not bundle.models[model]["held"]["clips"]:
        return None
    return half_width(clip_scores(bundle.errors_of(model), confidence), confidence)


def predict_file(
    bundle: Bundle,
    stream: BinaryIO,
    source: str,
    *,
    models: Sequence[str] = (),
    confidence: float = 0.8,
    store: Store | None = None,
    progress: Progress | None = None,
    threads: int = 1,
) -> Prediction:
    """Predict the response to a film or a sound, from its begin to its end.

    Parameters
    ----------
    stream, source : the file, opened for reading bytes, and its name for messages.
    models : as `asked` of `choose_models`.
    confidence : of the calibrated interval, above 0 and below 1.
    store : makes temporary files for what grows with the file; None: it stays in memory.
    progress : is told what is done, how many steps of it, and of how many.
    threads : of the picture decoder.

    Raises
    ------
    InputProblem : the file cannot be decoded, or is not enough for a model.
    """
    from tinglegram.stimuli.container import streams_in

    choice = choose_models(bundle, streams_in(stream, source), source, models)
    used = {name for model in choice.models for name in bundle.models[model]["modalities"]}
    decoded = decode_file(
        bundle, stream, source, ordered(used), store=store, progress=progress, threads=threads
    )
    table = predict_stretches(
        bundle, decoded, choice.models, confidence=confidence, progress=progress
    )
    notes = {
        model: tuple(_notes(bundle, model, table[table["model"] == model], confidence, decoded))
        for model in choice.models
    }
    return Prediction(table, choice, notes)


def _notes(
    bundle: Bundle, model: str, table: pd.DataFrame, confidence: float, decoded: Decoded
) -> Iterator[str]:
    """Yield what belongs beside a model's numbers."""
    warning = distance_warning(table)
    if warning:
        yield warning
    if bundle.about["untrained_image_network"] and "visual" in bundle.models[model]["modalities"]:
        yield "WARNING The image network is untrained: features of pictures mean nothing."
    if bundle.about["simulated"]:
        yield "WARNING The bundle was trained on simulated people."
    yield coverage_sentence(bundle.models[model]["held"], confidence)
    for finding in decoded.findings:
        yield finding.sentence(decoded.source)


def distance_warning(table: pd.DataFrame) -> str:
    """Return the warning that a file is unlike the training clips; empty: it is not.

    Parameters
    ----------
    table : rows of one model.
    """
    if table["distance"].isna().all():
        return (
            "WARNING How far the file is from the training clips cannot be told: there is one clip."
        )
    share = float(table["outside"].mean())
    if share <= WARNED_SHARE:
        return ""
    return (
        f"WARNING {100 * share:.0f} % of the steps are unlike the training clips (distance up to "
        f"{table['distance'].max():.1f} times the threshold): the prediction is extrapolated there."
    )


def summary_line(prediction: Prediction, source: str, model: str, confidence: float) -> str:
    """Say in a line what a model predicts of a file."""
    table = prediction.table[prediction.table["model"] == model]
    peak = table.iloc[int(table["mean"].to_numpy().argmax())]
    between = (
        ""
        if table["low"].isna().all()
        else f"; {100 * confidence:g} % interval {table['low'].mean():.2f} to "
        f"{table['high'].mean():.2f} on average"
    )
    seconds = float(table["time_s"].iloc[-1] + table["time_s"].iloc[1] - table["time_s"].iloc[0])
    return (
        f"{source}: {seconds:.1f} s, model {model} ({prediction.choice.reason}): mean "
        f"{table['mean'].mean():.3f}, highest {peak['mean']:.3f} at second {peak['time_s']:.1f}"
        f"{between}; {100 * table['outside'].mean():.0f} % of the steps unlike the training clips"
    )


def summary_row(prediction: Prediction, source: str, model: str) -> dict[str, object]:
    """Return the same as a row of a table."""
    table = prediction.table[prediction.table["model"] == model]
    peak = table.iloc[int(table["mean"].to_numpy().argmax())]
    return {
        "file": source,
        "model": model,
        "steps": len(table),
        "mean": table["mean"].mean(),
        "low": table["low"].mean(),
        "high": table["high"].mean(),
        "highest": peak["mean"],
        "highest_s": peak["time_s"],
        "distance": table["distance"].median(),
        "outside": table["outside"].mean(),
        "warning": distance_warning(table),
    }


def value_name(bundle: Bundle, model: str) -> str:
    """Return what a model predicts, in the words of an axis."""
    target = bundle.about["target"]
    if bundle.models[model]["predicts"] == "value":
        return f"Predicted {target['dimension']}"
    return f"P({target['dimension']} > {target['above']:g})"
