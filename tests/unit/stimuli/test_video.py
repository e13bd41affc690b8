from fractions import Fraction

import av
import numpy as np
import pytest
from clip_files import TONE, clip_file, number_in, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from tinglegram.errors import InputProblem
from tinglegram.stimuli.pictures import first_frame, frame_indices
from tinglegram.stimuli.video import DecodedClip, decode_clip

NTSC = Fraction(30000, 1001)


def read(stream, start_s=0.5, n_steps=20, grid_hz=10, sample_rate=44100):
    taken = []
    clip = decode_clip(
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


def frame_stamps(stream) -> list[int]:
    stream.seek(0)
    with av.open(stream) as container:
        return [frame.pts for frame in container.decode(video=0)]


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
    stream = clip_file(80, fps, container, codec, audio, b_frames=b_frames)
    clip, taken = read(stream, sample_rate=44100 if audio else None)
    rate = float(fps)
    wanted = int(0.5 * rate + 0.5) + frame_indices(20, 10, rate)
    has_room = (codec, audio, b_frames) == ("mpeg4", "libmp3lame", 0)
    if has_room:
        # The muxer makes room for the delay of MP3: all frames but the first stand one later.
        assert frame_stamps(stream)[:3] == [0, 2, 3]
        wanted -= 1
    assert [taken[i] for i in clip.picture_of_step["timestamps"]] == wanted.tolist()
    assert clip.fps == pytest.approx(rate)
    assert bool(clip.findings) == (has_room or (container == "avi" and b_frames > 0))


@pytest.mark.parametrize("start_s", [0.0, 0.5])
def test_reordered_frames_inside_avi_are_counted(start_s):
    stream = clip_file(80, 25, "avi", "libx264", None, b_frames=2)
    clip, taken = read(stream, start_s, sample_rate=None)
    assert taken == (first_frame(start_s, 25.0) + frame_indices(20, 10, 25.0)).tolist()


@settings(max_examples=25)
@given(st.lists(st.integers(1, 20), min_size=30, max_size=60))
def test_a_varying_frame_rate_goes_by_timestamps(steps):
    stamps = np.cumsum([0, *(20 * s for s in steps)])
    window = max(1, int(stamps[-1]) // 100)
    clip, taken = read(
        clip_file(len(stamps), 50, "matroska", "mjpeg", None, stamps_ms=stamps.tolist()),
        start_s=0.0,
        n_steps=window,
        sample_rate=None,
    )
    # Stamps lie on multiples of 20 ms, and so do the times of frames at 50 per second.
    wanted = frame_indices(window, 10, clip.fps) / clip.fps * 1000
    shown = np.searchsorted(stamps, wanted + 1e-6, side="right") - 1
    assert [taken[i] for i in clip.picture_of_step["timestamps"]] == shown.tolist()
    drift = np.abs(stamps // 20 - np.arange(len(stamps)))
    assert bool(clip.findings) == bool(drift[: shown[-1] + 1].any())


def test_the_last_frame_stands_as_long_as_the_clip_says():
    stamps = [*range(0, 2000, 40), 2600, 3000]
    stream = clip_file(52, 25, "mp4", "mjpeg", None, stamps_ms=stamps)
    clip, taken = read(stream, n_steps=25, sample_rate=None)
    # The frame before the last stands for 0.4 s, and 0.6 s before it belong to the one before.
    assert taken[-10:] == [49] * 6 + [50] * 4


@pytest.mark.parametrize("rotation", [90, -90, 180])
def test_turned_pictures_are_put_upright(rotation):
    taken = []
    for turn in (0, rotation):
        stream = clip_file(20, 25, "mp4", "mjpeg", None, rotation=turn)
        window = {"start_s": 0.0, "n_steps": 5, "grid_hz": 10, "sample_rate": None}
        decode_clip(stream, "x.mp4", take=taken.append, **window)
    # As players turn them: by the display matrix, counter-clockwise.
    for stored, shown in zip(taken[:5], taken[5:], strict=True):
        np.testing.assert_array_equal(shown, np.rot90(stored, rotation // 90))


@pytest.mark.parametrize(
    ("channel", "share"),
    # FFmpeg's matrix: front 1/sqrt(2), centre 1, subwoofer 0, back 1/2, divided by their sum.
    [(0, 0.5**0.5), (1, 0.5**0.5), (2, 1.0), (3, 0.0), (4, 0.5), (5, 0.5)],
)
def test_surround_sound_is_mixed_by_ffmpegs_matrix(channel, share):
    stream = clip_file(80, video="mjpeg", audio="pcm_s16le", layout="5.1", channels=[channel])
    clip, _ = read(stream)
    expected = tone(3.2, 44100)[22050 : 22050 + 20 * 4410] * share / (2 * 0.5**0.5 + 1 + 2 * 0.5)
    np.testing.assert_allclose(clip.sound["timestamps"], expected, atol=2)
    assert len(clip.findings) == 1 + (share == 0)


def test_steps_between_two_frames_share_a_picture():
    clip, taken = read(clip_file(20, 5, audio=None), sample_rate=None)
    assert taken == list(range(3, 13))
    assert clip.picture_of_step["timestamps"].tolist() == [i // 2 for i in range(20)]


def test_sound_of_the_window_is_exact_and_mixed_to_one_channel():
    clip, _ = read(clip_file(80, video="mjpeg", audio="pcm_s16le"))
    expected = tone(3.2, 44100)[22050 : 22050 + 20 * 4410]
    assert clip.sound["timestamps"].dtype == np.int16
    np.testing.assert_allclose(clip.sound["timestamps"], expected, atol=1)


def test_sound_of_another_rate_is_resampled():
    clip, _ = read(clip_file(80, video="mjpeg", audio="pcm_s16le", sound_rate=48000))
    expected = tone(3.2, 44100)[22050 : 22050 + 20 * 4410]
    assert clip.sound["timestamps"].shape == expected.shape
    # FFmpeg's resampler; one sample of shift would make an error of 6 %.
    np.testing.assert_allclose(clip.sound["timestamps"], expected, atol=20)


def test_compressed_sound_keeps_its_tone():
    clip, _ = read(clip_file(80))
    spectrum = np.abs(np.fft.rfft(clip.sound["timestamps"]))
    assert spectrum.argmax() * 44100 / len(clip.sound["timestamps"]) == pytest.approx(TONE, abs=1)


def test_sound_may_end_within_the_last_step():
    clip, _ = read(clip_file(80, video="mjpeg", audio="pcm_s16le", sound_seconds=2.45))
    assert len(clip.sound["timestamps"]) == round(1.95 * 44100)


def real(shared, name, **window) -> tuple[DecodedClip, list[int]]:
    taken = []
    with (shared / "real" / "video" / name).open("rb") as stream:
        clip = decode_clip(
            stream, name, take=lambda p: taken.append(p.shape), **{"sample_rate": 44100} | window
        )
    return clip, taken


def test_a_real_clip(shared):
    clip, taken = real(shared, "moviepy_chaplin.mp4", start_s=5.0, n_steps=40, grid_hz=10)
    assert clip.fps == 25 and taken == [(360, 640, 3)] * 40
    assert len(clip.sound["timestamps"]) == 40 * 4410 and clip.sound["timestamps"].any()


def test_a_real_clip_with_two_picture_and_two_sound_streams(shared):
    name = "torchcodec_nasa_13013_h264_aac_2video.mp4"
    clip, taken = real(shared, name, start_s=5.0, n_steps=40, grid_hz=10)
    # The larger picture is the better one.
    assert clip.fps == pytest.approx(float(NTSC)) and taken == [(270, 480, 3)] * 40
    assert sorted(f.found[:17] for f in clip.findings if f.kind == "several_streams") == [
        "2 picture streams",
        "2 sound streams; ",
    ]
    assert len(clip.sound["timestamps"]) == 40 * 4410 and clip.sound["timestamps"].any()


def test_a_real_damaged_clip(shared):
    window = {"start_s": 0.5, "n_steps": 40, "grid_hz": 10}
    clip, _ = real(shared, "decord_corrupted.mp4", sample_rate=None, **window)
    (damage,) = [finding for finding in clip.findings if finding.kind == "damaged_stimulus"]
    assert damage.where == "second 3.00 to 3.20"
    with pytest.raises(InputProblem, match="no sound stream"):
        real(shared, "decord_corrupted.mp4", **window)
