"""Networks from files that give no features, and sets that a step is too short for."""

import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from error_cases import Case
from onnx import TensorProto, helper

from tinglegram.stimuli.binaural import binaural
from tinglegram.stimuli.network_features import PictureEmbeddings, network_sound
from tinglegram.stimuli.network_files import read_embedder
from tinglegram.stimuli.psychoacoustic import psychoacoustic
from tinglegram.stimuli.settings import BinauralFeatures, NetworkFeatures, PsychoacousticFeatures

TITLE = "Feature sets, and networks that make them"


class _Means(torch.nn.Module):
    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return given.mean(dim=(2, 3))


class _Maps(torch.nn.Module):
    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return given


class _Small(torch.nn.Module):
    """Takes pictures of two lines, and nothing else."""

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return given.mean(dim=(1, 3)) * torch.ones(2)


class _Roots(torch.nn.Module):
    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return torch.sqrt(given.mean(dim=(2, 3)) + 0.5)


class _Loud(torch.nn.Module):
    """Gives as many numbers as samples that are above a half, and one."""

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return torch.cat([given[:, :1], given[:, given[0] > 0.5]], dim=1)


def _onnx(shape, outputs: int = 1) -> bytes:
    nodes = [helper.make_node("Flatten", ["given"], [f"made{k}"]) for k in range(outputs)]
    given = helper.make_tensor_value_info("given", TensorProto.FLOAT, shape)
    made = [
        helper.make_tensor_value_info(f"made{k}", TensorProto.FLOAT, None) for k in range(outputs)
    ]
    graph = helper.make_graph(nodes, "flat", [given], made)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return model.SerializeToString()


def _opened(content: bytes | torch.nn.Module, name: str, folder: Path, **about):
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.jit.save(torch.jit.script(content), path)
    settings = NetworkFeatures(path=str(path), **{"stream": "picture", "size": (4, 4), **about})
    return settings, read_embedder(settings)


def _refused(content: bytes | torch.nn.Module, name: str, **about):
    return lambda folder: _opened(content, name, folder, **about) and None


def _missing(folder: Path) -> None:
    settings = NetworkFeatures(path="networks/scene.onnx", stream="picture")
    with patch.object(Path, "read_bytes", side_effect=FileNotFoundError(2, "No such file")):
        read_embedder(settings)


def _dark(folder: Path) -> None:
    settings, embedder = _opened(_Roots(), "scene.pt", folder)
    PictureEmbeddings(settings, embedder).add(np.zeros((8, 8, 3), np.uint8))


def _sound(hop: float | None, module: torch.nn.Module):
    def provoke(folder: Path) -> None:
        about = {"stream": "sound", "window": 0.1, "hop": hop}
        settings, embedder = _opened(module, "speech.pt", folder, **about)
        samples = np.full(16000, 20000, np.int16)
        given = {"sample_rate": 16000, "hop": 1600, "settings": settings, "embedder": embedder}
        network_sound(samples, 10, **given)

    return provoke


def _without(package: str, call):
    def provoke(folder: Path) -> None:
        with patch.dict(sys.modules, {package: None}):
            call(folder)

    return provoke


def _heard(function, settings, hop: int):
    samples = np.zeros((4410, 2) if function is binaural else 4410, np.int16)
    return lambda _: function(samples, 10, sample_rate=44100, hop=hop, settings=settings) and None


_TO = "Export the network again, or correct its entry under features.networks."
_INSTALL = (
    "which is not installed. Install it: python -m pip install --constraint "
    "envs/constraints.txt --editable "
)

CASES = [
    Case(
        "a network whose file is not there",
        "networks/scene.onnx: expected the file of a network, found none that can be read (No such "
        "file). Correct its path under features.networks.",
        _missing,
    ),
    Case(
        "a file that is no ONNX",
        "scene.onnx: expected a network as ONNX, with its weights in the same file, found a file "
        "that cannot be read as one (InvalidProtobuf). Check the file and its ending: .onnx is "
        "ONNX, .pt, .pth and .ts are TorchScript.",
        _refused(b"no network", "scene.onnx"),
    ),
    Case(
        "a file that is no TorchScript",
        "scene.pt: expected a network as TorchScript, with its weights in the same file, found a "
        "file that cannot be read as one (RuntimeError). Check the file and its ending: .onnx is "
        "ONNX, .pt, .pth and .ts are TorchScript.",
        _refused(b"no network", "scene.pt"),
    ),
    Case(
        "an ONNX network made for another size",
        "scene.onnx: expected an input of float32 numbers, shape (1, 3, 4, 4), found tensor(float),"
        " shape (any, 3, 224, 224). Declare the size, or the rate and window, that the network was "
        "made for.",
        _refused(_onnx(["n", 3, 224, 224]), "scene.onnx"),
    ),
    Case(
        "an ONNX network with two outputs",
        "scene.onnx: expected a network with one input and one output, found 1 inputs and 2 "
        f"outputs. {_TO}",
        _refused(_onnx(["n", 3, 4, 4], outputs=2), "scene.onnx"),
    ),
    Case(
        "a TorchScript network made for another size",
        "scene.pt, an input of zeros: expected a network that takes float32 inputs of shape (1, 3, "
        f"4, 4), found one that fails on it (RuntimeError). {_TO}",
        _refused(_Small(), "scene.pt"),
    ),
    Case(
        "a network that gives a map and no vector",
        "scene.pt, an input of zeros: expected one vector of numbers per input, an output of shape "
        f"(1, columns), found an output of shape (1, 3, 4, 4) and type float32. {_TO}",
        _refused(_Maps(), "scene.pt"),
    ),
    Case(
        "a network that gives no number for a picture",
        "scene.pt, picture 1: expected finite numbers, found 3 of 3 that are not. Check the "
        "declared mean, deviation, size or rate of its input.",
        _dark,
    ),
    Case(
        "a network whose vectors differ in length",
        "speech.pt, step 0: expected a vector of 1 numbers, as for other inputs, found one of 1601."
        f" {_TO}",
        _sound(None, _Loud()),
    ),
    Case(
        "windows of sound between steps",
        "features.networks: a hop of 0.25 s is not a whole number of steps of 0.1 s. Choose a "
        "multiple of the step, or null for one step.",
        _sound(0.25, _Loud()),
    ),
    Case(
        "an ONNX network without onnxruntime",
        f"The network scene.onnx needs the package onnxruntime, {_INSTALL}'.[onnx]'",
        _without("onnxruntime", _refused(_onnx(["n", 3, 4, 4]), "scene.onnx")),
    ),
    Case(
        "psychoacoustic features without MoSQITo",
        f"The feature set psychoacoustic needs the package mosqito, {_INSTALL}'.[psychoacoustics]'",
        _without("mosqito", _heard(psychoacoustic, PsychoacousticFeatures(), 4410)),
    ),
    Case(
        "psychoacoustic features on too fine a grid",
        "Psychoacoustic features stand every 2 ms: a step of 1 ms is too short. Choose a grid of "
        "at most 500 Hz, or leave the psychoacoustic features out.",
        lambda _: (
            psychoacoustic(
                np.zeros(441, np.int16),
                10,
                sample_rate=44000,
                hop=44,
                settings=PsychoacousticFeatures(),
            )
            and None
        ),
    ),
    Case(
        "binaural features on too fine a grid",
        "Binaural features compare sounds that are up to 1 ms apart: a step of 147 samples at "
        "44100 Hz is too short. Choose a grid of at most 250 Hz, or leave the binaural features "
        "out.",
        _heard(binaural, BinauralFeatures(), 147),
    ),
]
