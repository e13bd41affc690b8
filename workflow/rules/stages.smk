# Which protocol computes a stage that several protocols share, and where the files lie.
# Stage -> switches that can change its files, and these files below the protocol's folder.
# Protocols that agree in all switches share the files (sharing.smk).
STAGES = {
    "labels": ((), expand("labels/{s}.parquet", s=SUBJECTS)),
    "responders": ((), ["statistics/responders.tsv"]),
    "agreement": (("p_value",), ["statistics/agreement.tsv"]),
    "pulse_10hz": (("slice_by",), expand("pulse_10hz/{s}.npz", s=WITH_PULSE)),
    "continuity": (("slice_by",), ["statistics/continuity.tsv"]),
    "pulse_windows": (("slice_by", "window_clock"), expand("pulse_windows/{s}.tsv", s=WITH_PULSE)),
    "pulse_blocks": (("slice_by", "window_clock"), expand("pulse_blocks/{s}.tsv", s=WITH_PULSE)),
    "coupling": (
        ("slice_by", "window_clock"),
        expand("statistics/pulse_coupling{kind}.tsv", kind=["", "_test", "_quality"]),
    ),
    "physiology": (
        ("slice_by", "window_clock"),
        expand(
            "statistics/{table}.tsv",
            table=[
                "rest_change",
                "rest_change_people",
                "pulse_mixed_model",
                "pulse_mixed_model_checks",
                "pulse_mixed_model_residuals",
                "pulse_mixed_model_people",
            ],
        ),
    ),
    "stimuli": (("resize", "audio_window"), expand("stimuli/{v}.npz", v=CLIPS)),
    "folds": (protocols.FOLD_SWITCHES, ["folds.tsv"]),
}
if config["published_predictions"]:
    STAGES["models/published"] = (
        (),
        [f"models/published/fold{k}/predictions.parquet" for k in FOLDS],
    )
for model, about in MODELS.items():
    weights = "weights.safetensors" if about["kind"] == "bilstm" else "weights.ubj"
    STAGES[f"models/{model}"] = (
        protocols.model_switches(about["kind"], about["modalities"]),
        expand(
            f"models/{model}/fold{{k}}/{{file}}",
            k=FOLDS,
            file=["predictions.parquet", "history.tsv", weights],
        ),
    )


def replicates(model, protocol):
    """Predictions of the networks trained from further seeds, below the protocol's folder."""
    if model not in NETWORKS:
        return []
    return [
        f"models/{model}/fold{k}/seed{n}/predictions.parquet"
        for n in range(2, NETWORK_SEEDS[protocol] + 1)
        for k in FOLDS
    ]


def stage_files(stage, protocol):
    """Every file of a stage, below the protocol's folder."""
    kind, _, model = stage.partition("/")
    return STAGES[stage][1] + (replicates(model, protocol) if kind == "models" else [])


def owner(stage, protocol):
    """The protocol that computes `stage` for `protocol`."""

    def key(p):
        seeds = NETWORK_SEEDS[p] if stage in {f"models/{m}" for m in NETWORKS} else None
        return seeds, [SWITCHES[p][s] for s in STAGES[stage][0]]

    # By name, so that the order in the configuration moves no file.
    return next(p for p in sorted(PROTOCOLS) if key(p) == key(protocol))


# Stage -> the protocols that compute it themselves.
OWNERS = {stage: [p for p in PROTOCOLS if owner(stage, p) == p] for stage in STAGES}


def owners(stage):
    """A wildcard constraint: the protocols that compute `stage` themselves."""
    return "|".join(OWNERS.get(stage, ())) or "(?!)"


def at_owner(stage, protocol):
    """The files of a stage, where they are computed for `protocol`."""
    return [f"{R}/{owner(stage, protocol)}/{f}" for f in stage_files(stage, protocol)]
