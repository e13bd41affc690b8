"""The same inputs give the same bytes, whatever the folder, cores, language, time zone and hashes.

`workflow_helpers.fingerprint` says what is compared: every table, array, weight, prediction and
figure, the report, and the record of the run but for its two times.
"""

import os
import shutil
import subprocess

from workflow_helpers import CORES, Study, compare

# Python falls back to ASCII where text is read or written without a named encoding.
C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def turkish(folder) -> dict[str, str]:
    """A Turkish locale, made here where the system can: decimal commas, dotless i, ISO-8859-9."""
    name = "tr_TR.ISO-8859-9"
    made = subprocess.run(
        ["localedef", "-i", "tr_TR", "-f", "ISO-8859-9", str(folder / name)], check=False
    )
    return {"LC_ALL": name, "LOCPATH": str(folder)} if made.returncode == 0 else C_LOCALE


def test_another_place_gives_the_same_bytes(finished, tmp_path_factory, record_property):
    """Another depth of folder, number of cores, locale, time zone, home and hash seed."""
    folder = tmp_path_factory.mktemp("elsewhere") / "deeper" / "down"
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(finished.folder / "raw", folder / "raw")
    shutil.copy(finished.overlay, folder / "tiny.yaml")
    for path in (folder / "raw").rglob("*"):
        os.utime(path, (0, 0))
    elsewhere = Study(folder, finished.code, folder / "tiny.yaml")
    locale = turkish(home) if shutil.which("localedef") else C_LOCALE
    elsewhere.run(
        cores=1 if CORES > 1 else 2,
        environment=locale
        | {
            "TZ": "Asia/Tokyo",
            "PYTHONHASHSEED": "7",
            "HOME": str(home),
            "COLUMNS": "40",
            "MPLBACKEND": "pdf",
        },
    )
    compare(finished, elsewhere, record_property)
    kinds = {path.suffix.lstrip(".") for path in finished.results.rglob("*")}
    assert kinds >= {"tsv", "npz", "parquet", "safetensors", "ubj", "svg", "png", "html", "json"}
