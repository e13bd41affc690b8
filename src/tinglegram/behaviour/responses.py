"""What people were asked to report, and which of their reports are class 1."""

from collections.abc import Mapping
from typing import Annotated, Literal

from tinglegram.settings import Bounds, Keys, section, written_as

Interpolation = Literal["hold", "linear"]
NAMED_DIMENSION = written_as("[A-Za-z][A-Za-z0-9_]*", "made of letters, digits and _")


@section("")
class Dimension:
    """One thing that people report on: how it is given, and how it is read between samples."""

    kind: Annotated[
        Literal["ordinal", "continuous", "hold", "episodes"],
        "ordinal: levels by key; continuous: a slider or joystick; hold: a button held as long as "
        "the sensation lasts; episodes: marked from their start to their end.",
    ] = "ordinal"
    range: Annotated[
        tuple[float, float] | None,
        "Lowest and highest value there can be; null: any. A value outside stops the study.",
    ] = None
    initial: Annotated[float, "Level before the first sample."] = 0.0
    interpolation: Annotated[
        Interpolation,
        "Between samples: hold the last one, or a straight line to the next.",
    ] = "hold"

    @property
    def is_whole(self) -> bool:
        """Whether its levels are whole numbers where its samples are."""
        return self.kind != "continuous" and self.interpolation == "hold"


@section("responses")
class ResponseDimensions:
    """Everything that people report on."""

    dimensions: Annotated[
        Mapping[str, Dimension],
        Bounds(minProperties=1),
        Keys(NAMED_DIMENSION),
        "Name -> how it is given (kind, range, initial, interpolation). The name is that of the "
        "dimension in the response files; what a reader does not name is `response`.",
    ]


@section("responses.target")
class ResponseTarget:
    """What class 1 is: a dimension above a level, in trials of a condition.

    Paper, section "Technical Validation": ratings 1-3 of an ASMR video are "tingle"; every frame of
    a nature video is "no tingle".
    """

    dimension: Annotated[str, "Dimension that is predicted."] = "response"
    above: Annotated[float, "Class 1 is a value above this."] = 0
    condition: Annotated[
        str | None,
        "Condition whose reports are class 1; those of all others are class 0. null: those of any "
        "condition are class 1.",
    ] = "ASMR"

    @property
    def sentence(self) -> str:
        """Say what class 1 is."""
        what = "a response" if self.dimension == "response" else self.dimension
        where = f"{self.condition} clips" if self.condition else "any clip"
        return f"Class 1: {what} above {self.above:g} in {where}; all other frames are class 0."
