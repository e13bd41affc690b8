"""The page of a ranking: what it says, that it asks for nothing, and that names cannot break it."""

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from tinglegram.bundles.ranking_page import (
    RankingPage,
    address_of,
    cards_of,
    clock_text,
    curve_of,
    distance_words,
    file_rows,
    render_ranking,
    spread_words,
)

EVIL = 'films/<script>alert("1")</script> & #50%.mp4'
KEYS = ("a" * 64, "b" * 64)


def steps_of(number: int, grid: float = 2.0) -> pd.DataFrame:
    time = np.arange(number) / grid
    return pd.DataFrame(
        {
            "time_s": time,
            "mean": 0.5 + 0.4 * np.sin(time),
            "sd_folds": 0.1,
            "distance": 0.5,
            "outside": False,
        }
    )


def page_of() -> str:
    segments = pd.DataFrame(
        {
            "rank": [1, 2],
            "segment": ["evil_2s", "song_0s"],
            "file": [EVIL, "song.wav"],
            "start_s": [2.0, 0.0],
            "end_s": [6.0, 4.0],
            "mean": [0.81, 0.5],
            "sd_folds": [0.1, np.nan],
            "sd_seeds": [0.02, np.nan],
            "distance": [2.3, 0.4],
            "outside": [0.63, 0.0],
            "sha256": KEYS,
        }
    )
    duplicates = pd.DataFrame(
        [("evil_2s", "same material", "other.mkv", 61.5, 65.5, 0.93)],
        columns=["segment", "how", "file", "start_s", "end_s", "alike"],
    )
    predictions = {KEYS[0]: steps_of(20), KEYS[1]: steps_of(9000)}
    cards = cards_of(
        segments,
        duplicates,
        predictions,
        {KEYS[0]: ["picture", "sound"], KEYS[1]: ["sound"]},
        folder="../my films",
        clips={"evil_2s": "clips/evil_2s.mp4"},
        posters={"evil_2s": b"\xff\xd8jpeg"},
        scale=(0.1, 0.9),
    )
    contents = {KEYS[0]: [EVIL, "copy.mp4"], KEYS[1]: ["song.wav"]}
    return render_ranking(
        RankingPage(
            facts=[("Model", "acoustic <b>")],
            warnings=["The bundle was trained on simulated people."],
            cards=cards,
            number=7,
            scale=("0.10", "0.90"),
            files=file_rows(contents, predictions, segments),
            problems=[("broken.mp4", "broken.mp4: expected a clip, found none.")],
            left_out=[(".txt: no film or sound", 2)],
        )
    )


class Elements(HTMLParser):
    """Collects every element with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page() -> str:
    return page_of()


@pytest.fixture(scope="module")
def elements(page) -> list[tuple[str, dict]]:
    reader = Elements()
    reader.feed(page)
    return reader.found


def test_the_page_loads_nothing_but_clips_beside_it(elements):
    loaded = [a[k] for _, a in elements for k in ("src", "poster") if a.get(k)]
    assert sorted(loaded) == [
        "../my%20films/song.wav#t=0,4",
        "clips/evil_2s.mp4",
        "data:image/jpeg;base64,/9hqcGVn",
    ]
    policy = next(a["content"] for t, a in elements if t == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in policy and "script" not in policy and "http" not in policy
    assert "script" not in {tag for tag, _ in elements}


def test_names_of_files_are_text_and_addresses_of_them_are_whole(page, elements):
    assert "<script>" not in page and "&lt;script&gt;" in page
    links = [a["href"] for t, a in elements if t == "a"]
    assert (
        "../my%20films/films/%3Cscript%3Ealert%28%221%22%29%3C/script%3E%20%26%20%2350%25.mp4#t=2,6"
        in links
    )


def test_every_player_and_curve_says_what_it_is(elements):
    for tag in ("video", "audio", "svg"):
        (own,) = [a for t, a in elements if t == tag][:1]
        assert own["aria-label"]
    assert sum(tag == "video" for tag, _ in elements) == 1
    assert sum(tag == "audio" for tag, _ in elements) == 1
    assert [a["preload"] for t, a in elements if t in ("video", "audio")] == ["none", "none"]


def test_the_page_says_what_is_uncertain(page):
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))
    assert "63 % of its steps are unlike the training clips (distance up to 2.3 times" in text
    assert "SD 0.100 over folds, SD 0.020 over seeds" in text
    assert "spread unknown: one model" in text
    assert "other.mkv at 1:01.5 (same material, correlation 0.93)" in text
    assert "2 of 7 segments" in text and "1 file(s) could not be ranked" in text
    assert "2 file(s): .txt: no film or sound" in text
    assert "joined to others" not in text and "copy.mp4" in text


def test_the_segment_is_shaded_where_it_is():
    curve = curve_of(steps_of(20), 2.0, 6.0, (0.0, 1.0))
    assert (curve.left, curve.width) == (200.0, 400.0)
    points = [tuple(map(float, p.split(","))) for p in curve.line.split()]
    assert len(points) == 20 and points[0] == (0.0, 50.0)
    assert len(curve.band.split()) == 40
    assert len(curve_of(steps_of(9000), 0.0, 4.0, (0.0, 1.0)).line.split()) == 400
    assert curve_of(steps_of(9).assign(sd_folds=np.nan), 0, 1, (0.0, 1.0)).band == ""


@pytest.mark.parametrize(
    ("second", "text"),
    [(0.0, "0:00"), (75.5, "1:15.5"), (59.96, "1:00"), (3600.0, "1:00:00"), (3725.1, "1:02:05.1")],
)
def test_times_are_as_people_read_them(second, text):
    assert clock_text(second) == text


def test_words_of_distance_and_spread():
    assert distance_words(0.0, 0.4) == ("Like the training clips.", False)
    assert distance_words(0.1, 1.4)[1] is False and distance_words(0.3, 1.4)[1] is True
    words, far = distance_words(0.0, float("nan"))
    assert far and words == "How far it is from the training clips cannot be told."
    assert spread_words(0.1, float("nan")) == "SD 0.100 over folds"
    assert address_of("a b/c?.wav", 1.5, 11.5) == "a%20b/c%3F.wav#t=1.5,11.5"
