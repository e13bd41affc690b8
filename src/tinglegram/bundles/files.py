"""Bundles on disk: written whole, and read only if nothing in them is missing, added or changed."""

import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO, cast

import pandas as pd

from tinglegram.bundles.contents import ABOUT, Bundle, check_about, opened
from tinglegram.bundles.rank_plan import RankPlan
from tinglegram.bundles.tensors import REMEDY_BUNDLE, not_as_it_must_be, read_object
from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.files import sha256, write_table

# ASSUMPTION: a description of ten thousand participants and a hundred models takes one megabyte.
_LARGEST_ABOUT = 1 << 24
# ASSUMPTION: more than this is no bundle of ours: 100 models of 5 folds and 5 seeds take 4 GB.
_LARGEST = 1 << 35
_MOST_FILES = 100_000


def temporary_file() -> BinaryIO:
    """Return an empty file that is gone when it is closed, open for reading and writing bytes."""
    return cast(BinaryIO, tempfile.TemporaryFile())


def write_bundle(about: Mapping[str, Any], contents: Mapping[str, bytes], folder: Path) -> None:
    """Write a bundle into a new folder, whole or not at all.

    Parameters
    ----------
    about : bundle.json without `files`.
    contents : path below the folder -> content.
    folder : replaced where it is there.
    """
    listed = [
        {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in sorted(contents.items())
    ]
    whole = {**about, "files": listed}
    check_about(whole, ABOUT)
    opened(whole, contents)
    # In the order given: that of the models is the study's.
    text = json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    aside = folder.with_name(f".{folder.name}.{token_hex(4)}.partial")
    try:
        for path, content in [*contents.items(), (ABOUT, text.encode())]:
            target = aside / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if folder.exists():
            shutil.rmtree(folder)
        aside.replace(folder)
    finally:
        if aside.exists():
            shutil.rmtree(aside)


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle; nothing in it is executed.

    Raises
    ------
    InputProblem : no bundle; a version that is not known here; a file that is missing, added,
        damaged or linked; a description, an array or a tree that is not as it must be.
    """
    found = _files_of(folder)
    if ABOUT not in found:
        raise InputProblem(
            str(folder),
            expected=f"a bundle, a folder with {ABOUT}",
            found="none",
            remedy="Name the folder of a bundle; tinglegram bundle RESULTS makes one.",
        )
    if found[ABOUT] > _LARGEST_ABOUT:
        raise not_as_it_must_be(ABOUT, f"at most {_LARGEST_ABOUT} bytes", f"{found[ABOUT]}")
    about = read_object(_content(folder, ABOUT), ABOUT)
    check_about(about, ABOUT)
    listed = {entry["path"]: entry for entry in about["files"]}
    for path in sorted(found.keys() - {ABOUT} | listed.keys()):
        if path not in found:
            raise not_as_it_must_be(path, "a file that the bundle lists", "none")
        if path not in listed:
            raise InputProblem(
                path,
                expected="files that the bundle lists",
                found="one more",
                remedy="Take it out of the folder, if you know where it came from.",
            )
        if found[path] != listed[path]["size"]:
            raise not_as_it_must_be(path, f"{listed[path]['size']} bytes", f"{found[path]}")
    contents = {}
    for path, entry in listed.items():
        content = _content(folder, path)
        # Whatever is used later is what was hashed here: no file is read twice.
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise not_as_it_must_be(
                path, "the checksum that the bundle lists", "another: it is damaged"
            )
        contents[path] = content
    return opened(about, contents)


def _files_of(folder: Path) -> dict[str, int]:
    """Return path below the folder -> size, of every file in it.

    Raises
    ------
    InputProblem : not a folder, a link or something else than files and folders, or too much.
    """
    if not folder.is_dir():
        raise InputProblem(
            str(folder), expected="the folder of a bundle", found="none", remedy="Check its name."
        )
    found: dict[str, int] = {}
    for parent, names, files in os.walk(folder):
        for name in [*names, *files]:
            path = Path(parent, name)
            about, below = path.lstat(), path.relative_to(folder).as_posix()
            if not (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):
                what = "a link" if stat.S_ISLNK(about.st_mode) else "something else"
                raise not_as_it_must_be(below, "a file", what)
            if stat.S_ISREG(about.st_mode):
                found[below] = about.st_size
        if len(found) > _MOST_FILES or sum(found.values()) > _LARGEST:
            raise TinglegramError(
                f"{folder}: expected at most {_MOST_FILES} files of {_LARGEST} bytes, found more. "
                f"{REMEDY_BUNDLE}"
            )
    return found


def _content(folder: Path, path: str) -> bytes:
    """Return the content of a file below the folder, no link followed."""
    handle = os.open(folder / path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as stream:
        return stream.read()


def list_media(folder: Path, without: Path) -> list[str]:
    """Return every file below a folder, by its path from there with slashes, in order.

    Links to folders are not followed.

    Parameters
    ----------
    without : a folder that is left out, such as that of the results.

    Raises
    ------
    InputProblem : not a folder.
    """
    if not folder.is_dir():
        raise InputProblem(
            str(folder),
            expected="a folder of films and sounds",
            found="none",
            remedy="Check its name.",
        )
    found = []
    for parent, names, files in os.walk(folder):
        names[:] = [name for name in names if Path(parent, name).resolve() != without.resolve()]
        found += [Path(parent, name).relative_to(folder).as_posix() for name in files]
    return sorted(found)


def checksums_of(folder: Path, names: Sequence[str], known: Path) -> pd.DataFrame:
    """Return file, bytes, mtime_ns and sha256 of files; read only those that are not known.

    Parameters
    ----------
    folder, names : the files, by their paths below the folder.
    known : table of the same columns from an earlier call, written anew; files of the same name,
        size and time of change are taken from it.
    """
    columns = ["file", "bytes", "mtime_ns", "sha256"]
    before = {}
    if known.is_file():
        rows = pd.read_csv(known, sep="\t", dtype=str, keep_default_na=False)[columns]
        before = {tuple(row[:3]): row[3] for row in rows.itertuples(index=False, name=None)}
    found = []
    for name in names:
        about = (folder / name).stat()
        key = (name, str(about.st_size), str(about.st_mtime_ns))
        found.append((*key, before.get(key) or sha256(folder / name)))
    table = pd.DataFrame(found, columns=columns)
    write_table(table, known)
    return table


def read_plan(path: Path) -> RankPlan:
    """Read the plan of a ranking (rank.json)."""
    return RankPlan(json.loads(path.read_text(encoding="utf-8")))
