"""The sound of a clip as mono 16-bit samples."""

import av
import numpy as np
from numpy.typing import NDArray

from tinglegram.errors import InputProblem
from tinglegram.stimuli.pictures import REMEDY


class Sound:
    """Collects the sound of a clip as mono 16-bit samples."""

    def __init__(
        self, source: str, start_s: float, n_steps: int, grid_hz: float, sample_rate: int
    ) -> None:
        """Plan the window: `n_steps` steps of the grid from `start_s` on, at `sample_rate` Hz."""
        self.source, self.sample_rate = source, sample_rate
        self.resampler = av.AudioResampler(format="s16", layout="mono", rate=sample_rate)
        self.chunks: list[NDArray[np.int16]] = []
        self.collected = 0
        self.first = int(start_s * sample_rate)
        self.end = self.first + round(n_steps * sample_rate / grid_hz)
        # The last step's window is centred on this sample; what lies beyond may be missing.
        self.last = self.first + round((n_steps - 1) * sample_rate / grid_hz)

    @property
    def complete(self) -> bool:
        """Whether the whole window was collected."""
        return self.collected >= self.end

    def add(self, frame: av.AudioFrame | None) -> None:
        """Collect a decoded frame; None: there are no more."""
        try:
            resampled = self.resampler.resample(frame)
        except ValueError as change:
            raise InputProblem(
                self.source,
                where=f"second {self.collected / self.sample_rate:.2f}",
                expected="one sound format throughout the clip",
                found=str(change),
                remedy=REMEDY,
            ) from change
        # ASSUMPTION: samples follow each other without gaps from the clip's start, as in
        # FFmpeg's conversion to a sound file, which ignores the timestamps of sound.
        for part in resampled:
            self.chunks.append(part.to_ndarray()[0])
            self.collected += part.samples

    def window(self) -> NDArray[np.int16]:
        """Return the samples of the window, (n_samples,); at most one hop may be missing."""
        if not self.complete:
            self.add(None)
        if self.collected < max(self.last, 1):
            raise self.shortage("its end")
        return np.concatenate(self.chunks)[self.first : self.end]

    def shortage(self, found: str) -> InputProblem:
        """Return the problem of a clip whose sound ends before its window."""
        return InputProblem(
            self.source,
            where=f"second {self.collected / self.sample_rate:.2f}",
            expected=f"sound until second {self.end / self.sample_rate:.2f}",
            found=found,
            remedy=REMEDY,
        )
