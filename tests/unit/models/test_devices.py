"""The device a configuration names, or one sentence why not."""

import pytest
import torch

from tinglegram.errors import TinglegramError
from tinglegram.models.devices import select_device


def test_devices(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    threads = torch.get_num_threads()
    assert select_device("cpu", 1).type == select_device("auto", 1).type == "cpu"
    assert torch.get_num_threads() == 1
    with pytest.raises(TinglegramError, match="Set training.device to auto or cpu"):
        select_device("cuda", 1)
    torch.set_num_threads(threads)
