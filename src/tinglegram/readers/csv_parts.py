"""The rows of one file that belong to one participant, and the trial that each row names."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tinglegram.errors import InputProblem
from tinglegram.formats.delimited import DelimitedTable, Wanted, read_delimited
from tinglegram.formats.recording import Note
from tinglegram.readers.csv_options import CsvFiles, CsvLabelled
from tinglegram.readers.csv_times import TrialSpans, clock_seconds, since
from tinglegram.readers.names import check_names, is_name_column


@dataclass(frozen=True)
class CsvName:
    """What the name of a file says.

    Attributes
    ----------
    source : name below `data: root`.
    participant, stimulus, trial : empty where it says nothing.
    is_known : False where its stimulus is none of the study.
    """

    source: str
    participant: str = ""
    stimulus: str = ""
    trial: str = ""
    is_known: bool = True


@dataclass(frozen=True, eq=False)
class CsvPart:
    """Rows of one file.

    Attributes
    ----------
    source : name of the file.
    table : its columns.
    stimuli, labels : stimulus (as the study names it) and trial that each row names; empty texts
        where it names none.
    """

    source: str
    table: DelimitedTable
    stimuli: tuple[str, ...]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.table.lines)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the pairs of stimulus and trial, in the order in which rows name them."""
        return list(dict.fromkeys(zip(self.stimuli, self.labels, strict=True)))

    def rows_of(self, pair: tuple[str, str]) -> np.ndarray:
        """Return the indices of the rows that name a pair."""
        named = zip(self.stimuli, self.labels, strict=True)
        return np.array([i for i, own in enumerate(named) if own == pair], dtype=np.int64)


@dataclass(frozen=True)
class ParticipantClock:
    """The participant's clock.

    Attributes
    ----------
    origin_s : unix time of its 0; None where no file has unix times.
    """

    origin_s: float | None = None

    def seconds(self, part: CsvPart, entry: CsvFiles, column: str) -> np.ndarray:
        """Return a column of times in seconds, since the origin where they are unix times."""
        raw = part.table.numbers[column]
        found = clock_seconds(raw, entry.unit, entry.clock, part.source, part.table.lines)
        if entry.clock == "unix":
            found = since(found, self.origin_s or 0.0)
        return found + entry.offset_s


def words_of(values: Collection[object]) -> frozenset[str]:
    """Return values of the configuration as cells have them: numbers and true, false as text."""
    found = set()
    for value in values:
        if isinstance(value, bool):
            found |= {str(value).lower(), str(value), str(value).upper()}
        else:
            found.add(str(value).strip())
    return frozenset(found)


def part_of(
    content: bytes,
    name: CsvName,
    entry: CsvLabelled,
    participant: str,
    numbers: Sequence[str],
    texts: Sequence[str] = (),
    everybody: Callable[[], Iterable[str]] = tuple,
) -> CsvPart:
    """Read the rows of a participant out of a file.

    Parameters
    ----------
    everybody : gives the participants of the study.

    Raises
    ------
    InputProblem : as `read_delimited`; or a file of one participant whose column names another.
    """
    only = {entry.participant: frozenset({participant})} if entry.participant else {}
    only |= {column: words_of(words) for column, words in entry.keep.items()}
    labels = [column for column in (entry.stimulus, entry.trial) if column]
    wanted = Wanted(
        numbers=list(dict.fromkeys(numbers)),
        texts=list(dict.fromkeys([*texts, *labels])),
        only=only,
        decimal=entry.decimal,
        header=entry.header,
        lines_before_header=entry.lines_before_header,
        told=is_name_column if entry.check_names and not entry.participant else _nothing,
    )
    table = read_delimited(content, name.source, wanted)
    for column, words in table.told.items():
        _check_column(column, words, name.source, participant, everybody)
    n_rows = len(table.lines)
    own = table.texts[entry.stimulus] if entry.stimulus else [name.stimulus] * n_rows
    return CsvPart(
        name.source,
        table,
        tuple(entry.rename.get(stimulus, stimulus) for stimulus in own),
        tuple(table.texts[entry.trial] if entry.trial else [name.trial] * n_rows),
    )


def _nothing(name: str) -> bool:
    return False


def _check_column(
    column: str,
    words: Sequence[str],
    source: str,
    participant: str,
    everybody: Callable[[], Iterable[str]],
) -> None:
    """Refuse a column that names another participant, or several."""
    remedy = "If the file's name is right, set check_names: false."
    where = f"column '{column}'"
    check_names([(where, word) for word in words], participant, source, everybody, remedy)
    if len(words) > 1:
        raise InputProblem(
            source,
            where=where,
            expected=f"rows of one participant ({participant}), as the file's name says",
            found=f"{len(words)} names: {', '.join(words[:5])}",
            remedy=f"If the file holds several people, name the column (participant: {column}); "
            "else set check_names: false.",
        )


def part_notes(part: CsvPart, entry: CsvFiles) -> list[Note]:
    """Return what was left out of a file by its options, and its encoding."""
    found = list(part.table.notes)
    for column in entry.keep:
        if part.table.left_out.get(column):
            said = f"{part.source}: {part.table.left_out[column]} row(s) left out by keep: {column}"
            found.append(Note("left_out", said))
    if entry.participant and part.table.left_blank[entry.participant]:
        blank = part.table.left_blank[entry.participant]
        said = f"{part.source}: {blank} row(s) name no participant and were left out"
        found.append(Note("left_out", said))
    return found


def place_rows(
    part: CsvPart, entry: CsvLabelled, spans: TrialSpans, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the index of the trial of each row, and its time on the participant's clock.

    Parameters
    ----------
    times : (n,) seconds, since the onset of the trial (`clock: trial`) or on the participant's
        clock; NaN where there is none.

    Returns
    -------
    (n,) index of the trial that a row names, or that its time lies in where it names none; -1: no
    trial, or one that had ended. And (n,) seconds.

    Raises
    ------
    InputProblem : rows name a trial that was not shown, or one of several without saying which.
    """
    if not entry.is_labelled():
        return spans.at(times), times
    index = np.full(len(part), -1)
    placed = times.astype(np.float64, copy=True)
    for pair in part.pairs():
        if pair == ("", ""):
            continue
        rows = part.rows_of(pair)
        trials = spans.named(*pair)
        if not trials or (entry.clock == "trial" and len(trials) > 1):
            raise _not_one(part, pair, int(part.table.lines[rows[0]]), spans, len(trials))
        if entry.clock == "trial":
            placed[rows] = spans.onset_s[trials[0]] + times[rows]
        index[rows] = spans.next_of(trials, placed[rows])
    return index, placed


def _not_one(
    part: CsvPart, pair: tuple[str, str], line: int, spans: TrialSpans, n_trials: int
) -> InputProblem:
    stimulus, label = pair
    name = " ".join(
        [*([f"trial '{label}'"] if label else []), *([f"'{stimulus}'"] * bool(stimulus))]
    )
    if n_trials:
        return InputProblem(
            part.source,
            where=f"line {line}",
            expected=f"one trial of {name}",
            found=f"{n_trials} of them",
            remedy="Name the column of the trial (trial), in the trials too.",
        )
    shown = ", ".join(dict.fromkeys(spans.labels if label else spans.stimuli))
    return InputProblem(
        part.source,
        where=f"line {line}",
        expected=f"a trial that was shown ({shown})",
        found=name,
        remedy="Translate it by rename, or leave its rows out by keep.",
    )


def part_names(parts: Sequence[CsvPart]) -> str:
    """Return the name of several files, for a message about all of them."""
    more = f" and {len(parts) - 1} more" if len(parts) > 1 else ""
    return f"{parts[0].source}{more}"
