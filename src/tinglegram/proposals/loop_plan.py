"""The plan of the closed loops: which jobs make the pool and the repetitions, and their files.

Rules only ask it. Paths are text; nothing here touches the disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Annotated, Any

from tinglegram.errors import TinglegramError
from tinglegram.inference.seeding import Seeding
from tinglegram.proposals.listeners import LISTENER_KINDS, Listening
from tinglegram.proposals.loop import ClosedLoop
from tinglegram.proposals.pool import PoolOfSounds
from tinglegram.proposals.settings import Proposing
from tinglegram.settings import (
    AT_LEAST_ONE,
    NOT_EMPTY,
    Bounds,
    Setting,
    as_object,
    as_options,
    fields_of,
    schema_of,
    section,
    section_schema,
    written_as,
)
from tinglegram.sounds.safety import SoundSafety

LOOP_RESULTS = "results/loop"


@section("loop")
class LoopJobs:
    """How often the loop is repeated, in how many jobs, and where the results are shown."""

    repetitions: Annotated[int, Bounds(minimum=2), "Repetitions for each kind of listeners."] = 50
    pool_jobs: Annotated[int, AT_LEAST_ONE, "Jobs that the pool is made in."] = 2
    loop_jobs: Annotated[
        int, AT_LEAST_ONE, "Jobs that the repetitions of a kind of listeners are spread over."
    ] = 1
    page: Annotated[str, NOT_EMPTY, "The page, Markdown."] = "docs/loop.md"
    table: Annotated[
        str, written_as(r".+\.tsv", "a path that ends in .tsv"), "Every number of the page."
    ] = "docs/loop.tsv"
    figure: Annotated[
        str, written_as(r".+\.svg", "a path that ends in .svg"), "Its figure, beside a PNG."
    ] = "docs/images/loop.svg"


CLASSES = (ClosedLoop, LoopJobs, Listening, PoolOfSounds, Proposing, SoundSafety, Seeding)


def loop_schema() -> dict[str, Any]:
    """Return the JSON schema of the configuration of the closed loops (draft 2020-12)."""
    settings = [setting for cls in CLASSES for setting in fields_of(cls)]
    return _level({setting.path: setting for setting in settings})


def _level(settings: Mapping[tuple[str, ...], Setting]) -> dict[str, Any]:
    """Return the schema of settings by what is left of their paths."""
    found: dict[str, Any] = {}
    for key in dict.fromkeys(path[0] for path in settings):
        inner = {path[1:]: setting for path, setting in settings.items() if path[0] == key}
        found[key] = schema_of(inner[()]) if () in inner else _level(inner)
    return section_schema(found)


@dataclass(frozen=True)
class LoopPlan:
    """Everything about the closed loops that rules need to know.

    Attributes
    ----------
    config : of the sections that `CLASSES` name.
    """

    config: Mapping[str, Any]

    @cached_property
    def jobs(self) -> LoopJobs:
        """How many jobs, and where the results go."""
        return as_object(self.config, LoopJobs)

    def check(self) -> None:
        """Raise TinglegramError where pool or rounds have fewer sounds than a loop needs."""
        loop, pool = as_object(self.config, ClosedLoop), as_object(self.config, PoolOfSounds)
        if loop.candidates < loop.per_round:
            raise TinglegramError(
                f"loop: expected {loop.per_round} candidates of a round or more, as many are "
                f"proposed, found {loop.candidates}. Raise candidates, or lower per_round."
            )
        if loop.sounds_needed > pool.sounds:
            raise TinglegramError(
                f"loop: expected a pool of {loop.sounds_needed} sounds or more, found "
                f"{pool.sounds}. Raise pool: sounds, or lower candidates, rounds or existing."
            )

    def options(self, *classes: type) -> str:
        """Return settings as options of a script."""
        return as_options(self.config, *classes)

    def part_of_pool(self, part: int) -> str:
        """Return which sounds a job makes, as options."""
        first, number = _part(as_object(self.config, PoolOfSounds).sounds, self.pool_jobs, part)
        return f"--first {first} --number {number}"

    def part_of_loops(self, part: int) -> str:
        """Return which repetitions a job simulates, as options."""
        first, number = _part(self.jobs.repetitions, self.loop_jobs, part)
        return f"--first {first} --number {number}"

    @property
    def pool_jobs(self) -> int:
        """Jobs of the pool, none of them without a sound."""
        return min(self.jobs.pool_jobs, as_object(self.config, PoolOfSounds).sounds)

    @property
    def loop_jobs(self) -> int:
        """Jobs of a kind of listeners, none of them without a repetition."""
        return min(self.jobs.loop_jobs, self.jobs.repetitions)

    @property
    def pool(self) -> list[str]:
        """Tables of the pool."""
        return [f"{LOOP_RESULTS}/pool/{part}.parquet" for part in range(self.pool_jobs)]

    @property
    def loops(self) -> list[str]:
        """Tables of the repetitions."""
        return [
            f"{LOOP_RESULTS}/loops/{kind}/{part}.parquet"
            for kind in LISTENER_KINDS
            for part in range(self.loop_jobs)
        ]

    @property
    def png(self) -> str:
        """The figure as PNG."""
        return str(PurePosixPath(self.jobs.figure).with_suffix(".png"))


def _part(total: int, jobs: int, part: int) -> tuple[int, int]:
    """Return the first of a part of `total` things and their number."""
    ends = [total * i // jobs for i in range(jobs + 1)]
    return ends[part], ends[part + 1] - ends[part]
