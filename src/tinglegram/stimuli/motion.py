"""Light, colour, optical flow and cuts of pictures on the time grid.

Flow is that of Lucas & Kanade (1981, IJCAI, 674-679): in a window around each point, the shift that
explains best, in least squares, how the picture changed; from coarse to fine (Bouguet, 2001), so
that shifts of several points are found. Brightness and contrast around each point are taken out
first, so that light that changes is no motion.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tinglegram.stimuli.courses import LightAndMotion
from tinglegram.stimuli.settings import MotionFeatures

Array = NDArray[Any]

# ASSUMPTION: side of the window in which all points move alike, and of the neighbourhood whose
# brightness and contrast are taken out; points of the small picture.
_WINDOW, _NEIGHBOURHOOD = 7, 15
# Side of the square whose median the flow of a point becomes.
_MEDIAN = 5
# SD of the Gaussian that pictures are smoothed with, points.
_SMOOTHING = 1.0
# Each level of the pyramid halves the picture, while its shorter side keeps so many points.
_LEVELS, _SHORTEST = 3, 8
_ITERATIONS = 4
# ASSUMPTION: contrast below about this (1 = white over black) is noise of the picture.
_FAINT = 0.02
# Added to the diagonal of the least squares: where there is little to see, flow is 0.
_STEADY = 0.01
# Longest step of an iteration, points: a linear picture of the surroundings reaches no further.
_STRIDE = 2.0
# Colours of the histogram: so many levels of red, of green and of blue, with what lies between two
# levels shared among them, so that light that changes a little changes the histogram a little.
_LEVELS_OF_COLOUR = 4
# Pairs of pictures whose flow is measured at once, so that memory stays small.
_PAIRS = 64

_COLUMNS = (
    "luminance",
    "contrast",
    "colourfulness",
    "luma_change",
    "flow_speed_widths_per_step",
    "flow_spread_widths_per_step",
    "histogram_change",
    "cut",
)


def motion_columns() -> tuple[str, ...]:
    """Return the names of the columns of `LightFlowAndCuts.features`, in order."""
    return _COLUMNS


class LightFlowAndCuts:
    """Keeps of pictures what light, flow and cuts are measured from."""

    def __init__(self, settings: MotionFeatures) -> None:
        """Start without any picture."""
        self._settings = settings
        self._light = LightAndMotion(settings.flow_columns)
        self._colours: list[Array] = []
        self._colourfulness: list[float] = []

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Take one RGB picture, (height, width, 3)."""
        self._light.add(picture)
        image = Image.fromarray(picture)
        small = np.asarray(image.reduce(max(1, image.width // self._settings.flow_columns)))
        self._colours.append(_histogram(small))
        self._colourfulness.append(_colourfulness(small))

    def features(self, of_step: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the features of each step, (steps, 8), as `motion_columns` says.

        Parameters
        ----------
        of_step : the picture of each step, by its place among those taken.

        Returns
        -------
        Luminance, the mean luma, and contrast, its standard deviation, 0 to 1. Colourfulness of
        Hasler & Süsstrunk (2003, doi:10.1117/12.477378), for colours from 0 to 1. Luma change, the
        motion of `LightAndMotion`. Mean speed of the optical flow from the picture of the step
        before, and its spread, the mean length of its difference from the mean flow (0 where all
        moves alike, as of a camera that turns), in picture widths per step.
        Share of the colour histogram that changed, and 1 where that is at least `cut_share`:
        across a cut nothing moves, so flow is 0 there. The first step has no step before: luma
        change and flow are those of the second, histogram change and cut 0.
        """
        luminance, change = self._light.courses(of_step)
        luma = self._light.luma(of_step)
        colours = np.stack(self._colours)[of_step]
        turned = np.zeros(len(of_step))
        turned[1:] = 0.5 * np.abs(np.diff(colours, axis=0)).sum(axis=1)
        cut = turned >= self._settings.cut_share
        moved = np.flatnonzero((np.diff(of_step) != 0) & ~cut[1:]) + 1
        flow = np.zeros((len(of_step), 2))
        for some in _batches(moved):
            flow[some] = _speed_and_spread(optical_flow(luma[some - 1], luma[some]))
        if len(flow) > 1:
            flow[0] = flow[1]
        return np.column_stack(
            [
                luminance,
                luma.std(axis=(1, 2)),
                np.array(self._colourfulness)[of_step],
                change,
                flow,
                turned,
                cut,
            ]
        ).astype(np.float32)


# Columns that say how a picture differs from that of the step before.
_DIFFERENCES = slice(_COLUMNS.index("luma_change"), None)
# Those that the first step, which has none before, takes from the second.
_OF_SECOND = slice(_COLUMNS.index("luma_change"), _COLUMNS.index("histogram_change"))


class MotionOfPictures:
    """The features of `LightFlowAndCuts` picture by picture, of which few are kept at once.

    `motion_of_steps` makes of them what steps show.
    """

    def __init__(self, settings: MotionFeatures) -> None:
        """Start without any picture."""
        self._settings = settings
        self._kept = LightFlowAndCuts(settings)
        self._number, self._known = 0, 0
        self._last: NDArray[np.uint8] | None = None

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Take one RGB picture, (height, width, 3)."""
        self._kept.add(picture)
        self._number, self._last = self._number + 1, picture

    def known(self) -> NDArray[np.float32]:
        """Return the features of pictures since the last call, each after the one before, (n, 8).

        The first picture of all has none before, and the differences of the second.
        """
        found = self._kept.features(np.arange(self._number))[self._known :]
        self._kept, self._number, self._known = LightFlowAndCuts(self._settings), 0, 0
        if self._last is not None:
            self._kept.add(self._last)
            self._number = self._known = 1
        return found


def motion_of_steps(
    pictures: Array, of_step: NDArray[np.int64], begin: int, steps: int
) -> NDArray[np.float32]:
    """Return the features of `steps` steps from `begin` on, (steps, 8).

    Those of `LightFlowAndCuts.features` over all steps, of which these are some: a stretch that
    begins amid a film has a step before.

    Parameters
    ----------
    pictures : what `MotionOfPictures.known` gave, of all pictures.
    of_step : the picture of each step from the begin of the film on; it stays or becomes the next.
    """
    first = max(begin - 1, 0)
    places = of_step[first : max(begin + steps, 2)]
    found = np.array(pictures[places], np.float32)
    found[1:][np.diff(places) == 0, _DIFFERENCES] = 0
    if begin == 0 and len(found) > 1:
        found[0, _DIFFERENCES] = 0
        found[0, _OF_SECOND] = found[1, _OF_SECOND]
    return found[begin - first :][:steps]


def _batches(steps: Array) -> Iterator[Array]:
    """Yield some of the steps at a time."""
    for begin in range(0, len(steps), _PAIRS):
        yield steps[begin : begin + _PAIRS]


def _histogram(picture: NDArray[np.uint8]) -> Array:
    """Return the share of each colour, (levels³,), shared linearly between neighbouring levels."""
    place = picture.reshape(-1, 3) * ((_LEVELS_OF_COLOUR - 1) / 255)
    low = np.minimum(place.astype(int), _LEVELS_OF_COLOUR - 2)
    upper = place - low
    found = np.zeros(_LEVELS_OF_COLOUR**3)
    for corner in np.ndindex(2, 2, 2):
        weight = np.where(corner, upper, 1 - upper).prod(axis=1)
        colour = np.ravel_multi_index(tuple((low + corner).T), (_LEVELS_OF_COLOUR,) * 3)
        found += np.bincount(colour, weight, len(found))
    return found / len(place)


def _colourfulness(picture: NDArray[np.uint8]) -> float:
    """Return how colourful an RGB picture is (Hasler & Süsstrunk, 2003), 0 for grey."""
    red, green, blue = picture.reshape(-1, 3).T / 255
    axes = np.stack([red - green, 0.5 * (red + green) - blue])
    return float(np.hypot(*axes.std(axis=1)) + 0.3 * np.hypot(*axes.mean(axis=1)))


def _speed_and_spread(flow: Array) -> Array:
    """Return mean speed and spread of flows, (pairs, height, width, 2), in widths: (pairs, 2)."""
    widths = flow / flow.shape[2]
    speed = np.hypot(widths[..., 0], widths[..., 1]).mean(axis=(1, 2))
    apart = widths - widths.mean(axis=(1, 2), keepdims=True)
    return np.stack([speed, np.hypot(apart[..., 0], apart[..., 1]).mean(axis=(1, 2))], axis=1)


def optical_flow(first: Array, second: Array) -> Array:
    """Return by how many points each point moved, right and down, (pairs, height, width, 2).

    Parameters
    ----------
    first, second : luma of pairs of pictures, 0 to 1, (pairs, height, width).
    """
    pyramid = [(first, second)]
    while len(pyramid) < _LEVELS and min(pyramid[-1][0].shape[1:]) >= 2 * _SHORTEST:
        pyramid.append((_halved(pyramid[-1][0]), _halved(pyramid[-1][1])))
    flow = np.zeros((*pyramid[-1][0].shape, 2))
    for one, other in reversed(pyramid):
        flow = _refined(_without_light(one), _without_light(other), _enlarged(flow, one.shape))
    return flow


def _halved(luma: Array) -> Array:
    """Return pictures of half the height and width."""
    smooth = _smoothed(luma)[:, : luma.shape[1] // 2 * 2, : luma.shape[2] // 2 * 2]
    upper, lower = smooth[:, ::2], smooth[:, 1::2]
    return 0.25 * (upper[..., ::2] + upper[..., 1::2] + lower[..., ::2] + lower[..., 1::2])


def _smoothed(luma: Array) -> Array:
    """Return pictures without detail of single points, whose slope would be taken too low."""
    found: Array = ndimage.gaussian_filter(luma.astype(float), (0, _SMOOTHING, _SMOOTHING))
    return found


def _enlarged(flow: Array, shape: tuple[int, ...]) -> Array:
    """Return a flow for pictures of a shape, (pairs, height, width), from that of half of it."""
    if flow.shape[:3] == shape:
        return flow
    doubled = 2 * flow.repeat(2, axis=1).repeat(2, axis=2)
    short = [(0, shape[axis] - doubled.shape[axis]) for axis in range(3)]
    found: Array = np.pad(doubled, [*short, (0, 0)], mode="edge")
    return found


def _mean_around(values: Array, side: int) -> Array:
    """Return the mean of a square around each point of pictures, (pairs, height, width)."""
    found: Array = ndimage.uniform_filter(values, (0, side, side), mode="reflect")
    return found


def _without_light(luma: Array) -> Array:
    """Return pictures whose neighbourhoods have mean 0 and, unless they are faint, SD 1."""
    values = _smoothed(luma)
    mean = _mean_around(values, _NEIGHBOURHOOD)
    variance = _mean_around(np.square(values), _NEIGHBOURHOOD) - np.square(mean)
    found: Array = (values - mean) / np.sqrt(np.maximum(variance, 0) + _FAINT**2)
    return found


def _refined(first: Array, second: Array, flow: Array) -> Array:
    """Return a flow improved by least squares in windows, as often as `_ITERATIONS`.

    Points that come from outside of the picture say nothing. The median of neighbours takes out
    single points that went astray.
    """
    right, down = np.gradient(first, axis=2), np.gradient(first, axis=1)
    products = right * right, down * down, right * down
    for iteration in range(_ITERATIONS):
        change, seen = _change(first, second, flow)
        across, along, mixed = (_mean_around(seen * each, _WINDOW) for each in products)
        across, along = across + _STEADY, along + _STEADY
        by_right = _mean_around(right * change, _WINDOW)
        by_down = _mean_around(down * change, _WINDOW)
        step = np.stack([mixed * by_down - along * by_right, mixed * by_right - across * by_down])
        step /= across * along - mixed * mixed
        flow = flow + np.clip(np.moveaxis(step, 0, -1), -_STRIDE, _STRIDE)
        if iteration % 2:
            flow = ndimage.median_filter(flow, (1, _MEDIAN, _MEDIAN, 1), mode="nearest")
    return flow


def _change(first: Array, second: Array, flow: Array) -> tuple[Array, Array]:
    """Return what a flow does not explain, and which points it takes from within the picture."""
    pair, row, column = np.indices(first.shape, dtype=float)
    row, column = row + flow[..., 1], column + flow[..., 0]
    height, width = first.shape[1:]
    seen = (row >= 0) & (row <= height - 1) & (column >= 0) & (column <= width - 1)
    there = ndimage.map_coordinates(second, [pair, row, column], order=1, mode="nearest")
    return np.where(seen, there - first, 0.0), seen
