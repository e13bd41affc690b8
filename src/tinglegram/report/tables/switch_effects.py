"""How far each switch moves a score, as a page."""

import pandas as pd

from tinglegram.report.text import percent_text


def switch_effects_page(effects: pd.DataFrame) -> str:
    """Return the table in Markdown, scores in percent and differences in points."""
    lines = [
        "| switch | from | to | macro F1, mean over seeds (%) | SD over seeds | change (points) |",
        "|---|---|---|---|---|---|",
    ]
    for row in effects.to_dict("records"):
        name, change = f"none ({row['protocol']})", ""
        if row["switch"]:
            name, change = f"`{row['switch']}`", f"{100 * row['difference']:+.2f}"
        cells = (
            *(name, row["base_value"], row["value"]),
            *(percent_text(row["macro_f1"]), percent_text(row["sd_over_seeds"]), change),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
