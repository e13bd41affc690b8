"""The report opened in a real browser: no complaint on the console, no outside request."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from synthetic_results import build_report

QUIET = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_report(tmp_path_factory.mktemp("study") / "results" / "synthetic")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("no chromium with chromedriver on this machine")
    options = Options()
    options.binary_location = chromium
    for argument in (*QUIET, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    yield opened
    opened.quit()


def test_the_report_opens_clean_and_offline(browser: webdriver.Chrome, page: Path) -> None:
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
