"""Features of a file, stretch by stretch, are those of a clip that is cut there."""

import io

import av
import made_bundles as made
import numpy as np
import pytest
from av.stream import Disposition
from clip_files import clip_file, sound_file

from tinglegram.bundles.contents import Bundle
from tinglegram.bundles.extraction import decode_file, only_sound, stretch_features
from tinglegram.bundles.files import temporary_file
from tinglegram.bundles.making import describe_sets
from tinglegram.bundles.prediction import predict_file, summary_line, summary_row, value_name
from tinglegram.clock import Timing
from tinglegram.errors import InputProblem
from tinglegram.stimuli import visual
from tinglegram.stimuli.container import playing_seconds, streams_in
from tinglegram.stimuli.features import extract_features
from tinglegram.stimuli.pictures import first_frame, frame_indices
from tinglegram.stimuli.settings import AcousticFeatures, VisualFeatures

GRID = 10
SOUND = AcousticFeatures()
BOTH = ("visual", "acoustic")


@pytest.fixture(scope="module")
def network():
    return visual.untrained_network(1)


@pytest.fixture(scope="module")
def seeing(network) -> Bundle:
    """A bundle of pictures and sound, without models."""
    pictures = VisualFeatures(weights="untrained", image_size=64)
    sets = describe_sets(BOTH, pictures, SOUND, made.VARIANT, "untrained")
    decoding = made.about()["decoding"] | {"sample_rate": SOUND.sample_rate}
    arrays = {name: value.numpy() for name, value in network.state_dict().items()}
    about = {"grid_hz": GRID, "decoding": decoding, "sets": sets}
    return Bundle(about, {sets["visual"]["file"]: arrays}, {})


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Bundle:
    return made.bundle_in(tmp_path_factory.mktemp("bundle") / "bundle")


def decoded(seeing, clip, modalities=BOTH, **more):
    return decode_file(seeing, clip, "clip", modalities, **more)


@pytest.mark.parametrize(("begin", "steps"), [(0, 15), (20, 20), (30, 27)])
def test_a_stretch_of_a_film_is_the_clip_that_is_cut_there(seeing, network, begin, steps):
    found = stretch_features(seeing, decoded(seeing, clip_file(150)), BOTH, begin, steps)
    timing = Timing(clip=(begin + steps) / GRID, first_trial=None, warm_up=begin / GRID, grid=GRID)
    own = extract_features(
        *(clip_file(150), "clip", [made.VARIANT]),
        **{"network": network, "image_size": 64, "sound": SOUND, "timing": timing},
    ).variants[0]
    own["acoustic"][:, [21, 22]] = np.log1p(own["acoustic"][:, [21, 22]])
    np.testing.assert_array_equal(found["acoustic"], own["acoustic"])
    # Which frame a step shows is cut, not rounded, in floating point (`frame_indices`): counted
    # from the begin of the film instead of that of the clip, it can be the next one.
    here = first_frame(begin / GRID, 25) + frame_indices(steps, GRID, 25)
    there = frame_indices(begin + steps, GRID, 25)[begin:]
    same = here == there
    assert same.mean() > 0.95 and (np.abs(here - there) <= 1).all()
    np.testing.assert_array_equal(found["visual"][same], own["visual"][same])


@pytest.mark.parametrize("how", [{}, {"sound_late_ms": 400}, {"sound_gap_ms": (1000, 500)}])
def test_files_on_disk_change_nothing(seeing, how):
    """Memory does not grow with the film, and every number stays."""
    clip = clip_file(100, container="matroska", video="mpeg4", **how)
    held, kept = (decoded(seeing, clip, store=store) for store in (None, temporary_file))
    assert held.steps == kept.steps
    np.testing.assert_array_equal(held.sound, kept.sound)
    np.testing.assert_array_equal(held.pictures["visual"], kept.pictures["visual"])
    np.testing.assert_array_equal(held.picture_of_step, kept.picture_of_step)
    assert held.findings == kept.findings
    assert isinstance(kept.sound, np.memmap) and isinstance(kept.pictures["visual"], np.memmap)


def test_a_file_is_decoded_to_its_end(seeing):
    for clip in (clip_file(100), clip_file(100, container="mp4", audio="aac")):
        assert decoded(seeing, clip).steps == 40
    assert decoded(seeing, sound_file(3.25), ("acoustic",)).steps == 32
    assert decoded(seeing, clip_file(50, audio=None), ("visual",)).steps == 20


def test_progress_of_a_film_is_told(seeing):
    told = []
    decoded(seeing, clip_file(200), progress=lambda *what: told.append(what))
    assert [what[0] for what in told] == ["decoded"] * 3 and told[-1][1:] == (75, 80)


def test_what_a_file_holds():
    assert streams_in(clip_file(10), "a") == ("picture", "sound")
    assert streams_in(clip_file(10, audio=None), "a") == ("picture",)
    assert streams_in(sound_file(1.0), "a") == ("sound",)


def song_with_cover() -> io.BytesIO:
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp3") as out:
        sound = out.add_stream("libmp3lame", rate=44100, layout="mono")
        cover = out.add_stream("mjpeg", rate=1)
        cover.width = cover.height = 64
        cover.pix_fmt = "yuvj420p"
        cover.disposition = Disposition.attached_pic
        picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        out.mux(cover.encode(picture))
        out.mux(cover.encode(None))
        samples = made.noise(1)[None, :44100]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 44100
        out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    stream.seek(0)
    return stream


def test_the_cover_of_a_song_is_no_film():
    assert streams_in(song_with_cover(), "song.mp3") == ("sound",)


@pytest.mark.parametrize(
    ("clip", "streams", "seconds"),
    [
        (clip_file(100), ("picture", "sound"), 4.0),
        (clip_file(100, container="mp4", audio="aac"), ("picture",), 4.0),
        (clip_file(100, container="matroska", video="libx264", b_frames=2), ("picture",), 4.0),
        (clip_file(100, video="libx264", b_frames=2), ("picture",), 4.0),
        (clip_file(100, sound_seconds=2.0), ("picture", "sound"), 2.0),
        (sound_file(3.25), ("sound",), 3.25),
    ],
)
def test_how_long_a_file_plays(clip, streams, seconds):
    assert playing_seconds(clip, "clip", streams) == pytest.approx(seconds, abs=0.06)


def test_a_film_is_predicted_from_begin_to_end(bundle):
    found = predict_file(bundle, clip_file(250), "film.avi", store=temporary_file)
    assert found.choice.models == ("acoustic",)
    assert found.table["step"].tolist() == list(range(40))
    assert found.table["time_s"].iloc[-1] == 9.75
    line = summary_line(found, "film.avi", "acoustic", 0.8)
    assert line.startswith("film.avi: 10.0 s, model acoustic (the best of 2 that the file is")
    assert "% interval" in line
    assert any("simulated people" in note for note in found.notes["acoustic"])
    row = summary_row(found, "film.avi", "acoustic")
    assert row["steps"] == 40 and row["mean"] == pytest.approx(found.table["mean"].mean())
    assert value_name(bundle, "acoustic") == "P(tingle > 2)"
    assert value_name(bundle, "regression/ridge") == "Predicted tingle"


def test_a_silent_film_is_refused_by_what_it_lacks(bundle):
    with pytest.raises(InputProblem, match="a file with sound, which model acoustic needs"):
        predict_file(bundle, clip_file(30, audio=None), "silent.avi", models=["acoustic"])


def test_a_moment_is_too_short(bundle):
    with pytest.raises(InputProblem, match="at least 0.5 s of sound, found 0.30 s"):
        predict_file(bundle, sound_file(0.3), "click.wav")


def test_sound_in_memory_is_sound_in_a_file(bundle):
    rate = bundle.about["decoding"]["sample_rate"]
    stream = sound_file(4.0, rate)
    found = decode_file(bundle, stream, "a", ("acoustic",))
    own = only_sound(bundle, np.asarray(found.sound), "a")
    assert own.steps == found.steps == 16
