"""A hook of mkdocs (`make docs`): pages of the project's root become pages of the site, folders become their pages."""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
ROOT_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "report-a-vulnerability.md",
    "CHANGELOG.md": "changelog.md",
}
"""File of the project's root -> its name on the site."""
MERMAID = ROOT / "docs" / ".site" / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Write out the folders of the navigation."""
    config.nav = [_written_out(entry, Path(config.docs_dir)) for entry in config.nav or ()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the root, and the drawing of diagrams."""
    for name, target in ROOT_PAGES.items():
        files.append(File.generated(config, target, content=_as_on_the_site((ROOT / name).read_text("utf-8"))))
    if MERMAID.exists():
        files.append(File.generated(config, "mermaid.js", abs_src_path=str(MERMAID)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Links out of the folder lead to the pages that were added."""
    for name, target in ROOT_PAGES.items():
        up = "../" * page.file.src_uri.count("/")
        markdown = markdown.replace(f"]({up}../{name}", f"]({up}{target}")
    return markdown


def _as_on_the_site(text: str) -> str:
    """A page of the root with its links as they are below `docs`."""
    for name, target in ROOT_PAGES.items():
        text = text.replace(f"]({name}", f"]({target}")
    text = re.sub(r"\]\(docs/([^)]*)/\)", r"](\1/README.md)", text)
    return re.sub(r'(\]\(|src(?:set)?=")docs/', r"\1", text)


def _written_out(entry: Any, docs: Path) -> Any:
    if isinstance(entry, dict):
        return {title: _written_out(value, docs) for title, value in entry.items()}
    if isinstance(entry, list):
        return [_written_out(item, docs) for item in entry]
    if isinstance(entry, str) and entry.endswith("/"):
        pages = sorted(path.name for path in (docs / entry).glob("*.md") if path.name != "README.md")
        return [entry + name for name in ("README.md", *pages)]
    return entry
