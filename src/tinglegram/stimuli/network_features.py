"""Features that any network makes: the vector that an ONNX or TorchScript file gives per input.

A picture network is shown each picture, a sound network windows of sound that end with a grid step.
Inputs are given one at a time, so that what stands beside an input never changes its vector.
"""

import io
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinglegram.errors import InputProblem, TinglegramError, require
from tinglegram.stimuli.bands import resampled, sound_of_steps
from tinglegram.stimuli.settings import NetworkFeatures

Array = NDArray[Any]
Floats = NDArray[np.float32]

_REMEDY = "Export the network again, or correct its entry under features.networks."


class Embedder(NamedTuple):
    """A network that gives one vector per input.

    Attributes
    ----------
    source : name of its file, for messages.
    run : input, (1, 3, height, width) or (1, samples) float32 -> what the network gives.
    width : length of its vectors.
    """

    source: str
    run: Callable[[Floats], Any]
    width: int


def open_network(content: bytes, source: str, settings: NetworkFeatures) -> Embedder:
    """Return the network of a file, tried on an input of zeros.

    Parameters
    ----------
    content : of the file: ONNX if the name in `settings` ends in .onnx, else TorchScript. Loading
        TorchScript runs the code that is in the file: open only networks whose maker you trust.
    source : name of the file, for messages.

    Raises
    ------
    TinglegramError : onnxruntime is not installed.
    InputProblem : a file that is no such network, one that takes another input than declared, or
        gives anything but one vector of finite numbers.
    """
    loaded = _onnx if settings.path.endswith(".onnx") else _torchscript
    run = loaded(content, source, _input_shape(settings))
    tried = Embedder(source, run, 0)
    vector = _vector(tried, np.zeros(_input_shape(settings), np.float32), "an input of zeros")
    return tried._replace(width=len(vector))


def network_columns(embedder: Embedder) -> tuple[str, ...]:
    """Return the names of the columns of a network's features: its outputs have no unit."""
    return tuple(f"embedding_{number}" for number in range(1, embedder.width + 1))


class PictureEmbeddings:
    """Keeps what a network makes of pictures."""

    def __init__(self, settings: NetworkFeatures, embedder: Embedder) -> None:
        """Start without any picture."""
        self._settings, self._embedder = settings, embedder
        self._vectors: list[Floats] = []

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Take one RGB picture, (height, width, 3); the network sees it at the declared size.

        Raises InputProblem if what the network gives is not a vector of finite numbers.
        """
        height, width = self._settings.size
        image = Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR)
        values = np.asarray(image, np.float32) / np.float32(255)
        mean, deviation = (
            np.array(each, np.float32) for each in (self._settings.mean, self._settings.deviation)
        )
        normal = (values - mean) / deviation
        shown = np.ascontiguousarray(normal.transpose(2, 0, 1)[None])
        place = f"picture {len(self._vectors) + 1}"
        self._vectors.append(_vector(self._embedder, shown, place))

    def features(self, of_step: NDArray[np.int64]) -> Floats:
        """Return the vector of each step, (steps, columns).

        Parameters
        ----------
        of_step : the picture of each step, by its place among those taken.
        """
        return np.stack([self._vectors[picture] for picture in of_step])


def network_sound(
    samples: NDArray[np.int16],
    n_steps: int,
    *,
    sample_rate: int,
    hop: int,
    settings: NetworkFeatures,
    embedder: Embedder,
) -> Floats:
    """Return what a network makes of a sound, (n_steps, columns), as `network_columns` says.

    Parameters
    ----------
    samples : mono 16-bit sound from the first step on; silence is added where it is shorter.
    sample_rate : of them, Hz; hop: of them per grid step.

    Returns
    -------
    Of each step the vector of the window that ends with it; with a `hop` in the settings that of
    the last window that has begun a hop: windows end with the first step and then each hop later.
    Before the first step the sound is silent. Values are -1 to 1.

    Raises
    ------
    TinglegramError : the hop of the settings is not a whole number of steps.
    InputProblem : what the network gives is not a vector of finite numbers.
    """
    every = _steps_per_window(settings, hop / sample_rate)
    sound = resampled(sound_of_steps(samples, n_steps, hop), sample_rate, settings.input_rate)
    n = _window(settings)
    heard = np.concatenate([np.zeros(n, np.float32), sound.astype(np.float32)])
    found = np.empty((n_steps, embedder.width), np.float32)
    for step in range(0, n_steps, every):
        end = round((step + 1) * hop * settings.input_rate / sample_rate)
        shown = np.ascontiguousarray(heard[None, end : end + n])
        found[step : step + every] = _vector(embedder, shown, f"step {step}")
    return found


def _steps_per_window(settings: NetworkFeatures, step_s: float) -> int:
    """Return how many steps a vector of the sound stands for."""
    if settings.hop is None:
        return 1
    steps = settings.hop / step_s
    if round(steps) < 1 or abs(steps - round(steps)) > 1e-6:
        raise TinglegramError(
            f"features.networks: a hop of {settings.hop:g} s is not a whole number of steps of "
            f"{step_s:g} s. Choose a multiple of the step, or null for one step."
        )
    return round(steps)


def _window(settings: NetworkFeatures) -> int:
    return max(1, round(settings.window * settings.input_rate))


def _input_shape(settings: NetworkFeatures) -> tuple[int, ...]:
    """Return the shape of one input: (1, 3, height, width) or (1, samples)."""
    if settings.stream == "picture":
        return (1, 3, *settings.size)
    return (1, _window(settings))


def _vector(embedder: Embedder, given: Floats, place: str) -> Floats:
    """Return the vector that a network gives for one input, (columns,)."""
    try:
        made = np.asarray(embedder.run(given))
    # Neither library says what it raises when a network cannot be run on an input.
    except Exception as problem:
        raise InputProblem(
            embedder.source,
            where=place,
            expected=f"a network that takes float32 inputs of shape {given.shape}",
            found=f"one that fails on it ({type(problem).__name__})",
            remedy=_REMEDY,
        ) from problem
    expected = "one vector of numbers per input"
    if made.ndim != 2 or len(made) != 1 or not made.size or made.dtype.kind not in "fiu":
        raise InputProblem(
            embedder.source,
            where=place,
            expected=f"{expected}, an output of shape (1, columns)",
            found=f"an output of shape {made.shape} and type {made.dtype}",
            remedy=_REMEDY,
        )
    if embedder.width and made.size != embedder.width:
        raise InputProblem(
            embedder.source,
            where=place,
            expected=f"a vector of {embedder.width} numbers, as for other inputs",
            found=f"one of {made.size}",
            remedy=_REMEDY,
        )
    vector: Floats = made[0].astype(np.float32)
    if not np.isfinite(vector).all():
        raise InputProblem(
            embedder.source,
            where=place,
            expected="finite numbers",
            found=f"{int((~np.isfinite(vector)).sum())} of {vector.size} that are not",
            remedy="Check the declared mean, deviation, size or rate of its input.",
        )
    return vector


def _onnx(content: bytes, source: str, shape: tuple[int, ...]) -> Callable[[Floats], Any]:
    """Return a function that runs an ONNX network on the CPU, in one thread."""
    runtime = require("onnxruntime", "onnx", f"The network {source}")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    # Errors are raised; what it prints beside them is not for users.
    options.log_severity_level = 4
    try:
        session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    # onnxruntime raises a class of its own for each kind of damage.
    except Exception as problem:
        raise _unreadable(source, "ONNX", problem) from problem
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1:
        raise InputProblem(
            source,
            expected="a network with one input and one output",
            found=f"{len(inputs)} inputs and {len(outputs)} outputs",
            remedy=_REMEDY,
        )
    name, declared, kind = inputs[0].name, inputs[0].shape, inputs[0].type
    fits = len(declared) == len(shape) and all(
        theirs == ours
        for theirs, ours in zip(declared, shape, strict=True)
        if isinstance(theirs, int)
    )
    if not fits or kind != "tensor(float)":
        words = ", ".join(str(side) if isinstance(side, int) else "any" for side in declared)
        raise InputProblem(
            source,
            expected=f"an input of float32 numbers, shape ({', '.join(map(str, shape))})",
            found=f"{kind}, shape ({words})",
            remedy="Declare the size, or the rate and window, that the network was made for.",
        )
    return lambda given: session.run(None, {name: given})[0]


def _torchscript(content: bytes, source: str, _: tuple[int, ...]) -> Callable[[Floats], Any]:
    """Return a function that runs a TorchScript network on the CPU."""
    import torch

    try:
        with warnings.catch_warnings():
            # torch would rather have another format; those who made the file chose this one.
            warnings.simplefilter("ignore", FutureWarning)
            loaded = torch.jit.load(io.BytesIO(content), map_location="cpu")  # type: ignore[no-untyped-call]
        network = loaded.eval()
    # torch.jit has no list of what it raises for a damaged file.
    except Exception as problem:
        raise _unreadable(source, "TorchScript", problem) from problem

    def run(given: Floats) -> Any:
        with torch.inference_mode():
            made = network(torch.from_numpy(given))
        return made.numpy()

    return run


def _unreadable(source: str, kind: str, problem: Exception) -> InputProblem:
    return InputProblem(
        source,
        expected=f"a network as {kind}, with its weights in the same file",
        found=f"a file that cannot be read as one ({type(problem).__name__})",
        remedy="Check the file and its ending: .onnx is ONNX, .pt, .pth and .ts are TorchScript.",
    )
