"""Command-line options that describe a session: its clips, its keys and its timing."""

import argparse


def add_clips(parser: argparse.ArgumentParser) -> None:
    """Add `--video CODE CONDITION`, once per clip."""
    parser.add_argument(
        "--video",
        nargs=2,
        action="append",
        required=True,
        metavar=("CODE", "CONDITION"),
        help="code of a clip's Video event, and its condition; once per clip",
    )


def add_session(parser: argparse.ArgumentParser) -> None:
    """Add the clips, the keys and the durations that a log is read with."""
    add_clips(parser)
    parser.add_argument(
        "--rating",
        nargs=2,
        action="append",
        required=True,
        metavar=("KEY", "RATING"),
        help="code of a Response event, and the rating it stands for; once per key",
    )
    parser.add_argument("--clip", type=float, required=True, help="seconds a clip plays")
    parser.add_argument(
        "--first-trial", type=float, required=True, help="seconds the clip shown first plays"
    )
    parser.add_argument(
        "--warm-up", type=float, required=True, help="seconds that only set the initial state"
    )
    parser.add_argument("--grid", type=int, required=True, help="steps per second, Hz")
