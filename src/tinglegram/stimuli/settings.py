"""What the features of clips are computed with.

Apart from the code that computes them, because planning reads it and torch takes seconds to load.
"""

from typing import Annotated, Literal, get_args

from tinglegram.settings import ABOVE_ZERO, NOT_EMPTY, SWITCH, Bounds, Each, only, section

# Where time 0 of picture and sound is; `tinglegram.stimuli.timeline` has the definition.
Alignment = Literal["first_frame", "timestamps"]
# What people were shown of a stimulus.
Stream = Literal["picture", "sound"]
STREAMS: tuple[Stream, ...] = get_args(Stream)


@section("stimuli")
class VisualFeatures:
    """The image network and what it is shown (paper, "Feature Extraction")."""

    weights: Annotated[
        str,
        NOT_EMPTY,
        "IMAGENET1K_V1 (torchvision's cache or download), a path to a state dict, or untrained.",
    ] = "IMAGENET1K_V1"
    image_size: Annotated[
        int,
        Bounds(minimum=32),
        "Side of the network's input, pixels; the resize switch scales with it.",
    ] = 224


@section("stimuli")
class AcousticFeatures:
    """The sound and its analysis window; the hop is one grid step."""

    sample_rate: Annotated[int, Bounds(minimum=8000), "Rate of the sound, Hz."] = 44100
    n_fft: Annotated[int, Bounds(minimum=64), "Analysis window of the sound, samples."] = 2048
    n_mfcc: Annotated[int, Bounds(minimum=1, maximum=128), "Number of MFCCs."] = 20


@section("stimuli")
class SoundBands:
    """The frequency bands whose envelopes the temporal response function is fitted to."""

    bands: Annotated[int, Bounds(minimum=1, maximum=256), "Number of gammatone bands."] = 24
    band_range: Annotated[
        tuple[float, float],
        Each(ABOVE_ZERO),
        "Centres of the lowest and of the highest band, Hz; those between lie evenly in ERBs.",
    ] = (60.0, 12000.0)
    # ASSUMPTION: loudness grows as intensity to the power of 0.3 (Stevens, 1957,
    # doi:10.1037/h0046162), as amplitude to 0.6 (Biesmans et al., 2017,
    # doi:10.1109/TNSRE.2016.2571900).
    band_power: Annotated[
        float,
        ABOVE_ZERO,
        "Power to which the squared envelope of a band is raised.",
    ] = 0.3


@section("")
class FeatureVariant:
    """How the features differ between protocols."""

    resize: Annotated[
        Literal["shorter_side_256_crop_224", "direct_224"], SWITCH, "How pictures are resized."
    ]
    audio_window: Annotated[
        Literal["2048", "cover_hop"], SWITCH, "Length of the analysis window of the sound."
    ]
    alignment: Annotated[
        Alignment,
        SWITCH,
        "What time 0 is: each stream's own first frame, or the first of both by their timestamps.",
    ]
    deinterlace: Annotated[
        Literal["none", "top_field"],
        SWITCH,
        "What becomes of pictures of two fields: nothing, or the lines of one, and means between.",
    ]
    tone_mapping: Annotated[
        Literal["none", "mobius"], SWITCH, "How HDR pictures are brought to standard range."
    ]


# The switches that change what the temporal response function is fitted to.
COURSE_SWITCHES = ("alignment", "deinterlace", "tone_mapping")
CourseVariant = only(FeatureVariant, *COURSE_SWITCHES)
