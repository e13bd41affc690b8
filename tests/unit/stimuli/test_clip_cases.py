"""Clips that went wrong once: the step of flash and jump, and what is said of the file."""

import numpy as np
import pytest

from tinglegram.clock import Timing
from tinglegram.inputs.clips import inspect_clip
from tinglegram.stimuli.look import Look
from tinglegram.stimuli.video import decode_clip

# The flash is shown and the jump heard in the step of second 7.4, unless the file says otherwise.
STEP = 24
# Folder -> file -> kinds of what must be said of it; other files of the folder: nothing.
SAID = {
    "02_streams_start_apart": {"": ["streams_apart"]},
    "03_gap_in_sound": {"": ["sound_gap"]},
    "04_packed_bframes": {"": ["counted_frames"]},
    "05_dropped_frames_in_avi": {"": ["variable_rate"]},
    "06_variable_rate": {"": ["variable_rate"], "phone_jitter.mp4": []},
    "07_damaged_in_the_middle": {
        "": ["variable_rate", "damaged_stimulus"],
        "lost_ts_packets.ts": [
            *("sound_gap", "sound_gap", "variable_rate"),
            *("damaged_stimulus", "damaged_stimulus"),
        ],
    },
    "08_colours": {"hd_untagged.mp4": ["untagged_colour"]},
    "09_hdr10": {"": ["hdr"]},
    "10_interlaced": {"": ["interlaced"]},
    "11_two_channels": {
        "anti_phase.mp4": ["near_silence", "anti_phase"],
        "binaural_600us.mp4": ["binaural"],
        "left_only.mp4": ["one_sided"],
        "right_half_inverted.mp4": ["anti_phase"],
    },
    "12_wmv_mpg_mts": {
        "clip.wmv": ["swallowed_sound"],
        "clip_2997.wmv": ["swallowed_sound"],
        "cut_from_ts.mkv": ["streams_apart"],
        "cut_from_ts.ts": ["streams_apart"],
    },
    "13_mp4_flavours": {"cover_art.mp4": ["several_streams"], "no_editlist.mp4": ["variable_rate"]},
    "14_sound_formats": {"mp3_vbr.avi": ["variable_rate"]},
    "15_anamorphic": {"sar_16_15.mp4": ["anamorphic"], "sar_32_27.mp4": ["anamorphic"]},
}
# Cut clips hold more than was cut out: the file's own times tell where the events are.
AT = {
    "cut.mkv": 50,
    "cut_no_editlist.mp4": 50,
    "losslesscut_make_zero.mp4": 50,
    "cut_from_ts.mkv": 27,
    "cut_from_ts.ts": 27,
}
# Their first frame lasts longer than the others, and pictures come later than the sound.
PICTURE_AT = {"no_editlist.mp4": 25, "mp3_vbr.avi": 25}
# Colours, fields and pixels are shown there, and no flash.
NO_FLASH = ("08_colours", "09_hdr10", "10_interlaced", "15_anamorphic")


def cases(shared):
    return sorted(path for path in (shared / "cases/clips").glob("*/*") if path.is_file())


def first(values: np.ndarray) -> int:
    """The first step well above the first ones."""
    return int((values > (values.max() + values[:10].mean()) / 2).argmax())


def test_flash_and_jump_stand_at_their_step(shared):
    wrong = {}
    for path in cases(shared):
        shown: list[float] = []
        n_steps = 70 if AT.get(path.name) == 50 else 35
        with path.open("rb") as stream:
            clip = decode_clip(
                stream,
                path.name,
                start_s=5.0,
                n_steps=n_steps,
                grid_hz=10,
                sample_rate=44100,
                take=lambda picture, shown=shown: shown.append(float(picture.mean())),
            )
        white = np.array(shown)[clip.picture_of_step["timestamps"]]
        sound = clip.sound["timestamps"].astype(float)
        around = [sound[max(0, k * 4410 - 1024) : k * 4410 + 1024] for k in range(n_steps)]
        loud = np.array([np.sqrt(np.mean(part**2)) if len(part) else 0.0 for part in around])
        at = AT.get(path.name, STEP)
        found = (first(white), first(loud))
        should = (PICTURE_AT.get(path.name, at), at)
        if path.parent.name in NO_FLASH:
            found, should = found[1:], should[1:]
        # What cancels is not heard at all.
        if path.name != "anti_phase.mp4" and found != should:
            wrong[path.name] = (found, should)
    assert wrong == {}


def test_what_is_amiss_is_said(shared):
    said, should = {}, {}
    for path in cases(shared):
        found = inspect_clip(str(path), Timing(clip=8.5, first_trial=8.0), 44100)
        said[path.name] = [entry.kind for entry in found]
        of_folder = SAID.get(path.parent.name, {})
        should[path.name] = of_folder.get(path.name, of_folder.get("", []))
    assert said == should


@pytest.mark.parametrize("name", ["bt709_limited.mp4", "hdr10.mp4", "hlg_iphone.mov"])
def test_colours_are_those_of_the_patches(shared, name):
    (path,) = [p for p in cases(shared) if p.name == name]
    taken: list[np.ndarray] = []
    with path.open("rb") as stream:
        decode_clip(
            stream,
            name,
            start_s=5.0,
            n_steps=1,
            grid_hz=10,
            sample_rate=None,
            take={Look("top_field", "mobius"): taken.append},
        )
    # The grey patch of the middle, which has no colour to be changed by a smaller gamut.
    greys = taken[0][np.ptp(taken[0].astype(int), axis=2) <= 2]
    assert (np.abs(greys[:, 0].astype(int) - 128) <= 3).any()
