"""The kinds of tables of models, and which files of statistics each reads.

Planning a study and printing its tables both ask here, so that no table reads a file its rule does
not name. Imports nothing heavy, because planning imports it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tinglegram.models.settings import CATEGORY_BASELINE

# Baselines that stand in a model's own rows: the clip's category, what other clips of the condition
# gave, and what other viewers of the clip reported (a noise ceiling).
IN_ROW = (CATEGORY_BASELINE, "stimulus_mean", "human_agreement")


class TableKind(NamedTuple):
    """What a kind of table reads.

    Attributes
    ----------
    files : names of the tables of statistics of every model in it.
    in_row : baselines whose first file is read too, because they stand in a model's own rows.
    """

    files: tuple[str, ...] = ()
    in_row: tuple[str, ...] = ()


TABLE_KINDS = {
    "score": TableKind(("fold_metrics", "pooled"), IN_ROW),
    "comparison": TableKind(("fold_metrics",)),
    "trial": TableKind(("video_level",), (CATEGORY_BASELINE,)),
    "within": TableKind(("within",)),
    "events": TableKind(("events",)),
    "self_report": TableKind(("video_level_own_report",)),
    # Models of the reported value beside their baselines, and their differences.
    "values": TableKind(),
    "value_differences": TableKind(),
    # A table of the statistics themselves, as it is.
    "plain": TableKind(),
}


# Kinds that read the one file of statistics that is called as they are.
OF_ONE_FILE = ("plain", "values", "value_differences")


class Table(NamedTuple):
    """A table of the report: its name, its kind (a key of `TABLE_KINDS`), its title and its models.

    Plain tables have no models, and their titles stand with how they are printed.
    """

    name: str
    kind: str
    title: str = ""
    models: Sequence[str] = ()


@dataclass(frozen=True)
class Available:
    """What a study has beside its models.

    Attributes
    ----------
    baselines : model -> baseline -> its name in this study; without those it does without.
    seeds : networks whose scores over seeds are in seeds.tsv.
    compared : whether ablation.tsv compares models with the reference.
    """

    baselines: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    seeds: Collection[str] = ()
    compared: bool = False

    def category_baselines(self) -> dict[str, str]:
        """Return model -> its baseline that knows the category alone."""
        return {
            m: found[CATEGORY_BASELINE]
            for m, found in self.baselines.items()
            if CATEGORY_BASELINE in found
        }


@dataclass(frozen=True)
class TableFiles:
    """The files of one table, below the folder of statistics of a protocol.

    Attributes
    ----------
    of_models : name of a table of statistics -> its file for each model, in their order.
    in_row : model -> baseline -> the first of these files for the baseline.
    ablation, seeds, plain : single files; empty: not read.
    """

    of_models: Mapping[str, Sequence[str]] = field(default_factory=dict)
    in_row: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ablation: str = ""
    seeds: str = ""
    plain: str = ""

    def every(self) -> list[str]:
        """Return all of them, in the order in which a table names its sources."""
        return [
            *(path for paths in self.of_models.values() for path in paths),
            *filter(None, (self.ablation, self.plain, self.seeds)),
            *(path for found in self.in_row.values() for path in found.values()),
        ]


def files_of(table: Table, available: Available) -> TableFiles:
    """Return the files that a table reads."""
    kind = TABLE_KINDS[table.kind]
    return TableFiles(
        of_models={file: [f"{m}/{file}.tsv" for m in table.models] for file in kind.files},
        in_row={
            model: {
                baseline: f"{found[baseline]}/{kind.files[0]}.tsv"
                for baseline in kind.in_row
                if baseline in found
            }
            for model in table.models
            if (found := available.baselines.get(model, {}))
        },
        ablation="ablation.tsv" if table.kind == "comparison" and available.compared else "",
        seeds="seeds.tsv" if table.kind == "score" and table.models[0] in available.seeds else "",
        plain=f"{table.name}.tsv" if table.kind in OF_ONE_FILE else "",
    )
