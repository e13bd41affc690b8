"""Picture and sound on one timeline: known events, gaps, and what both alignments make of them."""

import importlib
import io
import sys
from fractions import Fraction

import numpy as np
import pytest
from clip_files import clip_file, damaged, noise, number_in, painted
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import ROOT

from tinglegram.errors import InputProblem
from tinglegram.stimuli.findings import stretches
from tinglegram.stimuli.sound import Gap, find_gaps
from tinglegram.stimuli.video import decode_clip, read_head

BOTH = ("first_frame", "timestamps")
WINDOW = {"start_s": 1.0, "n_steps": 25, "grid_hz": 10, "sample_rate": 44100}


@pytest.fixture(scope="module")
def made():
    """The module that makes clips with events at known times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        yield importlib.import_module("aligned_clips")
        sys.modules.pop("aligned_clips")


def steps(content: bytes, alignment: str = "timestamps") -> tuple[int, int]:
    """The steps at which pictures turn white and sound turns loud."""
    shown: list[float] = []
    clip = decode_clip(
        io.BytesIO(content),
        "clip",
        take=lambda picture: shown.append(float(picture.mean())),
        alignments=BOTH,
        **WINDOW,
    )
    white = np.array(shown)[clip.picture_of_step[alignment]] > 128
    sound = clip.sound[alignment].astype(float)
    around = [sound[max(0, k * 4410 - 1024) : k * 4410 + 1024] for k in range(25)]
    loud = np.array([np.sqrt(np.mean(part**2)) for part in around]) > 2000
    return int(white.argmax()), int(loud.argmax())


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("start", ["together", "sound late", "picture late"])
def test_flash_and_click_stand_at_their_step(made, number, start):
    form = list(made.FORMATS.values())[number]
    assert made.missing_codecs(form) == []
    # Rates take turns; the table in docs/stimuli.md has all of them.
    rates = list(made.RATES.values())
    rate = rates[(number + made.STARTS.index(start)) % len(rates)]
    content = made.make_clip(form, rate, start)
    assert steps(content) == (14, 14)
    # Sound that starts 0.4 s late is 4 steps early for who ignores that, and so are pictures.
    shown, heard = steps(content, "first_frame")
    assert shown == (10 if start == "picture late" else 14)
    # FFmpeg's decoder of Windows Media leaves out the first 46 ms.
    assert heard == (10 if start == "sound late" else 14) - (form.audio == "wmav2")


def test_a_clip_whose_streams_start_together_is_the_same_in_both_alignments(made):
    for form in made.FORMATS.values():
        content = made.make_clip(form, Fraction(25), "together")
        taken: list[bytes] = []
        clip = decode_clip(
            io.BytesIO(content),
            "clip",
            take=lambda picture, taken=taken: taken.append(picture.tobytes()),
            alignments=BOTH,
            **WINDOW,
        )
        starts = read_head(io.BytesIO(content), "clip")
        if starts.picture == starts.sound and not starts.swallowed:
            first, second = (clip.picture_of_step[name] for name in BOTH)
            np.testing.assert_array_equal(first, second)
            np.testing.assert_array_equal(*(clip.sound[name] for name in BOTH))
        else:
            # A transport stream stamps the frame that encoders put in front.
            assert form.container in ("mpegts", "asf")
            assert abs(starts.picture_late - starts.sound_late) < 0.03


def frames(n: int, length: float) -> list[float]:
    return [length] * n


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.floats(0, 0.021),
    st.sampled_from([0.0213, 0.0232, 0.02, 0.0261]),
)
def test_wobble_is_no_gap(seed, wobble, length):
    lengths = frames(400, length)
    stamps = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    stamps[1:] += np.random.default_rng(seed).uniform(-wobble, wobble, 399)
    assert find_gaps(stamps.tolist(), lengths) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.floats(0.03, 5), st.integers(0, 100), st.floats(0.03, 5))
def test_gaps_are_found_with_second_and_length(at, first, apart, second):
    lengths = frames(400, 0.02)
    stamps = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    stamps[at:] += first
    also = at + 30 + apart
    stamps[also:] += second
    found = find_gaps(stamps.tolist(), lengths)
    assert [gap.second for gap in found] == pytest.approx([at * 0.02, also * 0.02])
    assert [gap.length for gap in found] == pytest.approx([first, second], abs=1e-6)


def test_gaps_near_each_other_and_frames_without_stamp():
    lengths = frames(100, 0.02)
    stamps = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    stamps[40:] += 0.046
    stamps[44:] += 0.186
    stamps[[39, 41, 60]] = np.nan
    found = find_gaps(stamps.tolist(), lengths)
    assert [(round(g.second, 3), round(g.length, 3)) for g in found] == [
        (0.8, 0.046),
        (0.88, 0.186),
    ]


def test_a_gap_within_wobble_keeps_its_length_to_the_wobble():
    lengths = frames(300, 0.02)
    stamps = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    stamps[150:] += 0.5
    stamps[1:] += np.random.default_rng(3).uniform(-0.01, 0.01, 299)
    (gap,) = find_gaps(stamps.tolist(), lengths)
    assert gap.second == pytest.approx(3.0)
    assert gap.length == pytest.approx(0.5, abs=0.021)


def test_overlapping_sound_is_a_negative_gap():
    lengths = frames(100, 0.02)
    stamps = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    stamps[50:] -= 0.1
    assert find_gaps(stamps.tolist(), lengths) == [Gap(pytest.approx(1.0), pytest.approx(-0.1))]


def test_a_gap_is_filled_with_silence_of_its_length():
    sounds = {}
    for gap in (None, (1150, 300)):
        stream = clip_file(
            80,
            container="matroska",
            video="mjpeg",
            audio="pcm_s16le",
            sound_gap_ms=gap,
            heard=lambda left, right: (noise(len(left)), noise(len(left))),
        )
        clip = decode_clip(
            stream,
            "x",
            start_s=0.5,
            n_steps=20,
            grid_hz=10,
            sample_rate=44100,
            take=lambda picture: None,
            alignments=BOTH,
        )
        sounds[gap] = clip.sound
    whole, cut = sounds[None]["timestamps"], sounds[1150, 300]["timestamps"]
    # The first packet of 1152 samples that begins after second 1.15.
    place = 45 * 1152 - 22050
    np.testing.assert_array_equal(cut[:place], whole[:place])
    silent = int(cut[place:].astype(bool).argmax())
    # Matroska stores milliseconds.
    assert silent / 44100 == pytest.approx(0.3, abs=1e-3)
    np.testing.assert_array_equal(cut[place + silent :], whole[place : len(whole) - silent])
    np.testing.assert_array_equal(sounds[1150, 300]["first_frame"], whole)


def test_sound_that_starts_late_reaches_as_far_as_it_did():
    stream = clip_file(
        80,
        container="matroska",
        video="mjpeg",
        audio="pcm_s16le",
        sound_late_ms=400,
        sound_seconds=2.1,
    )
    clip = decode_clip(
        stream,
        "x",
        start_s=0.5,
        n_steps=20,
        grid_hz=10,
        sample_rate=44100,
        take=lambda picture: None,
        alignments=BOTH,
    )
    assert {len(sound) for sound in clip.sound.values()} == {20 * 4410}
    assert not clip.sound["first_frame"][-17000:].any()
    assert clip.sound["timestamps"][-17000:].any()


def test_an_avi_with_reordered_and_dropped_frames_is_refused():
    numbers = [*range(25), *range(31, 80)]
    stream = clip_file(74, video="mpeg4", audio=None, b_frames=2, numbers=numbers)
    with pytest.raises(InputProblem, match="found 6 dropped frames"):
        decode_clip(stream, "x", take=lambda picture: None, **(WINDOW | {"sample_rate": None}))


def test_an_avi_with_dropped_frames_shows_each_at_its_time():
    numbers = [*range(25), *range(31, 100)]
    taken: list[int] = []
    stream = clip_file(
        94, video="mpeg4", audio=None, numbers=numbers, paint=lambda n: painted(numbers[n])
    )
    clip = decode_clip(
        stream,
        "x",
        take=lambda picture: taken.append(number_in(picture)),
        **(WINDOW | {"sample_rate": None}),
    )
    shown = [taken[i] for i in clip.picture_of_step["timestamps"]]
    wanted = [25 + int(k / 10 * 25) for k in range(25)]
    assert shown == [max(n for n in numbers if n <= place) for place in wanted]


def test_damage_is_told_with_its_second():
    stream = damaged(clip_file(80, video="mpeg4", audio="pcm_s16le"), 45)
    clip = decode_clip(
        stream,
        "x",
        start_s=0.5,
        n_steps=20,
        grid_hz=10,
        sample_rate=44100,
        take=lambda picture: None,
    )
    (finding,) = clip.findings
    assert finding.kind == "damaged_stimulus" and finding.where.startswith("second 1.8")


def test_seconds_near_each_other_are_one_stretch():
    assert stretches([7.0, 2.8, 3.4, 3.0]) == "2.80 to 3.40, 7.00"
    assert stretches([1.0]) == "1.00"
