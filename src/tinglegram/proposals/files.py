"""What `tinglegram propose` writes: sounds, tables, orders and the page to listen."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tinglegram.errors import InputProblem
from tinglegram.files import write_table, write_text
from tinglegram.proposals.candidates import make_candidate
from tinglegram.proposals.listening_page import listening_page
from tinglegram.proposals.orders import (
    listening_orders,
    presentation_scenario,
    psychopy_conditions,
)
from tinglegram.proposals.proposing import ConsideredSounds
from tinglegram.proposals.settings import CandidateSounds, ListeningOrders
from tinglegram.sounds.files import write_sound
from tinglegram.sounds.safety import SoundSafety
from tinglegram.sounds.synthesis import Stereo

# ASSUMPTION: what was proposed together is one condition of the next study.
CONDITION = "proposed"


def require_new_folder(folder: Path) -> None:
    """Raise InputProblem if a folder for proposals holds anything."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputProblem(
            str(folder),
            expected="a new folder for proposals",
            found="one that holds files",
            remedy="Name another folder: sounds that were played to people must stay as they are.",
        )


def write_proposals(
    chosen: pd.DataFrame,
    considered: ConsideredSounds,
    sources: Sequence[tuple[str, Stereo]],
    folder: Path,
    *,
    candidates: CandidateSounds,
    safety: SoundSafety,
    orders: ListeningOrders,
    seed: int,
    model: str,
    warnings: Sequence[str],
) -> pd.DataFrame:
    """Write chosen candidates and all that the next study needs; return `proposals.tsv`.

    Parameters
    ----------
    chosen : of `tinglegram.proposals.proposing.choose_sounds`.
    sources : name and samples of each existing sound, as the candidates were made of them.
    model : what predicted, for the page. warnings : sentences for it.
    """
    width = max(2, len(str(len(chosen))))
    samples = [sound for _, sound in sources]
    rows = []
    for row in chosen.to_dict("records"):
        plan = considered.plans[row["candidate"]]
        name = f"proposal_{row['place']:0{width}d}"
        made = make_candidate(plan, samples, candidates.duration_s, candidates.sound_rate)
        path = folder / f"{name}.wav"
        safe = write_sound(path, made.samples, candidates.sound_rate, safety, made.level_db)
        rows.append(
            {"place": row["place"], "stimulus_id": name, "file": path.name, "kind": plan.kind}
            | {key: row[key] for key in ("purpose", "mean", "spread", "distance")}
            | {key: row[key] for key in ("acquisition", "variety", "why")}
            | {key: value for key, value in safe._asdict().items() if key != "samples"}
            | {
                "duration_s": len(safe.samples) / candidates.sound_rate,
                "level_db": made.level_db,
                "seed": plan.seed,
                "sources": "; ".join(sources[source][0] for source in plan.sources),
                "parameters": json.dumps(dict(plan.parameters)),
            }
        )
    table = pd.DataFrame(rows)
    write_table(table, folder / "proposals.tsv")
    stimuli = table[["stimulus_id", "file", "duration_s"]].assign(
        has_picture=False, has_sound=True, condition=CONDITION
    )
    write_table(stimuli, folder / "stimuli.tsv")
    every = listening_orders(stimuli, orders.listeners, orders.pause_s, seed)
    write_table(every, folder / "orders.tsv")
    for participant, own in every.groupby("participant_id", sort=False):
        write_text(presentation_scenario(own), folder / f"presentation/{participant}.sce")
        # PsychoPy looks for sounds from where the experiment lies.
        write_text(psychopy_conditions(own), folder / f"psychopy/{participant}.csv")
    outside = int((table["distance"] > 1).sum())
    summary = (
        f"{len(table)} sounds of {len(considered.plans)} candidates, predicted by {model}. "
        f"To be exceeded: {considered.best:.3f}."
    )
    told = [
        *warnings,
        *([f"{outside} of them are unlike the training clips."] if outside else []),
    ]
    page = listening_page(table, safety, title="Proposed sounds", summary=summary, warnings=told)
    write_text(page, folder / "index.html")
    return table
