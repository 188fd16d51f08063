"""Real child processes: crash loops, slow starts, deaf ones, and grandchildren."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from domain.errors import SetupError
from workers.supervise import (
    Command,
    Died,
    Event,
    Paced,
    Part,
    Ready,
    Starting,
    Step,
    Stopped,
    Supervisor,
    program,
    supervisor,
)
from workers.supervise.output import KEPT_FILES, Output
from workers.supervise.part import in_order
from workers.supervise.probes import http_ok, tcp_open

NOTIFY = "from workers.process import notify; notify.ready(); "
FOREVER = "import signal; signal.pause()"


def python(code: str) -> Callable[[], object]:
    return program(sys.executable, "-c", textwrap.dedent(code))


def part(name: str, code: str, **options: object) -> Part:
    return Part(name=name, command=python(code), **options)  # type: ignore[arg-type]


class Told:
    """Remembers what the supervisor told, and lets a test wait for it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = asyncio.Condition()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._task = asyncio.ensure_future(self._wake())

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def until(self, condition: Callable[[list[Event]], bool]) -> None:
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: condition(self.events))

    def names(self, kind: type[Event]) -> list[str]:
        return [event.name for event in self.events if isinstance(event, kind)]


@pytest.fixture
def told() -> Told:
    return Told()


async def test_parts_start_in_order_and_stop_in_reverse(tmp_path: Path, told: Told) -> None:
    done: list[str] = []

    async def migrate() -> None:
        done.append("migrate")

    nodes = [
        part("gateway", NOTIFY + FOREVER, after=("database", "migrate")),
        Step(name="migrate", run=migrate, after=("database",)),
        part("database", NOTIFY + FOREVER),
    ]
    async with Supervisor(nodes, logs_dir=tmp_path, tell=told) as tree:
        await tree.ready()
        pids = tree.pids()
    assert told.names(Starting) == told.names(Ready) == ["database", "migrate", "gateway"]
    assert told.names(Stopped) == ["gateway", "database"]
    assert done == ["migrate"]
    assert not any(psutil.pid_exists(pid) for pid in pids.values())


async def test_independent_parts_start_side_by_side(tmp_path: Path, told: Told) -> None:
    # Each waits for the other's file: one after the other would never be ready.
    meet = """
        import pathlib, sys, time
        pathlib.Path({mine!r}).touch()
        while not pathlib.Path({other!r}).exists(): time.sleep(0.01)
        from workers.process import notify; notify.ready()
        import signal; signal.pause()
    """
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    nodes = [part("a", meet.format(mine=one, other=two)), part("b", meet.format(mine=two, other=one))]
    async with Supervisor(nodes, logs_dir=tmp_path, tell=told) as tree:
        await tree.ready()
    assert sorted(told.names(Ready)) == ["a", "b"]


async def test_a_killed_part_is_started_again_and_said_so(tmp_path: Path, told: Told) -> None:
    async with Supervisor([part("media-1", NOTIFY + FOREVER)], logs_dir=tmp_path, tell=told) as tree:
        await tree.ready()
        first = tree.pids()["media-1"]
        os.kill(first, signal.SIGKILL)
        await told.until(lambda events: sum(isinstance(e, Ready) for e in events) == 2)
        second = tree.pids()["media-1"]
    assert first != second
    assert [e for e in told.events if isinstance(e, Died)] == [Died(name="media-1", how="signal 9", again_in_ms=200)]


async def test_a_crash_loop_at_the_start_is_given_up(
    tmp_path: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.01)
    nodes = [part("broken", "import sys; print('no luck'); sys.exit(3)")]
    with pytest.raises(SetupError, match=r"broken died 5 times while starting \(exit 3\).*broken\.log"):
        async with Supervisor(nodes, logs_dir=tmp_path, tell=told) as tree:
            await tree.ready()
    pauses = [e.again_in_ms for e in told.events if isinstance(e, Died)]
    assert pauses == [10, 20, 40, 80]
    assert (tmp_path / "broken.log").read_text() == "no luck\n" * 5


async def test_bad_configuration_is_not_tried_again(tmp_path: Path, told: Told) -> None:
    nodes = [
        part("steady", NOTIFY + FOREVER),
        part("picky", "import sys; print('loading'); print('HATIF_X is not a number.', file=sys.stderr); sys.exit(78)"),
    ]
    with pytest.raises(SetupError, match=r"^HATIF_X is not a number\.$"):
        async with Supervisor(nodes, logs_dir=tmp_path, tell=told) as tree:
            await tree.ready()
    assert told.names(Died) == []
    assert told.names(Starting).count("picky") == 1


async def test_bad_configuration_later_ends_the_run(tmp_path: Path, told: Told) -> None:
    once = f"""
        import pathlib, sys
        mark = pathlib.Path({str(tmp_path / "mark")!r})
        if mark.exists():
            print("model file is gone")
            sys.exit(78)
        mark.touch()
        {NOTIFY}
        {FOREVER}
    """
    with pytest.raises(SetupError, match="model file is gone"):
        async with Supervisor([part("model", once)], logs_dir=tmp_path, tell=told) as tree:
            await tree.ready()
            os.kill(tree.pids()["model"], signal.SIGKILL)
            await tree.failed()


async def test_a_program_that_is_missing_is_named(tmp_path: Path, told: Told) -> None:
    nodes = [Part(name="temporal", command=program("/no/such/temporal"))]
    with pytest.raises(SetupError, match=r"temporal cannot be started: .*\(/no/such/temporal\)"):
        async with Supervisor(nodes, logs_dir=tmp_path, tell=told) as tree:
            await tree.ready()


async def test_a_failing_step_stops_the_start(tmp_path: Path, told: Told) -> None:
    async def fetch() -> None:
        raise SetupError("The model can't be fetched.")

    nodes = [Step(name="models", run=fetch), part("model", NOTIFY + FOREVER, after=("models",))]
    with pytest.raises(SetupError, match="can't be fetched"):
        async with Supervisor(nodes, logs_dir=tmp_path, tell=told) as tree:
            await tree.ready()
    assert told.names(Starting) == ["models"]


async def test_a_part_that_is_never_ready_is_killed_and_started_again(tmp_path: Path, told: Told) -> None:
    nodes = [part("slow", FOREVER, start_deadline_s=0.3)]
    async with Supervisor(nodes, logs_dir=tmp_path, tell=told):
        await told.until(lambda events: any(isinstance(e, Died) for e in events))
    assert Died(name="slow", how="not ready after 0.3 s", again_in_ms=200) in told.events


async def test_a_deaf_part_is_killed_after_its_grace(tmp_path: Path, told: Told) -> None:
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {NOTIFY} {FOREVER}"
    async with Supervisor([part("deaf", deaf, stop_grace_s=0.3)], logs_dir=tmp_path, tell=told) as tree:
        await tree.ready()
        pid = tree.pids()["deaf"]
    assert not psutil.pid_exists(pid)


async def test_cut_tells_a_draining_part_once_more(tmp_path: Path, told: Told) -> None:
    drains = f"""
        import signal
        asked = []
        def on_term(number, frame):
            asked.append(number)
            if len(asked) == 2:
                print("flushed"); raise SystemExit(0)
            print("draining")
        signal.signal(signal.SIGTERM, on_term)
        {NOTIFY}
        while True: signal.pause()
    """
    log = tmp_path / "media.log"
    async with Supervisor([part("media", drains, stop_grace_s=600)], logs_dir=tmp_path, tell=told) as tree:
        await tree.ready()
        stopping = asyncio.create_task(tree.stop())
        async with asyncio.timeout(30):
            while "draining" not in log.read_text():  # noqa: ASYNC110, another process shows only its log
                await asyncio.sleep(0.01)
        tree.cut()
        await stopping
    assert log.read_text() == "draining\nflushed\n"


async def test_a_part_that_outlives_another_stops_after_it(tmp_path: Path, told: Told) -> None:
    nodes = [part("gateway", NOTIFY + FOREVER, outlives=("media",)), part("media", NOTIFY + FOREVER)]
    async with Supervisor(nodes, logs_dir=tmp_path, tell=told) as tree:
        await tree.ready()
    assert told.names(Stopped) == ["media", "gateway"]


async def test_stopping_during_a_start_leaves_nothing(tmp_path: Path, told: Told) -> None:
    never = asyncio.Event()
    before = set(psutil.Process().children(recursive=True))

    async def wait_for_ever() -> None:
        await never.wait()

    nodes = [
        part("loading", FOREVER),
        Step(name="fetch", run=wait_for_ever),
        part("later", NOTIFY + FOREVER, after=("fetch",)),
    ]
    async with Supervisor(nodes, logs_dir=tmp_path, tell=told) as tree:
        await told.until(lambda events: len(events) == 2)
    assert told.names(Ready) == []
    assert tree.pids() == {}
    assert set(psutil.Process().children(recursive=True)) <= before


async def test_grandchildren_of_a_dead_part_go_with_it(tmp_path: Path, told: Told) -> None:
    with_child = f"""
        import subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        print(child.pid)
        {NOTIFY}
        {FOREVER}
    """
    async with Supervisor([part("parent", with_child)], logs_dir=tmp_path, tell=told) as tree:
        await tree.ready()
        grandchild = psutil.Process(int((tmp_path / "parent.log").read_text()))
        os.kill(tree.pids()["parent"], signal.SIGKILL)
        await told.until(lambda events: any(isinstance(e, Died) for e in events))
        gone, _ = await asyncio.to_thread(psutil.wait_procs, [grandchild], timeout=10)
    assert gone == [grandchild]


async def test_live_calls_are_summed_over_the_parts_and_a_profile_is_told(tmp_path: Path, told: Told) -> None:
    holds = "from workers.process import notify; notify.live_calls({n}); notify.ready(); " + FOREVER
    slow = (
        "from workers.process import notify; notify.live_calls(3); notify.profile('fast'); notify.ready(); " + FOREVER
    )
    nodes = [part("media-1", holds.format(n=2)), part("media-2", slow), part("x", NOTIFY + FOREVER)]
    async with Supervisor(nodes, logs_dir=tmp_path, tell=told) as tree:
        assert tree.live_calls() is None
        await tree.ready()
        assert tree.live_calls() == 5
        assert tree.profiles() == {"media-2": "fast"}
    assert told.names(Paced) == ["media-2"]


TREE = """
import asyncio, pathlib, sys
from workers.supervise import Part, Supervisor, program

CHILD = '''
import pathlib, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
grandchild = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
grandchild.stdout.readline()
print(grandchild.pid)
from workers.process import notify; notify.ready()
while True: signal.pause()
'''

async def main():
    parts = [Part(name="deaf", command=program(sys.executable, "-c", CHILD))]
    logs_dir = pathlib.Path(sys.argv[1])
    async with Supervisor(parts, logs_dir=logs_dir, tell=lambda event: None, orphan_grace_s=0.3) as tree:
        await tree.ready()
        print(tree.pids()["deaf"], flush=True)
        await tree.failed()

asyncio.run(main())
"""


def test_no_process_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", TREE, str(tmp_path)], stdout=subprocess.PIPE, text=True) as tree:
        assert tree.stdout is not None
        child = psutil.Process(int(tree.stdout.readline()))
        family = [
            psutil.Process(int((tmp_path / "deaf.log").read_text())),
            *psutil.Process(tree.pid).children(recursive=True),
        ]
        assert child in family
        tree.kill()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []


async def test_a_command_can_have_an_environment_of_its_own(tmp_path: Path, told: Told) -> None:
    async def command() -> Command:
        show = "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}), os.getcwd()); "
        code = show + "import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); "
        code += "s.sendto(b'READY=1', chr(0) + os.environ['NOTIFY_SOCKET'][1:]); " + FOREVER
        argv = (sys.executable, "-c", code)
        return Command(argv=argv, env={"ONLY": "this"}, inherit_env=False, cwd=tmp_path)

    async with Supervisor([Part(name="p", command=command)], logs_dir=tmp_path, tell=told) as tree:
        await tree.ready()
    assert (tmp_path / "p.log").read_text() == f"['NOTIFY_SOCKET', 'ONLY', 'PYTHONUNBUFFERED'] {tmp_path}\n"


def test_a_log_never_grows_past_its_bound(tmp_path: Path) -> None:
    output = Output(tmp_path / "part.log", max_file_bytes=100)
    for number in range(100):
        output.write(b"line %03d %s\n" % (number, b"x" * 30))
    output.close()
    files = sorted(tmp_path.iterdir())
    assert [f.name for f in files] == ["part.log", *(f"part.log.{n}" for n in range(1, KEPT_FILES + 1))]
    assert all(f.stat().st_size <= 100 for f in files)
    assert output.last_line().startswith("line 099")


def test_one_endless_line_stays_bounded_in_memory(tmp_path: Path) -> None:
    output = Output(tmp_path / "part.log", max_file_bytes=1_000)
    for _ in range(100):
        output.write(b"x" * 10_000)
    output.close()
    assert len(output.last_line()) == 2_000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_does_not_stop_a_part(tmp_path: Path) -> None:
    (tmp_path / "part.log").symlink_to("/dev/full")
    output = Output(tmp_path / "part.log")
    output.write(b"words\n")
    output.close()
    assert output.last_line() == "words"


@pytest.mark.parametrize(
    ("nodes", "sentence"),
    [
        ([part("a", "", after=("b",)), part("b", "", after=("a",))], "a circle among a, b"),
        ([part("a", "", after=("nobody",))], "a names nobody"),
        ([part("a", "", outlives=("nobody",))], "a names nobody"),
        ([part("a", ""), part("a", "")], "two nodes have one name"),
    ],
)
def test_a_graph_that_cannot_work_is_refused(nodes: list[Part | Step], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        in_order(nodes)


@pytest.mark.parametrize(("status", "expected"), [(b"200 OK", True), (b"503 No", False)])
async def test_http_probe(status: bytes, expected: bool) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The probe of the port alone says nothing before it leaves.
        with contextlib.suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 " + status + b"\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await http_ok("127.0.0.1", port, "/healthz")() is expected
        assert await tcp_open("127.0.0.1", port)() is True
