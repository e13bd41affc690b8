"""Every job is asked for its own reasons to run, whatever else runs in the same call.

Snakemake asks no job that follows one which must run: it will run anyway. But a job behind an
ancient file does not follow, and was passed over all the same, with everything behind it, so that
a setting that changed together with a raw file took a second call to have its effect
(snakemake/snakemake#4166).
"""

from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from snakemake.dag import DAG

_plan = DAG.update_needrun


def ask_every_job() -> None:
    """Have Snakemake look behind ancient files, in all plans of this process."""
    DAG.update_needrun = _update_needrun


async def _update_needrun(dag: Any, *arguments: Any, **options: Any) -> None:
    # The one traversal within Snakemake's own planning is the one that says who follows.
    dag.bfs = _followers
    try:
        await _plan(dag, *arguments, **options)
    finally:
        del dag.bfs


def _followers(depending: Mapping[Any, Mapping[Any, Any]], *jobs: Any) -> Iterator[Any]:
    """Return jobs and all that run because of them: not those behind ancient files that exist."""
    queue, seen = deque(jobs), set(jobs)
    while queue:
        job = queue.popleft()
        yield job
        for other, files in depending[job].items():
            waits_only = all(file.is_ancient and Path(file).exists() for file in files)
            if other not in seen and not waits_only:
                seen.add(other)
                queue.append(other)
