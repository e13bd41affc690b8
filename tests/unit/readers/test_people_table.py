"""The table of participants beside the data: who is who, numbers and words, and other columns."""

import numpy as np
import pandas as pd
import pytest

from tinglegram.readers.people import read_people, strangers, with_people

IDS = {"001": "anna", "002": "bo", "012": "cleo"}


@pytest.fixture
def table(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "people.tsv"
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("header", ["participant_id", "participant", "subject"])
def test_people_are_named_by_id_or_number(table, separator, header):
    rows = [[header, "age", "site"], ["12", "31", "north"], ["bo", "", "south"], ["zoe", "9", "x"]]
    path = table("\n".join(separator.join(row) for row in rows) + "\n")
    found = read_people(path, IDS)
    assert found["participant_id"].tolist() == ["anna", "bo", "cleo"]
    assert found["age"].tolist() == pytest.approx([np.nan, np.nan, 31.0], nan_ok=True)
    assert found["site"].map(str, na_action="ignore").tolist()[1:] == ["south", "north"]
    assert pd.isna(found["site"][0])
    assert strangers(path, IDS) == ["zoe"]


def test_whole_numbers_stay_whole_where_nobody_lacks_one(table):
    path = table("subject\tcode\theight\n1\t2\t1.5\n2\t1\t2\n12\t2\t3\n")
    found = read_people(path, IDS)
    assert found["code"].tolist() == [2, 1, 2] and found["code"].dtype == np.int64
    assert found["height"].dtype == np.float64


def test_covariates_stand_beside_those_of_the_reader(table):
    own = pd.DataFrame({"subject": [1, 2, 12], "participant_id": list(IDS.values()), "sex": "f"})
    path = table("participant_id,age\nanna,20\nbo,30\ncleo,40\n")
    found = with_people(own, path, IDS)
    assert found.columns.tolist() == ["subject", "participant_id", "sex", "age"]
    assert found["age"].tolist() == [20, 30, 40]
    assert with_people(own, None, IDS) is own
