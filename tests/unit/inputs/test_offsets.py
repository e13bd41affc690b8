"""The table of offsets reaches the plan, the inspection and the programs."""

import fitted_files as made
import pytest

from tinglegram.inputs.offsets import read_offsets
from tinglegram.inputs.raw_files import RawFiles
from tinglegram.study.plan import Plan

RAW = RawFiles({"001": "a", "012": "b"}, {"001": "c", "012": "d"}, {})


@pytest.mark.parametrize("column", ["participant", "subject"])
def test_a_table_is_read(tmp_path, column):
    path = tmp_path / "offsets.tsv"
    path.write_text(f"{column}\toffset_s\n1\t3.4\n012\t-0.25004\n")
    assert read_offsets(str(path), RAW) == {"001": 3.4, "012": -0.25}
    assert read_offsets(None, RAW) == {}


def test_the_plan_names_an_offset_as_an_option_of_its_participant():
    plan = Plan({}, raw=RAW, offsets={"012": -0.25})
    assert plan.offset("012") == "--offset=-0.2500"
    assert plan.offset("001") == ""


def test_made_logs_and_recordings_are_as_long_as_they_say():
    assert len(made.recording(made.seconds_of(0, 141)).split(b"\r\n")) == 8 + 141 * 50
