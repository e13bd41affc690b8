"""Changes that a test makes and takes back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def edited(path: Path) -> Iterator[None]:
    """Change the content of a file, then restore content and times."""
    content, times = path.read_bytes(), path.stat()
    path.write_bytes(content + b"# edited\n")
    try:
        yield
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
