"""Read one participant, by any reader, and list everything that is amiss or worth knowing."""

import logging
from pathlib import Path

from tinglegram.behaviour.responses import ResponseDimensions, ResponseTarget
from tinglegram.behaviour.timeline import ClipEnds
from tinglegram.clock import Timing
from tinglegram.command_line import add_clips, program, run
from tinglegram.files import write_json
from tinglegram.pulse.beats import BeatLimits
from tinglegram.pulse.recordings import PulseSource
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.windows import Windowing
from tinglegram.readers.clocks import ClockLimits
from tinglegram.readers.inspection import ReadingDesign, inspect_participant
from tinglegram.readers.parts import sources_of_text
from tinglegram.sensors.settings import SensorMethods
from tinglegram.settings import add_settings, only, pairs_of, read_settings

SETTINGS = (
    *(only(Timing, "warm_up", "grid"), ClipEnds, ResponseDimensions),
    *(only(ResponseTarget, "dimension"), PulseSource, Windowing, BeatLimits, RestEpochs),
    *(ClockLimits, SensorMethods),
)


def main() -> None:
    """Write what was seen of a participant, and every problem and note."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--parts", required=True, help="readers, their options and files (JSON)")
    add("--lacking", nargs="*", default=[], help="parts of which there is no file")
    add("--participant", required=True, help="id of the participant")
    add("--subject", required=True, help="participant as files of results name them")
    add_clips(parser)
    add("--lengths", required=True, help="of the clips", **pairs_of(float, "CLIP=SECONDS"))
    add_settings(parser, *SETTINGS)
    add("--sensors", default={}, help="signals", **pairs_of(str, "TYPE=CHANNEL", nargs="*"))
    add("--noted", nargs="*", default=[], metavar="KIND", help="problems that are only noted")
    add("--exclude", nargs="*", default=[], metavar="CODE", help="clips or showings left out")
    add("--output", type=Path, required=True, help="JSON file (written)")
    options = parser.parse_args()
    timing, ends, responses, target, pulse, windowing, limits, rests, clocks, sensing = (
        read_settings(options, cls) for cls in SETTINGS
    )
    design = ReadingDesign(
        options.clips,
        options.lengths,
        responses.dimensions,
        target.dimension,
        timing.warm_up,
        timing.grid,
        ends.shortfall,
        pulse.signal,
        windowing,
        limits,
        rests,
        clocks,
        tuple(options.noted),
        {kind: name or None for kind, name in options.sensors.items()},
        sensing,
    )
    sources = sources_of_text(options.parts, options.subject, options.participant, options.lacking)
    seen, entries = inspect_participant(options.subject, sources, design, options.exclude)
    for found in entries:
        level = logging.WARNING if found.expected else logging.INFO
        logging.log(level, "%s: %s", found.kind, found.sentence)
    write_json([seen, entries], options.output)


if __name__ == "__main__":
    run(main)
