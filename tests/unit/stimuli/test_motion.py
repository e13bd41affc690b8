"""Light, colour, flow and cuts: pictures that move, stay, brighten or change as planted."""

import numpy as np
import pytest
from scipy import ndimage

from tinglegram.stimuli.courses import LightAndMotion
from tinglegram.stimuli.motion import LightFlowAndCuts, motion_columns, optical_flow
from tinglegram.stimuli.settings import MotionFeatures

HEIGHT, WIDTH = 180, 320
# One point of the small picture, and a picture, in pixels.
POINT = WIDTH // 64


def pattern(height, width, seed=0, scale=10.0):
    """Return smooth random values from 0 to 1."""
    values = ndimage.gaussian_filter(
        np.random.default_rng(seed).normal(size=(height, width)), scale
    )
    return (values - values.min()) / np.ptp(values)


WIDE = pattern(HEIGHT + 160, WIDTH + 400)


def seen(right=0, down=0, gain=1.0, offset=0.0):
    """Return a grey picture of the pattern that was moved, in pixels."""
    part = WIDE[160 - down : 160 - down + HEIGHT, 400 - right : 400 - right + WIDTH]
    return grey(gain * part + offset)


def grey(values):
    return np.repeat(np.round(255 * np.clip(values, 0, 1)).astype(np.uint8)[:, :, None], 3, axis=2)


def measured(*pictures, of_step=None, about=MotionFeatures):
    taken = LightFlowAndCuts(about())
    for picture in pictures:
        taken.add(picture)
    found = taken.features(np.arange(len(pictures)) if of_step is None else np.array(of_step))
    assert found.dtype == np.float32 and np.isfinite(found).all()
    return dict(zip(motion_columns(), found.T, strict=True))


@pytest.mark.parametrize("points", [0.4, 1.0, 3.0, 5.0])
@pytest.mark.parametrize("way", [(1, 0), (-1, 0), (0, 1), (0.6, -0.8)])
def test_a_pattern_that_moves_has_the_planted_speed_and_no_spread(points, way):
    shift = np.round(points * POINT * np.array(way)).astype(int)
    # A corner of the pattern to start from, so that it can go either way.
    start = np.array([200, 80])
    found = measured(*(seen(*(start + k * shift)) for k in range(3)))
    speed = np.hypot(*shift) / WIDTH
    np.testing.assert_allclose(found["flow_speed_widths_per_step"], speed, rtol=0.1)
    # At the edges nothing is known of what comes in.
    assert (found["flow_spread_widths_per_step"] < 0.5 * speed).all()
    assert not found["cut"].any()


def test_flow_says_where_to():
    pictures = [
        grey(pattern(36, 72, scale=2.0)[:, 4 - k : 68 - k])[None, ..., 0] / 255 for k in (0, 2)
    ]
    flow = optical_flow(*pictures)
    assert flow.shape == (1, 36, 64, 2)
    assert np.median(flow[..., 0]) == pytest.approx(2, abs=0.05)
    assert np.median(flow[..., 1]) == pytest.approx(0, abs=0.05)


def test_a_picture_that_grows_has_spread_and_no_common_direction():
    row, column = np.indices((HEIGHT, WIDTH), dtype=float)
    rows, columns = (80 + HEIGHT / 2, 200 + WIDTH / 2)

    def zoomed(by):
        at = [(row - HEIGHT / 2) / by + rows, (column - WIDTH / 2) / by + columns]
        return grey(ndimage.map_coordinates(WIDE, at, order=1, mode="mirror"))

    found = measured(zoomed(1.0), zoomed(1.03))
    # Points move by 3 % of their distance from the middle.
    distance = np.hypot(row - HEIGHT / 2, column - WIDTH / 2) * 0.03 / WIDTH
    speed, spread = (found[f"flow_{what}_widths_per_step"][1] for what in ("speed", "spread"))
    assert speed == pytest.approx(distance.mean(), rel=0.12)
    assert spread == pytest.approx(distance.mean(), rel=0.12)


def test_a_still_picture_does_not_move():
    for picture in (seen(), grey(np.zeros((HEIGHT, WIDTH))), grey(np.ones((HEIGHT, WIDTH)))):
        found = measured(picture, picture.copy())
        for name in ("luma_change", "flow_speed_widths_per_step", "flow_spread_widths_per_step"):
            np.testing.assert_array_equal(found[name], 0)
        assert not found["histogram_change"].any() and not found["cut"].any()


def test_light_that_changes_is_hardly_motion():
    moved = measured(seen(), seen(POINT))["flow_speed_widths_per_step"][1]
    # White added: 1 % of one point at most. Brighter by a tenth each step: 10 %.
    added = measured(*(seen(gain=0.5, offset=10 * k / 255) for k in range(5)))
    assert (np.diff(added["luminance"]) > 0.03).all() and not added["cut"].any()
    assert (added["flow_speed_widths_per_step"] < 0.01 * moved).all()
    brighter = measured(*(seen(gain=0.5 * 1.1**k) for k in range(5)))
    assert (brighter["luma_change"] > 0.02).all() and not brighter["cut"].any()
    assert (brighter["flow_speed_widths_per_step"] < 0.1 * moved).all()


def test_a_cut_is_found_and_is_no_motion():
    other = np.stack([pattern(HEIGHT, WIDTH, seed) for seed in (1, 2, 3)], axis=2)
    other = np.round(255 * other * [1.0, 0.5, 0.1]).astype(np.uint8)
    found = measured(seen(), seen(POINT), other, other)
    np.testing.assert_array_equal(found["cut"], [0, 0, 1, 0])
    assert found["histogram_change"][2] > 0.5 and found["histogram_change"][1] < 0.05
    assert found["flow_speed_widths_per_step"][1] > 0.01
    assert found["flow_speed_widths_per_step"][2] == 0
    # The share is that of the setting.
    found = measured(seen(), seen(POINT), other, about=lambda: MotionFeatures(cut_share=1.0))
    assert not found["cut"].any() and found["flow_speed_widths_per_step"][2] > 0


def test_black_and_white_halves_and_plain_colours_are_known():
    halves = np.zeros((HEIGHT, WIDTH))
    halves[:, WIDTH // 2 :] = 1
    red = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    red[..., 0] = 255
    found = measured(grey(halves), grey(np.full((HEIGHT, WIDTH), 0.2)), red)
    np.testing.assert_allclose(found["luminance"], [0.5, 0.2, 76 / 255], atol=1e-3)
    np.testing.assert_allclose(found["contrast"], [0.5, 0, 0], atol=1e-3)
    # Red: red - green is 1, yellow - blue a half, everywhere.
    np.testing.assert_allclose(found["colourfulness"], [0, 0, 0.3 * np.hypot(1, 0.5)], atol=1e-6)
    # Black turns to red altogether, white too: nothing of a fifth of white is left in red.
    assert found["histogram_change"][2] == pytest.approx(1, abs=1e-6)
    assert found["cut"].tolist() == [0, 1, 1]


def test_luma_change_is_the_motion_of_the_courses_and_steps_choose_pictures():
    pictures = [seen(3 * k) for k in range(4)]
    of_step = [0, 0, 1, 2, 2, 3]
    found = measured(*pictures, of_step=of_step)
    taken = LightAndMotion()
    for picture in pictures:
        taken.add(picture)
    luminance, motion = taken.courses(np.array(of_step))
    np.testing.assert_array_equal(found["luminance"], luminance)
    np.testing.assert_array_equal(found["luma_change"], motion)
    assert (
        (found["flow_speed_widths_per_step"] > 0) == [False, False, True, True, False, True]
    ).all()
    # A trial that is cut off early has the same values, and one step has some.
    early = measured(*pictures, of_step=of_step[:3])
    for name, values in found.items():
        np.testing.assert_array_equal(early[name], values[:3])
    assert measured(pictures[0])["luminance"].shape == (1,)


def test_small_and_odd_pictures_are_measured_and_many_pairs_without_a_seam():
    for shape in ((9, 16), (50, 33), (120, 67)):
        pictures = [grey(pattern(*shape, seed, 2.0)) for seed in (0, 1)]
        measured(*pictures, about=lambda: MotionFeatures(cut_share=1.0))
    found = measured(*(grey(WIDE[::4, ::4][:40, 2 * k % 20 : 2 * k % 20 + 64]) for k in range(70)))
    assert (found["flow_speed_widths_per_step"] > 0).all()
