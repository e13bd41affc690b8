"""Damage in a clip: what FFmpeg cannot decode, what it conceals, and what it complains about."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import av
import av.logging
from av.frame import Frame
from av.stream import Stream

from tinglegram.stimuli.findings import ClipFinding, stretches
from tinglegram.stimuli.pictures import REMEDY

_KINDS = {"video": "picture", "audio": "sound"}


class Damage:
    """Decodes packets, and keeps account of those that are damaged.

    FFmpeg raises where nothing can be shown, flags packets whose transport lost something and
    pictures that it completed from their neighbours; about other faults it only writes a line. The
    flags are those of the pictures that are decoded, so nothing else is asked of a decoder.

    Parameters
    ----------
    origin : time 0 of the clip, in seconds of its container's clock.
    """

    def __init__(self, origin: float) -> None:
        """Nothing is damaged yet."""
        self.origin = origin
        # Of picture and sound: seconds of packets that gave nothing, were flagged, or were blamed.
        self.lost: dict[str, list[float]] = {}
        self.flagged: dict[str, list[float]] = {}
        self.blamed: dict[str, list[float]] = {}
        self.reason = self.complaint = ""
        self.lines: list[tuple[int, str, str]] = []
        self.heard = 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to what FFmpeg's decoders write about errors meanwhile."""
        level = av.logging.get_level()
        # Every line counts, also when the same error comes again.
        skips = av.logging.get_skip_repeated()
        av.logging.set_level(av.logging.ERROR)
        av.logging.set_skip_repeated(False)
        try:
            # Decoders may work in threads of their own.
            with av.logging.Capture(local=False) as lines:
                self.lines = lines
                yield
        finally:
            av.logging.set_level(level)
            av.logging.set_skip_repeated(skips)

    def decode(self, packet: "av.Packet[Stream]") -> Sequence[Frame]:
        """Return the frames of a packet; none, if it cannot be decoded."""
        kind = _KINDS.get(packet.stream.type, packet.stream.type)
        stamp = packet.pts if packet.pts is not None else packet.dts
        second = 0.0 if stamp is None else float(stamp * packet.time_base) - self.origin
        frames: Sequence[Frame] = []
        raised = False
        # Reading the packet. What the codec says there concerns how packets are cut, not pictures:
        # of places left free for pictures that are packed into other packets (DivX), for example.
        before = self._new_lines()
        try:
            frames = [f for f in packet.decode() if isinstance(f, Frame)]
        except av.FFmpegError as problem:
            raised = True
            self.reason = self.reason or f"damaged {kind} ({problem.strerror})"
            self.lost.setdefault(kind, []).append(second)
        if packet.is_corrupt:
            self.flagged.setdefault(kind, []).append(second)
        for frame in frames:
            if frame.is_corrupt:
                self.flagged.setdefault(kind, []).append(self._second(frame, second))
        if not raised:
            said = [line for _, name, line in before if name != packet.stream.codec_context.name]
            said += [line for _, _, line in self._new_lines()]
            if said:
                self.complaint = self.complaint or said[0].strip()
                self.blamed.setdefault(kind, []).append(second)
        self.heard = len(self.lines)
        return frames

    def _new_lines(self) -> list[tuple[int, str, str]]:
        """Return the errors written since this was last asked."""
        new = [line for line in self.lines[self.heard :] if line[0] <= av.logging.ERROR]
        self.heard = len(self.lines)
        return new

    def _second(self, frame: Frame, otherwise: float) -> float:
        return otherwise if frame.time is None else frame.time - self.origin

    @property
    def first(self) -> str:
        """What was first found that gave no frame, to be said after how much was decoded."""
        return f"; {self.reason}" if self.reason else ""

    def has(self, kind: str) -> bool:
        """Return whether any packet of `kind` (picture, sound) was damaged so far."""
        return bool(self.lost.get(kind) or self.flagged.get(kind))

    def findings(self) -> list[ClipFinding]:
        """What a careful reader should know."""
        found = []
        for kind in _KINDS.values():
            lost, flagged = self.lost.get(kind, []), self.flagged.get(kind, [])
            seconds = [*lost, *flagged]
            if seconds:
                shown = {
                    "picture": "pictures there are made up from their neighbours or stand still",
                    "sound": "sound there is missing or made up",
                }[kind]
                found.append(
                    ClipFinding(
                        "damaged_stimulus",
                        where=f"second {stretches(seconds)}",
                        expected=f"undamaged {kind} data",
                        found=f"{len(lost)} packets that cannot be decoded and {len(flagged)} "
                        f"marked as damaged; {shown}",
                        remedy=f"{REMEDY} To use it as it is: data: problems: damaged_stimulus.",
                    )
                )
            blamed = [s for s in self.blamed.get(kind, []) if s not in flagged]
            if blamed and not seconds:
                found.append(
                    ClipFinding(
                        "decoder_complaints",
                        where=f"second {stretches(blamed)}",
                        expected=f"{kind} data that FFmpeg decodes without complaint",
                        found=f"{len(blamed)} packets with an error ({self.complaint})",
                        remedy="Look at the clip there; if it is damaged, copy it again.",
                    )
                )
        return found
