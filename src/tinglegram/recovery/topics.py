"""The statistics whose studies are simulated, and what a reader must know about each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial

from tinglegram.errors import TinglegramError
from tinglegram.recovery import (
    agreement_studies,
    comparison_studies,
    covariate_studies,
    lagged_studies,
    mixed_model_studies,
    model_studies,
    reliability_studies,
    response_studies,
    rest_studies,
    score_studies,
    verdict_studies,
    window_studies,
    within_studies,
)
from tinglegram.recovery.planted_models import PlantedKind
from tinglegram.recovery.predictions import SimulatedModel
from tinglegram.recovery.results import Prepare
from tinglegram.recovery.trained_studies import PlantedWorld

_WEIGHTS = tuple(field.name for field in fields(SimulatedModel))
_PLANTED = tuple(f.name for f in fields(PlantedWorld) if f.name != "features") + ("agreement",)


def _all_zero(names: tuple[str, ...], parameters: Mapping[str, float]) -> bool:
    return not any(parameters.get(name, 0.0) for name in names)


def _equal_models(parameters: Mapping[str, float]) -> bool:
    reference, other = (SimulatedModel.of(parameters, f"{which}_") for which in _MODELS)
    return reference == other


_MODELS = ("reference", "other")


@dataclass(frozen=True)
class Topic:
    """One family of studies: its heading, how to prepare it, what it asks for, what to know.

    `required` parameters stand in every effect; `optional` ones are 0, or what
    `about` says, where they do not. `trains`:
    the model that is trained in every study, if any. `is_null`: whether an effect's parameters
    leave nothing to find, so that error rates are at stake and more studies are simulated; without
    it, such are effects whose required parameters are all 0.
    """

    title: str
    prepare: Prepare
    required: tuple[str, ...]
    optional: tuple[str, ...]
    about: str
    trains: PlantedKind | None = None
    is_null: Callable[[Mapping[str, float]], bool] | None = None

    def nothing_to_find(self, parameters: Mapping[str, float]) -> bool:
        """Return whether an effect is one of nothing."""
        if self.is_null is not None:
            return self.is_null(parameters)
        return bool(self.required) and _all_zero(self.required, parameters)


TOPICS: dict[str, Topic] = {
    "agreement": Topic(
        "Agreement among viewers",
        agreement_studies.prepare_agreement,
        ("agreement",),
        (),
        "Effect: the share of the latent variance that all viewers of a clip have in common. "
        "Each study is one clip. Truth: the same statistic among very many viewers of the same "
        "clip. The correlations of two viewers share a term, as each is part of the other's mean; "
        "a bootstrap that draws them as if they were independent understates their spread. Viewers "
        "moved in time, and pairs of viewers with a jackknife, are what corrected has.",
    ),
    "coupling": Topic(
        "Coupling of pulse rate and rating",
        window_studies.prepare_coupling,
        ("coupling",),
        window_studies.BESIDE,
        "Effect: the correlation of pulse rate and mean rating in the target condition; in the "
        "control condition it is 0. Windows overlap, and the pulse rate is smooth in time. Truth: "
        "Spearman r of people who saw very many clips. The interval is that of the paired t-test "
        "on Fisher z. `shared`: a share of the pulse's variance that all viewers of a clip have in "
        "common and that has nothing to do with ratings; `onset`: a share that is one course of "
        "all the target's clips, while nobody reports in the first seconds (`silent`). A test over "
        "participants takes both for coupling; ratings moved in time, each clip for all its "
        "viewers alike, do not take the first, and less the course of other clips not the second. "
        "`uneven`: the share of their windows that all clips but one of a condition lack.",
    ),
    "lagged": Topic(
        "Pulse after the rating: the largest lag, and around onsets and offsets",
        lagged_studies.prepare_lagged,
        (),
        ("coupling", "lag", "shared", "onset"),
        "The pulse rate follows the rating by `lag` seconds in the target's clips. `shared`: share "
        "of the rest of the pulse's variance that all viewers of a clip have in common. `onset`: "
        "seconds at the start of every clip without reports, in which the pulse settles. The "
        "largest of all lags, or of all times around reported onsets and offsets, is held against "
        "that of reports moved in time, by the same step for all viewers of a clip. Beside it "
        "stands the paired t-test, which knows no lag and takes viewers of a clip as independent.",
    ),
    "mixed_model": Topic(
        "Mixed model of pulse rate on rating",
        mixed_model_studies.prepare_mixed_model,
        ("coupling",),
        window_studies.BESIDE,
        "The same windows as above. Truth: the slope that the windows are made with. Beside the "
        "model's cluster-robust inference stands its own, which takes windows as independent "
        "once a person's level and slope are known.",
    ),
    "rest_change": Topic(
        "Change against the person's own rest",
        rest_studies.prepare_rest_change,
        ("change",),
        (),
        "Effect: the mean change of the pulse rate in the target's clips, bpm. People differ in "
        f"their change with an SD of {rest_studies.CHANGE_SD_BPM:g} bpm. RMSSD never changes on "
        "average; it is that of windows of 30 s.",
    ),
    "covariates": Topic(
        "Covariates of the participants",
        covariate_studies.prepare_covariates,
        ("correlation",),
        covariate_studies.BESIDE_CORRELATION,
        "Each study is one outcome of everybody, one number and groups of people. Effect: the "
        "correlation of number and outcome; the last group differs from the others by as many SDs "
        "of theirs. `silent`: share of people whose outcome is the same lowest value, as the mean "
        "rating of those who never respond. `levels`: how many whole numbers the covariate can "
        "be. `spread`: SD of the last group in those of the others; of two, the second then has "
        f"{100 * covariate_studies.SMALLER_GROUP:g} % of the people. Truth: of the distribution "
        "that is drawn from.",
    ),
    "reliability": Topic(
        "Reliability of the ratings",
        reliability_studies.prepare_reliability,
        ("agreement",),
        (),
        "Effect: the share of the latent variance that all viewers of a clip have in common. Each "
        "study is one clip. Truth: alpha among very many viewers of the same clip, and ICC(2, k) "
        "of as many viewers as a study has, stepped down from very many (Spearman-Brown).",
    ),
    "scores": Topic(
        "Scores of a model, and its permutation test",
        score_studies.prepare_scores,
        (),
        _WEIGHTS,
        "A model's score of a frame is a weighted sum of the clip's category, the time course that "
        "viewers of the clip share, the person's own, a course of noise for each clip (the same "
        "for all its viewers) and one for each trial. The tests are judged as evidence that a "
        "model follows reports within clips: that is untrue of a model that knows the category "
        "alone. Exchanging reports within fold and condition finds only what tells the viewers of "
        "a clip apart, not a course they share. An interval over participants takes viewers of a "
        "clip as independent, though a model gives them the same noise. Moving the predictions of "
        "a clip in time, by the same step for all its viewers, avoids both; but courses here have "
        "no trend, and one that model and reports share, such as a start without reports, "
        "would count as following the reports. Setting the model against its own course on other "
        "clips allows for that, and takes viewers of a clip as independent. The interval of "
        "macro F1 is held against two truths: very many people who see the study's clips, and "
        "very many people who see other clips. `verdict` counts what the report would call the "
        "model.",
        is_null=partial(_all_zero, ("clip", "own")),
    ),
    "within": Topic(
        "Scores within the target's clips",
        within_studies.prepare_within_target,
        (),
        _WEIGHTS,
        "The same models. Intervals resample participants; p exchanges reports between viewers of "
        "a clip, which finds only what tells them apart: it is judged as a test of that. Truth: "
        "the same score of very many people who see the study's clips. `brier` alone is of both "
        "conditions.",
        is_null=partial(_all_zero, ("own",)),
    ),
    "trained": Topic(
        "Every statistic of a model, a ridge regression trained in each study",
        model_studies.model_topic("ridge"),
        ("features",),
        _PLANTED,
        "A model is trained in every study, on the reports of the other folds' people and clips, "
        "with features of clips of which a known share (`signal`) is the course that viewers "
        "share. The models of the topics above are made up and know nothing of other clips; a "
        "trained one learns from the reports of the clips that other folds test, so that folds "
        "depend on each other. `category` is whether a feature tells the clip's category (it does "
        "unless it is 0), `clip_noise` the SD of that feature's error, the same for a clip's "
        "viewers; `own_features` are features of a trial, such as a pulse, of which `own` is the "
        "person's own course; `other` is `signal` for the features of a second model; with "
        "`weighted` 0 ridge does not weigh its classes alike, as networks and trees do. Intervals "
        "for these clips are held against very many people who see the same clips and are "
        "predicted by the same trained models; those for any clips against the mean of all "
        "studies of the effect. Tests of tracking are judged as evidence that the model follows "
        "reports, and those of ROC AUC as evidence that it ranks frames above chance, which a "
        "trend or a start without reports is enough for. `trained again`: the reports of each clip "
        "are moved in time, by the same step for all its viewers, and all folds are trained and "
        "tested again.",
        trains="ridge",
    ),
    "trained_trees": Topic(
        "Every statistic of a model, boosted trees trained in each study",
        model_studies.model_topic("xgboost"),
        ("features",),
        _PLANTED,
        "The same with XGBoost on single frames, by the code that trains it in a real study: "
        "fewer and shallower trees.",
        trains="xgboost",
    ),
    "trained_network": Topic(
        "Every statistic of a model, a network trained in each study",
        model_studies.model_topic("bilstm"),
        ("features",),
        _PLANTED,
        "The same with a bidirectional LSTM, by the code that trains it in a real study: one layer "
        "of 8 units, 6 epochs, 16 people, 2 steps per second. It says whether folds of a network "
        "depend on each other more than those of a ridge regression.",
        trains="bilstm",
    ),
    "response_function": Topic(
        "Temporal response function",
        response_studies.prepare_response_function,
        ("bands",),
        ("signal", "trend", "agreement"),
        "A ridge regression on lagged band envelopes is fitted in every study, each clip left out "
        "in turn, and for people also the person. Effect: the share of the envelope at 5 kHz that "
        "is, turned round, what viewers of a clip share (`signal`). Truth: of these clips, other "
        "cohorts that hear them; of any clips, other studies. Fewer bands and lags than in a real "
        "study.",
    ),
    "verdicts": Topic(
        "Verdict as a decision, a model trained in each study",
        verdict_studies.prepare_verdicts,
        ("features",),
        tuple(name for name in _PLANTED if name != "other"),
        "The same trained models, and how often a verdict of `corrected` makes each claim. Timing "
        "is decided by training again on moved reports, or by the t over folds that is left where "
        "there is one file of predictions. To claim timing is an error where `signal` is 0, to "
        "claim its absence where the ROC AUC is 0.7 or more, and to claim the category where "
        "`category` is 0. No model here scores much better than the category alone.",
        trains="ridge",
    ),
    "video_level": Topic(
        "Video-level accuracy",
        score_studies.prepare_video_level,
        ("threshold",),
        tuple(name for name in _WEIGHTS if name != "clip"),
        "Effect: by how much people differ in how easily both of their trials are told apart, and "
        "noise that all who see a clip share. Truth: accuracy among very many people, and clips "
        "where these have noise of their own.",
        is_null=partial(_all_zero, ("category",)),
    ),
    "comparison": Topic(
        "Comparison of two models",
        comparison_studies.prepare_comparison,
        (),
        tuple(f"{which}_{name}" for which in _MODELS for name in _WEIGHTS),
        "A reference and another model, each with noise of its own; one-sided tests that the "
        "reference is better. With the same weights both are equally good. Noise for each clip is "
        "shared by all who see it, which neither folds nor participants as units allow for.",
        is_null=_equal_models,
    ),
}


def check_parameters(topic: str, cell: str, parameters: Mapping[str, float]) -> None:
    """Raise TinglegramError if a statistic is unknown, or if a parameter is or is lacking."""
    if topic not in TOPICS:
        raise TinglegramError(f"Statistic {topic} is unknown. Known: {', '.join(TOPICS)}.")
    known = TOPICS[topic]
    unknown = sorted(set(parameters) - {*known.required, *known.optional})
    missing = sorted(set(known.required) - set(parameters))
    if unknown or missing:
        raise TinglegramError(
            f"Effect {cell} of {topic}: unknown parameters {unknown}, missing {missing}. "
            f"Give {', '.join(known.required) or 'nothing'} and any of "
            f"{', '.join(known.optional) or 'nothing else'}."
        )
