"""Inspection of a clip: it is decoded once, and everything found is a finding.

Apart from the inspection of logs and recordings, so that a change there decodes no clip again.
"""

from collections.abc import Collection
from pathlib import Path

from tinglegram.clock import Timing
from tinglegram.errors import InputProblem
from tinglegram.stimuli.findings import ClipFinding
from tinglegram.stimuli.settings import STREAMS


def inspect_clip(
    path: str, timing: Timing, sample_rate: int, streams: Collection[str] = STREAMS
) -> list[ClipFinding]:
    """Decode a clip and return everything that is amiss in it or worth knowing.

    Parameters
    ----------
    path : of its file, which is there.
    timing : the window of the clip that is analysed, and its grid.
    sample_rate : of the sound that is analysed, Hz.
    streams : those that count: picture, sound.
    """
    # Imported here: without clips there is nothing to decode.
    from tinglegram.stimuli.container import clip_problems
    from tinglegram.stimuli.look import Look
    from tinglegram.stimuli.video import decode_clip

    source = Path(path).name
    with Path(path).open("rb") as stream:
        problems = clip_problems(
            stream,
            source,
            start_s=timing.warm_up,
            n_steps=timing.steps,
            grid_hz=timing.grid,
            streams=streams,
        )
        if not problems:
            try:
                clip = decode_clip(
                    stream,
                    source,
                    start_s=timing.warm_up,
                    n_steps=timing.steps,
                    grid_hz=timing.grid,
                    sample_rate=sample_rate if "sound" in streams else None,
                    take={Look(): lambda picture: None} if "picture" in streams else {},
                )
                return list(clip.findings)
            except InputProblem as problem:
                problems = [problem]
    return [
        ClipFinding("unusable_stimulus", p.found, p.where, p.expected, p.remedy) for p in problems
    ]
