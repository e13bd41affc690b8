"""Whatever bytes stand in its files, the reader csv gives valid tables or one of our errors."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinglegram.canonical.tables import fit_session
from tinglegram.errors import InputProblem
from tinglegram.formats.delimited import MISSING_WORDS, Wanted, read_delimited
from tinglegram.readers.csv_files import find, read
from tinglegram.readers.registry import Request

LENGTHS = {"a": 5.0, "b": 5.0}
FILES = {
    "1_events.csv": b"s,t\na,10\nb,20\n",
    "1_slider.csv": b"t,x,y\n10,0.5,1\n12,,2\n21,3,4\n",
    "1_button.csv": b"t;e\n11;press\n12;release\n22;press\n",
    "1_wrist.csv": b't\t"BVP"\n9\t1\n9.5\t2\n10\t3\n',
}
OPTIONS = {
    "trials": {"files": "{participant}_events.csv", "stimulus": "s", "onset": "t"},
    "responses": [
        {"files": "{participant}_slider.csv", "time": "t", "value": {"v": "x", "w": "y"}},
        {"files": "{participant}_button.csv", "time": "t", "event": "e", "dimension": "held"},
    ],
    "signals": [
        {"files": "{participant}_wrist.csv", "time": "t", "columns": {"BVP": {"type": "ppg"}}}
    ],
}
ODD = [b"", b"\0", b"\xff", b"\xfe\xff", b"\r", b"\n", b"\t", b",", b";", b'"', b"nan", b"-inf"]
ODD += [b"1e308", b"1e-400", b"9" * 25, b"0x10", b"1_0", b"press", b"a", b"t", b"-1", b"1700000000"]
ODD += [b"10\n", b"sep=;\n", "\u0661".encode()]

change = st.tuples(
    st.sampled_from(["cut", "insert", "repeat", "end"]),
    st.integers(0, 80),
    st.integers(0, 12),
    st.sampled_from(ODD),
)


def changed(content: bytes, changes: list[tuple]) -> bytes:
    for kind, where, length, odd in changes:
        at = where % (len(content) + 1)
        before, after = content[:at], content[at:]
        content = {
            "cut": before + after[length:],
            "insert": before + odd + after,
            "repeat": before + after[:length] + after,
            "end": before,
        }[kind]
    return content


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def gives_tables(folder, files: dict[str, bytes]) -> bool:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    request = Request(folder, OPTIONS, LENGTHS)
    try:
        session = read("1", find(request)["1"], request)
        fit_session(session, "1", LENGTHS)
    except InputProblem as problem:
        assert problem.remedy and str(problem).startswith("1")
        return False
    return True


def test_the_files_that_are_changed_are_valid(folder):
    assert gives_tables(folder, FILES)


ROOMY = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@settings(max_examples=100, suppress_health_check=ROOMY, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.lists(change, min_size=1, max_size=4))
def test_any_change_of_a_valid_file(folder, name, changes):
    gives_tables(folder, FILES | {name: changed(FILES[name], changes)})


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(content):
    try:
        table = read_delimited(content, "file", Wanted(numbers=["1"], header=["0", "1"]))
    except InputProblem as problem:
        assert problem.remedy
        return
    assert len(table.lines) == len(table.numbers["1"])


CELLS = st.lists(
    st.tuples(
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    ),
    max_size=8,
)


@settings(max_examples=50, deadline=None)
@given(CELLS, st.sampled_from([",", ";", "\t"]), st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read(rows, separator, newline):
    quoted = ['"' + text.replace('"', '""') + '"' for _, text in rows]
    lines = [separator.join(["n", "s"])]
    lines += [f"{n!r}{separator}{q}" for (n, _), q in zip(rows, quoted, strict=True)]
    content = newline.join(lines).encode()
    table = read_delimited(content, "file", Wanted(numbers=["n"], texts=["s"]))
    assert table.numbers["n"].tolist() == [n for n, _ in rows]
    words = [text.strip() for _, text in rows]
    assert table.texts["s"] == ["" if word in MISSING_WORDS else word for word in words]
