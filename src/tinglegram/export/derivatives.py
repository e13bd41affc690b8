"""What a study computed under one protocol, as a BIDS dataset of derivatives.

BIDS specification 1.10 (doi:10.5281/zenodo.3686061), the part on derivatives. It has no suffix of
its own for ratings on a grid, windows, predictions or statistics of a group, so each table is one
of behaviour (`_beh.tsv`), told apart by `desc-`. Tables of the whole group carry no participant in
their names.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tinglegram.errors import TinglegramError
from tinglegram.export.bids_dataset import (
    BIDS_VERSION,
    BidsStudy,
    dataset_files,
    json_bytes,
    participant_labels,
    tsv_bytes,
)
from tinglegram.export.tidy import tidy_steps
from tinglegram.files import MISSING
from tinglegram.formats.recording import Note
from tinglegram.sensors.settings import SENSOR_TYPES

# Column -> what it holds, and its unit where it has one (docs/files.md).
COLUMNS: dict[str, tuple[str, str]] = {
    "participant_id": ("Participant, as in participants.tsv", ""),
    "video": ("Code of the clip (stimulus_id of the raw dataset)", ""),
    "condition": ("Condition of the clip", ""),
    "order": ("Place of the trial in the order shown, from 0 (shown_order of the raw dataset)", ""),
    "step": ("Step of the grid, from 0 at the first step after the warm-up", ""),
    "time_s": ("Time on the grid, from the end of the warm-up of the clip", "s"),
    "rating": ("Rating that held at this time", ""),
    "pulse": ("Pulse wave on the grid, z-scored", ""),
    "eda_tonic": ("Tonic level of the skin conductance on the grid, z-scored", ""),
    "eda_phasic": ("Phasic part of the skin conductance on the grid, z-scored", ""),
    "resp_wave": ("Respiration on the grid, z-scored", ""),
    "temperature_level": ("Temperature on the grid, z-scored", ""),
    "eda_tonic_us": ("Tonic level of the skin conductance", "uS"),
    "eda_phasic_us": ("Phasic part of the skin conductance", "uS"),
    "eda_responses_per_min": ("Skin conductance responses per minute", ""),
    "resp_rate_per_min": ("Breaths per minute", ""),
    "resp_depth": ("Depth of a breath, as a share of the participant's median", ""),
    "temperature_c": ("Temperature", "degC"),
    "start_s": ("Start of the window, from the end of the warm-up of the clip", "s"),
    "pulse_rate_bpm": ("Pulse rate", "bpm"),
    "rmssd_ms": ("Root mean square of successive differences of intervals between beats", "ms"),
    "mean_rating": ("Mean rating in the window", ""),
    "template_correlation": ("Mean correlation of beats with their template", ""),
    "perfusion": ("Amplitude of the pulse, relative to the participant's own median", ""),
    "flat_share": ("Share of samples at which the signal does not move", ""),
    "clipped_share": ("Share of samples at a limit of the device", ""),
    "disconnected_share": ("Share of samples without contact", ""),
    "excursion": ("Highest minus lowest value of the window, in heights of the pulse", ""),
    "irregularity": ("Irregularity of intervals between beats, as a share of an interval", ""),
    "poor": ("Whether the window fails a criterion of signal quality", ""),
    "block": ("Name of the rest, or condition of the clips", ""),
    "segment": ("What the block is: rest or clips", ""),
    "windows": ("Which windows: all, or good ones", ""),
    "n_windows": ("Number of windows", ""),
    "share_poor": ("Share of windows of poor quality", ""),
    "problem": ("Why there is no value", ""),
    "model": ("Model, baseline, or model with a perturbed input (<model>_<perturbation>)", ""),
    "fold": ("Fold of the cross-validation, from 1", ""),
    "seed": ("Network of this fold, from 1; further ones start from other seeds", ""),
    "valid": ("False where the trial is padded", ""),
    "label": ("1 where the report is of class 1", ""),
    "probability": ("Predicted probability of class 1", ""),
    "predicted": ("Predicted class", ""),
    "role": ("Role of the trial in the fold: train, validation, test or unused", ""),
    "metric": ("What is measured", ""),
    "value": ("Its value", ""),
    "ci_low": ("Lower limit of the confidence interval", ""),
    "ci_high": ("Upper limit of the confidence interval", ""),
    "any_low": ("Lower limit of the interval for any clips of the kind", ""),
    "any_high": ("Upper limit of the interval for any clips of the kind", ""),
    "p_any": ("p value that the score is above chance for any clips of the kind", ""),
    "n_folds": ("Folds, or clips, behind what is said of any clips of the kind", ""),
    "n_undefined": ("Number of units without a score", ""),
    "p_value": ("p value", ""),
    "p_holm": ("p value, corrected after Holm over its family", ""),
    "p_bh": ("p value, corrected after Benjamini and Hochberg over its family", ""),
    "family": ("Tests over which p values are corrected", ""),
    "p_within": ("p value; label sequences exchanged within fold and condition", ""),
    "p_within_holm": ("p_within, corrected after Holm", ""),
    "p_within_bh": ("p_within, corrected after Benjamini and Hochberg", ""),
    "cohens_d": ("Cohen's d", ""),
    "n_bootstrap": ("Number of bootstrap samples", ""),
    "n_permutations": ("Number of permutations", ""),
    "n_participants": ("Number of participants", ""),
    "n_trials": ("Number of trials", ""),
    "n_units": ("Number of units compared", ""),
    "n_pairs": ("Number of pairs", ""),
    "n_frames": ("Number of steps", ""),
    "n_samples": ("Number of samples", ""),
    "n_flat": ("Samples at which the signal does not move", ""),
    "n_clipped": ("Samples at a limit of the device", ""),
    "n_disconnected": ("Samples without contact", ""),
    "n_reported": ("Number of reported events", ""),
    "n_predicted": ("Number of predicted events", ""),
    "n_responders": ("Number of participants with a response", ""),
    "n_trials_with_response": ("Number of trials with a response", ""),
    "n": ("Number of participants or values", ""),
    "accuracy": ("Accuracy, as a fraction", ""),
    "macro_f1": ("Macro F1, as a fraction", ""),
    "macro_precision": ("Macro precision, as a fraction", ""),
    "macro_recall": ("Macro recall, as a fraction", ""),
    "nature_specificity": ("Specificity outside the target condition, as a fraction", ""),
    "tn": ("True negatives", ""),
    "fp": ("False positives", ""),
    "fn": ("False negatives", ""),
    "tp": ("True positives", ""),
    "scope": ("Trials: of both conditions, or of the target condition", ""),
    "bin_low": ("Lower limit of the bin of probabilities", ""),
    "bin_high": ("Upper limit of the bin of probabilities", ""),
    "mean_probability": ("Mean predicted probability in the bin", ""),
    "observed_share": ("Share of class 1 in the bin", ""),
    "line_slope": ("Slope of logistic recalibration in the scope", ""),
    "line_reason": ("Why the line of recalibration has no interval", ""),
    "line_intercept": ("Intercept of logistic recalibration in the scope", ""),
    "reference": ("Model compared with", ""),
    "mean_difference": ("Mean difference", ""),
    "test": ("Test used", ""),
    "level": ("What the row is about: a participant, a clip, a condition, all", ""),
    "rate": ("Share of participants who responded", ""),
    "duration_mean_s": ("Mean duration of responses", "s"),
    "duration_sd_s": ("Standard deviation of the duration of responses", "s"),
    "continuity": ("Share of samples that are usable", ""),
    "r": ("Correlation", ""),
    "r_good": ("Correlation, without poor windows", ""),
    "r_pulse_rate": ("Correlation of pulse rate with the rating", ""),
    "r_rmssd": ("Correlation of RMSSD with the rating", ""),
    "n_windows_good": ("Number of windows without poor ones", ""),
    "r_pulse_rate_good": ("Correlation of pulse rate with the rating, without poor windows", ""),
    "r_rmssd_good": ("Correlation of RMSSD with the rating, without poor windows", ""),
    "measure": ("What was measured", ""),
    "comparison": ("What is compared", ""),
    "unit": ("Unit of the measure", ""),
    "against": ("Rest against which the change is computed", ""),
    "mean_change": ("Mean change, in the unit of the row", ""),
    "change": ("Change of the participant, in the unit of the row", ""),
    "t": ("t statistic", ""),
    "df": ("Degrees of freedom", ""),
    "reason": ("Why a test could not be made", ""),
    "term": ("Term of the model", ""),
    "estimate": ("Estimate", ""),
    "se": ("Standard error", ""),
    "se_naive": ("Standard error of the model, not cluster-robust", ""),
    "p_naive": ("p value of the model, not cluster-robust", ""),
    "random_effects": ("Random effects of participants", ""),
    "check": ("Assumption checked", ""),
    "statistic": ("Statistic of the check", ""),
    "holds": ("Whether the assumption holds", ""),
    "verdict": ("Verdict", ""),
    "sentence": ("The verdict as a sentence", ""),
    "timing": ("Whether the model is shown to follow reports within clips", ""),
    "score": ("Whether it is shown to score better than the condition of the clip alone", ""),
    "category": ("Whether it is shown to tell the target condition from others", ""),
    "clear_auc": ("Area under the ROC curve of clear tracking", ""),
    "upper_end": ("Upper end of the interval of the test of absence", ""),
    "p_absent": ("p value that the area under the ROC curve is below clear_auc", ""),
    "decided_by": ("Test of timing: trained again on moved reports, t over folds, or nothing", ""),
    "n_shifts": ("Number of times the model was trained again on moved reports", ""),
    "p_decisive": ("p value of that test", ""),
    "residual_auc": ("Area under the ROC curve beyond the course on other clips", ""),
    "p_residual": ("p value of residual_auc", ""),
    "p_timing": ("Larger one of p_decisive and p_residual", ""),
    "difference": ("Macro F1 minus that of condition_only, mean over folds", ""),
    "difference_any_low": ("Lower end of its interval for any clips of the kind", ""),
    "difference_any_high": ("Upper end of its interval for any clips of the kind", ""),
    "p_score": ("p value that the difference is above 0, any clips of the kind", ""),
    "difference_of_people": ("Macro F1 minus that of condition_only, mean over people", ""),
    "difference_these_low": ("Lower end of its interval for these clips and networks", ""),
    "difference_these_high": ("Upper end of its interval for these clips and networks", ""),
    "p_score_these": ("p value that it is above 0, these clips and networks", ""),
    "category_gap": ("Mean probability in target clips minus that in others", ""),
    "category_gap_low": ("Lower end of its interval for any clips of the kind", ""),
    "category_gap_high": ("Upper end of its interval for any clips of the kind", ""),
    "category_auc": ("Share of pairs of a person's trials that it ranks rightly", ""),
    "p_category": ("p value that the gap is above 0", ""),
    "retrained_auc": ("Area under the ROC curve of the first network, these people and clips", ""),
    "retrained_null": ("Mean of the same of networks trained on moved reports", ""),
    "p_auc": ("p value of roc_auc over folds, any clips of the kind", ""),
    "residual_frames": ("Share of frames that residual_auc ranks", ""),
    "n_folds_residual": ("Number of folds behind p_residual", ""),
    "n_folds_score": ("Number of folds behind difference and p_score", ""),
    "n_folds_category": ("Number of folds behind category_gap and p_category", ""),
    "n_people_score": ("Number of people behind difference_of_people", ""),
    "p_timing_holm": ("p_timing, corrected after Holm", ""),
    "p_absent_holm": ("p_absent, corrected after Holm", ""),
    "p_score_holm": ("p_score, corrected after Holm", ""),
    "p_category_holm": ("p_category, corrected after Holm", ""),
    "intercept_bpm": ("Random intercept of the participant", "bpm"),
    "slope_bpm": ("Random slope of the participant, for one step of the rating", "bpm"),
    "position": ("Place of the window in its clip, from 0", ""),
    "fitted_bpm": ("Fitted pulse rate", "bpm"),
    "residual_bpm": ("Residual of the pulse rate", "bpm"),
    "fitted": ("Fitted value, in the unit of the row", ""),
    "residual": ("Residual, in the unit of the row", ""),
    "intercept": ("Random intercept of the participant, in the unit of the row", ""),
    "slope": ("Random slope of the participant, for one step of the rating", ""),
    "macro_f1_sd": ("Standard deviation of macro F1 over folds", ""),
    "condition_only": ("Macro F1 of the baseline that knows only the condition", ""),
    "condition_only_sd": ("Its standard deviation over folds", ""),
    "p_better": ("p value that the model is better than this baseline", ""),
    "p_better_holm": ("p_better, corrected after Holm", ""),
    "p_better_bh": ("p_better, corrected after Benjamini and Hochberg", ""),
    "within_balanced_accuracy": ("Balanced accuracy in the target condition", ""),
    "within_roc_auc": ("Area under the ROC curve in the target condition", ""),
    "p_shift": ("p value of within_roc_auc; predictions shifted in time", ""),
    "p_exchange": ("p value of within_roc_auc; label sequences exchanged", ""),
    "course_roc_auc": ("Area under the ROC curve of the course in time", ""),
    "p_course": ("p value of course_roc_auc", ""),
    "common_share": ("Share of the variance of probabilities that viewers have in common", ""),
}
# Columns whose names hold a condition of the study.
_BEGINNINGS = {
    "r_mean_": "Mean correlation in the condition",
    "r_": "Correlation with the rating:",
}
# Columns whose names begin with the type of a signal other than the pulse.
_ENDINGS = {
    "_coverage": "Share of the window in which the signal is usable",
    "_poor": "Whether the signal fails a criterion of quality in the window",
    "_windows": "Number of windows with a value of the signal",
    "_share_poor": "Share of windows in which the signal is of poor quality",
}
_OF_SENSORS = {
    f"{kind}{ending}": (text, "") for kind in SENSOR_TYPES for ending, text in _ENDINGS.items()
}

_TABLES = {
    "ratings": "Ratings on the grid of the study, with the signals that there are",
    "pulsewindows": "Pulse rate, variability and signal quality in windows",
    "pulseblocks": "Pulse in rests and clips",
    "sensorwindows": "Other signals in windows",
    "sensorblocks": "Other signals in rests and clips",
    "predictions": "Predictions of every model, baseline and fold",
}


@dataclass(frozen=True)
class DerivedStudy:
    """What a dataset of derivatives says of its study.

    Attributes
    ----------
    name : of the study; its letters and digits are the task of every file, as in the raw dataset.
    protocol : under which all of it was computed.
    version : of Tinglegram.
    ids : number of a participant -> participant_id.
    sources : URLs or DOIs (doi:10...) of the raw dataset.
    authors, license : of the dataset, as BIDS wants them.
    """

    name: str
    protocol: str
    version: str
    ids: Mapping[int, str]
    sources: Sequence[str] = ()
    authors: Sequence[str] = ()
    license: str | None = None

    @property
    def raw(self) -> BidsStudy:
        """Return what the raw dataset says of the study, which names the files."""
        return BidsStudy(self.name)

    @property
    def labels(self) -> dict[int, str]:
        """Return number of a participant -> sub-<label>."""
        of_id = participant_labels(list(self.ids.values()))
        return {number: of_id[one] for number, one in self.ids.items()}


@dataclass(frozen=True)
class ParticipantResults:
    """Results of one participant; empty tables and mappings where there are none.

    Attributes
    ----------
    ratings : subject, video, condition, order, step, time_s, rating.
    pulse : video -> pulse wave on the grid, (n_steps,).
    windows, blocks : `pulse_windows` and `pulse_blocks` (docs/files.md).
    predictions : model, fold, seed, and what predictions.parquet holds.
    sensors : column -> video -> other signals on the grid, (n_steps,).
    sensor_windows, sensor_blocks : as their files (docs/files.md).
    """

    ratings: pd.DataFrame
    pulse: Mapping[str, np.ndarray] = field(default_factory=dict)
    windows: pd.DataFrame = field(default_factory=pd.DataFrame)
    blocks: pd.DataFrame = field(default_factory=pd.DataFrame)
    predictions: pd.DataFrame = field(default_factory=pd.DataFrame)
    sensors: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)
    sensor_windows: pd.DataFrame = field(default_factory=pd.DataFrame)
    sensor_blocks: pd.DataFrame = field(default_factory=pd.DataFrame)


def derived_participant_files(
    number: int, results: ParticipantResults, study: DerivedStudy
) -> dict[str, bytes]:
    """Return path -> content of the tables of one participant, who is named as in the raw dataset.

    Their descriptions stand once, in `derived_dataset_files`.
    """
    label = study.labels[number]
    return {
        f"{label}/beh/{label}_task-{study.raw.task}_desc-{name}_beh.tsv": tsv_bytes(table)
        for name, table in _own_tables(results).items()
    }


def participant_columns(results: ParticipantResults) -> dict[str, list[str]]:
    """Return table (`desc-`) -> the columns that a participant has in it."""
    return {name: list(table.columns) for name, table in _own_tables(results).items()}


def _own_tables(results: ParticipantResults) -> dict[str, pd.DataFrame]:
    signals = ({"pulse": results.pulse} if results.pulse else {}) | dict(results.sensors)
    tables = {
        "ratings": tidy_steps(results.ratings, signals, {}, {}),
        "pulsewindows": results.windows,
        "pulseblocks": results.blocks,
        "sensorwindows": results.sensor_windows,
        "sensorblocks": results.sensor_blocks,
        "predictions": results.predictions,
    }
    return {
        name: table.drop(columns="subject", errors="ignore")
        for name, table in tables.items()
        if len(table)
    }


def derived_dataset_files(
    study: DerivedStudy,
    columns: Mapping[str, Sequence[str]],
    statistics: Mapping[str, pd.DataFrame],
    participants: pd.DataFrame | None = None,
) -> tuple[dict[str, bytes], list[Note]]:
    """Return path -> content of the files beside the participants' folders, and notes.

    Parameters
    ----------
    columns : table of participants -> its columns, of all participants (`participant_columns`).
    statistics : name -> table of the group; a column `subject` becomes participant_id.
    participants : a row for each: subject, participant_id and covariates.

    Raises
    ------
    TinglegramError : a table names a participant who is none of the study's.
    """
    people = dataset_files(study.raw, list(study.ids.values()), participants)
    files = {name: people[name] for name in ("participants.tsv", "participants.json")}
    files["dataset_description.json"] = json_bytes(_description(study))
    files["README.md"] = _readme(study).encode()
    unknown: dict[str, list[str]] = {}
    for name, names in columns.items():
        sidecar = {"Description": f"{_TABLES[name]}. Protocol: {study.protocol}."}
        files[f"task-{study.raw.task}_desc-{name}_beh.json"] = json_bytes(
            sidecar | _described(names, name, unknown)
        )
    for name, table in statistics.items():
        named = _with_ids(table, study.labels, name)
        label = re.sub("[^A-Za-z0-9]", "", name)
        base = f"task-{study.raw.task}_desc-{label}_beh"
        if f"{base}.json" in files:
            raise TinglegramError(
                f"statistics/{name}.tsv: expected a name that differs from other tables in letters "
                f"or digits, found {label} for two. Rename one of them."
            )
        sidecar = {"Description": f"Statistics of the group: {name}. Protocol: {study.protocol}."}
        files[f"{base}.tsv"] = tsv_bytes(named)
        files[f"{base}.json"] = json_bytes(sidecar | _described(list(named.columns), name, unknown))
    return files, [
        Note("no_description", f"column {column} has no description ({', '.join(tables)})")
        for column, tables in unknown.items()
    ]


def _description(study: DerivedStudy) -> dict[str, Any]:
    about = f"Computed under the protocol {study.protocol}"
    description: dict[str, Any] = {
        "Name": f"{study.name}: results of the protocol {study.protocol}",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [{"Name": "Tinglegram", "Version": study.version, "Description": about}],
    }
    if study.sources:
        description["SourceDatasets"] = [
            {"DOI" if source.startswith("doi:") else "URL": source} for source in study.sources
        ]
    if study.authors:
        description["Authors"] = list(study.authors)
    if study.license:
        description["License"] = study.license
    return description


def _readme(study: DerivedStudy) -> str:
    task = study.raw.task
    raw = ", ".join(study.sources) or "not named here"
    return f"""# {study.name}: results of the protocol {study.protocol}

Written by Tinglegram {study.version} from the results of a study with continuous ratings. Raw
dataset: {raw}. Participants are named as in its BIDS export.

For each participant, in `sub-<label>/beh/`, as `sub-<label>_task-{task}_desc-<table>_beh.tsv`:

- `ratings`: one row for each step of the grid in each trial, with the signals that there are.
- `pulsewindows`, `pulseblocks`: pulse rate, variability and signal quality.
- `sensorwindows`, `sensorblocks`: skin conductance, respiration and temperature, where measured.
- `predictions`: of every model, baseline, fold and seed.

Times in them count from the end of the warm-up of a clip; `video` and `order` are `stimulus_id` and
`shown_order` among the events of the raw dataset. `task-{task}_desc-<table>_beh.json` describes the
columns for all participants.

For the group: `task-{task}_desc-<statistic>_beh.tsv`, each with its JSON file. BIDS has no suffix
for statistics of a group; these are tables of behaviour without a participant in their names.
Fractions are fractions, not percent. A missing value is n/a.
"""


def _described(
    names: Sequence[str], table: str, unknown: dict[str, list[str]]
) -> dict[str, dict[str, str]]:
    """Return column -> what a sidecar says of it; columns without description are remembered."""
    said = {}
    for name in names:
        beginning = next((b for b in _BEGINNINGS if name.startswith(b)), None)
        if name in COLUMNS or name in _OF_SENSORS:
            text, unit = (COLUMNS | _OF_SENSORS)[name]
        elif beginning:
            text, unit = f"{_BEGINNINGS[beginning]} {name.removeprefix(beginning)}", ""
        else:
            unknown.setdefault(name, []).append(table)
            continue
        said[name] = {"Description": text} | ({"Units": unit} if unit else {})
    return said


def _with_ids(table: pd.DataFrame, labels: Mapping[int, str], name: str) -> pd.DataFrame:
    """Return a table whose numbers of participants are their labels; n/a stays."""
    if "subject" not in table.columns:
        return table
    numbers = table["subject"]
    strange = sorted({int(n) for n in numbers.dropna()} - set(labels))
    if strange:
        raise TinglegramError(
            f"{name}: expected participants of the study ({len(labels)}), found number "
            f"{', '.join(map(str, strange))}. The table is of an older run: run the study again."
        )
    given = [MISSING if n != n else labels[int(n)] for n in numbers.astype(float)]
    named = table.assign(subject=given).rename(columns={"subject": "participant_id"})
    return named[["participant_id", *(c for c in named if c != "participant_id")]]
