"""What a study is: its name, protocols, raw data, clips and report."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Literal

from tinglegram.settings import (
    AT_LEAST_ZERO,
    NO_REPEATS,
    NOT_EMPTY,
    Bounds,
    Each,
    Keys,
    section,
    written_as,
)

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

    root: Annotated[
        str | None,
        NOT_EMPTY,
        "Folder with log/, ppg/ and stim/ as the dataset ships them; null: no raw data.",
    ] = "data"
    exclusions: Annotated[
        str | None,
        NOT_EMPTY,
        "Table (subject, video or *, reason) of trials and participants to leave out; null: none.",
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


@section("")
class Stimulus:
    """One clip of a study."""

    file: Annotated[str, NOT_EMPTY, "File under stim/."]
    condition: Annotated[
        str,
        written_as(
            "[A-Za-z][A-Za-z0-9_]*",
            "a name of letters, digits and _ that begins with a letter",
        ),
        "Condition it belongs to.",
    ]


@section("")
class Stimuli:
    """The clips of a study."""

    clips: Annotated[
        Mapping[str, Stimulus],
        Bounds(minProperties=1),
        Keys(NAMED),
        "Code of the Video event in the logs -> file under stim/ and condition. Clip i of each "
        "condition, in this order, is tested in fold i.",
    ]


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
    claims: Annotated[
        bool,
        "Hold the results against every number of the REST-ASMR paper (docs/claims.md). In a study "
        "of your own with other clips and conditions: false.",
    ] = True
