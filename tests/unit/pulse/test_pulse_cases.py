"""Recordings that went wrong: what `corrected` makes of each, beside what was planted."""

import pandas as pd
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
        read = read._replace(signal=read.signal * scale) if scale != 1 else read
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
