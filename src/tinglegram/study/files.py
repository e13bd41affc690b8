"""Files of the `tinglegram` command: the checkout it runs from, and an overlay that it begins."""

from pathlib import Path

from tinglegram.errors import InputProblem, TinglegramError
from tinglegram.files import write_text


def checkout_of(module: Path) -> Path:
    """Return the folder of the Snakefile that a module of this package belongs to.

    Parameters
    ----------
    module : path of the module, below `src/tinglegram/`.

    Raises
    ------
    TinglegramError : the package was installed without its checkout, which holds rules and scripts.
    """
    for folder in module.resolve().parents:
        if (folder / "Snakefile").is_file() and (folder / "scripts").is_dir():
            return folder
    raise TinglegramError(
        f"{module.parent}: expected this package inside its checkout, whose Snakefile and scripts "
        "do the work, found no Snakefile above it. Clone the repository and run make env there; it "
        "installs the command so that it finds them."
    )


def script_of(checkout: Path, name: str) -> Path:
    """Return a script of the checkout, such as `export/export_bids`.

    Raises
    ------
    TinglegramError : the checkout has none of that name.
    """
    script = checkout / "scripts" / f"{name}.py"
    if not script.is_file():
        raise TinglegramError(
            f"{script}: expected this script, found none. The checkout is older than the command: "
            "update it, then run make env."
        )
    return script


def require_overlay(path: Path) -> Path:
    """Return the path of an overlay that is there.

    Raises
    ------
    InputProblem : there is none.
    """
    if not path.is_file():
        raise InputProblem(
            str(path),
            expected="the overlay of a study",
            found="a folder" if path.is_dir() else "no such file",
            remedy="Correct its path, or write one: tinglegram init FOLDER.",
        )
    return path


def write_new(text: str, path: Path) -> None:
    """Write a file that is not there yet.

    Raises
    ------
    InputProblem : it is there, and may hold somebody's work.
    """
    if path.exists() or path.is_symlink():
        raise InputProblem(
            str(path),
            expected="no file of that name, so that nothing is lost",
            found="one",
            remedy="Move it away, or name another: --output FILE.",
        )
    write_text(text, path)
