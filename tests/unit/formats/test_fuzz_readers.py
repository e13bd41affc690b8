"""Whatever bytes a reader is given, it returns a table or one of our errors, in bounded memory."""

import os
import pickle
import resource
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from export_files import SIGNAL, export
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from paths import ROOT

from tinglegram.errors import InputProblem
from tinglegram.formats.biopac import read_export
from tinglegram.formats.presentation import read_log
from tinglegram.models.published import read_predictions

# Inputs tried per run, for each of the three readers; quoted in docs/reliability.md.
ANY_BYTES, MUTATIONS = 300, 1000
# What a reader may take for each of `NASTY`: address space beyond its libraries, processor time.
MEMORY_BYTES, SECONDS = 2**30, 20

READERS: dict[str, Callable[[bytes], object]] = {
    "log": lambda content: read_log(content, "file"),
    "export": lambda content: read_export(content, "file", "CH2", None),
    "predictions": lambda content: read_predictions(content, "file"),
}

LOG = (
    "Scenario - rest\r\nLogfile written - 10/03/2013 09:53:34\r\n\r\n"
    "Subject\tTrial\tEvent Type\tCode\tTime\tTTime\tUncertainty\tDuration\tUncertainty\r\n\r\n"
    "S01\t1\tVideo\tvid1\t-120\t0\t1\t600000\t2\r\nS01\t1\tResponse\t3\t10000\t10120\t1\r\n"
    "S01\t1\tManual\t振動\t10000\t10120\tNA\r\nS01\t1\tQuit\t\t20000\t20120\t1\r\n\r\n"
    "Event Type\tCode\tType\tResponse\tRT\r\nVideo\tvid9\tother\t\t\r\n"
)


def _trial(subject: int, video: str) -> dict:
    rating = np.arange(8, dtype="f4") % 4
    label = (rating > 0).astype("i8")
    return {"subj": subject, "vid_name": video, "is_nature": 0, "truths": label} | {
        "raw_truths": rating,
        "probs": np.linspace(0, 1, 8, dtype="f4"),
        "preds": label,
    }


TRIALS = [_trial(1, "vid1"), _trial(2, "vid1"), _trial(2, "vid2")]
VALID = {
    "log": [LOG.encode(name) for name in ("utf-8", "utf-16", "cp932")],
    "export": [
        export(SIGNAL[:12]),
        export(SIGNAL[:12], delimiter=",", trailing="", newline="\n"),
        export(SIGNAL[:12], counts=False, unit="msec", interval="2000 samples/sec"),
        export(SIGNAL[:12], names=("脈波", "脈波, フィルタ"), encoding="cp932"),
    ],
    "predictions": [pickle.dumps(TRIALS, protocol=protocol) for protocol in (3, 4)],
}

# What is likely to stand where a number or a word should.
ODD = [b"", b"\0", b"\xff", b"\xe3\x81", b"\r", b"\n", b"\t", b",", b'"', b"nan", b"-inf", b"1e308"]
ODD += [b"1e-400", b"9" * 25, b"0x10", b"1_0", b"CH2", b"9999999 channels", b"Subject", b"\x80\x04"]

position = st.integers(0, 5000)
length = st.integers(0, 80)
change = st.one_of(
    st.tuples(st.just("flip"), position, st.integers(0, 7)),
    st.tuples(st.just("cut"), position, length),
    st.tuples(st.just("end"), position, length),
    st.tuples(st.just("insert"), position, st.binary(max_size=6) | st.sampled_from(ODD)),
    st.tuples(st.just("repeat"), position, length),
    st.tuples(st.just("swap"), position, length),
)


def mutated(content: bytes, changes: list[tuple]) -> bytes:
    """Flip, cut, insert, repeat and swap blocks of `content`."""
    for kind, where, what in changes:
        at = where % (len(content) + 1)
        before, after = content[:at], content[at:]
        if kind == "flip" and after:
            content = before + bytes([after[0] ^ 1 << what]) + after[1:]
        elif kind == "cut":
            content = before + after[what:]
        elif kind == "end":
            content = before
        elif kind == "insert":
            content = before + what + after
        elif kind == "repeat":
            content = before + after[:what] + after
        elif kind == "swap":
            content = before + after[what : 2 * what] + after[:what] + after[2 * what :]
    return content


def gives_a_table_or_our_error(kind: str, content: bytes) -> bool:
    """Whether it was a table; any other exception is let through."""
    try:
        READERS[kind](content)
    except InputProblem as problem:
        assert str(problem).startswith("file") and problem.remedy
        return False
    return True


ROOMY = [HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=ANY_BYTES, suppress_health_check=ROOMY)
@given(st.binary(max_size=600))
def test_any_bytes(kind, content):
    gives_a_table_or_our_error(kind, content)


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=MUTATIONS, suppress_health_check=ROOMY)
@given(st.integers(0, 11), st.lists(change, min_size=1, max_size=5))
def test_any_mutation_of_a_valid_file(kind, which, changes):
    valid = VALID[kind][which % len(VALID[kind])]
    gives_a_table_or_our_error(kind, mutated(valid, changes))


@pytest.mark.parametrize("kind", READERS)
def test_the_files_that_are_mutated_are_valid(kind):
    assert all(gives_a_table_or_our_error(kind, content) for content in VALID[kind])


BIG = 50 * 2**20
TABLE = LOG.split("S01")[0].encode()
ROW = b"S01\t1\tVideo\tvid1\t10\t0\t1\t600000\t2\r\n"
HEADER = export(SIGNAL[:0], counts=False)
NASTY = {
    "log: a line of 50 MB": ("log", lambda: TABLE + b"x" * BIG),
    "log: blank lines": ("log", lambda: TABLE + b"\n" * (4 * 2**20 - len(TABLE))),
    "log: carriage returns": ("log", lambda: TABLE + ROW + b"\r" * 2**21 + b"x"),
    "log: tabs": ("log", lambda: TABLE + ROW + b"\t" * 2**21),
    "log: a number of 1 MB": ("log", lambda: TABLE + ROW.replace(b"10", b"9" * 2**20)),
    "export: a line of 50 MB": ("export", lambda: HEADER + b"0\t0\t0\t\n" + b"1" * BIG),
    "export: a number of 50 MB": ("export", lambda: HEADER + b"0\t0\t" + b"0" * BIG + b"\t\n"),
    "export: a title of 50 MB": ("export", lambda: b"x" * BIG),
    "export: tabs": ("export", lambda: HEADER + b"\t" * BIG),
    "export: blank lines": ("export", lambda: HEADER + b"\n" * BIG),
    "export: 9999999 channels": (
        "export",
        lambda: export(SIGNAL[:9]).replace(b"2 channels", b"9999999 channels"),
    ),
    "export: a count of 60,000 digits": (
        "export",
        lambda: export(SIGNAL[:9]).replace(b"2 channels", b"9" * 60_000 + b" channels"),
    ),
    "predictions: 10 GB announced": (
        "predictions",
        lambda: b"\x80\x04\x8e" + struct.pack("<Q", 10 * 2**30) + b"x.",
    ),
    "predictions: a number of 2 GB announced": (
        "predictions",
        lambda: b"\x80\x04\x8b" + struct.pack("<i", 2**31 - 1) + b"\x01.",
    ),
    "predictions: lists in lists": (
        "predictions",
        lambda: b"\x80\x04" + b"]" * 90_000 + b"a" * 89_999 + b".",
    ),
    "predictions: 15 million lists": ("predictions", lambda: b"\x80\x04" + b"]" * (15 * 10**6)),
    "predictions: references that double": (
        "predictions",
        lambda: b"\x80\x04]\x94" + b"".join(b"]\x94" + b"h%ca" % i * 2 for i in range(100)) + b".",
    ),
}


def test_memory_and_time_are_bounded():
    """In a process of its own, whose limits make it fail where a reader would go on and on."""
    said = subprocess.run(
        [sys.executable, __file__],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "tests/errors"), *sys.path])},
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.split("\n")[:-1] == list(NASTY)


def _read_within_limits() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES,) * 2)
    for name, (kind, make) in NASTY.items():
        content = make()
        # The system kills the process when it has used this much of a processor.
        until = round(time.process_time()) + SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
        gives_a_table_or_our_error(kind, content)
        print(name)


if __name__ == "__main__":
    _read_within_limits()
