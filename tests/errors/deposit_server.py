"""A stand-in for Zenodo's interface on this machine, with faults that a test scripts per request.

It answers as the archive documents it: `/api/records/<number>` lists files with key, size, checksum
and address; `/api/records/<number>/files/<key>/content` sends one, whole or from a byte on.
"""

import gzip
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

from tinglegram.errors import TinglegramError
from tinglegram.inputs.archives import Limits
from tinglegram.inputs.dataset import fetch
from tinglegram.inputs.downloads import Connection

NUMBER = "18881334"
DOI = f"10.5281/zenodo.{NUMBER}"
LIMITS = Limits(members=10, size=1 << 20)
Faults = dict[str, list["Fault"]]


@dataclass(frozen=True)
class Fault:
    """What one answer does wrong; of the record if it is scripted for "", else of a file.

    Parameters
    ----------
    status : sent instead of the content, with `headers`.
    drop : the connection breaks after so many bytes.
    stop : the answer ends properly after so many bytes.
    body : sent instead of the true content.
    tag : ETag sent instead of the true one; "" for none.
    ignore_range : the whole file is sent although a part was asked for.
    shift : a part begins so many bytes later than was asked for.
    hold : sends nothing more after `drop` bytes until the test ends.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: int | None = None
    stop: int | None = None
    body: bytes | None = None
    tag: str | None = None
    ignore_range: bool = False
    shift: int = 0
    hold: bool = False


class Deposit(ThreadingHTTPServer):
    """The server: its files, the faults still to come by file, and what was asked so far."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes], algorithm: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files = files
        self.algorithm = algorithm
        self.faults: Faults = {}
        self.asked: list[tuple[str, str | None]] = []
        self.ended = threading.Event()
        self.held = threading.Event()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def record(self) -> dict:
        return {
            "id": int(NUMBER),
            "doi": DOI,
            "metadata": {"title": "A dataset", "access_right": "open"},
            "files": [
                {
                    "id": hashlib.sha1(name.encode()).hexdigest(),
                    "key": name,
                    "size": len(content),
                    "checksum": f"{self.algorithm}:{self.digest(content)}",
                    "links": {
                        "self": f"{self.base}/api/records/{NUMBER}/files/{quote(name)}/content"
                    },
                }
                for name, content in self.files.items()
            ],
        }

    def digest(self, content: bytes) -> str:
        return hashlib.new(self.algorithm, content).hexdigest()

    def files_asked(self) -> list[tuple[str, str | None]]:
        """Names of the files asked for, each with the first byte that was wanted."""
        return [(name, start) for name, start in self.asked if name]


class _Answer(BaseHTTPRequestHandler):
    server: Deposit

    def do_GET(self) -> None:
        match = re.fullmatch(rf"/(?:api|moved)/records/{NUMBER}(?:/files/(.+)/content)?", self.path)
        if match is None or (match[1] and unquote(match[1]) not in self.server.files):
            self.send_error(404)
            return
        name = unquote(match[1]) if match[1] else ""
        content = self.server.files[name] if name else json.dumps(self.server.record()).encode()
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        self.server.asked.append((name, wanted[1] if wanted else None))
        script = self.server.faults.get(name, [])
        self.answer(
            content, int(wanted[1]) if wanted else None, script.pop(0) if script else Fault()
        )

    def answer(self, content: bytes, start: int | None, fault: Fault) -> None:
        if fault.status:
            self.send_response(fault.status)
            for key, value in fault.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content = content if fault.body is None else fault.body
        tag = f'"{self.server.digest(content)}"' if fault.tag is None else fault.tag
        if fault.ignore_range or self.headers.get("If-Range", tag) != tag:
            start = None
        if start is not None and start >= len(content):
            self.send_error(416)
            return
        size = len(content)
        if start is not None:
            start += fault.shift
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
            content = content[start:]
        else:
            self.send_response(200)
        content = content if fault.stop is None else content[: fault.stop]
        if tag:
            self.send_header("ETag", tag)
        if "gzip" in self.headers["Accept-Encoding"]:
            self.send_header("Content-Encoding", "gzip")
            content = gzip.compress(content)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if fault.drop is None else content[: fault.drop])
        if fault.hold:
            self.wfile.flush()
            self.server.held.set()
            self.server.ended.wait()

    def log_message(self, *_: object) -> None:
        """Say nothing on the test's own output."""


@contextmanager
def deposit(files: dict[str, bytes], algorithm: str = "md5") -> Iterator[Deposit]:
    """Serve a record of these files until the block ends."""
    server = Deposit(files, algorithm)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def get(server: Deposit, data: Path, *, doi: str = DOI, pins: Path | None = None) -> None:
    """Fetch the server's record into a folder, giving up at the second useless request."""
    fetch(doi, data, Connection(server.base, tries=2, wait=0.0, timeout=5.0), LIMITS, pins)


def refusal(
    files: dict[str, bytes],
    faults: Callable[[Deposit], Faults] = lambda server: {},
    *,
    doi: str = DOI,
    before: Callable[[Path], object] = lambda data: None,
    pins: str | None = None,
) -> Callable[[Path], str | None]:
    """Return what fetching these files into data/ says, with Zenodo's address for the server's."""

    def provoke(folder: Path) -> str | None:
        before(folder / "data")
        with deposit(files) as server:
            server.faults = faults(server)
            try:
                get(server, folder / "data", doi=doi, pins=folder / pins if pins else None)
            except TinglegramError as problem:
                return str(problem).replace(server.base, "https://zenodo.org")
        return None

    return provoke
