"""What a ranking of films and sounds is told."""

from typing import Annotated

from tinglegram.settings import (
    ABOVE_ZERO,
    AT_LEAST_ONE,
    AT_LEAST_ZERO,
    NOT_EMPTY,
    Bounds,
    section,
)

_CORRELATION = Bounds(exclusiveMinimum=0, maximum=1)


@section("rank")
class Ranking:
    """How segments are cut, compared, shown and exported."""

    length: Annotated[
        float, ABOVE_ZERO, "Seconds of a segment; a file that is shorter is one segment."
    ] = 10.0
    step: Annotated[
        float, ABOVE_ZERO, "Seconds from the begin of one possible segment to that of the next."
    ] = 1.0
    best: Annotated[
        int, AT_LEAST_ZERO, "Segments that are exported as clips, best first; 0: none."
    ] = 12
    shown: Annotated[int, AT_LEAST_ONE, "Segments that the page shows, best first."] = 24
    model: Annotated[
        str | None,
        NOT_EMPTY,
        "Model that predicts; null: the best scored one that most of the files are enough for.",
    ] = None
    confidence: Annotated[
        float,
        Bounds(exclusiveMinimum=0, exclusiveMaximum=1),
        "Of the calibrated interval of each step.",
    ] = 0.8
    alike_sound: Annotated[
        float,
        _CORRELATION,
        "Correlation of fingerprints of sound from which two segments are the same material.",
    ] = 0.5
    alike_picture: Annotated[
        float,
        _CORRELATION,
        "Correlation of fingerprints of pictures from which two segments are the same material.",
    ] = 0.8
