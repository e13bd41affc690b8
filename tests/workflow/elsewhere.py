"""Another place for a study: folder and its depth, language, time zone, home, hashes, file times.

The same inputs must give the same bytes there: every table, array, weight, prediction and figure,
the report, and the record of the run but for its two times (`workflow_helpers.fingerprint`).
"""

import os
import shutil
import subprocess
from pathlib import Path

from workflow_helpers import Study

# Python falls back to ASCII where text is read or written without a named encoding.
C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def turkish(folder: Path) -> dict[str, str]:
    """A Turkish locale, made here where the system can: decimal commas, dotless i, ISO-8859-9."""
    name = "tr_TR.ISO-8859-9"
    if not shutil.which("localedef"):
        return C_LOCALE
    made = subprocess.run(
        ["localedef", "-i", "tr_TR", "-f", "ISO-8859-9", str(folder / name)], check=False
    )
    return {"LC_ALL": name, "LOCPATH": str(folder)} if made.returncode == 0 else C_LOCALE


def environment(home: Path) -> dict[str, str]:
    """Variables that no result may depend on."""
    return turkish(home) | {
        "TZ": "Asia/Tokyo",
        "PYTHONHASHSEED": "7",
        "HOME": str(home),
        "COLUMNS": "40",
        "MPLBACKEND": "pdf",
    }


def fresh(finished: Study, folder: Path) -> Study:
    """A folder with the raw data of the tiny study, of another time, and no results."""
    shutil.copytree(finished.folder / "raw", folder / "raw")
    shutil.copy(finished.overlay, folder / "tiny.yaml")
    for path in (folder / "raw").rglob("*"):
        os.utime(path, (0, 0))
    return Study(folder, finished.code, folder / "tiny.yaml")
