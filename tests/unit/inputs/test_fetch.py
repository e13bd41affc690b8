"""A dataset is fetched whole, from where it broke off, or not at all."""

import gzip
import hashlib
import logging
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
import requests
from archive_cases import CASES as REFUSED
from deposit_server import DOI, Fault, deposit, get
from made_archives import tarred, zipped
from paths import ROOT

from tinglegram.errors import TinglegramError
from tinglegram.inputs.deposits import continues
from tinglegram.inputs.downloads import Connection
from tinglegram.inputs.raw_files import raw_files

LOG, PPG, CLIP = "001-1-20250101-ab.log", "001_csv.txt", "ASMR1.avi"
CONTENT = {
    f"log/{LOG}": bytes(range(256)) * 400,
    f"ppg/{PPG}": bytes(range(255)) * 500,
    f"stim/{CLIP}": bytes(range(254)) * 300,
}
LOGS = CONTENT[f"log/{LOG}"]
CLIPS = {"vid1": {"file": CLIP, "condition": "ASMR"}}


def found(data: Path) -> dict[str, bytes]:
    """Everything below the data folder but the list of what was fetched."""
    paths = [path for path in data.rglob("*") if path.is_file() and path.name != "fetched.json"]
    return {path.relative_to(data).as_posix(): path.read_bytes() for path in paths}


def parts(data: Path) -> list[Path]:
    return sorted((data / ".fetch").glob("*.part"))


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
@pytest.mark.parametrize(
    "files",
    [
        {"REST-ASMR.zip": zipped(*(("REST-ASMR/" + k, v) for k, v in CONTENT.items()))},
        {"REST-ASMR.tar.gz": gzip.compress(tarred(*CONTENT.items()))},
        {f"{k.split('/')[0]}.zip": zipped((k.split("/")[1], v)) for k, v in CONTENT.items()},
        {k.split("/")[1]: v for k, v in CONTENT.items()},
        {**CONTENT, "README é & %2F.md": b"words"},
    ],
    ids=["zip", "tar.gz", "a zip for each folder", "files", "paths"],
)
def test_every_form_of_record_gives_the_same_folder(tmp_path, files, algorithm):
    with deposit(files, algorithm) as server:
        get(server, tmp_path / "data")
    assert found(tmp_path / "data") == CONTENT
    assert raw_files(str(tmp_path / "data"), None, CLIPS, 42).subjects == ["001"]


def test_a_second_fetch_asks_for_nothing_and_says_so(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    with deposit(CONTENT) as server:
        get(server, tmp_path)
        asked, before = len(server.asked), {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
        size = sum(map(len, CONTENT.values()))
        assert caplog.messages[-1] == f"{DOI} is in place: {size} bytes, verified"
        get(server, tmp_path, doi=f"https://doi.org/{DOI}")
        assert len(server.asked) == asked
    assert "was in place already, nothing downloaded" in caplog.messages[-1]
    after = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    assert after == before


def test_a_broken_connection_is_gone_on_with(tmp_path):
    with deposit({LOG: LOGS}) as server:
        server.faults[LOG] = [Fault(drop=40_000), Fault(drop=30_000)]
        get(server, tmp_path)
        starts = [int(start or 0) for _, start in server.files_asked()]
    assert found(tmp_path) == {f"log/{LOG}": LOGS}
    assert len(starts) == 3
    # What a broken connection leaves of a chunk of 16 KiB may be lost, and no more.
    assert 40_000 - 2**14 < starts[1] <= 40_000
    assert starts[1] + 30_000 - 2**14 < starts[2] <= starts[1] + 30_000


def test_progress_is_told(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    with deposit({LOG: LOGS}) as server, mock.patch("tinglegram.inputs.downloads.NEWS_SECONDS", -1):
        get(server, tmp_path)
    told = [int(m.split()[1]) for m in caplog.messages if m.endswith(f"% of {len(LOGS)} bytes")]
    assert told == sorted(told) and len(told) == 7 and told[0] == 16 and told[-1] == 100


def interrupted(server, data: Path) -> int:
    """Leave a part of the log behind; return its length."""
    server.faults[LOG] = [Fault(drop=50_000), Fault(status=404)]
    with pytest.raises(TinglegramError):
        get(server, data)
    (part,) = parts(data)
    return part.stat().st_size


def test_the_next_fetch_goes_on_where_the_last_one_ended(tmp_path):
    with deposit({LOG: LOGS}) as server:
        have = interrupted(server, tmp_path)
        assert 30_000 < have <= 50_000
        get(server, tmp_path)
        assert server.files_asked()[-1] == (LOG, str(have))
    assert found(tmp_path) == {f"log/{LOG}": LOGS}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(ignore_range=True),
        Fault(tag='"another"'),
        Fault(shift=7),
        Fault(status=416),
        Fault(body=LOGS[:60_000], ignore_range=True, tag='"short"'),
    ],
    ids=["ignores ranges", "another tag", "another part", "no such part", "shorter"],
)
def test_what_cannot_be_gone_on_with_starts_afresh(tmp_path, fault):
    with deposit({LOG: LOGS}) as server:
        interrupted(server, tmp_path)
        server.faults[LOG] = [fault]
        get(server, tmp_path)
    assert found(tmp_path) == {f"log/{LOG}": LOGS}


def test_a_changed_file_is_seen_in_the_same_request(tmp_path):
    with deposit({LOG: LOGS}) as server:
        have = interrupted(server, tmp_path)
        server.faults[LOG] = [Fault(tag='"another"')]
        server.asked.clear()
        get(server, tmp_path)
        assert server.files_asked() == [(LOG, str(have))]


def test_room_is_needed_for_the_rest_only(tmp_path):
    with deposit({LOG: LOGS}) as server:
        free = len(LOGS) - interrupted(server, tmp_path)
        with mock.patch("shutil.disk_usage", return_value=SimpleNamespace(free=free)):
            get(server, tmp_path)
    assert found(tmp_path) == {f"log/{LOG}": LOGS}


@pytest.mark.parametrize("tag", ["", 'W/"weak"'])
def test_without_a_strong_tag_a_part_is_gone_on_with_and_verified(tmp_path, tag):
    with deposit({LOG: LOGS}) as server:
        server.faults[LOG] = [Fault(drop=50_000, tag=tag), Fault(tag=tag)]
        get(server, tmp_path)
        assert server.files_asked()[-1][1] is not None
    assert found(tmp_path) == {f"log/{LOG}": LOGS}


@pytest.mark.parametrize(
    "change",
    [
        lambda part: part.write_bytes(b"\xff" * part.stat().st_size),
        lambda part: part.write_bytes(b"\xff" * len(LOGS)),
        lambda part: part.write_bytes(LOGS + b"more"),
        lambda part: part.write_bytes(b""),
        lambda part: part.with_suffix(".tag").write_text('"of another file"'),
    ],
    ids=["other bytes", "all other bytes", "too long", "empty", "of another file"],
)
def test_a_part_is_not_trusted(tmp_path, change):
    with deposit({LOG: LOGS}) as server:
        interrupted(server, tmp_path)
        change(*parts(tmp_path))
        get(server, tmp_path)
    assert found(tmp_path) == {f"log/{LOG}": LOGS}


def test_a_whole_part_needs_no_request(tmp_path):
    with deposit({LOG: LOGS}) as server:
        interrupted(server, tmp_path)
        parts(tmp_path)[0].write_bytes(LOGS)
        asked = len(server.files_asked())
        get(server, tmp_path)
        assert len(server.files_asked()) == asked
    assert found(tmp_path) == {f"log/{LOG}": LOGS}


def test_a_download_that_waits_to_be_unpacked_is_not_trusted_and_orphans_go(tmp_path):
    archive = zipped(*CONTENT.items())
    (tmp_path / ".fetch").mkdir()
    for digest in (hashlib.md5(archive).hexdigest(), "0" * 32):
        (tmp_path / ".fetch" / f"md5-{digest}").write_bytes(archive[:-1])
    with deposit({"data.zip": archive}) as server:
        get(server, tmp_path)
    assert found(tmp_path) == CONTENT


def test_bytes_that_stay_wrong_end_it_after_one_fresh_try(tmp_path):
    with deposit({LOG: LOGS}) as server:
        interrupted(server, tmp_path)
        asked = len(server.files_asked())
        server.faults[LOG] = [Fault(body=LOGS[::-1])] * 9
        with pytest.raises(TinglegramError, match="Nothing of it was kept"):
            get(server, tmp_path)
        assert len(server.files_asked()) - asked <= 2
    assert found(tmp_path) == {}


def test_an_answer_that_nobody_asked_for_is_asked_again(tmp_path):
    with deposit({LOG: LOGS}) as server:
        server.faults[LOG] = [Fault(status=416)]
        get(server, tmp_path)
    assert found(tmp_path) == {f"log/{LOG}": LOGS}


def test_redirections_are_followed(tmp_path):
    with deposit({LOG: LOGS}) as server:
        there = "/moved/records/18881334"
        server.faults[""] = [Fault(status=301, headers={"Location": there})]
        server.faults[LOG] = [
            Fault(status=302, headers={"Location": f"{there}/files/{LOG}/content"}),
            Fault(drop=50_000),
            Fault(status=302, headers={"Location": f"{there}/files/{LOG}/content"}),
        ]
        get(server, tmp_path)
        # The part to begin with is asked for behind the redirection, too.
        assert None not in [start for _, start in server.files_asked()[2:]]
    assert found(tmp_path) == {f"log/{LOG}": LOGS}


def test_a_redirection_out_of_encryption_is_not_followed():
    with deposit({LOG: LOGS}) as server:
        session = Connection("https://zenodo.org", 1, 0.0, 5.0).open()
        with pytest.raises(requests.exceptions.InvalidSchema):
            session.get(f"{server.base}/api/records/18881334")
        assert server.asked == []


def test_a_busy_archive_is_waited_for_as_long_as_it_asks(tmp_path):
    with deposit({LOG: LOGS}) as server, mock.patch("time.sleep") as sleep:
        server.faults[""] = [Fault(status=429, headers={"Retry-After": "7"})]
        server.faults[LOG] = [Fault(status=503, headers={"Retry-After": "99999"})]
        get(server, tmp_path)
    assert [call.args[0] for call in sleep.call_args_list] == [7, 120]
    assert found(tmp_path) == {f"log/{LOG}": LOGS}


def test_only_what_is_missing_is_fetched_again(tmp_path):
    files = {"ppg.zip": zipped((f"ppg/{PPG}", b"p"), ("ppg/002_csv.txt", b"q")), LOG: LOGS}
    with deposit(files) as server:
        get(server, tmp_path)
        before = found(tmp_path)
        (tmp_path / "ppg" / PPG).unlink()
        kept = (tmp_path / "ppg/002_csv.txt").stat().st_mtime_ns
        server.asked.clear()
        get(server, tmp_path)
        assert server.files_asked() == [("ppg.zip", None)]
    assert found(tmp_path) == before
    assert (tmp_path / "ppg/002_csv.txt").stat().st_mtime_ns == kept


def test_files_before_the_one_that_failed_are_kept(tmp_path):
    with deposit({LOG: LOGS, PPG: b"pulse"}) as server:
        server.faults[PPG] = [Fault(status=404)]
        with pytest.raises(TinglegramError, match="404"):
            get(server, tmp_path)
        assert found(tmp_path) == {f"log/{LOG}": LOGS}
        server.asked.clear()
        get(server, tmp_path)
        assert server.files_asked() == [(PPG, None)]
    assert found(tmp_path) == {f"log/{LOG}": LOGS, f"ppg/{PPG}": b"pulse"}


def test_a_record_that_changes_between_two_tries_is_noticed(tmp_path):
    with deposit({LOG: LOGS, PPG: b"pulse"}) as server:
        server.faults[PPG] = [Fault(status=404)]
        with pytest.raises(TinglegramError, match="404"):
            get(server, tmp_path)
        server.files[LOG] = LOGS[::-1]
        with pytest.raises(TinglegramError, match="found another file. It was left as it is"):
            get(server, tmp_path)
    assert found(tmp_path) == {f"log/{LOG}": LOGS}


def test_a_file_put_there_by_hand_is_verified_and_not_downloaded(tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / LOG).write_bytes(LOGS)
    with deposit({LOG: LOGS}) as server:
        get(server, tmp_path)
        assert server.files_asked() == []


def test_a_folder_may_be_a_link_to_another_disk(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "log").symlink_to(tmp_path / "disk")
    with deposit({LOG: LOGS}) as server:
        get(server, tmp_path / "data")
    assert (tmp_path / "disk" / LOG).read_bytes() == LOGS


def test_a_folder_without_files_is_a_warning(tmp_path, caplog):
    with deposit({LOG: LOGS, PPG: b"pulse", "README.md": b"words"}) as server:
        get(server, tmp_path)
    assert [r.getMessage() for r in caplog.records] == [f"{tmp_path / 'stim'}: 0 files"]


def test_the_list_of_one_fetch_pins_the_next(tmp_path):
    with deposit({"data.zip": zipped(*CONTENT.items())}) as server:
        get(server, tmp_path / "first")
        get(server, tmp_path / "second", pins=tmp_path / "first" / "fetched.json")
        get(server, tmp_path / "second", pins=tmp_path / "first" / "fetched.json")
        text = (tmp_path / "first" / "fetched.json").read_text()
        digest = hashlib.sha256(LOGS).hexdigest()
        (tmp_path / "changed.json").write_text(text.replace(digest, "0" * 64))
        for folder in ("second", "new"):
            with pytest.raises(TinglegramError, match=f"changed.json, log/{LOG}: expected sha"):
                get(server, tmp_path / folder, pins=tmp_path / "changed.json")
    with deposit({"data.zip": zipped(*CONTENT.items(), ("log/002-1-a.log", b"new"))}) as server:
        with pytest.raises(TinglegramError, match="The dataset is not the pinned one"):
            get(server, tmp_path / "third", pins=tmp_path / "first" / "fetched.json")
        assert server.files_asked() == []


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.given)
def test_nothing_of_a_refused_archive_is_left(tmp_path, case):
    assert case.provoke(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"data"}
    # The verified download stays, for a second try with higher limits.
    names = {path.name.split("-")[0] for path in (tmp_path / "data").rglob("*")}
    assert names == {".fetch", "lock", "md5"}


def test_a_killed_fetch_is_gone_on_with(tmp_path):
    script = [sys.executable, str(ROOT / "scripts/inputs/fetch_dataset.py"), "--doi", DOI]
    with deposit({LOG: LOGS}) as server:
        server.faults[LOG] = [Fault(drop=50_000, hold=True)]
        command = [*script, "--root", str(tmp_path / "data"), "--base", server.base]
        process = subprocess.Popen(command, stderr=subprocess.PIPE)
        try:
            assert server.held.wait(timeout=120)
            while not parts(tmp_path / "data") or not parts(tmp_path / "data")[0].stat().st_size:
                assert process.poll() is None
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
        get(server, tmp_path / "data")
        assert int(server.files_asked()[-1][1]) > 0
    assert found(tmp_path / "data") == {f"log/{LOG}": LOGS}


def test_the_script_ends_with_its_sentence(tmp_path):
    script = [sys.executable, str(ROOT / "scripts/inputs/fetch_dataset.py"), "--doi", "10.1/x"]
    done = subprocess.run([*script, "--root", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("ERROR 10.1/x: expected a DOI of Zenodo")
    assert done.stderr.count("\n") == 1


def test_make_fetch_takes_the_dataset_of_the_configuration():
    done = subprocess.run(
        ["make", "-C", str(ROOT), "-n", "fetch", "DATA=elsewhere"], capture_output=True, text=True
    )
    (doi,) = re.findall(r"doi\.org/(\S+)\)", (ROOT / "config.yaml").read_text())
    assert f"--doi {doi} --root 'elsewhere'" in " ".join(done.stdout.replace("\\\n", "").split())


@pytest.mark.parametrize(
    ("header", "tag", "expected"),
    [
        ("bytes 5-9/10", '"a"', True),
        ("bytes 5-9/10", '"b"', False),
        ("bytes 5-9/10", None, False),
        ("bytes 4-9/10", '"a"', False),
        ("bytes 5-8/10", '"a"', False),
        ("bytes 5-9/*", '"a"', False),
        ("bytes */10", '"a"', False),
        (None, '"a"', False),
    ],
)
def test_a_partial_answer_must_fit(header, tag, expected):
    assert continues(header, tag, have=5, size=10, known_tag='"a"') is expected
