"""How often the statistics that do not hold are wrong: a sentence each, for the captions.

A caption names it where the table or figure comes from the old value of a switch; those of
`corrected` have none. All are percentages of simulated studies at a level of 5 %, or of intervals
that should cover 95 %.
"""

# Where they are from.
MEASURED = "docs/recovery.md"
# What is printed -> what simulated studies say of it.
ERROR_RATES = {
    "agreement": "Where viewers share nothing, p rejects in 10.0 % of simulated studies, and the "
    "interval covers 77 to 79 %, not 95.",
    "all trials": "p over all trials rejects in 11.5 % of simulated studies without any signal.",
    "macro F1": "Intervals of macro F1 cover 93.0 to 94.9 % of other people with these clips, and "
    "82 to 93 % where clips are others too, not 95.",
    "within": "Intervals cover 92.4 to 95.7 %, for these clips and networks. As evidence of more "
    "than chance for any clips, that of ROC AUC lies above 0.5 in 12 to 14 % of simulated studies "
    "where nothing is tracked, and in 30 to 34 % where a model is trained in each.",
    "shift": "Where nothing is tracked, p_shift rejects in 8 to 12.5 % of simulated studies in "
    "which a model is trained, and in 73 % where all clips share a trend.",
    "course": "p_course rejects in 17 to 20 % of simulated studies that hold nothing beyond a "
    "course that all clips share.",
    "AUC interval": "The interval of ROC AUC lies above 0.5 in 30 to 34 % of studies in which a "
    "model is trained and nothing is tracked.",
    "detector": "A model that follows reports at an AUC of 0.60 is called a category detector in "
    "62 % of studies.",
    "comparison of folds": "Of two equally good models, a bootstrap over four folds calls one "
    "better in 12 to 15 % of simulated studies, and their signs cannot reach 0.05.",
    "comparison of people": "Of two equally good models, a test over participants calls one better "
    "in 26 % of simulated studies.",
    "whole trials": "The interval covers 91.8 to 93.9 %, not 95; p rejects in 7.9 % of simulated "
    "studies where a model errs alike for all viewers of a clip.",
    "self-report": "Intervals cover 92.2 to 94.0 %, not 95.",
    "events": "Intervals of errors cover 90.6 to 93.6 %, those of rates 92.3 to 95.0 %, not 95.",
    "calibration": "Intervals cover 48.8 % in bins of 1 to 4 people, and 85 to 94 % in others, not "
    "95.",
    "coupling": "Clips are taken for the only ones: where viewers of a clip share a response of "
    "5 % of the variance that has nothing to do with ratings, this rejects in 12 % of simulated "
    "studies, and with an onset of pulse and ratings alike in 50 %.",
    "slopes": "Clips are fixed: where viewers of a clip share a response of 5 % of the variance "
    "that has nothing to do with ratings, p of a slope rejects in 13 % of simulated studies.",
    "rest change": "The interval covers 93 % of simulated studies, not 95.",
    "RMSSD": "RMSSD in windows of 5 s is 4 to 12 % too low, with a coefficient of variation of "
    "0.35 to 0.54.",
}


def measured(*names: str) -> str:
    """Return what was measured of some statistics, with its source: ` ... (docs/recovery.md).`.

    Parameters
    ----------
    names : keys of `ERROR_RATES`; none: an empty text. It begins with a blank, to stand after
        another sentence.
    """
    if not names:
        return ""
    told = " ".join(ERROR_RATES[name] for name in names)
    return f" {told.removesuffix('.')} (recovery studies, {MEASURED})."
