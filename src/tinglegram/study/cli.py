"""The `tinglegram` command: studies from raw data to report, and what trained models predict.

It only finds the checkout and calls what does the work: scripts/ and Snakemake.
"""

import argparse
import dataclasses
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tinglegram.bundles.rank_settings import Ranking
from tinglegram.command_line import run as run_program
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.inputs.inference import look_at
from tinglegram.settings import add_settings, as_options, read_settings
from tinglegram.study.files import (
    checkout_of,
    chosen_protocol,
    folder_of_run,
    read_base,
    read_pooled,
    read_saved_configuration,
    require_new,
    require_overlay,
    script_of,
    stimulus_files,
    studies_to_pool,
    write_exclusions,
    write_new,
)
from tinglegram.study.plan import dimensions_of
from tinglegram.study.pooling import excluded_trials, pooled_clips, pooled_overlay
from tinglegram.study.starting_overlay import QUESTION, overlay_text, study_name

# Subcommands that hand options behind -- to what they call.
TAKE_MORE = ("run", "export", "bundle", "predict", "rank", "propose")


def command_parser() -> argparse.ArgumentParser:
    """Return the parser of the command and its subcommands."""
    parser = argparse.ArgumentParser(
        prog="tinglegram", description="Studies from raw data to report."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    begin = commands.add_parser("init", help="write an overlay for a folder of raw data")
    begin.add_argument("folder", type=Path, help="folder of raw data")
    begin.add_argument("--output", type=Path, help="overlay to write; default: <folder>.yaml here")

    check = commands.add_parser("check", help="say what is amiss in a folder of raw data")
    check.add_argument("folder", type=Path, help="folder of raw data")
    check.add_argument("--config", type=Path, nargs="+", default=[], help="overlays of the study")

    go = commands.add_parser("run", help="run a study to its report: run OVERLAY [-- options]")
    go.add_argument("overlay", type=Path, help="overlay of the study")
    go.epilog = "Options after -- go to Snakemake, such as -- --cores 4 --dry-run."

    give = commands.add_parser("export", help="give a study's data and results to others")
    give.epilog = "Options after -- go to the script, such as -- --license CC0."
    give.add_argument("results", type=Path, help="folder of results, such as results/demo")
    form = give.add_mutually_exclusive_group(required=True)
    form.add_argument("--bids", type=Path, metavar="FOLDER", help="as a BIDS dataset")
    form.add_argument("--table", type=Path, metavar="FILE", help="one table (.parquet or .csv)")
    form.add_argument("--derivatives", type=Path, metavar="FOLDER", help="results, as BIDS wants")
    about = "of a table or derivatives: whose results; default: the study's first"
    give.add_argument("--protocol", help=about)
    about = "of a BIDS dataset: leave out the stimuli, where they may not be shared"
    give.add_argument("--without-stimuli", action="store_true", help=about)

    pack = commands.add_parser("bundle", help="put a study's trained models into one folder")
    pack.epilog = "Options after -- go to Snakemake, such as -- --cores 4."
    pack.add_argument("results", type=Path, help="folder of results, such as results/demo")
    pack.add_argument("--protocol", help="whose models; default: the study's first")

    tell = commands.add_parser("predict", help="predict the response to films and sounds")
    tell.add_argument("bundle", type=Path, help="folder of a bundle")
    tell.add_argument("files", type=Path, nargs="+", metavar="FILE", help="films and sounds")
    tell.add_argument("--output", type=Path, required=True, help="folder to write to")
    about = "models, or all; default: the best one that a file is enough for"
    tell.add_argument("--model", nargs="+", default=[], metavar="NAME", help=about)
    about = "of the calibrated interval, such as 0.8"
    tell.add_argument("--confidence", type=float, default=0.8, help=about)
    tell.epilog = "Options after -- go to the script, such as -- --threads 4."

    suggest = commands.add_parser("propose", help="propose new sounds for the next study")
    suggest.add_argument("bundle", type=Path, help="folder of a bundle")
    suggest.add_argument("--n", type=int, default=12, help="sounds to propose")
    suggest.add_argument("--output", type=Path, required=True, help="new folder to write to")
    about = "folder of existing sounds, to be exceeded, changed and recombined"
    suggest.add_argument("--from", type=Path, dest="existing", metavar="FOLDER", help=about)
    suggest.epilog = "Options after -- go to the script, such as -- --acquisition thompson."

    order = commands.add_parser("rank", help="rank segments of films and sounds by a prediction")
    order.add_argument("bundle", type=Path, help="folder of a bundle")
    about = "folder of films and sounds, searched with all folders in it"
    order.add_argument("folder", type=Path, help=about)
    order.add_argument("--output", type=Path, required=True, help="folder of the ranking")
    about = "end with an error where a file could not be ranked"
    order.add_argument("--strict", action="store_true", help=about)
    add_settings(order, Ranking, with_defaults=True)
    order.epilog = "Options after -- go to Snakemake, such as -- --cores 4 --dry-run."

    beside = commands.add_parser("compare", help="put the statistics of studies side by side")
    about = "folders of results, two or more, such as results/one results/two"
    beside.add_argument("studies", type=Path, nargs="+", metavar="STUDY", help=about)
    beside.add_argument("--protocol", help="whose statistics; default: each study's first")
    beside.add_argument("--output", type=Path, required=True, help="table to write (TSV)")

    together = commands.add_parser("pool", help="write an overlay for people of studies in one")
    together.add_argument("studies", type=Path, nargs="+", metavar="STUDY", help=about)
    together.add_argument("--output", type=Path, required=True, help="overlay to write")
    about = "a dimension of responses of one study, and its name in the pooled one"
    together.add_argument(
        "--rename", nargs="+", default=[], metavar="STUDY.DIMENSION=NAME", help=about
    )
    return parser


def command_of(arguments: argparse.Namespace, extra: Sequence[str], checkout: Path) -> list[str]:
    """Return the command that a subcommand stands for, `init` and `pool` apart.

    Parameters
    ----------
    extra : options behind `--`, for Snakemake or the script of an export.
    checkout : folder of the Snakefile.
    """
    if arguments.command == "check":
        return [
            *(sys.executable, str(script_of(checkout, "inputs/check_data"))),
            *("--root", str(arguments.folder), "--config", str(checkout / "config.yaml")),
            *(str(require_overlay(path)) for path in arguments.config),
            *("--schema", str(checkout / "workflow/schemas/config.schema.json")),
        ]
    if arguments.command == "run":
        return [
            *(sys.executable, "-m", "snakemake", "--snakefile", str(checkout / "Snakefile")),
            *("--cores", "all", "--configfile", str(require_overlay(arguments.overlay)), *extra),
        ]
    if arguments.command == "compare":
        asked = ["--protocol", arguments.protocol] if arguments.protocol else []
        return [
            *(sys.executable, str(script_of(checkout, "statistics/compare_studies"))),
            *("--studies", *map(str, arguments.studies), *asked),
            *("--output", str(arguments.output)),
        ]
    if arguments.command == "predict":
        asked = ["--model", *arguments.model] if arguments.model else []
        return [
            *(sys.executable, str(script_of(checkout, "bundles/predict"))),
            *(str(arguments.bundle), *map(str, arguments.files), "--output"),
            *(str(arguments.output), "--confidence", str(arguments.confidence), *asked, *extra),
        ]
    if arguments.command == "propose":
        existing = ["--from", str(arguments.existing)] if arguments.existing else []
        return [
            *(sys.executable, str(script_of(checkout, "proposals/propose"))),
            *(str(arguments.bundle), "--n", str(arguments.n), "--output", str(arguments.output)),
            *(*existing, *extra),
        ]
    if arguments.command == "rank":
        settings = {"rank": dataclasses.asdict(read_settings(arguments, Ranking))}
        return [
            *(sys.executable, str(script_of(checkout, "bundles/rank_folder"))),
            *(str(arguments.bundle), str(arguments.folder), "--output", str(arguments.output)),
            *(["--strict"] if arguments.strict else []),
            *(*shlex.split(as_options(settings, Ranking)), "--", *extra),
        ]
    if arguments.command == "bundle":
        return _bundle_command(arguments, checkout, extra)
    return _export_command(arguments, checkout, extra)


def _bundle_command(
    arguments: argparse.Namespace, checkout: Path, extra: Sequence[str]
) -> list[str]:
    """Return the command that trains models of all clips and puts all models into one folder."""
    config = read_saved_configuration(arguments.results)
    protocol = chosen_protocol(config, arguments.results, arguments.protocol)
    folder = folder_of_run(arguments.results, config["study"])
    return [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(checkout / "Snakefile")),
        # In front, as --configfile would take it for one more overlay.
        f"results/{config['study']}/{protocol}/bundle/bundle.json",
        *("--directory", str(folder), "--cores", "all"),
        *("--configfile", str(arguments.results.resolve() / "config.yaml"), *extra),
    ]


def _export_command(
    arguments: argparse.Namespace, checkout: Path, extra: Sequence[str]
) -> list[str]:
    """Return the command that exports a study, with what it must know of its configuration."""
    outputs = {name: getattr(arguments, name) for name in ("bids", "table", "derivatives")}
    name, output = next((name, path) for name, path in outputs.items() if path)
    script = script_of(checkout, f"export/export_{name}")
    config = read_saved_configuration(arguments.results)
    if name != "bids":
        protocol = chosen_protocol(config, arguments.results, arguments.protocol)
        own = ["--protocol", protocol]
    else:
        stimuli = {} if arguments.without_stimuli else stimulus_files(config)
        own = bids_words(config, stimuli)
    return [
        *(sys.executable, str(script), "--results", str(arguments.results)),
        *(*own, "--output", str(output), *extra),
    ]


def bids_words(config: Mapping[str, Any], stimuli: Mapping[str, Path]) -> list[str]:
    """Return what a BIDS dataset says of a study, as options of its script.

    Parameters
    ----------
    config : the merged configuration.
    stimuli : code of a clip -> its file, of those that are shared.
    """
    conditions = {code: entry.get("condition") for code, entry in config["clips"].items()}
    named = {
        "--conditions": {code: name for code, name in conditions.items() if name is not None},
        "--dimensions": dimensions_of(config),
        "--stimuli": stimuli,
    }
    words = ["--name", str(config["study"])]
    for option, pairs in named.items():
        words += [option, *(f"{key}={value}" for key, value in pairs.items())] if pairs else []
    return words


def _begin(folder: Path, output: Path | None) -> None:
    guess = look_at(folder)
    if not (guess.reader or guess.stimuli or guess.tables):
        raise InputProblem(
            str(folder),
            expected="raw data: tables, recordings, films or sounds",
            found="nothing that is known",
            remedy="Name the folder of a study. docs/readers.md lists what is read and how to "
            "write a reader of your own.",
        )
    name = study_name(folder.resolve().name)
    path = Path(f"{name}.yaml") if output is None else output
    text = overlay_text(guess, str(folder), name, str(path))
    write_new(text, path)
    questions = text.count(QUESTION)
    print(f"{path} is written, with {questions} open question(s): look at it, then")
    print(f"  {shlex.join(['tinglegram', 'check', str(folder), '--config', str(path)])}")
    print(f"  {shlex.join(['tinglegram', 'run', str(path)])}")


def _pool(folders: Sequence[Path], output: Path, rename: Sequence[str]) -> None:
    studies = studies_to_pool(folders)
    dimensions = renames(rename, list(studies))
    require_new(output)
    root, stimuli, read = read_pooled(studies)
    trials = excluded_trials(read, pooled_clips(read).renamed)
    exclusions = output.with_name(f"{output.stem}_exclusions.tsv") if trials else None
    text = pooled_overlay(
        read,
        read_base(checkout_of(Path(__file__))),
        name=study_name(output.stem),
        root=root,
        stimuli=stimuli,
        dimensions=dimensions,
        exclusions=None if exclusions is None else str(exclusions),
    )
    if exclusions is not None:
        require_new(exclusions)
        write_exclusions(trials, exclusions)
    write_new(text, output)
    print(f"{output} is written, with {text.count(QUESTION)} open question(s): look at it, then")
    print(f"  {shlex.join(['tinglegram', 'run', str(output)])}")


def renames(words: Sequence[str], studies: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return study -> dimension -> new name, from words such as `one.joy=valence`.

    Raises
    ------
    InputProblem : a word of another form, or of a study that is not there.
    """
    found: dict[str, dict[str, str]] = {}
    for word in words:
        named = re.fullmatch(r"([A-Za-z0-9_-]+)\.([^=]+)=([A-Za-z][A-Za-z0-9_]*)", word)
        if named is None or named[1] not in studies:
            raise InputProblem(
                "--rename",
                expected=f"STUDY.DIMENSION=NAME, of {', '.join(studies)}",
                found=word,
                remedy="Correct it.",
            )
        found.setdefault(named[1], {})[named[2]] = named[3]
    return found


def obey(words: Sequence[str]) -> int:
    """Do what the words behind `tinglegram` say; return the exit code of what was called.

    Raises
    ------
    TinglegramError : a folder, overlay or script is not as it must be.
    """
    words = list(words)
    cut = words.index("--") if "--" in words else len(words)
    words, extra = words[:cut], words[cut + 1 :]
    parser = command_parser()
    arguments = parser.parse_args(words)
    if extra and arguments.command not in TAKE_MORE:
        parser.error(f"only {', '.join(TAKE_MORE[:-1])} and {TAKE_MORE[-1]} take options behind --")
    if arguments.command == "export":
        if arguments.bids and arguments.protocol:
            parser.error(
                "raw data belong to no protocol: --protocol goes with --table or --derivatives"
            )
        if not arguments.bids and arguments.without_stimuli:
            parser.error("tables hold no stimuli: --without-stimuli goes with --bids")
    if arguments.command == "pool":
        _pool(arguments.studies, arguments.output, arguments.rename)
        return 0
    if arguments.command == "init":
        _begin(arguments.folder, arguments.output)
        return 0
    command = command_of(arguments, extra, checkout_of(Path(__file__)))
    # Rules take `python` from PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    try:
        done = subprocess.run(command, env=os.environ | {"PATH": path}, check=False)
    except OSError as fault:
        raise TinglegramError(f"{command[0]}: cannot be started ({fault.strerror}).") from fault
    return done.returncode


def main() -> None:
    """Run the command; a user's error ends it with its sentence."""

    def called() -> None:
        if code := obey(sys.argv[1:]):
            sys.exit(code)

    run_program(called)
