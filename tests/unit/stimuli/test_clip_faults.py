"""Faults of clips that would pass silently: each is placed right, or told."""

import io
from unittest.mock import patch

import av
import numpy as np
import pytest
import torch
from clip_files import clip_file, noise, number_in

from tinglegram.clock import Timing
from tinglegram.stimuli import passes
from tinglegram.stimuli.chunks import pictures_before_break
from tinglegram.stimuli.features import extract_features
from tinglegram.stimuli.pictures import Combs, _is_untagged_hd, first_frame, frame_indices
from tinglegram.stimuli.settings import AcousticFeatures, FeatureVariant
from tinglegram.stimuli.timeline import Starts
from tinglegram.stimuli.video import DecodedClip, decode_clip, read_head

PLAIN = {"video": "rawvideo", "audio": "pcm_s16le"}


def read(stream, **window) -> tuple[DecodedClip, list[int]]:
    taken: list[int] = []
    clip = decode_clip(
        stream,
        "x",
        take=lambda picture: taken.append(number_in(picture)),
        **({"start_s": 0.5, "n_steps": 20, "grid_hz": 10, "sample_rate": 44100} | window),
    )
    return clip, [taken[i] for i in clip.picture_of_step["timestamps"]]


def told(stream, **window) -> list[tuple[str, str]]:
    return [(found.kind, found.where) for found in read(stream, **window)[0].findings]


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("dropped", [range(0), range(30, 36)])
def test_h264_inside_avi_is_shown_when_it_is_decoded(dropped, threads):
    numbers = [n for n in range(86) if n not in dropped]
    stream = clip_file(
        len(numbers),
        video="libx264",
        audio="pcm_s16le",
        numbers=numbers,
        options={"preset": "ultrafast"},
    )
    starts = read_head(stream, "x")
    # FFmpeg gives the first picture the time of the second.
    assert starts.picture == starts.sound == 0
    clip, shown = read(stream, threads=threads)
    wanted = first_frame(0.5, 25.0) + frame_indices(20, 10, 25.0)
    assert [numbers[n] for n in shown] == [max(n for n in numbers if n <= w) for w in wanted]
    assert [found.kind for found in clip.findings] == (["variable_rate"] if dropped else [])


def test_chunks_of_an_avi_follow_each_other_until_one_is_lost():
    content = bytearray(clip_file(40, **PLAIN).getvalue())
    assert pictures_before_break(io.BytesIO(content), 0) is None
    # A copy that was cut off is damaged nowhere else.
    assert pictures_before_break(io.BytesIO(content[: len(content) // 2]), 0) is None
    place = content.index(b"movi")
    for _ in range(21):
        place = content.index(b"00dc", place + 1)
    for lost in (slice(place, place + 8), slice(place + 4, place + 8)):
        broken = content.copy()
        broken[lost] = b"\xff" * (lost.stop - lost.start)
        assert pictures_before_break(io.BytesIO(broken), 0) == 20
    del content[place + 100 : place + 200]
    assert pictures_before_break(io.BytesIO(content), 0) == 21


def test_damage_of_an_avi_after_the_window_is_not_told():
    content = bytearray(clip_file(80, **PLAIN).getvalue())
    place = content.index(b"movi")
    for _ in range(76):
        place = content.index(b"00dc", place + 1)
    content[place : place + 8] = bytes(8)
    assert told(io.BytesIO(content)) == []


def test_lost_packets_of_a_transport_are_told_though_a_picture_comes_late():
    stream = clip_file(
        100,
        container="mpegts",
        video="mpeg2video",
        audio="mp2",
        b_frames=2,
        paint=lambda n: np.random.default_rng(n).integers(0, 255, (64, 64, 3), np.uint8),
    )
    content = stream.getvalue()
    packets = [content[i : i + 188] for i in range(0, len(content), 188)]
    late = 0
    for begin in range(len(packets) // 3, len(packets) // 2, 7):
        cut = b"".join(packets[:begin] + packets[begin + 3 :])
        kinds = [kind for kind, _ in told(io.BytesIO(cut))]
        assert {"damaged_stimulus", "sound_gap"} & set(kinds)
        with av.open(io.BytesIO(cut)) as container:
            stamps = [frame.pts for frame in container.decode(video=0)]
        late += any(b < a for a, b in zip(stamps, stamps[1:], strict=False))
    assert late


def test_pictures_are_prepared_although_the_first_one_needs_nothing():
    stream = clip_file(
        40, container="matroska", video="mpeg2video", options={"flags": "+ilme+ildct"}
    )
    variants = [
        FeatureVariant(
            resize="direct_224",
            audio_window="2048",
            alignment="timestamps",
            deinterlace=deinterlace,
            tone_mapping="none",
        )
        for deinterlace in ("none", "top_field")
    ]

    def computed() -> list[np.ndarray]:
        found = extract_features(
            stream,
            "x",
            variants,
            network=torch.nn.Flatten(),
            image_size=32,
            sound=AcousticFeatures(),
            timing=Timing(warm_up=0.5, clip=1.0, first_trial=0.9),
        )
        return [variant["visual"] for variant in found.variants]

    known = computed()
    assert not np.array_equal(*known)
    # What the first picture says stands for all of them only where they say the same.
    with patch.object(passes, "read_head", return_value=Starts(0.0, 0.0)):
        for a, b in zip(computed(), known, strict=True):
            np.testing.assert_array_equal(a, b)


def moving(combed: bool, texture: bool) -> list[np.ndarray]:
    """Pictures of a block, or of random fine texture, that moves."""
    draw = np.random.default_rng(1).integers(0, 255, (64, 400, 3)).astype(np.uint8)
    scene = draw if texture else np.full((64, 400, 3), 40, np.uint8)
    if not texture:
        for begin in range(0, 400, 48):
            scene[8:56, begin : begin + 20] = 220
    found = []
    for number in range(12):
        fields = [scene[:, 10 * number + 5 * f :][:, :96] for f in (0, int(combed))]
        picture = fields[0].copy()
        picture[1::2] = fields[1][1::2]
        found.append(picture)
    return found


@pytest.mark.parametrize(("combed", "texture"), [(True, False), (False, False), (False, True)])
def test_combs_are_seen_where_something_moves(combed, texture):
    combs = Combs()
    for picture in moving(combed, texture):
        combs.add(picture)
    assert combs.amiss == combed
    assert combs.moved == 11


def test_pictures_that_stand_still_do_not_comb():
    combs = Combs()
    for _ in range(9):
        combs.add(moving(True, False)[5])
    assert combs.moved == 0 and not combs.amiss


@pytest.mark.parametrize(
    ("width", "height", "large"), [(1280, 544, True), (720, 576, False), (704, 1280, True)]
)
def test_wide_pictures_are_large_too(width, height, large):
    assert _is_untagged_hd(av.VideoFrame(width, height, "yuv420p")) == large


def test_nearly_square_pixels_are_square():
    stream = clip_file(80, container="matroska", video="mpeg4", pixel=(199, 200))
    assert told(stream) == []


def test_channels_are_told_by_the_seconds_of_the_clip():
    def heard(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inside = slice(44100, 2 * 44100)
        right = noise(len(right))
        left = right.copy()
        left[inside] = -right[inside]
        return left, right

    stream = clip_file(
        125, **PLAIN, container="matroska", heard=heard, sound_late_ms=1000, sound_seconds=4
    )
    assert told(stream, n_steps=40) == [("streams_apart", ""), ("anti_phase", "second 2.00")]


def test_the_front_channels_of_surround_sound_are_watched():
    stream = clip_file(
        80,
        **PLAIN,
        layout="5.1",
        heard=lambda *channels: (noise(len(channels[0])), -noise(len(channels[0])), *channels[2:]),
    )
    assert ("anti_phase", "second 0.00, 1.00, 2.00") in told(stream)


def test_sound_that_goes_from_side_to_side_is_whole():
    def sides(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        side = np.arange(len(left)) // (2.2 * 44100) % 2
        return left * (side == 0), right * (side == 1)

    assert told(clip_file(140, **PLAIN, heard=sides), n_steps=45) == []


def test_a_gap_is_not_told_as_silence_too():
    stream = clip_file(120, **PLAIN, container="matroska", sound_gap_ms=(1000, 1500))
    assert [kind for kind, _ in told(stream, n_steps=35)] == ["sound_gap"]
