"""Proposals of a bundle: its members, its distances, and the command from bundle to page."""

import os
import subprocess
from pathlib import Path

import made_bundles
import numpy as np
import pytest
import soundfile
from paths import ROOT

from tinglegram.bundles.extraction import only_sound
from tinglegram.bundles.prediction import predict_stretches
from tinglegram.errors import InputProblem
from tinglegram.files import read_table
from tinglegram.proposals.bundled import bundle_warnings, bundled_model
from tinglegram.sounds.recipe import CyclicSound
from tinglegram.sounds.synthesis import synthesise
from tinglegram.study.cli import command_of, command_parser

RATE = made_bundles.RATE


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return made_bundles.written(tmp_path_factory.mktemp("bundle") / "small")


@pytest.fixture(scope="module")
def bundle(folder):
    return made_bundles.read_bundle(folder)


def stereo(clip: int) -> np.ndarray:
    mono = made_bundles.noise(clip).astype(np.float32) / 32767
    return np.column_stack([mono, mono])


def test_members_are_those_that_predict_reports(bundle):
    model = bundled_model(bundle, "acoustic")
    found = model(stereo(0), RATE, "a sound")
    # Two folds and the model of all clips, of two seeds each.
    assert found.members.shape == (6,)
    table = predict_stretches(
        bundle, only_sound(bundle, made_bundles.noise(0), "a sound"), ["acoustic"]
    )
    # The final models come first; their mean is what the bundle predicts.
    assert found.members[:2].mean() == pytest.approx(table["mean"].mean(), abs=1e-4)
    assert found.distance == pytest.approx(table["distance"].median(), rel=1e-3)


def test_strange_sounds_are_far_away(bundle):
    model = bundled_model(bundle, None)
    assert model.model == "acoustic" and "best of" in model.reason
    known = model(stereo(1), RATE, "known")
    tone = np.sin(2 * np.pi * 9000 * np.arange(6 * RATE) / RATE)
    strange = model(np.column_stack([tone, tone]).astype(np.float32), RATE, "strange")
    assert strange.distance > 1 > known.distance
    assert any("simulated people" in sentence for sentence in bundle_warnings(model))


def test_other_rates_and_lengths_are_taken(bundle):
    model = bundled_model(bundle, "regression/ridge")
    long = synthesise(CyclicSound(), 15, 48000, 0)
    assert np.isfinite(model(long, 48000, "long").members).all()
    with pytest.raises(InputProblem, match="one step of the grid"):
        model(long[:100], 48000, "short")
    with pytest.raises(InputProblem, match="pulse"):
        bundled_model(bundle, "fusion")


def propose(*words: str) -> subprocess.CompletedProcess[str]:
    arguments = command_parser().parse_args(["propose", *words[: words.index("--")]])
    command = command_of(arguments, words[words.index("--") + 1 :], ROOT)
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )


def test_the_command_goes_from_bundle_to_page(folder, tmp_path):
    existing = tmp_path / "existing"
    existing.mkdir()
    for clip in range(2):
        soundfile.write(existing / f"clip{clip}.wav", stereo(clip), RATE)
    more = ("--synthesised", "2", "--transformed", "1", "--recombined", "1")
    length = ("--duration-s", "2", "--sound-rate", "16000", "--listeners", "2")
    asked = (str(folder), "--n", "3", "--from", str(existing), "--output")
    done = propose(*asked, str(tmp_path / "one"), "--", *more, *length)
    assert done.returncode == 0, done.stderr
    assert "WARNING The bundle was trained on simulated people." in done.stdout
    one = tmp_path / "one"
    assert sorted(path.name for path in one.iterdir()) == [
        *("index.html", "orders.tsv", "presentation"),
        *(f"proposal_0{place}.wav" for place in (1, 2, 3)),
        *("proposals.tsv", "psychopy", "stimuli.tsv"),
    ]
    proposals = read_table(one / "proposals.tsv")
    assert proposals["mean"].between(0, 1).all() and proposals["why"].notna().all()
    page = (one / "index.html").read_text()
    assert "The bundle was trained on simulated people." in page
    # The same seed gives the same bytes, and what is there is left alone.
    assert propose(*asked, str(tmp_path / "two"), "--", *more, *length).returncode == 0
    for path in one.rglob("*.*"):
        other = tmp_path / "two" / path.relative_to(one)
        assert path.read_bytes() == other.read_bytes(), path.name
    again = propose(*asked, str(one), "--", *more, *length)
    assert again.returncode == 1 and "expected a new folder for proposals" in again.stderr


def test_without_existing_sounds_and_more_than_there_are(folder, tmp_path):
    words = ("--n", "9", "--output", str(tmp_path / "new"))
    few = ("--synthesised", "3", "--recombined", "0")
    done = propose(str(folder), *words, "--", *few)
    assert done.returncode == 1
    assert "--n: expected 1 to 3 sounds, as there are 3 candidates, found 9." in done.stderr
    assert not (tmp_path / "new").exists()
