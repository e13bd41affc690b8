"""The figure of the response function's kernel, and what its caption says."""

import numpy as np
import pandas as pd

from tinglegram.report.figures.response_kernel import (
    describe_response_kernel,
    draw_response_kernel,
)

CENTRES, LAGS = (60.0, 1000.0, 5000.0, 12000.0), (-0.5, 0.0, 0.5, 1.0, 1.5)
FUNCTION = pd.DataFrame(
    {
        "target": ["group", "group", "person"],
        "features": ["sound", "picture", "sound"],
        "video": "all",
        "r": [0.421, np.nan, 0.2],
        "p_value": [0.012, np.nan, 0.3],
        "n_clips": [4, 2, 4],
    }
)
CLAIM = {
    "statistic": "mean weight",
    "source": "Somebody 2020",
    "value": -0.05,
    "p_value": 0.02,
    "verdict": "supported",
    "reason": "",
}


def kernel(features=("sound", "picture")):
    generator = np.random.default_rng(1)
    rows = [("sound", "envelope", hz, lag) for hz in CENTRES for lag in LAGS]
    rows += [("picture", kind, np.nan, lag) for kind in ("luminance", "motion") for lag in LAGS]
    table = pd.DataFrame(rows, columns=["features", "feature", "centre_hz", "lag_s"])
    table["weight"] = generator.normal(size=len(table))
    table.loc[2, "weight"] = -9.0
    table["se"], table["n_clips"] = 0.1, 4
    return table[table["features"].isin(features)]


def test_sound_is_a_map_with_symmetric_colours_and_picture_is_lines_with_bands():
    figure = draw_response_kernel(kernel())
    sound, picture = figure.axes[:2]
    (drawn,) = [c for c in sound.collections if c.get_array() is not None and c.get_clim()[0]]
    assert drawn.get_clim() == (-9.0, 9.0)
    np.testing.assert_allclose(drawn.get_array().reshape(4, 5)[0, 2], -9.0)
    # The window of the claim: the band at 5 kHz, 0.75 to 1.5 s.
    (frame,) = sound.patches
    assert frame.get_bbox().bounds == (0.75, 1.5, 0.75, 1.0)
    assert [text.get_text() for text in picture.get_legend().get_texts()] == [
        "luminance",
        "motion",
    ]


def test_what_a_study_lacks_has_no_panel():
    assert len(draw_response_kernel(kernel(("picture",))).axes) == 1
    nothing = draw_response_kernel(kernel(()))
    assert [text.get_text() for text in nothing.axes[0].texts] == ["Too few clips for a kernel."]


def test_the_caption_names_prediction_claim_and_what_is_not_computable():
    said = describe_response_kernel(kernel(), FUNCTION, pd.DataFrame([CLAIM]))
    assert "Left-out clips from sound: r = 0.42, 4 clips, p = 0.012" in said
    assert "Left-out clips from picture: not computable (2 clips)." in said
    assert "mean weight (Somebody 2020): -0.050, one-sided p = 0.020, supported." in said
    lacking = CLAIM | {"value": np.nan, "verdict": "not computable", "reason": "2 clips"}
    said = describe_response_kernel(kernel(()), FUNCTION, pd.DataFrame([lacking]))
    assert "mean weight (Somebody 2020): not computable (2 clips)." in said
    assert "jackknife" not in said
