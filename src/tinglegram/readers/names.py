"""Whether what a file says within it names the participant that its own name does.

Files of two participants that were exchanged look right: only a name that stands inside can tell.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

from tinglegram.errors import InputProblem

# Columns of tables, and keys of sidecars, that name a participant: without case, blanks and signs.
NAME_COLUMNS = frozenset(
    f"{who}{what}"
    for who in ("participant", "subject", "subj", "proband", "patient")
    for what in ("", "id", "name", "no", "nr", "number", "code")
)
_PREFIX = re.compile("(participant|subject|sub)(?=[-_ ]|[0-9])")
# Letters, and the number that follows them; one of both may be empty.
_Key = tuple[tuple[str, str], ...]


def is_name_column(name: object) -> bool:
    """Return whether a column or key is called like one that names a participant."""
    return isinstance(name, str) and _plain(name) in NAME_COLUMNS


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def _key(name: str, *, without_prefix: bool = True) -> _Key:
    """Return letters and numbers of a name in turn: sub-07, 07 and 7 have the same number.

    Signs only part numbers from each other: 1_12 is not 11_2.
    """
    text = unicodedata.normalize("NFKC", name).strip().casefold()
    if without_prefix and (match := _PREFIX.match(text)):
        text = text[match.end() :]
    # Of scripts that write vowels as marks, these are letters too.
    plain = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in text)
    pairs = (
        (letters.replace(" ", ""), number and (number.lstrip("0") or "0"))
        for letters, number in re.findall(r"([^0-9]*)([0-9]*)", plain)
    )
    return tuple(pair for pair in pairs if any(pair))


def _is_same(one: _Key, other: _Key) -> bool:
    """Return whether two names are the same; letters before the first number may be left out."""
    if one == other:
        return True
    if not one or not other or one[1:] != other[1:]:
        return False
    (letters, number), (others, second) = one[0], other[0]
    return bool(number) and number == second and (not letters or not others)


def _is_numbered_otherwise(said: _Key, own: _Key) -> bool:
    """Return whether two names with letters differ first in a number."""
    has_letters = False
    for (letters, number), (own_letters, own_number) in zip(said, own, strict=False):
        if letters != own_letters or not number or not own_number:
            return False
        has_letters |= bool(letters)
        if number != own_number:
            return has_letters
    return False


def same_number(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return pairs of names that differ only in zeros, signs or case, such as P1 and P01."""
    first: dict[_Key, str] = {}
    pairs = []
    for name in names:
        other = first.setdefault(_key(name), name)
        if other != name:
            pairs.append((other, name))
    return pairs


def names_another(said: str, participant_id: str, everybody: Callable[[], Iterable[str]]) -> bool:
    """Return whether a text names another participant than the one whose file it stands in.

    It does if it is the name of another participant of the study, or the same letters with another
    number (P08 in a file of P07). What follows the participant's own name (P07_2, of a second
    session) is no part of it. Everything else, such as a number that a clinic gave, cannot be
    compared.

    Parameters
    ----------
    said : the text.
    participant_id : as the file's name says.
    everybody : gives the participants of the study; asked only where it matters.
    """
    if not said.strip() or _is_same(_key(said), _key(participant_id)):
        return False
    for stripped in (False, True):
        names = (_key(name, without_prefix=stripped) for name in (said, participant_id))
        if _is_numbered_otherwise(*names):
            return True
    others = (_key(name) for name in everybody() if name != participant_id)
    return any(_is_same(_key(said), other) for other in others)


def check_names(
    said: Iterable[tuple[str, str]],
    participant_id: str,
    source: str,
    everybody: Callable[[], Iterable[str]],
    remedy: str = "",
) -> None:
    """Refuse a file that names another participant.

    Parameters
    ----------
    said : where within the file, and the text.
    participant_id : as the file's name says.
    source : name of the file, for messages.
    everybody : gives the participants of the study.
    remedy : what else than exchanging the files back can be done.

    Raises
    ------
    InputProblem : it does (`names_another`).
    """
    for where, text in said:
        if names_another(text, participant_id, everybody):
            raise InputProblem(
                source,
                where=where,
                expected=f"data of participant {participant_id}, as the file's name says",
                found=f"'{text[:40]}'",
                remedy=f"Were the files of two participants exchanged? {remedy}".strip(),
            )
