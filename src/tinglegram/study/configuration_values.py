"""Checks every single value of a configuration against the schema, in words of its own."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from tinglegram.settings import EXPECTED

_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a section of keys",
    "null": "null",
}
_BOUNDS = {
    "minimum": "of at least",
    "exclusiveMinimum": "above",
    "maximum": "of at most",
    "exclusiveMaximum": "below",
}


@dataclass(frozen=True)
class Fault:
    """One fault of a configuration.

    Attributes
    ----------
    sentence : what is wrong; begins with the key.
    places : paths of the keys it is about, the ones to look at first in front.
    """

    sentence: str
    places: Sequence[Sequence[object]]


def _is_number(_: object, value: object) -> bool:
    # .nan and .inf are numbers of YAML that no setting can be.
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_integer(_: object, value: object) -> bool:
    # Unlike JSON's, ours are written without a point: 42.0 would reach a script as it stands.
    return isinstance(value, int) and not isinstance(value, bool)


_Validator = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"number": _is_number, "integer": _is_integer}
    ),
)


def value_faults(config: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield every unknown or missing key and every value of a wrong kind or size.

    Parameters
    ----------
    config : the merged configuration.
    schema : its JSON schema (draft 2020-12). `x-expected` says in words what a `pattern` asks.
    """
    unquoted = list(_unquoted(config, ()))
    if unquoted:
        # A schema cannot look at such keys.
        yield from unquoted
        return
    found = _Validator(schema).iter_errors(config)
    for fault in sorted(found, key=lambda fault: [str(part) for part in fault.absolute_path]):
        yield from _faults(fault)


def nearest(name: str, known: list[str]) -> str:
    """Return a hint that names the known word closest to `name`, or lists all of them."""
    close = get_close_matches(str(name), known, n=1)
    return f"Did you mean '{close[0]}'?" if close else f"Known: {', '.join(known)}."


def shown(value: object) -> str:
    """Return a value as it may stand in a configuration file, cut to a readable length."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _unquoted(section: object, place: tuple[object, ...]) -> Iterator[Fault]:
    if isinstance(section, Mapping):
        for key, value in section.items():
            inner = (*place, key)
            if not isinstance(key, str):
                yield Fault(f'{_dotted(inner)}: write this key in quotes: "{key}"', [inner])
            yield from _unquoted(value, inner)


def _faults(fault: ValidationError) -> Iterator[Fault]:
    place = tuple(fault.absolute_path)
    if fault.validator == "additionalProperties":
        known = list(fault.schema.get("properties", {}))
        for key in fault.instance:
            if key not in known:
                inner = (*place, key)
                yield Fault(f"{_dotted(inner)}: unknown key. {nearest(key, known)}", [inner])
    elif fault.validator == "required":
        for key in fault.validator_value:
            if key not in fault.instance:
                inner = (*place, key)
                remedy = "missing. Take its line over from config.yaml."
                yield Fault(f"{_dotted(inner)}: {remedy}", [inner])
    elif "propertyNames" in fault.absolute_schema_path:
        inner = (*place, fault.instance)
        sentence = (
            f"expected a name that is {expected(fault.schema)}, found {shown(fault.instance)}"
        )
        yield Fault(f"{_dotted(inner)}: {sentence}", [inner])
    else:
        sentence = f"expected {expected(fault.schema)}, found {shown(fault.instance)}"
        remedy = _remedy(fault.schema, fault.instance)
        yield Fault(f"{_dotted(place) or 'configuration'}: {sentence}{remedy}", [place])


def _dotted(place: Sequence[object]) -> str:
    return ".".join(map(str, place))


def expected(schema: Mapping[str, Any]) -> str:
    """Say what values a schema takes."""
    if EXPECTED in schema:
        return str(schema[EXPECTED])
    if "oneOf" in schema:
        return " or ".join(map(expected, schema["oneOf"]))
    if "const" in schema:
        return shown(schema["const"])
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    # Bounds speak of the first kind; null has none.
    kind, *others = [_KINDS[name] for name in types]
    limits = [f"{word} {schema[key]}" for key, word in _BOUNDS.items() if key in schema]
    if {"minimum", "maximum"} <= schema.keys():
        limits = [f"from {schema['minimum']} to {schema['maximum']}"]
    kind = " ".join([kind, " and ".join(limits)]).strip()
    if schema.get("minLength"):
        kind += " that is not empty"
    if types[0] == "array":
        kind += _of_list(schema)
    if schema.get("minProperties"):
        kind += f" with at least {schema['minProperties']} of them"
    return " or ".join([kind, *others])


def _of_list(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minItems"), schema.get("maxItems")
    said = f" of {least} values" if least == most and least else ""
    if least and least != most:
        said = f" of at least {least} value{'s' * (least > 1)}"
    return said + (", none of them twice" if schema.get("uniqueItems") else "")


def _remedy(schema: Mapping[str, Any], value: object) -> str:
    if not isinstance(value, str):
        return ""
    if "enum" in schema:
        return f". {nearest(value, list(map(str, schema['enum'])))}"
    try:
        float(value)
    except ValueError:
        return ""
    # YAML reads 5e-4 as text, and Snakemake what stands in braces after --config.
    return (
        ". This is text: in a file write it without quotes, and with a point before any e (5.0e-4)"
    )
