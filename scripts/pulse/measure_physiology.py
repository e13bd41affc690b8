"""Pulse against rest, the mixed model of pulse rate on rating, and both without poor windows."""

import argparse
import logging
from pathlib import Path

import pandas as pd

from tinglegram.command_line import program, run
from tinglegram.files import read_table, write_table
from tinglegram.pulse import mixed_model, mixed_model_checks
from tinglegram.pulse.rest_change import changes, rest_change


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--windows", type=Path, nargs="+", required=True, help="pulse windows, one file each")
    add("--blocks", type=Path, nargs="+", required=True, help="pulse blocks, one file each")
    add("--timelines", type=Path, nargs="+", required=True, help="timelines of the participants")
    add("--conditions", nargs=2, required=True, help="the target and its control")
    add("--window", type=float, required=True, help="length of a window, s")
    add("--step", type=float, required=True, help="from one window to the next, s")
    add("--bootstrap", type=int, required=True, help="resamples of participants")
    add("--confidence", type=float, required=True, help="level of the intervals")
    add("--seed", type=int, required=True, help="seed of the study")
    add("--output-rest-change", type=Path, required=True, help="change against rest (written)")
    add("--output-rest-change-people", type=Path, required=True, help="of each person (written)")
    add("--output-model", type=Path, required=True, help="mixed model (written)")
    add("--output-checks", type=Path, required=True, help="its assumptions (written)")
    add("--output-residuals", type=Path, required=True, help="its residuals (written)")
    add("--output-people", type=Path, required=True, help="its random effects (written)")
    return parser.parse_args()


def main() -> None:
    """Write every statistic with all windows and with good ones only."""
    args = arguments()
    blocks = pd.concat([read_table(path) for path in args.blocks], ignore_index=True)
    for row in blocks[blocks["problem"].notna() & (blocks["problem"] != "")].itertuples():
        logging.warning("%s, %s, %s windows: %s", row.subject, row.block, row.windows, row.problem)
    change = rest_change(
        blocks,
        args.conditions,
        resamples=args.bootstrap,
        confidence=args.confidence,
        seed=args.seed,
    )
    for row in change[change["reason"] != ""].itertuples():
        logging.warning(
            "no test of %s in %s against %s, %s windows: %s",
            *(row.measure, row.condition, row.against, row.windows, row.reason),
        )
    write_table(change, args.output_rest_change)
    write_table(changes(blocks, args.conditions), args.output_rest_change_people)

    windows = pd.concat([read_table(path) for path in args.windows], ignore_index=True)
    trials = pd.concat([read_table(path) for path in args.timelines], ignore_index=True)
    windows = windows.merge(trials[["subject", "video", "condition"]], on=["subject", "video"])
    apart = mixed_model.spread_out(windows, args.window, args.step)
    parts: dict[str, list[pd.DataFrame]] = {"model": [], "checks": [], "rows": [], "people": []}
    for kept, used in (("all", apart), ("good", apart[~apart["poor"].astype(bool)])):
        model = mixed_model.fit_mixed_model(
            used,
            *args.conditions,
            confidence=args.confidence,
            family=f"mixed model of the pulse rate, {kept} windows",
        )
        for finding in model.findings:
            logging.warning("mixed model, %s windows: %s", kept, finding)
        logging.info("mixed model, %s windows: random effects %s", kept, model.random_effects)
        verdicts = mixed_model_checks.check_assumptions(model, alpha=1 - args.confidence)
        found = (model.table, verdicts, model.rows, model.people)
        for name, table in zip(parts, found, strict=True):
            parts[name].append(table.assign(windows=kept))
    whole = {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()}
    write_table(whole["model"], args.output_model)
    write_table(whole["checks"], args.output_checks)
    write_table(whole["rows"], args.output_residuals)
    write_table(whole["people"], args.output_people)


if __name__ == "__main__":
    run(main)
