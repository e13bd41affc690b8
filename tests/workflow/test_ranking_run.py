"""`tinglegram rank` on a folder of small films and sounds, run again, and with a broken film."""

import os
import re
import subprocess
import sys
import wave
from pathlib import Path

import made_bundles as made
import numpy as np
import pandas as pd
import pytest
import recoded
from paths import ROOT

from tinglegram.files import read_table
from tinglegram.stimuli.container import playing_seconds, streams_in

SHORT = ("--length", "2", "--best", "2", "--shown", "5")


def rank(folder: Path, *words: str, code: int = 0, extra: tuple[str, ...] = ()) -> str:
    """Run the command in a folder; return what it printed."""
    command = ["-c", "from tinglegram.study.cli import main; main()", "rank", "bundle", "films"]
    answer = subprocess.run(
        [sys.executable, *command, "--output", "out", *SHORT, *words, "--", "--cores", "2", *extra],
        cwd=folder,
        env=made_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    # Snakemake tells of its jobs on the other stream; the last line is the command's own.
    said = answer.stderr + answer.stdout
    assert answer.returncode == code, said
    return said


def made_environment() -> dict[str, str]:
    """The code of this checkout, one thread for each job."""
    return os.environ | {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}


def jobs(said: str) -> list[str]:
    """What jobs were announced, by the first word of their messages."""
    return sorted(re.findall(r"^Job \d+: (\w+)", said, re.MULTILINE))


def write_sound(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(made.RATE)
        target.writeframes(samples.tobytes())


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> tuple[Path, str]:
    """A folder with a bundle, films and sounds, ranked once; and what was printed."""
    folder = tmp_path_factory.mktemp("ranking")
    made.bundle_in(folder / "bundle")
    films = folder / "films"
    (films / "more").mkdir(parents=True)
    film = recoded.film(5.0)
    (films / "a film & more.avi").write_bytes(film)
    (films / "more/same.avi").write_bytes(film)
    (films / "more/again.mp4").write_bytes(recoded.recoded(film, start=0.6))
    write_sound(films / "sound.wav", made.noise(5, 16))
    (films / "broken.mp4").write_bytes(b"no film")
    (films / "notes.txt").write_text("no film either")
    return folder, rank(folder)


def test_segments_are_ranked_joined_shown_and_exported(study):
    folder, said = study
    out = folder / "out"
    segments = read_table(out / "segments.tsv")
    assert segments["rank"].tolist() == list(range(1, len(segments) + 1))
    assert segments["mean"].is_monotonic_decreasing
    assert set(segments["model"]) == {"acoustic"}
    for _, own in segments.groupby("file"):
        assert (np.diff(np.sort(own["start_s"])) >= 2.0 - 1e-9).all()
    duplicates = read_table(out / "duplicates.tsv")
    equal = duplicates[duplicates["how"] == "equal file"]
    assert set(equal["file"]) == {"more/same.avi"} or set(equal["file"]) == {"a film & more.avi"}
    same = duplicates[duplicates["how"] == "same material"]
    files = set(segments.merge(same, on="segment")["file_x"]) | set(same["file"])
    assert len(same) and "more/again.mp4" in files and "sound.wav" not in files
    problems = read_table(out / "problems.tsv")
    assert problems["file"].tolist() == ["broken.mp4"]
    assert said.splitlines()[-1].endswith("1 file(s) could not be ranked: out/index.html")
    assert "NOT RANKED broken.mp4: expected a video clip" in said
    assert "Left out: 1 file(s) (.txt: no film or sound)." in said
    page = (out / "index.html").read_text()
    assert "a%20film%20%26%20more.avi" in page or "more/same.avi" in page
    assert "broken.mp4: expected a video clip" in page


def test_clips_are_ready_for_the_next_study(study):
    out = study[0] / "out"
    stimuli, segments = (read_table(out / f"{name}.tsv") for name in ("stimuli", "segments"))
    assert stimuli["stimulus_id"].tolist() == segments["segment"].tolist()[:2]
    for own in stimuli.to_dict("records"):
        with (out / own["file"]).open("rb") as stream:
            held = streams_in(stream, own["file"])
            assert ("picture" in held, "sound" in held) == (own["has_picture"], own["has_sound"])
            length = playing_seconds(stream, own["file"], held)
        assert length == pytest.approx(own["duration_s"], abs=0.03) and own["duration_s"] == 2.0
    assert sorted(path.name for path in (out / "clips").glob("[!.]*")) == sorted(
        Path(name).name for name in stimuli["file"]
    )


def test_the_table_of_a_file_is_that_of_predict(study):
    folder, _ = study
    command = ["-c", "from tinglegram.study.cli import main; main()", "predict", "bundle"]
    subprocess.run(
        [sys.executable, *command, "films/sound.wav", "--output", "told", "--model", "acoustic"],
        cwd=folder,
        env=made_environment(),
        capture_output=True,
        check=True,
    )
    listing = read_table(folder / "out/files.tsv").set_index("file")
    content = listing.loc["sound.wav", "sha256"]
    (path,) = (folder / "out/cache" / content).glob("*/acoustic/predictions.tsv")
    pd.testing.assert_frame_equal(read_table(path), read_table(folder / "told/sound.wav.tsv"))


def test_again_nothing_is_done_and_a_new_file_is_predicted_alone(study):
    folder, _ = study
    assert jobs(rank(folder)) == []
    # A new name is no new content, and a file that was touched is none.
    films = folder / "films"
    (films / "sound.wav").rename(films / "renamed.wav")
    (films / "more/again.mp4").touch()
    said = jobs(rank(folder, extra=("--dry-run",)))
    assert said == ["Export", "Rank", "Show"]
    write_sound(films / "new.wav", made.noise(9, 12))
    said = jobs(rank(folder))
    assert said == ["Export", "Fingerprint", "Predict", "Rank", "Show"]
    listed = set(read_table(folder / "out/segments.tsv")["file"])
    assert {"renamed.wav", "new.wav"} <= listed and "sound.wav" not in listed
    # Other lengths of segments predict nothing again.
    said = jobs(rank(folder, "--step", "0.5", extra=("--dry-run",)))
    assert said == ["Export", "Rank", "Show"]
    assert rank(folder, "--strict", code=1).splitlines()[-1].endswith("index.html")
