"""Where networks run, and how repeatably."""

import torch

from tinglegram.errors import TinglegramError


def select_device(name: str, threads: int) -> torch.device:
    """Return the device `name` (auto, cpu or cuda; auto: a GPU where there is one).

    Sets the number of CPU threads and, on a GPU, repeatable convolutions at full precision.
    Raises TinglegramError for cuda where there is none.
    """
    torch.set_num_threads(threads)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.allow_tf32 = False
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise TinglegramError("No CUDA device was found. Set training.device to auto or cpu.")
    return torch.device("cuda" if available and name in ("auto", "cuda") else "cpu")
