"""The plan of the recovery studies: which effects are simulated, in which jobs, and their files.

Rules only ask it. Paths are text; nothing here touches the disk.
"""

import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Annotated, Any, get_args

from tinglegram.recovery.cohort import CohortSize
from tinglegram.recovery.planted_models import PlantedKind
from tinglegram.recovery.results import Draws
from tinglegram.recovery.topics import TOPICS
from tinglegram.settings import (
    AT_LEAST_ONE,
    NO_REPEATS,
    NOT_EMPTY,
    Bounds,
    Each,
    Keys,
    as_options,
    as_words,
    fields_of,
    schema_of,
    section,
    section_schema,
    written_as,
)
from tinglegram.simulation.design import Reporting

RESULTS = "results/recovery"


@section("recovery")
class RecoveryJobs:
    """How many studies are simulated, in how many jobs, and where they are shown."""

    studies: Annotated[int, AT_LEAST_ONE, "Studies for each effect where there is something."]
    null_studies: Annotated[
        int, AT_LEAST_ONE, "Studies for each effect where there is nothing to find."
    ]
    trained_studies: Annotated[
        Mapping[str, int],
        Bounds(required=list(get_args(PlantedKind))),
        Keys(Bounds(enum=list(get_args(PlantedKind)))),
        Each(AT_LEAST_ONE),
        "Studies for each effect where a model is trained in each: kind of model -> number.",
    ]
    chunks: Annotated[int, AT_LEAST_ONE, "Jobs that the studies of an effect are spread over."]
    only: Annotated[
        tuple[str, ...],
        NO_REPEATS,
        "Statistics whose studies are simulated; of the others the page shows the tables that are "
        "there. Empty: all.",
    ]
    tables: Annotated[str, NOT_EMPTY, "Folder of the summary of each statistic."]
    page: Annotated[str, NOT_EMPTY, "The page."]
    rates: Annotated[
        str,
        written_as(r".+\.tsv", "a path that ends in .tsv"),
        "Measured rates beside what is asked.",
    ]
    figure: Annotated[
        str,
        written_as(r".+\.svg", "a path that ends in .svg"),
        "Its figure, beside a PNG.",
    ]


def recovery_schema() -> dict[str, Any]:
    """Return the JSON schema of what the recovery studies are told (draft 2020-12)."""
    own = [s for cls in (CohortSize, Draws, RecoveryJobs) for s in fields_of(cls)]
    effect = {"type": ["object", "null"], "additionalProperties": {"type": "number"}}
    return section_schema(
        {setting.name: schema_of(setting) for setting in own if setting.path[0] == "recovery"}
        | {
            "reporting": section_schema({s.name: schema_of(s) for s in fields_of(Reporting)}),
            "topics": {
                "type": "object",
                "additionalProperties": {
                    "type": ["object", "null"],
                    "additionalProperties": effect,
                },
            },
        }
    )


@dataclass(frozen=True)
class RecoveryPlan:
    """Everything about the recovery studies that rules need to know.

    Attributes
    ----------
    config : that of a study, and `recovery`.
    there : summaries that are there already, by their paths.
    """

    config: Mapping[str, Any]
    there: Collection[str] = ()

    @property
    def own(self) -> Mapping[str, Any]:
        """What the recovery studies alone are told."""
        found: Mapping[str, Any] = self.config["recovery"]
        return found

    @cached_property
    def topics(self) -> dict[str, list[tuple[str, Mapping[str, float]]]]:
        """Statistic -> its effects: name and parameters.

        Files are named by the place of an effect, since its name holds blanks and apostrophes. An
        overlay takes a statistic, or one of its effects, out by setting it to null.
        """
        kept = {
            topic: [(name, parameters) for name, parameters in effects.items() if parameters]
            for topic, effects in self.own["topics"].items()
            if effects
        }
        return {topic: effects for topic, effects in kept.items() if effects}

    @property
    def simulated(self) -> list[str]:
        """Statistics whose studies are simulated."""
        wanted = self.own["only"] or self.topics
        return [topic for topic in self.topics if topic in wanted]

    def faults(self) -> Iterator[str]:
        """Yield a sentence for each statistic that is asked for and is none of those above."""
        for topic in self.own["only"]:
            if topic not in self.topics:
                yield f"recovery: only: expected {', '.join(self.topics)}, found {topic}"

    def tables(self, topic: str) -> list[str]:
        """Tables of simulated studies of a statistic, in the order of the page."""
        return [
            f"{RESULTS}/studies/{topic}/{place}/{chunk}.parquet"
            for place in range(len(self.topics[topic]))
            for chunk in range(self.chunks)
        ]

    def summary(self, topic: str) -> str:
        """The summary of a statistic."""
        return f"{self.own['tables']}/{topic}.tsv"

    @property
    def shown(self) -> list[str]:
        """Statistics of the page: those that are simulated, and those whose summary is there."""
        known = (*self.simulated, *(t for t in self.topics if self.summary(t) in self.there))
        return [topic for topic in self.topics if topic in known]

    @property
    def not_shown(self) -> list[str]:
        """Statistics that the page lacks."""
        return [topic for topic in self.topics if topic not in self.shown]

    @property
    def chunks(self) -> int:
        """Jobs for each effect: none without a study."""
        counts = [
            self.studies(topic, place)
            for topic, effects in self.topics.items()
            for place in range(len(effects))
        ]
        found: int = min(self.own["chunks"], *counts)
        return found

    def studies(self, topic: str, place: int) -> int:
        """Studies of one effect of a statistic: as many as its kind of model, or of effect, has."""
        known, parameters = TOPICS.get(topic), self.topics[topic][place][1]
        found: int = self.own["studies"]
        if known is not None and known.trains is not None:
            found = self.own["trained_studies"][known.trains]
        elif known is not None and known.nothing_to_find(parameters):
            found = self.own["null_studies"]
        return found

    @property
    def png(self) -> str:
        """The picture beside the SVG figure."""
        return str(PurePosixPath(self.own["figure"]).with_suffix(".png"))

    @property
    def clip_options(self) -> str:
        """The option of a script that names every clip and its condition."""
        clips = self.config["clips"].items()
        return shlex.join(["--clips", *(f"{code}={clip['condition']}" for code, clip in clips)])

    def effect_options(self, topic: str, place: int, chunk: int) -> str:
        """The options of a script that say which studies it simulates.

        Parameters
        ----------
        topic, place : the statistic, and which of its effects (from 0).
        chunk : which of the jobs (from 0) that the studies of an effect are spread over.
        """
        name, parameters = self.topics[topic][place]
        studies = self.studies(topic, place)
        first, end = (round(studies * k / self.chunks) for k in (chunk, chunk + 1))
        words = ["--topic", topic, f"--cell={name}", "--parameters", *as_words(parameters)]
        return shlex.join([*words, "--first", str(first + 1), "--studies", str(end - first)])

    def options(self, *classes: type) -> str:
        """The options of a script for classes of settings.

        How simulated participants report stands under `recovery`; a study keeps it in
        data.simulation.
        """
        data = {"simulation": self.own["reporting"]}
        return as_options({**self.config, "data": data}, *classes)
