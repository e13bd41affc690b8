"""How each feature set of a bundle is computed from a file, stretch by stretch.

A set of the picture is computed once for each picture of the grid, as the file is decoded. A set of
the sound is computed for each stretch anew, because what lies outside a stretch may change it (the
floor of the MFCCs lies 80 dB below its loudest moment). A set that is not listed here cannot be
computed from a file, and a model that needs it is refused by its name.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple, Protocol

import numpy as np
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from tinglegram.bundles.contents import Bundle
from tinglegram.bundles.tensors import not_as_it_must_be, require_shapes
from tinglegram.clock import Timing
from tinglegram.errors import InputProblem
from tinglegram.stimuli.findings import ClipFinding
from tinglegram.stimuli.settings import CourseVariant, Stream
from tinglegram.trials.trials import Array

# Makes an empty file, open for reading and writing bytes.
Store = Callable[[], BinaryIO]
# Is told what is done, how many steps of it, and of how many.
Progress = Callable[[str, int, int], None]
Tensors = Mapping[str, Array]
# Pictures whose features are handed on at once.
_PICTURES = 512
# Pictures after which progress is told.
_TOLD = 25


class PictureTaker(Protocol):
    """Computes a feature set of pictures as they come."""

    def add(self, picture: np.ndarray) -> None:
        """Take one RGB picture, (height, width, 3)."""

    def known(self, last: bool) -> Array:
        """Return the features of pictures since the last call, (n, columns); at last: of all."""


class PictureSet(NamedTuple):
    """A feature set of pictures: schema of its settings, shapes of its file, what computes it."""

    schema: Mapping[str, Any]
    shapes: Callable[[], Mapping[str, tuple[int, ...]]] | None
    taker: Callable[[Mapping[str, Any], Tensors], PictureTaker]


class SoundSet(NamedTuple):
    """A feature set of sound: schema of its settings, and how it is computed.

    Attributes
    ----------
    features : samples (n,) int16, steps, samples per second, samples per step, settings -> (steps,
        columns).
    """

    schema: Mapping[str, Any]
    features: Callable[[Array, int, int, int, Mapping[str, Any]], Array]


class Decoded(NamedTuple):
    """A file, decoded once.

    Attributes
    ----------
    source : its name.
    steps : of the grid, from its begin.
    pictures : feature set -> (pictures, columns).
    picture_of_step : (steps,) the picture of each step.
    sound : mono samples, (n,) int16; empty where none is wanted.
    findings : what is odd about it.
    """

    source: str
    steps: int
    pictures: Mapping[str, Array]
    picture_of_step: Array
    sound: Array
    findings: tuple[ClipFinding, ...] = ()


class _Resnet:
    """Features of ResNet-18, as `tinglegram.stimuli.visual` computes them for a study."""

    def __init__(self, settings: Mapping[str, Any], tensors: Tensors) -> None:
        import torch

        from tinglegram.stimuli.visual import FeatureExtractor, network_of

        state = {name: torch.from_numpy(array.copy()) for name, array in tensors.items()}
        self.resize = settings["resize"]
        network = network_of(state, "image network")
        self.extractor = FeatureExtractor(network, [self.resize], settings["image_size"])

    def add(self, picture: np.ndarray) -> None:
        self.extractor.add(picture)

    def known(self, last: bool) -> Array:
        if last:
            self.extractor.finish()
        return self.extractor.taken(self.resize)


def _resnet_shapes() -> dict[str, tuple[int, ...]]:
    from tinglegram.stimuli.visual import untrained_network

    return {n: tuple(value.shape) for n, value in untrained_network(0).state_dict().items()}


def _librosa(
    samples: Array, steps: int, sample_rate: int, hop: int, settings: Mapping[str, Any]
) -> Array:
    from tinglegram.stimuli import acoustic

    found: Array = acoustic.features(
        samples,
        steps,
        sample_rate=sample_rate,
        hop=hop,
        window=acoustic.window_samples(settings["audio_window"], settings["n_fft"], hop),
        n_mfcc=settings["n_mfcc"],
    )
    return found


def _settings_schema(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


# Modality -> how it is computed. A new feature set of pictures or of sound is one more entry.
PICTURE_SETS: dict[str, PictureSet] = {
    "visual": PictureSet(
        _settings_schema(
            weights={"type": "string"},
            image_size={"type": "integer", "minimum": 32, "maximum": 4096},
            resize={"enum": ["shorter_side_256_crop_224", "direct_224"]},
        ),
        _resnet_shapes,
        _Resnet,
    ),
}
SOUND_SETS: dict[str, SoundSet] = {
    "acoustic": SoundSet(
        _settings_schema(
            n_fft={"type": "integer", "minimum": 64, "maximum": 1 << 20},
            n_mfcc={"type": "integer", "minimum": 1, "maximum": 128},
            audio_window={"enum": ["2048", "cover_hop"]},
        ),
        _librosa,
    ),
}


def extractable(modality: str) -> bool:
    """Return whether a feature set can be computed from a file."""
    return modality in PICTURE_SETS or modality in SOUND_SETS


def require_settings(bundle: Bundle) -> None:
    """Raise unless every feature set of a bundle can be computed with the settings it has.

    Raises
    ------
    InputProblem : a set is not known here, its settings are not as its schema says, or its file is
        not of its shapes.
    """
    for name, own in bundle.sets.items():
        about = PICTURE_SETS.get(name) or SOUND_SETS.get(name)
        stream = "picture" if name in PICTURE_SETS else "sound"
        if about is None:
            raise InputProblem(
                "bundle.json",
                where=f"sets.{name}",
                expected=f"feature sets out of {', '.join([*PICTURE_SETS, *SOUND_SETS])}",
                found=name,
                remedy="Read the bundle with a version of Tinglegram that computes this set.",
            )
        fault = best_match(Draft202012Validator(about.schema).iter_errors(own["settings"]))
        if fault is not None or own["stream"] != stream:
            found = own["stream"] if fault is None else fault.message[:200]
            raise not_as_it_must_be(
                "bundle.json", "settings of this feature set", found, f"sets.{name}"
            )
        shapes = about.shapes if isinstance(about, PictureSet) else None
        if (own["file"] is None) != (shapes is None):
            raise not_as_it_must_be(
                "bundle.json", "the file of this feature set", "another", f"sets.{name}"
            )
        if shapes is not None:
            if own["file"] not in bundle.arrays:
                raise not_as_it_must_be(own["file"], "a safetensors file", "a file of another kind")
            require_shapes(bundle.arrays[own["file"]], shapes(), own["file"])


def hop_of(bundle: Bundle) -> int:
    """Return the samples of a grid step."""
    from tinglegram.stimuli.acoustic import hop_samples

    return hop_samples(bundle.about["decoding"]["sample_rate"], bundle.about["grid_hz"])


@dataclass
class _Spilled:
    """Takes the pictures of a file for several feature sets, and keeps their features in files."""

    takers: Mapping[str, PictureTaker]
    store: Store | None
    told: Callable[[int], None] | None = None
    taken: int = 0
    waiting: int = 0
    files: dict[str, BinaryIO] = field(default_factory=dict)
    parts: dict[str, list[Array]] = field(default_factory=dict)

    def add(self, picture: np.ndarray) -> None:
        for taker in self.takers.values():
            taker.add(picture)
        self.waiting += 1
        self.taken += 1
        if self.told is not None and self.taken % _TOLD == 0:
            self.told(self.taken)
        if self.waiting >= _PICTURES:
            self._hand_on(last=False)

    def _hand_on(self, *, last: bool) -> None:
        self.waiting = 0
        for name, taker in self.takers.items():
            found = taker.known(last)
            if self.store is None:
                self.parts.setdefault(name, []).append(found)
                continue
            if name not in self.files:
                self.files[name] = self.store()
            self.files[name].write(np.ascontiguousarray(found, np.float32).tobytes())

    def features(self, columns: Mapping[str, int]) -> dict[str, Array]:
        """Return feature set -> (pictures, columns) float32."""
        self._hand_on(last=True)
        if self.store is None:
            return {name: np.concatenate(parts) for name, parts in self.parts.items()}
        found = {}
        for name, kept in self.files.items():
            kept.flush()
            found[name] = np.memmap(kept, np.float32, "r").reshape(-1, columns[name])
        return found


def decode_file(
    bundle: Bundle,
    stream: BinaryIO,
    source: str,
    modalities: Collection[str],
    *,
    store: Store | None = None,
    progress: Progress | None = None,
    threads: int = 1,
) -> Decoded:
    """Decode a file once, from its begin to its end.

    Parameters
    ----------
    stream, source : the file, opened for reading bytes, and its name for messages.
    modalities : feature sets that are wanted of it.
    store : makes temporary files for what grows with the file; None: it stays in memory.
    progress : is told what is done, how many steps of it, and of how many.
    threads : of the picture decoder.

    Raises
    ------
    InputProblem : what `tinglegram.stimuli.video.decode_clip` refuses, or a file shorter than two
        steps of the grid.
    """
    from tinglegram.stimuli.container import playing_seconds
    from tinglegram.stimuli.passes import decode_in_looks

    about, grid = bundle.about["decoding"], bundle.about["grid_hz"]
    pictured = [name for name in modalities if name in PICTURE_SETS]
    heard = [name for name in modalities if name in SOUND_SETS]
    kinds: tuple[tuple[Stream, list[str]], ...] = (("picture", pictured), ("sound", heard))
    streams = [stream for stream, names in kinds if names]
    seconds = playing_seconds(stream, source, streams)
    steps = int(seconds * grid + 1e-6)
    if steps < 2:
        raise InputProblem(
            source,
            expected=f"at least {2 / grid:g} s of {' and '.join(streams)}",
            found=f"{max(seconds, 0.0):.2f} s",
            remedy="Name a longer file.",
        )
    variant = CourseVariant(
        **{name: about[name] for name in ("alignment", "deinterlace", "tone_mapping")}
    )

    def taker() -> _Spilled:
        takers = {
            name: PICTURE_SETS[name].taker(
                bundle.sets[name]["settings"], bundle.arrays.get(bundle.sets[name]["file"], {})
            )
            for name in pictured
        }
        told = None if progress is None else lambda done: progress("decoded", done, steps)
        return _Spilled(takers, store, told)

    taken = decode_in_looks(
        stream,
        source,
        [variant],
        taker if pictured else None,
        timing=Timing(clip=steps / grid, first_trial=None, warm_up=0.0, grid=grid),
        sample_rate=about["sample_rate"] if heard else None,
        threads=threads,
        store=store,
    )
    pictures: dict[str, Array] = {}
    of_step = np.zeros(steps, np.int64)
    if pictured:
        columns = {name: len(bundle.sets[name]["columns"]) for name in pictured}
        pictures = taken.takers[taken.look_of[variant]].features(columns)
        of_step = taken.clip.picture_of_step[variant.alignment]
    sound = taken.clip.sound[variant.alignment]
    return Decoded(source, steps, pictures, of_step, sound, taken.clip.findings)


def only_sound(bundle: Bundle, samples: Array, source: str) -> Decoded:
    """Return sound that is in memory as a decoded file.

    Parameters
    ----------
    samples : (n,) int16, mono, at the sampling rate of the bundle (`decoding.sample_rate`).
    """
    # The last step's window is centred on its first sample.
    steps = len(samples) // hop_of(bundle)
    return Decoded(source, steps, {}, np.zeros(steps, np.int64), samples)


def stretch_features(
    bundle: Bundle, decoded: Decoded, modalities: Collection[str], begin: int, steps: int
) -> dict[str, Array]:
    """Return the features of a stretch as models take them: set -> (steps, columns) float32.

    Parameters
    ----------
    begin, steps : of the stretch, in steps of the grid.
    """
    found: dict[str, Array] = {}
    for name in modalities:
        own = bundle.sets[name]
        if name in PICTURE_SETS:
            places = decoded.picture_of_step[begin : begin + steps]
            features = np.array(decoded.pictures[name][places], np.float32)
        else:
            hop = hop_of(bundle)
            samples = np.asarray(decoded.sound[begin * hop : (begin + steps) * hop])
            rate = bundle.about["decoding"]["sample_rate"]
            features = SOUND_SETS[name].features(samples, steps, rate, hop, own["settings"])
        if own["log1p"]:
            features[:, own["log1p"]] = np.log1p(features[:, own["log1p"]])
        found[name] = features
    return found
