"""Slopes of known size, MixedLM's own estimates, and a test that holds its level."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from tinglegram.pulse import mixed_model
from tinglegram.pulse.mixed_model_checks import CHECK_COLUMNS, autocorrelation, check_assumptions
from tinglegram.report.figures.mixed_model import describe_mixed_model, draw_mixed_model

ASMR, NATURE = "slope in ASMR", "slope in Nature"
DIFFERENCE = "slope, ASMR - Nature"


def study(
    seed,
    people=20,
    clips=3,
    n=8,
    slopes=(-2.0, 0.5),
    slope_sd=0.8,
    change=-3.0,
    carry=0.0,
    noise=1.5,
):
    """Windows of a study with known slopes; `carry`: autocorrelation of the noise in a clip."""
    random = np.random.default_rng(seed)
    shape = (people, 2 * clips, n)
    white = random.normal(0, noise, shape)
    error = white.copy()
    for k in range(1, n):
        error[..., k] = carry * error[..., k - 1] + np.sqrt(1 - carry**2) * white[..., k]
    rating = np.clip(np.cumsum(random.normal(0, 0.6, shape), axis=2) + 1, 0, 3)
    person, clip, position = np.indices(shape)
    target = clip < clips
    slope = np.where(target, *slopes) + random.normal(0, slope_sd, people)[:, None, None]
    base = random.normal(70, 6, people)[:, None, None]
    own = np.concatenate(
        [
            part - part.mean(axis=(1, 2), keepdims=True)
            for part in (rating[:, :clips], rating[:, clips:])
        ],
        axis=1,
    )
    rate = base + change * target + slope * own + error
    return pd.DataFrame(
        {
            "subject": person.ravel() + 1,
            "video": np.char.add("vid", clip.ravel().astype(str)),
            "condition": np.where(target, "ASMR", "Nature").ravel(),
            "start_s": 5.0 * position.ravel(),
            "position": position.ravel(),
            "pulse_rate_bpm": rate.ravel(),
            "mean_rating": rating.ravel(),
        }
    )


def fitted(windows, **more):
    how = {"confidence": 0.95, "family": "mixed model"} | more
    return mixed_model.fit_mixed_model(windows, "ASMR", "Nature", **how)


def test_known_slopes_are_recovered():
    table = fitted(study(1, people=40)).table.set_index("term")
    for term, truth in ((ASMR, -2.0), (NATURE, 0.5), (DIFFERENCE, -2.5)):
        row = table.loc[term]
        assert row["ci_low"] < truth < row["ci_high"]
        assert row["estimate"] == pytest.approx(truth, abs=0.4)
        assert row["p_holm"] >= row["p_bh"] >= row["p_value"]
    assert table.loc[ASMR, "estimate"] - table.loc[NATURE, "estimate"] == pytest.approx(
        table.loc[DIFFERENCE, "estimate"]
    )
    assert (table["n_participants"] == 40).all() and (table["n_windows"] == 40 * 48).all()
    assert (table["random_effects"] == "intercept and slope").all()
    assert table["p_value"].isna().tolist() == [True, False, False, False, False]


def test_estimates_are_those_of_statsmodels():
    windows = study(2)
    model = fitted(windows)
    rows = model.rows
    target = (rows["condition"] == "ASMR").to_numpy(dtype=float)
    rating = rows["rating"].to_numpy()
    exog = np.column_stack([np.ones(len(rows)), target, rating, rating * target])
    own = MixedLM(
        rows["pulse_rate_bpm"].to_numpy(), exog, rows["subject"].to_numpy(), exog_re=exog[:, [0, 2]]
    ).fit()
    table = model.table.set_index("term")
    estimates = table.loc[["pulse rate in Nature", "pulse rate, ASMR - Nature", NATURE, DIFFERENCE]]
    assert estimates["estimate"].to_numpy() == pytest.approx(own.fe_params, abs=1e-3)
    assert estimates["se_naive"].to_numpy() == pytest.approx(own.bse_fe, rel=1e-3)
    assert estimates["p_naive"].to_numpy()[1:] == pytest.approx(own.pvalues[1:4], abs=1e-4)
    effects = np.array([own.random_effects[s] for s in model.participants["subject"]])
    found = model.participants[["intercept_bpm", "slope_bpm"]].to_numpy()
    assert found == pytest.approx(effects, abs=5e-3)
    assert rows["fitted_bpm"].to_numpy() == pytest.approx(own.fittedvalues, abs=5e-3)


def test_one_condition_has_a_slope_and_no_difference():
    windows = study(4)
    alone = windows[windows["condition"] == "ASMR"]
    how = {"confidence": 0.95, "family": "mixed model"}
    table = mixed_model.fit_mixed_model(alone, "ASMR", **how).table
    assert list(table["term"]) == ["pulse rate in ASMR", ASMR]
    own = table.set_index("term")
    assert own.loc[ASMR, "ci_low"] < -2.0 < own.loc[ASMR, "ci_high"]
    assert own.loc[ASMR, "p_holm"] == own.loc[ASMR, "p_value"]


def test_three_conditions_have_slopes_and_differences_from_the_last():
    windows = study(5, people=40)
    third = study(6, people=40, slopes=(1.0, 1.0), change=0.0)
    third = third[third["condition"] == "ASMR"].assign(condition="Sea")
    third["video"] = "sea" + third["video"]
    how = {"confidence": 0.95, "family": "mixed model"}
    both = pd.concat([windows, third])
    table = mixed_model.fit_mixed_model(both, "ASMR", "Nature", "Sea", **how).table
    assert list(table["term"]) == [
        *("pulse rate in Sea", "pulse rate, ASMR - Sea", "pulse rate, Nature - Sea"),
        *(ASMR, NATURE, "slope in Sea", "slope, ASMR - Sea", "slope, Nature - Sea"),
    ]
    slopes = table.set_index("term")["estimate"]
    assert slopes[[ASMR, NATURE, "slope in Sea"]].tolist() == pytest.approx([-2, 0.5, 1], abs=0.4)
    assert slopes["slope, ASMR - Sea"] == pytest.approx(slopes[ASMR] - slopes["slope in Sea"])
    reason = mixed_model.fit_mixed_model(windows, "ASMR", "Nature", "Sea", **how).table["reason"]
    assert set(reason) == {"fewer than 3 participants with windows in Sea"}


def test_ratings_are_centred_within_person_and_condition():
    windows = study(3)
    shifted = windows.copy()
    # People who rate higher have a lower pulse: nothing the slope within a person should see.
    shifted["mean_rating"] += shifted["subject"] * 0.5
    shifted["pulse_rate_bpm"] -= shifted["subject"] * 10
    ours, theirs = (fitted(w).table.set_index("term")["estimate"] for w in (windows, shifted))
    assert ours[ASMR] == pytest.approx(theirs[ASMR], abs=0.02)
    assert ours[DIFFERENCE] == pytest.approx(theirs[DIFFERENCE], abs=0.02)


def test_the_robust_test_is_level_with_autocorrelated_noise_and_the_naive_one_is_not():
    robust, naive = [], []
    for seed in range(80):
        windows = study(seed, people=10, clips=2, n=6, slopes=(0, 0), slope_sd=0, carry=0.8)
        row = fitted(windows).table.set_index("term").loc[DIFFERENCE]
        robust.append(row["p_value"] < 0.05)
        naive.append(row["p_naive"] < 0.05)
    # 0.05 with a standard error of 0.024 in 80 studies.
    assert np.mean(robust) < 0.125
    assert np.mean(naive) > np.mean(robust) + 0.05


def test_overlapping_windows_are_thinned():
    starts = np.arange(12.0)
    windows = pd.DataFrame(
        {
            "subject": 1,
            "video": np.repeat(["vid1", "vid2"], 12),
            "start_s": np.tile(starts, 2),
            "pulse_rate_bpm": np.where(np.tile(starts, 2) == 5, np.nan, 70.0),
        }
    )
    kept = mixed_model.spread_out(windows.sample(frac=1, random_state=0), 5.0, 1.0)
    assert kept["start_s"].tolist() == [0, 5, 10] * 2
    assert kept["position"].tolist() == [0, 1, 2] * 2
    # A window without value keeps its place, so that later ones stay neighbours of none.
    assert kept["pulse_rate_bpm"].isna().tolist() == [False, True, False] * 2
    assert len(mixed_model.spread_out(windows, 5.0, 2.0)) == 8
    assert len(mixed_model.spread_out(windows, 1.0, 1.0)) == 24


def test_without_slopes_between_people_simpler_random_effects_are_taken_and_said():
    kinds = set()
    for seed in range(12):
        model = fitted(study(seed, people=8, slope_sd=0.0, n=4))
        kinds.add(model.random_effects)
        assert (model.table["random_effects"] == model.random_effects).all()
        assert bool(model.findings) == (model.random_effects != "intercept and slope")
        verdict = check_assumptions(model, alpha=0.05).iloc[0]
        assert verdict["holds"] == (model.random_effects == "intercept and slope")
        assert model.random_effects in verdict["statistic"]
        assert model.table["p_value"].iloc[1:].notna().all()
    assert "intercept" in kinds


def test_where_no_random_effects_can_be_estimated_least_squares_are_taken_and_said(monkeypatch):
    def fail(*_, **__):
        raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr(mixed_model.MixedLM, "fit", fail)
    model = fitted(study(4, people=8))
    assert model.random_effects == "none"
    assert [f"random {k}: Singular matrix" for k in ("intercept and slope", "intercept")] == list(
        model.findings
    )
    rows = model.rows
    target = (rows["condition"] == "ASMR").to_numpy(dtype=float)
    exog = np.column_stack([np.ones(len(rows)), target, rows["rating"], rows["rating"] * target])
    plain = np.linalg.lstsq(exog, rows["pulse_rate_bpm"].to_numpy(), rcond=None)[0]
    assert model.table["estimate"].iloc[[0, 1, 3, 4]].to_numpy() == pytest.approx(plain)
    assert model.table["se"].notna().all()
    assert (model.participants[["intercept_bpm", "slope_bpm"]] == 0).all(axis=None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda w: w[w["subject"] < 3], "fewer than 3 participants with windows in ASMR"),
        (lambda w: w[w["condition"] == "ASMR"], "fewer than 3 participants with windows in Nature"),
        (lambda w: w.assign(mean_rating=1.0), "nobody's rating changes between windows in ASMR"),
        (lambda w: w.assign(pulse_rate_bpm=70.0), "the pulse rate is the same in all windows"),
        (
            lambda w: w.assign(pulse_rate_bpm=33.1 + np.arange(len(w)) % 3 * 7e-15),
            "the pulse rate is the same in all windows",
        ),
        (
            lambda w: w.assign(pulse_rate_bpm=33.0 + w["subject"]),
            "nobody's pulse rate changes between windows in ASMR",
        ),
        (
            lambda w: w.assign(pulse_rate_bpm=33.0 + w["subject"] + (w["condition"] == "ASMR")),
            "nobody's pulse rate changes between windows in ASMR",
        ),
        (
            lambda w: w.assign(
                pulse_rate_bpm=w["pulse_rate_bpm"].where(w["condition"] == "ASMR", 33.1)
            ),
            "nobody's pulse rate changes between windows in Nature",
        ),
        (
            lambda w: w.assign(pulse_rate_bpm=w["subject"] + 0.3 * w["mean_rating"]),
            "nothing is left of the pulse rate beside means and one slope of the rating",
        ),
        (lambda w: w.assign(pulse_rate_bpm=np.nan), "fewer than 3 participants"),
        (lambda w: w.iloc[:0], "fewer than 3 participants"),
    ],
)
def test_what_holds_no_model_is_said(change, reason):
    model = fitted(change(study(5, people=6)))
    assert len(model.table) == 5
    assert model.table["reason"].str.contains(reason).all()
    assert model.table[["estimate", "p_value", "p_holm"]].isna().all(axis=None)
    table = check_assumptions(model, alpha=0.05)
    assert reason.lower() in table["verdict"].iloc[0].lower()
    assert draw_mixed_model(model.rows, model.participants).get_suptitle().startswith("no model")


def test_a_tiny_study_passes_through():
    model = fitted(study(6, people=4, clips=2, n=2))
    assert (model.table["reason"] == "").all()
    assert model.table["estimate"].notna().all()
    assert list(check_assumptions(model, alpha=0.05).columns) == CHECK_COLUMNS


@pytest.mark.parametrize("carry", [0.0, 0.7])
def test_autocorrelation_of_residuals_is_measured_within_clips(carry):
    model = fitted(study(7, people=34, n=10, carry=carry))
    by_lag = autocorrelation(model.rows, 2).set_index("lag")
    # Residuals lose a little to the slopes fitted to them.
    assert by_lag.loc[1, "r"] == pytest.approx(carry, abs=0.12)
    assert by_lag["n_pairs"].tolist() == [34 * 6 * 9, 34 * 6 * 8]
    row = (
        check_assumptions(model, alpha=0.001)
        .set_index("check")
        .loc["independence of neighbouring windows"]
    )
    assert row["holds"] == (carry == 0)
    assert ("not to be trusted" in row["verdict"]) == (carry > 0)


def test_neighbours_are_those_one_window_apart():
    rows = pd.DataFrame(
        {
            "subject": 1,
            "video": ["a", "a", "a", "b"],
            "position": [0, 1, 3, 4],
            "residual_bpm": [1.0, -1.0, 1.0, 1.0],
        }
    )
    by_lag = autocorrelation(rows, 3)
    assert by_lag["n_pairs"].tolist() == [1, 1, 1]
    assert by_lag["r"].tolist() == [-1, -1, 1]


def test_broken_assumptions_are_found_and_kept_ones_are_not():
    fine = check_assumptions(fitted(study(8, people=30)), alpha=0.001).set_index("check")
    assert fine["holds"].all()
    windows = study(8, people=30)
    random = np.random.default_rng(1)
    rate = windows["pulse_rate_bpm"]
    windows["pulse_rate_bpm"] = rate + random.standard_t(2, len(rate)) * np.exp((rate - 70) / 8)
    broken = check_assumptions(fitted(windows), alpha=0.001).set_index("check")
    assert not broken.loc["normal residuals", "holds"]
    assert not broken.loc["equal variance", "holds"]


def test_the_figure_has_its_four_panels():
    model = fitted(study(9, people=6))
    figure = draw_mixed_model(model.rows, model.participants, note="careful")
    assert [axis.get_xlabel() for axis in figure.axes] == [
        "Normal quantile",
        "Fitted pulse rate (bpm)",
        "Lag (windows of the same clip)",
        "Normal quantile",
    ]
    assert len(figure.axes[1].collections[0].get_offsets()) == 6 * 48
    assert "288 windows" in describe_mixed_model(model.rows, model.participants, "intercept")


def test_showings_of_a_clip_are_windows_of_their_own():
    """A clip seen twice is as two clips; who saw it once has no order."""
    apart = study(4, people=4, clips=1, n=6).drop(columns="position")
    again = apart.assign(order=np.where(apart["condition"] == "ASMR", 0.0, 1.0), video="vid0")
    again.loc[again["subject"] == 1, "order"] = np.nan
    again.loc[again["subject"] == 1, "video"] = apart["video"]
    found, expected = (mixed_model.spread_out(w, 5.0, 2.5) for w in (again, apart))
    assert sorted(found["position"]) == sorted(expected["position"]) == sorted([0, 1, 2] * 8)
    models = [fitted(windows) for windows in (found, expected)]
    assert "order" in models[0].rows and "order" not in models[1].rows
    first, second = (autocorrelation(model.rows, 2) for model in models)
    assert first["n_pairs"].tolist() == second["n_pairs"].tolist() == [16, 8]
    np.testing.assert_allclose(first["r"], second["r"])
