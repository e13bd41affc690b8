"""Embeddings of networks from files: answers that are known, inputs as declared."""

import io

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper
from PIL import Image

from tinglegram.errors import TinglegramError
from tinglegram.stimuli.network_features import (
    PictureEmbeddings,
    network_columns,
    network_sound,
    open_network,
)
from tinglegram.stimuli.network_files import read_embedder
from tinglegram.stimuli.settings import NetworkFeatures

RATE, HOP = 16000, 1600


def onnx_mean(shape, axes):
    """Return an ONNX network that gives the mean over axes."""
    node = helper.make_node("ReduceMean", ["given"], ["mean"], axes=axes, keepdims=0)
    given = helper.make_tensor_value_info("given", TensorProto.FLOAT, shape)
    mean = helper.make_tensor_value_info("mean", TensorProto.FLOAT, None)
    graph = helper.make_graph([node], "mean", [given], [mean])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return model.SerializeToString()


class ChannelMeans(torch.nn.Module):
    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return given.mean(dim=(2, 3))


class Ends(torch.nn.Module):
    """Gives first, last and largest sample."""

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return torch.stack([given[:, 0], given[:, -1], given.amax(dim=1)], dim=1)


def scripted(module):
    stream = io.BytesIO()
    torch.jit.save(torch.jit.script(module), stream)
    return stream.getvalue()


PICTURE = {"stream": "picture", "size": (6, 8)}
NETWORKS = {
    "net.onnx": onnx_mean(["n", 3, 6, 8], [2, 3]),
    "net.pt": scripted(ChannelMeans()),
}


@pytest.mark.parametrize("path", NETWORKS)
def test_channel_means_of_pictures_are_known(path):
    settings = NetworkFeatures(path=path, **PICTURE)
    embedder = open_network(NETWORKS[path], path, settings)
    assert network_columns(embedder) == ("embedding_1", "embedding_2", "embedding_3")
    taken = PictureEmbeddings(settings, embedder)
    colours = np.array([[255, 0, 51], [0, 102, 255]], np.uint8)
    for colour in colours:
        taken.add(np.broadcast_to(colour, (60, 90, 3)).copy())
    found = taken.features(np.array([0, 1, 1, 0]))
    expected = (colours / 255 - settings.mean) / settings.deviation
    np.testing.assert_allclose(found, expected[[0, 1, 1, 0]], rtol=1e-5, atol=1e-6)
    assert found.dtype == np.float32


def test_a_picture_is_shown_at_the_declared_size_with_declared_means():
    class Flat(torch.nn.Module):
        def forward(self, given: torch.Tensor) -> torch.Tensor:
            return given.flatten(1)

    picture = np.random.default_rng(0).integers(0, 256, (30, 20, 3), dtype=np.uint8)
    plain = {"mean": (0.0, 0.0, 0.0), "deviation": (1.0, 1.0, 1.0)}
    settings = NetworkFeatures(path="net.pt", **PICTURE, **plain)
    taken = PictureEmbeddings(settings, open_network(scripted(Flat()), "net.pt", settings))
    taken.add(picture)
    found = taken.features(np.array([0])).reshape(3, 6, 8)
    small = np.asarray(Image.fromarray(picture).resize((8, 6), Image.Resampling.BILINEAR))
    np.testing.assert_allclose(found, small.transpose(2, 0, 1) / 255, atol=1e-6)


def embedded(samples, n_steps, content, path, rate=RATE, **about):
    settings = NetworkFeatures(path=path, stream="sound", **about)
    embedder = open_network(content, path, settings)
    return network_sound(
        samples, n_steps, sample_rate=rate, hop=rate // 10, settings=settings, embedder=embedder
    )


def test_a_window_of_sound_ends_with_the_step():
    ramp = np.arange(10 * HOP, dtype=np.int16)
    found = embedded(ramp, 10, scripted(Ends()), "net.pt", window=0.2)
    last = np.arange(1, 11) * HOP - 1
    first = np.maximum(last - 2 * HOP + 1, 0)
    np.testing.assert_allclose(32768 * found, np.stack([first, last, last], axis=1), atol=0.01)
    early = embedded(ramp[: 4 * HOP], 4, scripted(Ends()), "net.pt", window=0.2)
    np.testing.assert_array_equal(early, found[:4])
    # Every third step; what is missing at the end is silence.
    slower = embedded(ramp[: 9 * HOP], 10, scripted(Ends()), "net.pt", window=0.2, hop=0.3)
    np.testing.assert_array_equal(slower[:6], found[[0, 0, 0, 3, 3, 3]])
    assert slower[9, 1] == 0 and slower[9, 2] > 0


def test_sound_is_brought_to_the_declared_rate():
    at = np.arange(44100) / 44100
    samples = np.round(16384 + 8000 * np.sin(2 * np.pi * 200 * at)).astype(np.int16)
    content = onnx_mean(["n", 1600], [1])
    # One number per input needs a second axis: the mean of one sample after the other.
    with pytest.raises(TinglegramError, match=r"an output of shape \(1,\)"):
        embedded(samples, 10, content, "net.onnx", 44100, window=0.1, input_rate=16000)
    found = embedded(samples, 10, scripted(Ends()), "net.pt", 44100, window=0.1, input_rate=16000)
    np.testing.assert_allclose(found[1:, 2], (16384 + 8000) / 32768, atol=0.005)


def test_a_file_is_read_by_its_path(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(NETWORKS["net.onnx"])
    assert read_embedder(NetworkFeatures(path=str(path), **PICTURE)).width == 3


def test_the_same_input_gives_the_same_bytes():
    settings = NetworkFeatures(path="net.onnx", **PICTURE)
    pictures = np.random.default_rng(1).integers(0, 256, (5, 40, 40, 3), dtype=np.uint8)
    found = []
    for order in ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0]):
        embedder = open_network(NETWORKS["net.onnx"], "net.onnx", settings)
        taken = PictureEmbeddings(settings, embedder)
        for place in order:
            taken.add(pictures[place])
        found.append(taken.features(np.array(order)))
    np.testing.assert_array_equal(*found)
