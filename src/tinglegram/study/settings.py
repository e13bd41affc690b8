"""What a study is: its name, protocols, raw data, clips and report."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from tinglegram.settings import (
    ABOVE_ZERO,
    AT_LEAST_ZERO,
    NO_REPEATS,
    NOT_EMPTY,
    Bounds,
    Each,
    Keys,
    fields_of,
    section,
    written_as,
)
from tinglegram.stimuli.settings import STREAMS, Stream

NAMED = written_as("[A-Za-z0-9_]+", "made of letters, digits and _")


@section("")
class Study:
    """Name and protocols."""

    study: Annotated[
        str,
        written_as("[A-Za-z0-9_-]+", "a name of letters, digits, _ and -"),
        "Name of the study; results go to results/<study>/.",
    ] = "rest_asmr"
    protocols: Annotated[
        tuple[str, ...],
        Bounds(minItems=1, uniqueItems=True),
        "Named sets of switches (docs/protocols.md): released, described, corrected, or your own. "
        "The first one stands on the report's first page.",
    ] = ("described", "released", "corrected")
    own_protocols: Annotated[
        Mapping[str, Mapping[str, Any]],
        Keys(NAMED),
        Each(
            Bounds(
                required=["from"],
                properties={"from": {"type": "string", "description": "Protocol it starts from."}},
            )
        ),
        "Protocols of your own: each starts `from` one of the three and changes single switches.",
    ] = field(default_factory=dict)
    overrides: Annotated[
        Mapping[str, Any], "Single switches, over every protocol listed above."
    ] = field(default_factory=dict)


@section("data")
class RawData:
    """Where the raw data are, and who is left out."""

    reader: Annotated[
        str,
        NOT_EMPTY,
        "What the raw files are (docs/readers.md): rest_asmr, bids, csv, empatica, acq, xdf, edf, "
        "canonical (finished studies), or the path of a script of your own (.py).",
    ] = "rest_asmr"
    options: Annotated[
        Mapping[str, Any], "Options of the reader, such as which column holds what."
    ] = field(default_factory=dict)
    responses: Annotated[
        Mapping[str, Any] | None,
        "Another reader for the responses, {reader, root, options}; null: the one above.",
    ] = None
    signals: Annotated[
        Mapping[str, Any] | None,
        "Another reader for the signals, {reader, root, options}; null: the one above.",
    ] = None
    stimuli: Annotated[str, NOT_EMPTY, "Folder of the clips, below root."] = "stim"

    root: Annotated[
        str | None,
        NOT_EMPTY,
        "Folder with log/, ppg/ and stim/ as the dataset ships them; null: no raw data.",
    ] = "data"
    exclusions: Annotated[
        str | None,
        NOT_EMPTY,
        "Table (subject, video or *, reason) of trials and participants to leave out; null: none. "
        "Of a clip that was shown again, vid1@5 is the showing of order 5 (readers other than "
        "rest_asmr).",
    ] = None
    participants: Annotated[
        str | None,
        NOT_EMPTY,
        "Table of the participants (participant_id, and a column for each covariate), beside what "
        "the reader knows of them; null: none.",
    ] = None
    offsets: Annotated[
        str | None,
        NOT_EMPTY,
        "Table (participant, offset_s) of recordings that did not start with their log: seconds "
        "of the log at the first sample, above 0 for a recorder started late; null: all did.",
    ] = None


@section("")
class Published:
    """Predictions of others."""

    published_predictions: Annotated[
        str | None,
        NOT_EMPTY,
        "The authors' file of predictions, imported as the model `published`; null: none.",
    ] = None


# ASSUMPTION: clips without a condition are of one and the same kind. Tables call it so, because an
# empty cell is read back as a missing one.
NO_CONDITION = "all"
# ASSUMPTION: files with these endings hold nothing else; of every other file both streams are
# expected, and one that lacks a stream is told, because most often it was lost.
_SOUND_ONLY = (".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac")
_PICTURE_ONLY = (".png", ".jpg", ".jpeg")


@section("")
class Stimulus:
    """One clip of a study."""

    file: Annotated[
        str | None, NOT_EMPTY, "File under stim/; null: there is none, and no feature of it."
    ] = None
    condition: Annotated[
        str | None,
        written_as(
            "[A-Za-z][A-Za-z0-9_]*",
            "a name of letters, digits and _ that begins with a letter",
        ),
        "Condition it belongs to; null: none.",
    ] = None
    duration: Annotated[
        float | None, ABOVE_ZERO, "Seconds it plays; null: as long as timing: clip says."
    ] = None
    streams: Annotated[
        tuple[Stream, ...] | None,
        Bounds(minItems=1, uniqueItems=True),
        "What of it people were shown: picture, sound, or both; null: what the ending of the file "
        "says (.wav, .mp3, .flac, .ogg, .opus, .m4a, .aac: sound; .png, .jpg: picture; else both).",
    ] = None

    @property
    def shown(self) -> tuple[Stream, ...]:
        """The streams that its features are made of; none without a file."""
        if self.file is None:
            return ()
        if self.streams is not None:
            return tuple(stream for stream in STREAMS if stream in self.streams)
        name = self.file.casefold()
        return (
            ("sound",)
            if name.endswith(_SOUND_ONLY)
            else ("picture",)
            if name.endswith(_PICTURE_ONLY)
            else STREAMS
        )


@section("")
class Stimuli:
    """The clips of a study."""

    clips: Annotated[
        Mapping[str, Stimulus],
        Bounds(minProperties=1),
        Keys(NAMED),
        "Code of the Video event in the logs -> file under stim/, condition, length and streams. "
        "In this order clips are dealt to the folds.",
    ]


def stimulus_of(entry: Mapping[str, Any]) -> Stimulus:
    """Return a clip of a configuration, its absent keys at their defaults."""
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    return Stimulus(**values)


def filled_in(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a clip of a configuration with every key; absent ones at their defaults."""
    return {setting.name: entry.get(setting.name, setting.default) for setting in STIMULUS_KEYS}


STIMULUS_KEYS = fields_of(Stimulus)


@section("report")
class ReportContent:
    """What the report says and shows."""

    title: Annotated[str, NOT_EMPTY, "Heading of the report."] = "REST-ASMR"
    tinglegram_subjects: Annotated[
        Literal["all"] | tuple[int, ...],
        NO_REPEATS,
        Each(AT_LEAST_ZERO),
        "Participants whose Tinglegrams stand in the report (all: every tested participant).",
    ] = (27,)
    simulated: Annotated[
        bool,
        "Whether the data are simulated though data.simulation is null, such as those of a study "
        "that was exported; the report then says so everywhere.",
    ] = False
    claims: Annotated[
        bool,
        "Hold the results against every number of the REST-ASMR paper (docs/claims.md). In a study "
        "of your own with other clips and conditions: false.",
    ] = True


def conditions_of(clips: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return code of a clip -> its condition, `NO_CONDITION` where it has none.

    `clips` as in the configuration: code -> file and, where there is one, condition.
    """
    return {code: clip.get("condition") or NO_CONDITION for code, clip in clips.items()}
