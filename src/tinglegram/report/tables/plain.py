"""Statistics files printed as they are, with what is said beside each."""

from itertools import permutations

import numpy as np
import pandas as pd

from tinglegram.pulse.clip_shifts import SHIFT_COLUMNS
from tinglegram.pulse.coupling import AGAINST_ZERO
from tinglegram.pulse.measures import RMSSD
from tinglegram.report.text import ABSENT, ONE_CONDITION, SOURCE, p_text, percent_text

# Columns of statistics files that hold fractions and are printed in percent.
SHARES = ("rate", "continuity", "share_poor")
# Name of a statistics file -> section, title and caption of its table in the report.
PLAIN = {
    "responders": (
        "behaviour",
        "Responders and durations",
        "People with any rating above {above:g}, per clip, per condition and overall (rate: share "
        "of the n who saw it), and the seconds a response lasted in the trials that had one.",
    ),
    "agreement": (
        "behaviour",
        "Agreement among viewers",
        "Leave-one-out agreement: mean Pearson r between one viewer's rating and the mean of the "
        "others (Fisher z), bootstrap interval, and the share of bootstrap means not above 0; n: "
        "viewers whose rating varies. p_holm, p_bh: corrected (Holm; Benjamini-Hochberg) for the "
        "family of all clips. Viewers are taken as independent, though each is among the others of "
        "everybody else: the interval is too narrow and p rejects too often (docs/validation.md).",
    ),
    "reliability": (
        "behaviour",
        "Reliability of the ratings",
        "How far the mean rating of each clip could be repeated with other viewers: intraclass "
        "correlation ICC(2, k) in absolute agreement, random halves of the viewers (Spearman and "
        "Brown), and Krippendorff's alpha of single viewers (level: how ratings are compared). "
        "Intervals: jackknife over viewers, for other people and these clips. r_other_clips: mean "
        "correlation of a viewer with what all others gave to other clips at that time, which "
        "needs no knowledge of the clip.",
    ),
    "response_function": (
        "behaviour",
        "Temporal response function",
        "How well ratings of clips that were left out are predicted from features of their sound "
        "(band envelopes) and picture (luminance, motion), by ridge regression on lagged features: "
        "mean Pearson r (Fisher z) with the mean rating of the viewers (group), or with the rating "
        "of each person, from a kernel of other people and other clips (person). ci: these clips, "
        "other people (jackknife over people). any_low, any_high, p_any: any clips of the kind "
        "(Nadeau-Bengio t over clips). p_value: share of random shifts of the ratings of each clip "
        "in time, alike for all its viewers and each fitted anew, that reach it (these clips). "
        "p_holm, p_bh: corrected for the family of rows of all clips. Rows of single clips are "
        "descriptive.",
    ),
    "response_claims": (
        "behaviour",
        "Published claims about the temporal response function",
        "value: mean weight of the window in the kernel of the mean rating, in SDs of the rating "
        "per SD of a feature; interval for any clips of the kind (t, jackknife over clips). "
        "p_value: one-sided, in the direction that is expected; p_two_sided: in either; shares of "
        "random shifts of the ratings in time, each fitted anew (these clips). Verdict: supported "
        "where p_value is below 1 - confidence, opposite where the weight has the other sign and "
        "p_two_sided is, else not shown, which is no evidence that there is none.",
    ),
    "covariates": (
        "behaviour",
        "Covariates of the participants",
        "What was measured of each person (change of the pulse and of other signals from rest over "
        "all windows, mean rating, agreement with the others, coupling of pulse and other signals "
        "with the rating) against covariates. "
        "Numbers: Spearman's r (p exact up to 8 people) and Pearson's beside it, intervals by "
        "Fisher's z. Words: Welch's t-test of the second group minus the first, or Welch's "
        "analysis of variance (no estimate); groups of one person are left out (n_alone). Holm and "
        "Benjamini-Hochberg within family. People chose or brought these values: a difference "
        "tells nothing of its cause.",
    ),
    "continuity": (
        "pulse",
        "Continuity of the pulse sensor",
        "Share of samples of the pulse recording without disconnect, clipping or flat line.",
    ),
    "pulse_coupling_test": (
        "pulse",
        "Test of the coupling between pulse rate and rating",
        "Paired t-test on Fisher z of the per-person Spearman correlations between the conditions. "
        "p_holm, p_bh: corrected (Holm; Benjamini-Hochberg) for the family of pulse measures.",
    ),
    "verdicts": (
        "models",
        "What the scores are worth",
        "Macro F1 (mean and SD over folds) beside that of the clip's category alone; the mean "
        "difference of the participants' macro F1 and p of its sign (p_better, corrected for the "
        "family of models); the ROC AUC within the target condition with its interval over "
        "participants, p of predictions moved in time within their clip (p_shift; a trend that all "
        "clips share counts), p that it is above the model's own course on other clips (p_course) "
        "and p of reports exchanged between viewers (p_exchange). Participants are taken as "
        "independent, though those of a fold share model and clips, so p_course rejects too often "
        "(docs/validation.md). common_share: share of the "
        "variance of target probabilities that viewers of a clip have in common.",
    ),
    "retrained": (
        "models",
        "Tracking, against models trained on moved reports",
        "Mean ROC AUC per participant within the target condition, and that of the same model "
        "trained and tested again on reports that are moved around in time (null_mean: mean over "
        "n_shifts random shifts, one step per clip for all its viewers and folds); p_value: share "
        "of shifts that reach the observed one, this one counted as a shift. Networks: that of the "
        "first seed, in both. p speaks of these participants and clips; where "
        "folds share clips it rejects too often and describes (docs/statistics.md). Moving the "
        "predictions of trained models instead (p_shift) rejects too often, as folds share "
        "participants and clips (docs/recovery.md).",
    ),
    "pulse_coupling_quality": (
        "pulse",
        "Coupling with and without poor windows",
        "The test of the coupling on all windows and on those of good signal quality; n_windows: "
        "windows used; share_poor: poor ones among all; Holm and Benjamini-Hochberg within family.",
    ),
    "rest_change": (
        "pulse",
        "Pulse against rest",
        "Mean change of a condition against the mean of the person's rests, against each rest, and "
        "against the other condition; interval from resamples of participants, one-sample t-test, "
        "Holm and Benjamini-Hochberg within family; good: without windows of poor signal quality.",
    ),
    "pulse_mixed_model": (
        "pulse",
        "Mixed model of pulse rate on rating",
        "Pulse rate (bpm) by condition and by the rating within person and condition (slopes: bpm "
        "per rating unit), windows without overlap; se, df and p by participant (CR2 sandwich, "
        "Satterthwaite), naive: the model's own; Holm and Benjamini-Hochberg within family.",
    ),
    "pulse_mixed_model_checks": (
        "pulse",
        "Assumptions of the mixed model",
        "Each assumption with its statistic, p (not corrected: an assumption should be given up "
        "rather too early than too late) and what follows from it.",
    ),
    "pulse_lags": (
        "pulse",
        "Pulse rate and rating: the largest lag",
        "The lag (s; above 0: pulse after rating) at which the mean correlation within clips "
        "departs most from shifts of the ratings, in their SDs, clip by clip, for all viewers "
        "alike; p: the share of shifts whose own largest over all lags reaches it; band: where "
        "shifts lie at that lag alone. It speaks of these clips and of other people. Holm and "
        "Benjamini-Hochberg over conditions. All lags: the file and the figure.",
    ),
    "pulse_locked": (
        "pulse",
        "Pulse rate around reported onsets and offsets: the largest departure",
        "The time (s after the edge) at which the mean change of the pulse rate (bpm, from the "
        "person's mean over the clip, less the course of the other clips) departs most from shifts "
        "of the reports, clip by clip, for all viewers alike; p: the share of shifts whose own "
        "largest over all times reaches it; band: where shifts lie at that time alone. It speaks "
        "of these clips and of other people. n_cut_short: events with a time beyond the clip. Holm "
        "and Benjamini-Hochberg over conditions and edges. All times: the file and the figure.",
    ),
    "sensor_coupling_test": (
        "sensors",
        "Test of the coupling between other signals and rating",
        "Paired t-test on Fisher z of the per-person Spearman correlations between the conditions, "
        "for each measure on its own windows. p_holm, p_bh: corrected (Holm; Benjamini-Hochberg) "
        "for the family of all measures.",
    ),
    "sensor_coupling_quality": (
        "sensors",
        "Coupling of other signals with and without poor windows",
        "The test of the coupling on all windows and on those of good signal quality; n_windows: "
        "windows used; share_poor: poor ones of the people who have the measure; Holm and "
        "Benjamini-Hochberg within family, which spans the measures.",
    ),
    "sensor_rest_change": (
        "sensors",
        "Other signals against rest",
        "Mean change of a condition against the mean of the person's rests, against each rest, and "
        "against the other conditions, in the unit of the row; interval from resamples of "
        "participants, one-sample t-test, Holm and Benjamini-Hochberg within family, which spans "
        "the measures; good: without windows of poor signal quality.",
    ),
    "sensor_mixed_model": (
        "sensors",
        "Mixed models of other signals on rating",
        "Each measure (in the unit of the row) by condition and by the rating within person and "
        "condition (slopes: per rating unit), windows without overlap; se, df and p by participant "
        "(CR2 sandwich, Satterthwaite), naive: the model's own; Holm and Benjamini-Hochberg within "
        "family, which spans the measures.",
    ),
    "sensor_mixed_model_checks": (
        "sensors",
        "Assumptions of the mixed models of other signals",
        "Each assumption of each model with its statistic, p (not corrected: an assumption should "
        "be given up rather too early than too late) and what follows from it.",
    ),
}


# What stands beside agreement.tsv where viewers were moved in time (switch agreement_test).
_SHIFTED_VIEWERS = (
    "Mean Pearson r between one viewer's rating and the mean of the others (Fisher z), which grows "
    "with the number of viewers; p_value: share of random shifts in time, of every viewer by steps "
    "of their own, that reach it; n: viewers whose rating varies. r_pairwise: mean r of all pairs "
    "of viewers, with its interval for other people and these clips (jackknife over viewers). "
    "p_holm, p_bh: corrected (Holm; Benjamini-Hochberg) for the family of all clips."
)
# What stands beside tests of coupling whose clips were moved in time (switch coupling_test).
_SHIFTED_CLIPS = (
    "Mean over people of the difference of Fisher's z between conditions (of z itself in rows "
    "'against 0'), of the per-person Spearman correlations. p_shift: share of random shifts in "
    "time, of the ratings of each clip by the same steps for all its viewers, that reach it; "
    "p_shift_course: the same with the measure less its mean course on the other clips of the "
    "condition, which is p_value (p_shift where a condition has one clip). It says that the "
    "coupling is neither a coincidence of these clips nor what all clips share from their start "
    "on. t and df describe: they take these clips for the only ones, and have no p."
)
_SHORT_RMSSD = " RMSSD in windows of a few seconds is mostly noise: its numbers describe, no p."
_SHIFTED_SLOPES = (
    " p_value of a slope: ratings of each clip moved in time, by the same steps for all its "
    "viewers (p_shift), and likewise with the measure less its course on other clips "
    "(p_shift_course), which is p_value. Intervals and p of a difference of means speak of these "
    "clips and other people; p_naive describes."
)
# The same where they are not: how often that is wrong (docs/pulse.md).
_FIXED_CLIPS = (
    " Clips are taken for the only ones: where viewers of a clip share a response of 5 % of the "
    "variance that has nothing to do with ratings, this rejects in 12 % of simulated studies, and "
    "with an onset of pulse and ratings alike in 50 % (docs/pulse.md)."
)
_FIXED_SLOPES = (
    " Clips are fixed: where viewers of a clip share a response of 5 % of the variance that has "
    "nothing to do with ratings, p of a slope rejects in 13 % of simulated studies."
)
_BOOTSTRAP = " The interval covers 93 % of simulated studies, not 95."
_T_INTERVAL = (
    "Mean change of a condition against the mean of the person's rests, against each rest, and "
    "against the other conditions, in the unit of the row; %: ratio (geometric means; t of its "
    "logarithm), RMSSD in long windows alone. Interval and one-sample t-test over people, for "
    "these clips and other people; Holm and Benjamini-Hochberg within family; good: without "
    "windows of poor signal quality."
)
# What stands beside verdicts.tsv where claims are decided (switch verdict).
_DECISIONS = (
    "Three claims and what each rests on; corrected over the models (p_..._holm). timing: ROC AUC "
    "within the target condition, its interval for any clips of the kind and p_decisive "
    "(decided_by: reports moved and the first network trained again n_shifts times, retrained_auc "
    "against retrained_null, of these people and clips; or t over folds, p_auc; nothing, where "
    "folds share clips), the "
    "AUC of what is left of the logit when its mean course on other clips is taken away, and the "
    "larger of both p (p_timing); p_absent: that the AUC is below clear_auc (upper_end: of the "
    "interval that ends there). score: macro F1 minus that of condition_only over folds (any "
    "clips), and over people within folds (these clips and networks). category: mean probability "
    "of target clips minus others (any clips), and the share of pairs of a person's trials that it "
    "ranks rightly (descriptive). Tests "
    "over folds have the variance of Nadeau and Bengio."
)
_MEAN_OF = "r_mean_"
# Of courses over lags or times, the report prints the largest, or why there is none.
_COURSES = ("pulse_lags", "pulse_locked")
_ONE = f"A test between conditions is not applicable: {ONE_CONDITION}."
_AGAINST_ZERO = "'against 0': one-sample t-test of one condition (n_pairs: people)."


def plain_caption(name: str, table: pd.DataFrame) -> str:
    """Return the caption of a statistics table, with what a study without two conditions lacks.

    Parameters
    ----------
    name : of the statistics file, a key of `PLAIN`.
    table : its content.
    """
    caption = PLAIN[name][2]
    if name == "agreement" and "r_pairwise" in table:
        return _SHIFTED_VIEWERS
    if name == "verdicts" and "timing" in table:
        return _DECISIONS
    if name.startswith(("pulse_coupling_", "sensor_coupling_")):
        alone = table["comparison"].str.endswith(AGAINST_ZERO)
        said = f" {_AGAINST_ZERO}" if alone.any() else ""
        if SHIFT_COLUMNS[0] in table:
            caption, said = f"{_SHIFTED_CLIPS} {caption.rpartition('. ')[2]}", ""
        else:
            said += _FIXED_CLIPS
        of_rmssd = table[table["measure"] == RMSSD.name]
        if of_rmssd["p_value"].isna().all() and of_rmssd["t"].notna().any():
            said += _SHORT_RMSSD
        people = table.groupby("measure")["n_pairs"].sum()
        said += "".join(
            f" {measure}: nobody has a value that could be correlated with the rating."
            for measure in people.index[people == 0]
            if people.any()
        )
        return caption + said + (f" {_ONE}" if alone.all() else "")
    if name in ("rest_change", "sensor_rest_change"):
        caption = _T_INTERVAL if "interval" in table else caption + _BOOTSTRAP
        return f"{caption} {_ONE}" if table["condition"].nunique() == 1 else caption
    if name in ("pulse_mixed_model", "sensor_mixed_model"):
        caption += _SHIFTED_SLOPES if SHIFT_COLUMNS[0] in table else _FIXED_SLOPES
        differences = table["term"].str.contains(" - ", regex=False)
        return caption if differences.any() else f"{caption} {_ONE}"
    return caption


def shown_rows(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a statistics table that the report prints: of a course, the largest."""
    if name not in _COURSES:
        return table
    return table[table["largest"].astype(bool) | (table["reason"].fillna("") != "")].drop(
        columns="largest"
    )


def plain_table(table: pd.DataFrame, *, draws: int, source: str) -> pd.DataFrame:
    """Return any statistics table as text: shares in percent, p to four places, others to three.

    Parameters
    ----------
    table : as the statistics stage wrote it; its columns of `SHARES` are fractions.
    draws : resamples behind a p-value of 0.
    source : file it was read from.
    """
    table = _means_of_row(table)
    printed = pd.DataFrame(index=table.index)
    for name in map(str, table.columns):
        heading = f"{name} (%)" if name in SHARES else name
        printed[heading] = [_cell(value, name, draws) for value in table[name]]
    return printed.assign(**{SOURCE: source}).reset_index(drop=True)


def _means_of_row(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of comparisons with two means in each row, where it has one per condition.

    With more than two conditions most cells of those columns are empty: a row compares two.
    """
    own = [name for name in map(str, table.columns) if name.startswith(_MEAN_OF)]
    if len(own) <= 2 or "comparison" not in table:
        return table
    named = {f"{name.removeprefix(_MEAN_OF)} {AGAINST_ZERO}": (name, "") for name in own}
    for first, second in permutations(own, 2):
        known = f"{first.removeprefix(_MEAN_OF)} - {second.removeprefix(_MEAN_OF)}"
        named[known] = (first, second)
    pairs = [[row.get(c, np.nan) for c in named[row["comparison"]]] for _, row in table.iterrows()]
    means = pd.DataFrame(pairs, index=table.index, columns=["r_mean_first", "r_mean_second"])
    place = list(table.columns).index(own[0])
    rest = table.drop(columns=own)
    return pd.concat([rest.iloc[:, :place], means, rest.iloc[:, place:]], axis=1)


def _cell(value: object, column: str, draws: int) -> str:
    if isinstance(value, (bool, np.bool_, str)):
        return str(value)
    if value is None or not isinstance(value, (int, float, np.number)) or not np.isfinite(value):
        return ABSENT
    number = float(value)
    if column in ("p_value", "p_holm", "p_bh"):
        return p_text(number, draws)
    if column.startswith("p_"):
        return p_text(number)
    if column in SHARES:
        return percent_text(number)
    return f"{number:.0f}" if number.is_integer() else f"{number:.3f}"
