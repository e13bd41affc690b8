"""What the features of clips are computed with.

Apart from the code that computes them, because planning reads it and torch takes seconds to load.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal, NamedTuple, get_args

from tinglegram.settings import (
    ABOVE_ZERO,
    AT_LEAST_ONE,
    NOT_EMPTY,
    SWITCH,
    At,
    Bounds,
    Each,
    Keys,
    only,
    section,
    written_as,
)

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


# The settings of feature sets stand at `features.<set>.<key>`. Their fields have names of their
# own, so that one script can be told all sets.


@section("features.binaural")
class BinauralFeatures:
    """What the two ears get differently, per frequency band."""

    binaural_bands: Annotated[
        int,
        At(("features", "binaural", "bands")),
        Bounds(minimum=1, maximum=64),
        "Number of gammatone bands.",
    ] = 8
    binaural_range: Annotated[
        tuple[float, float],
        At(("features", "binaural", "band_range")),
        Each(ABOVE_ZERO),
        "Centres of the lowest and of the highest band, Hz; those between lie evenly in ERBs.",
    ] = (200.0, 8000.0)
    # ASSUMPTION: below this a band holds the noise of 16-bit sound rather than a source that has a
    # direction: the noise of rounding is 98 dB below a full-scale sine over the whole range.
    binaural_floor: Annotated[
        float,
        At(("features", "binaural", "floor_db")),
        Bounds(maximum=0),
        "Level of a band in a step below which it counts as silent, dB re a full-scale sine.",
    ] = -90.0


@section("features.psychoacoustic")
class PsychoacousticFeatures:
    """How loud, sharp, rough and fluctuating a sound is to a listener."""

    # ASSUMPTION: nobody measured at which level people listened. ITU-R BS.1387-1 takes 92 dB where
    # the level is unknown.
    full_scale_spl: Annotated[
        float,
        At(("features", "psychoacoustic", "full_scale_spl")),
        Bounds(minimum=40, maximum=110),
        "Sound pressure level at which a full-scale sine was heard, dB SPL.",
    ] = 92.0
    sound_field: Annotated[
        Literal["free", "diffuse"],
        At(("features", "psychoacoustic", "sound_field")),
        "Sound field of ISO 532-1: free (from the front) or diffuse (from everywhere).",
    ] = "free"


@section("features.texture")
class TextureFeatures:
    """Statistics of sound textures, in a window that ends with the grid step."""

    texture_window: Annotated[
        float,
        At(("features", "texture", "window")),
        ABOVE_ZERO,
        "Seconds of sound that a step's statistics are about; they end with the step.",
    ] = 1.0
    texture_bands: Annotated[
        int,
        At(("features", "texture", "bands")),
        Bounds(minimum=1, maximum=64),
        "Number of cochlear (gammatone) bands.",
    ] = 12
    texture_range: Annotated[
        tuple[float, float],
        At(("features", "texture", "band_range")),
        Each(ABOVE_ZERO),
        "Centres of the lowest and of the highest band, Hz; those between lie evenly in ERBs.",
    ] = (80.0, 10000.0)
    # ASSUMPTION: McDermott & Simoncelli (2011) raise envelopes to 0.3, like the compression of the
    # basilar membrane.
    texture_power: Annotated[
        float,
        At(("features", "texture", "power")),
        ABOVE_ZERO,
        "Power to which envelopes are raised.",
    ] = 0.3
    modulation_bands: Annotated[
        int,
        At(("features", "texture", "modulation_bands")),
        AT_LEAST_ONE,
        "Number of modulation bands per cochlear band.",
    ] = 6
    modulation_range: Annotated[
        tuple[float, float],
        At(("features", "texture", "modulation_range")),
        Each(ABOVE_ZERO),
        "Centres of the slowest and of the fastest modulation band, Hz; those between lie evenly "
        "in octaves.",
    ] = (2.0, 100.0)


@section("features.motion")
class MotionFeatures:
    """Light, colour, optical flow and cuts of pictures."""

    flow_columns: Annotated[
        int,
        At(("features", "motion", "columns")),
        Bounds(minimum=16, maximum=512),
        "Columns, about, to which pictures are made smaller before flow is measured.",
    ] = 64
    # ASSUMPTION: a shot changes where so much of the picture has other colours than a step before.
    # Between two shots of a real film we found 0.43, within shots at most 0.16.
    cut_share: Annotated[
        float,
        At(("features", "motion", "cut_share")),
        Bounds(exclusiveMinimum=0, maximum=1),
        "Share of the colour histogram that changes from step to step at a cut.",
    ] = 0.3


@section("")
class NetworkFeatures:
    """One network from a file whose output vectors are features: an entry of features.networks."""

    path: Annotated[
        str,
        written_as(r".+\.(onnx|pt|pth|ts)", "a path that ends in .onnx, .pt, .pth or .ts"),
        "File of the network: .onnx, or TorchScript (.pt, .pth, .ts), which runs the code in it.",
    ]
    stream: Annotated[Stream, "What it is shown: the picture or the sound."]
    size: Annotated[
        tuple[int, int], Each(AT_LEAST_ONE), "Height and width of its picture, pixels."
    ] = (224, 224)
    mean: Annotated[
        tuple[float, float, float],
        "Taken off red, green and blue (0 to 1) before they are divided by `deviation`.",
    ] = (0.485, 0.456, 0.406)
    deviation: Annotated[
        tuple[float, float, float], Each(ABOVE_ZERO), "What red, green and blue are divided by."
    ] = (0.229, 0.224, 0.225)
    input_rate: Annotated[int, AT_LEAST_ONE, "Sampling rate of its sound, Hz."] = 16000
    window: Annotated[
        float, ABOVE_ZERO, "Seconds of sound that it hears at once; they end with the step."
    ] = 1.0
    hop: Annotated[
        float | None,
        ABOVE_ZERO,
        "Seconds from one window of sound to the next, whole steps; null: one step.",
    ] = None


@section("features")
class NetworkSets:
    """Feature sets that networks from files give."""

    networks: Annotated[
        Mapping[str, NetworkFeatures],
        Keys(written_as("[A-Za-z][A-Za-z0-9_]*", "a letter, then letters, digits and _")),
        "Name of a feature set -> the network that makes it: path of its file and what it is "
        "shown. Models name it among their modalities.",
    ] = field(default_factory=dict)


class AboutSet(NamedTuple):
    """What the workflow must know about a feature set of ours.

    Attributes
    ----------
    stream : of a clip, that it is computed from.
    settings : its class of settings.
    package : that only this set needs; empty: none.
    stereo : whether it hears left and right channel, or their mix.
    """

    stream: Stream
    settings: type
    package: str = ""
    stereo: bool = False


# In the order of their columns; those of networks stand behind them, by name.
FEATURE_SETS: dict[str, AboutSet] = {
    "binaural": AboutSet("sound", BinauralFeatures, stereo=True),
    "psychoacoustic": AboutSet("sound", PsychoacousticFeatures, "mosqito"),
    "texture": AboutSet("sound", TextureFeatures),
    "motion": AboutSet("picture", MotionFeatures),
}
