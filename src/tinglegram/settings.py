"""One declaration per setting: name, type, bounds, help and default, beside the code that uses it.

A step declares what it can be told as a frozen dataclass::

    @section("pulse")
    class Windowing:
        window: Annotated[float, ABOVE_ZERO, "Seconds of a sliding window."] = 5.0

From such classes come the schema of the configuration, the parameters of the rules (`as_options`),
the parsers of the scripts (`add_settings`), the objects that functions take (`read_settings`) and
the table of settings in the documentation.
"""

import argparse
import dataclasses
import shlex
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import (
    Any,
    Literal,
    NamedTuple,
    TypeVar,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

Settings = TypeVar("Settings")


class Bounds(dict[str, Any]):
    """What a value must meet beyond its type, as keywords of JSON schema."""


ABOVE_ZERO = Bounds(exclusiveMinimum=0)
AT_LEAST_ZERO = Bounds(minimum=0)
AT_LEAST_ONE = Bounds(minimum=1)
SHARE = Bounds(minimum=0, exclusiveMaximum=1)
CLOSED_SHARE = Bounds(minimum=0, maximum=1)
NOT_EMPTY = Bounds(minLength=1)
NO_REPEATS = Bounds(uniqueItems=True)


@dataclasses.dataclass(frozen=True)
class Each:
    """Bounds of every entry of a list or of every value of a mapping."""

    bounds: Bounds


@dataclasses.dataclass(frozen=True)
class Keys:
    """Bounds of every key of a mapping."""

    bounds: Bounds


def written_as(pattern: str, words: str) -> Bounds:
    """Return the bounds of a text that a regular expression matches whole, said in `words`."""
    # JSON schema's `$` also matches before a line end.
    return Bounds(pattern=f"^{pattern}$(?!\\n)", **{EXPECTED: words})


# Keyword of our schemas: what a `pattern` asks, in words, for messages.
EXPECTED = "x-expected"


@dataclasses.dataclass(frozen=True)
class At:
    """Where a field's value stands in the configuration, if not in its class's section."""

    path: tuple[str, ...]


class Switch:
    """Marks a field whose value a protocol decides (docs/protocols.md), not the configuration."""


SWITCH = Switch()


class Setting(NamedTuple):
    """One field of a class of settings.

    `path` leads to it in the configuration; for a switch it is its name alone. `default` is
    `dataclasses.MISSING` where config.yaml or an overlay must name a value.
    """

    name: str
    path: tuple[str, ...]
    kind: Any
    bounds: Bounds
    each: Bounds
    keys: Bounds
    help: str
    default: Any
    is_switch: bool

    @property
    def option(self) -> str:
        """The option of a command line that takes it."""
        return "--" + self.name.replace("_", "-")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def section(path: str) -> Callable[[type[Settings]], type[Settings]]:
    """Make a class a frozen dataclass whose fields stand at `path`, such as `pulse.quality`."""

    def declared(cls: type[Settings]) -> type[Settings]:
        made = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        made.section = tuple(path.split(".")) if path else ()  # type: ignore[attr-defined]
        return made

    return declared


@cache
def fields_of(cls: type) -> tuple[Setting, ...]:
    """Return every setting of a class, in order."""
    hints = get_type_hints(cls, include_extras=True)
    found = []
    for field in dataclasses.fields(cls):
        kind, *notes = get_args(hints[field.name])
        texts = [note for note in notes if isinstance(note, str)]
        own = next((note for note in notes if isinstance(note, Bounds)), Bounds())
        each = next((note.bounds for note in notes if isinstance(note, Each)), Bounds())
        keys = next((note.bounds for note in notes if isinstance(note, Keys)), Bounds())
        at = next((note.path for note in notes if isinstance(note, At)), None)
        is_switch = any(isinstance(note, Switch) for note in notes)
        path = (*cls.section, field.name) if at is None else at  # type: ignore[attr-defined]
        if is_switch:
            path = (field.name,)
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        found.append(Setting(field.name, path, kind, own, each, keys, texts[0], default, is_switch))
    return tuple(found)


@cache
def only(cls: type, *names: str) -> type[Any]:
    """Return a class of settings with some fields of another: a step that reads no more of it."""
    hints = get_type_hints(cls, include_extras=True)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    made = dataclasses.make_dataclass(
        f"{cls.__name__}_{'_'.join(names)}",
        [(name, hints[name], _same_default(fields[name])) for name in names if name in fields],
        frozen=True,
        kw_only=True,
    )
    lacking = [name for name in names if name not in fields]
    if lacking:
        raise ValueError(f"{cls.__name__} has no setting {', '.join(lacking)}")
    made.section = cls.section  # type: ignore[attr-defined]
    return made


def _same_default(field: dataclasses.Field[Any]) -> Any:
    """Return a new field with the default of another, as a class cannot share its fields."""
    if field.default_factory is not dataclasses.MISSING:
        return dataclasses.field(default_factory=field.default_factory)
    return dataclasses.field(default=field.default)


def value_at(config: Mapping[str, Any], path: Sequence[str]) -> Any:
    """Return the value that stands at a path of a configuration."""
    value: Any = config
    for key in path:
        value = value[key]
    return value


def as_words(value: object) -> list[str]:
    """Return the words of a command line that stand for a value."""
    if isinstance(value, Mapping):
        return [word for key, entry in value.items() for word in _pair(key, entry)]
    if isinstance(value, list | tuple):
        return [_as_word(entry) for entry in value]
    return [_as_word(value)]


def _pair(key: str, entry: object) -> list[str]:
    """Return NAME=VALUE, or NAME.FIELD=VALUE of each field of an entry that is not null."""
    if isinstance(entry, Mapping):
        fields = {f"{key}.{name}": value for name, value in entry.items() if value is not None}
        return [f"{name}={','.join(as_words(value))}" for name, value in fields.items()]
    return [f"{key}={_as_word(entry)}"]


def _as_word(value: object) -> str:
    # A parser takes -0.00001 for a number, and -1e-05 for an option.
    return f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)


def options_of(classes: Iterable[type]) -> list[Setting]:
    """Return the settings of classes, each once, as one command line takes them.

    Raises
    ------
    ValueError : two settings that stand at different places would be one option.
    """
    found: dict[str, Setting] = {}
    for setting in (setting for cls in classes for setting in fields_of(cls)):
        other = found.setdefault(setting.name, setting)
        if other.path != setting.path:
            places = " and ".join(".".join(one.path) for one in (other, setting))
            raise ValueError(f"{places} would both be {setting.option}: name one of them otherwise")
    return list(found.values())


def as_options(
    config: Mapping[str, Any], *classes: type, switches: Mapping[str, Any] | None = None
) -> str:
    """Return the options of a script for classes of settings: the parameter of its rule.

    Parameters
    ----------
    config : the merged configuration.
    classes : what the script is told.
    switches : of the protocol, if a class holds switches.

    Returns
    -------
    Shell words. A setting that is null is left out.
    """
    words: list[str] = []
    for setting in options_of(classes):
        source = switches if setting.is_switch else config
        if source is None:
            raise ValueError(f"{setting.name} is a switch: say of which protocol")
        value = value_at(source, setting.path)
        if isinstance(value, bool):
            words.append(setting.option if value else f"--no-{setting.option[2:]}")
        elif value is not None:
            words += [setting.option, *as_words(value)]
    return shlex.join(words)


def as_object(
    config: Mapping[str, Any],
    cls: type[Settings],
    switches: Mapping[str, Any] | None = None,
) -> Settings:
    """Return an object of a class of settings from a merged configuration."""
    values = {}
    for setting in fields_of(cast(type, cls)):
        value = value_at((switches or {}) if setting.is_switch else config, setting.path)
        entry = _entry_class(setting.kind)
        if entry is not None:
            value = {name: _entry(entry, fields) for name, fields in value.items()}
        values[setting.name] = tuple(value) if isinstance(value, list) else value
    return cls(**values)


def _entry_class(kind: Any) -> type | None:
    """Return the class of the entries of a mapping; None where they are plain values."""
    origin = get_origin(kind)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        value = get_args(kind)[1]
        return value if dataclasses.is_dataclass(value) else None  # type: ignore[return-value]
    return None


def _entry(cls: type, fields: Mapping[str, Any]) -> Any:
    """Return an entry from its keys in a configuration; those it lacks have their default."""
    return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()})


def add_settings(
    parser: argparse.ArgumentParser, *classes: type, with_defaults: bool = False
) -> None:
    """Add the options of classes of settings to a script's parser.

    Parameters
    ----------
    with_defaults : an option that is not given has the default of its declaration: for programs
        that people call, not rules. A rule hands over every setting.
    """
    for setting in options_of(classes):
        kind, optional = _plain(setting.kind)
        how: dict[str, Any] = {"required": not optional, "help": _help(setting.help)}
        if with_defaults and setting.default is not dataclasses.MISSING:
            how |= {"required": False, "default": setting.default}
        origin = get_origin(kind)
        if kind is bool:
            how["action"] = argparse.BooleanOptionalAction
        elif origin is tuple:
            entry, *rest = get_args(kind)
            how |= _word(entry) | {"nargs": "*" if rest == [...] else 1 + len(rest)}
        elif _entry_class(kind) is not None:
            how |= pairs_of(str, "NAME.FIELD=VALUE", nargs="*")
        elif origin is dict or isinstance(origin, type) and issubclass(origin, Mapping):
            how |= pairs_of(get_args(kind)[1], nargs="*")
        else:
            how |= _word(kind)
        parser.add_argument(setting.option, **how)


def read_settings(options: argparse.Namespace, cls: type[Settings]) -> Settings:
    """Return an object of a class of settings from the options that `add_settings` added."""
    values = {}
    for setting in fields_of(cast(type, cls)):
        value = getattr(options, setting.name)
        if isinstance(value, list):
            value = tuple(value)
        entry = _entry_class(setting.kind)
        values[setting.name] = value if entry is None else _read_entries(entry, value)
    return cls(**values)


def _read_entries(cls: type, words: Mapping[str, str]) -> dict[str, Any]:
    """Return name -> entry from NAME.FIELD=VALUE words; fields without one have their default."""
    kinds = {setting.name: _plain(setting.kind)[0] for setting in fields_of(cls)}
    found: dict[str, dict[str, Any]] = {}
    for word, text in words.items():
        name, _, field = word.partition(".")
        kind, fields = kinds[field], found.setdefault(name, {})
        if get_origin(kind) is tuple:
            fields[field] = tuple(get_args(kind)[0](part) for part in text.split(","))
        else:
            fields[field] = text if get_origin(kind) is Literal else kind(text)
    return {name: cls(**fields) for name, fields in found.items()}


class _Pairs(argparse.Action):
    """Collects NAME=VALUE words as a mapping, in their order; no name may come twice."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        found = dict(values)
        if len(found) < len(values):
            names = [name for name, _ in values]
            twice = dict.fromkeys(name for name in names if names.count(name) > 1)
            raise argparse.ArgumentError(self, f"named more than once: {', '.join(twice)}")
        setattr(namespace, self.dest, found)


def pairs_of(
    kind: Callable[[str], Any], metavar: str = "NAME=VALUE", nargs: str = "+"
) -> dict[str, Any]:
    """Return how a parser reads NAME=VALUE words as a mapping: arguments of `add_argument`."""

    def pair(text: str) -> tuple[str, Any]:
        name, found, value = text.partition("=")
        if not found:
            raise argparse.ArgumentTypeError(f"expected {metavar}, found {text!r}")
        return name, kind(value)

    return {"action": _Pairs, "type": pair, "metavar": metavar, "nargs": nargs}


def _word(kind: Any) -> dict[str, Any]:
    """Return how a parser reads one word."""
    if get_origin(kind) is Literal:
        return {"choices": get_args(kind), "type": type(get_args(kind)[0])}
    return {"type": kind}


def _help(text: str) -> str:
    # argparse fills in what follows a percent sign.
    return text.replace("%", "%%")


def _plain(kind: Any) -> tuple[Any, bool]:
    """Return a type without `None`, and whether it admits it."""
    if get_origin(kind) in (Union, types.UnionType):
        kinds = [entry for entry in get_args(kind) if entry is not type(None)]
        return kinds[0], len(kinds) < len(get_args(kind))
    return kind, False


_NAMES = {int: "integer", float: "number", str: "string", bool: "boolean"}


def schema_of(setting: Setting) -> dict[str, Any]:
    """Return the JSON schema of one setting, its help as description."""
    found = _schema(setting.kind, setting.bounds, setting.each, setting.keys)
    return found | {"description": setting.help}


def _schema(kind: Any, own: Bounds, each: Bounds, keys: Bounds) -> dict[str, Any]:
    inner, optional = _plain(kind)
    kinds = [entry for entry in get_args(kind) if entry is not type(None)]
    origin = get_origin(inner)
    if get_origin(kind) in (Union, types.UnionType) and len(kinds) > 1:
        # A choice between kinds of values; each takes the bounds that speak of it.
        of_lists = {"minItems", "maxItems", "uniqueItems"}
        found = []
        for entry in kinds:
            is_list = get_origin(entry) is tuple
            bounds = {k: v for k, v in own.items() if (k in of_lists) == is_list}
            found.append(_schema(entry, Bounds(bounds), each, keys))
        return {"oneOf": found}
    if origin is Literal:
        values = [*get_args(inner), *([None] if optional else [])]
        return {"const": values[0]} if len(values) == 1 else {"enum": values}
    if origin is tuple:
        entry, *rest = get_args(inner)
        schema: dict[str, Any] = {"type": "array"}
        if rest != [...]:
            schema |= {"minItems": 1 + len(rest), "maxItems": 1 + len(rest)}
        schema["items"] = _schema(entry, each, Bounds(), Bounds())
    elif origin is not None and issubclass(origin, Mapping):
        schema = {"type": "object"}
        if keys:
            schema["propertyNames"] = dict(keys)
        value = get_args(inner)[1]
        if dataclasses.is_dataclass(value):
            schema["additionalProperties"] = _entry_schema(value)  # type: ignore[arg-type]
        elif value is not Any:
            schema["additionalProperties"] = _schema(value, each, Bounds(), Bounds())
    else:
        schema = {"type": _NAMES[inner]}
    if optional:
        schema["type"] = [schema["type"], "null"]
    return schema | own


def _entry_schema(cls: type) -> dict[str, Any]:
    """Return the schema of an entry of a mapping: a key with a default may be left out."""
    settings = fields_of(cls)
    found = section_schema(
        {setting.name: schema_of(setting) for setting in settings},
        required=[s.name for s in settings if s.default is dataclasses.MISSING],
    )
    for setting in settings:
        if setting.default is not dataclasses.MISSING:
            found["properties"][setting.name]["default"] = setting.default
    return found


def section_schema(
    properties: Mapping[str, Any], description: str = "", required: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return the schema of a section: these keys, all or the `required` ones, and no others."""
    found: dict[str, Any] = {"type": "object"}
    if description:
        found["description"] = description
    return found | {
        "additionalProperties": False,
        "required": list(properties if required is None else required),
        "properties": dict(properties),
    }


def walk(classes: Sequence[type]) -> Iterator[Setting]:
    """Yield every setting of the configuration that classes declare, each once, no switches."""
    seen = set()
    for cls in classes:
        for setting in fields_of(cls):
            if not setting.is_switch and setting.path not in seen:
                seen.add(setting.path)
                yield setting
