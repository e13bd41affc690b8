"""How each feature set of a bundle is computed from a file, stretch by stretch.

A set of the picture is computed once for each picture of the grid, as the file is decoded. A set of
the sound is computed for each stretch anew, because what lies outside a stretch may change it (the
floor of the MFCCs lies 80 dB below its loudest moment). The sets of
`tinglegram.stimuli.feature_sets` look back: a stretch amid a film is given the sound and the
picture before it, so that their features there are those of the whole film. Networks of the user's
own are ONNX files of the bundle. A set that is none of these cannot be computed from a file, and a
model that needs it is refused by its name.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple, Protocol

import numpy as np
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from tinglegram.bundles.contents import Bundle
from tinglegram.bundles.tensors import not_as_it_must_be, require_shapes
from tinglegram.clock import Timing
from tinglegram.errors import InputProblem
from tinglegram.settings import as_object, fields_of, schema_of, section_schema
from tinglegram.stimuli.findings import ClipFinding
from tinglegram.stimuli.settings import FEATURE_SETS, CourseVariant, NetworkFeatures, Stream
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


def _as_pictures(pictures: Array, of_step: Array, begin: int, steps: int) -> Array:
    """Return the features of the picture of each step."""
    return np.array(pictures[of_step[begin : begin + steps]], np.float32)


class SeenSet(NamedTuple):
    """A feature set of pictures: shapes of its file, what computes it.

    Attributes
    ----------
    schema : of its settings.
    shapes : of the arrays of its file; None: it has no such file.
    taker : settings, arrays of its file -> what takes the pictures.
    of_steps : features of all pictures, picture of each step, begin, steps -> (steps, columns).
    """

    schema: Mapping[str, Any]
    shapes: Callable[[], Mapping[str, tuple[int, ...]]] | None
    taker: Callable[[Mapping[str, Any], Tensors], PictureTaker]
    of_steps: Callable[[Array, Array, int, int], Array] = _as_pictures


class HeardSet(NamedTuple):
    """A feature set of sound: schema of its settings, and how it is computed.

    Attributes
    ----------
    features : samples (n,) int16, or (n, 2) where `stereo`, steps, samples per second, samples per
        step, settings -> (steps, columns).
    steps_before : settings, begin of a stretch, seconds of a step -> how many steps before it are
        heard with it.
    stereo : whether it hears left and right channel.
    """

    schema: Mapping[str, Any]
    features: Callable[[Array, int, int, int, Mapping[str, Any]], Array]
    steps_before: Callable[[Mapping[str, Any], int, float], int] = lambda *_: 0
    stereo: bool = False


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
    stereo : left and right channel, (n, 2) int16; None: not wanted, or there is one.
    """

    source: str
    steps: int
    pictures: Mapping[str, Array]
    picture_of_step: Array
    sound: Array
    findings: tuple[ClipFinding, ...] = ()
    stereo: Array | None = None


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


class _Motion:
    """Light, flow and cuts, as `tinglegram.stimuli.motion` computes them for a study."""

    def __init__(self, settings: Mapping[str, Any], _: Tensors) -> None:
        from tinglegram.stimuli.motion import MotionOfPictures

        self.motion = MotionOfPictures(settings_of("motion", settings))

    def add(self, picture: np.ndarray) -> None:
        self.motion.add(picture)

    def known(self, last: bool) -> Array:
        return self.motion.known()


def _motion_of_steps(pictures: Array, of_step: Array, begin: int, steps: int) -> Array:
    from tinglegram.stimuli.motion import motion_of_steps

    return motion_of_steps(pictures, of_step, begin, steps)


class _Embedded:
    """What a network of the user's own makes of pictures."""

    def __init__(self, made: Callable[[], Any]) -> None:
        self.made, self.own, self.number, self.width = made, made(), 0, 0

    def add(self, picture: np.ndarray) -> None:
        self.own.add(picture)
        self.number += 1

    def known(self, last: bool) -> Array:
        if not self.number:
            return np.empty((0, self.width), np.float32)
        found: Array = self.own.features(np.arange(self.number))
        self.own, self.number, self.width = self.made(), 0, found.shape[1]
        return found


def settings_of(name: str, settings: Mapping[str, Any]) -> Any:
    """Return the settings of a set of `FEATURE_SETS`, from what stands at `features.<set>`."""
    return as_object({"features": {name: settings}}, FEATURE_SETS[name].settings)


def settings_as_written(settings: Any) -> dict[str, Any]:
    """Return an object of settings as it stands in bundle.json, by the keys of a configuration."""
    found = {s.path[-1]: getattr(settings, s.name) for s in fields_of(settings.__class__)}
    return {key: list(v) if isinstance(v, tuple) else v for key, v in found.items()}


def _declared(cls: type) -> dict[str, Any]:
    """Return the schema of settings as they are declared, each by its key."""
    return section_schema({s.path[-1]: schema_of(s) for s in fields_of(cls)})


def _set_of_sound(name: str) -> HeardSet:
    """Return how a set of sound of `FEATURE_SETS` is computed."""

    def known(settings: Mapping[str, Any]) -> Any:
        from tinglegram.stimuli.feature_sets import known_set

        return known_set(name, settings_of(name, settings))

    def features(
        samples: Array, steps: int, sample_rate: int, hop: int, settings: Mapping[str, Any]
    ) -> Array:
        found: Array = known(settings).compute(samples, steps, sample_rate=sample_rate, hop=hop)
        return found

    def before(settings: Mapping[str, Any], begin: int, step_s: float) -> int:
        found: int = known(settings).steps_before(begin, step_s)
        return found

    return HeardSet(
        _declared(FEATURE_SETS[name].settings), features, before, FEATURE_SETS[name].stereo
    )


# Modality -> how it is computed. A new feature set of pictures or of sound is one more entry.
PICTURE_SETS: dict[str, SeenSet] = {
    "visual": SeenSet(
        _settings_schema(
            weights={"type": "string"},
            image_size={"type": "integer", "minimum": 32, "maximum": 4096},
            resize={"enum": ["shorter_side_256_crop_224", "direct_224"]},
        ),
        _resnet_shapes,
        _Resnet,
    ),
    "motion": SeenSet(_declared(FEATURE_SETS["motion"].settings), None, _Motion, _motion_of_steps),
}
SOUND_SETS: dict[str, HeardSet] = {
    "acoustic": HeardSet(
        _settings_schema(
            n_fft={"type": "integer", "minimum": 64, "maximum": 1 << 20},
            n_mfcc={"type": "integer", "minimum": 1, "maximum": 128},
            audio_window={"enum": ["2048", "cover_hop"]},
        ),
        _librosa,
    ),
    **{name: _set_of_sound(name) for name, own in FEATURE_SETS.items() if own.stream == "sound"},
}
# Settings of a network: its file is one of the bundle's, and its input is none that fills memory.
_NETWORK = _declared(NetworkFeatures)
_NETWORK["properties"] |= {
    "path": {"type": "string", "pattern": r"^networks/[A-Za-z0-9_]+\.onnx$(?!\n)"},
    "size": _NETWORK["properties"]["size"] | {"items": {"type": "integer", "maximum": 4096}},
    "input_rate": _NETWORK["properties"]["input_rate"] | {"maximum": 1 << 20},
    "window": _NETWORK["properties"]["window"] | {"maximum": 3600},
}


def network_path(name: str) -> str:
    """Return the file of a network of the user's own in a bundle."""
    return f"networks/{name}.onnx"


def extractable(modality: str, networks: Collection[str] = ()) -> bool:
    """Return whether a feature set can be computed from a file.

    Parameters
    ----------
    networks : sets that networks make whose files a bundle carries.
    """
    return modality in PICTURE_SETS or modality in SOUND_SETS or modality in networks


def set_of(bundle: Bundle, name: str) -> SeenSet | HeardSet | None:
    """Return how a feature set of a bundle is computed; None: it is not known here."""
    found = PICTURE_SETS.get(name) or SOUND_SETS.get(name)
    own = bundle.sets[name]
    if found is not None or own["file"] != network_path(name):
        return found
    if own["stream"] == "picture":
        return SeenSet(_NETWORK, None, lambda *_: _Embedded(_network(bundle, name).start))

    def features(
        samples: Array, steps: int, sample_rate: int, hop: int, _: Mapping[str, Any]
    ) -> Array:
        found: Array = _network(bundle, name).compute(
            samples, steps, sample_rate=sample_rate, hop=hop
        )
        return found

    return HeardSet(
        _NETWORK,
        features,
        lambda _, begin, step_s: _network(bundle, name).steps_before(begin, step_s),
    )


@lru_cache(maxsize=64)
def _network(bundle: Bundle, name: str) -> Any:
    """Return the set that a network of a bundle makes, opened by onnxruntime.

    Raises
    ------
    InputProblem : it cannot be opened, or does not give the columns that the bundle declares.
    """
    from tinglegram.stimuli.feature_sets import network_set
    from tinglegram.stimuli.network_features import network_columns, open_network

    own, path = bundle.sets[name], network_path(name)
    settings = as_object(own["settings"], NetworkFeatures)
    embedder = open_network(bundle.networks[path], path, settings)
    if list(network_columns(embedder)) != own["columns"]:
        raise not_as_it_must_be(
            path, f"{len(own['columns'])} columns", f"{embedder.width}", f"sets.{name}"
        )
    return network_set(settings, embedder)


def _columns_of(name: str, settings: Mapping[str, Any], sample_rate: int) -> list[str]:
    """Return the columns of a set of `FEATURE_SETS`."""
    from tinglegram.stimuli.feature_sets import known_set

    return list(known_set(name, settings_of(name, settings)).columns(sample_rate))


def require_settings(bundle: Bundle) -> None:
    """Raise unless every feature set of a bundle can be computed with the settings it has.

    Raises
    ------
    InputProblem : a set is not known here, its settings are not as its schema says, or its file is
        not of its shapes.
    """
    for name, own in bundle.sets.items():
        about = set_of(bundle, name)
        stream = "picture" if isinstance(about, SeenSet) else "sound"
        if about is None:
            raise InputProblem(
                "bundle.json",
                where=f"sets.{name}",
                expected=f"feature sets out of {', '.join([*PICTURE_SETS, *SOUND_SETS])}, or of a "
                "network of the bundle",
                found=name,
                remedy="Read the bundle with a version of Tinglegram that computes this set.",
            )
        fault = best_match(Draft202012Validator(about.schema).iter_errors(own["settings"]))
        if fault is not None or own["stream"] != stream:
            found = own["stream"] if fault is None else fault.message[:200]
            raise not_as_it_must_be(
                "bundle.json", "settings of this feature set", found, f"sets.{name}"
            )
        shapes = about.shapes if isinstance(about, SeenSet) else None
        if about.schema is _NETWORK:
            if (own["settings"]["path"], own["settings"]["stream"]) != (own["file"], stream):
                raise not_as_it_must_be(
                    "bundle.json", "the file of this network", "another", f"sets.{name}"
                )
            continue
        if (own["file"] is None) != (shapes is None):
            raise not_as_it_must_be(
                "bundle.json", "the file of this feature set", "another", f"sets.{name}"
            )
        if shapes is not None:
            if own["file"] not in bundle.arrays:
                raise not_as_it_must_be(own["file"], "a safetensors file", "a file of another kind")
            require_shapes(bundle.arrays[own["file"]], shapes(), own["file"])
        rate = bundle.about["decoding"]["sample_rate"]
        if name in FEATURE_SETS and own["columns"] != _columns_of(name, own["settings"], rate):
            raise not_as_it_must_be(
                "bundle.json", "the columns of this feature set", "others", f"sets.{name}"
            )


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
    ways = {name: set_of(bundle, name) for name in modalities}
    pictured = {name: own for name, own in ways.items() if isinstance(own, SeenSet)}
    heard = {name: own for name, own in ways.items() if isinstance(own, HeardSet)}
    kinds: tuple[tuple[Stream, Collection[str]], ...]
    kinds = (("picture", pictured), ("sound", heard))
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
            name: own.taker(
                bundle.sets[name]["settings"], bundle.arrays.get(bundle.sets[name]["file"], {})
            )
            for name, own in pictured.items()
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
        stereo=any(own.stereo for own in heard.values()),
        store=store,
    )
    pictures: dict[str, Array] = {}
    of_step = np.zeros(steps, np.int64)
    if pictured:
        columns = {name: len(bundle.sets[name]["columns"]) for name in pictured}
        pictures = taken.takers[taken.look_of[variant]].features(columns)
        of_step = taken.clip.picture_of_step[variant.alignment]
    sound = taken.clip.sound[variant.alignment]
    stereo = taken.clip.stereo.get(variant.alignment)
    return Decoded(source, steps, pictures, of_step, sound, taken.clip.findings, stereo)


def only_sound(bundle: Bundle, samples: Array, source: str) -> Decoded:
    """Return sound that is in memory as a decoded file.

    Parameters
    ----------
    samples : (n,) int16, mono, or (n, 2), left and right, at the sampling rate of the bundle
        (`decoding.sample_rate`). The mix of both is their mean.
    """
    stereo = samples if samples.ndim == 2 else None
    if stereo is not None:
        samples = np.round(stereo.mean(axis=1)).astype(np.int16)
    # The last step's window is centred on its first sample.
    steps = len(samples) // hop_of(bundle)
    return Decoded(source, steps, {}, np.zeros(steps, np.int64), samples, stereo=stereo)


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
        own, way = bundle.sets[name], set_of(bundle, name)
        if isinstance(way, SeenSet):
            places = decoded.picture_of_step
            features = way.of_steps(decoded.pictures[name], places, begin, steps)
        elif way is not None:
            features = _heard(bundle, decoded, name, way, begin, steps)
        else:
            raise ValueError(f"{name} is no feature set of this bundle")
        if own["log1p"]:
            features[:, own["log1p"]] = np.log1p(features[:, own["log1p"]])
        found[name] = features
    return found


def _heard(
    bundle: Bundle, decoded: Decoded, name: str, way: HeardSet, begin: int, steps: int
) -> Array:
    """Return a feature set of the sound of a stretch, (steps, columns)."""
    hop, rate = hop_of(bundle), bundle.about["decoding"]["sample_rate"]
    settings = bundle.sets[name]["settings"]
    before = way.steps_before(settings, begin, hop / rate)
    # One channel is heard by both ears.
    sound = decoded.stereo if way.stereo and decoded.stereo is not None else decoded.sound
    samples = np.asarray(sound[(begin - before) * hop : (begin + steps) * hop])
    found = way.features(samples, before + steps, rate, hop, settings)
    return found[before:]
