"""Rests of known place, by any margin; what lacks is said, and what is stored comes back."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.formats.recording import Recording
from tinglegram.pulse.rests import (
    block_table,
    find_rests,
    pack_rests,
    recording_seconds,
    slice_rest,
    unpack_rests,
)

CONDITIONS = ["ASMR", "Nature"]


def timeline(conditions="AANN", first=60.0, clip=60.0, washout=120.0, skip=()):
    """Clips in a row, a long gap wherever the condition changes; `skip`: numbers left out."""
    rows, clock = [], first
    for order, letter in enumerate(conditions):
        clock += washout if order and letter != conditions[order - 1] else 0.0042
        rows.append((order, {"A": "ASMR", "N": "Nature"}[letter], clock, clock + clip))
        clock += clip
    table = pd.DataFrame(rows, columns=["order", "condition", "start_s", "end_s"])
    return table[~table["order"].isin(skip)]


def rests_of(table, seconds, n_clips=4, margin=2.0, minimum=5.0):
    return find_rests(table, seconds, n_clips, margin_s=margin, minimum_s=minimum)


def test_the_papers_session_has_three_rests():
    shown = timeline()
    found = rests_of(shown, 480.0)
    assert [rest.name for rest in found] == ["baseline", "washout", "final"]
    assert not any(rest.problem for rest in found)
    edges = [(rest.start_s, rest.end_s) for rest in found]
    ends, starts = shown["end_s"].tolist(), shown["start_s"].tolist()
    expected = [(0, starts[0]), (ends[1], starts[2]), (ends[3], 480.0)]
    assert np.allclose(edges, [(a + 2, b - 2) for a, b in expected], atol=1e-9)


def test_gaps_between_clips_of_a_block_are_no_rest():
    spaced = timeline()
    spaced.loc[1:, ["start_s", "end_s"]] += 30.0
    assert [rest.name for rest in rests_of(spaced, 600.0)] == ["baseline", "washout", "final"]


def test_more_blocks_have_more_washouts_and_one_block_has_none():
    names = [rest.name for rest in rests_of(timeline("ANAN"), 900.0)]
    assert names == ["baseline", "washout", "washout2", "washout3", "final"]
    assert [rest.name for rest in rests_of(timeline("AAAA"), 480.0)] == ["baseline", "final"]
    assert rests_of(timeline().iloc[:0], 480.0) == []


@pytest.mark.parametrize(
    ("seconds", "problem"),
    [(427.0, "3.0 s without margins, 5 s"), (400.0, "0.0 s without margins, 5 s are needed")],
)
def test_a_short_rest_is_named_and_the_others_stay(seconds, problem):
    found = rests_of(timeline(), seconds)
    assert [bool(rest.problem) for rest in found] == [False, False, True]
    assert problem in found[2].problem


def test_the_least_length_is_enough():
    end = timeline()["end_s"].iloc[-1]
    assert not rests_of(timeline(), end + 9.0)[2].problem
    assert rests_of(timeline(), end + 8.9999)[2].problem


@pytest.mark.parametrize(
    ("skip", "without"), [((0,), "baseline"), ((1,), "washout"), ((2,), "washout"), ((3,), "final")]
)
def test_a_clip_left_out_beside_a_rest_makes_its_edge_unknown(skip, without):
    found = rests_of(timeline(skip=skip), 480.0)
    assert [rest.name for rest in found if rest.problem] == [without]
    assert "left out beside it" in next(rest.problem for rest in found if rest.problem)


def test_a_clip_left_out_inside_a_block_changes_nothing():
    found = rests_of(timeline("AAANN", skip=(1,)), 600.0, n_clips=5)
    assert [rest.name for rest in found] == ["baseline", "washout", "final"]
    assert not any(rest.problem for rest in found)


def test_slices_hold_the_very_samples_and_come_back():
    rate, n = 100.0, 48_000
    signal = np.arange(n, dtype=float)
    record = Recording(signal, signal / rate, rate, "CH2", "", "", "", "utf-8", ())
    found = rests_of(timeline(), recording_seconds(n, rate))
    slices = {rest: slice_rest(record, "x", rest).signal for rest in found[:2]} | {found[2]: None}
    arrays = pack_rests(slices) | {"sampling_rate_hz": np.array(rate)}
    assert all(a.dtype == np.float32 for name, a in arrays.items() if name in ("baseline",))
    back = list(unpack_rests(arrays))
    assert [rest.name for rest, _ in back] == ["baseline", "washout", "final"]
    for rest, clip in back[:2]:
        # The signal counts samples, so it tells its own time.
        assert np.array_equal(np.round(clip.time_s * rate), clip.signal)
        assert clip.time_s[0] >= rest.start_s > clip.time_s[0] - 1 / rate
    assert back[2][1] is None


def test_a_recordings_length_is_rounded_down_to_ticks():
    assert recording_seconds(400_001, 2000.0) == 200.0005
    assert recording_seconds(1, 3.0) == 0.3333


def windows(name, key, rates, poor):
    rmssd = np.arange(len(rates), dtype=float)
    return pd.DataFrame({key: name, "pulse_rate_bpm": rates, "rmssd_ms": rmssd, "poor": poor})


def test_blocks_are_means_of_all_and_of_good_windows():
    found = rests_of(timeline(), 427.0)
    resting = windows("baseline", "rest", [70.0, 80.0, np.nan], [False, True, True])
    clips = windows("ASMR", "condition", [60.0, 62.0], [True, True])
    table = block_table(clips, resting, found, CONDITIONS).set_index(["block", "windows"])
    assert list(table.index.get_level_values(0).unique()) == [
        *("baseline", "washout", "final"),
        *CONDITIONS,
    ]
    assert table.loc[("baseline", "all"), "pulse_rate_bpm"] == 75
    assert table.loc[("baseline", "good"), "pulse_rate_bpm"] == 70
    assert table.loc[("baseline", "all"), "rmssd_ms"] == 0.5
    assert table.loc[("baseline", "all"), "n_windows"] == 2
    assert table.loc[("baseline", "all"), "share_poor"] == pytest.approx(2 / 3)
    assert table.loc[("ASMR", "good"), "problem"] == "no good window"
    assert np.isnan(table.loc[("ASMR", "good"), "pulse_rate_bpm"])
    assert "without margins" in table.loc[("final", "all"), "problem"]
    assert table.loc[("Nature", "all"), "problem"] == "no all window"
    assert table.loc[("ASMR", "all"), "problem"] == ""
