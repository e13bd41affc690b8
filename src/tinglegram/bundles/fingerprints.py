"""Fingerprints of films and sounds, by which the same material is found again in another file.

A fingerprint is a few numbers, ten times a second. Of sound: the differences of the levels of
neighbouring bands of the mel scale (differences over bands and time, as in Haitsma & Kalker 2002,
"A highly robust audio fingerprinting system", ISMIR). Of pictures: the brightness of 6 x 6 fields,
less that of the whole picture. What is slower than two seconds is taken out. Two segments are the
same material where these rise and fall together: the correlation over all times and columns, after
the mean of each column over what is compared was taken out. So neither level, timbre, nor a common
rhythm of loudness, nor what a scene looks like makes segments alike: other parts of the same scene
have those too. Encoders, sampling rates and frame rates hardly change the course; docs/ranking.md
shows by how much.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import BinaryIO, NamedTuple

import numpy as np

from tinglegram.bundles.extraction import Store
from tinglegram.errors import InputProblem
from tinglegram.stimuli.settings import Stream
from tinglegram.trials.trials import Array

_LOG = logging.getLogger(__name__)
# Fingerprints a second.
PRINT_HZ = 10.0
# Of the sound: Hz, bands, their lowest and highest frequency, samples of a window. Windows overlap
# by half, so that files whose times differ by half a step still agree.
PRINT_RATE, _BANDS, _LOWEST_HZ, _HIGHEST_HZ, _WINDOW = 16_000, 16, 100.0, 6000.0, 4096
# ASSUMPTION: levels this many dB below full scale are noise of the encoder.
_FLOOR_DB = -70.0
# Places over which the mean is taken out: two seconds.
_SLOW = 21
# Fields of a picture, in each direction; pictures are read at every so many pixels at most, so that
# at least so many in each direction are read of each field.
_FIELDS, _SPARSE, _PIXELS = 6, 4, 8
# ASSUMPTION: a course tells segments apart where its variance is at least this: dB² of a difference
# of bands (steady noise has 0.5), squared levels (of 255) of a field. Silence and stills have less.
INFORMATIVE: Mapping[Stream, float] = {"sound": 0.1, "picture": 1.0}
# Fewest fingerprints that are compared: half a second.
_FEWEST = 5


class Fingerprint(NamedTuple):
    """Stream -> its course, (n, columns) float32, `PRINT_HZ` a second from the begin of a file."""

    courses: Mapping[Stream, Array]


class Excerpt(NamedTuple):
    """A segment as its fingerprint knows it: which one, first place and number of places."""

    print: int
    first: int
    length: int


class Match(NamedTuple):
    """That a segment is the same material as an earlier one.

    Attributes
    ----------
    owner : place of the earlier one.
    later : places by which the begin of this one lies after that of the owner; may be negative.
    alike : their correlation.
    """

    owner: int
    later: int
    alike: float


def sound_course(samples: Array, length: int) -> Array:
    """Return the fingerprint of sound, (length, 15) float32, dB.

    Parameters
    ----------
    samples : (n,) int16, mono, at `PRINT_RATE`.
    length : places; silence is added where the sound is shorter.
    """
    import librosa

    hop = round(PRINT_RATE / PRINT_HZ)
    signal = np.zeros(max(length * hop, _WINDOW), np.float32)
    given = np.asarray(samples[: len(signal)], np.float32) / 32768.0
    signal[: len(given)] = given
    power = librosa.feature.melspectrogram(
        y=signal,
        sr=PRINT_RATE,
        n_fft=_WINDOW,
        hop_length=hop,
        n_mels=_BANDS,
        fmin=_LOWEST_HZ,
        fmax=_HIGHEST_HZ,
        norm=None,
    )
    # A sine at full scale has this power in its bin.
    full = (_WINDOW / 4) ** 2
    level = 10 * np.log10(power.T[:length] / full + 10 ** (_FLOOR_DB / 10))
    return without_slow(np.diff(level, axis=1))


def without_slow(course: Array) -> Array:
    """Return a course, (n, columns), less its mean over the two seconds around each place."""
    from scipy.ndimage import uniform_filter1d

    slow = uniform_filter1d(course, _SLOW, axis=0, mode="nearest")
    return np.asarray(course - slow, np.float32)


def picture_fields(picture: Array) -> Array:
    """Return how much brighter than the picture its fields are, (36,) float32, levels of 255.

    Parameters
    ----------
    picture : RGB, (height, width, 3) uint8.
    """
    height, width = picture.shape[:2]
    sparse = max(1, min(_SPARSE, min(height, width) // (_PIXELS * _FIELDS)))
    few = picture[::sparse, ::sparse].astype(np.float32) @ np.array(
        [0.299, 0.587, 0.114], np.float32
    )
    rows, columns = (np.array_split(np.arange(size), _FIELDS) for size in few.shape)
    across = np.stack([few[:, own].mean(axis=1) for own in columns], axis=1)
    fields = np.stack([across[own].mean(axis=0) for own in rows]).ravel()
    return np.asarray(fields - fields.mean(), np.float32)


def fingerprint_of(stream: BinaryIO, source: str, *, store: Store | None = None) -> Fingerprint:
    """Return the fingerprint of a film or a sound; of what cannot be decoded it has nothing.

    What keeps a file from being ranked is told where it is predicted.

    Parameters
    ----------
    stream, source : the file, opened for reading bytes, and its name for messages.
    store : makes temporary files for hours of sound; None: it stays in memory.
    """
    from tinglegram.stimuli.container import streams_in

    try:
        held = streams_in(stream, source)
    except InputProblem as problem:
        _LOG.info("no fingerprint: %s", problem)
        return Fingerprint({})
    ways: list[tuple[Stream, ...]] = [held, *((name,) for name in held if len(held) > 1)]
    courses: dict[Stream, Array] = {}
    for way in ways:
        if {*way} & {*courses}:
            continue
        try:
            courses |= _decoded_courses(stream, source, way, store)
        except InputProblem as problem:
            _LOG.info("no fingerprint of %s: %s", " and ".join(way), problem)
    return Fingerprint(courses)


def _decoded_courses(
    stream: BinaryIO, source: str, streams: Sequence[Stream], store: Store | None
) -> dict[Stream, Array]:
    """Return the courses of these streams of a file.

    Raises
    ------
    InputProblem : one of them cannot be decoded.
    """
    from tinglegram.stimuli.container import playing_seconds
    from tinglegram.stimuli.video import decode_clip

    length = int(playing_seconds(stream, source, streams) * PRINT_HZ + 1e-6)
    if length < _FEWEST:
        return {}
    fields: list[Array] = []
    pictured, heard = "picture" in streams, "sound" in streams
    stream.seek(0)
    clip = decode_clip(
        stream,
        source,
        start_s=0.0,
        n_steps=length,
        grid_hz=PRINT_HZ,
        sample_rate=PRINT_RATE if heard else None,
        take=(lambda picture: fields.append(picture_fields(picture))) if pictured else {},
        store=store,
    )
    found: dict[Stream, Array] = {}
    if heard:
        found["sound"] = sound_course(clip.sound["timestamps"], length)
    if pictured:
        found["picture"] = without_slow(np.stack(fields)[clip.picture_of_step["timestamps"]])
    return found


class _Prepared(NamedTuple):
    """Segments of one stream: centred courses (segments, L, columns), which places they have."""

    centred: Array
    has: Array
    power: Array


def _prepared(courses: Sequence[Array], stretches: Sequence[Excerpt]) -> _Prepared:
    longest = max(own.length for own in stretches)
    columns = courses[0].shape[1]
    centred = np.zeros((len(stretches), longest, columns), np.float32)
    has = np.zeros((len(stretches), longest), np.float32)
    for place, own in enumerate(stretches):
        course = courses[own.print][own.first : own.first + own.length]
        centred[place, : len(course)] = course - course.mean(axis=0) if len(course) else 0
        has[place, : len(course)] = 1
    return _Prepared(centred, has, np.square(centred).sum(axis=2))


def _lags(own: Excerpt, others: Collection[int]) -> range:
    """Return by how much segments of these lengths may begin later and share half of the one."""
    shared = {other: -(-min(own.length, other) // 2) for other in others}
    return range(
        min(half - other for other, half in shared.items()),
        max(own.length - half for half in shared.values()) + 1,
    )


def _alike(course: Array, own: Excerpt, lags: range, others: _Prepared, floor: float) -> Array:
    """Return the correlation of segments with a course at every lag, (lags, segments).

    NaN where they share too little. Infinite where one of them tells nothing.
    """
    longest, columns = others.centred.shape[1:]
    first = own.first + lags.start
    reach = len(lags) - 1 + longest
    around = np.zeros((reach, columns))
    has = np.zeros(reach)
    begin, end = max(first, 0), min(first + reach, len(course))
    around[begin - first : end - first] = course[begin:end] - course[begin:end].mean(axis=0)
    has[begin - first : end - first] = 1
    windows = np.lib.stride_tricks.sliding_window_view(around, longest, axis=0)
    windows = np.ascontiguousarray(windows.swapaxes(1, 2), np.float32)
    there = np.lib.stride_tricks.sliding_window_view(has, longest).astype(np.float32)
    number = there @ others.has.T
    # Sums of one column of both over what they share, (columns, lags, segments): so that each mean
    # is that of what is compared.
    own_sum = windows.transpose(2, 0, 1) @ others.has.T
    other_sum = there @ others.centred.transpose(2, 1, 0)
    product = windows.reshape(len(lags), -1) @ others.centred.reshape(len(others.has), -1).T
    with np.errstate(divide="ignore", invalid="ignore"):
        product -= (own_sum * other_sum).sum(axis=0) / number
        square = np.square(windows).sum(axis=2) @ others.has.T
        square -= np.square(own_sum).sum(axis=0) / number
        other = there @ others.power.T - np.square(other_sum).sum(axis=0) / number
        found = product / np.sqrt(square * other)
        tells = np.minimum(square, other) >= floor * number * columns
    found[~tells] = np.inf
    enough = np.maximum(_FEWEST, np.minimum(others.has.sum(axis=1), own.length) / 2)
    found[number < enough] = np.nan
    return np.asarray(found)


def matches(
    prints: Sequence[Fingerprint],
    stretches: Sequence[Excerpt],
    alike: Mapping[Stream, float],
) -> list[Match | None]:
    """Return for each segment the earlier one that it is the same material as; None: there is none.

    Segments are the same material where they have at least half of the shorter one in common: where
    every stream of `alike` that both have, and that tells something, agrees at the same lag. An
    earlier one is one that is no other's material itself.

    Parameters
    ----------
    prints : of the contents.
    stretches : the segments, best first.
    alike : the streams that count (of a model of sounds, the sound) and for each the correlation
        from which on courses agree.
    """
    found: list[Match | None] = [None] * len(stretches)
    used = [name for name in INFORMATIVE if name in alike]
    held = {
        name: {n for n, own in enumerate(stretches) if name in prints[own.print].courses}
        for name in used
    }
    prepared = {
        name: _prepared(
            [own.courses.get(name, np.empty((0, _width(prints, name)))) for own in prints],
            stretches,
        )
        for name in used
        if held[name]
    }
    lengths = {own.length for own in stretches}
    for place, own in enumerate(stretches):
        if found[place] is not None or place == len(stretches) - 1:
            continue
        lags = _lags(own, lengths)
        lowest = np.full((len(lags), len(stretches) - place - 1), np.inf)
        above = lowest.copy()
        for name, others in prepared.items():
            if name not in prints[own.print].courses:
                continue
            later = _Prepared(*(part[place + 1 :] for part in others))
            course = prints[own.print].courses[name]
            both = _alike(course, own, lags, later, INFORMATIVE[name])
            without = [
                n - place - 1 for n in range(place + 1, len(stretches)) if n not in held[name]
            ]
            both[:, without] = np.inf
            lowest, above = np.minimum(lowest, both), np.minimum(above, both - alike[name])
        above[~np.isfinite(above)] = -1.0
        above[~_share_half(own, stretches[place + 1 :], lags)] = -1.0
        for other, lag in enumerate(above.argmax(axis=0).tolist()):
            if above[lag, other] >= 0 and found[place + 1 + other] is None:
                value = min(float(lowest[lag, other]), 1.0)
                found[place + 1 + other] = Match(place, lags[lag], value)
    return found


def _width(prints: Sequence[Fingerprint], name: Stream) -> int:
    return int(next(own.courses[name].shape[1] for own in prints if name in own.courses))


def _share_half(own: Excerpt, others: Sequence[Excerpt], lags: range) -> Array:
    """Return whether segments share half of the shorter one at every lag, (lags, segments)."""
    lag = np.array(lags)[:, None]
    length = np.array([other.length for other in others])[None, :]
    shared = np.minimum(lag + length, own.length) - np.maximum(lag, 0)
    found: Array = 2 * shared >= np.minimum(length, own.length)
    return found
