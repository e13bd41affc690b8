"""Adam as torch computes it, without torch's optimiser class.

Making a `torch.optim.Adam` loads torch's compiler, which takes longer than training a small
network; the function it calls for the arithmetic does not.
"""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim.adam import adam


class Adam:
    """Adam with torch's default settings (Kingma & Ba, 2015, arXiv:1412.6980)."""

    def __init__(self, parameters: Iterable[Tensor], learning_rate: float) -> None:
        """Start with both moments of every parameter at zero."""
        self.parameters = list(parameters)
        self.learning_rate = learning_rate
        self.first = [torch.zeros_like(p) for p in self.parameters]
        self.second = [torch.zeros_like(p) for p in self.parameters]
        self.steps = [torch.zeros((), dtype=torch.float32) for _ in self.parameters]

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter by its gradient, which must be set."""
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        adam(
            self.parameters,
            gradients,
            self.first,
            self.second,
            [],
            self.steps,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=self.learning_rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )
