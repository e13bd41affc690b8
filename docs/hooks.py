"""What mkdocs does to pages that are written to be read in the source tree, too.

- A link to a file of the tree outside docs/ leads to a copy of that file in the site; a link to a
  folder becomes plain text. A link to nothing is a warning, which ends a strict build.
- Lists as CommonMark has them, right below a paragraph and indented by two spaces, get the blank
  line and the four spaces that Python-Markdown asks for.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

log = get_plugin_logger(__name__)

FENCE = re.compile(r"^ *```")
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")
ITEM = re.compile(r" *(?:[-*]|\d+\.) ")
# Which of them may stand right below a paragraph: "0." at the start of a line is a sentence's end.
FIRST = re.compile(r" *(?:[-*]|1\.) ")
# Below this folder of the site lie the copies; as text, so that browsers show them.
COPIES = "source"


def outside(page: str, target: str) -> str | None:
    """Return a link's target from the root of the tree; None: it stays within docs/."""
    path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), target))
    return None if path == "docs" or path.startswith("docs/") else path


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a copy of every file outside docs/ that a page leads to."""
    root = Path(config.docs_dir).parent
    for page in list(files.documentation_pages()):
        for _, target, _ in LINK.findall(page.content_string):
            path = outside(page.src_uri, target)
            copy = f"{COPIES}/{path}.txt"
            if path and (root / path).is_file() and files.get_file_from_path(copy) is None:
                files.append(File.generated(config, copy, abs_src_path=str(root / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return the text of a page as Python-Markdown reads it."""
    root, here = Path(config.docs_dir).parent, page.file.src_uri

    def led(link: re.Match[str]) -> str:
        text, target, anchor = link.groups()
        path = outside(here, target)
        if path is None:
            return link[0]
        if not (root / path).exists():
            log.warning("%s leads to %s, which does not exist", here, path)
        if not (root / path).is_file():
            return text
        return f"[{text}]({posixpath.relpath(f'{COPIES}/{path}.txt', posixpath.dirname(here))})"

    lines, fenced, in_list = [], False, False
    for line in markdown.splitlines():
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            line = LINK.sub(led, line)
            below_text = bool(lines) and bool(lines[-1].strip()) and not in_list
            item = (FIRST if below_text else ITEM).match(line)
            if item and below_text:
                lines.append("")
            in_list = bool(item) or (in_list and line.startswith(" "))
            if in_list:
                line = " " * (len(line) - len(line.lstrip())) + line
        lines.append(line)
    return "\n".join(lines)
