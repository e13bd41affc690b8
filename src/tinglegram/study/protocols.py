"""The named sets of switches in which paper, released code and better practice differ.

Source of every row: the paper's text for `described`, the authors' released code (commit 21fefb7)
for `released`, good practice for `corrected`. docs/protocols.md gives the reason for each choice.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from tinglegram.models.settings import MODEL_KINDS, ModelKind
from tinglegram.models.value_settings import VALUE_MODEL_KINDS, ValueModelKind
from tinglegram.sensors.settings import SENSOR_TYPES
from tinglegram.stimuli.settings import COURSE_SWITCHES

# Which values a switch can take is declared beside the code that it changes.
PROTOCOLS: dict[str, dict[str, object]] = {
    "released": {
        "slice_by": "printed_time",
        "window_clock": "accumulated",
        "pulse_filter": "window",
        "peak_detector": "prominence",
        "prominence": "absolute",
        "peak_placement": "sample",
        "interval_limits": "fixed",
        "rmssd_differences": "spliced",
        "polarity": "as_recorded",
        "window_faults": "level",
        "rmssd_windows": "short",
        "change_interval": "bootstrap",
        "coupling_test": "participants",
        "resize": "shorter_side_256_crop_224",
        "audio_window": "2048",
        "alignment": "first_frame",
        "deinterlace": "none",
        "tone_mapping": "none",
        "padding": "counted",
        "subject_order": "string",
        "validation_fraction": 0.1,
        "checkpoint": "last",
        "seed_networks": False,
        "scaling": "none",
        "network_predictions": "first",
        "p_value": "count",
        "video_level_resampling": "trials",
        "ablation_test": "folds",
        "agreement_test": "resampled_viewers",
        "score_inference": "resampled",
        "tracking_test": "shifted_predictions",
        "lagged_coupling": "none",
        "response_function": "none",
        "verdict": "conjunction",
    },
}
PROTOCOLS["described"] = PROTOCOLS["released"] | {
    # "absolute windows", "with a precision of 0.1 ms": a reader expects exact slices.
    "slice_by": "sample_index",
    # "5.0-second sliding window with a 1.0-second step stride".
    "window_clock": "exact",
    # "resized to 224x224 pixels".
    "resize": "direct_224",
    # "time-locked": what is seen and heard at a time stands at that time.
    "alignment": "timestamps",
    # "select the optimal model state based on the macro F1-score".
    "checkpoint": "best",
    # "Random seed (42) was used throughout".
    "seed_networks": True,
}

PROTOCOLS["corrected"] = PROTOCOLS["described"] | {
    "pulse_filter": "clip",
    "prominence": "relative",
    "peak_placement": "parabola",
    "interval_limits": "rate_range",
    "rmssd_differences": "neighbours",
    "polarity": "detected",
    "window_faults": "all",
    "rmssd_windows": "long",
    "change_interval": "t",
    "coupling_test": "shifted_clips",
    "audio_window": "cover_hop",
    "deinterlace": "top_field",
    "tone_mapping": "mobius",
    "padding": "masked",
    "subject_order": "numeric",
    "scaling": "train_fold",
    "network_predictions": "mean",
    "p_value": "plus_one",
    "video_level_resampling": "participants",
    "ablation_test": "corrected_t",
    "agreement_test": "shifted_viewers",
    "score_inference": "folds",
    "tracking_test": "retrained",
    "lagged_coupling": "shifted_clips",
    "response_function": "ridge",
    "verdict": "decision",
}

# What the trained models of a protocol depend on, beside the switches of their modalities.
FOLD_SWITCHES = ("subject_order", "validation_fraction")
# What the series of a pulse depends on, and what its windows do, in the order of their options.
SERIES_SWITCHES = ("slice_by", "polarity")
WINDOW_SWITCHES = (
    "slice_by",
    "window_clock",
    "pulse_filter",
    "peak_detector",
    "prominence",
    "peak_placement",
    "interval_limits",
    "rmssd_differences",
    "polarity",
    "window_faults",
    "rmssd_windows",
)
# What the tests of windows against ratings depend on, beside the windows.
COUPLING_SWITCHES = ("coupling_test", "p_value")
MODALITY_SWITCHES: dict[str, tuple[str, ...]] = {
    "visual": ("resize", "alignment", "deinterlace", "tone_mapping"),
    "acoustic": ("audio_window", "alignment"),
    "pulse": SERIES_SWITCHES,
    # No switch changes the series of other signals.
    **dict.fromkeys(SENSOR_TYPES, ()),
}


def switches(
    protocol: str,
    overrides: Mapping[str, object],
    own: Mapping[str, Mapping[str, object]] = MappingProxyType({}),
) -> dict[str, object]:
    """Return every switch of `protocol`, with single switches replaced by `overrides`.

    `own` holds a study's own protocols: name -> `from` (a protocol above) and switches.
    """
    base = root(protocol, own)
    changed = {k: v for k, v in own.get(protocol, {}).items() if k != "from"}
    return PROTOCOLS[base] | changed | dict(overrides)


def root(protocol: str, own: Mapping[str, Mapping[str, object]]) -> str:
    """Return the protocol of `PROTOCOLS` that `protocol` is, or starts from."""
    return str(own[protocol]["from"]) if protocol in own else protocol


def model_switches(kind: ModelKind, modalities: Collection[str]) -> tuple[str, ...]:
    """Return the switches that can change the predictions of a model."""
    return (*FOLD_SWITCHES, *MODEL_KINDS[kind].switches, *input_switches(modalities))


def value_model_switches(kind: ValueModelKind, modalities: Collection[str]) -> tuple[str, ...]:
    """Return the switches that can change the predictions of a model of the reported value."""
    return (*FOLD_SWITCHES, *VALUE_MODEL_KINDS[kind].switches, *input_switches(modalities))


def input_switches(modalities: Collection[str]) -> list[str]:
    """Return the switches that can change features; feature sets are made in one job for all."""
    return [
        switch for m in sorted(modalities) for switch in MODALITY_SWITCHES.get(m, COURSE_SWITCHES)
    ]
