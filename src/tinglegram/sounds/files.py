"""Sounds as files: WAV of 24 bits, never beyond the limits of level and onsets."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinglegram.errors import InputProblem
from tinglegram.files import whole
from tinglegram.sounds.safety import SafeSound, SoundSafety, make_safe
from tinglegram.sounds.synthesis import Stereo
from tinglegram.sounds.transformations import as_stereo

# What `read_sound` is asked for in a folder (libsndfile reads more).
SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif")


def write_sound(
    path: Path,
    samples: NDArray[np.floating],
    sample_rate: int,
    safety: SoundSafety,
    level_db: float = 0.0,
) -> SafeSound:
    """Write a sound as WAV of 24 bits, within the limits; return what was written.

    Nothing else in the package writes sounds that are to be heard, so that no way leads past the
    limits.
    """
    import soundfile

    safe = make_safe(samples, sample_rate, safety, level_db)
    with whole(path) as aside:
        soundfile.write(aside, safe.samples, sample_rate, format="WAV", subtype="PCM_24")
    return safe


def read_sound(path: Path) -> tuple[Stereo, int]:
    """Return a sound as stereo and its sampling rate.

    Raises
    ------
    InputProblem : a file that is no sound, is empty, or has more than two channels.
    """
    import soundfile

    asked = {"expected": "a sound of one or two channels", "remedy": "Convert it, or leave it out."}
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as fault:
        raise InputProblem(str(path), found=fault.error_string.rstrip("."), **asked) from fault
    if not len(samples) or samples.shape[1] > 2:
        found = f"{samples.shape[1]} channels of {len(samples)} samples"
        raise InputProblem(str(path), found=found, **asked)
    return as_stereo(samples), int(rate)


def sounds_in(folder: Path) -> list[Path]:
    """Return the sounds of a folder by name.

    Raises
    ------
    InputProblem : none is there.
    """
    found = sorted(p for p in folder.glob("*") if p.suffix.lower() in SOUND_SUFFIXES)
    if not found:
        raise InputProblem(
            str(folder),
            expected=f"sounds ({', '.join(SOUND_SUFFIXES)})",
            found="none",
            remedy="Name a folder of sounds.",
        )
    return found
