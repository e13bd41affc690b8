"""What protocol `corrected` gives as inference, and what it describes with: one declaration.

Every p and every interval that a table of `corrected` prints stands in `INFERRED`, beside the
simulated studies that measure its rate, or in `DESCRIPTIVE`, with the reason, which its caption
gives. Names of tables are those of the files of statistics; `*` stands for anything.
"""

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple


class Inferred(NamedTuple):
    """Columns of a table that are inference, and where their rate is measured.

    `rates`: `kind: topic/effect/statistic/inference`, as `tinglegram.recovery.acceptance` judges
    them. `speaks_of`: the population.
    """

    table: str
    columns: tuple[str, ...]
    speaks_of: str
    rates: tuple[str, ...]


class Described(NamedTuple):
    """Columns of a table that describe, and why: the end of a sentence that begins with them."""

    table: str
    columns: tuple[str, ...]
    reason: str


_THESE, _ANY, _PEOPLE = "these clips and networks", "any clips of the kind", "these clips"
_ENDS, _ANY_ENDS = ("ci_low", "ci_high"), ("any_low", "any_high")
_P = ("p_value", "p_holm", "p_bh")
_FP, _COVER = "false positives: ", "coverage: "
_JACKKNIFE, _FOLDS = "jackknife over people within folds", "corrected t over folds"
_MOVED = "clips moved in time, less the course of other clips"
_ANEW = "these clips: ratings moved and fitted anew; jackknife over people"
_CLAIM = "one-sided, ratings moved and fitted anew"
_CLUSTERS = "mixed model, clusters: participants"
_FUNCTION = "response_function/no signal/response function of the group, r"
_TRACKED = "tracking within clips/trained again on moved reports"


def _trained(statistic: str, way: str) -> str:
    """Return where the rate of a statistic of a trained model is measured."""
    return f"trained/category only/{statistic}/{way}"


def _scores(table: str, statistic: str) -> Iterator[Inferred]:
    """Return both intervals of a table of scores of a model."""
    these, anywhere = f"{statistic}, these clips", f"{statistic}, any clips"
    yield Inferred(table, _ENDS, _THESE, (_COVER + _trained(these, _JACKKNIFE),))
    yield Inferred(table, _ANY_ENDS, _ANY, (_COVER + _trained(anywhere, _FOLDS),))


def _inferred() -> Iterator[Inferred]:
    people = "agreement/0/agreement r/every viewer moved in time"
    pairs = "agreement/0/agreement of pairs r/jackknife over viewers"
    yield Inferred("agreement", _P, _PEOPLE, (_FP + people,))
    yield Inferred("agreement", ("pairwise_ci_low", "pairwise_ci_high"), _PEOPLE, (_COVER + pairs,))
    yield Inferred("response_function", _ENDS, _PEOPLE, (f"{_COVER}{_FUNCTION}/{_ANEW}",))
    yield Inferred("response_function", _P, _PEOPLE, (f"{_FP}{_FUNCTION}/{_ANEW}",))
    over_clips = f"{_FUNCTION}/any clips: corrected t over clips"
    yield Inferred("response_function", _ANY_ENDS, _ANY, (_COVER + over_clips,))
    yield Inferred("response_function", ("p_any",), _ANY, (_FP + over_clips,))
    weight = "response_function/no signal/weight near 5 kHz"
    yield Inferred("response_claims", ("p_value",), _PEOPLE, (f"{_FP}{weight}/{_CLAIM}",))
    both = f"{weight}/two-sided, ratings moved and fitted anew"
    yield Inferred("response_claims", ("p_two_sided",), _PEOPLE, (_FP + both,))
    tests = (
        *(f"{name}/Fisher's z, t-test" for name in ("spearman", "pearson")),
        *(f"{name} groups/Welch" for name in ("two", "three")),
    )
    at = [f"covariates/0/covariate, {test}" for test in tests]
    yield Inferred("covariates", _P, _PEOPLE, tuple(_FP + one for one in at))
    yield Inferred("covariates", _ENDS, _PEOPLE, tuple(_COVER + one for one in at[:-1]))
    coupled = [
        f"coupling/0/{name}/{_MOVED}" for name in ("difference of Fisher z", "mean Fisher z")
    ]
    for table in ("*_coupling_test", "*_coupling_quality"):
        columns = (*_P, "p_shift_course")
        yield Inferred(table, columns, _PEOPLE, tuple(_FP + one for one in coupled))
    largest = "lagged/no coupling/{}/clips shifted, largest of all"
    yield Inferred(
        "pulse_lags", _P, _PEOPLE, (_FP + largest.format("coupling at the largest lag"),)
    )
    edges = tuple(_FP + largest.format(f"pulse around {edge}s") for edge in ("onset", "offset"))
    yield Inferred("pulse_locked", _P, _PEOPLE, edges)
    rest = [
        f"rest_change/0/{name}/t over participants, t-test"
        for name in ("change against rest, bpm", "RMSSD against rest, %")
    ]
    for table in ("rest_change", "sensor_rest_change"):
        yield Inferred(table, _P, _PEOPLE, tuple(_FP + one for one in rest))
        yield Inferred(table, _ENDS, _PEOPLE, tuple(_COVER + one for one in rest))
    slope, means = (
        "mixed_model/0/slope, bpm per rating unit",
        "mixed_model/0/difference of means, bpm",
    )
    for table in ("pulse_mixed_model", "sensor_mixed_model"):
        at = [f"{slope}/{_MOVED}", f"{means}/{_CLUSTERS}"]
        yield Inferred(table, (*_P, "p_shift_course"), _PEOPLE, tuple(_FP + one for one in at))
        at = [f"{name}/{_CLUSTERS}" for name in (slope, means)]
        yield Inferred(table, _ENDS, _PEOPLE, tuple(_COVER + one for one in at))
    yield from _of_verdicts()
    yield from _of_models()


def _of_verdicts() -> Iterator[Inferred]:
    yield Inferred("retrained", ("p_value",), _PEOPLE, (_FP + f"trained/category only/{_TRACKED}",))
    auc, residual = "ROC AUC, within target, any clips", "residual ROC AUC, any clips"
    better = "difference of macro F1"
    yield Inferred("verdicts", _ANY_ENDS, _ANY, (_COVER + _trained(auc, _FOLDS),))
    decisive = f"{_FP}trained/category only/{_TRACKED}", _FP + _trained(auc, _FOLDS)
    yield Inferred("verdicts", ("p_decisive",), _ANY, decisive)
    yield Inferred("verdicts", ("p_auc",), _ANY, decisive[1:])
    yield Inferred("verdicts", ("p_residual",), _ANY, (_FP + _trained(residual, _FOLDS),))
    claims = {"timing": "timing, trained again", "score": "score", "category": "category"}
    for claim, told in claims.items():
        called = f"{_FP}verdicts/no signal, no category/decision/{told}: shown"
        yield Inferred("verdicts", (f"p_{claim}", f"p_{claim}_holm"), _ANY, (called,))
    absent = "calls: verdicts/clip's course, AUC 0.72/decision/"
    absent += "timing, trained again: clear tracking absent"
    yield Inferred("verdicts", ("p_absent", "p_absent_holm"), _ANY, (absent,))
    ends = ("difference_any_low", "difference_any_high")
    yield Inferred("verdicts", ends, _ANY, (_COVER + _trained(f"{better}, any clips", _FOLDS),))
    paired = ("difference_these_low", "difference_these_high", "p_score_these")
    within = _trained(f"{better}, these clips", "t over people within folds")
    yield Inferred("verdicts", paired, _THESE, (_COVER + within,))
    both = (_trained(f"{better}, any clips", _FOLDS), within)
    yield Inferred("ablation", _P, f"{_ANY}; {_THESE}", (_FP + both[0], _COVER + both[1]))
    yield Inferred("ablation", _ENDS, f"{_ANY}; {_THESE}", tuple(_COVER + one for one in both))


def _of_models() -> Iterator[Inferred]:
    yield from _scores("pooled", "macro F1")
    exchanged = "within-clip tracking/exchanged within fold and condition"
    yield Inferred("pooled", ("p_within",), _THESE, (f"{_FP}scores/category only/{exchanged}",))
    wilson = _trained(
        "whole trials, accuracy, these clips", "Wilson with a design effect, people within folds"
    )
    anywhere = _trained("whole trials, accuracy, any clips", _FOLDS)
    yield Inferred("video_level", _ENDS, _THESE, (_COVER + wilson,))
    yield Inferred("video_level", _ANY_ENDS, _ANY, (_COVER + anywhere,))
    called = "video_level/no category, noise per clip/video-level accuracy, any clips/" + _FOLDS
    yield Inferred("video_level", ("p_value",), _ANY, (_FP + called,))
    own = "self-report, balanced accuracy within target"
    yield from _scores("video_level_own_report", "self-report, accuracy within target")
    orders = _trained(f"{own}, these clips", "reports exchanged between viewers")
    yield Inferred("video_level_own_report", ("p_value",), _THESE, (_FP + orders,))
    yield from _scores("within", "ROC AUC, within target")
    above = [
        _trained(f"{name}, any clips", _FOLDS)
        for name in ("ROC AUC, within target", "residual ROC AUC")
    ]
    yield Inferred("within", ("p_any",), _ANY, tuple(_FP + one for one in above))
    viewers = "resampled participants, reports exchanged between viewers"
    yield Inferred(
        "within", ("p_value",), _THESE, (f"{_FP}within/category only/roc auc/{viewers}",)
    )
    yield from _scores("events", "events, onset hit rate")
    curve = "calibration, within target"
    bins = _trained(f"{curve}, these clips", "t on the logit, linearised")
    yield Inferred("calibration", _ENDS, _THESE, (_COVER + bins,))


INFERRED = tuple(_inferred())

DESCRIPTIVE = (
    Described(
        "reliability",
        ("icc_ci_low", "icc_ci_high", "alpha_ci_low", "alpha_ci_high"),
        "in simulated studies they cover 94 to 98 % (ICC) and 89 to 95 % (alpha), not 95",
    ),
    Described(
        "*_coupling_*",
        ("p_shift",),
        "an onset of measure and ratings alike is not taken off, so that it alone may reject",
    ),
    Described(
        "*_mixed_model",
        ("p_shift",),
        "an onset of measure and ratings alike is not taken off, so that it alone may reject",
    ),
    Described("*_mixed_model", ("p_naive",), "windows of a person are taken as independent"),
    Described(
        "*_mixed_model_checks", ("p_value",), "checks of assumptions, whose rate was not measured"
    ),
    Described(
        "pulse_l*", ("band_low", "band_high"), "where moved reports lie at that lag or time alone"
    ),
    Described(
        "verdicts",
        ("category_gap_low", "category_gap_high"),
        "the test of the same number is what was measured",
    ),
    Described("regression*", _ENDS + _ANY_ENDS, "no rate was measured"),
)

# What `corrected` leaves empty, or does not have.
EMPTY = (
    Described("pooled", _P, "p of all trials exchanged"),
    Described("pooled", ("p_within_holm", "p_within_bh"), "one test for all scores"),
    Described("video_level*", ("p_holm", "p_bh"), "one test for all scores"),
    Described("within", ("p_holm", "p_bh"), "one test for all scores"),
    Described("agreement", _ENDS, "agreement of pairs has the interval"),
    Described(
        "verdicts",
        (
            *("p_better", "p_better_holm", "p_better_bh", "p_shift", "p_exchange", "p_course"),
            *_ENDS,
        ),
        "columns of another verdict",
    ),
)


def descriptive_note(table: str, columns: Collection[str]) -> str:
    """Return what the caption of a table says of its columns that are no inference.

    Parameters
    ----------
    table : name of the file of statistics.
    columns : of the table.

    Returns
    -------
    str : it begins with a blank, to stand after another sentence; empty: there are none.
    """
    found = [
        f"{', '.join(there)}: {one.reason}"
        for one in DESCRIPTIVE
        if fnmatchcase(table, one.table)
        and (there := [column for column in one.columns if column in columns])
    ]
    return f" Descriptive, no inference: {'; '.join(found)}." if found else ""


def inferred_rows() -> list[str]:
    """Return the table of docs/inference.md: what is inference, and what is not."""
    rows = ["| table | columns | | rate measured, or why descriptive |", "|---|---|---|---|"]
    rows += [
        f"| `{one.table}` | {', '.join(one.columns)} | inference, {one.speaks_of} | "
        f"{'; '.join(one.rates)} |"
        for one in INFERRED
    ]
    rows += [
        f"| `{one.table}` | {', '.join(one.columns)} | descriptive | {one.reason} |"
        for one in DESCRIPTIVE
    ]
    rows += [
        f"| `{one.table}` | {', '.join(one.columns)} | not given | {one.reason} |" for one in EMPTY
    ]
    return rows
