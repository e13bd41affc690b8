"""Write a study's raw data as a BIDS dataset, from its canonical tables."""

import logging
from pathlib import Path

from tinglegram.command_line import program, run
from tinglegram.export.bids_dataset import (
    BidsStudy,
    dataset_files,
    participant_files,
    stimulus_names,
)
from tinglegram.export.files import (
    copy_stimuli,
    participant_ids,
    read_lists,
    read_participants,
    read_sessions,
    require_empty,
    write_dataset,
)
from tinglegram.settings import pairs_of


def main() -> None:
    """Write the dataset, one participant after the other."""
    parser = program(__doc__)
    add = parser.add_argument
    add("--results", type=Path, required=True, help="folder of the study's results")
    add("--name", required=True, help="of the dataset; its letters and digits name the task")
    add("--conditions", default={}, help="of clips", **pairs_of(str, "CLIP=CONDITION", "*"))
    add("--dimensions", default={}, help="of responses", **pairs_of(str, "DIMENSION=KIND", "*"))
    add("--stimuli", default={}, help="files to share", **pairs_of(Path, "CLIP=FILE", "*"))
    add("--authors", nargs="*", default=[], help="of the dataset")
    add("--license", help="of the dataset, such as CC0")
    add("--output", type=Path, required=True, help="new folder (written)")
    options = parser.parse_args()

    require_empty(options.output)
    shared = stimulus_names({clip: str(path) for clip, path in options.stimuli.items()})
    study = BidsStudy(
        options.name,
        options.dimensions,
        shared,
        options.conditions,
        options.authors,
        options.license,
    )
    people = read_participants(options.results)
    ids = participant_ids(read_lists(options.results)[0], people)
    # Before anything is written: names that BIDS does not allow are found here.
    beside = dataset_files(study, list(ids.values()), people)
    for _, session in read_sessions(options.results):
        files, notes = participant_files(session, study)
        write_dataset(files, options.output)
        for note in notes:
            logging.warning("%s", note)
    copy_stimuli({shared[clip]: path for clip, path in options.stimuli.items()}, options.output)
    write_dataset(beside, options.output)
    logging.info("%d participants in %s", len(ids), options.output)


if __name__ == "__main__":
    run(main)
