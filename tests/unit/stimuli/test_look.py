"""Pictures of two fields, and of high dynamic range."""

import numpy as np
import pytest
from clip_files import clip_file

from tinglegram.stimuli.look import HLG, PQ, Look, linear_light, tone_mapped, top_field
from tinglegram.stimuli.video import decode_clip

BOTH = Look("top_field", "mobius")


def test_a_look_is_only_needed_by_pictures_with_its_mark():
    assert BOTH.needed(interlaced=False, transfer=2) == Look()
    assert BOTH.needed(interlaced=True, transfer=1) == Look(deinterlace="top_field")
    assert BOTH.needed(interlaced=False, transfer=PQ) == Look(tone_mapping="mobius")
    assert Look().needed(interlaced=True, transfer=HLG) == Look()


@pytest.mark.parametrize("height", [6, 7])
def test_the_upper_field_is_kept_and_lines_between_are_means(height):
    picture = np.zeros((height, 2, 3), np.uint8)
    picture[::2] = np.arange(0, 10 * len(picture[::2]), 10)[:, None, None]
    picture[1::2] = 255
    found = top_field(picture)
    np.testing.assert_array_equal(found[::2], picture[::2])
    lines = found[1::2, 0, 0].tolist()
    # Below the last line of the field there is none: it stands once more.
    assert lines == ([5, 15, 20] if height == 6 else [5, 15, 25])


def test_light_of_known_signals():
    # ITU-R BT.2408, table 1: a PQ signal of 58 % is the 203 cd/m² of HDR reference white; one of
    # 100 % is 10,000. HLG: 75 % is reference white, 100 % the 1000 cd/m² of the display.
    grey = np.ones(3, np.float32)
    assert linear_light(0.58 * grey, PQ) == pytest.approx(203 * grey, rel=0.02)
    assert linear_light(grey, PQ) == pytest.approx(10000 * grey, rel=1e-3)
    assert linear_light(0.75 * grey, HLG) == pytest.approx(203 * grey, rel=0.01)
    assert linear_light(grey, HLG) == pytest.approx(1000 * grey, rel=0.01)
    assert linear_light(0 * grey, PQ) == pytest.approx(0 * grey, abs=1e-3)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_tone_mapping_keeps_greys_grey_and_their_order(transfer):
    levels = np.linspace(0, 65535, 50).astype(np.uint16)
    found = tone_mapped(np.repeat(levels[:, None, None], 3, axis=2), transfer)[:, 0]
    assert np.ptp(found.astype(int), axis=1).max() <= 1
    assert (np.diff(found[:, 1].astype(int)) >= 0).all()
    assert found[0].max() <= 1 and found[-1].min() >= 254


def test_each_look_takes_its_own_pictures():
    taken: dict[Look, list[np.ndarray]] = {Look(): [], BOTH: []}
    stream = clip_file(
        20,
        video="mpeg2video",
        container="matroska",
        audio=None,
        options={"flags": "+ilme+ildct"},
    )
    decode_clip(
        stream,
        "x",
        start_s=0.0,
        n_steps=5,
        grid_hz=10,
        sample_rate=None,
        take={look: pictures.append for look, pictures in taken.items()},
    )
    for plain, prepared in zip(*taken.values(), strict=True):
        np.testing.assert_array_equal(prepared, top_field(plain))
