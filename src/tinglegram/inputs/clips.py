"""Inspection of the clips of a study: each is decoded once, and everything found is an entry."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tinglegram.clock import Timing
from tinglegram.errors import InputProblem
from tinglegram.inputs.inventory import Entry, entry
from tinglegram.stimuli.findings import ClipFinding

STIMULUS_REMEDY = "Add it, or take the clip out of the study by setting it to null under clips."


def inspect_clips(clips: Mapping[str, str], timing: Timing, sample_rate: int) -> list[Entry]:
    """Inspect every clip of a study, each file for itself.

    Parameters
    ----------
    clips : code -> path of its file, which may be missing.
    timing, sample_rate : as for `inspect_clip`.
    """
    return [
        found
        for video, path in clips.items()
        for found in inspect_clip(video, path, timing, sample_rate)
    ]


def inspect_clip(video: str, path: str, timing: Timing, sample_rate: int) -> list[Entry]:
    """Decode a clip and return everything that is amiss in it or worth knowing.

    Parameters
    ----------
    video, path : its code, and its file.
    timing : the window of the clip that is analysed, and its grid.
    sample_rate : of the sound that is analysed, Hz.
    """
    if not Path(path).exists():
        return missing_clips({video: path})
    # Imported here: without clips there is nothing to decode.
    from tinglegram.stimuli.container import clip_problems
    from tinglegram.stimuli.video import decode_clip

    source = Path(path).name
    found: Sequence[ClipFinding] = ()
    with Path(path).open("rb") as stream:
        problems = clip_problems(
            stream, source, start_s=timing.warm_up, n_steps=timing.steps, grid_hz=timing.grid
        )
        if not problems:
            try:
                found = decode_clip(
                    stream,
                    source,
                    start_s=timing.warm_up,
                    n_steps=timing.steps,
                    grid_hz=timing.grid,
                    sample_rate=sample_rate,
                    take=lambda picture: None,
                ).findings
            except InputProblem as problem:
                problems = [problem]
    return [
        *(entry("", p, "unusable_stimulus")._replace(video=video) for p in problems),
        *(of_finding(video, source, finding) for finding in found),
    ]


def missing_clips(clips: Mapping[str, str]) -> list[Entry]:
    """Return an entry for each of these clips, code -> path, that there is no file for."""
    found = []
    for video, path in clips.items():
        if not Path(path).exists():
            problem = InputProblem(
                path, expected=f"clip {video}", found="no such file", remedy=STIMULUS_REMEDY
            )
            found.append(entry("", problem, "missing_stimulus")._replace(video=video))
    return found


def of_finding(video: str, source: str, finding: ClipFinding) -> Entry:
    """Return what was found in the clip `video`, of the file `source`, as an entry."""
    return Entry(
        "",
        video,
        finding.kind,
        source,
        finding.where,
        finding.expected,
        finding.found,
        finding.remedy,
    )
