"""Tools: those that every agent has, and those that the administrator's own tenant added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from domain.acting.assurance import Assurance
from domain.acting.tenant_tool import MOST_TOOLS, NAME, TenantTool, told
from domain.acting.tool_server import ToolServer
from domain.errors import NotFound, Rejected, Unavailable
from domain.speech import Language
from domain.tenant import Words
from gateway.access import Admin
from gateway.body import Body
from gateway.deps import Deps
from gateway.problems import Problem
from gateway.team.words import BothNames, Sentence
from tools.built_in import BUILT_IN, NAMES
from tools.references import inlined

router = APIRouter(prefix="/v1/tools")

Name = Annotated[str, Path(pattern=NAME.pattern)]


class Sentences(Body):
    en: Sentence
    ar: Sentence

    def words(self) -> Words:
        return {Language.EN: self.en, Language.AR: self.ar}


Asked = Annotated[list[Sentence], Field(min_length=1, max_length=10)]


class Examples(Body):
    en: Asked
    ar: Asked


Proof = Annotated[str, Field(min_length=1, max_length=40)] | None
Timeout = Annotated[int, Field(ge=200, le=5_000)]
ToolSecret = Annotated[str, Field(min_length=1, max_length=4_000)] | None


class ToolAsked(Body):
    about: BothNames
    method: Literal["GET", "POST"]
    url: Annotated[str, Field(min_length=1, max_length=500)]
    input: dict[str, Any]
    output: dict[str, Any]
    answer: Sentences
    examples: Examples
    asks: Annotated[dict[str, Sentences], Field(max_length=24)] = Field(default_factory=dict[str, Sentences])
    assurance: Literal["nothing", "second_fact"] = "nothing"
    proof: Proof = None
    timeout_ms: Timeout = 3_000
    secret: ToolSecret = None
    keep_secret: bool = True
    enabled: bool = True


class ToolTried(Body):
    input: dict[str, Any] = Field(default_factory=dict[str, Any])


@router.get("")
async def listed(admin: Admin, deps: Deps) -> dict[str, Any]:
    own = await deps.tools.all(admin.tenant_id)
    return {"built_in": [tool.shown() for tool in BUILT_IN], "own": [shown(tool) for tool in own]}


@router.put("/{name}")
async def save(name: Name, asked: ToolAsked, admin: Admin, deps: Deps) -> dict[str, Any]:
    there = {tool.name: tool for tool in await deps.tools.all(admin.tenant_id)}
    refuse_name(name, there)
    if name in there and there[name].server is not None:
        raise Problem(409, "name_taken", "Another tool has that name.")
    if (asked.assurance != "nothing") != (asked.proof is not None):
        raise Problem(422, "invalid", "A tool with assurance names its proof, and one without has none.")
    earlier = there.get(name)
    kept = token_stays(earlier, asked.url, asked.keep_secret)
    tool = TenantTool(
        name=name,
        about=asked.about.words(),
        method=asked.method,
        url=asked.url,
        takes=inlined(asked.input, "input"),
        gives=inlined(asked.output, "output"),
        answer=asked.answer.words(),
        examples={Language.EN: tuple(asked.examples.en), Language.AR: tuple(asked.examples.ar)},
        asks={field: question.words() for field, question in asked.asks.items()},
        assurance=Assurance(asked.assurance),
        proof=asked.proof,
        timeout_ms=asked.timeout_ms,
        has_secret=kept,
        enabled=asked.enabled,
    )
    try:
        deps.tool_runner.check(tool)
    except Rejected as rejected:
        raise Problem(422, "bad_address", str(rejected)) from rejected
    await deps.tools.save(admin.tenant_id, tool, asked.secret)
    await deps.audit.record(admin.tenant_id, admin.user_id, "tool_saved", name, {})
    return {"tool": shown(replace(tool, has_secret=kept or asked.secret is not None))}


@router.delete("/{name}", status_code=204)
async def remove(name: Name, admin: Admin, deps: Deps) -> None:
    if not await deps.tools.remove(admin.tenant_id, name):
        raise _no_tool()
    await deps.audit.record(admin.tenant_id, admin.user_id, "tool_removed", name, {})


@router.post("/{name}/test")
async def tried(name: Name, asked: ToolTried, admin: Admin, deps: Deps) -> dict[str, Any]:
    """The address's own answer of this moment."""
    tool = next((tool for tool in await deps.tools.all(admin.tenant_id) if tool.name == name), None)
    if tool is None:
        raise _no_tool()
    if tool.writes:
        raise Problem(409, "has_effect", "This tool has an effect: a try would really do it.")
    await deps.audit.record(admin.tenant_id, admin.user_id, "tool_tried", name, {})
    try:
        output = await deps.tool_runner.run(admin.tenant_id, tool, asked.input)
    except (NotFound, Rejected, Unavailable) as error:
        return {"works": False, "trouble": {"code": _code_of(error), "text": str(error)}}
    said = {language.value: text for language, text in told(tool, output).items()}
    return {"works": True, "output": output, "said": said}


def token_stays(earlier: TenantTool | ToolServer | None, url: str, keep: bool) -> bool:
    """A token goes to the address that it was given for: another address needs it again."""
    return earlier is not None and earlier.has_secret and keep and earlier.url == url


def refuse_name(name: str, there: Mapping[str, TenantTool]) -> None:
    """Raises a Problem for a name that no tool of a tenant's own may have."""
    if name in NAMES:
        raise Problem(409, "built_in", "A built-in tool has that name.")
    if name not in there and len(there) >= MOST_TOOLS:
        raise Problem(409, "too_many_tools", f"There may be at most {MOST_TOOLS} tools of one's own.")


def _code_of(error: NotFound | Rejected | Unavailable) -> str:
    match error:
        case NotFound():
            return "not_found"
        case Rejected():
            return "rejected"
        case Unavailable():
            return "unavailable"


def shown(tool: TenantTool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "about": _by_code(tool.about),
        "method": tool.method,
        "url": tool.url,
        "input": dict(tool.takes),
        "output": dict(tool.gives),
        "answer": _by_code(tool.answer),
        "examples": {language.value: list(texts) for language, texts in tool.examples.items()},
        "asks": {field: _by_code(question) for field, question in tool.asks.items()},
        "effect": "write" if tool.writes else "read",
        "assurance": tool.assurance,
        "proof": tool.proof,
        "timeout_ms": tool.timeout_ms,
        "has_secret": tool.has_secret,
        "enabled": tool.enabled,
        "server": tool.server,
        "remote": tool.remote,
        "approved": tool.approved,
        "idempotent": tool.idempotent,
        "needs_advisor": tool.needs_advisor,
        "reference": tool.reference,
        "off_because": tool.off_because,
    }


def _by_code(words: Words) -> dict[str, str]:
    return {language.value: text for language, text in words.items()}


def _no_tool() -> Problem:
    return Problem(404, "not_found", "There is no such tool.")
