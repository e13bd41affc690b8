import copy
import subprocess
import sys

import torch
from paths import ROOT
from torch import nn

from tinglegram.models.adam import Adam


def test_same_weights_as_the_class_of_torch():
    torch.manual_seed(3)
    ours = nn.LSTM(5, 4, 2, bidirectional=True)
    theirs = copy.deepcopy(ours)
    mine, reference = Adam(ours.parameters(), 0.01), torch.optim.Adam(theirs.parameters(), lr=0.01)
    for _ in range(20):
        batch = torch.randn(7, 3, 5)
        for network, optimiser in ((ours, mine), (theirs, reference)):
            network.zero_grad()
            network(batch)[0].square().mean().backward()
            optimiser.step()
    for found, expected in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(found, expected)


def test_training_does_not_load_the_compiler():
    code = (
        "import sys, torch; from tinglegram.models.adam import Adam;"
        "p = torch.ones(2, requires_grad=True);"
        "o = Adam([p], 0.1); p.sum().backward(); o.step(); assert p[0] < 1;"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
