"""Archives of raw data: where each member goes, what is refused, and what is counted meanwhile.

Members are read as streams; neither zipfile nor tarfile ever writes a file. So no path, mode, owner
or link target of an archive reaches the file system, whichever extraction filters the Python at
hand has (tarfile: from 3.11.4, mended several times since).
"""

import gzip
import re
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, cast

from tinglegram.errors import InputProblem

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
FOLDERS = ("log", "ppg", "stim")
_BY_NAME = {
    "log": re.compile(r"\d+-.*\.log", re.IGNORECASE),
    "ppg": re.compile(r"\d+_csv\.txt", re.IGNORECASE),
    "stim": re.compile(r".+\.(avi|m4v|mkv|mov|mp4|mpe?g|webm|wmv)", re.IGNORECASE),
}
# What file managers leave in archives.
_LITTER = ("__macosx", "thumbs.db", "desktop.ini")
_FILE, _FOLDER = "a file", "a folder"
_CHUNK = 1 << 16
# A tar's name or extended header is read whole; real ones hold some hundred bytes.
_LARGEST_READ = 1 << 20
_DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error, EOFError, OSError),
    *(ValueError, OverflowError, IndexError, RuntimeError),
)
BY_HAND = (
    "Nothing of it was unpacked. If you trust it, unpack it by hand and put log/, ppg/ and stim/"
    " into the data folder."
)


@dataclass(frozen=True)
class Limits:
    """The most members, and bytes of all members together, that one archive may hold."""

    members: int
    size: int


@dataclass(frozen=True)
class Member:
    """One entry of an archive: name and bytes as declared, what it is, and a way to read it."""

    name: str
    size: int
    kind: str
    open: Callable[[], IO[bytes] | None]


def is_archive(name: str) -> bool:
    """Whether a file of this name is unpacked."""
    return name.casefold().endswith(SUFFIXES)


def destination(name: str) -> str | None:
    """Return where a file goes, by its path in an archive or a record; None: it is left out.

    The innermost folder called log, ppg or stim decides; outside of such a folder the name does:
    `NNN-C-DATE-HASH.log`, `NNN_csv.txt`, and the suffixes of videos (docs/files.md).
    """
    *folders, base = name.replace("\\", "/").split("/")
    lower = [folder.casefold() for folder in folders]
    if not base or base.startswith(".") or {*lower, base.casefold()} & {*_LITTER}:
        return None
    for folder in reversed(lower):
        if folder in FOLDERS:
            return f"{folder}/{base}"
    return next((f"{f}/{base}" for f, form in _BY_NAME.items() if form.fullmatch(base)), None)


def fault_of_name(name: str) -> str | None:
    """Return what makes a path unfit to be written, or None."""
    parts = name.replace("\\", "/").split("/")
    if parts[0] == "" or re.match(r"[A-Za-z]:", name):
        return "an absolute path"
    if ".." in parts:
        return "a path that leads out of its folder"
    if destination(name) and not parts[-1].isprintable():
        return "a name with characters that cannot be printed"
    if destination(name) and len(parts[-1].encode()) > 200:
        return f"a name of {len(parts[-1].encode())} bytes"
    return None


def accepted(stream: IO[bytes], source: str, limits: Limits) -> Iterator[tuple[Member, str | None]]:
    """Go through an archive and return each file with its destination (None: it is left out).

    Parameters
    ----------
    stream : the archive; a zip must be seekable, a tar is read from front to back.
    source : its name, which says what it is, and for messages.
    limits : what it may hold.

    Raises
    ------
    InputProblem : the archive is damaged or holds too much, or a member is not a plain file (link,
        device, ...), has a path that leads elsewhere, or goes where another one went. The caller
        keeps nothing of such an archive.
    """
    taken: dict[str, str] = {}
    size = 0
    with _damage(source):
        for count, member in enumerate(_members(stream, source), start=1):
            size += member.size
            _check_limits(source, limits, count, size)
            found = fault_of_name(member.name)
            if member.kind not in (_FILE, _FOLDER):
                raise _refused(source, member, "a plain file or a folder", member.kind)
            if found:
                raise _refused(source, member, "a path inside the archive", found)
            if member.kind == _FOLDER:
                continue
            target = destination(member.name)
            if target:
                # Some file systems know no case and no forms of Unicode.
                key = unicodedata.normalize("NFC", target).casefold()
                if key in taken:
                    found = f"{_shown(taken[key])} as well"
                    raise _refused(source, member, f"one file that becomes {target}", found)
                taken[key] = member.name
            yield member, target


def content(member: Member, source: str) -> Iterator[bytes]:
    """Read a member piece by piece.

    Raises
    ------
    InputProblem : it is damaged, or not as long as the archive says.
    """
    read = 0
    with _damage(source, f"member {_shown(member.name)}"):
        stream = member.open()
        while piece := stream.read(_CHUNK) if stream else b"":
            read += len(piece)
            yield piece
    if read != member.size:
        raise _refused(source, member, f"{member.size} bytes", f"{read} bytes")


def _members(stream: IO[bytes], source: str) -> Iterator[Member]:
    if source.casefold().endswith(".zip"):
        yield from _zip_members(stream)
    elif source.casefold().endswith(".tar"):
        yield from _tar_members(stream)
    else:
        with gzip.GzipFile(fileobj=stream) as unpacked:
            yield from _tar_members(cast(IO[bytes], unpacked))


def _zip_members(stream: IO[bytes]) -> Iterator[Member]:
    with zipfile.ZipFile(stream) as archive:
        for info in archive.infolist():
            # The upper half holds the mode on Unix, nothing on other systems.
            mode = stat.S_IFMT(info.external_attr >> 16)
            kind = _FOLDER if info.is_dir() else _FILE
            if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
                kind = "a symbolic link" if stat.S_ISLNK(mode) else "a device, pipe or socket"
            elif info.flag_bits & 1:
                kind = "an encrypted member"
            elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                kind = f"compression method {info.compress_type}, which is not read here"
            yield Member(info.orig_filename, info.file_size, kind, partial(archive.open, info))


def _tar_members(stream: IO[bytes]) -> Iterator[Member]:
    forward = _Forward(stream)
    with tarfile.open(fileobj=cast(IO[bytes], forward), mode="r:") as archive:
        for info in archive:
            reader = partial(archive.extractfile, info)
            yield Member(info.name, info.size, _tar_kind(info), reader)
    # tarfile takes a broken header for the end of the archive, which is a block of zeros.
    if forward.last_block.strip(b"\0"):
        raise tarfile.ReadError("a header that cannot be read")


def _tar_kind(info: tarfile.TarInfo) -> str:
    if info.size < 0:
        return "a negative size"
    if info.isreg() and not info.issparse():
        return _FILE
    for holds, kind in [
        (info.isdir(), _FOLDER),
        (info.issym(), "a symbolic link"),
        (info.islnk(), "a hard link"),
        (info.isdev(), "a device or pipe"),
        (info.issparse(), "a sparse file"),
    ]:
        if holds:
            return kind
    return f"an entry of type {info.type!r}"


class _Forward:
    """A stream that tarfile reads from front to back only, never much at a time.

    A header that claims a huge name would otherwise fill the memory, and a negative size would
    lead back to where it was read, again and again.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.position = 0
        self.last_block = b""

    def tell(self) -> int:
        return self.position

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _LARGEST_READ:
            raise tarfile.ReadError(f"a header of {size} bytes")
        piece = self.stream.read(size)
        self.position += len(piece)
        if size == tarfile.BLOCKSIZE:
            self.last_block = piece
        return piece

    def seek(self, position: int) -> None:
        if position < self.position:
            raise tarfile.ReadError("a place that was passed already")
        while self.position < position and self.read(min(_CHUNK, position - self.position)):
            pass


@contextmanager
def _damage(source: str, where: str = "") -> Iterator[None]:
    """Turn what the libraries raise at a broken archive into one sentence."""
    try:
        yield
    except _DAMAGE as fault:
        raise InputProblem(
            source,
            where=where,
            expected="an archive that can be read",
            found=f"damage ({str(fault) or type(fault).__name__})",
            remedy=BY_HAND,
        ) from fault


def _check_limits(source: str, limits: Limits, count: int, size: int) -> None:
    if count > limits.members or size > limits.size:
        raise InputProblem(
            source,
            expected=f"at most {limits.members} members and {limits.size} bytes unpacked",
            found=f"{count} members and {size} bytes, and maybe more",
            remedy="Nothing of it was unpacked. If the data are that large, raise"
            " --max-members or --max-gib of scripts/inputs/fetch_dataset.py.",
        )


def _refused(source: str, member: Member, expected: str, found: str) -> InputProblem:
    return InputProblem(
        source,
        where=f"member {_shown(member.name)}",
        expected=expected,
        found=found,
        remedy=BY_HAND,
    )


def _shown(name: str) -> str:
    return ascii(name if len(name) <= 80 else f"{name[:77]}...")
