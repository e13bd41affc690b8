"""Steps like the training clips are near, strangers are far."""

import numpy as np
import pytest

from tinglegram.bundles.distance import (
    MOST_POINTS,
    distances,
    fit_reference,
    reference_arrays,
    stored_reference,
)


def clips(rng, number, steps=80, width=12):
    """Clips of one kind: four hidden courses mixed into all columns, each clip at its own level."""
    mix = np.random.default_rng(0).normal(size=(4, width))
    hidden = rng.normal(size=(number, steps, 4)) + 0.3 * rng.normal(size=(number, 1, 4))
    return list(hidden @ mix + 0.05 * rng.normal(size=(number, steps, width)) + 100)


def test_new_clips_of_the_kind_are_mostly_inside_and_others_outside():
    rng = np.random.default_rng(1)
    reference = fit_reference(clips(rng, 10))
    alike = np.concatenate(clips(rng, 20))
    assert 0.90 <= (distances(reference, alike) <= 1).mean() <= 0.99
    # Noise of the same mean and SD in every column, but without what ties columns together.
    noise = reference.mean + reference.sd * rng.normal(size=(500, 12))
    assert (distances(reference, noise) > 1).mean() > 0.8
    assert (distances(reference, np.zeros((5, 12))) > 10).all()


def test_of_left_out_training_clips_95_percent_are_inside():
    """What the threshold is, found again without its code."""
    own = clips(np.random.default_rng(2), 6)
    threshold = fit_reference(own).threshold
    inside = []
    for place, clip in enumerate(own):
        others = fit_reference(own[:place] + own[place + 1 :])
        inside.append(distances(others, clip) * others.threshold <= threshold)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.01)


def test_a_column_that_never_changes_in_training_is_noticed_when_it_does():
    rng = np.random.default_rng(3)
    own = [np.column_stack([clip, np.full(len(clip), 7.0)]) for clip in clips(rng, 5)]
    reference = fit_reference(own)
    changed = own[0].copy()
    changed[:, -1] = 30.0
    assert (distances(reference, own[0]) < 1).mean() > 0.9
    assert (distances(reference, changed) > 1).all()


def test_units_do_not_matter():
    own = clips(np.random.default_rng(4), 5)
    scale = 10.0 ** np.arange(-4, 8)
    some, others = fit_reference(own), fit_reference([clip * scale for clip in own])
    new = clips(np.random.default_rng(5), 1)[0]
    np.testing.assert_allclose(
        distances(some, new), distances(others, new * scale), rtol=1e-4, atol=1e-6
    )


def test_one_clip_gives_no_threshold():
    reference = fit_reference(clips(np.random.default_rng(6), 1))
    assert np.isnan(distances(reference, np.zeros((3, 12)))).all()


def test_a_large_study_keeps_few_points_and_comes_back_from_its_arrays():
    own = clips(np.random.default_rng(7), 3, steps=3000)
    reference = fit_reference(own)
    assert len(reference.points) <= MOST_POINTS
    again = stored_reference(reference_arrays(reference))
    np.testing.assert_array_equal(distances(again, own[0][:9]), distances(reference, own[0][:9]))
