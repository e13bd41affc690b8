"""Fit the temporal response function of the ratings to sound and picture, and test it."""

import logging
from pathlib import Path

from tinglegram.behaviour.agreement import viewers_by_steps
from tinglegram.clock import Timing
from tinglegram.command_line import filled, names_in, program, run
from tinglegram.files import read_arrays, read_tables, write_table
from tinglegram.inference.resampling import Resamples
from tinglegram.settings import add_settings, only, read_settings
from tinglegram.statistics.response_function import ResponseFunction
from tinglegram.statistics.response_tables import Inference, measured_clip, response_tables

INTERVAL = only(Resamples, "confidence", "seed", "p_value")
GRID = only(Timing, "grid")


def main() -> None:
    """Write how well ratings are predicted, by person too, the kernel, and published claims."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--ratings", required=True, metavar="PATTERN", help="tables, one per {subject}")
    add("--participants", type=Path, required=True, help="list of them, one a line")
    add("--courses", required=True, metavar="PATTERN", help="of the clips, one NPZ per {video}")
    add("--clips", nargs="+", required=True, help="that are fitted")
    add_settings(parser, ResponseFunction, GRID, INTERVAL)
    add("--tables", required=True, metavar="PATTERN", help="the tables, {table} (written)")
    options = parser.parse_args()

    interval = read_settings(options, INTERVAL)
    ratings = read_tables(filled([options.ratings], subject=names_in(options.participants)))
    paths = filled([options.courses], video=options.clips)
    found = response_tables(
        {
            video: measured_clip(read_arrays(path))
            for video, path in zip(options.clips, paths, strict=True)
        },
        {video: viewers_by_steps(ratings[ratings["video"] == video]) for video in options.clips},
        grid=read_settings(options, GRID).grid,
        fit=read_settings(options, ResponseFunction),
        inference=Inference(interval.confidence, interval.p_value, interval.seed),
    )
    for video in found.left_out:
        logging.warning("%s: too short for the lags, or nobody saw it", video)
    tables = {
        "response_function": found.function,
        "response_people": found.people,
        "response_kernel": found.kernel,
        "response_claims": found.claims,
    }
    for name, table in tables.items():
        write_table(table, *filled([options.tables], table=[name]))
    for row in found.claims.itertuples():
        logging.info("%s: %s", row.claim, row.verdict)


if __name__ == "__main__":
    run(main)
