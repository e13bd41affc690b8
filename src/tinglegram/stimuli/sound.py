"""The sound of a clip as 16-bit samples, mono and stereo, and what channels and timestamps tell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO, NamedTuple

import av
import numpy as np
import scipy
from numpy.typing import NDArray

from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.stimuli.findings import ClipFinding, stretches
from tinglegram.stimuli.pictures import REMEDY
from tinglegram.stimuli.settings import Alignment
from tinglegram.stimuli.timeline import (
    APART_S,
    WOBBLE_S,
    Starts,
    late_in_packet,
    seconds_of,
)

Samples = NDArray[np.int16]
# Makes an empty file, open for reading and writing bytes, for sound that memory need not hold.
Store = Callable[[], BinaryIO]

# A jump of timestamps counts as a gap when it lasts: those of the seconds after it agree.
_LASTING_S = 0.5
# Stamps that agree this well are exact, so that one of them tells the length of a gap.
_EXACT_S = 0.002
_FULL_SCALE = 32768.0
# ASSUMPTION: sound whose effective value lies this many dB below full scale is none: consumer
# microphones and encoders make as much noise; whispering is recorded at -50 dB and above.
_SILENT_DB = -60.0
# ASSUMPTION: up to this share of samples an encoder puts beyond full scale where the sound itself
# reached it.
_CLIPPED_SHARE = 1e-3
# What is lower than this many dB is nothing: 16 bits hold 96.
_NOTHING_DB = 100.0
# Samples whose power is summed at once, longer than the clips of a study.
_AT_ONCE = 1 << 22
# ASSUMPTION: a second of sound this many dB below full scale holds none: the quietest rooms and
# preamplifiers make more noise.
_EMPTY_DB = -80.0
# ASSUMPTION: a channel is lost, and not only silent for a while, where it is the same one in at
# least this share of the seconds.
_OFTEN = 0.25
# ASSUMPTION: channels cancel each other where their mean has less than this share of their power.
# Two that have nothing in common keep half of it, one alone keeps half, equal ones keep all.
_CANCELLED = 0.25
# ASSUMPTION: a channel that has less than this share of the other's power holds no sound.
_SILENT_SHARE = 1e-4
# ASSUMPTION: channels with the same sound at different times have it this alike, the more alike by
# this than at the same time, and at least this and at most this many seconds apart: ears are.
_SAME, _ALIKE, _LAG_S, _EARS_S = 0.5, 0.3, 1e-4, 1e-3


class Gap(NamedTuple):
    """A place at which timestamps and samples part for good.

    Attributes
    ----------
    second : of the samples collected before it.
    length : seconds of silence that belong there; negative where samples overlap.
    """

    second: float
    length: float


def find_gaps(stamps: Sequence[float], lengths: Sequence[float]) -> list[Gap]:
    """Return where the timestamps of frames of sound leave more or less room than their samples.

    Parameters
    ----------
    stamps : seconds of each frame, the first being 0; not a number: it has none.
    lengths : seconds of its samples.
    """
    begins = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    ahead = np.asarray(stamps, float) - begins
    begins, ahead = begins[~np.isnan(ahead)], ahead[~np.isnan(ahead)]
    found: list[Gap] = []
    level = 0.0
    for i, (begin, here) in enumerate(zip(begins.tolist(), ahead.tolist(), strict=True)):
        if abs(here - level) <= WOBBLE_S:
            continue
        # What all frames of the next half second agree on, whichever way each of them wobbles.
        lasting = ahead[i : np.searchsorted(begins, begin + _LASTING_S)] - level
        length = lasting.min() if here > level else lasting.max()
        if abs(length) <= WOBBLE_S or length * (here - level) < 0:
            continue
        if abs(here - level - length) < _EXACT_S:
            length = here - level
        level += length
        found.append(Gap(begin, float(length)))
    return found


@dataclass
class _Second:
    """Two channels within a second: powers, summed over samples, and products at every lag.

    Attributes
    ----------
    lagged : sum of left × right, the left one later by -1 ms to 1 ms, a sample each.
    """

    mixed: float = 0.0
    left: float = 0.0
    right: float = 0.0
    samples: int = 0
    lagged: NDArray[np.float64] | None = None

    def add(self, left: NDArray[np.float64], right: NDArray[np.float64], rate: int) -> None:
        """Add samples of both channels at `rate` Hz."""
        self.mixed += float(np.square((left + right) / 2).sum())
        self.left += float(np.square(left).sum())
        self.right += float(np.square(right).sum())
        self.samples += len(left)
        most = int(rate * _EARS_S)
        spectra = (scipy.fft.rfft(channel, 2 * len(left) + 2 * most) for channel in (left, right))
        products = scipy.fft.irfft(next(spectra) * next(spectra).conj(), 2 * len(left) + 2 * most)
        around = np.concatenate([products[-most:], products[: most + 1]])
        self.lagged = around if self.lagged is None else self.lagged + around

    def lag(self) -> int:
        """Return the samples by which the left channel is later; 0: they are not the same sound."""
        if self.lagged is None or not self.left or not self.right:
            return 0
        alike = self.lagged / np.sqrt(self.left * self.right)
        middle, best = len(alike) // 2, int(alike.argmax())
        same = alike[best] >= _SAME and alike[best] - alike[middle] >= _ALIKE
        return best - middle if same else 0


class Sound:
    """Collects the sound of a clip as mono 16-bit samples, on request as stereo ones too."""

    def __init__(
        self,
        source: str,
        start_s: float,
        n_steps: int,
        grid_hz: float,
        sample_rate: int,
        starts: Starts,
        *,
        stereo: bool = False,
        store: Store | None = None,
    ) -> None:
        """Plan the window: `n_steps` steps of the grid from `start_s` on, at `sample_rate` Hz.

        store : where samples of hours of sound are kept; None: in memory.
        """
        self.source, self.sample_rate, self.starts = source, sample_rate, starts
        self.store = store
        self.resampler = av.AudioResampler(format="s16", layout="mono", rate=sample_rate)
        self.mono = _Collection(store)
        self.beside = _Channels(sample_rate, store) if stereo else None
        self.collected = 0
        self.first = int(start_s * sample_rate)
        self.end = self.first + round(n_steps * sample_rate / grid_hz)
        # The last step's window is centred on this sample; what lies beyond may be missing.
        self.last = self.first + round((n_steps - 1) * sample_rate / grid_hz)
        self.stamps: list[float] = []
        self.lengths: list[float] = []
        self.heard, self.rate, self.format = Fraction(0), sample_rate, ""
        self.surround = False
        self.seconds: dict[int, _Second] = {}
        self.no_numbers: dict[float, int] = {}
        self.beyond = self.floats = 0

    @property
    def complete(self) -> bool:
        """Whether the whole window was collected, on the timeline too."""
        behind = min(0.0, self.ahead)
        return self.collected + behind * self.sample_rate >= self.end

    @property
    def ahead(self) -> float:
        """Seconds by which the last timestamp is ahead of the samples collected before it."""
        if not self.stamps or np.isnan(self.stamps[-1]):
            return 0.0
        return self.stamps[-1] + self.lengths[-1] - float(self.heard)

    def add(self, frame: av.AudioFrame | None) -> None:
        """Collect a decoded frame; None: there are no more."""
        if frame is not None:
            self._look(frame)
            self.format = self.format or _format(frame)
        try:
            resampled = self.resampler.resample(frame)
        except ValueError as change:
            raise InputProblem(
                self.source,
                where=f"second {self.collected / self.sample_rate:.2f}",
                expected="one sound format throughout the clip",
                found=f"{_format(frame)} after {self.format}",
                remedy=REMEDY,
            ) from change
        for part in resampled:
            self.mono.add(part.to_ndarray()[0])
            self.collected += part.samples
        if self.beside is not None:
            self.beside.add(frame)

    def _look(self, frame: av.AudioFrame) -> None:
        """Note when a frame sounds, how long, and the power of its channels."""
        stamp = seconds_of(frame)
        if stamp is not None and self.starts.sound is not None:
            if not self.stamps:
                stamp += late_in_packet(frame)
            self.stamps.append(float(stamp) - self.starts.sound - self.starts.swallowed)
        else:
            self.stamps.append(float("nan"))
        length = Fraction(frame.samples, frame.sample_rate)
        self.lengths.append(float(length))
        self.heard += length
        if frame.format.name.startswith(("flt", "dbl")):
            self._look_at_floats(frame, float(self.heard - length))
        channels = [channel.name for channel in frame.layout.channels]
        if len(channels) == 2 or channels[:2] == ["FL", "FR"]:
            begin = float(self.heard - length) + self.ahead
            begin += self.starts.sound_late + self.starts.swallowed
            second = self.seconds.setdefault(int(begin), _Second())
            second.add(*_channels(frame), frame.sample_rate)
            self.rate, self.surround = frame.sample_rate, len(channels) > 2

    def _look_at_floats(self, frame: av.AudioFrame, second: float) -> None:
        """Count samples that 16 bits cannot hold: no numbers, and what is beyond full scale."""
        values = _by_channel(frame)
        lacking = ~np.isfinite(values)
        if lacking.any():
            first = int(lacking.any(axis=0).argmax())
            self.no_numbers[second + first / frame.sample_rate] = int(lacking.sum())
        self.beyond += int((np.abs(values) > 1).sum())
        self.floats += values.size

    @property
    def gaps(self) -> list[Gap]:
        """Where timestamps and samples part, within the window."""
        until = self.end / self.sample_rate
        return [gap for gap in find_gaps(self.stamps, self.lengths) if gap.second < until]

    def windows(self, alignments: Sequence[Alignment]) -> dict[Alignment, Samples]:
        """Return for each alignment the samples of the window; at most one hop may be missing.

        `first_frame`: samples follow each other without gaps from the sound's own start, as in
        FFmpeg's conversion to a sound file, which ignores timestamps (released code). By so much
        as the sound starts late or has gaps it ends early; silence stands there.
        `timestamps`: every sample stands at its time after the first frame of picture or sound;
        silence fills what comes before the sound and its gaps, and of samples that overlap the
        later ones are left out.
        """
        if not self.complete:
            self.add(None)
        return self._placed(self.mono.all(), alignments)

    def stereo_windows(self, alignments: Sequence[Alignment]) -> dict[Alignment, Samples]:
        """Return the same of left and right channel, (n, 2), once `windows` was asked for.

        Raises
        ------
        TinglegramError : stereo was not asked for when the window was planned.
        """
        if self.beside is None:
            raise TinglegramError(f"{self.source}: stereo sound was not collected.")
        return self._placed(self.beside.samples(self.mono.all()), alignments)

    def _placed(
        self, counted: Samples, alignments: Sequence[Alignment]
    ) -> dict[Alignment, Samples]:
        """Return the window of samples that follow each other, (n,) or (n, 2), placed in time."""
        timed = self._timed(counted)
        if len(timed) < max(self.last, 1):
            raise self.shortage("its end", len(timed))
        missing = _silence(max(0, min(len(timed), self.end) - len(counted)), counted)
        of = {"first_frame": self._joined([counted, missing]), "timestamps": timed}
        return {name: of[name][self.first : self.end] for name in alignments}

    def _timed(self, counted: Samples) -> Samples:
        """Return the samples at their times after time 0 of the clip."""
        lead_s = self.starts.sound_late + self.starts.swallowed
        lead = _silence(round(lead_s * self.sample_rate), counted)
        parts, done = [lead], 0
        for gap in self.gaps:
            here = max(done, round(gap.second * self.sample_rate))
            parts.append(counted[done:here])
            silent = round(gap.length * self.sample_rate)
            parts.append(_silence(max(0, silent), counted))
            done = here + max(0, -silent)
        return self._joined([*parts, counted[done:]])

    def _joined(self, parts: Sequence[Samples]) -> Samples:
        """Return samples one after the other, where the sound is kept."""
        some = [part for part in parts if len(part)]
        if self.store is None or len(some) <= 1:
            return np.concatenate(some or parts) if len(some) != 1 else some[0]
        together = _Collection(self.store)
        for part in some:
            for begin in range(0, len(part), _AT_ONCE):
                together.add(part[begin : begin + _AT_ONCE])
        return together.all()

    def findings(self, window: Samples) -> list[ClipFinding]:
        """What a careful reader should know.

        Parameters
        ----------
        window : the samples that are analysed.
        """
        return (
            self._offset()
            + self._swallowed()
            + self._gaps()
            + self._values()
            + self._level(window)
            + self._phase()
        )

    def _values(self) -> list[ClipFinding]:
        found = []
        if self.no_numbers:
            found.append(
                ClipFinding(
                    "damaged_stimulus",
                    where=f"second {stretches(self.no_numbers)}",
                    expected="samples of sound that are numbers",
                    found=f"{sum(self.no_numbers.values())} that are none, or infinite",
                    remedy=f"{REMEDY} To use it as it is: data: problems: damaged_stimulus.",
                )
            )
        if self.beyond > _CLIPPED_SHARE * self.floats:
            found.append(
                ClipFinding(
                    "beyond_full_scale",
                    f"{100 * self.beyond / self.floats:.1f} % of the samples lie beyond full scale "
                    "and are cut off there",
                )
            )
        return found

    def _offset(self) -> list[ClipFinding]:
        late, early = self.starts.sound_late, self.starts.picture_late
        if max(late, early) <= APART_S:
            return []
        first, second = ("pictures", "sound") if late else ("sound", "pictures")
        return [
            ClipFinding(
                "streams_apart",
                expected="pictures and sound that start together",
                found=f"{second} from {max(late, early):.3f} s after the first {first} on",
                remedy="Protocols whose alignment is timestamps place both by their times, "
                "first_frame lets both begin at 0. If neither is what viewers saw and heard, "
                "convert the clip again from its source.",
            )
        ]

    def _swallowed(self) -> list[ClipFinding]:
        if not self.starts.swallowed:
            return []
        return [
            ClipFinding(
                "swallowed_sound",
                f"FFmpeg's decoder leaves out the first {self.starts.swallowed:.3f} s of sound; "
                "protocols whose alignment is timestamps hear silence there, under first_frame all "
                "sound is early by that",
            )
        ]

    def _gaps(self) -> list[ClipFinding]:
        found = []
        shift = self.starts.sound_late + self.starts.swallowed
        for gap in self.gaps:
            what = "of sound missing" if gap.length > 0 else "of sound twice"
            found.append(
                ClipFinding(
                    "sound_gap",
                    where=f"second {gap.second + shift:.2f}",
                    expected="sound without gaps",
                    found=f"{abs(gap.length):.3f} s {what}",
                    remedy="Protocols whose alignment is timestamps fill a gap with silence and "
                    "leave out what comes twice; under first_frame all later sound is early or "
                    "late by that. Copy the clip again, or convert it again from its source.",
                )
            )
            shift += gap.length
        return found

    def _level(self, window: Samples) -> list[ClipFinding]:
        where = ""
        if not window.any():
            found = "digital silence"
        elif (level := _level(window)) < _SILENT_DB:
            found = f"an effective value {-level:.0f} dB below full scale"
        else:
            empty, n_seconds = self._empty(window)
            if not empty:
                return []
            where = f"second {stretches(empty)}"
            found = (
                f"less than {_EMPTY_DB:.0f} dB of full scale in {len(empty)} of {n_seconds} seconds"
            )
        return [
            ClipFinding(
                "near_silence",
                where=where,
                expected="sound that can be heard when it is mixed to one channel",
                found=found,
                remedy="Play the clip; copy it again, or convert it again from its source.",
            )
        ]

    def _empty(self, window: Samples) -> tuple[list[float], int]:
        """Return the seconds of the window that hold no sound, and the number of all.

        Seconds that a gap fills are left out: they are told as such.
        """
        n_seconds = len(window) // self.sample_rate
        seconds = window[: n_seconds * self.sample_rate].reshape(n_seconds, self.sample_rate)
        begins = self.first / self.sample_rate + np.arange(n_seconds)
        filled, shift = [(0.0, self.starts.sound_late + self.starts.swallowed)], 0.0
        for gap in self.gaps:
            begin = filled[0][1] + gap.second + shift
            filled.append((begin, begin + gap.length))
            shift += gap.length
        empty = [
            float(begin)
            for begin, second in zip(begins, seconds, strict=True)
            if _level(second) < _EMPTY_DB
            and not any(a < begin + 1 and begin < b for a, b in filled if b > a)
        ]
        return empty, n_seconds

    def _phase(self) -> list[ClipFinding]:
        first = self.first // self.sample_rate
        inside = {
            s: power
            for s, power in self.seconds.items()
            if s >= first and s < self.end / self.sample_rate
        }
        loud = {
            s: power
            for s, power in inside.items()
            if _decibel((power.left + power.right) / 2 / max(power.samples, 1)) >= _SILENT_DB
        }
        cancelled = [
            s
            for s, power in loud.items()
            if power.mixed < _CANCELLED * (power.left + power.right) / 2
        ]
        found = []
        if cancelled:
            kept = sum(loud[s].mixed for s in cancelled)
            both = sum((loud[s].left + loud[s].right) / 2 for s in cancelled)
            below = -_decibel(kept / both)
            by = f"{below:.0f}" if below < _NOTHING_DB else f"more than {_NOTHING_DB:.0f}"
            found.append(
                ClipFinding(
                    "anti_phase",
                    where=f"second {stretches(map(float, cancelled))}",
                    expected="channels that can be mixed to one",
                    found=f"a mix {by} dB below its two channels in "
                    f"{len(cancelled)} of {len(loud)} seconds: they cancel each other (one "
                    "inverted, or recorded binaurally)",
                    remedy="Turn one channel if it is inverted (ffmpeg -i CLIP -af "
                    "aeval='val(0)|-val(1)' -c:v copy NEW).",
                )
            )
        lags = {s: power.lag() / self.rate for s, power in loud.items() if s not in cancelled}
        apart = {s: lag for s, lag in lags.items() if abs(lag) >= _LAG_S}
        if apart:
            longest = max(apart.values(), key=abs)
            found.append(
                ClipFinding(
                    "binaural",
                    where=f"second {stretches(map(float, apart))}",
                    expected="channels that can be mixed to one",
                    found=f"the same sound up to {abs(longest) * 1000:.2f} ms later in the "
                    f"{'left' if longest > 0 else 'right'} one, in {len(apart)} of {len(loud)} "
                    f"seconds: the mix lacks frequencies around {0.5 / abs(longest):.0f} Hz and "
                    "its odd multiples",
                    remedy="What one channel alone has is kept only if the clip is converted to it "
                    "(ffmpeg -i CLIP -af 'pan=mono|c0=c0' -c:v copy NEW).",
                )
            )
        # Of surround sound any channel may be empty.
        return found if self.surround else found + _one_sided(loud)

    def shortage(self, found: str, n_samples: int | None = None) -> InputProblem:
        """Return the problem of a clip whose sound ends before its window."""
        if n_samples is None:
            n_samples = self.collected + round(self.starts.sound_late * self.sample_rate)
        return InputProblem(
            self.source,
            where=f"second {n_samples / self.sample_rate:.2f}",
            expected=f"sound until second {self.end / self.sample_rate:.2f}",
            found=found,
            remedy=REMEDY,
        )


class _Channels:
    """Collects left and right channel beside the mono mix, from the same frames.

    Surround sound is mixed to two channels by FFmpeg's rules.

    ASSUMPTION: sound of one channel is the same in both ears, at the level of that channel. FFmpeg
    would lower it by 3 dB.
    """

    def __init__(self, sample_rate: int, store: Store | None) -> None:
        """Start without any sound; `sample_rate` in Hz."""
        self.resampler = av.AudioResampler(format="s16", layout="stereo", rate=sample_rate)
        self.both = _Collection(store)
        self.of_one = False

    def add(self, frame: av.AudioFrame | None) -> None:
        """Collect a decoded frame, whose format `Sound` has checked; None: there are no more."""
        if frame is not None:
            self.of_one = len(frame.layout.channels) == 1
        if self.of_one:
            return
        for part in self.resampler.resample(frame):
            # Interleaved: left, right, left, ...
            self.both.add(part.to_ndarray().reshape(-1, 2).astype(np.int16))

    def samples(self, mono: Samples) -> Samples:
        """Return both channels, (n, 2); `mono` is their mix, (n,)."""
        both = self.both.all()
        if self.of_one or not len(both):
            return np.broadcast_to(mono[:, None], (len(mono), 2))
        return both


class _Collection:
    """Keeps samples in their order, (n,) or (n, 2): in memory, or in a file."""

    def __init__(self, store: Store | None) -> None:
        """Start without any; `store` makes the file; None: in memory."""
        self.parts: list[Samples] = []
        self.file = None if store is None else store()
        self.shape: tuple[int, ...] = (-1,)

    def add(self, samples: Samples) -> None:
        """Add samples behind those that are there."""
        self.shape = (-1, *samples.shape[1:])
        if self.file is None:
            self.parts.append(samples)
        else:
            self.file.write(samples.tobytes())

    def all(self) -> Samples:
        """Return all of them; those of a file are not read."""
        if self.file is not None:
            return _mapped(self.file).reshape(self.shape)
        return np.concatenate(self.parts) if self.parts else np.empty(0, np.int16)


def _silence(n_samples: int, like: Samples) -> Samples:
    """Return samples of silence, with as many channels as `like`, (n,) or (n, 2)."""
    return np.zeros((n_samples, *like.shape[1:]), np.int16)


def _one_sided(loud: Mapping[int, _Second]) -> list[ClipFinding]:
    """Say whether one channel holds no sound in the seconds that hold some."""
    left = [s for s, p in loud.items() if p.left < _SILENT_SHARE * p.right]
    right = [s for s, p in loud.items() if p.right < _SILENT_SHARE * p.left]
    # Sound that goes from side to side was made so.
    silent = left or right
    if (left and right) or not silent or len(silent) < _OFTEN * len(loud):
        return []
    always = len(silent) == len(loud)
    some = "" if always else f" in {len(silent)} of {len(loud)} seconds"
    return [
        ClipFinding(
            "one_sided",
            where="" if always else f"second {stretches(map(float, silent))}",
            expected="sound in both channels",
            found=f"none in the {'left' if left else 'right'} one{some}; the mix is 6 dB quieter "
            "than the other one",
            remedy="Play the clip; if a channel was lost, convert it again.",
        )
    ]


def _level(samples: Samples) -> float:
    """Return the effective value of samples in dB of full scale."""
    if len(samples) <= _AT_ONCE:
        return _decibel(float(np.mean(np.square(samples.astype(float) / _FULL_SCALE))))
    parts = (samples[begin : begin + _AT_ONCE] for begin in range(0, len(samples), _AT_ONCE))
    total = sum(float(np.sum(np.square(part.astype(float) / _FULL_SCALE))) for part in parts)
    return _decibel(total / len(samples))


def _mapped(kept: BinaryIO) -> Samples:
    """Return the samples of a file without reading them."""
    kept.flush()
    # No file of length 0 can be mapped.
    return np.memmap(kept, np.int16, "r") if kept.tell() else np.empty(0, np.int16)


def _decibel(power: float) -> float:
    """Return a power relative to 1 in dB."""
    return float(10 * np.log10(max(power, 1e-30)))


def _format(frame: av.AudioFrame | None) -> str:
    """Return the layout, the sampling rate and the samples of a frame as text."""
    if frame is None:
        return "none"
    return f"{frame.layout.name} at {frame.sample_rate} Hz ({frame.format.name})"


def _by_channel(frame: av.AudioFrame) -> NDArray[np.generic]:
    """Return the samples of a frame, (channels, n), as they are stored."""
    data = frame.to_ndarray()
    return data if frame.format.is_planar else data.reshape(-1, len(frame.layout.channels)).T


def _channels(frame: av.AudioFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the front channels of a frame, which are its first two, full scale 1."""
    samples = _by_channel(frame)
    values = samples[:2].astype(float)
    if samples.dtype == np.uint8:
        values = (values - 128) / 128
    elif samples.dtype.kind == "i":
        values /= 2.0 ** (8 * samples.dtype.itemsize - 1)
    else:
        # What is no number was counted, and has no power.
        values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    return values[0], values[1]
