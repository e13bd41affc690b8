"""Records, downloads and data folders that are not what they should be."""

import fcntl
import json
import resource
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from deposit_server import Deposit, Fault, Faults, refusal
from error_cases import Case
from made_archives import zipped

from tinglegram.inputs.deposits import read_receipt

TITLE = "Fetching the dataset"

LOG = "001-1-20250101-ab.log"
SOME = bytes(range(256)) * 200
FILES = {LOG: SOME}


def _record(**entry: object) -> Callable[[Path], str | None]:
    """Fetch a log whose entry in the record is changed; None takes the key out."""

    def faults(server: Deposit) -> Faults:
        record = server.record()
        changed = record["files"][0] | entry
        record["files"][0] = {key: value for key, value in changed.items() if value is not None}
        return {"": [Fault(body=json.dumps(record).encode())]}

    return refusal(FILES, faults)


def _twice(server: Deposit) -> Faults:
    record = server.record()
    return {"": [Fault(body=json.dumps({"files": record["files"] * 2}).encode())]}


def _always(name: str, **fault: object) -> Callable[[Path], str | None]:
    return refusal(FILES, lambda server: {name: [Fault(**fault)] * 99})


def _mine(data: Path) -> None:
    (data / "log").mkdir(parents=True)
    (data / "log" / LOG).write_bytes(b"mine")


def _after(change: Callable[[Path], object], **again: str) -> Callable[[Path], str | None]:
    """Fetch a log, change what is there, and fetch again."""

    def provoke(folder: Path) -> str | None:
        assert refusal(FILES)(folder) is None
        change(folder / "data")
        return refusal(FILES, **again)(folder)

    return provoke


def _receipt(text: str, instead: str) -> Callable[[Path], str | None]:
    def change(data: Path) -> None:
        content = (data / "fetched.json").read_text()
        assert text in content
        (data / "fetched.json").write_text(content.replace(text, instead))

    return _after(change)


def _pin_another(data: Path) -> None:
    receipt = read_receipt((data / "fetched.json").read_bytes(), "receipt")
    receipt["downloads"][LOG]["checksum"] = f"md5:{'0' * 32}"
    (data.parent / "pins.json").write_text(json.dumps(receipt))


def _no_connection(folder: Path) -> str | None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        mock.patch.object(Deposit, "base", f"http://127.0.0.1:{taken.getsockname()[1]}"),
    ):
        taken.close()
        return refusal(FILES)(folder)


def _small_disk(folder: Path) -> str | None:
    with mock.patch("shutil.disk_usage", return_value=SimpleNamespace(free=1000)):
        return refusal(FILES)(folder)


def _small_disk_for_members(folder: Path) -> str | None:
    with mock.patch("shutil.disk_usage", return_value=SimpleNamespace(free=1000)):
        return refusal({"data.zip": zipped((LOG, bytes(100_000)))})(folder)


def _full_disk(folder: Path) -> str | None:
    # The system itself then refuses to write more than 1000 bytes into one file.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        return refusal(FILES)(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _at_work(folder: Path) -> str | None:
    (folder / "data" / ".fetch").mkdir(parents=True)
    with (folder / "data" / ".fetch" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return refusal(FILES)(folder)


def _interrupted(folder: Path) -> str | None:
    with mock.patch("tinglegram.inputs.dataset.download", side_effect=KeyboardInterrupt):
        return refusal(FILES)(folder)


CASES = [
    Case(
        "a DOI of another archive",
        "10.17605/osf.io/abc12: expected a DOI of Zenodo such as 10.5281/zenodo.18881334, found"
        " something else. Download a dataset that lies elsewhere by hand, into log/, ppg/ and "
        "stim/.",
        refusal({}, doi="10.17605/osf.io/abc12"),
    ),
    Case(
        "no connection",
        "10.5281/zenodo.18881334: expected an answer from https://zenodo.org, found Connection "
        "refused. Is this machine connected? Or download the files on another one, and put "
        "log/, ppg/ and stim/ into the data folder.",
        _no_connection,
    ),
    Case(
        "no such record",
        "10.5281/zenodo.1: expected the archive to hand it out, found status 404 (Not Found). "
        "Check the DOI: the archive may have withdrawn or moved it.",
        refusal({}, doi="10.5281/zenodo.1"),
    ),
    Case(
        "a record that is not open",
        "10.5281/zenodo.18881334: expected the archive to hand it out, found status 403 "
        "(Forbidden). The files are not open to everybody: ask the authors for them.",
        _always("", status=403),
    ),
    Case(
        "an archive that stays busy",
        "10.5281/zenodo.18881334: expected the archive to hand it out, found status 429 (Too "
        "Many Requests). The archive is busy or out of order: wait a while. What is there is "
        "kept: run make fetch again to go on from here.",
        _always("", status=429),
    ),
    Case(
        "redirections without end",
        "10.5281/zenodo.18881334: expected an answer from https://zenodo.org, found Exceeded 30"
        " redirects. Is this machine connected? Or download the files on another one, and put "
        "log/, ppg/ and stim/ into the data folder.",
        _always("", status=302, headers={"Location": "/api/records/18881334"}),
    ),
    Case(
        "a page instead of a record",
        "10.5281/zenodo.18881334: expected a record that lists its files, found no JSON: "
        "b'<html>Please log in to this network</htm'. Open "
        "https://doi.org/10.5281/zenodo.18881334 in a browser: are its files there, for "
        "everybody?",
        _always("", body=b"<html>Please log in to this network</html>"),
    ),
    Case(
        "a record without files",
        "10.5281/zenodo.18881334: expected a record that lists its files, found 'files' is a "
        "required property. Open https://doi.org/10.5281/zenodo.18881334 in a browser: are its "
        "files there, for everybody?",
        _always("", body=b'{"metadata": {"access_right": "restricted"}}'),
    ),
    Case(
        "a record with an empty list of files",
        "10.5281/zenodo.18881334, files: expected a record that lists its files, found [] "
        "should be non-empty. Open https://doi.org/10.5281/zenodo.18881334 in a browser: are "
        "its files there, for everybody?",
        _always("", body=b'{"files": []}'),
    ),
    Case(
        "a record without end",
        "10.5281/zenodo.18881334: expected a record of at most 4194304 bytes, found more. Is "
        "https://zenodo.org the archive?",
        _always("", body=b" " * (5 << 20)),
    ),
    Case(
        "a file without a checksum",
        "10.5281/zenodo.18881334, files/0: expected a record that lists its files, found "
        "'checksum' is a required property. Open https://doi.org/10.5281/zenodo.18881334 in a "
        "browser: are its files there, for everybody?",
        _record(checksum=None),
    ),
    Case(
        "a file with a checksum of an unknown kind",
        "10.5281/zenodo.18881334, files/0/checksum: expected a record that lists its files, "
        "found 'crc32:0f0f0f0f' does not match '^(md5:[0-9a-f]{32}|sha256:[0-9a-f]{64})$'. Open"
        " https://doi.org/10.5281/zenodo.18881334 in a browser: are its files there, for "
        "everybody?",
        _record(checksum="crc32:0f0f0f0f"),
    ),
    Case(
        "a file with control characters in its name",
        "10.5281/zenodo.18881334, files/0/key: expected a record that lists its files, found "
        "'log/001-1-\\x1b[2J.log' does not match '^[^\\\\x00-\\\\x1f\\\\x7f]+$'. Open "
        "https://doi.org/10.5281/zenodo.18881334 in a browser: are its files there, for "
        "everybody?",
        _record(key="log/001-1-\x1b[2J.log"),
    ),
    Case(
        "a file with an impossible size",
        "10.5281/zenodo.18881334, files/0/size: expected a record that lists its files, found "
        "-1 is less than the minimum of 0. Open https://doi.org/10.5281/zenodo.18881334 in a "
        "browser: are its files there, for everybody?",
        _record(size=-1),
    ),
    Case(
        "a file without an address",
        "10.5281/zenodo.18881334, files/0/links: expected a record that lists its files, found "
        "'self' is a required property. Open https://doi.org/10.5281/zenodo.18881334 in a "
        "browser: are its files there, for everybody?",
        _record(links={}),
    ),
    Case(
        "two files of one name",
        "10.5281/zenodo.18881334: expected one file '001-1-20250101-ab.log', found 2. Open "
        "https://doi.org/10.5281/zenodo.18881334 in a browser: are its files there, for "
        "everybody?",
        refusal(FILES, _twice),
    ),
    Case(
        "nothing for the folders",
        "10.5281/zenodo.18881334: expected files for log/, ppg/ and stim/, also in a zip or "
        "tar, found README.md, data.7z. Download by hand and put what belongs there into the "
        "three folders.",
        refusal({"README.md": SOME, "data.7z": SOME}),
    ),
    Case(
        "an archive without anything for the folders",
        "10.5281/zenodo.18881334: expected files for log/, ppg/ and stim/, also in a zip or "
        "tar, found archives without any. Download by hand and put what belongs there into the "
        "three folders.",
        refusal({"data.zip": zipped(("README.md", SOME))}),
    ),
    Case(
        "a file that is not handed out",
        "001-1-20250101-ab.log: expected the archive to hand it out, found status 404 (Not "
        "Found). Check the DOI: the archive may have withdrawn or moved it.",
        _always(LOG, status=404),
    ),
    Case(
        "a connection that always breaks",
        "001-1-20250101-ab.log: expected 51200 bytes, found 0 bytes, and nothing more in 2 "
        "tries (IncompleteRead(0 bytes read, 51200 more expected)). What is there is kept: run "
        "make fetch again to go on from here.",
        _always(LOG, drop=0),
    ),
    Case(
        "an answer that always ends too early",
        "001-1-20250101-ab.log: expected 51200 bytes, found 20000 bytes, and nothing more in 2 "
        "tries (the archive sent no more). What is there is kept: run make fetch again to go on"
        " from here.",
        _always(LOG, stop=20_000, ignore_range=True),
    ),
    Case(
        "another content of the same length",
        "001-1-20250101-ab.log: expected md5:394c413f0e6c3b735d3b06782e3960d5, found "
        "md5:ef4117019d3117ac3583171513394d94. Nothing of it was kept. Run make fetch again; if"
        " it stays, the archive or something between (a proxy?) changes the file: tell the "
        "archive.",
        _always(LOG, body=SOME[::-1]),
    ),
    Case(
        "more bytes than the record says",
        "001-1-20250101-ab.log: expected 51200 bytes, found more. Nothing of it was kept. Run "
        "make fetch again; if it stays, the archive or something between (a proxy?) changes the"
        " file: tell the archive.",
        _always(LOG, body=SOME * 2),
    ),
    Case(
        "too little room for the download",
        "data: expected 51200 bytes free for the downloads, found 1000 bytes. Make room, or "
        "give a folder on another disk (DATA=...). What is there is kept: run make fetch again "
        "to go on from here.",
        _small_disk,
    ),
    Case(
        "too little room for what is in an archive",
        "data: expected 100000 bytes free for unpacking data.zip, found 1000 bytes. Make room, "
        "or give a folder on another disk (DATA=...). What is there is kept: run make fetch "
        "again to go on from here.",
        _small_disk_for_members,
    ),
    Case(
        "a write that fails",
        "data: File too large. When that is put right, run make fetch again; what was "
        "downloaded is kept.",
        _full_disk,
    ),
    Case(
        "a data folder that is a file",
        "data: expected a folder, found a file. Move it away, or give another folder (DATA=...).",
        refusal(FILES, before=lambda data: data.touch()),
    ),
    Case(
        "two fetches at a time",
        "data: another make fetch is at work there.",
        _at_work,
    ),
    Case(
        "Ctrl-C",
        "Interrupted. What is there is kept: run make fetch again to go on from here.",
        _interrupted,
    ),
    Case(
        "another file in its place",
        "data/log/001-1-20250101-ab.log: expected nothing there, or the file of "
        "001-1-20250101-ab.log, found another file. It was left as it is. Move it away and run "
        "make fetch again.",
        refusal(FILES, before=_mine),
    ),
    Case(
        "another file in the place of a member",
        "data/log/001-1-20250101-ab.log: expected nothing there, or the file of data.zip, found"
        " another file. It was left as it is. Move it away and run make fetch again.",
        refusal({"data.zip": zipped((LOG, SOME))}, before=_mine),
    ),
    Case(
        "a file changed since",
        "data/log/001-1-20250101-ab.log: expected 51200 bytes, SHA-256 "
        "747ffb66d9569fce70d8e9910230ed6cca8d52100286d9e86aa03ebdbb4f69d1, found 51200 bytes, "
        "SHA-256 00ac690b38473b98dc22ce7431ca7524616f84d8398fe2edb565a1bd14c81ccf. The file was"
        " changed after it was fetched. Move it away and run make fetch again to have the "
        "original.",
        _after(lambda data: (data / "log" / LOG).write_bytes(SOME[::-1])),
    ),
    Case(
        "a folder that holds another dataset",
        "data: expected a folder for 10.5281/zenodo.7, found the files of "
        "10.5281/zenodo.18881334. Give another folder (DATA=...), or move this one away.",
        _after(lambda data: None, doi="10.5281/zenodo.7"),
    ),
    Case(
        "a damaged list of fetched files",
        "data/fetched.json: expected the list of files that make fetch writes, found 'complete'"
        " is a required property. Move the file away and run make fetch again; files that are "
        "in place are kept.",
        _receipt('"complete": true,', ""),
    ),
    Case(
        "a list of fetched files that points elsewhere",
        "data/fetched.json, files: expected the list of files that make fetch writes, found "
        "'../../etc/passwd' does not match '^(log|ppg|stim)/[^/]+$'. Move the file away and run"
        " make fetch again; files that are in place are kept.",
        _receipt(f'"log/{LOG}": {{', '"../../etc/passwd": {'),
    ),
    Case(
        "no such pins",
        "pins.json: No such file or directory.",
        refusal(FILES, pins="pins.json"),
    ),
    Case(
        "another checksum than the pinned one",
        "pins.json, 001-1-20250101-ab.log: expected md5:00000000000000000000000000000000, found"
        " md5:394c413f0e6c3b735d3b06782e3960d5. The dataset is not the pinned one: find out "
        "which version you need. To take this one, fetch without PINS and pin its fetched.json.",
        _after(_pin_another, pins="pins.json"),
    ),
]
