"""Clips: the pictures and the sound of a window, from one pass over the file."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import av
import numpy as np
from av.container import InputContainer
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from tinglegram.errors import InputProblem

Picture = NDArray[np.uint8]

_REMEDY = "Copy the clip again, or convert it again from its source."


@dataclass(frozen=True)
class Clip:
    """What one pass over a clip yields beside its pictures.

    Attributes
    ----------
    sound : mono 16-bit samples of the window, (n_steps × hop,) or less than one hop shorter;
        empty when none was asked for.
    picture_of_step : for each grid step the place of its picture among those handed over.
    fps : frames per second.
    drift : largest difference, in frames, between a frame's place by its timestamp and by
        counting; 0 at a constant frame rate without lost frames.
    """

    sound: NDArray[np.int16]
    picture_of_step: NDArray[np.int64]
    fps: float
    drift: int


def first_frame(start_s: float, fps: float) -> int:
    """Return the 0-based number of the frame on which a seek to `start_s` seconds lands."""
    # Released code: the seek rounds to the nearest frame, halves upwards.
    return int(start_s * fps + 0.5)


def frame_indices(n_steps: int, grid_hz: float, fps: float) -> NDArray[np.int64]:
    """Return for each grid step its frame, counted from the frame the seek landed on, (n_steps,).

    The product is cut, not rounded, in the released code's order of operations: at 30 fps 8 of
    550 steps of a 10-Hz grid, at 25 fps 18, lie one frame below the exact quotient.
    """
    return np.array([int(i / grid_hz * fps) for i in range(n_steps)], dtype=np.int64)


def decode(
    stream: BinaryIO,
    source: str,
    *,
    start_s: float,
    n_steps: int,
    grid_hz: float,
    sample_rate: int | None,
    take: Callable[[Picture], None],
    threads: int = 1,
) -> Clip:
    """Decode a clip once, pictures and sound together, until the last frame and sample needed.

    Each distinct frame of the grid goes to `take` as an RGB array (height, width, 3), in order;
    steps that fall on the same frame share it. Of several streams FFmpeg's best is taken.

    Parameters
    ----------
    stream : the clip file, opened for reading bytes; `source` names it in messages.
    start_s, n_steps, grid_hz : start of the window in seconds, its length in steps, steps per
        second.
    sample_rate : of the sound in Hz (down-mixed to mono and resampled by FFmpeg);
        None decodes no sound.
    threads : of the picture decoder.

    Raises
    ------
    InputProblem : not a clip, no picture or sound stream, damaged, or shorter than the window.
    """
    try:
        container = av.open(stream, "r")
    except av.FFmpegError as problem:
        raise InputProblem(
            source, expected="a video clip", found=f"{problem.strerror}", remedy=_REMEDY
        ) from problem
    with container:
        video = container.streams.best("video")
        if not isinstance(video, av.VideoStream):
            raise missing_stream(source, "picture")
        video.codec_context.thread_count = threads
        pictures = _Pictures(source, container, video, start_s, n_steps, grid_hz, take)
        streams: list[av.VideoStream | av.AudioStream] = [video]
        sound = None
        if sample_rate is not None:
            audio = container.streams.best("audio")
            if not isinstance(audio, av.AudioStream):
                raise missing_stream(source, "sound")
            streams.append(audio)
            sound = _Sound(source, start_s, n_steps, grid_hz, sample_rate)
        kind = "header"
        try:
            for packet in container.demux(streams):
                kind = packet.stream.type
                part = pictures if packet.stream.index == video.index else sound
                if part is None or part.complete:
                    continue
                for frame in packet.decode():
                    if isinstance(frame, av.VideoFrame):
                        pictures.add(frame)
                    elif isinstance(frame, av.AudioFrame) and sound is not None:
                        sound.add(frame)
                if pictures.complete and (sound is None or sound.complete):
                    break
        except av.FFmpegError as damage:
            raise pictures.shortage(f", then damaged {kind} ({damage.strerror})") from damage
        if not pictures.complete:
            raise pictures.shortage("")
        samples = sound.window() if sound else np.empty(0, np.int16)
    return Clip(samples, pictures.picture_of_step, pictures.fps, pictures.drift)


def missing_stream(source: str, kind: str) -> InputProblem:
    """Return the problem of a clip without a stream of `kind` (picture, sound)."""
    return InputProblem(
        source,
        expected="a clip with pictures and sound",
        found=f"no {kind} stream",
        remedy="Export the clip again with both.",
    )


class _Pictures:
    """Counts the frames of a clip and hands over the wanted ones."""

    def __init__(
        self,
        source: str,
        container: InputContainer,
        stream: av.VideoStream,
        start_s: float,
        n_steps: int,
        grid_hz: float,
        take: Callable[[Picture], None],
    ) -> None:
        rate = stream.guessed_rate or stream.average_rate
        if not rate:
            raise InputProblem(
                source, expected="a frame rate", found="none in the header", remedy=_REMEDY
            )
        self.source, self.rate, self.fps = source, rate, float(rate)
        # The header's count; a duration is re-estimated from the size of a truncated file.
        frames = stream.frames or round((container.duration or 0) / av.time_base * self.fps)
        self.declared = f"{frames} frames, {frames / self.fps:.1f} s"
        self.start = first_frame(start_s, self.fps)
        indices = frame_indices(n_steps, grid_hz, self.fps)
        distinct, self.picture_of_step = np.unique(indices, return_inverse=True)
        self.wanted, self.given = distinct.tolist(), 0
        self.decoded = self.drift = 0
        # Order of the frame the window starts with; None until it comes.
        self.origin: int | None = None
        self.reformatter, self.take = VideoReformatter(), take
        self.zero = self.last = -1
        self.ordered = True

    @property
    def complete(self) -> bool:
        return self.given == len(self.wanted)

    def number(self, frame: av.VideoFrame) -> int:
        """Place of a frame by its timestamp, relative to the clip's first."""
        if frame.pts is None or frame.time_base is None:
            self.ordered = False
            return self.decoded
        place = math.floor(frame.pts * frame.time_base * self.rate + 0.5)
        if self.decoded == 0:
            self.zero = place
        return place - self.zero

    def add(self, frame: av.VideoFrame) -> None:
        if self.complete:
            return
        number = self.number(frame)
        # ASSUMPTION: timestamps that run backwards (B-frames of H.264 inside AVI, which stores
        # no presentation times) say nothing; such clips are counted (FFmpeg's AVI demuxer).
        self.ordered &= number > self.last
        self.last = number
        self.drift = max(self.drift, abs(number - self.decoded))
        if self.origin is None and (number if self.ordered else self.decoded) >= self.start:
            self.origin = self.decoded
        # After the seek the released code counts the frames it reads.
        if self.origin is not None and self.decoded - self.origin == self.wanted[self.given]:
            # Bicubic, as most readers built on FFmpeg; it only matters for subsampled colour.
            rgb = self.reformatter.reformat(
                frame, format="rgb24", interpolation="BICUBIC", threads=1
            )
            self.take(np.asarray(rgb.to_ndarray(), np.uint8))
            self.given += 1
        self.decoded += 1

    def shortage(self, reason: str) -> InputProblem:
        end = self.decoded / self.fps
        last = self.start + self.wanted[-1]
        return InputProblem(
            self.source,
            where=f"second {end:.2f}",
            expected=f"pictures until second {last / self.fps:.2f} (declared: {self.declared})",
            found=f"{self.decoded} decoded frames{reason}",
            remedy=_REMEDY,
        )


class _Sound:
    """Collects the sound of a clip as mono 16-bit samples."""

    def __init__(
        self, source: str, start_s: float, n_steps: int, grid_hz: float, sample_rate: int
    ) -> None:
        self.source, self.sample_rate = source, sample_rate
        self.resampler = av.AudioResampler(format="s16", layout="mono", rate=sample_rate)
        self.chunks: list[NDArray[np.int16]] = []
        self.collected = 0
        self.first = int(start_s * sample_rate)
        self.end = self.first + round(n_steps * sample_rate / grid_hz)
        # The last step's window is centred on this sample; what lies beyond may be missing.
        self.last = self.first + round((n_steps - 1) * sample_rate / grid_hz)

    @property
    def complete(self) -> bool:
        return self.collected >= self.end

    def add(self, frame: av.AudioFrame | None) -> None:
        try:
            resampled = self.resampler.resample(frame)
        except ValueError as change:
            raise InputProblem(
                self.source,
                where=f"second {self.collected / self.sample_rate:.2f}",
                expected="one sound format throughout the clip",
                found=str(change),
                remedy=_REMEDY,
            ) from change
        # ASSUMPTION: samples follow each other without gaps from the clip's start, as in
        # FFmpeg's conversion to a sound file, which ignores the timestamps of sound.
        for part in resampled:
            self.chunks.append(part.to_ndarray()[0])
            self.collected += part.samples

    def window(self) -> NDArray[np.int16]:
        if not self.complete:
            self.add(None)
        if self.collected < max(self.last, 1):
            raise InputProblem(
                self.source,
                where=f"second {self.collected / self.sample_rate:.2f}",
                expected=f"sound until second {self.end / self.sample_rate:.2f}",
                found="its end",
                remedy=_REMEDY,
            )
        return np.concatenate(self.chunks)[self.first : self.end]
