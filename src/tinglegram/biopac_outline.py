"""What the first and the last bytes of a Biopac export tell about it, without parsing it."""

import math
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from tinglegram.biopac import agreed_rate, find_channel
from tinglegram.biopac_header import EXPORT_AGAIN, Header, read_header
from tinglegram.errors import InputProblem

# Enough for every header and for several rows of any export, in bytes.
HEAD_BYTES, TAIL_BYTES = 1 << 16, 1 << 12


@dataclass(frozen=True)
class Outline:
    """The sampling rate of an export, Hz, and its number of samples of one channel."""

    sampling_rate_hz: float
    n_samples: int

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return self.n_samples / self.sampling_rate_hz


def read_outline(
    head: bytes, tail: bytes, size: int, source: str, channel: str, sampling_rate: float | None
) -> Outline:
    """Understand an export by its ends.

    Parameters
    ----------
    head, tail : its first `HEAD_BYTES` and its last `TAIL_BYTES` bytes, or all of a shorter file.
    size : its size in bytes.
    source, channel, sampling_rate : as for `tinglegram.biopac.read_export`.

    Raises
    ------
    InputProblem : what `read_header` refuses, a missing channel, a contradicting rate, no row of
        samples, a last row that is cut short, and a last stamp that contradicts the row of
        sample counts.
    """
    header = read_header(head, source)
    column = find_channel(header, channel, source)
    rate = agreed_rate(header, sampling_rate, source)
    lines = tail[-(size - header.n_bytes) :].splitlines() if size > header.n_bytes else []
    rows = [line.decode("latin-1") for line in lines if line.strip()]
    if not rows:
        raise InputProblem(
            source, expected="rows of samples", found="only a header", remedy=EXPORT_AGAIN
        )
    stamp = _last_stamp(rows[-1], header, column, source)
    last_s = float(stamp) * header.seconds_per_unit
    n_samples = round(last_s * rate) + 1
    if header.counts is None or not header.counts[column]:
        return Outline(rate, n_samples)
    count = int(header.counts[column])
    # A stamp is as precise as its last digit; trailing zeros may be left out.
    precision = 10.0 ** int(stamp.as_tuple().exponent) * header.seconds_per_unit
    if abs((count - 1) / rate - last_s) > precision + 1 / rate:
        raise InputProblem(
            source,
            where="last row",
            expected=f"{count} samples of {header.labels[column]}, as the header counts",
            found=f"about {n_samples}, by the time {stamp} at {rate:g} Hz",
            remedy=f"The file was cut off or edited. {EXPORT_AGAIN}",
        )
    return Outline(rate, count)


def _last_stamp(row: str, header: Header, column: int, source: str) -> Decimal:
    cells = [cell.strip() for cell in row.split(header.delimiter)]
    with suppress(InvalidOperation, ValueError):
        if len(cells) > len(header.labels) and math.isfinite(float(cells[column + 1])):
            stamp = Decimal(cells[0])
            if stamp.is_finite():
                return stamp
    raise InputProblem(
        source,
        where="last row",
        expected=f"{len(header.labels) + 1} cells with numbers",
        found=repr(row[:60]),
        remedy=f"The row is damaged or cut short. {EXPORT_AGAIN}",
    )
