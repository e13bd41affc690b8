"""The documentation as a site: every page is in it, and nothing comes from elsewhere."""

import ast
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from paths import ROOT

DOCS = ROOT / "docs"
SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
STAGES = sorted(
    path.name for path in (ROOT / "src" / "tinglegram").iterdir() if (path / "__init__.py").exists()
)
PAGES = [DOCS / f"{stage}.md" for stage in STAGES]
# What loads something: <img src>, <script src>, <link href>, but not <a href>.
LOADING = {
    *((tag, "src") for tag in ("script", "img", "iframe", "source", "video", "audio", "embed")),
    ("img", "srcset"),
    ("link", "href"),
    ("object", "data"),
}
ELSEWHERE = re.compile(r"(?:https?:)?//")
STYLE_LOADS = re.compile(r"(?:@import\s+(?:url\()?|url\()\s*['\"]?(?:https?:)?//")
ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def pages_of(nav: object) -> list[str]:
    """Paths of a navigation, in its order."""
    if isinstance(nav, str):
        return [nav]
    inner = nav.values() if isinstance(nav, dict) else nav
    return [page for part in inner for page in pages_of(part)]


def test_every_page_is_in_the_navigation_once():
    found = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    assert sorted(pages_of(SITE["nav"])) == sorted(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_stage_has_a_page(page):
    assert page.exists(), f"no docs/{page.name} for src/tinglegram/{page.stem}"


def section(page: Path, heading: str) -> str:
    """The part of a page below a heading, up to the next one of the same level."""
    _, _, rest = page.read_text().partition(f"\n## {heading}\n")
    return rest.split("\n## ")[0]


def defined(module: Path) -> set[str]:
    """Names of the functions and classes at the top of a module."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in ast.parse(module.read_text()).body if isinstance(node, kinds)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_functions_on_a_page_exist(page):
    for named in ROW.findall(section(page, "Functions")):
        *place, name = named.split(".")
        module = (ROOT / "src").joinpath(*place).with_suffix(".py")
        assert module.exists(), f"docs/{page.name}: no module of {named}"
        assert name in defined(module), f"docs/{page.name}: {named} is not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_on_a_page_stand_in_config_yaml(page):
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    for named in ROW.findall(section(page, "Settings")):
        place = config
        for key in named.split("."):
            assert key in place, f"docs/{page.name}: {named} is not in config.yaml"
            place = place[key]


class Loads(HTMLParser):
    """Collects what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found += [value or "" for name, value in attrs if (tag, name) in LOADING]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if find_spec("material") is None:
        pytest.skip("mkdocs-material is not installed (pip install '.[docs]')")
    folder = tmp_path_factory.mktemp("site")
    run = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
        + ["--config-file", str(ROOT / "mkdocs.yml")],
        # A proxy that refuses: whatever asks for the network fails.
        env=os.environ
        | {"NO_MKDOCS_2_WARNING": "1"}
        | dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return folder


def test_the_site_has_every_page(site):
    for page in pages_of(SITE["nav"]):
        built = site / page.replace("README.md", "index.md")
        assert built.with_suffix(".html").exists(), page


def test_the_site_loads_nothing_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > len(PAGES)
    for page in pages:
        reader = Loads()
        reader.feed(page.read_text())
        assert reader.found, page.name
        assert [path for path in reader.found if ELSEWHERE.match(path.strip())] == [], page.name
        # Mermaid is the one thing that the theme's script would load, for diagrams in a page.
        assert 'class="mermaid"' not in page.read_text()
    for style in site.rglob("*.css"):
        assert not STYLE_LOADS.search(style.read_text()), style.name


def test_links_to_the_source_tree_lead_to_copies_in_the_site(site):
    for page in site.rglob("*.html"):
        for target in re.findall(r'href="([^"#]+)', page.read_text()):
            if re.match(r"[a-z]+:", target) is None and page.name != "404.html":
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_lists_and_tables_are_read_as_such(site):
    for page in site.rglob("*.html"):
        for paragraph in re.findall(r"<p>(.*?)</p>", page.read_text(), flags=re.DOTALL):
            plain = re.search(r"^\s*(?:[-*|] ?|\d+\. )(?=\w|`|<)", paragraph, flags=re.MULTILINE)
            assert plain is None, f"{page.name}: {paragraph[:200]}"
