"""The chat client over real sockets: a small server that misbehaves on request."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest

from domain.errors import EngineFailed, EngineSlow
from domain.ports import ChatMessage
from engines.openai_llm import OpenAiModel
from tests.engines.model_server import DONE, HEAD, Script, event, serving

QUESTION = [ChatMessage("user", "hello")]


async def said(model: OpenAiModel, **options: object) -> list[str]:
    return [piece async for piece in model.complete(QUESTION, **options)]  # type: ignore[arg-type]


@pytest.fixture
async def model_for() -> AsyncIterator[Callable[..., OpenAiModel]]:
    made: list[OpenAiModel] = []

    def make(url: str, **options: object) -> OpenAiModel:
        made.append(OpenAiModel(url, "embedded", **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for model in made:
        await model.close()


async def test_pieces_come_as_they_are_written(model_for):
    script = Script([HEAD, event("Hel"), event("lo"), DONE])
    async with serving(script) as url:
        assert await said(model_for(url)) == ["Hel", "lo"]
    request = script.requests[0]
    assert request["messages"] == [{"role": "user", "content": "hello"}]
    assert request["temperature"] == 0
    assert request["stream"] is True


async def test_a_schema_is_sent_the_way_that_both_servers_understand(model_for):
    script = Script([HEAD, event("{}"), DONE])
    schema = {"type": "object"}
    async with serving(script) as url:
        await said(model_for(url), schema=schema, max_tokens=7)
    assert script.requests[0]["response_format"]["json_schema"]["schema"] == schema
    assert script.requests[0]["max_tokens"] == 7


async def test_fields_of_llama_cpp_are_only_sent_to_llama_cpp(model_for):
    plain, llama = Script([HEAD, event("x"), DONE]), Script([HEAD, event("x"), DONE])
    async with serving(plain) as url:
        await said(model_for(url, api_key="k"))
    async with serving(llama) as url:
        await said(model_for(url, llama_server=True))
    assert "cache_prompt" not in plain.requests[0]
    assert llama.requests[0]["cache_prompt"] is True
    assert "authorization: bearer k" in plain.headers[0].lower()
    assert "authorization" not in llama.headers[0].lower()


async def test_a_letter_cut_in_two_chunks_stays_whole(model_for):
    whole = event("مرحبا")
    cut = whole.index("ر".encode()) + 1
    async with serving(Script([HEAD, whole[:cut], whole[cut:], DONE])) as url:
        assert "".join(await said(model_for(url))) == "مرحبا"


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"], id="500"),
        pytest.param([b"HTTP/1.1 503 Loading\r\nContent-Length: 0\r\n\r\n"], id="still loading"),
        pytest.param([HEAD, b"<html><body>Bad gateway</body></html>\n"], id="a page"),
        pytest.param([HEAD, b"data: {not json\n\n"], id="not json"),
        pytest.param([HEAD, b"data: []\n\n"], id="wrong shape"),
        pytest.param([HEAD, b'data: {"choices": [7]}\n\n'], id="wrong choice"),
        pytest.param([HEAD, b'data: {"error": {"message": "no"}}\n\n'], id="error event"),
        pytest.param([HEAD, b"data: \xff\xfe\n\n"], id="invalid utf-8"),
        pytest.param([HEAD, event("cut")], id="cut off"),
        pytest.param([HEAD, b"x" * (1 << 21)], id="endless line"),
        pytest.param([b"\x00\x01garbage\r\n\r\n"], id="not http"),
        pytest.param([], id="closed at once"),
    ],
)
async def test_bad_answers_are_failures_of_the_stage(chunks, model_for):
    async with serving(Script(chunks)) as url:
        with pytest.raises(EngineFailed) as failure:
            await said(model_for(url))
    assert failure.value.stage == "llm"
    assert "hello" not in str(failure.value)


async def test_nobody_listening_is_a_failure(model_for):
    async with serving(Script()) as url:
        pass
    with pytest.raises(EngineFailed):
        await said(model_for(url))


async def test_a_silent_server_is_slow(model_for):
    script = Script([HEAD], hang=True)
    async with serving(script) as url:
        with pytest.raises(EngineSlow):
            await said(model_for(url, first_token_ms=50))
        await asyncio.wait_for(script.client_left.wait(), 5)


async def test_a_server_that_never_answers_is_slow(model_for):
    async with serving(Script([], hang=True)) as url:
        with pytest.raises(EngineSlow):
            await said(model_for(url, first_token_ms=50))


async def test_an_answer_that_stalls_is_slow_after_its_pieces(model_for):
    async with serving(Script([HEAD, event("one")], hang=True)) as url:
        pieces = model_for(url, total_ms=1_000).complete(QUESTION)
        assert await anext(pieces) == "one"
        with pytest.raises(EngineSlow):
            await anext(pieces)


async def test_closing_the_iterator_hangs_up(model_for):
    script = Script([HEAD, event("one")], hang=True)
    async with serving(script) as url:
        async with aclosing(model_for(url).complete(QUESTION)) as pieces:
            assert await anext(pieces) == "one"
        await asyncio.wait_for(script.client_left.wait(), 5)


async def test_cancelling_the_reader_hangs_up(model_for):
    script = Script([HEAD, event("one")], hang=True)
    started = asyncio.Event()

    async def read(model: OpenAiModel) -> None:
        async for _ in model.complete(QUESTION):
            started.set()

    async with serving(script) as url:
        task = asyncio.create_task(read(model_for(url)))
        await asyncio.wait_for(started.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(script.client_left.wait(), 5)


async def test_warming_up_asks_for_one_token(model_for):
    script = Script([HEAD, event("x", finish="length"), b"data: [DONE]\n\n"])
    async with serving(script) as url:
        await model_for(url).warm_up(QUESTION)
    assert script.requests[0]["max_tokens"] == 1
