"""The report opened in a real browser: no complaint on the console, no outside request."""

import json
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from synthetic_results import build_report


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_report(tmp_path_factory.mktemp("study") / "results" / "synthetic")


@pytest.mark.parametrize("study", ["synthetic", "demo"])
def test_the_report_opens_clean_and_offline(
    browser: webdriver.Chrome, request: pytest.FixtureRequest, study: str
) -> None:
    page = (
        request.getfixturevalue("page")
        if study == "synthetic"
        else request.getfixturevalue("demo") / "report.html"
    )
    browser.get(page.as_uri())
    severe = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert severe == []
    events = [json.loads(e["message"])["message"] for e in browser.get_log("performance")]
    requests = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
    # The browser's own start page asks for things of its own before the report is opened.
    asked = [r["request"]["url"] for r in requests if r["documentURL"] == page.as_uri()]
    assert page.as_uri() in asked
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_every_figure_is_seen_and_captioned(browser: webdriver.Chrome, page: Path) -> None:
    browser.get(page.as_uri())
    images = browser.find_elements(By.TAG_NAME, "img")
    assert len(images) == 2
    for image in images:
        assert browser.execute_script("return arguments[0].naturalWidth", image) > 300
        assert image.get_attribute("alt")
    for figure in browser.find_elements(By.TAG_NAME, "figure"):
        assert "Source:" in figure.find_element(By.TAG_NAME, "figcaption").text
    warnings = [element.text for element in browser.find_elements(By.CLASS_NAME, "warning")]
    assert any("Untrained ResNet-18" in text for text in warnings)
    assert browser.execute_script("return document.body.scrollWidth <= window.innerWidth")
