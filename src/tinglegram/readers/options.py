"""Options of a reader (`data: options`), read into a dataclass, with a sentence for each fault."""

import dataclasses
import difflib
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from tinglegram.errors import TinglegramError

Options = TypeVar("Options")


def read_options(values: Mapping[str, Any], cls: type[Options], where: str) -> Options:
    """Return an object of a frozen dataclass from a mapping, as the configuration gives it.

    Fields may be text, numbers, booleans, literals, optional ones, tuples, mappings, and
    dataclasses of the same kind.

    Parameters
    ----------
    values : of `data: options`, or of a part of it.
    cls : dataclass that says what there is; fields without a default must be given.
    where : path of the mapping in the configuration, for messages (`data.options`).

    Raises
    ------
    TinglegramError : an unknown key (with the nearest known one), a missing one, or a value of
        another kind.
    """
    hints = get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    if not isinstance(values, Mapping):
        raise TinglegramError(f"{where}: expected keys and values, found {values!r}.")
    for key in values:
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(fields)}."
            raise TinglegramError(f"{where}: unknown key {key!r}. {hint}")
    found = {}
    for name, field in fields.items():
        if name in values:
            found[name] = _value(values[name], hints[name], f"{where}.{name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise TinglegramError(f"{where}: expected a key {name}, found none. Add it.")
    return cls(**found)


def _value(value: Any, kind: Any, where: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        if value is None and type(None) in inner:
            return None
        kinds = [one for one in inner if one is not type(None)]
        for one in kinds[:-1]:
            try:
                return _value(value, one, where)
            except TinglegramError:
                continue
        return _value(value, kinds[-1], where)
    if origin is Literal:
        if value in inner:
            return value
        raise _fault(where, f"one of {', '.join(map(str, inner))}", value)
    if dataclasses.is_dataclass(kind):
        return read_options(value, cast(type, kind), where)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise _fault(where, "keys and values", value)
        return {str(k): _value(v, inner[1], f"{where}.{k}") for k, v in value.items()}
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise _fault(where, "a list", value)
        return tuple(_value(v, inner[0], f"{where}[{i}]") for i, v in enumerate(value))
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    raise _fault(where, names.get(kind, kind.__name__), value)


def _fault(where: str, expected: str, found: Any) -> TinglegramError:
    return TinglegramError(f"{where}: expected {expected}, found {found!r}. Correct it.")
