"""Recordings that went wrong: what `corrected` makes of each, beside what was planted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from paths import ROOT

from tinglegram.behaviour.timeline import Timing, timeline
from tinglegram.formats import biopac, presentation
from tinglegram.pulse.beats import PulseMethods
from tinglegram.pulse.continuity import Continuity, participant_continuity
from tinglegram.pulse.measurement import measure_participant
from tinglegram.pulse.quality import Quality
from tinglegram.pulse.rests import RestEpochs
from tinglegram.pulse.slices import slice_participant
from tinglegram.pulse.windows import Windowing
from tinglegram.settings import as_object
from tinglegram.study.protocols import PROTOCOLS

KEYS = {"1": 0, "2": 1, "3": 2, "4": 3}


class Measured:
    """One case, measured as a protocol does."""

    def __init__(self, folder, protocol="corrected", scale=1.0):
        switches = PROTOCOLS[protocol]
        overlay = yaml.safe_load((folder.parent / "study_default.yaml").read_text())
        own = folder / "study.yaml"
        if own.exists():
            overlay |= yaml.safe_load(own.read_text())
        config = yaml.safe_load((ROOT / "config.yaml").read_text())
        left_out = [video for video, about in overlay["clips"].items() if about is None]
        clips = {v: c["condition"] for v, c in config["clips"].items() if v not in left_out}
        timing = as_object({"timing": config["timing"] | overlay["timing"]}, Timing)
        (log,), (export,) = ((folder / "data" / kind).glob("*") for kind in ("log", "ppg"))
        events = presentation.read_log(log.read_bytes(), log.name).events
        excluded = set(clips) - set(events["code"])
        shown = timeline(
            events,
            source=log.name,
            subject=1,
            clips=clips,
            ratings=KEYS,
            timing=timing,
            excluded=excluded,
        ).timeline
        read = biopac.read_export(export.read_bytes(), export.name, "CH2", None)
        read = replace(read, signal=read.signal * scale)
        cut = slice_participant(
            read, export.name, shown, len(clips), RestEpochs(), printed_time=True, margin_s=5.0
        )
        ratings = pd.DataFrame({"video": [], "step": [], "rating": []})
        self.found = measure_participant(
            cut.clips,
            cut.rests,
            shown,
            ratings,
            ["ASMR", "Nature"],
            subject=1,
            slice_by=switches["slice_by"],
            window_clock=switches["window_clock"],
            grid_hz=10,
            windowing=Windowing(),
            continuity=Continuity(),
            quality=Quality(),
            methods=as_object({}, PulseMethods, switches),
        )
        self.continuity = participant_continuity(
            cut.clips, shown, switches["slice_by"], Continuity()
        )

    def means(self, measure="pulse_rate_bpm"):
        """Clip -> mean of all its windows with a value."""
        return self.found.windows.groupby("video")[measure].mean().round(1).to_dict()

    @property
    def empty(self):
        """Windows without a pulse rate."""
        return int(self.found.windows["pulse_rate_bpm"].isna().sum())


@pytest.fixture
def case(shared):
    """Measure a case, by the start of its folder's name."""

    def measure(name, protocol="corrected", scale=1.0):
        (folder,) = (shared / "cases/recordings").glob(f"{name}_*")
        return Measured(folder, protocol, scale)

    return measure


# Case -> pulse rates planted or measured in vid1 and vid5, and how far off is right.
RATES = {
    "03": (72.0, 72.1, 0.3),
    "04": (72.0, 72.1, 0.3),
    "05": (72.0, 72.1, 0.3),
    "06": (75.0, 75.1, 0.3),
    "07": (132.0, 177.6, 0.3),
    "19": (51.6, 59.1, 1.0),
    "20": (74.6, 75.4, 0.3),
}


@pytest.mark.parametrize("name", RATES)
def test_pulse_rates(case, name):
    measured, (first, second, off) = case(name), RATES[name]
    assert measured.means() == pytest.approx({"vid1": first, "vid5": second}, abs=off)
    assert measured.empty == 0


# Case -> RMSSD of true neighbours.
@pytest.mark.parametrize(
    ("name", "first", "second", "off"),
    [("02", 61.0, 58.3, 4), ("05", 27.7, 29.8, 2), ("06", 11.5, 11.8, 1), ("20", 38.5, 26.3, 2)],
)
def test_rmssd(case, name, first, second, off):
    found = case(name).means("rmssd_ms")
    assert found == pytest.approx({"vid1": first, "vid5": second}, abs=off)


@pytest.mark.parametrize("scale", [1e-3, 1e3])
@pytest.mark.parametrize("name", ["03", "20"])
def test_the_unit_of_a_recording_does_not_matter(case, name, scale):
    same, other = case(name), case(name, scale=scale)
    found, expected = (m.found.windows["pulse_rate_bpm"] for m in (other, same))
    assert np.abs(found - expected).max() < 0.1


@pytest.mark.parametrize("name", ["05", "20"])
def test_a_wave_upside_down_is_reported(case, name):
    for protocol in ("released", "corrected"):
        assert any("upside down" in finding for finding in case(name, protocol).found.findings)


def test_what_the_released_limits_miss_is_named(case):
    found = case("07", "released").found.findings
    assert any("the pulse is at about 17" in finding for finding in found)
    found = case("03", "released").found.findings
    assert any("half of this participant's pulses are lower than" in finding for finding in found)


def test_held_samples_are_continuous(case):
    for protocol in ("released", "corrected"):
        measured = case("09", protocol)
        assert measured.continuity["n_bad"].sum() == 0
        assert measured.means() == {"vid1": pytest.approx(72, abs=0.5)}
        assert any("every value stands 100 times" in f for f in measured.found.findings)


def test_saturated_tops_are_poor(case):
    measured = case("16")
    assert measured.means() == pytest.approx({"vid1": 72.0, "vid5": 72.1}, abs=0.5)
    assert measured.found.windows["poor"].all()
