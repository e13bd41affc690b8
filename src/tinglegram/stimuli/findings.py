"""What a careful reader must know about a clip, and what the configuration says of each kind."""

from collections.abc import Iterable
from typing import Annotated, Literal, NamedTuple

from tinglegram.errors import InputProblem
from tinglegram.settings import section

_Clip = Literal["error", "accept"]
# Damage nearer together than this many seconds is told as one stretch.
_STRETCH_S = 1.0


@section("data.problems")
class ClipProblems:
    """What becomes of a study one of whose clips has a problem; accepted ones stand in front."""

    damaged_stimulus: Annotated[
        _Clip, "Pictures or sound of a clip that cannot be decoded, or only by guessing."
    ] = "error"
    decoder_complaints: Annotated[
        _Clip, "FFmpeg complains about a clip and says of no picture that it is damaged."
    ] = "accept"
    streams_apart: Annotated[_Clip, "Picture and sound of a clip start apart."] = "accept"
    sound_gap: Annotated[_Clip, "Sound is missing or doubled inside a clip."] = "accept"
    long_still: Annotated[
        _Clip, "A picture stands longer than a second: a still, or lost pictures."
    ] = "accept"
    interlaced: Annotated[_Clip, "Pictures made of two fields."] = "accept"
    hdr: Annotated[_Clip, "Pictures of high dynamic range (PQ, HLG)."] = "accept"
    anamorphic: Annotated[_Clip, "Pixels that are not square."] = "accept"
    untagged_colour: Annotated[_Clip, "HD that does not say how its colours are coded."] = "accept"
    anti_phase: Annotated[_Clip, "Channels that cancel each other when mixed to one."] = "accept"
    binaural: Annotated[_Clip, "Channels with the same sound at different times."] = "accept"
    one_sided: Annotated[_Clip, "One of two channels is silent."] = "accept"
    near_silence: Annotated[_Clip, "Sound that is hardly any."] = "accept"
    near_black: Annotated[_Clip, "Pictures that are all but black."] = "accept"


class ClipFinding(NamedTuple):
    """A problem of a clip, or, where nothing else was expected, a note that needs no decision.

    Attributes
    ----------
    kind : its name; for a problem one of the settings of `ClipProblems`.
    where : second of the clip, by its own timestamps; empty when it concerns the whole clip.
    expected, found, remedy : as of `tinglegram.errors.InputProblem`; a note only has `found`.
    """

    kind: str
    found: str
    where: str = ""
    expected: str = ""
    remedy: str = ""

    def problem(self, source: str) -> InputProblem:
        """Return the finding as an error about the file `source`."""
        return InputProblem(
            source,
            where=self.where,
            expected=self.expected,
            found=self.found,
            remedy=self.remedy,
            kind=self.kind,
        )

    def sentence(self, source: str) -> str:
        """Return the finding about the file `source` as it is read."""
        if self.expected:
            return str(self.problem(source))
        return f"{source}, {self.where}: {self.found}" if self.where else f"{source}: {self.found}"


def stretches(seconds: Iterable[float]) -> str:
    """Return seconds as text, those near each other as one stretch: "2.80 to 3.40, 7.00"."""
    found: list[list[float]] = []
    for second in sorted(seconds):
        if found and second - found[-1][1] < _STRETCH_S:
            found[-1][1] = second
        else:
            found.append([second, second])
    texts = [f"{a:.2f}" if f"{a:.2f}" == f"{b:.2f}" else f"{a:.2f} to {b:.2f}" for a, b in found]
    return ", ".join(texts)
