"""The stages of the benchmark, one module each: what is timed, our way and the plain way.

A module has `load(folder, settings, way)`, which reads what lies outside the timed part, and the
two ways, `ours(inputs)` and `reference(inputs)`, which return arrays that must be equal. The plain
way is what a careful researcher would write first and, where that is known, what the released
code does.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """A row of the table of results.

    Parameters
    ----------
    module : under `stages/`.
    title, data, plain : what it is, on which data, and what the plain way does. Names in braces
        are filled in from the sizes of the data.
    rtol, atol : largest difference between the results of the two ways, as in `numpy.allclose`.
    mark : ratio we want to reach; None for none.
    repeats : how often each way runs, alternated.
    lap : the row takes the plain way's time up to its `lap`-th part, from the row before.
    """

    module: str
    title: str
    data: str
    plain: str
    rtol: float
    atol: float
    mark: float | None = None
    repeats: int = 3
    lap: int | None = None


STAGES = (
    Stage(
        "ppg_reading",
        "PPG reading",
        "1 recording of {minutes:g} min at {sampling_rate} Hz, 8 clips, two later users",
        "each user reads the text with pandas and masks all samples for each clip (released code)",
        # Slices are stored in single precision.
        rtol=1e-6,
        atol=1e-12,
        mark=3,
        repeats=5,
    ),
    Stage(
        "ppg_reading_once",
        "PPG reading, one user",
        "the same recording, one user",
        "the text is read once",
        rtol=1e-6,
        atol=1e-12,
    ),
    Stage(
        "pulse_windows",
        "pulse windows",
        "8 clips of one person, {window:g}-s windows every {step:g} s",
        "a mask over the whole recording, a filter design and a filter call for each window "
        "(released code)",
        rtol=1e-9,
        atol=1e-9,
        mark=15,
        repeats=5,
    ),
    Stage(
        "behaviour",
        "behaviour",
        "{people} logs, 8 clips each; agreement with {agreement_bootstrap} resamples a clip",
        "a row in Python for each 10-Hz step, a loop over resamples (released code)",
        rtol=1e-9,
        atol=1e-12,
    ),
    Stage(
        "stimuli",
        "stimuli",
        "1 clip of {clip:g} s, {width}x{height} at {frame_rate} fps, untrained ResNet-18 at "
        "{image_size} px, {viewers} people (one saw it first)",
        "one extraction for each trial, {viewers} in all; separate librosa calls on a "
        "temporary WAV file",
        rtol=1e-3,
        atol=1e-3,
        mark=4,
        repeats=1,
    ),
    Stage(
        "stimuli",
        "stimuli, with a cache",
        "the same clip, one person of each length",
        "one extraction for each length shown, 2 in all: what the released code's cache leaves",
        rtol=1e-3,
        atol=1e-3,
        lap=2,
    ),
    Stage(
        "trials",
        "trials",
        "{people} people, 8 clips, {columns} columns (random values); one epoch of batches",
        "a dense copy of every trial",
        rtol=1e-5,
        atol=1e-5,
    ),
    Stage(
        "training",
        "training",
        "fold 1 of {trained_people} people, fusion BiLSTM, {epochs} epoch, CPU",
        "a plain PyTorch loop over the dense copy",
        rtol=1e-4,
        atol=1e-5,
        repeats=2,
    ),
    Stage(
        "resampling",
        "resampling",
        "{trials} trials x {steps} frames, {bootstrap} bootstrap + {permutations} permutations",
        "scikit-learn on all frames of each draw (released code); every "
        "{draws_per_reference_draw}th draw is run and the time multiplied",
        rtol=1e-9,
        atol=1e-12,
        mark=300,
    ),
)
