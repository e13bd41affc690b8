"""The image network by the name or the path that the configuration gives."""

from pathlib import Path

import torch

from tinglegram.stimuli.visual import (
    IMAGENET,
    UNTRAINED,
    imagenet_network,
    read_network,
    untrained_network,
)


def load_network(weights: str, seed: int) -> tuple[torch.nn.Module, str]:
    """Return a ResNet-18 and what its weights are called.

    Parameters
    ----------
    weights : IMAGENET1K_V1 (torchvision's cache or download), untrained, or the path of a state
        dict, which is then called by its file's name.
    seed : of untrained weights.

    Raises
    ------
    InputProblem : what `imagenet_network` and `read_network` of `tinglegram.stimuli.visual` refuse.
    """
    if weights == UNTRAINED:
        return untrained_network(seed), weights
    if weights == IMAGENET:
        return imagenet_network(), weights
    path = Path(weights)
    with path.open("rb") as stream:
        return read_network(stream, path.name), path.name
