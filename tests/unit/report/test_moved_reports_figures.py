"""What the figures and tables of lags and of reported onsets and offsets say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from tinglegram.report.figures.moved_reports import (
    describe_lags,
    describe_locked,
    draw_lags,
    draw_locked,
)
from tinglegram.report.tables.plain import plain_caption, plain_table, shown_rows

EMPTY = {"measure": "pulse_rate", "largest": False, "p_value": np.nan, "n_participants": 0}


def course(x: str, y: str, **named: object) -> pd.DataFrame:
    """Three places, the last of which is the largest."""
    return pd.DataFrame(
        {
            x: [-1.0, 0.0, 1.0],
            y: [0.0, 0.1, -0.25],
            "band_low": -0.1,
            "band_high": 0.12,
            "largest": [False, False, True],
            "p_value": [np.nan, np.nan, 0.0312],
            "n_participants": [20, 21, 21],
            "n_clips": 4,
            "n_events": [90, 100, 95],
            "n_cut_short": 12,
            "reason": np.nan,
            "measure": "pulse_rate",
        }
    ).assign(**named)


def lags() -> pd.DataFrame:
    """One condition with a course, one without."""
    none = pd.DataFrame([EMPTY | {"condition": "sea", "n_clips": 2, "reason": "nobody changes"}])
    return pd.concat([course("lag_s", "r_mean", condition="joy"), none], ignore_index=True)


def locked() -> pd.DataFrame:
    """Onsets with a course, no offsets."""
    onset = course("time_s", "mean_change", condition="joy", edge="onset")
    none = EMPTY | {"condition": "joy", "edge": "offset", "reason": "nobody reported one"}
    return pd.concat([onset, pd.DataFrame([none])], ignore_index=True)


def texts(figure: Figure) -> str:
    return "\n".join(t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text")))


def test_the_largest_lag_is_marked_and_named() -> None:
    figure = draw_lags(lags(), ["joy", "sea"], note="Simulated.")
    said = texts(figure)
    assert "joy: largest at 1 s, p = 0.0312" in said and "no test: nobody changes" in said
    assert "Lag (s; above 0: pulse rate after rating)" in said and "Simulated." in said
    (mark,) = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert (mark.get_xdata().tolist(), mark.get_ydata().tolist()) == ([1.0], [-0.25])
    (band,) = figure.axes[0].collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (-0.1, 0.12)
    assert not figure.axes[1].lines
    # A condition that nobody saw with a pulse has its place too; two conditions share an axis.
    assert len(draw_lags(lags(), ["joy", "sea", "sky"]).axes) == 3
    assert "no clip of it was seen with a pulse" in texts(draw_lags(lags(), ["sky"]))


def test_onsets_and_offsets_stand_side_by_side() -> None:
    figure = draw_locked(locked(), ["joy"])
    said = texts(figure)
    assert "joy, onsets: largest at 1 s, p = 0.0312" in said
    assert "no test: nobody reported one" in said and "Time after the onset (s)" in said
    assert len(figure.axes) == 2


@pytest.mark.parametrize(
    "caption",
    [describe_lags(lags(), ["joy", "sea"], 0.95), describe_locked(locked(), ["joy"], 0.95, 5.0)],
)
def test_captions_say_whom_the_result_speaks_of_and_what_the_band_is(caption) -> None:
    assert "It speaks of these people and clips" in caption
    assert "Grey: where 95 % of shifts lie at that" in caption
    assert "the same step for all its viewers" in caption
    assert "whose own largest over all" in caption


def test_captions_count() -> None:
    assert describe_lags(lags(), ["joy", "sea"], 0.9).endswith(
        "N, joy: 21 people, 4 clips; sea: 0 people, 2 clips."
    )
    caption = describe_locked(locked(), ["joy"], 0.95, 5.0)
    assert "begins to show 2.5 s before it" in caption
    assert caption.endswith(
        "N, joy, onsets: up to 100 events of 21 people, 12 of them without all times."
    )


@pytest.mark.parametrize(("name", "table"), [("pulse_lags", lags()), ("pulse_locked", locked())])
def test_tables_print_the_largest_and_what_is_lacking(name, table) -> None:
    rows = shown_rows(name, table)
    assert len(rows) == 2 and "largest" not in rows
    printed = plain_table(rows, draws=99, source="s.tsv")
    assert printed["p_value"].tolist() == ["0.0312", "n/a"]
    assert "It speaks of these people and clips" in plain_caption(name, rows)
    assert shown_rows("agreement", table) is table
