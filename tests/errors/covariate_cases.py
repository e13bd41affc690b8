"""Tables of participants, covariates that nobody has, and folds by a covariate."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from error_cases import Case
from overlay import CONFIG, overlaid

from tinglegram.readers.people import read_people, with_people
from tinglegram.statistics.covariates import require_covariates
from tinglegram.trials.folds import groups_of_values, number_of_folds

TITLE = "Covariates of participants"
IDS = {"001": "anna", "002": "bo"}
CLIPS = {code: clip["condition"] for code, clip in CONFIG["clips"].items()}
BY_GROUP = "data: {participants: config.yaml}\nfolds:\n  scheme: leave_one_group_out\n"
OWN = pd.DataFrame({"subject": [1, 2], "participant_id": ["anna", "bo"], "age": [20, 30]})


def table(given: str, message: str, text: str) -> Case:
    """A table of participants, people.csv, beside what a reader knows."""

    def provoke(folder: Path) -> None:
        (folder / "people.csv").write_text(text)
        read_people("people.csv", IDS)
        with_people(OWN, "people.csv", IDS)

    return Case(given, message, provoke)


def folds(given: str, message: str, groups: Mapping[int, str], number: int | None = None) -> Case:
    """Folds that hold out groups."""
    scheme = "leave_one_group_out"
    return Case(
        given,
        message,
        lambda _: number_of_folds(scheme, number, len(groups), CLIPS, groups) and None,
    )


CASES = [
    table(
        "a table of participants that names nobody",
        "people.csv, line 1: expected a column that names the participant (participant_id, "
        "participant, subject), found name, age. Rename the column.",
        "name,age\nanna,20\n",
    ),
    table(
        "a table of participants without covariates",
        "people.csv: expected a column for each covariate, found none. Add one, or set it to null.",
        "participant_id\nanna\n",
    ),
    table(
        "a table of other people",
        "people.csv: expected participants of the study (anna, bo, ...), found cleo, dora. Write "
        "their names in column 'participant' as the files do.",
        "participant,sex\ncleo,f\ndora,f\n",
    ),
    table(
        "a participant who stands twice in the table, by id and by number",
        "people.csv, line 3: expected every participant once in column 'subject', found '1' again. "
        "Correct the table.",
        "subject,sex\nanna,f\n1,f\n",
    ),
    table(
        "a row of the table without a participant",
        "people.csv, line 3: expected every participant once in column 'subject', found a blank "
        "cell. Correct the table.",
        "subject,sex\nanna,f\n,f\n",
    ),
    table(
        "a word among the numbers of a covariate",
        "people.csv, line 3: expected a number in column 'height', as in 1 other row(s), found "
        "'tall'. Correct the cell, or write words in all of them.",
        "participant_id,height\nanna,1.7\nbo,tall\n",
    ),
    table(
        "a covariate that the reader knows too",
        "people.csv: expected covariates that the reader does not know yet, found age again. "
        "Rename these columns, or take them out.",
        "participant_id,age\nanna,20\n",
    ),
    Case(
        "a covariate that nobody has",
        "expected covariates that somebody has (present: age), found agee. Name one of these, or "
        "add a table of participants (data: participants).",
        lambda _: require_covariates(OWN, ["agee"]),
    ),
    Case(
        "a group written in two ways",
        "covariate sex: expected one way to write a group, found 'F' and 'f'. Write both alike, or "
        "give two groups names that differ in more than case.",
        lambda _: require_covariates(OWN.assign(sex=["F", "f"]), ["sex"]),
    ),
    Case(
        "a code for a missing number",
        "covariate age: 999 stands for a missing value in many programs, and all others are at "
        "most 30. Leave the cell blank.",
        lambda _: require_covariates(OWN.assign(age=[999, 30]), ["age"]),
    ),
    Case(
        "folds by a covariate that somebody lacks",
        "folds: covariate site says which fold tests a participant, but 002, 004 of 4 people have "
        "no value of it. Fill it in, or leave them out (data: exclusions).",
        lambda _: groups_of_values({1: "a", 3: "b"}, [1, 2, 3, 4], "site") and None,
    ),
    folds(
        "folds by a covariate with one value",
        "Leaving one group out needs two groups, so that what one fold tests, others train, found "
        "a (3). Name another covariate (folds: covariate), or choose other folds.",
        {1: "a", 2: "a", 3: "a"},
    ),
    folds(
        "another number of folds than of groups",
        "folds: number is 4, but leaving one group out makes one fold for each of 2 groups: a (2), "
        "b (2). Write null.",
        {1: "a", 2: "a", 3: "b", 4: "b"},
        4,
    ),
    folds(
        "a group beside which nobody trains",
        "Leaving one group out needs 2 people outside of every group (one validates, one trains), "
        "found 1 outside of a: a (3), b (1). Include more people, or choose other folds.",
        {1: "a", 2: "a", 3: "a", 4: "b"},
    ),
    overlaid(
        "folds by a covariate that is not named",
        BY_GROUP + "  number: null\n  covariate: null\n",
        "study.yaml, line 5; study.yaml, line 3: folds.covariate: leave_one_group_out needs the "
        "column of participants.tsv whose values it holds out, found null",
    ),
    overlaid(
        "a covariate for folds that hold out none",
        "folds:\n  covariate: site\n  scheme: double_independent\n",
        "study.yaml, line 2; study.yaml, line 3: folds.covariate: double_independent holds out "
        "no values of a covariate; write null, or scheme: leave_one_group_out",
    ),
    overlaid(
        "a number of folds where groups decide",
        BY_GROUP + "  covariate: site\n  number: 4\n",
        "study.yaml, line 5; study.yaml, line 3: folds.number: with leave_one_group_out the "
        "number of groups decides; write null",
    ),
    overlaid(
        "covariates of a study whose files tell none",
        "statistics:\n  covariates: [age]\n  covariates_as_groups: [sex]\n"
        "data: {participants: null}\n",
        "study.yaml, line 3: statistics.covariates_as_groups: 'sex' is not among "
        "statistics.covariates. Known: age.",
        "study.yaml, line 2; study.yaml, line 4: statistics.covariates: nothing tells covariates "
        "of the participants: the reader rest_asmr knows none. Name a table of them (data: "
        "participants)",
    ),
    overlaid(
        "a table of participants of published predictions",
        "data: {root: null, participants: config.yaml}\npublished_predictions: config.yaml\n",
        "study.yaml, line 1: data.participants: without raw data (data.root: null) nobody takes "
        "part. Write null",
    ),
]
