"""Where each key of a configuration stands: in which file, and in which line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from tinglegram.errors import InputProblem

# Keys and places in lists, from the outside in, as text: ("pulse", "band", "0").
Place = tuple[str, ...]


@dataclass(frozen=True)
class KeyPlaces:
    """The keys of one source of configuration values.

    Attributes
    ----------
    source : name of the file, as the user knows it, or what the values come from.
    lines : path of every key and list entry -> its line; None where a source has no lines.
    doubled : path of every key that stands twice in one section, and its first and last line.
    """

    source: str
    lines: Mapping[Place, int | None]
    doubled: Sequence[tuple[Place, int, int]] = field(default=())

    def at(self, path: Place) -> str:
        """Name the place of a key of this source."""
        line = self.lines[path]
        return self.source if line is None else f"{self.source}, line {line}"


def read_keys(content: bytes, source: str) -> tuple[dict[Any, Any], KeyPlaces]:
    """Read a configuration file in YAML or JSON.

    Parameters
    ----------
    content : the file's bytes.
    source : name of the file, for messages.

    Returns
    -------
    The values, and where their keys stand.

    Raises
    ------
    InputProblem : the file is not UTF-8, does not parse, or holds no keys.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise InputProblem(
            source,
            where=f"line {line}",
            expected="text in UTF-8",
            found=f"byte 0x{content[fault.start]:02x}",
            remedy="Save the file as UTF-8.",
        ) from None
    try:
        loader = yaml.SafeLoader(_without_tabs(text))
        node = loader.get_single_node()
        settings = loader.construct_document(node) if node is not None else None
        if node is not None and isinstance(settings, dict):
            lines: dict[Place, int | None] = {}
            doubled = list(_walk(node, (), lines))
            return settings, KeyPlaces(source, lines, doubled)
    except yaml.MarkedYAMLError as fault:
        raise _unparsed(source, fault) from None
    except yaml.reader.ReaderError as fault:
        line = text[: fault.position].count("\n") + 1
        raise InputProblem(
            source,
            where=f"line {line}",
            expected="printable characters",
            found=f"the character U+{int(fault.character):04X}",
            remedy="Take it out.",
        ) from None
    except ValueError as fault:
        raise InputProblem(
            source,
            expected="dates and numbers that exist",
            found=f"a value that does not ({fault})",
            remedy="Write text that looks like a date or a number in quotes.",
        ) from None
    except RecursionError:
        raise InputProblem(
            source,
            expected="sections a few levels deep",
            found="values nested without end",
            remedy="Close every bracket, and let no anchor hold itself.",
        ) from None
    raise InputProblem(
        source,
        expected="keys with values, such as 'study: my_study'",
        found="nothing" if settings is None else f"a {type(settings).__name__}",
        remedy="config.yaml shows every key.",
    )


def key_places(settings: Mapping[Any, Any], source: str) -> KeyPlaces:
    """Return the keys of values that stand in no file."""
    return KeyPlaces(source, dict.fromkeys(_paths(settings, ())))


def place(path: Sequence[object], outlines: Sequence[KeyPlaces]) -> str:
    """Name the file and line that decide the value at `path`.

    Parameters
    ----------
    path : keys and places in lists, from the outside in.
    outlines : the sources, each overruling the ones before it.

    Returns
    -------
    The last source that names the key; for a key that none names, the first that names the
    innermost section around it.
    """
    wanted = tuple(map(str, path))
    for outline in reversed(outlines):
        if wanted in outline.lines:
            return outline.at(wanted)
    for end in range(len(wanted) - 1, 0, -1):
        for outline in outlines:
            if wanted[:end] in outline.lines:
                return outline.at(wanted[:end])
    return outlines[0].source


def _without_tabs(text: str) -> str:
    """Replace the tabs of JSON, which stand only between values and which YAML refuses."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text.replace("\t", " ")


def _walk(
    node: yaml.Node, path: Place, lines: dict[Place, int | None]
) -> Iterator[tuple[Place, int, int]]:
    """Note the line of everything below `node`; yield the keys that stand twice."""
    if isinstance(node, yaml.SequenceNode):
        for index, entry in enumerate(node.value):
            inner = (*path, str(index))
            lines[inner] = entry.start_mark.line + 1
            yield from _walk(entry, inner, lines)
    elif isinstance(node, yaml.MappingNode):
        # Constructing the values has put merged keys (<<) in front: the section's own overrule.
        first: dict[Place, yaml.Mark] = {}
        for key, value in node.value:
            inner = (*path, str(key.value))
            mark = key.start_mark
            own = node.start_mark.index <= mark.index < node.end_mark.index
            if own and inner in first:
                yield inner, first[inner].line + 1, mark.line + 1
            if own:
                first[inner] = mark
            lines[inner] = mark.line + 1
            yield from _walk(value, inner, lines)


def _paths(settings: object, path: Place) -> Iterator[Place]:
    entries: Iterator[tuple[object, object]] = iter(())
    if isinstance(settings, Mapping):
        entries = iter(settings.items())
    elif isinstance(settings, list):
        entries = iter(enumerate(settings))
    for key, value in entries:
        yield (*path, str(key))
        yield from _paths(value, (*path, str(key)))


def _unparsed(source: str, fault: yaml.MarkedYAMLError) -> InputProblem:
    mark = fault.problem_mark or fault.context_mark
    problem = fault.problem or str(fault.context)
    remedy = "Compare the line and the one above it with config.yaml."
    if r"'\t'" in problem:
        remedy = "Indent with spaces, never with tabs."
    elif mark is not None and fault.context_mark and fault.context_mark.line != mark.line:
        remedy = f"What it belongs to begins in line {fault.context_mark.line + 1}."
    return InputProblem(
        source,
        where="" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}",
        expected="YAML",
        found=f"what cannot be read ({problem})",
        remedy=remedy,
    )
