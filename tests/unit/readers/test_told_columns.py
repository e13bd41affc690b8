"""Numbers that look like others: mixed covariates, thousands, rows out of order."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.errors import InputProblem
from tinglegram.formats.delimited import Wanted, read_delimited
from tinglegram.readers.csv_files import find, read
from tinglegram.readers.parts import mixed_columns
from tinglegram.readers.registry import Request


def test_a_covariate_of_some_numbers_is_told():
    table = pd.DataFrame(
        {"age": [20, 30, 40], "dose": ["5", "high", "low"], "group": ["a", "b", None]}
    )
    assert mixed_columns(table) == {
        "dose": "1 of 3 values are numbers, and it is taken as words, because of 'high'; "
        "statistics see groups in it and no amounts"
    }


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([1990, 21, 22], "1 of 3 values look like years (1990), beside others of 21 to 22: "),
        ([21.5, np.nan, 2001.0, 1999.0], "2 of 3 values look like years (2001), beside others of "),
        ([1990, 1985, 2001], ""),
        ([21, 22, 101], ""),
        # Amounts of any size: neither all that is no year nor all that is one is an age.
        ([21, 450, 1990], ""),
        ([21.5, 1990.5], ""),
        ([-1, 1990], ""),
    ],
)
def test_a_year_of_birth_among_ages_is_told(values, told):
    found = mixed_columns(pd.DataFrame({"age": values}))
    assert found.get("age", "").startswith(told) and bool(found) == bool(told)


def numbers(cells, decimal="."):
    text = "v;w\n" + "".join(f"{cell};1\n" for cell in cells)
    wanted = Wanted(numbers=["v"], decimal=decimal)
    return read_delimited(text.encode(), "a.csv", wanted).numbers["v"]


@pytest.mark.parametrize(("sign", "decimal"), [(".", "."), (",", ",")])
def test_signs_between_thousands_are_no_decimals(sign, decimal):
    with pytest.raises(InputProblem, match=f"line 4: .* found '1\\{sign}000' beside whole numbers"):
        numbers(["998", "999", f"1{sign}000", f"1{sign}001"], decimal)


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["1.000", "2.125"], [1, 2.125]),
        (["999", "1.5"], [999, 1.5]),
        (["999", "0.125"], [999, 0.125]),
        (["5", "1.125"], [5, 1.125]),
        (["1500", "1.125"], [1500, 1.125]),
        (["999", "n/a"], [999, np.nan]),
    ],
)
def test_decimals_stay_decimals(cells, found):
    np.testing.assert_array_equal(numbers(cells), found)


def test_trials_that_are_sorted_are_told(tmp_path):
    (tmp_path / "P1_ev.csv").write_text("clip,t\nb,50\na,10\n")
    options = {"trials": {"files": "{participant}_ev.csv", "stimulus": "clip", "onset": "t"}}
    request = Request(tmp_path, options, {"a": 5.0, "b": 5.0})
    session = read("P1", find(request)["P1"], request)
    assert session.trials["stimulus_id"].tolist() == ["a", "b"]
    (note,) = session.notes
    assert note.message.startswith("P1_ev.csv: 1 row(s) begin earlier than the row before them")


def test_names_of_another_kind_do_not_stop_a_table(tmp_path):
    """A number that the software gave every session is compared with nobody."""
    (tmp_path / "P1_ev.csv").write_text("clip,t,participant\na,10,504532\n")
    options = {"trials": {"files": "{participant}_ev.csv", "stimulus": "clip", "onset": "t"}}
    request = Request(tmp_path, options, {"a": 5.0})
    assert len(read("P1", find(request)["P1"], request).trials) == 1
    (tmp_path / "P1_ev.csv").write_text("clip,t,participant\na,10,P2\n")
    off = {"trials": options["trials"] | {"check_names": False}}
    assert len(read("P1", [tmp_path / "P1_ev.csv"], Request(tmp_path, off, {"a": 5.0})).trials) == 1
