"""Was everybody shown every clip, once, to its end, and in one session? Of canonical trials.

Studies differ in what they mean to show, so these are problems only where a study says so
(`data.problems`); elsewhere they are notes.
"""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from tinglegram.behaviour.placing import shown_trials
from tinglegram.behaviour.showings import showings_of
from tinglegram.errors import InputProblem
from tinglegram.formats.recording import Note

# Kinds of `tinglegram.inputs.inventory.Problems` that a design may intend.
BY_DESIGN = ("restarted_session", "missing_clip", "repeated_clip", "stopped_clip")
_WHAT = {
    "restarted_session": "the session was started again",
    "missing_clip": "not shown",
    "repeated_clip": "shown again",
    "stopped_clip": "shown for less than their length",
}


def design_problems(
    trials: pd.DataFrame,
    lengths_s: Mapping[str, float],
    shortfall_s: float,
    source: str,
    noted: Collection[str] = (),
) -> list[InputProblem]:
    """Return where a session is not every clip once, whole, and in one go.

    Parameters
    ----------
    trials : canonical table of one participant.
    lengths_s : stimulus -> its length, of every stimulus of the study.
    shortfall_s : a trial may end so much before its stimulus and still count as whole.
    source : name of the participant, for messages.
    noted : kinds that are only noted. Where a session that was started again is a problem, it
        stands for all that follows from it; where it is only noted, the others are told too.

    Returns
    -------
    Problems of the kinds `BY_DESIGN`; `video` names the trial as exclusions do (`vid1@5`).
    """
    restarted = _restarted(trials, source)
    if restarted and "restarted_session" not in noted:
        return restarted
    return [
        *restarted,
        *_missing(trials, lengths_s, source),
        *_repeated(trials, source),
        *_stopped(trials, lengths_s, shortfall_s, source),
    ]


def as_notes(
    problems: Sequence[InputProblem], noted: Collection[str]
) -> tuple[list[InputProblem], list[Note]]:
    """Return the problems that a study decides about, and one note for each kind it does not.

    Parameters
    ----------
    noted : kinds that are only noted.
    """
    kept = [problem for problem in problems if problem.kind not in noted]
    notes = []
    for kind, said in _WHAT.items():
        own = [problem for problem in problems if problem.kind == kind and kind in noted]
        if own and kind == "restarted_session":
            notes.append(Note(kind, f"{own[0].where}: {own[0].found}"))
        elif own:
            names = ", ".join(problem.video for problem in own)
            notes.append(Note(kind, f"{len(own)} clip(s) were {said}: {names}"))
    return kept, notes


def _restarted(trials: pd.DataFrame, source: str) -> list[InputProblem]:
    restart = _restart(trials["stimulus_id"].tolist())
    if not restart:
        return []
    again = trials.iloc[restart]
    return [
        InputProblem(
            source,
            where=f"trial {again['trial']}, {again['stimulus_id']}",
            expected="one session",
            found=f"its first {restart} clips again and then others: the session was started again",
            remedy="Keep the files of one session, or leave the participant out (data: "
            "exclusions, or data: problems: restarted_session).",
            kind="restarted_session",
        )
    ]


def _restart(shown: Sequence[str]) -> int:
    """Return the place at which a session begins anew; 0: nowhere.

    ASSUMPTION: a session that was broken off and started again shows some clips, then these in the
    same order, then clips that it had not come to, each once. Whoever is shown all clips twice, or
    some clips again in another order, was not started again. Nor is the first clip alone, shown
    twice, a session.
    """
    for place in range(2, (len(shown) + 1) // 2):
        again = shown[place:]
        if again[:place] == shown[:place] and len(set(again)) == len(again):
            return place
    return 0


def _missing(
    trials: pd.DataFrame, lengths_s: Mapping[str, float], source: str
) -> list[InputProblem]:
    shown = set(trials["stimulus_id"])
    return [
        InputProblem(
            source,
            expected=f"a trial of {video}",
            found="none",
            remedy="Add it, or say by data: problems: missing_clip what becomes of it.",
            kind="missing_clip",
            video=video,
        )
        for video in lengths_s
        if video not in shown
    ]


def _repeated(trials: pd.DataFrame, source: str) -> list[InputProblem]:
    names = showings_of(shown_trials(trials))
    again = trials["stimulus_id"].duplicated()
    return [
        InputProblem(
            source,
            where=f"trial {trial['trial']}",
            expected="every clip once",
            found=f"{trial['stimulus_id']} again",
            remedy="Leave a showing out (data: exclusions), or say by data: problems: "
            "repeated_clip what becomes of it.",
            kind="repeated_clip",
            video=names[trial["stimulus_id"], trial["order"]],
        )
        for trial in trials[again].to_dict("records")
    ]


def _stopped(
    trials: pd.DataFrame, lengths_s: Mapping[str, float], shortfall_s: float, source: str
) -> list[InputProblem]:
    names = showings_of(shown_trials(trials))
    lengths = {stimulus: f"{seconds:g} s" for stimulus, seconds in lengths_s.items()}
    return [
        InputProblem(
            source,
            where=f"trial {trial['trial']}",
            expected=f"{trial['stimulus_id']} to be shown for {lengths[trial['stimulus_id']]}",
            found=f"{trial['duration_s']:g} s",
            remedy="Correct its length under clips: duration, or say by data: problems: "
            "stopped_clip what becomes of it.",
            kind="stopped_clip",
            video=names[trial["stimulus_id"], trial["order"]],
        )
        for trial in trials.to_dict("records")
        if trial["duration_s"] < lengths_s[trial["stimulus_id"]] - shortfall_s
    ]
