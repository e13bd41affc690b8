"""Average the pulse rate over each clip, from the windows of everybody."""

import argparse
from pathlib import Path

import pandas as pd


def main() -> None:
    """Read the windows, average within and then over people, write one row per clip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=Path, nargs="+", required=True, help="one per person")
    parser.add_argument("--output", type=Path, required=True, help="the table")
    options = parser.parse_args()

    windows = pd.concat(pd.read_csv(path, sep="\t") for path in options.windows)
    # Only windows with a rate and of good quality count, and each person counts as much as another.
    used = windows[windows["pulse_rate_bpm"].notna() & ~windows["poor"].astype(bool)]
    people = used.groupby(["video", "subject"])["pulse_rate_bpm"].agg(["mean", "size"])
    clips = people.groupby("video").agg(
        people=("mean", "size"), windows=("size", "sum"), pulse_rate_bpm=("mean", "mean")
    )
    clips.to_csv(options.output, sep="\t", float_format="%.2f", lineterminator="\n")


if __name__ == "__main__":
    main()
