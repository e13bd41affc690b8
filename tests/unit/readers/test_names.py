"""Names within files: which are those of another participant."""

import pytest

from tinglegram.errors import InputProblem
from tinglegram.readers.names import check_names, is_name_column, names_another, same_number


@pytest.mark.parametrize(
    ("said", "own"),
    [
        *[("7", "P07"), ("P7", "P07"), ("p-07", "P07"), ("sub-07", "7"), ("07", "sub-7")],
        *[("area", "area"), ("Area ", "area"), ("", "P07"), ("participant 7", "P07")],
    ],
)
def test_the_same_name_however_it_is_written(said, own):
    assert not names_another(said, own, lambda: ["P07", "P08", "area", "bridge"])


@pytest.mark.parametrize(
    ("said", "own"), [("P08", "P07"), ("8", "P07"), ("bridge", "area"), ("sub-08", "sub-07")]
)
def test_another_name(said, own):
    assert names_another(said, own, lambda: ["P07", "P08", "area", "bridge"])


@pytest.mark.parametrize("said", ["MCH-0234567", "F", "02-MAY-1951", "Haagse_Harry", "0234567"])
def test_what_cannot_be_compared_is_no_other_name(said):
    assert not names_another(said, "P07", lambda: ["P07", "P08"])


def test_signs_part_numbers_from_each_other():
    names = ["1_12", "11_2", "S1-12", "S11-2", "P1.10", "P11.0"]
    assert same_number(names) == []
    assert same_number(["S1-12", "s01_12", "A_B7", "ab-07"]) == [
        ("S1-12", "s01_12"),
        ("A_B7", "ab-07"),
    ]
    assert names_another("11_2", "1_12", lambda: names) and names_another("S1-13", "S1-12", list)
    assert not names_another("01_12", "1_12", lambda: names)
    # Vowels that are written as marks tell people apart too.
    assert same_number(["\u0915\u093e", "\u0915\u0940"]) == []


@pytest.mark.parametrize(
    ("said", "own"), [("P07_1", "P07"), ("P07-2", "P07"), ("VP07_2024", "VP07"), ("7_2", "7")]
)
def test_a_session_after_the_name_is_no_other_number(said, own):
    assert not names_another(said, own, lambda: ["P07", "VP07", "7", "72"])
    assert names_another(said, own, lambda: [own, said])
    assert names_another("P08_1", "P07", list)


def test_everybody_is_asked_for_only_where_it_matters():
    def nobody():
        raise AssertionError

    assert not names_another("P7", "P07", nobody)
    assert names_another("P8", "P07", nobody)


@pytest.mark.parametrize("column", ["participant", "Participant ID", "subject_id", "SubjectID"])
def test_columns_that_name_people(column):
    assert is_name_column(column)
    assert not is_name_column(f"{column} of the film")


def test_names_that_differ_in_zeros_only():
    assert same_number(["P1", "P01", "P2", "Q1"]) == [("P1", "P01")]
    assert same_number(["a1", "b1", "area"]) == []


def test_the_refusal_names_the_place_and_what_stands_there():
    with pytest.raises(InputProblem) as raised:
        check_names([("line 2", "P07"), ("line 3", "P08")], "P07", "a.csv", list)
    assert str(raised.value) == (
        "a.csv, line 3: expected data of participant P07, as the file's name says, found 'P08'. "
        "Were the files of two participants exchanged?"
    )
