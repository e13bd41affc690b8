"""How much one switch moves a score: protocols that differ from a base in a single switch."""

from collections.abc import Mapping

import pandas as pd

METRIC = "macro_f1"


def switch_effects(
    seeds: Mapping[str, pd.DataFrame],
    switches: Mapping[str, Mapping[str, object]],
    base: str,
    model: str,
) -> pd.DataFrame:
    """Compare every protocol with `base`.

    Parameters
    ----------
    seeds : protocol -> its table of seeds (columns model, seed and the metrics; rows `mean`, `sd`).
    switches : protocol -> value of every switch.
    base, model : the protocol the others are compared with, and the model whose scores are.

    Returns
    -------
    One row per protocol, the base first with its own values empty: protocol, switch, base_value,
    value, macro_f1 (mean over seeds and folds), sd_over_seeds, difference (from the base).

    Raises
    ------
    ValueError : a protocol differs from the base in no switch, or in several.
    """
    rows = []
    for protocol in [base, *(name for name in seeds if name != base)]:
        changed = [s for s, v in switches[protocol].items() if v != switches[base][s]]
        if len(changed) != (protocol != base):
            raise ValueError(f"{protocol} differs from {base} in {', '.join(changed) or 'nothing'}")
        table = seeds[protocol]
        row = table[table["model"] == model].set_index("seed")[METRIC]
        rows.append(
            {
                "protocol": protocol,
                "switch": "".join(changed),
                "base_value": "".join(str(switches[base][s]) for s in changed),
                "value": "".join(str(switches[protocol][s]) for s in changed),
                "macro_f1": row["mean"],
                "sd_over_seeds": row["sd"],
            }
        )
    found = pd.DataFrame(rows)
    return found.assign(difference=found["macro_f1"] - found["macro_f1"].iloc[0])
