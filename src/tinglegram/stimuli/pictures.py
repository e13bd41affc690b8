"""The pictures of a clip: which frame each step of the grid shows, by the clip's timestamps."""

import math
from collections.abc import Callable, Mapping

import av
import numpy as np
from av.container import InputContainer
from av.sidedata.sidedata import SideData
from av.stream import Stream
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from tinglegram.errors import InputProblem
from tinglegram.stimuli.findings import ClipFinding
from tinglegram.stimuli.look import HLG, PQ, Look, tone_mapped, top_field
from tinglegram.stimuli.settings import Alignment
from tinglegram.stimuli.timeline import counts_frames, shown_at, stores_order

Picture = NDArray[np.uint8]

REMEDY = "Copy the clip again, or convert it again from its source."
# FFmpeg's option, so that a user of any operating system finds it.
_CONSTANT_RATE = "Convert the clip to a constant frame rate (ffmpeg -i CLIP -fps_mode cfr NEW)."
_FROM_SOURCE = (
    "Convert the clip again from its source, to MP4 or Matroska (ffmpeg -i SOURCE NEW.mp4)."
)
# ASSUMPTION: a picture that stands longer than this many seconds is worth a word: it may be a
# still, as on recorded screens, or lost material.
_LONGEST_S = 1.0
# ASSUMPTION: timestamps are exact to this share of a frame: Matroska rounds to milliseconds.
_EXACT = 0.05
# ASSUMPTION: FFmpeg misplaces the frames of a program stream (MPG, VOB), which stores a time for
# every tenth or so, by no more than this many: a group of reordered frames.
_MISPLACED = 3
# Every so many pixels of a picture, in both directions, tell how bright it is.
_SPARSE = 4
# ASSUMPTION: pictures whose mean stays below this share of white show nothing: black is coded with
# noise of a few levels of 255. Black for less than this many seconds is a cut.
_BLACK, _BLACK_S = 0.02, 1.0
# ASSUMPTION: what changes by more than this many levels between two pictures of the grid moved; of
# so many such places (every fourth column) lines tell whether two fields were woven into one.
_MOVED, _MOVED_PLACES = 32, 100
# ASSUMPTION: pictures comb where neighbouring lines differ this much more than those of one field.
# In whole pictures they differ less, in noise as much. So many pictures must do it.
_COMBED, _COMBED_PICTURES = 1.3, 3
# ASSUMPTION: pixels that are square to this share were meant to be: encoders round.
_SQUARE = 0.01
_HDR = {PQ: "PQ, SMPTE ST 2084", HLG: "HLG, ARIB STD-B67"}
# Matrix coefficients that nobody gave, by their number in ITU-T H.273.
_UNSPECIFIED = 2
# ASSUMPTION: players take untagged pictures from this width on, or of more than this many lines,
# for BT.709, smaller ones for BT.601 (mpv); FFmpeg takes all of them for BT.601.
_HD_WIDTH, _SD_LINES = 1280, 576


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


def is_still(container: InputContainer) -> bool:
    """Return whether a container is a picture file (PNG, JPEG), which stores no length."""
    return container.format.name.endswith("_pipe") or container.format.name == "image2"


class Pictures:
    """Hands over the pictures of the grid as the frames of a clip come in.

    A step shows the frame on display at its time. Frames are placed by their timestamps, rounded to
    the nominal frame rate; where the container stores none, by counting.

    Parameters
    ----------
    start_s, n_steps, grid_hz : start of the window in seconds, its steps, steps per second.
    takes : look -> is given each picture of `picture_of_step` in order, RGB (height, width, 3).
    late_s : alignment -> seconds from time 0 to the first picture.
    """

    def __init__(
        self,
        source: str,
        container: InputContainer,
        stream: av.VideoStream,
        start_s: float,
        n_steps: int,
        grid_hz: float,
        takes: Mapping[Look, Callable[[Picture], None]],
        late_s: Mapping[Alignment, float],
    ) -> None:
        """Plan the frames; none is decoded yet."""
        rate = stream.guessed_rate or stream.average_rate
        if not rate:
            raise InputProblem(
                source, expected="a frame rate", found="none in the header", remedy=REMEDY
            )
        self.source, self.rate, self.fps = source, rate, float(rate)
        self.pixel = stream.sample_aspect_ratio
        # The header's count; a duration is re-estimated from the size of a truncated file.
        frames = stream.frames or round((container.duration or 0) / av.time_base * self.fps)
        self.declared = f"{frames} frames, {frames / self.fps:.1f} s"
        wanted = {
            alignment: _places(start_s, n_steps, grid_hz, self.fps, late)
            for alignment, late in late_s.items()
        }
        for alignment, late in late_s.items():
            # ASSUMPTION: nobody can tell what a player shows before the first picture; within one
            # step of the grid it is taken to be that picture.
            if late - start_s > 1 / grid_hz:
                raise InputProblem(
                    source,
                    expected=f"a picture at second {start_s:.2f}",
                    found=f"the first one at second {late:.2f}",
                    remedy=REMEDY,
                )
            wanted[alignment] = np.maximum(wanted[alignment], 0)
        distinct = np.unique(np.concatenate([*wanted.values()]))
        self.picture_of_step = {
            alignment: np.searchsorted(distinct, own).astype(np.int64)
            for alignment, own in wanted.items()
        }
        self.wanted: list[int] = distinct.tolist()
        # Where pictures start late they also end that much later.
        self.longer = math.ceil(max(late_s.values()) * self.fps)
        self.late = max(late_s.values())
        self.given = self.decoded = self.drift = self.unstamped = self.turned = 0
        # Why frames are counted; empty where they go by their timestamps.
        self.counted = ""
        if counts_frames(container, stream):
            self.counted = "AVI stores no times for frames that were reordered (B-frames)"
        self.near = container.format.name == "mpeg"
        self.in_order = stores_order(container)
        self.packed = -1
        # A picture file: one frame, which stands as long as it is shown.
        self.still = is_still(container)
        self.first = self.place = self.until = 0
        self.shown: av.VideoFrame | None = None
        self.reformatter, self.takes = VideoReformatter(), takes
        self.stills: list[tuple[float, float]] = []
        # Whether pictures are made of two fields, and their transfer characteristics.
        self.marks: set[tuple[bool, int]] = set()
        self.brightest = 0.0
        self.dark: list[tuple[float, float]] = []
        self.combs = Combs()
        self.about: av.VideoFrame | None = None

    @property
    def complete(self) -> bool:
        """Whether every picture was handed over."""
        return self.given == len(self.wanted)

    def look(self, packet: "av.Packet[Stream]") -> None:
        """Look at a packet before it is decoded: where frames are counted, none may be missing."""
        if not self.counted or packet.dts is None or self.complete:
            return
        place = math.floor(packet.dts * packet.time_base * self.rate + 0.5)
        missing = place - self.packed - 1
        if missing > 0:
            raise InputProblem(
                self.source,
                where=f"second {(self.packed + 1) / self.fps:.2f}",
                expected="every frame in its place, because AVI stores no times for frames that "
                "were reordered (B-frames)",
                found=f"{missing} dropped frames",
                remedy=_FROM_SOURCE,
            )
        self.packed = max(self.packed, place)

    def add(self, frame: av.VideoFrame, *, damaged: bool = False) -> None:
        """Take the next frame of the clip, in the order of display.

        Parameters
        ----------
        damaged : whether packets before it were: then decoders may show a frame too late, and it is
            passed over.
        """
        if self.complete:
            return
        place, until = self._place(frame)
        if place < self.place:
            if damaged and self.place - place < _LONGEST_S * self.fps:
                return
            raise InputProblem(
                self.source,
                where=f"second {self.place / self.fps:.2f}",
                expected="timestamps that rise",
                found=f"a frame of second {place / self.fps:.2f} after it",
                remedy=_CONSTANT_RATE,
            )
        # What the frame before showed until now.
        self._give(place)
        self.shown, self.place, self.until = frame, place, max(until, place + 1)
        self.drift = max(self.drift, abs(place - self.decoded))
        self.decoded += 1
        self._give(place + 1)

    def finish(self) -> None:
        """Let the last frame stand for as long as the clip says."""
        self._give(self.wanted[-1] + 1 if self.still else self.until + self.longer)

    def findings(self) -> list[ClipFinding]:
        """What a careful reader should know."""
        found = []
        if self.counted:
            found.append(
                ClipFinding(
                    "counted_frames",
                    f"{self.counted}; frames are counted at {self.fps:.6g} per second",
                )
            )
        elif self.drift:
            found.append(
                ClipFinding(
                    "variable_rate",
                    "frames are missing or their rate varies: counting them would be up to "
                    f"{self.drift} frames off; pictures are taken by their timestamps",
                )
            )
        if self.unstamped:
            found.append(
                ClipFinding(
                    "no_timestamps",
                    f"{self.unstamped} frames without timestamp follow the one before at once",
                )
            )
        if self.turned:
            found.append(
                ClipFinding(
                    "turned", f"pictures are turned by {self.turned} degrees, as the clip says"
                )
            )
        return found + self._stills() + self._look_of_pictures()

    def _stills(self) -> list[ClipFinding]:
        if not self.stills:
            return []
        begin, seconds = max(self.stills, key=lambda still: still[1])
        several = f"; {len(self.stills)} such pictures" if len(self.stills) > 1 else ""
        return [
            ClipFinding(
                "long_still",
                where=f"second {begin:.2f}",
                expected=f"pictures no more than {_LONGEST_S:g} s apart",
                found=f"the next one {seconds:.2f} s later{several}",
                remedy="If pictures are lost, copy the clip again; if the clip stands still there, "
                "accept it (data: problems: long_still).",
            )
        ]

    def _look_of_pictures(self) -> list[ClipFinding]:
        """What is unusual about how the pictures are coded, and whether they show anything."""
        found = []
        if any(interlaced for interlaced, _ in self.marks):
            found.append(
                ClipFinding(
                    "interlaced",
                    expected="whole pictures",
                    found="interlaced ones: two fields, half a frame apart in time, comb what "
                    "moves",
                    remedy="Protocols whose deinterlace is top_field show one field. Better: "
                    "deinterlace the clip (ffmpeg -i CLIP -vf bwdif=send_frame NEW).",
                )
            )
        elif self.combs.amiss:
            found.append(
                ClipFinding(
                    "interlaced",
                    expected="whole pictures",
                    found=f"combs in {self.combs.combed} of {self.combs.moved} pictures in which "
                    "something moves: two fields, half a frame apart in time, and the clip does "
                    "not say so; no protocol removes them",
                    remedy="Deinterlace the clip (ffmpeg -i CLIP -vf bwdif=send_frame:deint=all "
                    "NEW).",
                )
            )
        if self.pixel and abs(self.pixel - 1) > _SQUARE:
            found.append(
                ClipFinding(
                    "anamorphic",
                    expected="square pixels",
                    found=f"pixels of {self.pixel.numerator}:{self.pixel.denominator}; pictures "
                    "are analysed as they are stored, which is not as players show them",
                    remedy="Stretch the clip (ffmpeg -i CLIP -vf scale=iw*sar:ih,setsar=1 NEW).",
                )
            )
        frame = self.about
        if frame is not None and int(frame.color_trc) in _HDR:
            found.append(
                ClipFinding(
                    "hdr",
                    expected="pictures of standard dynamic range",
                    found=f"high dynamic range ({_HDR[int(frame.color_trc)]}), whose colours look "
                    "washed out to the image network",
                    remedy="Protocols whose tone_mapping is mobius bring it to standard range. "
                    "Better: convert it to BT.709 with the program that viewers watched it with.",
                )
            )
        if frame is not None and _is_untagged_hd(frame):
            found.append(
                ClipFinding(
                    "untagged_colour",
                    expected=f"the matrix of the colours of {frame.width} x {frame.height} pixels",
                    found="none; FFmpeg takes it for BT.601, players for BT.709: colours differ by "
                    "up to 24 of 255 levels",
                    remedy="Tag the clip (ffmpeg -i CLIP -c copy -bsf:v "
                    "h264_metadata=matrix_coefficients=1 NEW).",
                )
            )
        if self.given and self.brightest < _BLACK * 255:
            found.append(
                ClipFinding(
                    "near_black",
                    expected="pictures that show something",
                    found=f"none brighter than {self.brightest / 2.55:.1f} % of white on average",
                    remedy="Play the clip; copy it again, or convert it again from its source.",
                )
            )
        else:
            found += self._black()
        return found

    def _black(self) -> list[ClipFinding]:
        """Stretches of the clip in which pictures show nothing."""
        long = [(begin, end) for begin, end in self.dark if end - begin >= _BLACK_S]
        if not long:
            return []
        return [
            ClipFinding(
                "near_black",
                where="second " + ", ".join(f"{begin:.2f} to {end:.2f}" for begin, end in long),
                expected="pictures that show something",
                found=f"none brighter than {100 * _BLACK:g} % of white on average there",
                remedy="Play the clip; if it is not meant to be black, convert it again from its "
                "source.",
            )
        ]

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
        shown = shown_at(frame, self.in_order)
        if shown is None or frame.time_base is None:
            self.unstamped += 1
            return self.until, self.until
        scale = frame.time_base * self.rate
        place, until = (
            math.floor(stamp * scale + 0.5) for stamp in (shown, shown + frame.duration)
        )
        if self.decoded == 0:
            self.first = place
        place, until = place - self.first, until - self.first
        if self.near and abs(place - self.decoded) <= _MISPLACED:
            return self.decoded, self.decoded
        if place - self.until > _LONGEST_S * self.fps and self.wanted[self.given] < place:
            seconds = (place - self.place) / self.fps
            self.stills.append((self.place / self.fps + self.late, seconds))
        return place, until

    def _give(self, before: int) -> None:
        """Hand over what the frame on display shows, for the places below `before`."""
        while not self.complete and self.wanted[self.given] < before and self.shown is not None:
            self.about = self.shown
            pictures = {Look(): self._picture(self.shown, Look())}
            for look, take in self.takes.items():
                needed = look.needed(self.shown.interlaced_frame, int(self.shown.color_trc))
                if needed not in pictures:
                    pictures[needed] = self._picture(self.shown, needed)
                take(pictures[needed])
            self._watch(self.shown, pictures[Look()])
            self.given += 1

    def _watch(self, frame: av.VideoFrame, picture: Picture) -> None:
        """Note what a picture shows, and how it is coded."""
        self.marks.add((bool(frame.interlaced_frame), int(frame.color_trc)))
        self.combs.add(picture)
        bright = float(picture[::_SPARSE, ::_SPARSE].mean())
        self.brightest = max(self.brightest, bright)
        if bright >= _BLACK * 255:
            return
        place = self.wanted[self.given]
        begin = place / self.fps + self.late
        after = self.wanted[min(self.given + 1, len(self.wanted) - 1)] / self.fps + self.late
        if self.dark and self.dark[-1][1] == begin:
            self.dark[-1] = (self.dark[-1][0], after)
        else:
            self.dark.append((begin, after))

    def _picture(self, frame: av.VideoFrame, look: Look) -> Picture:
        mapped = look.tone_mapping == "mobius"
        # Bicubic, as most readers built on FFmpeg; it only matters for subsampled colour.
        rgb = self.reformatter.reformat(
            frame,
            format="rgb48le" if mapped else "rgb24",
            interpolation="BICUBIC",
            threads=1,
        ).to_ndarray()
        if mapped:
            picture = tone_mapped(np.asarray(rgb, np.uint16), int(frame.color_trc))
        else:
            picture = np.asarray(rgb, np.uint8)
        if look.deinterlace == "top_field":
            picture = top_field(picture)
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


def _places(
    start_s: float, n_steps: int, grid_hz: float, fps: float, late_s: float
) -> NDArray[np.int64]:
    """Return the frame on display at each step, counted from a first one `late_s` after time 0."""
    if late_s == 0:
        return first_frame(start_s, fps) + frame_indices(n_steps, grid_hz, fps)
    # Nothing of the released code is repeated here: it knew no such clips.
    times = start_s + np.arange(n_steps) / grid_hz
    return np.floor((times - late_s) * fps + _EXACT).astype(np.int64)


class Combs:
    """Tells pictures woven from two fields by their lines, where something moves.

    Attributes
    ----------
    moved, combed : pictures in which something moves, and those of them that comb.
    """

    def __init__(self) -> None:
        """No picture was seen yet."""
        self.moved = self.combed = 0
        self.before: NDArray[np.int16] | None = None

    def add(self, picture: Picture) -> None:
        """Look at the next picture, RGB (height, width, 3)."""
        green = picture[:, ::_SPARSE, 1].astype(np.int16)
        before, self.before = self.before, green
        if before is None or before.shape != green.shape or len(green) < 3:
            return
        moved = np.abs(green - before)[:-2] > _MOVED
        if moved.sum() < _MOVED_PLACES:
            return
        self.moved += 1
        lines = np.abs(green[1:-1] - green[:-2])[moved].sum()
        fields = np.abs(green[2:] - green[:-2])[moved].sum()
        self.combed += bool(lines > _COMBED * fields)

    @property
    def amiss(self) -> bool:
        """Whether most pictures in which something moves comb."""
        return self.combed >= _COMBED_PICTURES and 2 * self.combed > self.moved


def _is_untagged_hd(frame: av.VideoFrame) -> bool:
    """Return whether a picture in YUV is large and does not say how its colours are coded."""
    return (
        frame.format.name.startswith("yuv")
        and (frame.width >= _HD_WIDTH or frame.height > _SD_LINES)
        and int(frame.colorspace) == _UNSPECIFIED
    )
