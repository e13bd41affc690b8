import io
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinglegram.errors import InputProblem
from tinglegram.video import Clip, decode, first_frame, frame_indices

NTSC = Fraction(30000, 1001)
BLOCK, SIZE = 16, 64  # a frame's number as 12 black or white blocks
TONE = 441.0


def painted(number):
    image = np.zeros((SIZE, SIZE, 3), np.uint8)
    for bit in range(12):
        row, column = divmod(bit, 4)
        if number >> bit & 1:
            image[row * BLOCK : (row + 1) * BLOCK, column * BLOCK : (column + 1) * BLOCK] = 255
    return image


def number_in(picture):
    blocks = picture[..., 0].reshape(4, BLOCK, 4, BLOCK).mean(axis=(1, 3)).ravel()
    return sum(1 << bit for bit in range(12) if blocks[bit] > 127)


def clip_file(
    n_frames,
    fps=25,
    container="avi",
    video="mpeg4",
    audio="libmp3lame",
    b_frames=0,
    sound_rate=44100,
    sound_seconds=None,
):
    """A clip with its frame numbers painted and a tone whose level rises with time."""
    stream, rate = io.BytesIO(), Fraction(fps)
    with av.open(stream, "w", format=container) as out:
        pictures = out.add_stream(video, rate=rate)
        pictures.width = pictures.height = SIZE
        pictures.pix_fmt = "yuvj420p" if video == "mjpeg" else "yuv420p"
        if b_frames:
            pictures.codec_context.max_b_frames = b_frames
        sound = out.add_stream(audio, rate=sound_rate, layout="stereo") if audio else None
        for number in range(n_frames):
            frame = av.VideoFrame.from_ndarray(painted(number), format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            out.mux(pictures.encode(frame))
        out.mux(pictures.encode(None))
        if sound is not None:
            seconds = float(n_frames / rate) if sound_seconds is None else sound_seconds
            both = np.repeat(tone(seconds, sound_rate), 2)[None]
            kind = "s16" if audio.startswith("pcm") else "s16p"
            data = both if kind == "s16" else np.ascontiguousarray(both.reshape(-1, 2).T)
            frame = av.AudioFrame.from_ndarray(data, format=kind, layout="stereo")
            frame.sample_rate, frame.pts = sound_rate, 0
            fifo = av.AudioFifo()
            fifo.write(frame)
            for part in fifo.read_many(1152, partial=True):
                out.mux(sound.encode(part))
            out.mux(sound.encode(None))
    stream.seek(0)
    return stream


def tone(seconds, rate):
    time = np.arange(round(seconds * rate)) / rate
    level = 2000 + 2000 * time
    return np.rint(level * np.sin(2 * np.pi * TONE * time)).astype(np.int16)


def read(stream, start_s=0.5, n_steps=20, grid_hz=10, sample_rate=44100):
    taken = []
    clip = decode(
        stream,
        "ASMR1.avi",
        start_s=start_s,
        n_steps=n_steps,
        grid_hz=grid_hz,
        sample_rate=sample_rate,
        take=lambda picture: taken.append(number_in(picture)),
    )
    return clip, taken


@pytest.mark.parametrize(
    ("fps", "low", "last"), [(30.0, 8, 1647), (25.0, 18, 1372), (float(NTSC), None, 1645)]
)
def test_frame_indices_cut_as_the_released_code_cuts(fps, low, last):
    frames = frame_indices(550, 10, fps)
    exact = [i * Fraction(fps).limit_denominator(1001) // 10 for i in range(550)]
    below = np.array(exact) - frames
    assert set(below) <= {0, 1}
    assert frames[-1] == last
    if low is not None:
        assert below.sum() == low


@given(st.integers(1, 600), st.floats(1, 50), st.floats(1, 120))
def test_frame_indices_never_run_backwards_nor_ahead(n_steps, grid_hz, fps):
    frames = frame_indices(n_steps, grid_hz, fps)
    assert frames[0] == 0
    assert (np.diff(frames) >= 0).all()
    assert (frames <= np.arange(n_steps) / grid_hz * fps).all()


@pytest.mark.parametrize(("fps", "number"), [(25.0, 125), (30.0, 150), (float(NTSC), 150)])
def test_first_frame_of_a_seek_to_five_seconds(fps, number):
    assert first_frame(5.0, fps) == number


@pytest.mark.parametrize("fps", [25, NTSC, 30])
@pytest.mark.parametrize(
    ("container", "codec", "audio", "b_frames"),
    [
        ("avi", "mpeg4", "libmp3lame", 0),
        ("avi", "mpeg4", "libmp3lame", 2),
        ("avi", "mjpeg", "pcm_s16le", 0),
        ("mp4", "libx264", None, 2),
        ("matroska", "libx264", "pcm_s16le", 2),
    ],
)
def test_the_frames_of_the_grid_are_picked(fps, container, codec, audio, b_frames):
    stream = clip_file(80, fps, container, codec, audio, b_frames)
    clip, taken = read(stream, sample_rate=44100 if audio else None)
    rate = float(fps)
    wanted = int(0.5 * rate + 0.5) + frame_indices(20, 10, rate)
    assert [taken[i] for i in clip.picture_of_step] == wanted.tolist()
    assert clip.fps == pytest.approx(rate) and clip.drift == 0


def test_timestamps_that_run_backwards_are_not_believed():
    clip, taken = read(clip_file(80, 25, "avi", "libx264", None, 2), sample_rate=None)
    assert taken == (13 + frame_indices(20, 10, 25.0)).tolist()
    assert clip.drift > 0


def test_steps_between_two_frames_share_a_picture():
    clip, taken = read(clip_file(20, 5, audio=None), sample_rate=None)
    assert taken == list(range(3, 13))
    assert clip.picture_of_step.tolist() == [i // 2 for i in range(20)]


def test_sound_of_the_window_is_exact_and_mixed_to_one_channel():
    clip, _ = read(clip_file(80, video="mjpeg", audio="pcm_s16le"))
    expected = tone(3.2, 44100)[22050 : 22050 + 20 * 4410]
    assert clip.sound.dtype == np.int16
    np.testing.assert_allclose(clip.sound, expected, atol=1)


def test_sound_of_another_rate_is_resampled():
    clip, _ = read(clip_file(80, video="mjpeg", audio="pcm_s16le", sound_rate=48000))
    expected = tone(3.2, 44100)[22050 : 22050 + 20 * 4410]
    assert clip.sound.shape == expected.shape
    # FFmpeg's resampler; one sample of shift would make an error of 6 %.
    np.testing.assert_allclose(clip.sound, expected, atol=20)


def test_compressed_sound_keeps_its_tone():
    clip, _ = read(clip_file(80))
    spectrum = np.abs(np.fft.rfft(clip.sound))
    assert spectrum.argmax() * 44100 / len(clip.sound) == pytest.approx(TONE, abs=1)


def test_sound_may_end_within_the_last_step():
    clip, _ = read(clip_file(80, video="mjpeg", audio="pcm_s16le", sound_seconds=2.45))
    assert len(clip.sound) == round(1.95 * 44100)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: io.BytesIO(b"no clip" * 100), "ASMR1.avi: expected a video clip"),
        (lambda: clip_file(80, audio=None), "no sound stream"),
        (
            lambda: clip_file(50),
            r"ASMR1.avi, second 2.00: expected pictures until second 2.40 "
            r"\(declared: 50 frames, 2.0 s\), found 50 decoded frames\.",
        ),
        (
            lambda: clip_file(80, video="mjpeg", audio="pcm_s16le", sound_seconds=1.5),
            "ASMR1.avi, second 1.50: expected sound until second 2.50",
        ),
    ],
)
def test_a_clip_that_cannot_serve_says_why(make, message):
    with pytest.raises(InputProblem, match=message):
        read(make())


def test_a_truncated_copy_says_where_it_ends():
    whole = clip_file(80, video="mjpeg", audio=None).getvalue()
    with pytest.raises(
        InputProblem, match=r"declared: 80 frames, 3.2 s.*found \d\d decoded frames"
    ):
        read(io.BytesIO(whole[: len(whole) // 2]), sample_rate=None)


def test_a_clip_without_pictures():
    stream = io.BytesIO()
    with av.open(stream, "w", format="wav") as out:
        sound = out.add_stream("pcm_s16le", rate=44100, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(1, 44100)[None], format="s16", layout="mono")
        frame.sample_rate = 44100
        out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    stream.seek(0)
    with pytest.raises(InputProblem, match="no picture stream"):
        read(stream)


def real(shared, name, **window) -> tuple[Clip, list[int]]:
    taken = []
    with (shared / "real" / "video" / name).open("rb") as stream:
        clip = decode(
            stream, name, take=lambda p: taken.append(p.shape), **{"sample_rate": 44100} | window
        )
    return clip, taken


def test_a_real_clip(shared):
    clip, taken = real(shared, "moviepy_chaplin.mp4", start_s=5.0, n_steps=40, grid_hz=10)
    assert clip.fps == 25 and taken == [(360, 640, 3)] * 40
    assert len(clip.sound) == 40 * 4410 and clip.sound.any()


def test_a_real_clip_with_two_picture_and_two_sound_streams(shared):
    name = "torchcodec_nasa_13013_h264_aac_2video.mp4"
    clip, taken = real(shared, name, start_s=5.0, n_steps=40, grid_hz=10)
    # The larger picture is the better one.
    assert clip.fps == pytest.approx(float(NTSC)) and taken == [(270, 480, 3)] * 40
    assert len(clip.sound) == 40 * 4410 and clip.sound.any()


def test_a_real_damaged_clip(shared):
    window = {"start_s": 0.5, "n_steps": 40, "grid_hz": 10}
    with pytest.raises(InputProblem, match=r"second 2.80: .*declared: 50 .*found 28 decoded"):
        real(shared, "decord_corrupted.mp4", sample_rate=None, **window)
    with pytest.raises(InputProblem, match="no sound stream"):
        real(shared, "decord_corrupted.mp4", **window)
