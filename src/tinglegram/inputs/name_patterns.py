"""Which part of file names is the participant, and which the stimulus: `a/{participant}_x.csv`."""

import re
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

PARTICIPANT, STIMULUS = "{participant}", "{stimulus}"
_BETWEEN = re.compile(r"([/_\-. ]+)")
_BRACES = re.compile(r"(\{participant\}|\{stimulus\}|\*)")


def common_pattern(names: Sequence[str], stimuli: Collection[str] = ()) -> str:
    """Return what names have in common; what differs becomes `{participant}`, `{stimulus}` or `*`.

    Parameters
    ----------
    names : paths with /; a single one stays as it is.
    stimuli : names of stimuli, without endings; what differs and is always one of them is the
        stimulus. Of what else differs, the first is the participant.
    """
    parts = [_BETWEEN.split(name) for name in names]
    if len(names) == 1:
        return names[0]
    if len({len(words) for words in parts}) > 1:
        folders = {str(PurePosixPath(name).parent) for name in names}
        suffix = PurePosixPath(names[0]).suffix
        folder = f"{folders.pop()}/" if len(folders) == 1 else "**/"
        return f"{folder.removeprefix('./')}{PARTICIPANT}{suffix}"
    known = {name.casefold() for name in stimuli}
    pattern, person = [], None
    for words in zip(*parts, strict=True):
        values = {word.casefold() for word in words}
        if len(values) == 1:
            pattern.append(words[0])
        elif values <= known:
            pattern.append(STIMULUS)
        elif person is None or words == person:
            person = words
            pattern.append(PARTICIPANT)
        else:
            pattern.append("*")
    return "".join(pattern)


def alone_pattern(name: str) -> str:
    """Return the pattern of a file that is the only one of its kind: its stem is a participant."""
    return str(PurePosixPath(name).with_stem(PARTICIPANT))


def words_at(pattern: str, names: Sequence[str], place: str) -> list[str]:
    """Return what stands for `{participant}` or `{stimulus}` in names; none where it is not in."""
    if place not in pattern:
        return []
    form, seen = "", set()
    # Folders of any depth need no name here.
    for piece in _BRACES.split(pattern.replace("**/", "*")):
        word = piece.strip("{}")
        if piece in (PARTICIPANT, STIMULUS):
            form += f"(?P={word})" if word in seen else f"(?P<{word}>[^/]+?)"
            seen.add(word)
        else:
            form += ".*" if piece == "*" else re.escape(piece)
    matches = (re.fullmatch(form, name) for name in names)
    return [match[place.strip("{}")] for match in matches if match]
