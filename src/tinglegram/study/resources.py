"""What a job asks of its machine: a floor, more where its data are larger, more when tried again.

A scheduler kills what takes more. The floors hold some 300 MiB for the two Snakemakes that wrap a
job on a cluster.
"""

import math
from collections.abc import Callable, Collection
from typing import Any

from tinglegram.files import megabytes


def grows(base: float, per_mb: float = 0.0) -> Callable[..., int]:
    """Return a resource of a rule: `base`, and `per_mb` for each MB of a job's data.

    All times the attempt. What other jobs of the same submission will make is not there yet, and
    counts as nothing; so does the code.
    """

    def needed(wildcards: Any, input: Any, attempt: int) -> int:
        data: Collection[str] = set(input) - set(input.code)
        # Sizes are asked for only where they count.
        size = megabytes(data) if per_mb else 0.0
        return math.ceil((base + per_mb * size) * attempt)

    return needed
