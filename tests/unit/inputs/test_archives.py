"""Whatever an archive says, its files come out whole and in place, or it is refused."""

import gzip
import io
import tarfile
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_archives import bomb, header, tarred, zipped

from tinglegram.errors import InputProblem
from tinglegram.inputs.archives import Limits, accepted, content, destination, is_archive

LIMITS = Limits(members=100, size=1 << 20)
MEMBERS = [
    ("REST-ASMR/", b""),
    ("REST-ASMR/log/001-1-20250101-ab.log", b"events" * 100),
    ("REST-ASMR/ppg/001_csv.txt", bytes(range(256)) * 1000),
    ("REST-ASMR/stim/ASMR1.avi", bytes(512)),
    ("REST-ASMR/stim/nature1.avi", b""),
    ("REST-ASMR/README.md", b"words"),
    ("__MACOSX/REST-ASMR/log/._001-1-20250101-ab.log", b"litter"),
]
WANTED = {
    "log/001-1-20250101-ab.log": MEMBERS[1][1],
    "ppg/001_csv.txt": MEMBERS[2][1],
    "stim/ASMR1.avi": bytes(512),
    "stim/nature1.avi": b"",
}
FOLDERS = {"log", "ppg", "stim"}
TAR = tarred(*MEMBERS[1:])
MADE = {
    "data.zip": zipped(*MEMBERS),
    "data.tar": TAR,
    "data.tar.gz": gzip.compress(TAR),
    "DATA.TGZ": gzip.compress(TAR),
}


def read(made: bytes, name: str, limits: Limits = LIMITS) -> dict[str, bytes]:
    return {
        target: b"".join(content(member, name))
        for member, target in accepted(io.BytesIO(made), name, limits)
        if target
    }


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("log/001-1-20250101-ab.log", "log/001-1-20250101-ab.log"),
        ("REST-ASMR/LOG/001-1-20250101-ab.log", "log/001-1-20250101-ab.log"),
        ("007-2-20250101-ab.log", "log/007-2-20250101-ab.log"),
        ("data/007_csv.txt", "ppg/007_csv.txt"),
        ("data\\ppg\\007_csv.txt", "ppg/007_csv.txt"),
        ("ASMR1.avi", "stim/ASMR1.avi"),
        ("log/clip.mp4", "log/clip.mp4"),
        ("stim/licence.txt", "stim/licence.txt"),
        ("stim/log/001-1-a.log", "log/001-1-a.log"),
        ("notes.log", None),
        ("README.md", None),
        ("log/", None),
        ("log/.DS_Store", None),
        ("stim/Thumbs.db", None),
        ("__MACOSX/log/001-1-a.log", None),
    ],
)
def test_files_are_placed_by_folder_and_else_by_name(name, place):
    assert destination(name) == place


@pytest.mark.parametrize("name", MADE)
def test_what_belongs_comes_out_as_it_went_in(name):
    assert is_archive(name)
    assert read(MADE[name], name) == WANTED
    left_out = {m.name for m, t in accepted(io.BytesIO(MADE[name]), name, LIMITS) if t is None}
    assert left_out == {MEMBERS[5][0], MEMBERS[6][0]}


def test_a_tar_is_read_from_front_to_back_only():
    members = accepted(io.BytesIO(TAR), "data.tar", LIMITS)
    passed, _ = next(members)
    next(members)
    with pytest.raises(InputProblem, match="a place that was passed already"):
        list(content(passed, "data.tar"))


def test_an_archive_at_its_limits_is_read():
    size = sum(len(member) for _, member in MEMBERS)
    assert read(MADE["data.zip"], "data.zip", Limits(len(MEMBERS), size)) == WANTED
    for limits in (Limits(len(MEMBERS) - 1, size), Limits(len(MEMBERS), size - 1)):
        with pytest.raises(InputProblem, match="expected at most"):
            read(MADE["data.zip"], "data.zip", limits)


PARTS = st.sampled_from(
    ["..", ".", "", "log", "PPG", "stim", "a", "C:", "~", "001-1-a.log", "1_csv.txt", "b.avi"]
    + ["\x00", "\udce9", "CON", "a\nb.avi", "x" * 300, "\u202e.avi", "é.avi", "e\u0301.avi"]
)


@given(parts=st.lists(PARTS, min_size=1, max_size=5), separator=st.sampled_from(["/", "\\"]))
def test_no_name_leads_out_of_the_three_folders(parts, separator):
    name = separator.join(parts)
    try:
        found = read(tarred((name, b"x")), "data.tar")
    except InputProblem:
        return
    for target in found:
        folder, base = target.split("/")
        assert folder in FOLDERS
        assert base.isprintable() and base not in ("", ".", "..") and len(base.encode()) <= 255
        assert "\\" not in base


@given(
    name=st.sampled_from(sorted(MADE)),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    length=st.floats(0, 1),
)
def test_a_damaged_archive_is_refused_or_holds_what_it_held(name, changes, length):
    made = bytearray(MADE[name][: round(len(MADE[name]) * length)])
    for place, value in changes if made else []:
        made[int(place * len(made))] = value
    try:
        found = read(bytes(made), name)
    except InputProblem:
        return
    assert {target.split("/")[0] for target in found} <= FOLDERS
    assert sum(map(len, found.values())) <= LIMITS.size


@given(made=st.binary(max_size=2000), name=st.sampled_from(["a.zip", "a.tar", "a.tgz"]))
def test_noise_is_refused(made, name):
    try:
        assert read(made, name) == {}
    except InputProblem:
        return
    # Zeros end a tar, so zeros alone are an empty one.
    assert name != "a.zip" and not (made if name == "a.tar" else gzip.decompress(made)).strip(b"\0")


@pytest.mark.parametrize(
    "made",
    [
        bomb("log/001-1-a.log", 1 << 40),
        bomb("././@LongLink", 1 << 33, tarfile.GNUTYPE_LONGNAME),
        bomb("././@PaxHeader", 1 << 33, tarfile.XHDTYPE),
        gzip.compress(header("././@PaxHeader", -1024, tarfile.XHDTYPE) + bytes(1 << 24)),
        gzip.compress((header("././@PaxHeader", 0, tarfile.XHDTYPE)) * 5000),
    ],
    ids=["content", "long name", "extended header", "negative header", "endless headers"],
)
def test_a_bomb_takes_no_memory(made):
    tracemalloc.start()
    try:
        with pytest.raises(InputProblem):
            read(made, "data.tar.gz")
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_a_zip_with_overlapping_members_is_counted_before_it_is_read():
    # Every entry of the directory points to the same compressed megabyte.
    single = zipped(("log/001-1-a.log", bytes(1 << 20)))
    start = single.rindex(b"PK\x01\x02")
    end = single.rindex(b"PK\x05\x06")
    entry = single[start:end]
    entries = [entry.replace(b"001-1", b"%03d-1" % number) for number in range(50)]
    directory = b"".join(entries)
    closing = bytearray(single[end:])
    for place in (8, 10):
        closing[place : place + 2] = len(entries).to_bytes(2, "little")
    closing[12:16] = len(directory).to_bytes(4, "little")
    made = io.BytesIO(single[:start] + directory + closing)
    with pytest.raises(InputProblem, match="found 3 members and 3145728 bytes"):
        list(accepted(made, "data.zip", Limits(100, 2 << 20)))
