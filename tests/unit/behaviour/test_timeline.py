import numpy as np
import pandas as pd
import pytest

from tinglegram.behaviour.timeline import Timing, timeline
from tinglegram.errors import TinglegramError

CLIPS = {"vid1": "ASMR", "vid2": "ASMR", "vid5": "Nature"}
RATINGS = {"1": 0, "2": 1, "3": 2, "4": 3}
TIMING = Timing(clip=60.0, first_trial=55.7, warm_up=5.0, grid=10)
# Event type, code, seconds.
SESSION = [
    # The end of the session: where it stands among the lines does not matter.
    ("Pulse", "53", 240.0),
    ("Video", "vid5", 60.0123),
    ("Video", "vid1", 120.0),
    ("Video", "vid2", 180.0),
]


def events(rows):
    return pd.DataFrame(
        {
            # Each stimulus begins a trial.
            "trial": np.cumsum([kind in ("Video", "Picture") for kind, _, _ in rows]),
            "event_type": [kind for kind, _, _ in rows],
            "code": [code for _, code, _ in rows],
            "time_ticks": [round(seconds * 10_000) for _, _, seconds in rows],
            "line": range(6, 6 + len(rows)),
        }
    )


def place(rows, **options):
    arguments = {"source": "007-1-x.log", "subject": 7, "clips": CLIPS, "ratings": RATINGS}
    return timeline(events(rows), **arguments, timing=TIMING, **options)


def refused(rows, **options):
    with pytest.raises(TinglegramError) as problem:
        place(rows, **options)
    return str(problem.value)


def test_trials_on_the_log_clock():
    found = place(SESSION)
    assert found.timeline.to_dict("list") == {
        "subject": [7, 7, 7],
        "order": [0, 1, 2],
        "video": ["vid5", "vid1", "vid2"],
        "condition": ["Nature", "ASMR", "ASMR"],
        "start_s": [60.0123, 120.0, 180.0],
        "valid_start_s": [65.0123, 125.0, 185.0],
        "end_s": [115.7123, 180.0, 240.0],
        "n_steps": [507, 550, 550],
    }
    assert found.key_presses.empty
    assert found.findings == ()


def test_codes_tolerate_case_and_blanks():
    rows = [(kind, code.upper() + " ", seconds) for kind, code, seconds in SESSION]
    assert place(rows).timeline.equals(place(SESSION).timeline)


def test_presses_lie_within_start_and_end():
    presses = [
        ("Response", "4", 60.0122),
        ("Response", "1", 60.0123),
        ("Response", "2", 115.7122),
        ("Response", "3", 115.7123),
        ("Response", "4", 120.0),
        ("Response", "3", 239.9999),
        ("Response", "2", 240.0),
    ]
    assert place(SESSION + presses).key_presses.to_dict("list") == {
        "subject": [7] * 4,
        "video": ["vid5", "vid5", "vid1", "vid2"],
        "time_s": [60.0123, 115.7122, 120.0, 239.9999],
        "rating": [0, 1, 3, 2],
    }


def test_presses_are_sorted_and_ties_keep_the_order_of_the_log():
    presses = [("Response", key, 130.0) for key in ("3", "1", "4")] + [("Response", "2", 125.0)]
    found = place(SESSION + presses).key_presses
    assert found["rating"].tolist() == [1, 2, 0, 3]


@pytest.mark.parametrize("key", ["5", "0", "space", "", "1.0"])
def test_unknown_key_is_ignored_with_a_finding(key):
    found = place([*SESSION, ("Response", key, 130.0), ("Response", key, 30.0)])
    assert found.key_presses.empty
    (finding,) = found.findings
    assert (finding.kind, finding.line) == ("unknown_key", 10)
    assert f"key '{key}' during vid1" in finding.message


def test_next_clip_before_the_end_is_a_finding():
    late = [*SESSION[:3], ("Video", "vid2", 179.9)]
    assert place(late).findings == ()
    (finding,) = place([*SESSION[:3], ("Video", "vid2", 179.8999)]).findings
    assert (finding.kind, finding.line) == ("clip_cut_short", 8)
    assert "59.8999 s after vid1" in finding.message


def test_foreign_clip_is_listed_and_not_counted():
    found = place([("Video", "practice", 0.0), *SESSION])
    (finding,) = found.findings
    assert (finding.kind, finding.line) == ("foreign_clip", 6)
    assert "'practice' is none of vid1, vid2, vid5 and was not counted" in finding.message
    pd.testing.assert_frame_equal(found.timeline, place(SESSION).timeline)


def test_repeated_clip():
    message = refused([*SESSION, ("Video", "VID1", 240.0)])
    assert "line 10" in message and "vid1 again, first shown in line 8" in message


@pytest.mark.parametrize("rows", [SESSION[:3], [SESSION[0], *SESSION[1:3]]])
def test_missing_clip(rows):
    assert "expected a Video event vid2, found none; shown: vid5, vid1." in refused(rows)


def test_every_problem_is_named_at_once():
    lines = refused([*SESSION[:2], ("Video", "vid5", 120.0), ("Quit", "", 100.0)]).split("\n")
    assert [line.partition(" found ")[2][:12] for line in lines] == [
        "vid5 again, ",
        "Quit 40.0 s ",
        "none; shown:",
        "none; shown:",
    ]


def test_quit_inside_a_clip():
    message = refused([*SESSION[:3], ("Quit", "", 150.04)])
    assert "line 9: expected vid1 to play for 60 s, found Quit 30.0 s after its start" in message
    assert len(place([*SESSION, ("Quit", "", 240.0)]).timeline) == 3
    assert len(place([*SESSION[:2], ("Quit", "", 115.8), *SESSION[2:]]).timeline) == 3


@pytest.mark.parametrize(
    ("rows", "excluded", "orders"),
    [
        (SESSION, ["vid5"], {"vid1": 1, "vid2": 2}),
        (SESSION[:3], ["vid2"], {"vid5": 0, "vid1": 1}),
        ([*SESSION, ("Video", "vid1", 240.0)], ["vid1"], {"vid5": 0, "vid2": 2}),
        ([*SESSION, ("Quit", "", 200.0)], ["vid2"], {"vid5": 0, "vid1": 1}),
        ([("Video", "practice", 0.0), *SESSION], ["practice"], {"vid5": 1, "vid1": 2, "vid2": 3}),
    ],
)
def test_excluded_trials_are_dropped_but_count_in_the_order(rows, excluded, orders):
    found = place([*rows, ("Response", "9", 185.0), ("Response", "2", 185.0)], excluded=excluded)
    table = found.timeline.set_index("video")
    assert table["order"].to_dict() == orders
    assert set(found.key_presses["video"]) <= set(orders)
    assert table["n_steps"].tolist() == [550 if order else 507 for order in table["order"]]


def test_everything_excluded_keeps_the_columns():
    found = place(SESSION, excluded=list(CLIPS))
    assert found.timeline.empty and found.key_presses.empty
    assert found.timeline["n_steps"].dtype == "int64"
