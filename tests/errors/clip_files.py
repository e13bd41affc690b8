"""Small clips made with PyAV, whole and damaged: each frame shows its own number."""

import io
from collections.abc import Callable, Sequence
from fractions import Fraction

import av
import numpy as np

BLOCK, SIZE = 16, 64  # a frame's number as 12 black or white blocks
TONE = 441.0
MILLISECOND = Fraction(1, 1000)


def painted(number: int) -> np.ndarray:
    """The picture of a number."""
    image = np.zeros((SIZE, SIZE, 3), np.uint8)
    for bit in range(12):
        row, column = divmod(bit, 4)
        if number >> bit & 1:
            image[row * BLOCK : (row + 1) * BLOCK, column * BLOCK : (column + 1) * BLOCK] = 255
    return image


def number_in(picture: np.ndarray) -> int:
    """The number of a picture."""
    blocks = picture[..., 0].reshape(4, BLOCK, 4, BLOCK).mean(axis=(1, 3)).ravel()
    return sum(1 << bit for bit in range(12) if blocks[bit] > 127)


def tone(seconds: float, rate: int) -> np.ndarray:
    """A tone whose level rises with time, 16 bits."""
    time = np.arange(round(seconds * rate)) / rate
    level = 2000 + 2000 * time
    return np.rint(level * np.sin(2 * np.pi * TONE * time)).astype(np.int16)


def clip_file(
    n_frames: int,
    fps: float | Fraction = 25,
    container: str = "avi",
    video: str = "mpeg4",
    audio: str | None = "libmp3lame",
    *,
    b_frames: int = 0,
    stamps_ms: Sequence[int] | None = None,
    rotation: int = 0,
    mirrored: bool = False,
    sound_rate: int = 44100,
    sound_seconds: float | None = None,
    layout: str = "stereo",
    channels: Sequence[int] | None = None,
    sounds: int = 1,
    heard: Callable[..., tuple[np.ndarray, np.ndarray]] | None = None,
    sound_late_ms: int | None = None,
    sound_gap_ms: tuple[int, int] | None = None,
    numbers: Sequence[int] | None = None,
    paint: Callable[[int], np.ndarray] = painted,
    options: dict[str, str] | None = None,
    pixel: tuple[int, int] | None = None,
    transfer: int | None = None,
    height: int = SIZE,
) -> io.BytesIO:
    """A clip with its frame numbers painted and a tone in each of its channels.

    Parameters
    ----------
    stamps_ms : timestamp of each frame in milliseconds; None: at the constant rate `fps`.
    rotation, mirrored : what the display matrix says, in degrees counter-clockwise.
    channels : those that hold the tone; None: all.
    sounds : number of sound streams.
    heard : makes both channels, 16 bits, of the tone in each.
    sound_late_ms : timestamp of the first sample; then sound and pictures are interleaved.
    sound_gap_ms : from the first packet at or after this time on, everything is stamped so much
        later; negative: earlier.
    numbers : place of each frame at the constant rate; None: one after the other.
    paint : makes the picture of a number.
    options : of the picture encoder.
    pixel : width and height of a pixel.
    transfer : transfer characteristics, by their number in ITU-T H.273.
    height : of the pictures.
    """
    stream, rate = io.BytesIO(), Fraction(fps)
    with av.open(stream, "w", format=container) as out:
        pictures = out.add_stream(video, rate=rate, options=options or {})
        pictures.width, pictures.height = SIZE, height
        if pixel:
            pictures.sample_aspect_ratio = Fraction(*pixel)
        if transfer:
            pictures.codec_context.color_trc = transfer
        pictures.pix_fmt = "yuvj420p" if video == "mjpeg" else "yuv420p"
        if stamps_ms is not None:
            pictures.codec_context.time_base = MILLISECOND
        if b_frames:
            pictures.codec_context.max_b_frames = b_frames
        if rotation or mirrored:
            pictures.set_display_rotation(rotation, hflip=mirrored)
        added = [
            out.add_stream(audio, rate=sound_rate, layout=layout) for _ in range(sounds) if audio
        ]
        if audio == "wmav2":
            added[0].bit_rate = 128_000
        kept = []
        for number in range(n_frames):
            image = paint(number)
            if height != SIZE:
                image = np.resize(image, (height, SIZE, 3))
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            if stamps_ms is None:
                frame.pts, frame.time_base = (numbers or range(n_frames))[number], 1 / rate
            else:
                frame.pts, frame.time_base = stamps_ms[number], MILLISECOND
            kept += pictures.encode(frame)
        kept += pictures.encode(None)
        seconds = float(n_frames / rate) if sound_seconds is None else sound_seconds
        for sound in added:
            n_channels = sound.codec_context.channels
            data = np.repeat(tone(seconds, sound_rate)[None], n_channels, axis=0)
            if channels is not None:
                data[[c for c in range(n_channels) if c not in channels]] = 0
            if heard is not None:
                data = np.stack(heard(*data)).astype(np.int16)
            packed = audio.startswith("pcm")
            data = np.ascontiguousarray(data.T.reshape(1, -1) if packed else data)
            frame = av.AudioFrame.from_ndarray(data, "s16" if packed else "s16p", layout)
            frame.sample_rate, frame.pts = sound_rate, 0
            frame.time_base = Fraction(1, sound_rate)
            fifo = av.AudioFifo()
            fifo.write(frame)
            for part in fifo.read_many(1152, partial=True):
                kept += sound.encode(part)
            kept += sound.encode(None)
        for packet in _moved(kept, sound_late_ms, sound_gap_ms):
            out.mux(packet)
    stream.seek(0)
    return stream


def _moved(
    packets: list[av.Packet], late_ms: int | None, gap_ms: tuple[int, int] | None
) -> list[av.Packet]:
    """Move the timestamps of sound, and interleave it with the pictures."""
    if late_ms is None and gap_ms is None:
        return packets
    begin_ms, length_ms = gap_ms or (0, 0)
    for packet in packets:
        if packet.stream.type == "audio":
            later = Fraction((late_ms or 0), 1000)
            if packet.pts * packet.time_base * 1000 >= begin_ms:
                later += Fraction(length_ms, 1000)
            move = round(later / packet.time_base)
            packet.pts, packet.dts = packet.pts + move, packet.dts + move
    return sorted(packets, key=lambda packet: packet.dts * packet.time_base)


def damaged(clip: io.BytesIO, number: int, stream: int = 0, n_bytes: int = 12) -> io.BytesIO:
    """The clip with some bytes changed within one packet of a stream."""
    content = bytearray(clip.getvalue())
    with av.open(io.BytesIO(bytes(content))) as container:
        packets = [bytes(p) for p in container.demux(container.streams[stream]) if p.size]
    place = content.index(packets[number]) + len(packets[number]) // 3
    draw = np.random.default_rng(1)
    for offset in draw.integers(0, len(packets[number]) // 2, n_bytes):
        content[place + offset] ^= int(draw.integers(1, 255))
    return io.BytesIO(bytes(content))


def noise(n_samples: int) -> np.ndarray:
    """Noise of 16 bits, the same each time."""
    return np.random.default_rng(1).integers(-9000, 9000, n_samples).astype(np.int16)


def sound_file(seconds: float, rate: int = 44100) -> io.BytesIO:
    """A sound without pictures."""
    stream = io.BytesIO()
    with av.open(stream, "w", format="wav") as out:
        sound = out.add_stream("pcm_s16le", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(seconds, rate)[None], format="s16", layout="mono")
        frame.sample_rate = rate
        out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    stream.seek(0)
    return stream
