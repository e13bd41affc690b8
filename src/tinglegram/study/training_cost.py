"""How many models a study trains, and how long that takes by what was measured already."""

from collections.abc import Mapping, Sequence

from tinglegram.study.plan import Plan


def trainings_on_moved_reports(plan: Plan) -> dict[str, int]:
    """Return model -> how often it is trained again on moved reports, over folds and protocols."""
    found: dict[str, int] = {}
    for protocol in plan.retrained_in:
        for model, shifts in plan.retrainings(protocol).items():
            if plan.retrained_owner(model, protocol) == protocol:
                found[model] = found.get(model, 0) + shifts * plan.n_folds
    return found


def trainings_of_models(plan: Plan) -> int:
    """Return how many models of class 1 are trained on the reports as they are."""
    return sum(
        plan.n_folds * (plan.network_seeds(protocol) if model in plan.networks else 1)
        for model in plan.models
        for protocol in plan.owners[f"models/{model}"]
    )


def describe_training_cost(plan: Plan, measured: Mapping[str, Sequence[float]]) -> str:
    """Return what planning says of models that are trained again; empty: there are none.

    Parameters
    ----------
    measured : model -> seconds that a training of it took in each job, reading files included.
    """
    again = trainings_on_moved_reports(plan)
    if not again:
        return ""
    shifts = {m: n for p in plan.retrained_in for m, n in plan.retrainings(p).items()}
    said = [f"{model} {n} ({shifts[model]} shifts)" for model, n in again.items()]
    text = (
        f"Test of tracking: {sum(again.values())} models are trained on moved reports beside the "
        f"{trainings_of_models(plan)} of the study: {', '.join(said)} (statistics: retrainings)."
    )
    lacking = [model for model in again if not measured.get(model)]
    if lacking:
        return f"{text} How long that takes is told once {', '.join(lacking)} was trained here."
    each = {model: sum(measured[model]) / len(measured[model]) for model in again}
    seconds = sum(each[model] * n for model, n in again.items())
    took = ", ".join(f"{model} {s:.1f} s" for model, s in each.items())
    return f"{text} By what a training took here ({took}): about {_long(seconds)} one by one."


def _long(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
