"""The built pages: hashed assets for ever, `index.html` for every address that the pages route themselves."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter, Depends
from starlette.responses import FileResponse, HTMLResponse, Response

from gateway.access import Public
from gateway.deps import Deps
from gateway.problems import ANY_PAGE, Problem

router = APIRouter()

HASHED = re.compile(r".*-[A-Za-z0-9_-]{8,}\.[a-z0-9]+")
"""Vite's names: index-BfK3x9Qa.js."""
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"

NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Hatif</title>
<h1>The pages are not built</h1><p>Run <code>make web</code>, then reload. The API works without them.</p></html>
"""


@router.api_route(
    ANY_PAGE,
    methods=["GET", "HEAD"],
    dependencies=[Depends(Public("the pages; what they show they ask for with a token"))],
)
async def page(path: str, deps: Deps) -> Response:
    if path.partition("/")[0] == "v1":
        raise Problem(404, "not_found", "There is nothing here under that address.")
    root = deps.config.pages_dir.resolve()
    file = _file(root, path)
    if file is not None:
        keep = path.startswith("assets/") and HASHED.fullmatch(file.name) is not None
        return FileResponse(file, headers={"Cache-Control": FOR_EVER if keep else ASK_AGAIN})
    if path != "index.html" and "." in path.rpartition("/")[2]:
        raise Problem(404, "not_found", "There is no such file.")
    index = root / "index.html"
    if not index.is_file():
        return HTMLResponse(NOT_BUILT, 503, {"Cache-Control": "no-store"})
    return FileResponse(index, headers={"Cache-Control": ASK_AGAIN})


def _file(root: Path, path: str) -> Path | None:
    """The file under `root`, or None: also for anything that would leave it, by dots or by a link."""
    if not path or "\0" in path:
        return None
    try:
        file = (root / path).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None
    except (OSError, ValueError):
        return None
