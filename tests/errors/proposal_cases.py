"""What cannot be proposed from: folders, sounds and numbers."""

from pathlib import Path

import made_bundles
import numpy as np
import soundfile
from error_cases import Case

from tinglegram.proposals.bundled import bundled_model
from tinglegram.proposals.files import require_new_folder
from tinglegram.proposals.loop_plan import CLASSES, LoopPlan
from tinglegram.proposals.proposing import require_candidates
from tinglegram.proposals.settings import require_within
from tinglegram.settings import fields_of
from tinglegram.sounds.files import read_sound, sounds_in
from tinglegram.sounds.safety import SoundSafety

TITLE = "Proposals of sounds"


def _config(part: str, **changes: object) -> dict[str, object]:
    """Return the configuration of closed loops by its defaults, the pool or the loop changed."""
    found: dict = {}
    for setting in (setting for cls in CLASSES for setting in fields_of(cls)):
        place = found
        for key in setting.path[:-1]:
            place = place.setdefault(key, {})
        place[setting.path[-1]] = setting.default
    place = found["loop"]["pool"] if part == "pool" else found["loop"]
    place |= changes
    return found


def _text(folder: Path) -> None:
    (folder / "a.wav").write_text("no sound")
    read_sound(folder / "a.wav")


def _surround(folder: Path) -> None:
    soundfile.write(folder / "a.wav", np.zeros((10, 6)), 8000)
    read_sound(folder / "a.wav")


def _used(folder: Path) -> None:
    (folder / "next").mkdir()
    (folder / "next/a.wav").touch()
    require_new_folder(folder / "next")


def _short(folder: Path) -> None:
    model = bundled_model(made_bundles.bundle_in(folder / "bundle"), "regression/ridge")
    model(np.zeros((10, 2), np.float32), made_bundles.RATE, "candidate 1")


CASES = [
    Case(
        "A file that is no sound",
        "a.wav: expected a sound of one or two channels, found Format not recognised. Convert it, "
        "or leave it out.",
        _text,
    ),
    Case(
        "A sound of six channels",
        "a.wav: expected a sound of one or two channels, found 6 channels of 10 samples. Convert "
        "it, or leave it out.",
        _surround,
    ),
    Case(
        "A folder without sounds",
        "mine: expected sounds (.wav, .flac, .ogg, .mp3, .aiff, .aif), found none. Name a folder "
        "of sounds.",
        lambda folder: sounds_in(folder / "mine") and None,
    ),
    Case(
        "A folder that holds files already",
        "next: expected a new folder for proposals, found one that holds files. Name another "
        "folder: sounds that were played to people must stay as they are.",
        _used,
    ),
    Case(
        "More proposals than candidates",
        "--n: expected 1 to 120 sounds, as there are 120 candidates, found 200. Ask for fewer, or "
        "raise --synthesised, --transformed or --recombined.",
        lambda _: require_candidates(200, 120),
    ),
    Case(
        "Limits of level and of onsets outside of their bounds",
        "--true-peak-dbtp: expected -60 or more and at most -1, found 3. Correct it.\n"
        "--rise-db: expected more than 0, found 0. Correct it.",
        lambda _: require_within(SoundSafety(true_peak_dbtp=3.0, rise_db=0.0)),
    ),
    Case(
        "Candidates shorter than a step of the bundle's grid",
        "candidate 1: expected a sound of one step of the grid or more, found 0.0003125 s. Raise "
        "--duration-s.",
        _short,
    ),
    Case(
        "A pool with fewer sounds than a closed loop needs",
        "loop: expected a pool of 824 sounds or more, found 50. Raise pool: sounds, or lower "
        "candidates, rounds or existing.",
        lambda _: LoopPlan(_config("pool", sounds=50)).check(),
    ),
    Case(
        "A round with fewer candidates than proposals",
        "loop: expected 12 candidates of a round or more, as many are proposed, found 5. Raise "
        "candidates, or lower per_round.",
        lambda _: LoopPlan(_config("proposing", candidates=5)).check(),
    ),
]
