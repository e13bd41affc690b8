"""The bundle of one protocol: trained models with all they need to predict responses elsewhere.

Output: a folder with bundle.json, README.md (the model card) and weights (docs/bundles.md).
"""

import json
import logging
from collections.abc import Collection, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.bundles.conformal import HeldClips, held_errors
from tinglegram.bundles.files import write_bundle
from tinglegram.bundles.making import (
    COURSES,
    SCORE_TABLES,
    VALUE_TABLE,
    TrainedModel,
    bundle_contents,
    describe_sets,
    portable,
    scores_of,
    used_sets,
    verdict_of,
    without_calibration,
)
from tinglegram.bundles.settings import BundleTerms
from tinglegram.command_line import filled, program, run
from tinglegram.files import read_arrays, read_table, sha256
from tinglegram.inference.seeding import Seeding
from tinglegram.settings import as_object, pairs_of, read_settings
from tinglegram.stimuli.files import load_network
from tinglegram.stimuli.network_files import read_embedder
from tinglegram.stimuli.settings import (
    FEATURE_SETS,
    AcousticFeatures,
    FeatureVariant,
    NetworkSets,
    VisualFeatures,
)
from tinglegram.stimuli.visual import UNTRAINED
from tinglegram.trials.files import add_trials, read_trials
from tinglegram.trials.trials import Trials


def main() -> None:
    """Read what was trained and scored, put it together, write the folder."""
    parser = program(__doc__)
    add_trials(parser, VisualFeatures, AcousticFeatures, FeatureVariant, BundleTerms)
    add = parser.add_argument
    add("--about", type=json.loads, required=True, help="what the study says of itself (JSON)")
    add("--files", default={}, help="of the clips", **pairs_of(Path, "CLIP=PATH"))
    about = "seed of an untrained image network"
    add("--seed", type=int, default=Seeding.seed, help=about)
    add("--statistics", required=True, help="tables of {model}, {table} (TSV)")
    add("--verdicts", type=Path, help="table of verdicts (TSV), where there is one")
    add("--values", type=Path, help="scores of models of the value (TSV), where there are any")
    add("--output", type=Path, required=True, help="folder of the bundle")
    options = parser.parse_args()
    plan = options.about
    networks = as_object(plan, NetworkSets).networks
    onnx = {name: own for name, own in networks.items() if own.path.endswith(".onnx")}
    sets = used_sets(plan["models"].values(), onnx)
    trials = read_trials(options, sets)
    folds = read_table(options.folds)
    models = {
        name: _trained(options, name, model, folds, trials.steps, sets)
        for name, model in plan["models"].items()
    }
    pictures, terms = (read_settings(options, cls) for cls in (VisualFeatures, BundleTerms))
    network, weights = None, ""
    if "visual" in sets:
        loaded, weights = load_network(pictures.weights, options.seed)
        network = {name: value.numpy() for name, value in loaded.state_dict().items()}
    variant, sound = (read_settings(options, cls) for cls in (FeatureVariant, AcousticFeatures))
    told = {
        **plan["study"],
        "tinglegram_version": version("tinglegram"),
        "grid_hz": options.grid,
        "warm_up_s": options.warm_up,
        "untrained_image_network": weights == UNTRAINED,
        "clips": _clips(options, trials),
        "decoding": {
            "alignment": variant.alignment,
            "deinterlace": variant.deinterlace,
            "tone_mapping": variant.tone_mapping,
            "sample_rate": sound.sample_rate,
        },
        "sets": describe_sets(
            *(sets, pictures, sound, variant, weights),
            {n: as_object(plan, FEATURE_SETS[n].settings) for n in sets if n in FEATURE_SETS}
            | onnx,
            {name: read_embedder(onnx[name]) for name in sets if name in onnx},
        ),
        "baselines": {
            **{
                name: _scores(options, name)
                for name in (plan["baselines"] if options.statistics else [])
            },
            **{
                f"regression/{name}": _value_scores(options, name)
                for name in plan["value_baselines"]
            },
        },
        "licence": terms.licence,
        "citation": terms.citation,
    }
    files = {name: Path(onnx[name].path).read_bytes() for name in sets if name in onnx}
    write_bundle(*bundle_contents(told, models, trials, network, files), options.output)
    logging.info("%s: %s", options.output, ", ".join(models))


def _trained(
    options: Any,
    name: str,
    model: Mapping[str, Any],
    folds: pd.DataFrame,
    steps: int,
    sets: Collection[str],
) -> TrainedModel:
    """Read everything about one model."""
    about = {key: model[key] for key in ("kind", "predicts", "modalities", "averaged")}
    numbers = sorted(int(fold) for fold in folds["fold"].unique())
    of_values = model["predicts"] == "value"
    reason = without_calibration(model["modalities"], sets)
    held = HeldClips((), np.empty((0, steps)), (), reason)
    if not reason:
        tables = [read_table(path) for path in filled([model["predictions"]], fold=numbers)]
        columns = COURSES[model["predicts"]]
        held = held_errors(pd.concat(tables, ignore_index=True), folds, columns, steps)
    scores = _value_scores(options, name.removeprefix("regression/")) if of_values else None
    return TrainedModel(
        about,
        [_weights(model["kind"], Path(path)) for path in model["final"]],
        [
            [_weights(model["kind"], path) for path in filled(model["folds"], fold=[fold])]
            for fold in numbers
        ],
        _scores(options, name) if scores is None else scores,
        verdict_of(read_table(options.verdicts), name)
        if options.verdicts is not None and not of_values
        else None,
        held,
    )


def _weights(kind: str, path: Path) -> bytes:
    return portable(kind, read_arrays(path) if path.suffix == ".npz" else path.read_bytes())


def _scores(options: Any, name: str) -> dict[str, Any]:
    paths = filled([options.statistics], model=[name], table=SCORE_TABLES)
    tables = zip(SCORE_TABLES, paths, strict=True)
    return {table: scores_of(read_table(path)) for table, path in tables}


def _value_scores(options: Any, name: str) -> dict[str, Any]:
    table = read_table(options.values)
    return {VALUE_TABLE: scores_of(table[table["model"] == name])}


def _clips(options: Any, trials: Trials) -> list[dict[str, Any]]:
    """Return code, condition, steps, streams and checksum of every clip."""
    lacking = {"picture": options.without_picture, "sound": options.without_sound}
    return [
        {
            "code": code,
            "condition": condition,
            "steps": trials.steps_of(place),
            "streams": [stream for stream, clips in lacking.items() if code not in clips],
            "sha256": sha256(options.files[code]) if code in options.files else None,
        }
        for place, (code, condition) in enumerate(options.clips.items())
    ]


if __name__ == "__main__":
    run(main)
