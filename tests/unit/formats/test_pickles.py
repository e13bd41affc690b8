"""Only plain data come out of a pickle; everything else is refused by name, unexecuted."""

import builtins
import io
import pickle
import struct
from functools import partial

import numpy as np
import pytest

from tinglegram.errors import InputProblem
from tinglegram.formats.pickles import read_plain


class Call:
    """An object whose pickle calls `function` when it is loaded."""

    def __init__(self, function, *arguments):
        self.recipe = (function, arguments)

    def __reduce__(self):
        return self.recipe


def dump(value, protocol=4):
    return pickle.dumps(value, protocol=protocol)


@pytest.mark.parametrize("protocol", [3, 4])
def test_plain_data_come_out_as_they_went_in(protocol):
    array = np.arange(6, dtype="<i8").reshape(2, 3)
    value = {
        "a": [1, -5, 2**40, 1.5, True, None, "text", b"bytes", (), (1,), (1, 2, 3, 4)],
        "same": [array, array, np.asfortranarray(array), np.float32(0.25), np.zeros(0)],
        "big endian": np.array([1.5, 2.5], dtype=">f4"),
        "flags": np.array([True, False]),
    }
    read = read_plain(dump(value, protocol), "file")
    assert read["a"] == value["a"]
    for got, wanted in zip(read["same"], value["same"], strict=True):
        np.testing.assert_array_equal(got, wanted)
    assert read["same"][0] is read["same"][1]
    np.testing.assert_array_equal(read["big endian"], [1.5, 2.5])
    assert read["flags"].dtype == bool


def test_names_of_numpy_1_and_2_are_known():
    content = dump(np.arange(3))
    assert b"numpy._core.multiarray" in content
    older = content.replace(b"\x8c\x16numpy._core.multiarray", b"\x8c\x15numpy.core.multiarray")
    older = older[:2] + older[11:]  # without the frame, whose size no longer fits
    np.testing.assert_array_equal(read_plain(older, "file"), [0, 1, 2])


def raw(*parts):
    return b"\x80\x04" + b"".join(parts) + b"."


def word(text):
    return b"\x8c" + bytes([len(text)]) + text.encode()


def named(module, name):
    return word(module) + word(name) + b"\x93"


TOUCHED = []
MALICIOUS = {
    "os.system": (raw(named("os", "system"), word("touch /tmp/owned"), b"\x85R"), "'os.system'"),
    "global": (b"cos\nsystem\n(S'true'\ntR.", "'os.system'"),
    "eval": (dump(Call(builtins.eval, "TOUCHED.append(1)")), "'builtins.eval'"),
    "getattr": (dump(Call(getattr, Call(getattr, [], "append"), "x")), "'builtins.getattr'"),
    "numpy.load": (dump(Call(np.load, "x.npy")), r"'numpy\.load'"),
    "numpy.f2py": (raw(named("numpy.f2py", "compile"), word("x"), b"\x85R"), "numpy.f2py.compile"),
    "dotted": (raw(named("numpy", "ndarray.__class__"), b")R"), "ndarray.__class__"),
    "name that is no text": (raw(b"]]\x93"), "a reference whose name is not text"),
    "inst": (b"(S'true'\nios\nsystem\n.", "the instruction STRING"),
    "persistent": (b"Pid\n.", "the instruction PERSID"),
    "binpersid": (raw(word("id"), b"Q"), "the instruction BINPERSID"),
    "extension": (raw(b"\x82\x01"), "the instruction EXT1"),
    "newobj": (raw(named("numpy", "ndarray"), b")\x81"), "the instruction NEWOBJ"),
    "partial": (dump(partial(print)), "'functools.partial'"),
    "complex": (dump(1j), "'builtins.complex'"),
    "set": (dump({1}), "the instruction EMPTY_SET"),
    "objects": (dump(np.array([Call(builtins.eval, "1")], dtype=object)), "an array of type 'O8'"),
    "record": (dump(np.zeros(1, dtype=[("a", "i4")])), "an array of type 'V4'"),
    "time": (dump(np.zeros(1, dtype="M8[s]")), "an array of type 'M8'"),
    "dtype of itself": (
        raw(named("numpy", "dtype"), named("numpy", "dtype"), b"\x88\x88\x87R"),
        "a call that numpy does not write",
    ),
    "ndarray called": (raw(named("numpy", "ndarray"), b"K\x01\x85R"), "a call that numpy does not"),
    "reconstruct another class": (
        raw(
            named("numpy._core.multiarray", "_reconstruct"),
            named("numpy", "dtype"),
            b"K\x00\x85C\x01b\x87R",
        ),
        "a call that numpy does not write",
    ),
    "build on a name": (raw(named("numpy", "ndarray"), b"}b"), "a state for a Name"),
    "build on a list": (raw(b"]}b"), "a state for a list"),
    "key that is no text": (dump({1: 2}), "a dictionary whose keys are not text"),
    "append to a number": (raw(b"K\x01K\x02a"), "list items without a list"),
    "set in a list": (raw(b"]", word("a"), b"K\x01s"), "dict items without a dict"),
    "empty stack": (raw(b"\x85"), "cannot be parsed|without its operands"),
    "no mark": (raw(b"K\x01t"), "cannot be parsed|without its operands"),
    "unknown memo": (raw(b"h\x05"), "reference to value 5|cannot be parsed"),
    "left over": (raw(b"K\x01K\x01"), "values left over|cannot be parsed"),
}


@pytest.mark.parametrize("content, message", MALICIOUS.values(), ids=MALICIOUS)
def test_anything_but_plain_data_is_refused_by_name(content, message):
    with pytest.raises(InputProblem, match=message):
        read_plain(content, "file")
    assert not TOUCHED


def test_a_refusal_names_file_and_place_and_says_that_nothing_ran():
    with pytest.raises(InputProblem, match=r"^f\.pkl, byte \d+: .*Nothing was executed"):
        read_plain(MALICIOUS["os.system"][0], "f.pkl")


def array_state(shape, data, code="f8"):
    """A pickle of an array whose state says `shape` and holds `data`."""
    buffer = io.BytesIO()
    pickler = pickle._Pickler(buffer, 4)
    pickler.dump(np.zeros(1))
    content = buffer.getvalue()
    good = b"K\x01\x85"
    assert content.count(good) == 1 and content.endswith(b"C\x08" + bytes(8) + b"\x94t\x94b.")
    content = content[:2] + content[11:]
    content = content.replace(good, shape + b"\x85").replace(word("f8"), word(code))
    tail = b"C\x08" + bytes(8) + b"\x94t\x94b."
    return content[: -len(tail)] + b"B" + struct.pack("<I", len(data)) + data + b"\x94t\x94b."


@pytest.mark.parametrize(
    "shape, message",
    [
        (b"K\x02", "8 bytes for an array of shape"),
        (b"J\xff\xff\xff\xff", "an array whose shape"),
        (b"J\xff\xff\xff\x7f", "an array whose shape"),
        (b"\x8a\x08" + b"\xff" * 7 + b"\x7f", "an array whose shape"),
        (b"]", "an array whose shape"),
    ],
)
def test_an_array_has_the_shape_of_its_bytes(shape, message):
    with pytest.raises(InputProblem, match=message):
        read_plain(array_state(shape, bytes(8)), "file")


def test_the_array_state_of_these_tests_is_right():
    np.testing.assert_array_equal(read_plain(array_state(b"K\x02", bytes(16)), "file"), [0, 0])


@pytest.mark.parametrize("end", [0, 1, 30, 200])
def test_a_truncated_file_is_no_pickle(end):
    content = dump({"a": np.arange(100)})
    with pytest.raises(InputProblem, match="a complete pickle"):
        read_plain(content[:end], "file")


def test_announced_lengths_allocate_nothing():
    for content in (
        b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b"x.",
        b"\x80\x04]r\xff\xff\xff\xff.",
        b"\x80\x04\x95" + struct.pack("<Q", 2**62) + b"].",
    ):
        try:
            assert read_plain(content, "file") == []
        except InputProblem as problem:
            assert "a complete pickle" in str(problem)


def test_a_file_too_large_is_refused():
    with pytest.raises(InputProblem, match="at most 3 bytes, found 4 bytes"):
        read_plain(b"\x80\x04].", "file", max_bytes=3)
