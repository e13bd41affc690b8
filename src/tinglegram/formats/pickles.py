"""Reading numbers out of a pickle without running it.

A pickle is a program: loading one runs whatever its author put into it. Here its instructions are
listed by the standard library's `pickletools`, which only parses, and the few that build plain
data are carried out by the interpreter below. It knows numbers, text, lists, dictionaries, tuples
and numpy arrays of numbers; it imports nothing and calls nothing. Everything else is refused by
name.
"""

import math
import pickletools
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinglegram.errors import InputProblem

# What numpy writes into a pickle of protocol 4, under its names before and since version 2.
_MAKERS = {
    f"numpy.{core}.multiarray.{name}": name
    for core in ("core", "_core")
    for name in ("_reconstruct", "scalar")
} | {"numpy.ndarray": "ndarray", "numpy.dtype": "dtype"}
# Booleans, integers and floats of fixed size; O (objects), V (records), S, U and M stay out.
_NUMERIC = re.compile(r"b1|[iu][1248]|f[248]")

# The authors' file takes under 10,000; these are worked off in a second.
_MOST_INSTRUCTIONS = 200_000

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_LITERALS = {
    *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
    *("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
    *("SHORT_BINBYTES", "BINBYTES", "BINBYTES8"),
}
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class _Refused(Exception):
    """What stands in the pickle that plain data would not hold."""


_MARK = object()


@dataclass(frozen=True)
class _Name:
    maker: str


@dataclass
class _DType:
    code: str
    order: str = "="

    def numpy(self) -> np.dtype:
        return np.dtype(self.order.replace("|", "=") + self.code)


@dataclass
class _Unbuilt:
    """An array that was announced and whose numbers come later, and where it was remembered."""

    slots: list[int] = field(default_factory=list)


def read_plain(content: bytes, source: str, *, max_bytes: int = 16 * 2**20) -> Any:
    """Return the plain data a pickle describes, without executing anything in it.

    Parameters
    ----------
    content : the file's bytes (pickle protocol 2 to 4).
    source : name of the file, for messages.
    max_bytes : largest file read. Numbers must stand in the file and instructions are counted,
        so this bounds memory and time.

    Returns
    -------
    None, bool, int, float, str, bytes, numpy arrays of booleans, integers or floats, and lists,
    tuples and dictionaries (with text as keys) of these.

    Raises
    ------
    InputProblem : the file is too large, cut short, or holds anything but plain data.
    """
    expected = "a pickle of plain numbers, text, lists, dictionaries and numpy arrays"
    if len(content) > max_bytes:
        raise InputProblem(
            source,
            expected=f"at most {max_bytes} bytes",
            found=f"{len(content)} bytes",
            remedy="Is this the authors' file of predictions?",
        )
    machine, position = _Machine(), 0
    try:
        for count, (opcode, argument, place) in enumerate(pickletools.genops(content)):
            position = place or 0
            if count == _MOST_INSTRUCTIONS:
                raise _Refused(f"more than {_MOST_INSTRUCTIONS} instructions")
            machine.step(opcode.name, argument)
    except _Refused as refused:
        raise InputProblem(
            source,
            where=f"byte {position}",
            expected=expected,
            found=str(refused),
            remedy="Nothing was executed. If you trust the file, load it yourself and save it"
            " with pickle protocol 4 as plain lists, numbers and numpy arrays.",
        ) from None
    # genops reports every malformed or short file as a ValueError.
    except ValueError as problem:
        raise InputProblem(
            source,
            where=f"after byte {position}",
            expected="a complete pickle",
            found=f"a file that cannot be parsed ({problem})",
            remedy="Download the file again.",
        ) from None
    return machine.result


class _Machine:
    """The part of the pickle machine that builds plain data."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.result: Any = None

    def step(self, name: str, argument: Any) -> None:
        if name in _LITERALS:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _TUPLES:
            self.stack.append(tuple(self._pop(_TUPLES[name])))
        else:
            action = getattr(self, f"_op_{name.lower()}", None)
            if action is None:
                raise _Refused(f"the instruction {name}")
            action(argument)

    def _pop(self, count: int) -> list[Any]:
        taken = self.stack[len(self.stack) - count :] if count else []
        if len(taken) < count or any(item is _MARK for item in taken):
            raise _Refused("an instruction without its operands")
        del self.stack[len(self.stack) - count :]
        return taken

    def _pop_mark(self) -> list[Any]:
        for depth, item in enumerate(reversed(self.stack)):
            if item is _MARK:
                taken = self._pop(depth)
                self.stack.pop()
                return taken
        raise _Refused("an instruction without its operands")

    def _top(self, kind: type) -> Any:
        (top,) = self._pop(1)
        if type(top) is not kind:
            raise _Refused(f"{kind.__name__} items without a {kind.__name__}")
        self.stack.append(top)
        return top

    def _op_proto(self, version: int) -> None: ...

    def _op_frame(self, size: int) -> None: ...

    def _op_stop(self, _: None) -> None:
        (self.result,) = self._pop(1)
        if self.stack:
            raise _Refused("values left over at the end")

    def _op_mark(self, _: None) -> None:
        self.stack.append(_MARK)

    def _op_tuple(self, _: None) -> None:
        self.stack.append(tuple(self._pop_mark()))

    def _op_empty_list(self, _: None) -> None:
        self.stack.append([])

    def _op_empty_dict(self, _: None) -> None:
        self.stack.append({})

    def _op_append(self, _: None) -> None:
        items = self._pop(1)
        self._top(list).extend(items)

    def _op_appends(self, _: None) -> None:
        items = self._pop_mark()
        self._top(list).extend(items)

    def _op_setitem(self, _: None) -> None:
        self._set(self._pop(2))

    def _op_setitems(self, _: None) -> None:
        self._set(self._pop_mark())

    def _set(self, items: list[Any]) -> None:
        target = self._top(dict)
        if len(items) % 2 or not all(type(key) is str for key in items[::2]):
            raise _Refused("a dictionary whose keys are not text")
        target.update(zip(items[::2], items[1::2], strict=True))

    def _op_memoize(self, _: None) -> None:
        self._op_binput(len(self.memo))

    def _op_binput(self, slot: int) -> None:
        (top,) = self._pop(1)
        self.stack.append(top)
        self.memo[slot] = top
        if isinstance(top, _Unbuilt):
            top.slots.append(slot)

    _op_long_binput = _op_binput

    def _op_binget(self, slot: int) -> None:
        if slot not in self.memo:
            raise _Refused(f"a reference to value {slot}, which was not stored")
        self.stack.append(self.memo[slot])

    _op_long_binget = _op_binget

    def _op_global(self, name: str) -> None:
        self._refer(name.replace(" ", "."))

    def _op_stack_global(self, _: None) -> None:
        names = self._pop(2)
        if not all(type(name) is str for name in names):
            raise _Refused("a reference whose name is not text")
        self._refer(".".join(names))

    def _refer(self, name: str) -> None:
        if name not in _MAKERS:
            raise _Refused(f"a reference to {name[:80]!r}")
        self.stack.append(_Name(_MAKERS[name]))

    def _op_reduce(self, _: None) -> None:
        maker, arguments = self._pop(2)
        match maker, arguments:
            # Never another class than ndarray: a subclass could bring its own behaviour.
            case _Name("_reconstruct"), (_Name("ndarray"), (0,), b"b"):
                self.stack.append(_Unbuilt())
            case _Name("dtype"), (str(code), bool(), bool()):
                if not _NUMERIC.fullmatch(code):
                    raise _Refused(f"an array of type {code[:20]!r}, not of numbers")
                self.stack.append(_DType(code))
            case _Name("scalar"), (_DType() as dtype, bytes(data)):
                self.stack.append(_array(dtype, (), data, False).item())
            case _:
                raise _Refused("a call that numpy does not write for an array of numbers")

    def _op_build(self, _: None) -> None:
        target, state = self._pop(2)
        match target, state:
            case _DType(), (3, ("<" | ">" | "|") as order, None, None, None, -1, -1, 0):
                target.order = order
                self.stack.append(target)
            case _Unbuilt(), (1, tuple(shape), _DType() as dtype, bool(fortran), bytes(data)):
                array = _array(dtype, shape, data, fortran)
                self.memo.update(dict.fromkeys(target.slots, array))
                target.slots.clear()
                self.stack.append(array)
            case _:
                raise _Refused(f"a state for a {type(target).__name__.strip('_')}")


def _array(dtype: _DType, shape: tuple[Any, ...], data: bytes, fortran: bool) -> np.ndarray:
    kind = dtype.numpy()
    # What is refused is never printed: lists nested by reference would print without end.
    if len(shape) > 32 or not all(type(n) is int and 0 <= n <= len(data) for n in shape):
        raise _Refused("an array whose shape is not that of its bytes")
    if math.prod(shape) * kind.itemsize != len(data):
        raise _Refused(f"{len(data)} bytes for an array of shape {shape} and type {kind}")
    return np.frombuffer(data, kind).reshape(shape, order="F" if fortran else "C")
