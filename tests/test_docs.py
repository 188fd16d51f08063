"""What the documentation points at is there: files, headings, and settings by their names."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from tests.test_architecture import ROOT, relative, tracked
from workers.settings import Settings

PAGES = [path for path in tracked() if path.suffix == ".md"]
LINK = re.compile(r"\]\(([^()\s]+)\)")
MENTIONED = re.compile(r"(?<![\w/.-])docs/[\w./-]+\.md\b")
SETTING = re.compile(r"\bHATIF_(?!TEST_)([A-Z][A-Z0-9_]*[A-Z0-9])\b")


def without_code(text: str) -> str:
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)


@cache
def headings(page: Path) -> frozenset[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", without_code(page.read_text()), flags=re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles)


def leads_nowhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent.joinpath(name).resolve() if name else page
    return not target.exists() or bool(anchor and target.suffix == ".md" and anchor not in headings(target))


def test_links_between_pages_lead_somewhere() -> None:
    links = [(page, link) for page in PAGES for link in LINK.findall(without_code(page.read_text()))]
    own = [(page, link) for page, link in links if not re.match(r"[a-z]+:", link)]
    assert len(own) > 50
    assert [f"{relative(page)}: {link}" for page, link in own if leads_nowhere(page, link)] == []


def test_pages_that_code_and_configuration_name_are_there() -> None:
    files = [path for path in tracked() if path.suffix in {".py", ".md", ".toml", ".conf", ".cfg", ".xml", ".lua"}]
    named = [(path, name) for path in files for name in MENTIONED.findall(path.read_text())]
    assert [f"{relative(path)}: {name}" for path, name in named if not (ROOT / name).is_file()] == []


def test_settings_that_pages_name_exist() -> None:
    known = {name.upper() for name in Settings.model_fields}
    named = {(relative(page), name) for page in PAGES for name in SETTING.findall(page.read_text())}
    assert len(named) > 50
    assert sorted(f"{page}: HATIF_{name}" for page, name in named if name not in known) == []
