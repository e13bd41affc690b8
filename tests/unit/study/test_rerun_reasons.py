"""Who follows a job that must run: nobody behind an ancient file."""

from types import SimpleNamespace

from tinglegram.study.rerun_reasons import followers


def test_nobody_follows_behind_an_ancient_file():
    new, ancient = SimpleNamespace(is_ancient=False), SimpleNamespace(is_ancient=True)
    depending = {
        "inventory": {"gate": [new], "cohort": [ancient]},
        "gate": {"cohort": [ancient], "report": [new, ancient]},
        "cohort": {"table": [new]},
        "report": {"gate": [new]},
        "table": {},
    }
    assert list(followers(depending, "inventory")) == ["inventory", "gate", "report"]
    assert set(followers(depending, "cohort", "report")) == {"cohort", "report", "table", "gate"}
