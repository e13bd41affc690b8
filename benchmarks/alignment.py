"""At which step of the grid a flash and a click are seen and heard, in many formats of clips.

Needs no input: the clips are made. Ends with an error if any step is not the one it should be.
"""

import io
import logging
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from aligned_clips import EVENT, FORMATS, RATES, STARTS, Format, make_clip, missing_codecs
from tabulate import tabulate

from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.errors import TinglegramError
from tinglegram.files import write_text
from tinglegram.stimuli.acoustic import column_names
from tinglegram.stimuli.features import extract_features
from tinglegram.stimuli.settings import AcousticFeatures, FeatureVariant
from tinglegram.stimuli.visual import untrained_network

# The window that looks at the fewest samples, so that a step hears nothing of its neighbours.
VARIANT = FeatureVariant(
    resize="direct_224",
    audio_window="2048",
    alignment="timestamps",
    deinterlace="none",
    tone_mapping="none",
)
TIMING = Timing(clip=3.5, first_trial=3.2, warm_up=1.0, grid=10)
SHOULD = math.ceil((float(EVENT) - TIMING.warm_up) * TIMING.grid)


class Steps(NamedTuple):
    """The step at which the visual and the acoustic features of a clip change; None: never."""

    visual: int | None
    acoustic: int | None

    @property
    def right(self) -> bool:
        """Whether both are the step of the event."""
        return (self.visual, self.acoustic) == (SHOULD, SHOULD)


def changed(rows: np.ndarray) -> int | None:
    """Return the first step at which features, (steps, columns), are more like the last one."""
    first, last = (np.linalg.norm(rows - rows[i], axis=1) for i in (0, -1))
    found = np.flatnonzero(first > last)
    return int(found[0]) if len(found) else None


def steps_of(content: bytes, network: torch.nn.Module) -> Steps:
    """Return the steps at which the features of a clip change."""
    found = extract_features(
        io.BytesIO(content),
        "clip",
        [VARIANT],
        network=network,
        image_size=32,
        sound=AcousticFeatures(),
        timing=TIMING,
    )
    arrays = found.variants[0]
    loudness = column_names().index("rms")
    return Steps(changed(arrays["visual"]), changed(arrays["acoustic"][:, [loudness]]))


def rows_of(name: str, form: Format, network: torch.nn.Module) -> Iterator[tuple[list[str], int]]:
    """Yield a row of the table for each frame rate, and how many of its steps are wrong."""
    lacking = missing_codecs(form)
    for rate_name, rate in RATES.items():
        if lacking:
            told = f"not made: this FFmpeg has no encoder {', '.join(lacking)}"
            yield [name, rate_name, *[told] * len(STARTS)], 0
            continue
        found = [steps_of(make_clip(form, rate, start), network) for start in STARTS]
        cells = [f"{steps.visual}, {steps.acoustic}" for steps in found]
        logging.info("%s, %s: %s", name, rate_name, cells)
        yield [name, rate_name, *cells], sum(not steps.right for steps in found)


def main() -> None:
    """Make the clips, extract their features, write the table."""
    parser = program(__doc__)
    parser.add_argument("--output", type=Path, required=True, help="Markdown (written)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    network = untrained_network(1)
    found = [row for name, form in FORMATS.items() for row in rows_of(name, form, network)]
    rows, wrong = [row for row, _ in found], sum(number for _, number in found)
    table = tabulate(rows, ["clip", "frames/s", *STARTS], "github", disable_numparse=True)
    text = (
        f"Visual, acoustic: the step at which each changes. All should be {SHOULD}: the event is "
        f"at second {float(EVENT):g}, the window starts at {TIMING.warm_up:g}.\n\n{table}\n"
    )
    write_text(text, options.output)
    if wrong:
        raise TinglegramError(f"{wrong} clips change at another step than {SHOULD}.")


if __name__ == "__main__":
    run(main)
