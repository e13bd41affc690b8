"""A recording of one sensor, whatever the format of its file."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Note(NamedTuple):
    """What a careful reader should know of a recording and is no error: one word, a sentence."""

    kind: str
    message: str

    def __str__(self) -> str:
        """Return the sentence."""
        return self.message


@dataclass(frozen=True, eq=False)
class Recording:
    """One channel of a Biopac recording.

    Parameters
    ----------
    signal : float64, shape (n_samples,), in `unit`.
    printed_time_s : float64, shape (n_samples,), seconds: the time column as it is printed.
    sampling_rate_hz : samples per second.
    channel, name, unit : column label (CH2), and its name and unit in the header.
    title : first line of the file (name of the .acq or .gtl file).
    encoding : encoding in which the header could be read.
    findings : what a careful reader should know and is no error.
    first_index : place of the first sample in the recording; above 0 where a section was exported.
    """

    signal: np.ndarray
    printed_time_s: np.ndarray
    sampling_rate_hz: float
    channel: str
    name: str
    unit: str
    title: str
    encoding: str
    findings: tuple[Note, ...]
    first_index: int = 0
