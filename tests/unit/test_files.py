"""Outputs appear whole or not at all, and what went wrong is one sentence."""

import ast
import errno
import os
import re
import resource
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from paths import ROOT

from tinglegram import files
from tinglegram.errors import TinglegramError
from tinglegram.files import read_table, whole, write_arrays, write_json, write_table, write_text

BIG = np.random.default_rng(0).normal(size=(20_000, 2))
WRITERS = {
    "x.npz": lambda path: write_arrays(path, {"a": BIG}),
    "x.tsv": lambda path: write_table(pd.DataFrame(BIG, columns=["a", "b"]), path),
    "x.parquet": lambda path: write_table(pd.DataFrame(BIG, columns=["a", "b"]), path),
    "x.json": lambda path: write_json(BIG.tolist(), path),
    "x.html": lambda path: write_text("a" * 300_000, path),
}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


@pytest.mark.parametrize("suffix", [".tsv", ".parquet"])
def test_only_what_is_asked_for_is_read(suffix, tmp_path):
    table = pd.DataFrame({"subject": [7, 8, 7], "video": ["b", "a", "a"], "rating": [0, 1, 3]})
    write_table(table, tmp_path / f"t{suffix}")
    read = partial(read_table, tmp_path / f"t{suffix}")
    pd.testing.assert_frame_equal(read(), table)
    pd.testing.assert_frame_equal(read(["subject", "rating"]), table[["subject", "rating"]])
    own = read(subject=7).reset_index(drop=True)
    pd.testing.assert_frame_equal(own, table.iloc[[0, 2]].reset_index(drop=True))


@pytest.mark.parametrize("name", WRITERS)
def test_without_room_the_old_file_stays(name, tmp_path):
    path = tmp_path / name
    path.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(TinglegramError) as problem:
            WRITERS[name](path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert re.fullmatch(
        re.escape(str(path)) + r": expected room for the whole file, found none after 0\.1 MB "
        r"\(File too large; \d+\.\d MB free\)\. Free some space, or raise the limit, then run the "
        r"same command again: nothing half-written was left\.",
        str(problem.value),
    )
    assert (names(tmp_path), path.read_text()) == ([name], "old")


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_written_is_whole(name, tmp_path):
    WRITERS[name](tmp_path / "new" / name)
    assert names(tmp_path) == ["new", name]


def test_content_is_on_the_disk_before_its_name(tmp_path, monkeypatch):
    done = []
    paths = {}
    opened, synced, replaced = os.open, os.fsync, Path.replace

    def remember(path, *rest):
        handle = opened(path, *rest)
        paths[handle] = Path(path).name
        return handle

    monkeypatch.setattr(os, "open", remember)
    monkeypatch.setattr(os, "fsync", lambda h: (done.append(paths[h]), synced(h))[1])
    monkeypatch.setattr(Path, "replace", lambda s, t: (done.append("name"), replaced(s, t))[1])
    write_text("a", tmp_path / "x.txt")
    aside, *then = done
    assert re.fullmatch(r"\.x\.[0-9a-f]{8}\.partial\.txt", aside)
    assert then == ["name", tmp_path.name]


def test_what_a_killed_writer_left_goes_with_the_next(tmp_path):
    child = os.fork()
    if not child:
        with whole(tmp_path / "x.tsv") as aside:
            aside.write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert re.fullmatch(r"\.x\.[0-9a-f]{8}\.partial\.tsv", *names(tmp_path))
    # That of another output stays, though its name begins the same way.
    other = tmp_path / ".x.y.0123abcd.partial.tsv"
    other.touch()
    write_text("whole", tmp_path / "x.tsv")
    assert names(tmp_path) == [other.name, "x.tsv"]


def test_two_writers_at_once_do_not_meet(tmp_path):
    with whole(tmp_path / "x.txt") as first:
        first.write_text("first")
        write_text("second", tmp_path / "x.txt")
        first.write_text("first")
    assert (tmp_path / "x.txt").read_text() == "first"


def test_other_faults_of_the_disk_pass_through(tmp_path, monkeypatch):
    def broken(handle):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(files.os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        write_text("a", tmp_path / "x.txt")
    assert names(tmp_path) == []


# Writing by any other way than the writers of tinglegram.files.
WRITES = {"write_text", "write_bytes", "to_csv", "to_parquet", "savefig", "save_model", "savez"} | {
    "save_file",
    "imsave",
    "tofile",
    "dump",
}
# Benchmarks measure in a temporary folder; figures and films are drawn into memory; a download and
# what is unpacked grow in a work folder, and reach their places through `whole`; a bundle grows in
# a folder beside its place.
EXEMPT = (
    "benchmarks/",
    "src/tinglegram/bundles/cutting.py",
    "src/tinglegram/bundles/files.py",
    "src/tinglegram/report/figures/style.py",
    "src/tinglegram/simulation/clips.py",
    "src/tinglegram/files.py",
    "src/tinglegram/inputs/dataset.py",
    "src/tinglegram/inputs/downloads.py",
)


def direct_writes(path: Path) -> list[int]:
    """Lines that write a file whose path did not come from `whole`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    asides = {
        item.optional_vars.id
        for node in ast.walk(tree)
        if isinstance(node, ast.With)
        for item in node.items
        if isinstance(item.optional_vars, ast.Name) and "whole(" in ast.unparse(item.context_expr)
    }
    found = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        # A table without a path is returned as text.
        as_text = ast.unparse(call.func).endswith(".to_csv") and not call.args
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES and not as_text:
            # A path is asked to write, or a table is handed the path.
            places = {ast.unparse(place) for place in (call.func.value, *call.args[:1])}
            found += [call.lineno] * places.isdisjoint(asides)
        mode = [a.value for a in call.args if isinstance(a, ast.Constant)]
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
        if name == "open" and any(isinstance(m, str) and set(m) & set("wax+") for m in mode):
            found.append(call.lineno)
    return found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("path.write_text('a')", [1]),
        ("open(path, 'w')", [1]),
        ("path.open('ab')", [1]),
        ("table.to_csv(path)", [1]),
        ("with whole(path) as aside:\n    aside.write_bytes(b'')", []),
        ("with whole(path) as aside:\n    table.to_csv(aside)", []),
        ("with whole(path) as aside:\n    table.to_csv(path)", [2]),
        ("path.open('rb')", []),
        ("table.to_csv(index=False)", []),
        ("write_text('a', path)", []),
    ],
)
def test_direct_writes_are_found(line, found, tmp_path):
    (tmp_path / "a.py").write_text(line)
    assert direct_writes(tmp_path / "a.py") == found


def test_every_script_writes_whole_files():
    code = [*ROOT.glob("scripts/*/*.py"), *ROOT.glob("src/tinglegram/**/*.py")]
    relative = {path.relative_to(ROOT).as_posix(): path for path in code}
    found = {n: direct_writes(p) for n, p in relative.items() if not n.startswith(EXEMPT)}
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert len(found) > 100


def ended(body: str) -> str:
    """What a script whose `main` has this body says when it ends."""
    text = (
        "import sys\nfrom pathlib import Path\nimport numpy\n"
        "from tinglegram.command_line import run\n"
        f"def main():\n    {body}\nsys.argv = ['scripts/pulse/try.py']\nrun(main)\n"
    )
    answer = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert answer.returncode == 1
    return answer.stderr


NO_MEMORY = (
    r"ERROR try\.py: expected enough memory, found none left with \d+ MB in use \({}\)\. What its "
    r"rule needs stands as mem_mb in the job's resources\. Run fewer jobs at once \(CORES=1\), "
    r"close other programs, or take a larger machine, then run the same command again\.\n"
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("numpy.ones(10**14)", NO_MEMORY.format("Unable to allocate 728\\. TiB for an array.*")),
        (
            'raise RuntimeError("[enforce fail] DefaultCPUAllocator: can\'t allocate memory")',
            NO_MEMORY.format(".*DefaultCPUAllocator: can't allocate memory"),
        ),
        (
            "Path('no/such.tsv').read_bytes()",
            r"ERROR no/such\.tsv: expected a file that can be used here, found: No such file or "
            r"directory\. Check that it is there and that you may use it, then run the same "
            r"command again\.\n",
        ),
    ],
)
def test_a_script_ends_with_a_sentence(body, said):
    assert re.fullmatch(said, ended(body))


@pytest.mark.parametrize("body", ["raise RuntimeError('odd')", "raise OSError('no name')"])
def test_faults_of_the_program_keep_their_traceback(body):
    assert "Traceback" in ended(body)


def test_names_of_digits_stay_names(tmp_path):
    table = pd.DataFrame(
        {"video": ["01", "1", None], "condition": ["2", None, "02"], "n": [1, 2, 3]}
    )
    write_table(table, tmp_path / "table.tsv")
    back = read_table(tmp_path / "table.tsv")
    assert back["video"].tolist()[:2] == ["01", "1"] and back["video"].isna().tolist()[2]
    assert back["condition"].dropna().tolist() == ["2", "02"] and back["n"].tolist() == [1, 2, 3]
