"""Whether what a file says within it names the participant that its own name does.

Files of two participants that were exchanged look right: only a name that stands inside can tell.
"""

import re
from collections.abc import Callable, Iterable

from tinglegram.errors import InputProblem

# Columns of tables, and keys of sidecars, that name a participant: without case, blanks and signs.
NAME_COLUMNS = frozenset(
    f"{who}{what}"
    for who in ("participant", "subject", "subj", "proband", "patient")
    for what in ("", "id", "name", "no", "nr", "number", "code")
)
_PREFIX = re.compile("(participant|subject|sub)(?=[-_ ]|[0-9])")
_PARTS = re.compile(r"([^\W\d]*)0*([0-9]{1,9})")


def is_name_column(name: object) -> bool:
    """Return whether a column or key is called like one that names a participant."""
    return isinstance(name, str) and _plain(name) in NAME_COLUMNS


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def _key(name: str) -> tuple[str, str]:
    """Return the letters and the number of a name: sub-07, 07 and 7 have the same number."""
    plain = _plain(_PREFIX.sub("", name.strip().casefold()))
    match = _PARTS.fullmatch(plain)
    return (match[1], match[2]) if match else (plain, "")


def _is_same(a: str, b: str) -> bool:
    (letters, number), (others, other) = _key(a), _key(b)
    if number and number == other:
        return letters == others or not letters or not others
    return (letters, number) == (others, other)


def same_number(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return pairs of names that differ only in zeros, signs or case, such as P1 and P01."""
    first: dict[tuple[str, str], str] = {}
    pairs = []
    for name in names:
        other = first.setdefault(_key(name), name)
        if other != name:
            pairs.append((other, name))
    return pairs


def names_another(said: str, participant_id: str, everybody: Callable[[], Iterable[str]]) -> bool:
    """Return whether a text names another participant than the one whose file it stands in.

    It does if it is the name of another participant of the study, or the same letters with another
    number (P08 in a file of P07). Everything else, such as a number that a clinic gave, cannot be
    compared.

    Parameters
    ----------
    said : the text.
    participant_id : as the file's name says.
    everybody : gives the participants of the study; asked only where it matters.
    """
    if not said.strip() or _is_same(said, participant_id):
        return False
    whole = (_PARTS.fullmatch(_plain(name)) for name in (said, participant_id))
    written = [match.groups() if match else ("", "") for match in whole]
    for (letters, number), (own, own_number) in (written, (_key(said), _key(participant_id))):
        if letters and letters == own and number and own_number:
            return True
    return any(_is_same(said, name) for name in everybody() if name != participant_id)


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
