"""Every job is asked for its own reasons to run, whatever else runs in the same call.

Snakemake asks no job that follows one which must run: it will run anyway. But a job behind an
ancient file does not follow, and was passed over all the same, with everything behind it, so that
a setting that changed together with a raw file took a second call to have its effect
(snakemake/snakemake#4166).
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any


def ask_every_job() -> None:
    """Have Snakemake look behind ancient files, in all plans of this process."""
    # Imported here: this module of Snakemake can only be imported after others.
    from snakemake.dag import DAG

    plan = DAG.update_needrun
    if plan.__module__ == __name__:
        # Another module of the same workflow has seen to it.
        return

    async def update_needrun(dag: Any, *arguments: Any, **options: Any) -> None:
        # The one traversal within Snakemake's own planning is the one that says who follows.
        dag.bfs = followers
        try:
            await plan(dag, *arguments, **options)
        finally:
            del dag.bfs

    DAG.update_needrun = update_needrun


def followers(depending: Mapping[Any, Mapping[Any, Any]], *jobs: Any) -> Iterator[Any]:
    """Return jobs and all that run because of them: not those that only have ancient files of them.

    Parameters
    ----------
    depending : job -> the jobs that read its files -> these files.
    """
    queue, seen = deque(jobs), set(jobs)
    while queue:
        job = queue.popleft()
        yield job
        for other, files in depending[job].items():
            if other not in seen and not all(file.is_ancient for file in files):
                seen.add(other)
                queue.append(other)
