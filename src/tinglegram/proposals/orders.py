"""Orders in which the next study plays proposed sounds, as other programs read them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

ORDER_COLUMNS = ("participant_id", "order", "stimulus_id", "sound_file", "duration_s", "pause_s")


def listening_orders(
    stimuli: pd.DataFrame, listeners: int, pause_s: float, seed: int
) -> pd.DataFrame:
    """Return a random order of all sounds for each participant, columns of `ORDER_COLUMNS`.

    Parameters
    ----------
    stimuli : stimulus_id, file, duration_s.
    listeners : participants, named P01, P02, ...; that of each has a seed of its own, so that more
        participants leave the orders of the first as they are.
    """
    width = max(2, len(str(listeners)))
    tables = []
    for listener in range(1, listeners + 1):
        order = np.random.default_rng([seed, listener]).permutation(len(stimuli))
        own = stimuli.iloc[order].rename(columns={"file": "sound_file"})
        tables.append(
            own.assign(
                participant_id=f"P{listener:0{width}d}",
                order=range(1, len(own) + 1),
                pause_s=pause_s,
            )
        )
    return pd.concat(tables, ignore_index=True)[list(ORDER_COLUMNS)]


_SCENARIO = """\
# Neurobehavioral Systems Presentation: the sounds of {participant} in their order.
# Presentation's log holds the code of every sound at its onset.
scenario = "proposals_{participant}";
active_buttons = 0;

begin;

picture {{ text {{ caption = "+"; font_size = 32; }}; x = 0; y = 0; }} rest;

{sounds}

{trials}
"""
_SOUND = 'sound {{ wavefile {{ filename = "{file}"; }}; }} {name};'
_TRIAL = """\
trial {{
   trial_duration = {pause_ms};
   picture rest;
}};
trial {{
   trial_duration = stimuli_length;
   stimulus_event {{
      sound {name};
      code = "{stimulus_id}";
   }};
}};"""


def presentation_scenario(order: pd.DataFrame) -> str:
    """Return a scenario file (.sce) of one participant.

    Parameters
    ----------
    order : rows of `listening_orders` of one participant. Sounds lie in the folder above, as
        Presentation's stimulus directory or beside the scenario.
    """
    rows = order.to_dict("records")
    names = {row["stimulus_id"]: f"sound_{place}" for place, row in enumerate(rows, start=1)}
    sounds = [_SOUND.format(file=r["sound_file"], name=names[r["stimulus_id"]]) for r in rows]
    trials = [
        _TRIAL.format(
            pause_ms=round(1000 * row["pause_s"]),
            name=names[row["stimulus_id"]],
            stimulus_id=row["stimulus_id"],
        )
        for row in rows
    ]
    return _SCENARIO.format(
        participant=rows[0]["participant_id"], sounds="\n".join(sounds), trials="\n".join(trials)
    )


def psychopy_conditions(order: pd.DataFrame, columns: Sequence[str] = ORDER_COLUMNS) -> str:
    """Return a conditions file of PsychoPy, CSV: one participant, to be played as `sequential`."""
    return order[list(columns)].to_csv(index=False, lineterminator="\n")
