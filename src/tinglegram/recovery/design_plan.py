"""The plan of the design page: which designs are simulated, in which jobs, and their files.

Rules only ask it. Paths are text; nothing here touches the disk.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Annotated, Any

from tinglegram.errors import TinglegramError
from tinglegram.recovery.design_studies import DESIGN_QUESTIONS, StudyDesign, folds_of_design
from tinglegram.recovery.plan import RecoveryPlan
from tinglegram.settings import (
    AT_LEAST_ONE,
    NOT_EMPTY,
    Bounds,
    Each,
    as_object,
    as_words,
    fields_of,
    schema_of,
    section,
    section_schema,
    written_as,
)

POWER_RESULTS = "results/power"
_LIST = Bounds(minItems=1, uniqueItems=True)
_CLIPS = Annotated[tuple[int, ...], _LIST, Each(Bounds(minimum=2))]
_EFFECTS = Bounds(minItems=2, uniqueItems=True)
_SHARES = Annotated[tuple[float, ...], _EFFECTS, Each(Bounds(minimum=0, exclusiveMaximum=1))]
# Question -> the setting that holds its effects.
_EFFECTS_OF = {"tracking": "signals", "coupling": "couplings", "agreement": "agreements"}


@section("power")
class PowerDesigns:
    """Which sizes of a study, and which effects, the design page is about."""

    participants: Annotated[
        tuple[int, ...], _LIST, Each(Bounds(minimum=4)), "Numbers of people of a design."
    ]
    clips: Annotated[_CLIPS, "Numbers of clips of each of two conditions of a design."]
    coupling_clips: Annotated[
        _CLIPS, "The same where coupling is asked, whose studies take longest."
    ]
    marked_participants: Annotated[
        int, AT_LEAST_ONE, "People of the design that is marked: the paper's."
    ]
    marked_clips: Annotated[
        int, AT_LEAST_ONE, "Clips of each condition of the design that is marked: the paper's."
    ]
    most_folds: Annotated[
        int,
        Bounds(minimum=2),
        "Folds: as many as clips of a condition, and no more than this.",
    ]
    signals: Annotated[
        _SHARES,
        "Tracking: shares of each feature that are what viewers of the clip share; 0 among them.",
    ]
    couplings: Annotated[
        tuple[float, ...],
        _EFFECTS,
        Each(Bounds(exclusiveMinimum=-1, exclusiveMaximum=1)),
        "Coupling: correlations of pulse rate and rating; 0 among them, the others of one sign.",
    ]
    agreements: Annotated[
        _SHARES,
        "Agreement: shares of what is felt that viewers of a clip share; 0 among them.",
    ]
    wanted: Annotated[
        float,
        Bounds(exclusiveMinimum=0, exclusiveMaximum=1),
        "Power at which an effect counts as detectable.",
    ]


@section("power")
class PowerJobs:
    """How many studies are simulated of each design and effect, and where they are shown."""

    studies: Annotated[int, AT_LEAST_ONE, "Studies of each design and effect."]
    shifts: Annotated[
        int, Bounds(minimum=19), "Shifts in time within each study; 19 are the fewest for p = 0.05."
    ]
    parts: Annotated[int, AT_LEAST_ONE, "Jobs that the studies of a design are spread over."]
    section: Annotated[str, NOT_EMPTY, "Tables of the design page, Markdown."]
    table: Annotated[str, written_as(r".+\.tsv", "a path that ends in .tsv"), "Every number."]
    figure: Annotated[
        str, written_as(r".+\.svg", "a path that ends in .svg"), "Its figure, beside a PNG."
    ]


def power_schema() -> dict[str, Any]:
    """Return the JSON schema of the settings of the design page (draft 2020-12)."""
    own = [setting for cls in (PowerDesigns, PowerJobs) for setting in fields_of(cls)]
    return section_schema({setting.name: schema_of(setting) for setting in own})


@dataclass(frozen=True)
class PowerPlan:
    """Everything about the design page that rules need to know.

    Attributes
    ----------
    config : that of a study, and `recovery` and `power`.
    """

    config: Mapping[str, Any]

    @property
    def jobs(self) -> Mapping[str, Any]:
        """Settings of the design page alone."""
        found: Mapping[str, Any] = self.config["power"]
        return found

    @cached_property
    def sizes(self) -> PowerDesigns:
        """Designs and effects."""
        return as_object(self.config, PowerDesigns)

    @property
    def marked(self) -> StudyDesign:
        """The design that is marked."""
        return StudyDesign(self.sizes.marked_participants, self.sizes.marked_clips)

    def effects(self, question: str) -> tuple[float, ...]:
        """Effects of a question, from none to the strongest."""
        return tuple(sorted(getattr(self.sizes, _EFFECTS_OF[question]), key=abs))

    def designs(self, question: str) -> list[StudyDesign]:
        """Designs of a question, fewest clips and people first; one clip where each is a study."""
        clips = self.sizes.coupling_clips if question == "coupling" else self.sizes.clips
        if not DESIGN_QUESTIONS[question].by_clips:
            clips = (1,)
        return [StudyDesign(p, n) for n in sorted(clips) for p in sorted(self.sizes.participants)]

    def check(self) -> None:
        """Raise TinglegramError, with every fault, if designs and effects cannot be simulated."""
        faults = [*self._effect_faults(), *self._design_faults(), *self._condition_faults()]
        if faults:
            raise TinglegramError("\n".join(faults))

    def _effect_faults(self) -> list[str]:
        said = []
        for question, name in _EFFECTS_OF.items():
            effects = self.effects(question)
            if 0 not in effects:
                said.append(
                    f"power: {name}: expected 0 among the effects, for the false positives, "
                    f"found {list(effects)}. Add 0."
                )
            if min(effects) < 0 < max(effects):
                said.append(
                    f"power: {name}: expected effects of one sign, found {list(effects)}. "
                    "Keep the negative or the positive ones."
                )
        return said

    def _design_faults(self) -> list[str]:
        sizes = self.sizes
        said = [
            f"power: a design of {design.words} has {folds} folds and fewer people. "
            "Raise participants, or lower clips or most_folds."
            for design in self.designs("tracking")
            if design.participants < (folds := folds_of_design(design, sizes.most_folds))
        ]
        if self.marked not in self.designs("tracking"):
            said.append(
                f"power: the marked design of {self.marked.words} is none of those simulated. "
                f"Add {self.marked.participants} to participants and {self.marked.clips} to clips, "
                "or mark another one: marked_participants, marked_clips."
            )
        return said

    def _condition_faults(self) -> list[str]:
        conditions = list(
            dict.fromkeys(clip["condition"] for clip in self.config["clips"].values())
        )
        if len(conditions) != 2:
            return [
                f"clips: the design page needs clips of two conditions, found {conditions}. "
                "Leave the target and one other in an overlay."
            ]
        levels = self.config["recovery"]["reporting"]["level"]
        return [
            f"recovery: reporting: level: expected a value for condition {condition}, found "
            f"{sorted(levels)}. Add {condition}."
            for condition in conditions
            if condition not in levels
        ]

    def tables(self) -> list[str]:
        """Tables of simulated studies, in the order of the page."""
        return [
            self.table(question, design, part)
            for question in DESIGN_QUESTIONS
            for design in self.designs(question)
            for part in range(self.parts)
        ]

    @staticmethod
    def table(question: str, design: StudyDesign, part: int | str) -> str:
        """One table of simulated studies."""
        size = f"{design.participants}x{design.clips}"
        return f"{POWER_RESULTS}/studies/{question}/{size}/{part}.parquet"

    @property
    def parts(self) -> int:
        """Jobs for each design: none without a study."""
        found: int = min(self.jobs["parts"], self.jobs["studies"])
        return found

    @property
    def png(self) -> str:
        """The picture beside the SVG figure."""
        return str(PurePosixPath(self.jobs["figure"]).with_suffix(".png"))

    def design_options(self, question: str, design: StudyDesign, part: int) -> str:
        """The options of a script that say which studies it simulates."""
        studies = self.jobs["studies"]
        first, end = (round(studies * k / self.parts) for k in (part, part + 1))
        words = ["--question", question, "--size", *as_words(list(design)), "--effects"]
        words += as_words(list(self.effects(question)))
        return shlex.join([*words, "--first", str(first + 1), "--studies", str(end - first)])

    @cached_property
    def recovery(self) -> RecoveryPlan:
        """The recovery studies' plan, whose studies have as many shifts as the design page's."""
        own = {**self.config["recovery"], "permutations": self.jobs["shifts"]}
        return RecoveryPlan({**self.config, "recovery": own})
