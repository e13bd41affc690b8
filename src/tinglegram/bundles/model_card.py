"""The model card of a bundle, from bundle.json alone (Mitchell et al. 2019, arXiv:1810.03993)."""

from collections.abc import Iterator, Mapping
from typing import Any

from tinglegram.bundles.conformal import coverage_sentence
from tinglegram.trials.trials import ordered

# Confidence for which the card says whether intervals are calibrated; that of `tinglegram predict`.
CONFIDENCE = 0.8
# Which scores stand in the card, of which table.
_SHOWN = {
    "probability": (("within", "roc_auc"), ("pooled", "macro_f1")),
    "value": (("regression", "concordance"), ("regression", "rmse")),
}
_WORDS = {
    "roc_auc": "ROC AUC within clips",
    "macro_f1": "macro F1",
    "concordance": "concordance",
    "rmse": "root mean squared error",
}


def model_card(about: Mapping[str, Any]) -> str:
    """Return the card in Markdown.

    Parameters
    ----------
    about : bundle.json; its list of files is not needed.
    """
    parts = [
        f"# Models of {about['title']}",
        "\n\n".join(_warnings(about)),
        f"Study `{about['study']}`, protocol `{about['protocol']}`, written by Tinglegram "
        f"{about['tinglegram_version']}. `tinglegram predict FOLDER FILE...` applies these models "
        "to films and sounds; this page is made from `bundle.json`.",
        "## What they predict",
        "\n".join(_predicts(about)),
        "## Trained on",
        "\n".join(_trained_on(about)),
        "## How good they are",
        _scores(about),
        f"{about['held_out']} A baseline uses no feature; `human_agreement` knows what other "
        "viewers of the same clip reported, which no model of features is expected to reach.",
        "\n\n".join(_verdicts(about)),
        "## How sure a prediction is",
        "\n".join(_certainty(about)),
        "## Intended use and limits",
        "\n".join(_limits(about)),
        "## Licence and citation",
        _licence(about),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _warnings(about: Mapping[str, Any]) -> Iterator[str]:
    if about["simulated"]:
        yield "**Trained on simulated people: nothing here is about real ones.**"
    if about["untrained_image_network"]:
        yield "**The image network is untrained: features of pictures mean nothing.**"


def _predicts(about: Mapping[str, Any]) -> Iterator[str]:
    target, kinds = about["target"], {model["predicts"] for model in about["models"].values()}
    if "probability" in kinds:
        where = (
            f" in a clip of condition {target['condition']}"
            if target["condition"] is not None
            else ""
        )
        yield (
            f"- The probability that a viewer reports {target['dimension']} above "
            f"{target['above']:g}{where}, at each of {about['grid_hz']} steps per second. Averaged "
            "over viewers, it is the share of them who do."
        )
    if "value" in kinds:
        yield f"- `regression/...`: the reported value of {target['dimension']} at each step."


def _trained_on(about: Mapping[str, Any]) -> Iterator[str]:
    clips = about["clips"]
    conditions = list(dict.fromkeys(clip["condition"] for clip in clips))
    seconds = about["steps"] / about["grid_hz"]
    yield (
        f"- {len(about['participants'])} participants and {len(clips)} clips of up to "
        f"{seconds:g} s ({', '.join(conditions)}); codes and checksums of the clips stand in "
        "`bundle.json`."
    )
    for name, own in about["sets"].items():
        settings = ", ".join(f"{key} {value}" for key, value in sorted(own["settings"].items()))
        yield f"- {name}: {len(own['columns'])} columns of the {own['stream']} ({settings})."


def _scores(about: Mapping[str, Any]) -> str:
    lines = [
        "| | kind | features | " + " | ".join(["score", "interval"]) + " |",
        "|---|---|---|---|---|",
    ]
    for name, model in about["models"].items():
        lines += _rows(f"**{name}**", model["kind"], model["modalities"], model, model["scores"])
        for baseline, scores in about["baselines"].items():
            # Baselines of the value and of class 1 have tables of their own.
            lines += _rows(baseline, "baseline", (), model, scores)
    return "\n".join(dict.fromkeys(lines))


def _rows(
    name: str, kind: str, features: Any, model: Mapping[str, Any], scores: Mapping[str, Any]
) -> Iterator[str]:
    for table, metric in _SHOWN[model["predicts"]]:
        found = scores.get(table, {}).get(metric, {})
        if found.get("value") is None:
            continue
        low, high = found.get("ci_low"), found.get("ci_high")
        between = "" if low is None or high is None else f"{low:.3f} to {high:.3f}"
        cells = (name, kind, ", ".join(features), f"{_WORDS[metric]} {found['value']:.3f}", between)
        yield "| " + " | ".join(cells) + " |"


def _verdicts(about: Mapping[str, Any]) -> Iterator[str]:
    for name, model in about["models"].items():
        if model["verdict"] is not None:
            yield f"**{name}: {model['verdict']['call']}.** {model['verdict']['sentence']}"


def _certainty(about: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "- `sd_folds` is the SD over models that were trained without some people or clips, "
        "`sd_seeds` that over starting weights. Neither is an error of the prediction."
    )
    by_sentence: dict[str, list[str]] = {}
    for name, model in about["models"].items():
        sentence = coverage_sentence(model["held"], CONFIDENCE)
        by_sentence.setdefault(sentence, []).append(name)
    for sentence, names in by_sentence.items():
        yield f"- {', '.join(names)}: {sentence}"
    yield (
        "- `distance` is how far a step lies from the training clips; above 1 it is farther than "
        "95 % of the steps of a training clip were from the others, and the prediction is "
        "extrapolated."
    )


def _limits(about: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "- For research on which sounds and films evoke reports like these in people like these. "
        "Not for diagnosis, and not for statements about a single person."
    )
    yield (
        "- A model follows what went with reports in the training clips. It knows no cause, and "
        "nothing of sounds and pictures unlike them."
    )
    files = [
        name
        for name, model in about["models"].items()
        if all(modality in about["sets"] for modality in model["modalities"])
    ]
    others = [name for name in about["models"] if name not in files]
    lacking = {n for name in others for n in about["models"][name]["modalities"]}
    lacking -= about["sets"].keys()
    if others:
        yield (
            f"- Only {', '.join(files)} can do with a file; {', '.join(others)} also need what "
            f"this bundle cannot compute from one: {', '.join(ordered(lacking))}."
        )


def _licence(about: Mapping[str, Any]) -> str:
    licence = about["licence"] or (
        "No licence is given (`bundle: licence`): ask whoever made the bundle before you use it."
    )
    citation = about["citation"] or "No citation is given (`bundle: citation`)."
    return f"Licence: {licence}\n\nCitation: {citation}"
