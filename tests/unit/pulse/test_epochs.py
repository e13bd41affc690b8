"""Slices by sample index are exact; slices by printed time are the released code's."""

import numpy as np
import pytest
from export_files import export

from tinglegram.formats.biopac import read_export
from tinglegram.formats.recording import Recording
from tinglegram.pulse.epochs import first_sample, pack_epoch, unpack_epoch
from tinglegram.pulse.slicing import slice_by_index, slice_by_printed_time
from tinglegram.pulse.windows import Windowing, exact_windows, measure_windows

MINUTES = 14
SETTINGS = Windowing()


def recording(rate=2000.0, seconds=MINUTES * 60):
    index = np.arange(int(rate * seconds))
    printed = np.concatenate(
        # What "%.6g" prints, without formatting 1.7 million numbers.
        [_six_digits(part) for part in np.array_split(index / rate / 60, 20)]
    )
    return Recording(index.astype(float), printed * 60.0, rate, "CH2", "", "", "", "utf-8", ())


def _six_digits(minutes):
    magnitude = np.floor(np.log10(np.maximum(minutes, 1e-9))).astype(int)
    scale = 10.0 ** (5 - magnitude)
    return np.rint(minutes * scale) / scale


@pytest.fixture(scope="module")
def long():
    return recording()


@pytest.mark.parametrize(
    ("start", "clip", "n_samples"), [(36.4159, 55.7, 101_400), (700.0001, 60.0, 110_000)]
)
def test_index_slices_are_exact(long, start, clip, n_samples):
    cut = slice_by_index(long, "x", "vid1", start + 5, start + clip)
    assert len(cut.signal) == n_samples
    assert cut.signal[0] == np.ceil(round((start + 5) * 10_000) / 5)
    assert cut.time_s[0] >= round(start + 5, 4)
    assert cut.time_s[0] - (start + 5) < 0.0005


def test_first_sample_is_exact_on_the_edge():
    assert first_sample(0.3, 2000) == 600
    assert first_sample(0.3001, 2000) == 601
    # 4.35 x 100 is 434.99999999999994 in floating point.
    assert first_sample(4.35, 100) == 435


def test_printed_slices_follow_the_released_mask(long):
    for start in (36.4159, 95.0003, 700.0001, 700.0013):
        cut = slice_by_printed_time(long, "x", "vid1", start + 5.0, start + 60.0)
        mask = (long.printed_time_s >= start + 5.0) & (long.printed_time_s < start + 60.0)
        assert np.array_equal(cut.signal, long.signal[mask])
        assert np.array_equal(cut.time_s, long.printed_time_s[mask])


def test_printed_slices_differ_by_a_few_samples(long):
    starts = 600 + np.arange(20) * 7.0003
    lengths = [len(slice_by_printed_time(long, "x", "v", s + 5, s + 60).signal) for s in starts]
    assert len(set(lengths)) > 1
    assert all(abs(n - 110_000) <= 13 for n in lengths)


def test_stamps_collide_after_minute_ten(long):
    late = long.printed_time_s[long.printed_time_s > 601]
    early = long.printed_time_s[(long.printed_time_s > 66) & (long.printed_time_s < 500)]
    assert len(np.unique(late)) == pytest.approx(len(late) / 12, rel=0.01)
    assert np.diff(np.unique(early)).max() == pytest.approx(0.0006, abs=1e-9)


def test_a_recording_may_end_with_its_last_clip():
    short = recording(rate=100.0, seconds=50)
    assert len(slice_by_index(short, "x", "vid1", 5.0, 50.0).signal) == 4500


def test_packing_and_unpacking(long):
    by_index = slice_by_index(long, "x", "vid1", 641.0002, 696.0002)
    printed = slice_by_printed_time(long, "x", "vid1", 641.0002, 696.0002)
    arrays = pack_epoch("vid1", by_index, printed) | {"sampling_rate_hz": np.array(2000.0)}
    assert set(arrays) == {"vid1", "vid1@printed_time", "vid1@printed_time_s", "sampling_rate_hz"}
    assert arrays["vid1"].dtype == np.float32
    for slice_by, clip in (("sample_index", by_index), ("printed_time", printed)):
        again = unpack_epoch(arrays, "vid1", slice_by, 641.0002)
        assert np.array_equal(again.signal, clip.signal.astype(np.float32))
        assert np.array_equal(again.time_s, clip.time_s)
    assert set(pack_epoch("vid1", by_index, None)) == {"vid1"}
    with pytest.raises(ValueError, match="slice_by"):
        unpack_epoch(arrays, "vid1", "guess", 641.0002)


@pytest.mark.parametrize("rate", [62.5, 125.0, 500.0, 1000.0, 4000.0])
@pytest.mark.parametrize("configured", [True, False])
def test_any_rate_reaches_the_windows(rate, configured):
    time = np.arange(round(16 * rate)) / rate
    # 12 significant digits: the header's interval is the exact rate.
    interval = "no interval" if configured else f"{1000 / rate:.12g} msec/sample"
    content = export(np.sin(2 * np.pi * 1.25 * time), rate, interval=interval)
    read = read_export(content, "x", "CH2", rate if configured else None)
    for cut in (slice_by_index, slice_by_printed_time):
        clip = cut(read, "x", "vid1", 2.0, 15.0)
        assert len(clip.signal) == pytest.approx(13 * rate, abs=1)
        windows = exact_windows(2.0, 15.0, 10, SETTINGS)
        table = measure_windows(clip, windows, np.zeros(130), read.sampling_rate_hz, SETTINGS)
        # Peaks lie on samples: at 62.5 Hz an interval of 800 ms is 50 of them.
        assert table["pulse_rate_bpm"].to_numpy() == pytest.approx(np.full(8, 75.0), rel=0.01)
