"""Trials on the device that trains on them, and the batches a network is shown."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tinglegram.trials.trials import Trials, ordered

# Target of a frame that the loss leaves out (torch's own default for cross-entropy); of values
# that are no classes: not a number.
IGNORED = -100


@dataclass(frozen=True, eq=False)
class Packing:
    """The order in which sequences of unequal length are packed.

    torch would find it anew in every batch, and wait for the device each time.

    lengths : (b,) steps, the longest first; in main memory, where packing asks for them.
    order : (b,) the sequence at each place of the packed order, on the device.
    back : (b,) the place of each sequence in the packed order, on the device.
    """

    lengths: Tensor
    order: Tensor
    back: Tensor


@dataclass(frozen=True, eq=False)
class Batch:
    """Some trials (b,), named on the device; `packing` where the network skips their padding."""

    rows: Tensor
    packing: Packing | None


class DeviceTrials:
    """The shared matrices of `Trials` on one device; batches are gathered from them by index."""

    def __init__(
        self, trials: Trials, modalities: Collection[str], padding: str, device: torch.device
    ) -> None:
        """Copy the matrices of `modalities` to `device`."""
        self.streams = [
            (torch.from_numpy(matrix).to(device), torch.from_numpy(index).to(device))
            for matrix, index in map(trials.stream, ordered(modalities))
        ]
        valid = torch.from_numpy(trials.valid).to(device)
        of_values = trials.labels.dtype.kind == "f"
        kind = torch.float32 if of_values else torch.int64
        labels = torch.from_numpy(trials.labels).to(device, kind)
        self.device, self.valid, self.masked = device, valid, padding == "masked"
        counted = torch.from_numpy(trials.counted(padding)).to(device)
        self.targets = labels.masked_fill(~counted, torch.nan if of_values else IGNORED)
        self.n_steps = torch.from_numpy(trials.n_steps)
        self.width = trials.width(modalities)

    def batches(self, rows: Tensor, size: int) -> Iterator[Batch]:
        """Cut trials `rows` (n,), in main memory, into batches of `size`.

        All indices go to the device in one copy, because each copy waits for the device.
        """
        lengths, columns = [], [rows]
        if self.masked:
            parts = rows.split(size)  # type: ignore[no-untyped-call]
            each = [torch.sort(self.n_steps[part], descending=True) for part in parts]
            lengths = [longest_first for longest_first, _ in each]
            columns += [
                torch.cat([order for _, order in each]),
                torch.cat([order.argsort() for _, order in each]),
            ]
        there = torch.stack(columns).to(self.device)
        shares = there.split(size, dim=1)  # type: ignore[no-untyped-call]
        for number, part in enumerate(shares):
            yield Batch(part[0], Packing(lengths[number], part[1], part[2]) if lengths else None)

    def features(self, rows: Tensor) -> Tensor:
        """Return features (len(rows), T, width), zero in the padding; `rows` on the device."""
        joined = torch.cat([matrix[index[rows]] for matrix, index in self.streams], dim=2)
        return joined * self.valid[rows, :, None]

    def logits(self, network: nn.Module, batch: Batch) -> Tensor:
        """Run the network on a batch: (b, T, outputs)."""
        logits: Tensor = network(self.features(batch.rows), batch.packing)
        return logits

    def all_logits(self, network: nn.Module, rows: Tensor, size: int) -> Tensor:
        """Run the network in evaluation mode over `rows` (in main memory), `size` at a time."""
        network.eval()
        with torch.no_grad():
            return torch.cat([self.logits(network, part) for part in self.batches(rows, size)])
