"""The pictures of a clip: which frame each step of the grid shows, by the clip's timestamps."""

import math
from collections.abc import Callable

import av
import numpy as np
from av.container import InputContainer
from av.sidedata.sidedata import SideData
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from tinglegram.errors import InputProblem

Picture = NDArray[np.uint8]

REMEDY = "Copy the clip again, or convert it again from its source."
# FFmpeg's option, so that a user of any operating system finds it.
_CONSTANT_RATE = "Convert the clip to a constant frame rate (ffmpeg -i CLIP -fps_mode cfr NEW)."
# ASSUMPTION: a picture that stands longer than this many seconds is lost material, not a still.
_LONGEST_S = 1.0


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


class Pictures:
    """Hands over the pictures of the grid as the frames of a clip come in.

    A step shows the frame on display at its time. Frames are placed by their timestamps, rounded to
    the nominal frame rate; where the container stores none, by counting.

    Parameters
    ----------
    start_s, n_steps, grid_hz : start of the window in seconds, its steps, steps per second.
    take : is given each picture of `picture_of_step` in order, RGB (height, width, 3).
    """

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
        """Plan the frames; none is decoded yet."""
        rate = stream.guessed_rate or stream.average_rate
        if not rate:
            raise InputProblem(
                source, expected="a frame rate", found="none in the header", remedy=REMEDY
            )
        self.source, self.rate, self.fps = source, rate, float(rate)
        # The header's count; a duration is re-estimated from the size of a truncated file.
        frames = stream.frames or round((container.duration or 0) / av.time_base * self.fps)
        self.declared = f"{frames} frames, {frames / self.fps:.1f} s"
        indices = frame_indices(n_steps, grid_hz, self.fps)
        distinct, self.picture_of_step = np.unique(indices, return_inverse=True)
        self.wanted = (first_frame(start_s, self.fps) + distinct).tolist()
        self.given = self.decoded = self.drift = self.unstamped = self.turned = 0
        # Why frames are counted; empty where they go by their timestamps.
        self.counted = ""
        if "avi" in container.format.name and stream.codec_context.has_b_frames:
            self.counted = "AVI stores no times for frames that were reordered (B-frames)"
        self.first = self.place = self.until = 0
        self.shown: av.VideoFrame | None = None
        self.reformatter, self.take = VideoReformatter(), take

    @property
    def complete(self) -> bool:
        """Whether every picture was handed over."""
        return self.given == len(self.wanted)

    def add(self, frame: av.VideoFrame) -> None:
        """Take the next frame of the clip, in the order of display."""
        if self.complete:
            return
        place, until = self._place(frame)
        # What the frame before showed until now.
        self._give(place)
        self.shown, self.place, self.until = frame, place, max(until, place + 1)
        self.drift = max(self.drift, abs(place - self.decoded))
        self.decoded += 1
        self._give(place + 1)

    def finish(self) -> None:
        """Let the last frame stand for as long as the clip says."""
        self._give(self.until)

    def findings(self) -> list[str]:
        """What a careful reader should know."""
        found = []
        if self.counted:
            found.append(f"{self.counted}; frames are counted at {self.fps:.6g} per second")
        elif self.drift:
            found.append(
                "frames are missing or their rate varies: counting them would be up to "
                f"{self.drift} frames off; pictures are taken by their timestamps"
            )
        if self.unstamped:
            found.append(f"{self.unstamped} frames without timestamp follow the one before at once")
        if self.turned:
            found.append(f"pictures are turned by {self.turned} degrees, as the clip says")
        return found

    def shortage(self, reason: str) -> InputProblem:
        """The problem of a clip that ends before its last picture."""
        return InputProblem(
            self.source,
            where=f"second {self.until / self.fps:.2f}",
            expected=f"pictures until second {self.wanted[-1] / self.fps:.2f} "
            f"(declared: {self.declared})",
            found=f"{self.decoded} decoded frames{reason}",
            remedy=REMEDY,
        )

    def _place(self, frame: av.VideoFrame) -> tuple[int, int]:
        """First and next place of a frame on the nominal rate, relative to the clip's first."""
        if self.counted:
            return self.decoded, self.decoded
        if frame.pts is None or frame.time_base is None:
            self.unstamped += 1
            return self.until, self.until
        scale = frame.time_base * self.rate
        place, until = (
            math.floor(stamp * scale + 0.5) for stamp in (frame.pts, frame.pts + frame.duration)
        )
        if self.decoded == 0:
            self.first = place
        place, until = place - self.first, until - self.first
        if place < self.place:
            raise InputProblem(
                self.source,
                where=f"second {self.place / self.fps:.2f}",
                expected="timestamps that rise",
                found=f"a frame of second {place / self.fps:.2f} after it",
                remedy=_CONSTANT_RATE,
            )
        if place - self.until > _LONGEST_S * self.fps and self.wanted[self.given] < place:
            raise InputProblem(
                self.source,
                where=f"second {self.until / self.fps:.2f}",
                expected=f"pictures no more than {_LONGEST_S:g} s apart",
                found=f"the next one at second {place / self.fps:.2f}",
                remedy=f"If pictures are lost, copy the clip again; if it stands still: "
                f"{_CONSTANT_RATE}",
            )
        return place, until

    def _give(self, before: int) -> None:
        """Hand over what the frame on display shows, for the places below `before`."""
        while not self.complete and self.wanted[self.given] < before and self.shown is not None:
            self.take(self._picture(self.shown))
            self.given += 1

    def _picture(self, frame: av.VideoFrame) -> Picture:
        # Bicubic, as most readers built on FFmpeg; it only matters for subsampled colour.
        rgb = self.reformatter.reformat(frame, format="rgb24", interpolation="BICUBIC", threads=1)
        picture = np.asarray(rgb.to_ndarray(), np.uint8)
        self.turned = self._turn(frame)
        return np.ascontiguousarray(np.rot90(picture, self.turned // 90))

    def _turn(self, frame: av.VideoFrame) -> int:
        """Degrees, counter-clockwise, by which players turn the frame."""
        data = frame.side_data.get("DISPLAYMATRIX")
        if not isinstance(data, SideData):
            return 0
        matrix = np.frombuffer(bytes(data), np.int32).reshape(3, 3)[:2, :2].astype(float)
        if np.linalg.det(matrix) > 0 and frame.rotation % 90 == 0:
            return frame.rotation
        raise InputProblem(
            self.source,
            expected="pictures that are upright or turned by quarters",
            found=f"a display matrix that mirrors them or turns them by {frame.rotation} degrees",
            remedy="Convert the clip so that its pictures are stored upright.",
        )
