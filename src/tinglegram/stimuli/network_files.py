"""Networks of the user's own by the path that the configuration gives.

Apart from `files`, so that a change of how they are read extracts no visual features anew.
"""

from pathlib import Path

from tinglegram.errors import InputProblem
from tinglegram.stimuli.network_features import Embedder, open_network
from tinglegram.stimuli.settings import NetworkFeatures


def read_embedder(settings: NetworkFeatures) -> Embedder:
    """Return the network of an entry of features.networks.

    Raises
    ------
    InputProblem : its file cannot be read, and what
        `tinglegram.stimuli.network_features.open_network` refuses.
    """
    path = Path(settings.path)
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise InputProblem(
            settings.path,
            expected="the file of a network",
            found=f"none that can be read ({problem.strerror})",
            remedy="Correct its path under features.networks.",
        ) from problem
    return open_network(content, path.name, settings)
