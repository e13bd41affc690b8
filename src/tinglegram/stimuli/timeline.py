"""Picture and sound of a clip on one timeline, by the timestamps of their decoded frames.

Time 0 is the first timestamp of either stream. The declared starts of streams are not used: AVI
always says 0, and in Matroska and Windows Media they are those of packets, of which a decoder may
swallow the first: what FFmpeg's decoder of Windows Media sound does is known, and put right.
"""

from dataclasses import dataclass
from fractions import Fraction

import av
from av.container import InputContainer

# ASSUMPTION: a stretch of sound that its timestamps place up to this many seconds from the samples
# before it follows on: recorders stamp sound as it comes, up to one AAC frame (1024 samples at
# 48 kHz, 21.3 ms) early or late, and Matroska rounds to milliseconds.
WOBBLE_S = 0.0215
# ASSUMPTION: streams up to this many seconds apart need no word: encoders of sound put a frame of
# their own in front (AAC 23 ms, MP3 26 ms at 44.1 kHz). They are placed by their timestamps too.
APART_S = 0.03
# Decoders of FFmpeg that give no frame for the first packets, although they hold sound.
_SWALLOWING = ("wmav1", "wmav2")


@dataclass(frozen=True)
class Starts:
    """When picture and sound start, in seconds of the container's clock.

    Attributes
    ----------
    picture, sound : timestamp of the first decoded frame; None where it has none. Sound that the
        decoder is known to swallow before counts as decoded.
    swallowed : seconds of it.
    interlaced : whether the first picture is made of two fields.
    transfer : its transfer characteristics, by their number in ITU-T H.273; 2: unspecified.
    """

    picture: float | None
    sound: float | None
    swallowed: float = 0.0
    interlaced: bool = False
    transfer: int = 2

    @property
    def origin(self) -> float:
        """The first of both: time 0 of the clip."""
        return min((start for start in (self.picture, self.sound) if start is not None), default=0)

    @property
    def picture_late(self) -> float:
        """Seconds from time 0 to the first picture."""
        return 0.0 if self.picture is None else self.picture - self.origin

    @property
    def sound_late(self) -> float:
        """Seconds from time 0 to the first sound."""
        return 0.0 if self.sound is None else self.sound - self.origin


def stores_order(container: InputContainer) -> bool:
    """Return whether the container stores when pictures are decoded, not when they are shown."""
    return "avi" in container.format.name


def counts_frames(container: InputContainer, stream: av.VideoStream) -> bool:
    """Return whether the container stores no times of display for these pictures."""
    return stores_order(container) and bool(stream.codec_context.has_b_frames)


def read_starts(
    container: InputContainer, video: av.VideoStream | None, audio: av.AudioStream | None
) -> Starts:
    """Decode the head of a clip, until both streams have shown their first frame.

    Parameters
    ----------
    container : just opened; it is read on from its start, so open the clip anew to decode it.
    video, audio : of this container; None: without picture or sound.

    Raises
    ------
    av.FFmpegError : the container breaks off; damaged packets are passed over.
    """
    streams: dict[int, av.VideoStream | av.AudioStream] = {
        stream.index: stream for stream in (video, audio) if stream is not None
    }
    found: dict[int, float | None] = {}
    shown: av.VideoFrame | None = None
    empty: list[Fraction] = []
    for packet in container.demux(list(streams.values())):
        if packet.stream.index in found:
            continue
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        if not frames and audio is not None and packet.stream.index == audio.index:
            empty.append((packet.pts or 0) * packet.time_base)
        for frame in frames[:1]:
            if isinstance(frame, av.VideoFrame | av.AudioFrame):
                found[packet.stream.index] = _start(frame, container)
            if isinstance(frame, av.VideoFrame):
                shown = frame
        if len(found) == len(streams):
            break
    if video is not None and counts_frames(container, video):
        # ASSUMPTION: the first picture of an AVI is shown at its start, also where frames were
        # reordered and only the order of decoding has times.
        found[video.index] = 0.0
    sound = found.get(audio.index) if audio is not None else None
    swallowed = 0.0
    if audio is not None and sound is not None and audio.codec_context.name in _SWALLOWING:
        # ASSUMPTION: of the packets that give nothing the first is the one that encoders put in
        # front, and the others held sound: so it is in films whose events are known (the table in
        # docs/stimuli.md).
        swallowed = sound - float(min(empty[1:], default=Fraction(sound)))
    return Starts(
        found.get(video.index) if video is not None else None,
        None if sound is None else sound - swallowed,
        swallowed,
        shown is not None and shown.interlaced_frame,
        2 if shown is None else int(shown.color_trc),
    )


def _start(frame: av.VideoFrame | av.AudioFrame, container: InputContainer) -> float | None:
    if isinstance(frame, av.VideoFrame):
        shown = shown_at(frame, stores_order(container))
        return None if shown is None or not frame.time_base else float(shown * frame.time_base)
    stamp = seconds_of(frame)
    if stamp is not None:
        stamp += late_in_packet(frame)
    return None if stamp is None else float(stamp)


def shown_at(frame: av.VideoFrame, in_order: bool) -> int | None:
    """Return when a picture is shown, in units of its time base; None: it has no time.

    Parameters
    ----------
    in_order : whether its container only stores when pictures are decoded (AVI). FFmpeg makes up
        when H.264 is shown there: one frame later. What is not reordered is shown when decoded.
    """
    return frame.dts if in_order and frame.dts is not None else frame.pts


def late_in_packet(frame: av.AudioFrame) -> Fraction:
    """Return the seconds by which the first frame of sound sounds later than its timestamp.

    An MP4 without an edit list stores only how long a frame lasts. Where the sound's first frame,
    which encoders put in front, was to sound later than time 0, it is stored as longer than its
    samples: they end where the second frame begins.
    """
    if not frame.time_base or not frame.sample_rate:
        return Fraction(0)
    beyond = frame.duration * frame.time_base - Fraction(frame.samples, frame.sample_rate)
    return beyond if beyond > WOBBLE_S else Fraction(0)


def seconds_of(frame: av.VideoFrame | av.AudioFrame) -> Fraction | None:
    """Return the timestamp of a frame in seconds of the container's clock; None: it has none."""
    if frame.pts is None or frame.time_base is None:
        return None
    return frame.pts * frame.time_base
