"""What is called: the product, and the agents by other people's frameworks, each with its language model's server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from engines.model_files import located, verified
from tests.bench.peers import conversation
from tests.bench.peers.environments import ROOT, python_of
from tests.bench.peers.lines import HatifLine, PeerLine
from tests.bench.peers.report import Row
from tests.calls.product import running_product
from tests.conftest import free_port
from workers.settings import Settings

AGENTS = Path(__file__).with_name("agents")
MOCK, EMBEDDED = "mock", "embedded"
LEADS = "model-leads"
"""Hatif's profile in which the model is asked about every question, as by the peers."""
STARTS_S = 120.0
MODEL_SERVER = "workers.model"


@dataclass(frozen=True, slots=True)
class Target:
    open: Callable[[], HatifLine | PeerLine]
    pid: int

    def processes(self) -> list[psutil.Process]:
        """The target's own, without the language model's server: it is the same for all."""
        root = psutil.Process(self.pid)
        family = [root, *root.children(recursive=True)]
        return [process for process in family if MODEL_SERVER not in _command(process)]

    def cpu_s(self) -> float:
        return sum(_asked(lambda process=process: sum(process.cpu_times()[:2])) for process in self.processes())

    def rss_mb(self) -> float:
        return sum(_asked(lambda process=process: process.memory_info().rss) for process in self.processes()) / 2**20


@contextmanager
def model_server(model: str, folder: Path) -> Generator[str]:
    """The address of the mock, or of the product's own model server with the embedded model."""
    port = free_port()
    module = "tests.bench.peers.mock_model" if model == MOCK else MODEL_SERVER
    with _running([sys.executable, "-m", module, "--port", str(port)], port, folder / f"{model}.log"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def hatif(row: Row, llm_url: str | None) -> Generator[Target]:
    """The whole product; without an address it runs its own model server."""
    # The tests' product waits longer for the documents than the product does.
    knowledge_ms: int = Settings.model_fields["knowledge_ms"].default
    extra = {"HATIF_KEPT_SPEECH_MB": "0", "HATIF_KNOWLEDGE_MS": str(knowledge_ms)}
    if llm_url is not None:
        extra |= {"HATIF_LLM_URL": f"{llm_url}/v1", "HATIF_LLM_MODEL": MOCK}
    if row.profile == LEADS:
        extra["HATIF_LLM_LEADS"] = "true"
    with running_product(slots=2, extra=extra) as product:
        yield Target(lambda: HatifLine(product.address, tenant=conversation.SHOP, language="en"), product.pid)


@contextmanager
def peer(row: Row, llm_url: str, folder: Path) -> Generator[Target]:
    """Raises NotInstalled."""
    settings = Settings()
    port = free_port()
    argv = [str(python_of(row.target)), str(AGENTS / f"{row.target}_agent.py"), "--port", str(port)]
    argv += ["--profile", row.profile, "--llm-url", f"{llm_url}/v1", "--llm-model", row.model]
    argv += ["--whisper", str(located(settings.asr_model, settings.models_dir))]
    argv += ["--voice", str(next(verified("piper-en-joe", settings.models_dir).glob("*.onnx")))]
    argv += ["--greeting", conversation.GREETING, "--prompt", conversation.PROMPT]
    _warm(llm_url)
    log = folder / f"{row.name.replace(' ', '-')}.log"
    with _running(argv, port, log, extra={"PYTHONPATH": str(ROOT), "LOGURU_LEVEL": "INFO"}) as process:
        yield Target(lambda: PeerLine(f"http://127.0.0.1:{port}"), process.pid)


def _warm(llm_url: str) -> None:
    """Have the server read the prompt before the call, as Hatif has its own read."""
    messages = [{"role": "system", "content": conversation.PROMPT}, {"role": "user", "content": "Hello."}]
    request = {"model": "any", "messages": messages, "max_tokens": 1, "stream": True}
    httpx.post(f"{llm_url}/v1/chat/completions", json=request, timeout=STARTS_S, trust_env=False).raise_for_status()


@contextmanager
def _running(
    argv: Sequence[str], port: int, log: Path, extra: dict[str, str] | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """A process that answers /health, until the block ends."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HATIF_LLM")}
    with log.open("wb") as output:
        process = subprocess.Popen(argv, cwd=ROOT, env=environment | (extra or {}), stdout=output, stderr=output)
        try:
            _wait_ready(process, port, log)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _wait_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline_s = time.monotonic() + STARTS_S
    while process.poll() is None and time.monotonic() < deadline_s:
        with suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=2, trust_env=False).is_success:
                return
        time.sleep(0.2)
    raise RuntimeError(f"it did not start; {log} says why")


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _asked(of: Callable[[], float]) -> float:
    try:
        return of()
    except psutil.NoSuchProcess:
        return 0.0
