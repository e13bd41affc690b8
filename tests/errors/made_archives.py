"""Archives as bytes, good and bad, built member by member."""

import gzip
import io
import stat
import struct
import tarfile
import warnings
import zipfile

# The kinds of Unix files that a zip can claim a member to be.
LINK, DEVICE = stat.S_IFLNK, stat.S_IFCHR


def zipped(*members: tuple[str, bytes], kind: int = 0, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of (name, content), all of them of one kind."""
    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w", method) as archive:
        warnings.filterwarnings("ignore", "Duplicate name")
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            info.external_attr = (kind or stat.S_IFREG) << 16
            archive.writestr(info, content)
    return made.getvalue()


def patched(content: bytes, **claims: int) -> bytes:
    """Return a zip whose directory claims other flags, method or size of its last member."""
    made = bytearray(content)
    entry = made.rindex(b"PK\x01\x02")
    for claim, value in claims.items():
        place, form = {"flags": (8, "<H"), "method": (10, "<H"), "size": (24, "<I")}[claim]
        struct.pack_into(form, made, entry + place, value)
    return bytes(made)


def tarred(*members: tuple[str, bytes], **fields: object) -> bytes:
    """Return a tar of (name, content); `fields` are set on every header."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in fields.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
    return made.getvalue()


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """Return the header of a tar's member alone, with any size."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def bomb(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """Return a tar.gz of some kilobytes that says it unpacks to `size` bytes, and has 16 MiB."""
    return gzip.compress(header(name, size, kind) + bytes(1 << 24), compresslevel=1)
