"""Downloading the files of a Zenodo record: resumed where they broke off, kept only when verified.

pooch, which librosa brings along, asks for every file from its first byte again and unpacks
without limits; Snakemake's storage plugins want the files' names when the workflow is planned, and
do not unpack. So HTTP ranges (RFC 9110, section 14) are asked for here, over requests.
"""

import hashlib
import logging
import time
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tinglegram.errors import InputProblem
from tinglegram.inputs.deposits import Deposited, continues, deposited_files, record_number

# What a broken connection leaves of a chunk is lost.
_CHUNK = 1 << 14
# Records of a thousand files are below a megabyte.
_LARGEST_RECORD = 4 << 20
_LONGEST_WAIT = 120
_BUSY = (429, 500, 502, 503, 504)
NEWS_SECONDS = 5.0
AGAIN = "What is there is kept: run make fetch again to go on from here."


@dataclass(frozen=True)
class Connection:
    """Where the record lies, and how patient to be.

    Parameters
    ----------
    base : address of the archive, such as https://zenodo.org.
    tries : requests without a single new byte before giving up.
    wait : seconds between the first two of them; doubled each time.
    timeout : seconds without an answer that make a connection broken.
    """

    base: str
    tries: int
    wait: float
    timeout: float

    def open(self) -> requests.Session:
        """Return a session that waits as long as a busy archive asks for (header Retry-After)."""
        session = requests.Session()
        if self.base.startswith("https:"):
            # A redirection to an unencrypted address then has nothing that could follow it.
            del session.adapters["http://"]
        retry = Retry(
            total=self.tries,
            backoff_factor=self.wait,
            status_forcelist=_BUSY,
            raise_on_status=False,
            retry_after_max=_LONGEST_WAIT,
        )
        for scheme in list(session.adapters):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        # Compressed on the way, a file has other lengths than the record says.
        session.headers["Accept-Encoding"] = "identity"
        session.headers["User-Agent"] = f"tinglegram/{version('tinglegram')}"
        return session


def read_record(connection: Connection, session: requests.Session, doi: str) -> list[Deposited]:
    """Ask the archive for the files of a record.

    Raises
    ------
    InputProblem : it does not answer, has no such record, or shows no files.
    """
    address = f"{connection.base}/api/records/{record_number(doi)}"
    try:
        with session.get(address, stream=True, timeout=connection.timeout) as answer:
            if answer.status_code != HTTPStatus.OK:
                raise _refusal(doi, answer.status_code)
            content = bytearray()
            for piece in answer.iter_content(_CHUNK):
                content += piece
                if len(content) > _LARGEST_RECORD:
                    raise InputProblem(
                        doi,
                        expected=f"a record of at most {_LARGEST_RECORD} bytes",
                        found="more",
                        remedy=f"Is {connection.base} the archive?",
                    )
    except requests.RequestException as fault:
        raise InputProblem(
            doi,
            expected=f"an answer from {connection.base}",
            found=_reason(fault),
            remedy="Is this machine connected? Or download the files on another one, and put"
            " log/, ppg/ and stim/ into the data folder.",
        ) from fault
    return deposited_files(bytes(content), doi)


def download(
    connection: Connection, session: requests.Session, file: Deposited, folder: Path
) -> Path:
    """Return the path of a file below `folder`, whole and verified.

    An interrupted download lies there as `.part` and is gone on with, by whoever calls next, if the
    archive still has the same file.

    Raises
    ------
    InputProblem : the archive refuses, breaks off again and again, or sends something else.
    """
    done, part = _paths(file, folder)
    if done.exists() and checksum(done, file.checksum) == file.checksum:
        return done
    failures, doubted = 0, False
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            fault = _go_on(connection, session, file, part)
        except requests.RequestException as broken:
            fault = _reason(broken)
        have = part.stat().st_size if part.exists() else 0
        if have == file.size and not fault:
            found = checksum(part, file.checksum)
            if found == file.checksum:
                part.replace(done)
                _tag_file(part).unlink(missing_ok=True)
                return done
            _discard(part)
            # What was there before may have been another file; what came in one piece was not.
            if not before or doubted:
                raise _mismatch(file, file.checksum, found)
            doubted = True
            fault = f"what had been there did not fit ({found})"
        failures = 0 if have > before else failures + 1
        if failures >= connection.tries:
            raise InputProblem(
                file.name,
                expected=f"{file.size} bytes",
                found=f"{have} bytes, and nothing more in {failures} tries ({fault})",
                remedy=AGAIN,
            )
        logging.warning("%s: %s at %d of %d bytes; going on", file.name, fault, have, file.size)
        time.sleep(min(connection.wait * 2**failures, _LONGEST_WAIT))


def _go_on(
    connection: Connection, session: requests.Session, file: Deposited, part: Path
) -> str | None:
    """Ask once for what is missing; return what went wrong, if anything."""
    tag_file = _tag_file(part)
    have = part.stat().st_size if part.exists() else 0
    known_tag = tag_file.read_text() if tag_file.exists() else None
    headers = {}
    if have:
        headers["Range"] = f"bytes={have}-"
        # A weak tag must not stand here (RFC 9110, 13.1.5); the answer's is compared in any case.
        if known_tag and not known_tag.startswith("W/"):
            headers["If-Range"] = known_tag
    if have == file.size and part.exists():
        return None
    with session.get(file.url, headers=headers, stream=True, timeout=connection.timeout) as answer:
        status, tag = answer.status_code, answer.headers.get("ETag")
        if status == HTTPStatus.PARTIAL_CONTENT and continues(
            answer.headers.get("Content-Range"),
            tag,
            have=have,
            size=file.size,
            known_tag=known_tag,
        ):
            logging.info("%s: going on after %d bytes", file.name, have)
        elif status == HTTPStatus.OK:
            if have:
                logging.info("%s: the archive sends it from the start again", file.name)
            have = 0
            tag_file.unlink(missing_ok=True)
            if tag:
                tag_file.write_text(tag)
        elif status in (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE):
            _discard(part)
            return "the archive has another file now"
        else:
            raise _refusal(file.name, status)
        news = time.monotonic()
        with part.open("ab" if have else "wb") as out:
            for piece in answer.iter_content(_CHUNK):
                have += len(piece)
                if have > file.size:
                    break
                out.write(piece)
                if time.monotonic() - news > NEWS_SECONDS:
                    news = time.monotonic()
                    logging.info(
                        "%s: %d %% of %d bytes", file.name, 100 * have // file.size, file.size
                    )
    if have > file.size:
        _discard(part)
        raise _mismatch(file, f"{file.size} bytes", "more")
    return None if have == file.size else "the archive sent no more"


def checksum(path: Path, like: str) -> str:
    """Return the checksum of a file, by the algorithm of another one ("md5:...")."""
    algorithm = like.split(":")[0]
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, lambda: hashlib.new(algorithm, usedforsecurity=False))
    return f"{algorithm}:{found.hexdigest()}"


def outstanding(file: Deposited, folder: Path) -> int:
    """Return how many bytes of a file are still to be downloaded."""
    done, part = _paths(file, folder)
    there = next((path.stat().st_size for path in (done, part) if path.exists()), 0)
    return max(file.size - there, 0)


def _reason(fault: BaseException) -> str:
    """Return what the system said at the bottom of a failed request."""
    while cause := fault.__cause__ or fault.__context__:
        fault = cause
    said = fault.strerror if isinstance(fault, OSError) else None
    return (said or str(fault) or type(fault).__name__).rstrip(".")


def _paths(file: Deposited, folder: Path) -> tuple[Path, Path]:
    # Named by checksum: a name in a record is no path, and another file has another part.
    done = folder / file.checksum.replace(":", "-")
    return done, done.with_suffix(".part")


def _tag_file(part: Path) -> Path:
    return part.with_suffix(".tag")


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _tag_file(part).unlink(missing_ok=True)


def _mismatch(file: Deposited, expected: str, found: str) -> InputProblem:
    return InputProblem(
        file.name,
        expected=expected,
        found=found,
        remedy="Nothing of it was kept. Run make fetch again; if it stays, the archive or something"
        " between (a proxy?) changes the file: tell the archive.",
    )


def _refusal(source: str, status: int) -> InputProblem:
    remedy = "Check the DOI: the archive may have withdrawn or moved it."
    if status in (401, 403):
        remedy = "The files are not open to everybody: ask the authors for them."
    elif status in _BUSY:
        remedy = f"The archive is busy or out of order: wait a while. {AGAIN}"
    phrase = HTTPStatus(status).phrase if status in list(HTTPStatus) else "unknown"
    return InputProblem(
        source,
        expected="the archive to hand it out",
        found=f"status {status} ({phrase})",
        remedy=remedy,
    )
