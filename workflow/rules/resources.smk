# What a job asks of its machine. A scheduler kills what takes more, so a job asks for a floor, for
# more where its data are larger, and for more again when it is tried once more. The floors hold some
# 300 MiB for the two Snakemakes that wrap a job on a cluster.
import math


def grows(base, per_mb=0.0):
    """A resource: `base`, and `per_mb` for each MB of the job's data, all times the attempt."""

    def needed(wildcards, input, attempt):
        # What other jobs of the same submission will make is not there yet, and counts as nothing.
        data = [path for path in set(input) - set(input.code) if os.path.exists(path)]
        return math.ceil((base + per_mb * sum(map(os.path.getsize, data)) / 1e6) * attempt)

    return needed


# Where networks train on the CPU, nobody waits for a GPU.
GPU = 0 if config["training"]["device"] == "cpu" else 1
