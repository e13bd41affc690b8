"""Fetching a deposited dataset into its data folder, and the receipt that says what was fetched."""

import fcntl
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.files import sha256, whole, write_json
from tinglegram.inputs.archives import FOLDERS, Limits, accepted, content, destination, is_archive
from tinglegram.inputs.deposits import Deposited, check_pins, read_receipt, record_number
from tinglegram.inputs.downloads import (
    AGAIN,
    Connection,
    checksum,
    download,
    outstanding,
    read_record,
)

RECEIPT = "fetched.json"
# Downloads and unpacked files on their way, below the data folder so that moving is renaming.
WORK, UNPACKED, LOCK = ".fetch", "unpacked", "lock"


def fetch(doi: str, root: Path, connection: Connection, limits: Limits, pins: Path | None) -> None:
    """Put the dataset of a DOI into log/, ppg/ and stim/ below `root`, or verify that it is there.

    Parameters
    ----------
    doi : of a record of Zenodo, also as an address.
    root : data folder; made if it is not there.
    connection, limits : how to ask the archive, and what one of its archives may hold.
    pins : the `fetched.json` of an earlier fetch whose checksums this one must have.

    Raises
    ------
    TinglegramError : what is there, or what comes, is not what it should be; or the disk is full.
    """
    doi = f"10.5281/zenodo.{record_number(doi)}"
    pinned = _read(pins) if pins else None
    if root.exists() and not root.is_dir():
        remedy = "Move it away, or give another folder (DATA=...)."
        raise InputProblem(str(root), expected="a folder", found="a file", remedy=remedy)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _alone(root):
            _fetch(doi, root, connection, limits, pinned, str(pins))
    except KeyboardInterrupt:
        raise TinglegramError(f"Interrupted. {AGAIN}") from None
    except OSError as fault:
        place = fault.filename or root
        raise TinglegramError(
            f"{place}: {fault.strerror or fault}. When that is put right, run make fetch again;"
            " what was downloaded is kept."
        ) from fault


def _fetch(
    doi: str,
    root: Path,
    connection: Connection,
    limits: Limits,
    pinned: dict[str, Any] | None,
    pins: str,
) -> None:
    receipt: dict[str, Any] = {"doi": doi, "complete": False, "downloads": {}, "files": {}}
    if (root / RECEIPT).exists():
        receipt = _read(root / RECEIPT)
    if receipt["doi"] != doi:
        raise InputProblem(
            str(root),
            expected=f"a folder for {doi}",
            found=f"the files of {receipt['doi']}",
            remedy="Give another folder (DATA=...), or move this one away.",
        )
    missing = _missing(root, receipt)
    whole_already = receipt["complete"] and not missing
    if not whole_already:
        with connection.open() as session:
            files = read_record(connection, session, doi)
            if pinned:
                listed = {file.name: file.checksum for file in files if _wanted(file)}
                check_pins(listed, _checksums(pinned), pins)
            needed = [file for file in files if _wanted(file) and _needed(file, receipt, missing)]
            _room(root, sum(outstanding(file, root / WORK) for file in needed), "the downloads")
            for file in needed:
                _add(root, file, connection, session, limits, receipt)
        left_out = [file.name for file in files if not _wanted(file)]
        if not receipt["files"]:
            raise InputProblem(
                doi,
                expected="files for log/, ppg/ and stim/, also in a zip or tar",
                found=", ".join(left_out) or "archives without any",
                remedy="Download by hand and put what belongs there into the three folders.",
            )
        if left_out:
            logging.info("belong into none of the folders, left out: %s", ", ".join(left_out))
    if pinned:
        check_pins(_checksums(receipt), _checksums(pinned), pins)
        check_pins(_hashes(receipt), _hashes(pinned), pins)
    if not whole_already:
        write_json(receipt | {"complete": True}, root / RECEIPT)
    shutil.rmtree(root / WORK)
    for folder in FOLDERS:
        count = sum(path.startswith(f"{folder}/") for path in receipt["files"])
        level = logging.INFO if count else logging.WARNING
        logging.log(level, "%s: %d files", root / folder, count)
    size = sum(entry["size"] for entry in receipt["files"].values())
    done = "was in place already, nothing downloaded" if whole_already else "is in place"
    logging.info("%s %s: %d bytes, verified", doi, done, size)


def _wanted(file: Deposited) -> bool:
    return is_archive(file.name) or destination(file.name) is not None


def _missing(root: Path, receipt: dict[str, Any]) -> set[str]:
    """Return the files of the receipt that are gone; one that is there must be unchanged."""
    missing = set()
    for path, entry in receipt["files"].items():
        place = root / path
        if not place.exists():
            missing.add(path)
        elif place.stat().st_size != entry["size"] or sha256(place) != entry["sha256"]:
            raise InputProblem(
                str(place),
                expected=f"{entry['size']} bytes, SHA-256 {entry['sha256']}",
                found=f"{place.stat().st_size} bytes, SHA-256 {sha256(place)}",
                remedy="The file was changed after it was fetched. Move it away and run make fetch"
                " again to have the original.",
            )
    return missing


def _needed(file: Deposited, receipt: dict[str, Any], missing: set[str]) -> bool:
    known = receipt["downloads"].get(file.name)
    return known is None or known["checksum"] != file.checksum or bool(missing & {*known["files"]})


def _add(
    root: Path,
    file: Deposited,
    connection: Connection,
    session: requests.Session,
    limits: Limits,
    receipt: dict[str, Any],
) -> None:
    """Download one file of the record, put its content into place, and note it on the receipt."""
    target = None if is_archive(file.name) else destination(file.name)
    if target and (root / target).exists():
        if checksum(root / target, file.checksum) != file.checksum:
            raise _occupied(root / target, file.name)
        staged = {target: root / target}
    else:
        logging.info("%s: downloading %d bytes", file.name, file.size)
        path = download(connection, session, file, root / WORK)
        staged = {target: path} if target else _unpack(root, path, file.name, limits)
    entries = {t: {"size": p.stat().st_size, "sha256": sha256(p)} for t, p in staged.items()}
    for target, entry in entries.items():
        if (root / target).exists() and sha256(root / target) != entry["sha256"]:
            raise _occupied(root / target, file.name)
    for target, path in staged.items():
        if not (root / target).exists():
            with whole(root / target) as aside:
                shutil.move(path, aside)
    receipt["downloads"][file.name] = {"checksum": file.checksum, "files": sorted(staged)}
    receipt["files"] |= entries
    write_json(receipt | {"complete": False}, root / RECEIPT)
    (root / WORK / file.checksum.replace(":", "-")).unlink(missing_ok=True)


def _unpack(root: Path, archive: Path, source: str, limits: Limits) -> dict[str, Path]:
    """Unpack below the work folder and return where each destination's file lies meanwhile."""
    folder = root / WORK / UNPACKED
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    # All of it is judged before the first byte is written.
    with archive.open("rb") as stream:
        sizes = [m.size for m, target in accepted(stream, source, limits) if target]
    _room(root, sum(sizes), f"unpacking {source}")
    logging.info("%s: unpacking %d files, %d bytes", source, len(sizes), sum(sizes))
    staged: dict[str, Path] = {}
    with archive.open("rb") as stream:
        for member, target in accepted(stream, source, limits):
            if target is None:
                logging.info(
                    "%s: %a belongs into none of the folders, left out", source, member.name
                )
                continue
            staged[target] = folder / f"{len(staged)}"
            with staged[target].open("wb") as out:
                out.writelines(content(member, source))
    return staged


def _room(root: Path, needed: int, what: str) -> None:
    free = shutil.disk_usage(root).free
    if free < needed:
        raise InputProblem(
            str(root),
            expected=f"{needed} bytes free for {what}",
            found=f"{free} bytes",
            remedy=f"Make room, or give a folder on another disk (DATA=...). {AGAIN}",
        )


def _occupied(place: Path, source: str) -> InputProblem:
    return InputProblem(
        str(place),
        expected=f"nothing there, or the file of {source}",
        found="another file",
        remedy="It was left as it is. Move it away and run make fetch again.",
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return read_receipt(path.read_bytes(), str(path))
    except OSError as fault:
        raise TinglegramError(f"{path}: {fault.strerror}.") from fault


def _checksums(receipt: dict[str, Any]) -> dict[str, str]:
    return {name: entry["checksum"] for name, entry in receipt["downloads"].items()}


def _hashes(receipt: dict[str, Any]) -> dict[str, str]:
    return {path: f"sha256:{entry['sha256']}" for path, entry in receipt["files"].items()}


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold the work folder for this process; leave in it only what the next one can go on with."""
    work = root / WORK
    work.mkdir(exist_ok=True)
    with (work / LOCK).open("w") as lock:
        try:
            # The system lets go of the lock however this process ends.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TinglegramError(f"{root}: another make fetch is at work there.") from None
        try:
            yield
        finally:
            shutil.rmtree(work / UNPACKED, ignore_errors=True)
            if work.exists() and [path.name for path in work.iterdir()] == [LOCK]:
                shutil.rmtree(work)
