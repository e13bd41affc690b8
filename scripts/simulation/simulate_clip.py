"""Simulate one clip: an AVI file, and the truth about what its viewers have in common."""

import logging
from pathlib import Path

from tinglegram.clock import Timing
from tinglegram.command_line import program, run
from tinglegram.files import whole, write_json
from tinglegram.inference.seeding import Seeding
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.simulation import clips
from tinglegram.simulation.clip_format import SimulatedClips, format_in_turn
from tinglegram.simulation.design import Reporting


def main() -> None:
    """Write the clip and its truth."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--video", required=True, help="code of the clip in the logs")
    add("--condition", required=True, help="condition it belongs to")
    add("--index", type=int, required=True, help="place of the clip in the study, from 0")
    asked = Seeding, SimulatedClips, only(Timing, "clip"), only(Reporting, "smoothness")
    add_settings(parser, *asked)
    add("--avi", type=Path, required=True, help="clip (written)")
    add("--truth", type=Path, required=True, help="JSON file of the truth (written)")
    options = parser.parse_args()
    seeding, simulated, timing, reporting = (read_settings(options, cls) for cls in asked)
    form = format_in_turn(simulated, options.index)
    feeling = clips.Feeling(timing.clip, reporting.smoothness, simulated.feature_signal)
    clip = options.video, options.condition, feeling, form, seeding.seed
    film = clips.simulate_clip(*clip)
    with whole(options.avi) as aside:
        aside.write_bytes(film)
    write_json(clips.clip_truth(*clip), options.truth)
    logging.info("clip %s: %d frames, %d bytes", options.video, form.frames(timing.clip), len(film))


if __name__ == "__main__":
    run(main)
