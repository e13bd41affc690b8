"""Candidates, their choice by a model, and everything that is written for the next study."""

import dataclasses
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import soundfile

from tinglegram.errors import InputProblem
from tinglegram.files import read_table
from tinglegram.proposals.candidates import CandidatePlan, make_candidate, plan_candidates
from tinglegram.proposals.files import require_new_folder, write_proposals
from tinglegram.proposals.orders import (
    listening_orders,
    presentation_scenario,
    psychopy_conditions,
)
from tinglegram.proposals.proposing import SoundPrediction, choose_sounds, consider
from tinglegram.proposals.settings import CandidateSounds, ListeningOrders, Proposing
from tinglegram.sounds.files import read_sound
from tinglegram.sounds.loudness import integrated_loudness, true_peak_db
from tinglegram.sounds.measured import centroid_of
from tinglegram.sounds.recipe import CyclicSound
from tinglegram.sounds.safety import SoundSafety, largest_rise
from tinglegram.sounds.synthesis import synthesise

RATE = 16000
SETTINGS = CandidateSounds(
    synthesised=6, transformed=4, recombined=4, duration_s=1.5, sound_rate=RATE
)
SAFETY = SoundSafety()


def brightness(samples: np.ndarray, sample_rate: int, source: str) -> SoundPrediction:
    """A model to whom bright sounds are better: three members that nearly agree."""
    value = np.log2(centroid_of(samples, sample_rate) / 100) / 8
    return SoundPrediction(value + np.array([-0.02, 0.0, 0.02]), 1.5 if value > 0.6 else 0.5)


def existing() -> list[np.ndarray]:
    recipes = [CyclicSound(centre_hz=500), CyclicSound(centre_hz=900, rate_hz=4)]
    return [synthesise(recipe, 2, RATE, 0) for recipe in recipes]


def test_plans_are_of_the_numbers_and_kinds_asked_for():
    plans = plan_candidates(SETTINGS, [2.0, 2.0], seed=3)
    kinds = [plan.kind for plan in plans]
    assert [kinds.count(kind) for kind in ("synthesised", "transformed", "recombined")] == [6, 4, 4]
    assert plans == plan_candidates(SETTINGS, [2.0, 2.0], seed=3)
    assert plans != plan_candidates(SETTINGS, [2.0, 2.0], seed=4)
    # Without sounds to change, no sound is changed, and parts are synthesised.
    alone = plan_candidates(SETTINGS, [], seed=3)
    assert len(alone) == 10 and all(plan.sources == () for plan in alone)
    # More candidates leave those before as they are.
    more = plan_candidates(dataclasses.replace(SETTINGS, synthesised=7), [2.0, 2.0], seed=3)
    assert more[:6] == plans[:6] and more[7:] == plans[6:]


def test_every_candidate_can_be_made_and_is_as_long_as_asked_for():
    sources = existing()
    for lengths, own in (([2.0, 2.0], sources), ([], [])):
        for plan in plan_candidates(SETTINGS, lengths, seed=0):
            made = make_candidate(plan, own, 1.5, RATE)
            assert made.samples.shape == (round(1.5 * RATE), 2) and made.level_db <= 0
            assert np.isfinite(made.samples).all() and np.abs(made.samples).max() > 1e-4
            np.testing.assert_array_equal(made.samples, make_candidate(plan, own, 1.5, RATE)[0])


def test_a_stretch_of_a_sound_is_repeated():
    source = np.zeros((2 * RATE, 2), np.float32)
    source[RATE : RATE + 100] = 1
    plan = CandidatePlan("transformed", 0, {"repeated_s": 0.5, "repeated_from_s": 0.9}, (0,))
    sound = make_candidate(plan, [source], 1.5, RATE).samples[:, 0]
    # Every 0.45 s, as 0.05 s of each is the fade to the next: at 0.1, 0.55, 1.0 and 1.45 s.
    assert len(re.findall("1+", "".join((sound > 0.5).astype(int).astype(str)))) == 4


def test_what_the_model_likes_is_proposed():
    sources = existing()
    plans = plan_candidates(SETTINGS, [2.0, 2.0], seed=1)
    done: list[tuple[int, int]] = []
    considered = consider(
        plans, sources, brightness, SETTINGS, SAFETY, lambda *told: done.append(told)
    )
    assert done == [(i, 14) for i in range(1, 15)]
    assert considered.predictions.shape == (3, 14)
    heard = [brightness(source, RATE, "").members.mean() for source in sources]
    assert considered.best == pytest.approx(max(heard), abs=0.03)
    settings = Proposing(variety_weight=0.0, exploration=0.0, distance_penalty=0.0)
    chosen = choose_sounds(considered, 3, settings, seed=0)
    assert chosen["candidate"][0] == np.argmax(considered.predictions.mean(axis=0))
    near = choose_sounds(considered, 3, dataclasses.replace(settings, distance_penalty=9.0), 0)
    assert (near["distance"] <= 1).all() and (chosen["distance"] > 1).any()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder of proposals, and its table."""
    folder = tmp_path_factory.mktemp("proposals") / "next"
    sources = list(zip(("rain.wav", 'a<b>"&.wav'), existing(), strict=True))
    samples = [sound for _, sound in sources]
    considered = consider(
        plan_candidates(SETTINGS, [2.0, 2.0], seed=1), samples, brightness, SETTINGS, SAFETY
    )
    chosen = choose_sounds(considered, 6, Proposing(), seed=0)
    table = write_proposals(
        chosen,
        considered,
        sources,
        folder,
        candidates=SETTINGS,
        safety=SAFETY,
        orders=ListeningOrders(listeners=3),
        seed=7,
        model="a <test>",
        warnings=["WARNING made for a test"],
    )
    return folder, table


def test_sounds_that_are_written_keep_the_limits(written):
    folder, table = written
    for row in table.to_dict("records"):
        assert soundfile.info(folder / row["file"]).subtype == "PCM_24"
        samples, rate = read_sound(folder / row["file"])
        assert rate == RATE and len(samples) == round(1.5 * RATE)
        assert integrated_loudness(samples, rate) == pytest.approx(row["loudness_lufs"], abs=0.05)
        assert integrated_loudness(samples, rate) <= SAFETY.loudness_lufs + 0.01
        assert true_peak_db(samples) <= SAFETY.true_peak_dbtp + 0.01
        assert largest_rise(samples, rate, SAFETY) <= SAFETY.rise_db + 0.01
        # What was predicted is what was written.
        assert brightness(samples, rate, "").members.mean() == pytest.approx(row["mean"], abs=1e-3)


def test_tables_are_ready_for_the_next_study(written):
    folder, table = written
    stimuli = read_table(folder / "stimuli.tsv")
    assert list(stimuli.columns) == [
        *("stimulus_id", "file", "duration_s", "has_picture", "has_sound", "condition")
    ]
    assert stimuli["stimulus_id"].tolist() == [f"proposal_0{i}" for i in range(1, 7)]
    assert all((folder / name).is_file() for name in stimuli["file"])
    proposals = read_table(folder / "proposals.tsv")
    assert len(proposals) == 6 and proposals["why"].str.len().min() > 10
    assert set(proposals["purpose"]) == {"improve", "explore"}
    for row in proposals.to_dict("records"):
        assert json.loads(row["parameters"])
    # Everything is in the table that is needed to make a sound again.
    again = proposals[proposals["kind"] == "synthesised"].iloc[0]
    plan = CandidatePlan("synthesised", int(again["seed"]), json.loads(again["parameters"]))
    assert make_candidate(plan, [], again["duration_s"], RATE).level_db == pytest.approx(
        again["level_db"]
    )


def test_orders_are_those_of_each_participant(written):
    folder, table = written
    orders = read_table(folder / "orders.tsv")
    assert orders.groupby("participant_id")["stimulus_id"].nunique().tolist() == [6, 6, 6]
    lists = orders.groupby("participant_id")["stimulus_id"].agg(tuple)
    assert lists.nunique() == 3
    for participant, order in lists.items():
        scenario = (folder / f"presentation/{participant}.sce").read_text()
        assert tuple(re.findall(r'code = "(\w+)"', scenario)) == order
        assert scenario.count("{") == scenario.count("}")
        assert scenario.count("trial_duration = 5000;") == 6
        named = dict(re.findall(r'filename = "(\S+)"; }; } (\w+);', scenario))
        assert set(named) == set(table["file"])
        conditions = pd.read_csv(folder / f"psychopy/{participant}.csv")
        assert tuple(conditions["stimulus_id"]) == order


def test_more_participants_leave_the_first_as_they_are():
    stimuli = pd.DataFrame(
        {"stimulus_id": list("abcd"), "file": [f"{n}.wav" for n in "abcd"], "duration_s": 1.0}
    )
    few, many = (listening_orders(stimuli, n, 2.0, seed=1) for n in (2, 120))
    assert many["participant_id"].iloc[-1] == "P120"
    assert few["stimulus_id"].tolist() == many["stimulus_id"].tolist()[:8]
    own = few[few["participant_id"] == "P01"]
    assert "trial_duration = 2000;" in presentation_scenario(own)
    assert pd.read_csv(io.StringIO(psychopy_conditions(own))).shape == (4, 6)


class _Links(HTMLParser):
    """Collects addresses, and the sources of players."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_plays_the_files_and_asks_nobody_else(written):
    folder, table = written
    page = (folder / "index.html").read_text()
    links = _Links()
    links.feed(page)
    assert links.addresses == table["file"].tolist()
    assert "default-src 'none'" in page and "://" not in page
    assert "a &lt;test&gt;" in page and "<test>" not in page
    assert "WARNING made for a test" in page and "Before you listen" in page
    if table["sources"].str.contains("<b>").any():
        assert "a&lt;b&gt;" in page and "<b>" not in page


def test_a_folder_that_holds_files_is_left_alone(written, tmp_path):
    folder, _ = written
    require_new_folder(tmp_path)
    require_new_folder(tmp_path / "new")
    with pytest.raises(InputProblem, match="expected a new folder for proposals"):
        require_new_folder(folder)


def test_without_existing_sounds_the_best_candidate_is_to_be_exceeded():
    generator = np.random.default_rng(0)
    considered = consider(
        plan_candidates(dataclasses.replace(SETTINGS, synthesised=2, recombined=1), [], seed=1),
        [],
        lambda samples, rate, source: SoundPrediction(generator.uniform(0, 1, 4), 0.2),
        SETTINGS,
        SAFETY,
    )
    # Nothing was heard before: the best candidate stands for it.
    assert considered.best == pytest.approx(considered.predictions.mean(axis=0).max())
