"""What `hatif kb` does: documents put, watched, removed and searched, through the store, Temporal and the process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from domain.errors import EngineError, Refused, SetupError, Unavailable
from domain.knowledge.document import SETTLED, Document, DocumentState
from domain.knowledge.judging import RELEVANT
from domain.knowledge.kinds import SUFFIXES, upload_of
from domain.knowledge.problems import UnreadableDocument, sentence
from domain.speech import Language
from storage.documents import PostgresDocuments
from workers.commands.calls import PLAIN_WIDTH, when
from workers.commands.store import opened
from workers.knowledge.access import knowledge_of
from workers.knowledge.api import shown as shown_passage
from workers.settings import Settings
from workflows.codec import EncryptionCodec
from workflows.converter import connect
from workflows.ingests import Ingests

LOOK_S = 0.3
"""Between two looks at how far a document is."""
SEARCH_MS = 5_000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    tenant_id: str
    documents: PostgresDocuments
    ingests: Ingests


@contextlib.asynccontextmanager
async def _shelf(settings: Settings, tenant: str) -> AsyncGenerator[_Shelf]:
    """Raises SetupError where the product does not run, Refused for an unknown tenant."""
    async with opened(settings, tenant) as store:
        codec = EncryptionCodec(store.keys)
        try:
            client = await connect(settings.temporal_address, settings.temporal_namespace, codec)
        except RuntimeError as error:
            raise SetupError("Temporal does not answer: start the product with hatif up.") from error
        try:
            yield _Shelf(tenant_id=next(iter(store.tenants)), documents=store.documents, ingests=Ingests(client, codec))
        except Unavailable as error:
            raise SetupError(f"{error}; start the product with hatif up.") from error


def add(settings: Settings, tenant: str, paths: Sequence[Path], *, wait: bool, quiet: bool) -> tuple[list[Row], bool]:
    """The documents as they ended, and whether one of the files is none. Raises SetupError, Refused."""
    return asyncio.run(_add(settings, tenant, _files(paths), wait, Console(quiet=quiet, highlight=False)))


def _files(paths: Sequence[Path]) -> list[Path]:
    """Files in folders only with an end that we know; those named one by one as they are."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (file for file in sorted(path.rglob("*")) if file.suffix.lstrip(".").lower() in SUFFIXES)
            found += [file for file in inside if file.is_file()]
        elif path.is_file():
            found.append(path)
        else:
            raise Refused("no_such_file", f"There is no file {path}.")
    if not found:
        raise Refused("no_such_file", "There is no document in these folders.")
    return found


async def _add(
    settings: Settings, tenant: str, files: Sequence[Path], wait: bool, console: Console
) -> tuple[list[Row], bool]:
    rows: list[Row] = []
    failed = False
    async with _shelf(settings, tenant) as shelf:
        begun: list[Document] = []
        for file in files:
            try:
                upload = upload_of(file.name, await asyncio.to_thread(file.read_bytes))
            except UnreadableDocument as unreadable:
                failed = True
                console.print(f"✗ {file.name}: {_both(unreadable.code)}")
                rows.append({"name": file.name, "state": "refused", "problem": unreadable.code})
                continue
            document, new = await shelf.documents.put(shelf.tenant_id, upload)
            if not new and document.state is DocumentState.READY:
                console.print(f"= {file.name}: known already, as {document.name}")
            await shelf.ingests.begin(document)
            begun.append(document)
        ended = await _watch(shelf, begun, console) if wait else begun
    rows += [_row(document) for document in ended]
    return rows, failed or any(document.state is DocumentState.FAILED for document in ended)


async def _watch(shelf: _Shelf, begun: Sequence[Document], console: Console) -> list[Document]:
    """Until each is ready or has failed; one that is removed meanwhile is left out."""
    bars = Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"), console=console)
    ended: list[Document] = []
    # Without a terminal the bars would be printed once, when all is done.
    with bars if console.is_terminal else contextlib.nullcontext():
        tasks = {each.document_id: bars.add_task(each.name, total=1.0, state=each.state.value) for each in begun}
        waiting = list(tasks)
        while waiting:
            for document_id in list(waiting):
                document = await shelf.documents.document(shelf.tenant_id, document_id)
                if document is None:
                    waiting.remove(document_id)
                    continue
                bars.update(tasks[document_id], completed=document.progress, state=document.state.value)
                if document.state in SETTLED:
                    waiting.remove(document_id)
                    ended.append(document)
                    console.print(_ending(document))
            if waiting:
                await asyncio.sleep(LOOK_S)
    return ended


def _ending(document: Document) -> str:
    if document.problem is not None:
        return f"✗ {document.name}: {_both(document.problem)}"
    return f"✓ {document.name}: {document.chunks_total} passages"


def _both(code: str) -> str:
    return " ".join(sentence(code, language) for language in Language)


def listed(settings: Settings, tenant: str) -> list[Row]:
    """Raises SetupError, Refused."""

    async def rows() -> list[Row]:
        async with opened(settings, tenant) as store:
            return [_row(each) for each in await store.documents.listed(next(iter(store.tenants)))]

    return asyncio.run(rows())


def table(rows: Sequence[Row]) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    if not rows:
        console.print("There are no documents yet: hatif kb add PATH…")
        return
    made = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("name", "state", "passages", "pages", "language", "uploaded", "id"):
        made.add_column(heading, no_wrap=heading != "state")
    for row in rows:
        state = row["state"] if row["problem"] is None else f"{row['state']}: {_both(row['problem'])}"
        if row["state"] == DocumentState.INDEXING:
            state += f" {row['chunks_done']} of {row['chunks_total']}"
        texts = [row["name"], state, row["chunks_total"], row["pages"], row["language"], when(row["uploaded_at"])]
        made.add_row(*("" if text is None else str(text) for text in (*texts, row["id"])))
    console.print(made)


def remove(settings: Settings, tenant: str, wanted: Sequence[str]) -> list[str]:
    """The names. Raises Refused for a document that isn't there, before anything is removed."""
    return asyncio.run(_remove(settings, tenant, wanted))


async def _remove(settings: Settings, tenant: str, wanted: Sequence[str]) -> list[str]:
    async with _shelf(settings, tenant) as shelf:
        there = await shelf.documents.listed(shelf.tenant_id)
        by_word = {word: document for document in there for word in (document.document_id, document.name)}
        if unknown := [word for word in wanted if word not in by_word]:
            raise Refused("unknown_document", f"There is no document {unknown[0]}; hatif kb list shows them.")
        removed: list[str] = []
        for word in wanted:
            going = await shelf.documents.remove(shelf.tenant_id, by_word[word].document_id)
            if going is not None:
                await shelf.ingests.begin(going)
                removed.append(going.name)
    return removed


def search(settings: Settings, tenant: str, question: str, limit: int) -> list[Row]:
    """Raises SetupError where the knowledge process does not answer, Refused for an unknown tenant."""
    return asyncio.run(_search(settings, tenant, question, limit))


async def _search(settings: Settings, tenant: str, question: str, limit: int) -> list[Row]:
    if not question.strip():
        raise Refused("no_question", "Give a question to search for.")
    async with opened(settings, tenant) as store:
        knowledge = knowledge_of(settings)
        try:
            found = await knowledge.search(next(iter(store.tenants)), question, limit=limit, deadline_ms=SEARCH_MS)
        except EngineError as error:
            raise SetupError("The knowledge process does not answer: start the product with hatif up.") from error
        finally:
            await knowledge.close()
    return [{**shown_passage(passage), "source": passage.source} for passage in found]


def tell(found: Sequence[Row]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    if not found:
        console.print("Nothing was found; hatif kb list shows what is there.")
    for row in found:
        mark = "✓" if row["score"] >= RELEVANT else "·"
        console.print(f"{mark} {row['score']:.2f}  {row['answer']}", markup=False)
        console.print(f"         {row['source']}", style="dim", markup=False)
    if found and found[0]["score"] < RELEVANT:
        console.print("None is sure enough: the agent would say that it does not know.")


def _row(document: Document) -> Row:
    return {
        "id": document.document_id,
        "name": document.name,
        "state": document.state.value,
        "problem": document.problem,
        "chunks_done": document.chunks_done,
        "chunks_total": document.chunks_total,
        "pages": document.pages,
        "language": document.language,
        "uploaded_at": document.uploaded_at,
    }
