"""Write a study's results under one protocol as a BIDS dataset of derivatives."""

import logging
from importlib.metadata import version
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.export.derivatives import (
    DerivedStudy,
    derived_dataset_files,
    derived_participant_files,
    participant_columns,
)
from tinglegram.export.files import (
    participant_ids,
    read_participant_results,
    read_participants,
    read_statistics,
    require_empty,
    write_dataset,
)
from tinglegram.files import read_table
from tinglegram.study.files import open_study


def main() -> None:
    """Write the dataset, one participant after the other."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--results", type=Path, required=True, help="folder of the study's results")
    add("--protocol", required=True, help="whose results")
    add("--sources", nargs="*", default=[], help="URL or DOI (doi:10...) of the raw dataset")
    add("--authors", nargs="*", default=[], help="of the dataset")
    add("--license", help="of the dataset, such as CC0")
    add("--output", type=Path, required=True, help="new folder (written)")
    options = parser.parse_args()

    saved = open_study(options.results, options.protocol)
    saved.require_whole()
    require_empty(options.output)
    people = read_participants(options.results)
    ids = participant_ids(saved.subjects, people)
    study = DerivedStudy(
        str(saved.config["study"]),
        options.protocol,
        version("tinglegram"),
        ids,
        options.sources,
        options.authors,
        options.license,
    )
    columns: dict[str, list[str]] = {}
    for name in saved.subjects:
        results = read_participant_results(
            saved.folder, name, name in saved.with_pulse, saved.sensors_used
        )
        for table, names in participant_columns(results).items():
            columns[table] = list(dict.fromkeys([*columns.get(table, ()), *names]))
        write_dataset(derived_participant_files(int(name), results, study), options.output)
    statistics = read_statistics(saved.folder / "statistics")
    folds = saved.folder / "folds.tsv"
    if folds.is_file():
        statistics["folds"] = read_table(folds)
    files, notes = derived_dataset_files(study, columns, statistics, people)
    write_dataset(files, options.output)
    for note in notes:
        logging.warning("%s", note)
    logging.info("%d participants in %s", len(ids), options.output)


if __name__ == "__main__":
    run(main)
