"""Films and sounds of a folder, ranked by the response that a bundle predicts.

Lists the files, chooses the model, then has Snakemake do the work: workflow/rank. Options behind --
go to Snakemake. The same command again does what is left, or new.
"""

import argparse
import dataclasses
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pandas as pd

from tinglegram.bundles.contents import ABOUT, Bundle
from tinglegram.bundles.files import checksums_of, list_media, read_bundle
from tinglegram.bundles.rank_plan import (
    FILE_COLUMNS,
    LISTING,
    PLAN,
    left_out,
    model_for,
    require_media,
    streams_used,
)
from tinglegram.bundles.rank_settings import Ranking
from tinglegram.command_line import program, run
from tinglegram.errors import InputProblem
from tinglegram.files import read_table, sha256, write_json, write_table
from tinglegram.settings import add_settings, read_settings
from tinglegram.stimuli.container import streams_in
from tinglegram.stimuli.settings import Stream

SNAKEFILE = Path(__file__).resolve().parents[2] / "workflow/rank/Snakefile"
DRY = {"-n", "--dry-run", "--dryrun"}


def main() -> None:
    """List, choose, run, and say how it went."""
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    options = _parser().parse_args(words[:cut])
    extra, output = words[cut + 1 :], options.output
    settings = read_settings(options, Ranking)
    bundle = read_bundle(options.bundle)
    listing = _listing(options.folder, output)
    contents = _contents(listing, options.folder)
    held = _held(options.folder, contents)
    choice = model_for(bundle, held, settings.model, str(options.folder))
    _write_plan(options, settings, bundle, choice.models[0], choice.reason, contents)
    _write_if_new(listing[list(FILE_COLUMNS)], output / LISTING)
    print(f"{len(contents)} content(s), model {choice.models[0]}: {choice.reason}.", flush=True)
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(SNAKEFILE)]
    command += ["--directory", str(output), "--configfile", str(output / PLAN)]
    # A job that fails for another reason than its file leaves the others alone.
    code = subprocess.run(
        [*command, "--cores", "all", "--keep-going", *extra], check=False
    ).returncode
    if code or DRY & {*extra}:
        sys.exit(code)
    sys.exit(_say(output, len(contents), options.strict))


def _parser() -> argparse.ArgumentParser:
    parser = program(__doc__)
    add = parser.add_argument
    add("bundle", type=Path, help="folder of the bundle")
    add("folder", type=Path, help="folder of films and sounds, searched with all folders in it")
    add("--output", type=Path, required=True, help="folder of the ranking")
    add("--strict", action="store_true", help="end with an error where a file was not ranked")
    add_settings(parser, Ranking, with_defaults=True)
    return parser


def _listing(folder: Path, output: Path) -> pd.DataFrame:
    """Return every file of the folder with its checksum or why it is left out."""
    names = list_media(folder, output)
    reasons = [left_out(name) for name in names]
    used = [name for name, reason in zip(names, reasons, strict=True) if not reason]
    sums = checksums_of(folder, used, output / "cache/checksums.tsv").set_index("file")
    listing = pd.DataFrame({"file": names, "left_out": [reason or None for reason in reasons]})
    for column in ("bytes", "sha256"):
        listing[column] = listing["file"].map(sums[column])
    for reason, number in Counter(filter(None, reasons)).items():
        print(f"Left out: {number} file(s) ({reason}).")
    return listing


def _contents(listing: pd.DataFrame, folder: Path) -> dict[str, list[str]]:
    """Return content -> its files."""
    used = listing[listing["left_out"].isna()]
    require_media(used["file"].tolist(), len(listing), str(folder))
    return {str(key): own["file"].tolist() for key, own in used.groupby("sha256", sort=False)}


def _held(folder: Path, contents: dict[str, list[str]]) -> list[tuple[Stream, ...]]:
    """Return what each content has of picture and sound; of broken ones nothing."""
    found: list[tuple[Stream, ...]] = []
    for names in contents.values():
        with (folder / names[0]).open("rb") as stream:
            try:
                found.append(streams_in(stream, names[0]))
            except InputProblem:
                # Its own job tells it, and the page.
                found.append(())
    return found


def _write_plan(
    options: argparse.Namespace,
    settings: Ranking,
    bundle: Bundle,
    model: str,
    reason: str,
    contents: dict[str, list[str]],
) -> None:
    """Write rank.json."""
    plan = {
        "rank": dataclasses.asdict(settings),
        "folder": os.path.relpath(options.folder.resolve(), options.output.resolve()),
        "bundle": os.path.relpath(options.bundle.resolve(), options.output.resolve()),
        "bundle_sha256": sha256(options.bundle / ABOUT),
        "model": model,
        "reason": reason,
        "streams": streams_used(bundle, model),
        "contents": contents,
    }
    write_json(plan, options.output / PLAN)


def _write_if_new(table: pd.DataFrame, path: Path) -> None:
    """Write a table where it differs from what is there, so that nothing looks newer."""
    aside = path.with_name(f".{path.stem}.new{path.suffix}")
    write_table(table, aside)
    if path.is_file() and path.read_bytes() == aside.read_bytes():
        aside.unlink()
    else:
        aside.replace(path)


def _say(output: Path, number: int, strict: bool) -> int:
    """Say in the last line what came out; return the exit code."""
    problems = read_table(output / "problems.tsv")
    segments = read_table(output / "segments.tsv")
    for sentence in problems["sentence"]:
        print(f"NOT RANKED {sentence}")
    broken = f"{len(problems)} file(s) could not be ranked" if len(problems) else "no problem"
    print(f"{len(segments)} segments of {number} content(s), {broken}: {output / 'index.html'}")
    return int(segments.empty or (strict and len(problems) > 0))


if __name__ == "__main__":
    run(main)
