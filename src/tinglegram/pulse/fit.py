"""Does a recording fit its participant and its log: title, length, and marks of a trigger channel.

Each function returns problems, which the configuration decides about (`data.problems`), and notes.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tinglegram.errors import InputProblem
from tinglegram.formats.biopac import Content, read_export, read_header, trigger_channels
from tinglegram.formats.recording import Note
from tinglegram.pulse.alignment import Clock, ClockAlignment, MarkMatch, Marks, best_marks

# A recording never ends with the last event to the sample, and is mostly stopped after it.
_SAME_S, _RUNS_ON_S = 0.1, 2.0
_FOLDERS = re.compile(r".*[/\\]")
_ENDING = re.compile(r"\.[A-Za-z]\w{0,4}$")
# Dates, times of day and numbers too long for a participant's.
_DATES = re.compile(
    r"(?<!\d)(?:(?:19|20)\d{2}[-_. ]\d{1,2}[-_. ]\d{1,2}|\d{1,2}[-_. ]\d{1,2}[-_. ](?:19|20)?\d{2}"
    r"|\d{1,2}[:h]\d{2}(?:[:m]\d{2})?|(?:19|20)\d{2}|\d{5,}"
    r"|\d{1,2}[-_. ]{0,2}(?:jan|feb|mar|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*)(?!\d)",
    re.I,
)
# ASSUMPTION: a title names a participant by such a word and a number, by a number with zeros in
# front, or by a number at its beginning.
_NAMED = re.compile(
    r"(?<![^\W_])(?:s|sub|subj|subject|suj|p|pt|part|participant|person|patient|proband|vp|pp|id)"
    r"[ _.#-]{0,2}0*(\d{1,4})(?!\d)",
    re.I,
)
_PADDED = re.compile(r"(?<!\d)0(\d{1,2})(?!\d)")
# Numbers of something else.
_COUNTED = re.compile(
    r"(?<![^\W_])(?:rest|run|ses|session|test|trial|block|day|visit|take|exp|ch|v|ver|version"
    r"|untitled)[ _.#-]{0,2}\d+",
    re.I,
)
_LEADING = re.compile(r"\s*0*(\d{1,4})(?=$|[ _.,-])")
_ANY = re.compile(r"(?<!\d)0*(\d{1,4})(?!\d)")


class Fit(NamedTuple):
    """Problems and notes about how a recording fits."""

    problems: tuple[InputProblem, ...] = ()
    notes: tuple[Note, ...] = ()


def fit_of_title(title: str, source: str, subject: int) -> Fit:
    """Hold the title line of an export, the name of the recorded file, against the participant.

    A title that names another participant is a problem of the kind other_title. One that holds
    other numbers only is noted, and one without numbers says nothing.
    """
    name = _DATES.sub(" ", _ENDING.sub("", _FOLDERS.sub("", title.strip())))
    named = _NAMED.findall(name)
    own = _COUNTED.sub(" ", name)
    leading = _LEADING.match(own)
    numbers = set(map(int, named or _PADDED.findall(own) or ([leading[1]] if leading else [])))
    if subject in numbers:
        return Fit()
    if numbers:
        problem = InputProblem(
            source,
            where="line 1",
            expected=f"the recording of participant {subject}, as in the name of the file",
            found=f"the title '{title.strip()[:60]}'",
            remedy="Find out whose recording this is and rename the file; if its name is right, "
            "set data: problems: other_title to accept.",
            kind="other_title",
        )
        return Fit((problem,))
    others = set(map(int, _ANY.findall(name)))
    if not others or subject in others:
        return Fit()
    message = f"the title '{title.strip()[:60]}' holds another number than {subject}"
    return Fit(notes=(Note("title_number", message),))


def fit_of_length(
    end_s: float, log_end_s: float, source: str, tolerance_s: float, *, explained: bool = False
) -> Fit:
    """Hold where a recording ends against the last event of its log.

    Parameters
    ----------
    end_s, log_end_s : seconds on the log clock.
    tolerance_s : a recording that ends earlier by more has a problem of the kind early_end; by
        less, it is noted, as is one that goes on for more than two seconds.
    explained : something else tells why, or that clips are in place: never a problem then.
    """
    lacking_s = log_end_s - end_s
    if lacking_s > tolerance_s and not explained:
        problem = InputProblem(
            source,
            where=f"second {end_s:.1f}",
            expected=f"a recording up to second {log_end_s:.1f}, the last event of the log",
            found=f"its end {lacking_s:.1f} s earlier: it was started late, stopped and went on, "
            "exported in part or ended early, and clips may be cut at the wrong place",
            remedy="Export the whole recording; if it was started late, name the seconds in "
            "data: offsets; if it was only ended early, set data: problems: early_end to accept.",
            kind="early_end",
        )
        return Fit((problem,))
    if lacking_s > _SAME_S:
        message = (
            f"the recording ends {lacking_s:.1f} s before the last event of the log, at second "
            f"{log_end_s:.1f}: it was ended early, or started late"
        )
        return Fit(notes=(Note("early_end", message),))
    if -lacking_s > _RUNS_ON_S and not explained:
        message = (
            f"the recording goes on for {-lacking_s:.1f} s after the last event of the log: it was "
            "left running, or started early"
        )
        return Fit(notes=(Note("late_end", message),))
    return Fit()


def fit_of_marks(
    match: MarkMatch,
    marks: Marks,
    source: str,
    tolerance_s: float,
    *,
    aligned: bool,
    named: bool,
) -> Fit:
    """Hold the marks of a trigger channel against the onsets of the clips in the log.

    Parameters
    ----------
    match : of `tinglegram.pulse.alignment.match_marks`.
    marks : of the channel.
    tolerance_s : an offset beyond it is a problem of the kind shifted_pulse, unless `aligned`:
        each clip is cut at its mark. Too few marks are such a problem in either case.
    named : the configuration names the channel; one that was only taken for a trigger channel may
        mark nothing.
    """
    channel = marks.channel
    # Where all clips were left out there is nothing to hold the marks against.
    if not match.n_onsets or (not match.n_marks and not named):
        return Fit()
    n_matched = len(match.onset_s)
    # ASSUMPTION: a channel that marks clips lacks few of them; one with far more marks than clips
    # marks something else. Two onsets always have an offset and a drift.
    follow = 4 * n_matched >= 3 * match.n_onsets and n_matched >= min(2, match.n_onsets)
    # Nobody knows on which side of a jump a clip without a mark lies.
    follow = follow and (n_matched == match.n_onsets or match.jump is None)
    in_place = n_matched == match.n_onsets and abs(match.offset_s).max() <= tolerance_s
    if match.ambiguous and not in_place:
        follow = False
    if not follow and not named and match.n_marks > 2 * match.n_onsets:
        message = f"{channel} has {match.n_marks} marks that do not follow the clips of the log"
        return Fit(notes=(Note("other_marks", message),))
    if not follow:
        problem = InputProblem(
            source,
            expected=f"marks in {channel} at the onsets of the {match.n_onsets} clips in the log",
            found=f"{match.n_marks} marks, of which {n_matched} follow the onsets"
            + (f": {marks.problem}" if marks.problem else "")
            + (" at several offsets alike" if match.ambiguous else "")
            + ": log and recording are of two sessions, the recorder stopped and went on, or the "
            "channel marks something else",
            remedy="Check that they belong together; if the channel marks other events, name the "
            "right one in pulse: trigger, or set data: problems: shifted_pulse to accept.",
            kind="shifted_pulse",
        )
        return Fit((problem,))
    notes = []
    if n_matched < match.n_onsets:
        message = f"{channel} marks {n_matched} of the {match.n_onsets} clips in the log"
        notes.append(Note("unmarked_clips", message))
    if abs(match.offset_s).max() <= tolerance_s:
        return Fit(notes=tuple(notes))
    if aligned:
        message = f"marks in {channel}: {match.sentence()}; clips were cut at their marks"
        if match.jump is not None:
            second = match.onset_s[match.jump]
            message += f", and the one at second {second:.1f} may hold the jump"
        return Fit(notes=(*notes, Note("shifted_pulse", message)))
    problem = InputProblem(
        source,
        where=f"second {match.mark_s[0]:.4f}",
        expected=f"marks in {channel} within {tolerance_s:g} s of the onsets in the log",
        found=match.sentence(),
        remedy="Set pulse: align to trigger to cut each clip at its mark, name the offset in "
        "data: offsets, or set data: problems: shifted_pulse to accept.",
        kind="shifted_pulse",
    )
    return Fit((problem,), tuple(notes))


class AlignedClock(NamedTuple):
    """What does not fit, the clock to cut by, and whether marks show that clips are in place."""

    fit: Fit
    clock: Clock
    agrees: bool = False


def align_clock(
    head: Content,
    read: Callable[[], Content],
    source: str,
    channel: tuple[str, float | None],
    settings: ClockAlignment,
    onsets_s: Sequence[float],
    offset_s: float = 0.0,
) -> AlignedClock:
    """Bring the clock of a recording in line with its log.

    Parameters
    ----------
    head : first bytes of the export, its header included.
    read : gives the whole export; asked only where there is a channel that may mark events, as
        marks stand anywhere in it.
    source : its name, for messages.
    channel : pulse channel and its rate in Hz, as for `tinglegram.formats.biopac.read_export`.
    settings : which channel marks the clips, and whether clips are cut by it.
    onsets_s : of the clips, on the log clock.
    offset_s : where the recording started on the log clock, by the table of offsets.

    Raises
    ------
    InputProblem : the channel asked for is missing or cannot be read.
    """
    by_start, aligned = Clock(offset_s=(offset_s,)), settings.align == "trigger"
    header = read_header(head, source)
    wanted, (pulse, rate) = settings.trigger, channel
    channels = trigger_channels(header, pulse, wanted, source, required=aligned)
    if not channels:
        return AlignedClock(Fit(), by_start)
    content, own_rate = read(), None if header.rate else rate
    recordings = (read_export(content, source, one, own_rate) for one in channels)
    marks, match = best_marks(recordings, onsets_s, offset_s)
    named = aligned or wanted is not None
    tolerance_s = settings.trigger_tolerance
    fit = fit_of_marks(match, marks, source, tolerance_s, aligned=aligned, named=named)
    agrees = (
        len(match.onset_s) == match.n_onsets > 0 and float(abs(match.offset_s).max()) <= tolerance_s
    )
    if aligned and match.onset_s:
        offsets = tuple(float(found) + offset_s for found in match.offset_s)
        return AlignedClock(fit, Clock(match.onset_s, offsets), agrees or not fit.problems)
    return AlignedClock(fit, by_start, agrees)
