"""Which trial of a BIDS recording a time lies in. The export asks the same."""

import numpy as np


def trial_at(times_s: np.ndarray, onsets_s: np.ndarray, durations_s: np.ndarray) -> np.ndarray:
    """Return for each time the place of the trial that it lies in, int (n,); -1 where in none.

    Parameters
    ----------
    times_s : float (n,).
    onsets_s, durations_s : float (m,) of trials in the order of their onsets. A trial's end
        belongs to it unless the next one begins there.
    """
    place = np.searchsorted(onsets_s, times_s, side="right") - 1
    if not len(onsets_s):
        return place
    ends = onsets_s + durations_s
    return np.where((place >= 0) & (times_s <= ends[place]), place, -1)


def trial_of_samples(
    times_s: np.ndarray, rate_hz: float, onsets_s: np.ndarray, durations_s: np.ndarray
) -> np.ndarray:
    """Return `trial_at`; the last sample before a trial, if in none, counts to it: its level.

    Parameters
    ----------
    times_s : float (n,), rising: of those samples that hold a value.
    rate_hz : of the recording; a sample counts as the level up to one period before the onset.
    """
    place = trial_at(times_s, onsets_s, durations_s)
    before = np.searchsorted(times_s, onsets_s, side="left") - 1
    for trial, sample in enumerate(before):
        at_onset = sample + 1 < len(times_s) and times_s[sample + 1] == onsets_s[trial]
        # Up to a millionth more: times are sums of rounded numbers.
        near = sample >= 0 and onsets_s[trial] - times_s[sample] <= (1 + 1e-6) / rate_hz
        if near and place[sample] < 0 and not at_onset:
            place[sample] = trial
    return place
