"""Visual features of a clip: ResNet-18 without its last layer (paper, "Feature Extraction")."""

import hashlib
import pickle
import urllib.error
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from tinglegram.errors import InputProblem
from tinglegram.stimuli.compiler import compiler_for_later

with compiler_for_later():
    from torchvision.models import ResNet18_Weights, resnet18
    from torchvision.transforms import CenterCrop, Compose, Normalize, PILToTensor, Resize

IMAGENET = "IMAGENET1K_V1"
UNTRAINED = "untrained"

# Frames per forward pass; fixed, because sums can depend on it in their last bits.
_BATCH = 16


def untrained_network(seed: int) -> torch.nn.Module:
    """Return a ResNet-18 with random weights: its features carry no learned meaning."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _ready(resnet18(weights=None))


def imagenet_file() -> str:
    """Return the name of the file that holds the ImageNet weights in torchvision's cache."""
    return PurePosixPath(ResNet18_Weights.IMAGENET1K_V1.url).name


def check_imagenet(content: bytes, name: str, folder: str) -> str:
    """Return the SHA-256 of the weights; raise InputProblem unless it is the one in their name.

    torchvision names the file after its hash, but checks it only when it downloads.
    """
    digest = hashlib.sha256(content).hexdigest()
    promised = PurePosixPath(name).stem.rsplit("-", 1)[-1]
    if not digest.startswith(promised):
        raise InputProblem(
            name,
            expected=f"a SHA-256 that begins with {promised}, as its name says",
            found=f"{digest[:16]}, a damaged file or another one",
            remedy=f"Remove it from {folder} to download it again, or give weights of your own by "
            "their path (stimuli: weights).",
        )
    return digest


def imagenet_network() -> torch.nn.Module:
    """Return the ImageNet-trained ResNet-18 from torchvision's cache, downloaded if absent.

    Raises InputProblem when the download fails or the cached file is not such a network.
    """
    name = imagenet_file()
    put = f"Put {name} into {torch.hub.get_dir()}/checkpoints, or set stimuli.weights to a path"
    try:
        state = ResNet18_Weights.IMAGENET1K_V1.get_state_dict(
            progress=False, check_hash=True, map_location="cpu", weights_only=True
        )
    except urllib.error.URLError as problem:
        raise InputProblem(
            ResNet18_Weights.IMAGENET1K_V1.url,
            expected="the ImageNet weights of ResNet-18",
            found=f"no connection ({problem.reason})",
            remedy=f"{put}.",
        ) from problem
    # torch.load has no list of what it raises for a damaged file; assertions are among it.
    except Exception as problem:
        raise _not_weights(
            name, _reason(problem), f"{put}; remove the damaged file first."
        ) from problem
    return _load(state, name)


def read_network(stream: BinaryIO, source: str) -> torch.nn.Module:
    """Return a ResNet-18 with the state dict in `stream`, as `torch.save` writes it.

    The last layer may be absent or of any size: it is not used. Raises InputProblem when the
    file is damaged, holds more than tensors or belongs to another network.
    """
    try:
        state = torch.load(stream, map_location="cpu", weights_only=True)
    except Exception as problem:
        remedy = "Give the path of a ResNet-18 state dict, or IMAGENET1K_V1, or untrained."
        raise _not_weights(source, _reason(problem), remedy) from problem
    return _load(state, source)


def network_of(state: Mapping[str, torch.Tensor], source: str) -> torch.nn.Module:
    """Return a ResNet-18 with these weights; `source` names where they come from.

    Raises InputProblem when they belong to another network, or are not finite.
    """
    return _load(state, source)


def _reason(problem: Exception) -> str:
    # torch's own sentences tell programmers how to run what it refused.
    if isinstance(problem, pickle.UnpicklingError):
        return "a damaged file, or one that holds more than tensors; nothing in it was executed"
    return "a file that ends too soon" if isinstance(problem, EOFError) else "a damaged file"


def _not_weights(source: str, found: str, remedy: str) -> InputProblem:
    return InputProblem(
        source, expected="a readable state dict of ResNet-18", found=found, remedy=remedy
    )


def _load(state: object, source: str) -> torch.nn.Module:
    remedy = "Give the state dict of torchvision's resnet18."
    if not isinstance(state, Mapping):
        raise _not_weights(source, f"a {type(state).__name__}", remedy)
    network = _ready(resnet18(weights=None))
    body = {str(name): value for name, value in state.items()}
    body = {name: value for name, value in body.items() if not name.startswith("fc.")}
    try:
        network.load_state_dict(body)
    except (RuntimeError, TypeError, AttributeError) as problem:
        ours = {name: value.shape for name, value in network.state_dict().items()}
        theirs = {name: getattr(value, "shape", None) for name, value in body.items()}
        differing = [n for n in [*ours, *theirs] if ours.get(n) != theirs.get(n)] or ["its types"]
        found = f"another network (first difference: {differing[0]})"
        raise _not_weights(source, found, remedy) from problem
    if not all(torch.isfinite(value).all() for value in network.state_dict().values()):
        raise _not_weights(source, "weights that are not finite", remedy)
    return network


def _ready(network: torch.nn.Module) -> torch.nn.Module:
    network.fc = torch.nn.Identity()
    return network.eval()


def transform(resize: str, image_size: int) -> Compose:
    """Return the step from a PIL image to a uint8 tensor (3, image_size, image_size).

    `resize` is "shorter_side_256_crop_224" (released code: the shorter side to 256, the central
    224 × 224 kept; other image sizes in proportion) or "direct_224" (paper: "resized to
    224x224 pixels", whatever the aspect ratio).
    """
    if resize == "shorter_side_256_crop_224":
        steps = [Resize(round(image_size * 256 / 224)), CenterCrop(image_size)]
    elif resize == "direct_224":
        steps = [Resize((image_size, image_size))]
    else:
        raise ValueError(f"unknown resize {resize!r}")
    return Compose([*steps, PILToTensor()])


class FeatureExtractor:
    """Turns pictures into features as they come, so that only one batch of them is held.

    Parameters
    ----------
    network : from `untrained_network`, `imagenet_network` or `read_network`.
    resizes : variants of `transform`, all computed from the same picture.
    image_size : side of the network's input in pixels.
    """

    def __init__(
        self,
        network: torch.nn.Module,
        resizes: Sequence[str],
        image_size: int,
        device: torch.device | None = None,
    ) -> None:
        """Move the network to the device; no picture is held yet."""
        self._device = device or torch.device("cpu")
        # Channels last is the faster layout on CPU and GPU.
        self._network = network.to(self._device).to(memory_format=torch.channels_last)
        self._transforms = {name: transform(name, image_size) for name in resizes}
        meta = ResNet18_Weights.IMAGENET1K_V1.transforms()
        self._normalise = Normalize(meta.mean, meta.std)
        self._waiting: dict[str, list[torch.Tensor]] = {name: [] for name in resizes}
        self._done: dict[str, list[NDArray[np.float32]]] = {name: [] for name in resizes}

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Take one RGB picture, (height, width, 3)."""
        image = Image.fromarray(picture)
        for name, step in self._transforms.items():
            self._waiting[name].append(step(image))
            if len(self._waiting[name]) == _BATCH:
                self._forward(name)

    def features(self) -> dict[str, NDArray[np.float32]]:
        """Return for each variant the features of all pictures taken, (n, 512), float32."""
        self.finish()
        return {name: np.concatenate(parts) for name, parts in self._done.items()}

    def taken(self, name: str) -> NDArray[np.float32]:
        """Return the features of a variant that are known by now, (n, 512), and forget them."""
        done, self._done[name] = self._done[name], []
        return np.concatenate(done) if done else np.empty((0, 512), np.float32)

    def finish(self) -> None:
        """Compute the features of pictures that wait for a batch."""
        for name in self._waiting:
            self._forward(name)

    @torch.inference_mode()
    def _forward(self, name: str) -> None:
        if not self._waiting[name]:
            return
        batch = torch.stack(self._waiting[name]).to(self._device)
        self._waiting[name] = []
        inputs = self._normalise(batch.to(torch.float32).div(255))
        inputs = inputs.contiguous(memory_format=torch.channels_last)
        self._done[name].append(self._network(inputs).cpu().numpy())
