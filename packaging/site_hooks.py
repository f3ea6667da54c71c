"""What mkdocs needs to know: the pages of the rules stand beside their code, and links may lead out of the site."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
# As docs/rules.md links to the pages, so that GitHub finds them, too.
RULE = re.compile(r"\(\.\./(crates/[\w/]+/(\w+)\.md)\)")


def on_files(files: Files, config: Any) -> Files:
    """Adds a page for each rule that the index names."""
    index = (ROOT / "docs/rules.md").read_text()
    for path, stem in RULE.findall(index):
        page = f"rules/{stem.replace('_', '-')}.md"
        files.append(File.generated(config, page, content=(ROOT / path).read_text()))
    return files


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Files) -> str:
    """Leads links to the pages of the rules, and those that leave the site to the repository."""
    markdown = RULE.sub(lambda link: f"(rules/{link[2].replace('_', '-')}.md)", markdown)
    out = "../" * (page.file.src_uri.count("/") + 1)
    return markdown.replace(f"]({out}", f"]({config['repo_url']}/blob/main/")
