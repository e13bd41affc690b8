"""Archives of a dataset that are refused whole: damaged, unsafe or too large."""

import gzip
import tarfile

from deposit_server import refusal
from error_cases import Case
from made_archives import DEVICE, LINK, bomb, header, patched, tarred, zipped

TITLE = "Archives of the dataset"

LOG = "001-1-20250101-ab.log"
SOME = bytes(range(256)) * 200
BY_HAND = (
    "Nothing of it was unpacked. If you trust it, unpack it by hand and put log/, ppg/ and stim/"
    " into the data folder."
)
LARGER = (
    "Nothing of it was unpacked. If the data are that large, raise --max-members or --max-gib of"
    " scripts/inputs/fetch_dataset.py."
)


def _case(given: str, name: str, content: bytes, said: str, remedy: str = BY_HAND) -> Case:
    return Case(given, f"{name}{said}. {remedy}", refusal({name: content}))


CASES = [
    _case(
        "a zip cut short",
        "data.zip",
        zipped((LOG, SOME))[:-30],
        ": expected an archive that can be read, found damage (File is not a zip file)",
    ),
    _case(
        "a member of a zip that was changed",
        "data.zip",
        zipped((LOG, SOME), method=0).replace(SOME[:256], bytes(256), 1),
        ", member '001-1-20250101-ab.log': expected an archive that can be read, found damage "
        "(Bad CRC-32 for file '001-1-20250101-ab.log')",
    ),
    _case(
        "a member shorter than the zip says",
        "data.zip",
        patched(zipped((LOG, SOME)), size=len(SOME) + 1),
        ", member '001-1-20250101-ab.log': expected 51201 bytes, found 51200 bytes",
    ),
    _case(
        "a tar.gz cut short",
        "data.tar.gz",
        gzip.compress(tarred((LOG, SOME)))[:-300],
        ": expected an archive that can be read, found damage (Compressed file ended before the"
        " end-of-stream marker was reached)",
    ),
    _case(
        "a tar cut short within a member",
        "data.tar",
        tarred((LOG, SOME))[:40_000],
        ": expected an archive that can be read, found damage (unexpected end of data)",
    ),
    _case(
        "a tar with a broken header",
        "data.tar",
        tarred((LOG, SOME))[: 512 + len(SOME)] + b"\1" * 1024,
        ": expected an archive that can be read, found damage (a header that cannot be read)",
    ),
    _case(
        "a header that claims a gigantic name",
        "data.tar.gz",
        bomb("././@LongLink", 1 << 33, tarfile.GNUTYPE_LONGNAME),
        ": expected an archive that can be read, found damage (a header of 8589934592 bytes)",
    ),
    _case(
        "a header that claims a negative size",
        "data.tar",
        header(LOG, -1024) + header(LOG, 0),
        ", member '001-1-20250101-ab.log': expected a plain file or a folder, found a negative "
        "size",
    ),
    _case(
        "a path with ..",
        "data.zip",
        zipped(("log/../../../evil.log", b"x")),
        ", member 'log/../../../evil.log': expected a path inside the archive, found a path "
        "that leads out of its folder",
    ),
    _case(
        "a path with .. and backslashes",
        "data.zip",
        zipped(("log\\..\\..\\evil.log", b"x")),
        ", member 'log\\\\..\\\\..\\\\evil.log': expected a path inside the archive, found a path "
        "that leads out of its folder",
    ),
    _case(
        "a path with .. in a tar",
        "data.tar",
        tarred(("../log/001-1-x.log", b"x")),
        ", member '../log/001-1-x.log': expected a path inside the archive, found a path that "
        "leads out of its folder",
    ),
    _case(
        "an absolute path",
        "data.tar",
        tarred(("/etc/cron.d/001-1-x.log", b"x")),
        ", member '/etc/cron.d/001-1-x.log': expected a path inside the archive, found an "
        "absolute path",
    ),
    _case(
        "a path with a drive",
        "data.zip",
        zipped(("C:/log/001-1-x.log", b"x")),
        ", member 'C:/log/001-1-x.log': expected a path inside the archive, found an absolute path",
    ),
    _case(
        "a symbolic link in a zip",
        "data.zip",
        zipped((f"log/{LOG}", b"/etc/passwd"), kind=LINK),
        ", member 'log/001-1-20250101-ab.log': expected a plain file or a folder, found a "
        "symbolic link",
    ),
    _case(
        "a device in a zip",
        "data.zip",
        zipped((f"log/{LOG}", b""), kind=DEVICE),
        ", member 'log/001-1-20250101-ab.log': expected a plain file or a folder, found a "
        "device, pipe or socket",
    ),
    _case(
        "a symbolic link in a tar",
        "data.tar",
        tarred(("log", b""), type=tarfile.SYMTYPE, linkname="/etc"),
        ", member 'log': expected a plain file or a folder, found a symbolic link",
    ),
    _case(
        "a hard link in a tar",
        "data.tar",
        tarred((f"log/{LOG}", b""), type=tarfile.LNKTYPE, linkname="../../secret"),
        ", member 'log/001-1-20250101-ab.log': expected a plain file or a folder, found a hard "
        "link",
    ),
    _case(
        "a device in a tar",
        "data.tar",
        tarred((f"log/{LOG}", b""), type=tarfile.BLKTYPE),
        ", member 'log/001-1-20250101-ab.log': expected a plain file or a folder, found a "
        "device or pipe",
    ),
    _case(
        "a sparse file in a tar",
        "data.tar",
        tarred((f"log/{LOG}", b""), type=tarfile.GNUTYPE_SPARSE),
        ", member 'log/001-1-20250101-ab.log': expected a plain file or a folder, found a "
        "sparse file",
    ),
    _case(
        "an unknown kind of entry in a tar",
        "data.tar",
        tarred((f"log/{LOG}", b""), type=b"Z"),
        ", member 'log/001-1-20250101-ab.log': expected a plain file or a folder, found an "
        "entry of type b'Z'",
    ),
    _case(
        "an encrypted zip",
        "data.zip",
        patched(zipped((LOG, SOME)), flags=1),
        ", member '001-1-20250101-ab.log': expected a plain file or a folder, found an "
        "encrypted member",
    ),
    _case(
        "a zip compressed in another way",
        "data.zip",
        patched(zipped((LOG, SOME)), method=9),
        ", member '001-1-20250101-ab.log': expected a plain file or a folder, found compression"
        " method 9, which is not read here",
    ),
    _case(
        "a doubled name",
        "data.zip",
        zipped((f"log/{LOG}", b"a"), (f"log/{LOG}", b"b")),
        ", member 'log/001-1-20250101-ab.log': expected one file that becomes "
        "log/001-1-20250101-ab.log, found 'log/001-1-20250101-ab.log' as well",
    ),
    _case(
        "names that differ in case only",
        "data.zip",
        zipped(("stim/asmr1.avi", b"a"), ("STIM/ASMR1.avi", b"b")),
        ", member 'STIM/ASMR1.avi': expected one file that becomes stim/ASMR1.avi, found "
        "'stim/asmr1.avi' as well",
    ),
    _case(
        "two files for one place",
        "data.zip",
        zipped((f"old/{LOG}", b"a"), (f"new/{LOG}", b"b")),
        ", member 'new/001-1-20250101-ab.log': expected one file that becomes "
        "log/001-1-20250101-ab.log, found 'old/001-1-20250101-ab.log' as well",
    ),
    _case(
        "a name that cannot be printed",
        "data.zip",
        zipped(("log/001-1-\x1b[2J.log", b"x")),
        ", member 'log/001-1-\\x1b[2J.log': expected a path inside the archive, found a name "
        "with characters that cannot be printed",
    ),
    _case(
        "a name that is too long",
        "data.zip",
        zipped((f"log/001-{'x' * 300}.log", b"x")),
        ", member "
        "'log/001-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...': "
        "expected a path inside the archive, found a name of 308 bytes",
    ),
    _case(
        "a zip that unpacks to too much",
        "data.zip",
        zipped((LOG, bytes(2 << 20))),
        ": expected at most 10 members and 1048576 bytes unpacked, found 1 members and 2097152 "
        "bytes, and maybe more",
        LARGER,
    ),
    _case(
        "a tar.gz that unpacks to too much",
        "data.tar.gz",
        bomb(LOG, 1 << 40),
        ": expected at most 10 members and 1048576 bytes unpacked, found 1 members and "
        "1099511627776 bytes, and maybe more",
        LARGER,
    ),
    _case(
        "too many members",
        "data.zip",
        zipped(*((f"{i}/", b"") for i in range(11))),
        ": expected at most 10 members and 1048576 bytes unpacked, found 11 members and 0 "
        "bytes, and maybe more",
        LARGER,
    ),
]
