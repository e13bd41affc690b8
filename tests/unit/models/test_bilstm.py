"""The BiLSTM learns what can be learned, the same way twice, and tests the epoch it should."""

import dataclasses
import json
import logging

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tinglegram.errors import TinglegramError
from tinglegram.models import bilstm
from tinglegram.models.adam import Adam
from tinglegram.models.batches import IGNORED, DeviceTrials, Packing
from tinglegram.models.bilstm import (
    BiLSTM,
    NetworkTraining,
    class_weights,
    fit_network,
    macro_f1,
    network_seed,
    train_epoch,
)
from tinglegram.models.standardise import fit_scaling, standardise, stored_scaling
from tinglegram.models.storage import network_file
from tinglegram.models.trained import read_model
from tinglegram.trials.trials import Split, Trials

CPU = torch.device("cpu")
T, FIRST, PEOPLE, CLIPS = 20, 14, 8, 4
ALL = ("visual", "acoustic", "pulse")
SETTINGS = NetworkTraining(
    hidden=8,
    layers=2,
    dropout=0.3,
    learning_rate=0.02,
    batch=8,
    epochs=12,
    padding="counted",
    checkpoint="last",
)


@pytest.fixture(scope="module")
def trials() -> Trials:
    """Eight people, four clips; the rating follows the sign of the second visual column."""
    rng = np.random.default_rng(3)
    visual = rng.normal(size=(CLIPS, T, 3)).astype("f4")
    acoustic = rng.normal(size=(2 * CLIPS, T, 2)).astype("f4")
    subject, clip = np.divmod(np.arange(PEOPLE * CLIPS), CLIPS)
    order = (clip + subject) % CLIPS
    n_steps = np.where(order == 0, FIRST, T)
    labels = ((visual[clip, :, 1] > 0) & (np.arange(T) < n_steps[:, None])).astype("u1")
    return Trials(
        subject=subject + 1,
        video=np.array([f"vid{c + 1}" for c in clip], dtype=object),
        condition=np.array(["ASMR"] * len(clip), dtype=object),
        order=order,
        n_steps=n_steps,
        ratings=labels,
        labels=labels,
        clip_index=clip,
        acoustic_index=2 * clip + (order == 0),
        visual=visual,
        acoustic=acoustic,
        pulse=(rng.normal(size=(len(clip), T)) * (np.arange(T) < n_steps[:, None])).astype("f4"),
        grid=10.0,
    )


@pytest.fixture(scope="module")
def split() -> Split:
    rows = np.arange(PEOPLE * CLIPS)
    return Split(1, rows[:20], rows[20:26], rows[26:])


def run(trials, split, modalities=ALL, seed=42, **changes):
    settings = dataclasses.replace(SETTINGS, **changes)
    return fit_network(trials, split, modalities, settings, seed=seed, device=CPU)


def test_learns_what_the_features_show(trials, split):
    fitted = run(trials, split)
    predicted = fitted.probability > 0.5
    assert (predicted == trials.labels[split.test]).mean() > 0.95
    assert fitted.history["train_loss"].iloc[-1] < 0.5 * fitted.history["train_loss"].iloc[0]
    assert fitted.history["validation_macro_f1"].iloc[-1] > 0.95


def test_same_seed_same_bits_other_seed_other_bits(trials, split):
    first, second = (run(trials, split, epochs=2) for _ in range(2))
    assert np.array_equal(first.probability, second.probability)
    assert all(torch.equal(first.weights[name], second.weights[name]) for name in first.weights)
    assert not np.array_equal(first.probability, run(trials, split, epochs=2, seed=7).probability)


def test_best_checkpoint_is_a_true_copy_of_the_first_strictly_best_epoch(
    trials, split, monkeypatch
):
    second = run(trials, split, epochs=2)

    def scripted():
        scores = iter([0.2, 0.9, 0.4, 0.9])
        monkeypatch.setattr(bilstm, "macro_f1", lambda *_: next(scores))

    scripted()
    best = run(trials, split, epochs=4, checkpoint="best")
    scripted()
    last = run(trials, split, epochs=4, checkpoint="last")
    assert best.history["selected"].tolist() == [False, True, False, False]
    assert last.history["selected"].tolist() == [False, False, False, True]
    assert np.array_equal(best.probability, second.probability)
    assert all(torch.equal(best.weights[name], second.weights[name]) for name in best.weights)
    assert not np.array_equal(last.probability, best.probability)


@pytest.mark.parametrize("modalities", [["pulse"], ["acoustic"], ["visual", "pulse"]])
@pytest.mark.parametrize("padding", ["counted", "masked"])
def test_any_subset_of_modalities(trials, split, modalities, padding):
    fitted = run(trials, split, modalities, epochs=1, padding=padding)
    assert fitted.probability.shape == (len(split.test), T)
    assert ((fitted.probability >= 0) & (fitted.probability <= 1)).all()
    assert fitted.weights["lstm.weight_ih_l0"].shape[1] == trials.width(modalities)


def test_features_on_the_device_are_those_in_memory(trials):
    data = DeviceTrials(trials, ALL[::-1], "counted", CPU)
    rows = [9, 0, 30]
    found = data.features(torch.tensor(rows)).numpy()
    assert np.array_equal(found, trials.features(rows, ALL))


def test_masked_padding_changes_nothing(trials, split):
    padded = ~trials.valid
    other = dataclasses.replace(
        trials,
        labels=np.where(padded, 1, trials.labels).astype("u1"),
        pulse=np.where(padded, 9, trials.pulse).astype("f4"),
    )
    # The count of class 1 is that of valid frames: padded labels are 0 by construction.
    counts = bilstm.class_counts(trials, split.train, "masked", 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bilstm, "class_counts", lambda *_: counts)
        one = run(trials, split, epochs=2, padding="masked")
        two = run(other, split, epochs=2, padding="masked")
        assert not run(other, split, epochs=2).history.equals(run(trials, split, epochs=2).history)
    assert one.history.equals(two.history)
    assert np.array_equal(one.probability, two.probability)


def test_masked_network_does_not_read_the_padding():
    torch.manual_seed(0)
    network = BiLSTM(3, 4, 2, 0.0).eval()
    features, swap = torch.randn(2, 6, 3), torch.tensor([1, 0])
    packing = Packing(lengths=torch.tensor([6, 4]), order=swap, back=swap)
    changed = features.clone()
    changed[0, 4:] = 5.0
    assert torch.equal(network(features, packing)[0, :4], network(changed, packing)[0, :4])
    assert not torch.equal(network(features)[0, :4], network(changed)[0, :4])
    full = Packing(torch.tensor([6, 6]), swap, swap)
    assert torch.allclose(network(features, full), network(features), atol=1e-6)


def test_packed_order_leads_back(trials):
    data = DeviceTrials(trials, ALL, "masked", CPU)
    rows = torch.tensor([0, 1, 2, 7, 9, 10, 3])
    batches = list(data.batches(rows, 4))
    assert torch.equal(torch.cat([batch.rows for batch in batches]), rows)
    for batch in batches:
        packing = batch.packing
        assert torch.equal(packing.lengths, data.n_steps[batch.rows[packing.order]])
        assert (packing.lengths.diff() <= 0).all()
        assert torch.equal(packing.order[packing.back], torch.arange(len(batch.rows)))
    assert {len(batch.packing.lengths.unique()) for batch in batches} == {2}


class Traffic(TorchDispatchMode):
    """Notes the operations that bring together main memory and the device, but for numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        found = func(*args, **(kwargs or {}))
        tensors = [t for t in tree_leaves((args, kwargs, found)) if isinstance(t, torch.Tensor)]
        if len({t.device.type for t in tensors if t.dim()}) > 1:
            self.seen.append(func.overloadpacket.__name__)
        return found


@pytest.mark.parametrize("padding", ["counted", "masked"])
def test_an_epoch_waits_for_the_device_once(trials, split, padding):
    # A meta tensor has no values: to ask for one, as `item` does, is an error.
    device = torch.device("meta")
    data = DeviceTrials(trials, ALL, padding, device)
    network = BiLSTM(data.width, SETTINGS.hidden, SETTINGS.layers, SETTINGS.dropout).to(device)
    optimiser = Adam(network.parameters(), SETTINGS.learning_rate)
    loss_of = torch.nn.CrossEntropyLoss(torch.ones(2, device=device))
    rows = torch.from_numpy(split.train)
    with Traffic() as traffic:
        total = train_epoch(network, data, optimiser, loss_of, rows, SETTINGS.batch)
    # Packing reads lengths where they are, in main memory; only the indices are copied.
    reads = {"_pack_padded_sequence", "_pack_padded_sequence_backward", "lstm"}
    assert [name for name in traffic.seen if name not in reads] == ["_to_copy"]
    assert total.device == device and total.dtype == torch.float64


def test_loss_is_the_class_weighted_mean(trials, split):
    counts = bilstm.class_counts(trials, split.train, "counted", 1)
    weights = np.array(class_weights(counts))
    fitted = run(trials, split, epochs=1, batch=100, learning_rate=0.0)
    labels = trials.labels[split.validation]
    data = DeviceTrials(trials, ALL, "counted", CPU)
    network = BiLSTM(data.width, SETTINGS.hidden, SETTINGS.layers, SETTINGS.dropout)
    network.load_state_dict(fitted.weights)
    logits = data.all_logits(network, torch.from_numpy(split.validation), 3).double()
    of_label = np.take_along_axis(logits.log_softmax(-1).numpy(), labels[..., None], -1)[..., 0]
    expected = -(weights[labels] * of_label).sum() / weights[labels].sum()
    assert fitted.history["validation_loss"].iloc[0] == pytest.approx(expected, rel=1e-5)


def test_class_weights_known_answer():
    assert class_weights((75, 25)) == [pytest.approx(2 / 3), 2.0]


@given(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)))
def test_weighted_classes_have_equal_mass(counts):
    first, second = (w * n for w, n in zip(class_weights(counts), counts, strict=True))
    assert first == pytest.approx(second) == pytest.approx(sum(counts) / 2)


def test_macro_f1_known_answers():
    logits = torch.nn.functional.one_hot(torch.tensor([[1, 1, 0, 0, 1]]), 2).float()
    # F1 of class 1: 2/3; of class 0: 1/2 with one false positive, one miss and one ignored frame.
    targets = torch.tensor([[1, 0, 1, 0, IGNORED]])
    assert macro_f1(targets, logits) == pytest.approx(0.5)
    # No frame of class 1 in the validation trials: its F1 is 0, without a warning.
    assert macro_f1(torch.zeros(1, 5, dtype=torch.int64), logits) == pytest.approx((4 / 7) / 2)


def test_network_seeds():
    assert network_seed(42, True, "fusion", 3) == 42
    assert [network_seed(42, True, "fusion", 3, k) for k in (1, 2, 3)] == [42, 43, 44]
    drawn = {
        network_seed(42, False, name, fold, replicate)
        for name in ("fusion", "visual")
        for fold in range(1, 5)
        for replicate in (1, 2)
    }
    assert len(drawn) == 16
    assert network_seed(42, False, "fusion", 1) in drawn


def test_progress_line_per_epoch(trials, split, caplog):
    with caplog.at_level(logging.INFO, logger="tinglegram.models.bilstm"):
        run(trials, split, epochs=2)
    assert [message[:16] for message in caplog.messages] == ["fold 1 epoch 1/2", "fold 1 epoch 2/2"]


def test_absent_class_names_the_fold(trials, split):
    none = dataclasses.replace(trials, labels=np.zeros_like(trials.labels))
    with pytest.raises(TinglegramError, match="training frames of fold 1 is of class 0"):
        run(none, split)


def test_a_loss_that_is_not_finite(trials, split):
    broken = dataclasses.replace(trials, pulse=np.full_like(trials.pulse, np.nan))
    with pytest.raises(TinglegramError, match="fold 1 is not finite in epoch 1.*learning_rate"):
        run(broken, split)


@pytest.mark.parametrize("padding", ["counted", "masked"])
def test_a_stored_network_predicts_what_it_did_after_training(trials, split, padding):
    scalings = fit_scaling(trials, split.train, ALL)
    settings = dataclasses.replace(SETTINGS, epochs=2, padding=padding, checkpoint="best")
    scaled = standardise(trials, scalings)
    fitted = fit_network(scaled, split, ALL, settings, seed=42, device=CPU)
    content = network_file(
        fitted.weights, scalings, settings, modalities=ALL, fold=split.fold, seed=42
    )
    stored = load(content)
    found = stored_scaling({name: tensor.numpy() for name, tensor in stored.items()})
    assert list(found) == list(ALL)
    again = standardise(trials, found)
    # Whatever the generator's state, and for other trials than those it was tested on.
    torch.manual_seed(3)
    predicted = bilstm.predict_network(again, split.test, ALL, settings, stored, device=CPU)
    assert np.array_equal(predicted, fitted.probability)
    everybody = bilstm.predict_network(again, np.arange(32), ALL, settings, stored, device=CPU)
    assert everybody.shape == (32, T)
    changed = dataclasses.replace(again, pulse=again.pulse + 1)
    other = bilstm.predict_network(changed, split.test, ALL, settings, stored, device=CPU)
    assert not np.array_equal(other, predicted)


def test_a_network_is_read_from_its_file_with_all_it_was_made_with(trials, split, tmp_path):
    scalings = fit_scaling(trials, split.train, ALL)
    settings = dataclasses.replace(SETTINGS, epochs=1)
    scaled = standardise(trials, scalings)
    fitted = fit_network(scaled, split, ALL, settings, seed=42, device=CPU)
    path = tmp_path / "weights.safetensors"
    modalities = ["pulse", "visual", "acoustic"]
    path.write_bytes(
        network_file(fitted.weights, scalings, settings, modalities=modalities, fold=1, seed=42)
    )
    # The format begins with the length of its header.
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    about = header["__metadata__"]["tinglegram"]
    own = {"modalities": list(ALL), "fold": 1, "seed": 42}
    assert about == json.dumps(dataclasses.asdict(settings) | own, sort_keys=True)
    predict = read_model(path, modalities, "cpu")
    assert np.array_equal(predict(trials, split.test), fitted.probability)
