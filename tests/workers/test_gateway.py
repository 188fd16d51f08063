"""The gateway as a process: how it starts, what it refuses to start with, what it logs, and how it stops."""

import asyncio
import datetime
import ipaddress
import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from domain.errors import SetupError
from tests.conftest import free_port
from workers.gateway import gateway_config, serve
from workers.process.serving import listening_socket
from workers.settings import Settings

STARTS_WITHIN_S = 60


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for 127.0.0.1 and its key, as files."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"


class Process:
    """`python -m workers.gateway`, its notices to a supervisor, and its log."""

    def __init__(self, data_dir, **settings):
        self.port = free_port()
        self.data_dir = data_dir
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.bind(str(data_dir / "notify"))
        self._notices.settimeout(STARTS_WITHIN_S)
        told = {
            "data_dir": data_dir,
            "gateway_port": self.port,
            # Nobody listens there: the gateway starts all the same.
            "database_url": f"postgresql+asyncpg://hatif_app:x@127.0.0.1:{free_port()}/hatif",
            "temporal_address": f"127.0.0.1:{free_port()}",
            **settings,
        }
        environment = {f"HATIF_{name.upper()}": str(value) for name, value in told.items()}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workers.gateway"],
            env={**os.environ, **environment, "NOTIFY_SOCKET": str(data_dir / "notify")},
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def until_ready(self):
        assert self._notices.recv(1000) == b"READY=1"
        return self

    def end(self, by=signal.SIGTERM) -> tuple[int, str]:
        """The exit status and everything it logged."""
        self._process.send_signal(by)
        return self.wait()

    def wait(self) -> tuple[int, str]:
        _, log = self._process.communicate(timeout=STARTS_WITHIN_S)
        return self._process.returncode, log

    def close(self):
        self._notices.close()
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@pytest.fixture
def start(tmp_path):
    started = []

    def begin(**settings) -> Process:
        started.append(Process(tmp_path, **settings))
        return started[-1]

    yield begin
    for process in started:
        process.close()


@pytest.mark.servers
def test_it_starts_without_its_servers_says_so_and_stops_when_told(start):
    process = start().until_ready()
    url = f"http://127.0.0.1:{process.port}"
    assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
    unready = httpx.get(f"{url}/readyz", timeout=20)
    assert unready.json()["detail"] == "Not ready: Postgres and Temporal can't be reached."
    assert "server" not in unready.headers
    secret = "a-secret-in-a-header"
    httpx.get(f"{url}/v1/me?also={secret}", headers={"Authorization": f"Bearer {secret}"})
    httpx.post(f"{url}/v1/auth/login", json={"tenant": secret, "email": secret, "password": secret}, timeout=20)
    status, log = process.end()
    assert status == 0
    lines = [json.loads(line) for line in log.splitlines()]
    routes = [line["route"] for line in lines if line["event"] == "request"]
    assert routes == ["/healthz", "/readyz", "/v1/me", "/v1/auth/login"]
    assert secret not in log
    key = process.data_dir / "keys" / "token-signing.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.servers
def test_with_a_certificate_it_speaks_tls(start, certificate):
    cert, key = certificate
    process = start(host="0.0.0.0", tls_cert=cert, tls_key=key).until_ready()
    trusting = ssl.create_default_context(cafile=str(cert))
    answer = httpx.get(f"https://127.0.0.1:{process.port}/healthz", verify=trusting)
    assert answer.status_code == 200
    assert "max-age" in answer.headers["strict-transport-security"]
    assert process.end(signal.SIGINT)[0] == 0


def refused(process: Process) -> str:
    """The one sentence of a gateway that does not start."""
    status, log = process.wait()
    assert status == os.EX_CONFIG
    assert len(log.splitlines()) == 1
    return log


@pytest.mark.servers
def test_it_listens_to_the_network_only_with_tls(start):
    assert "only with TLS: set HATIF_TLS_CERT and HATIF_TLS_KEY" in refused(start(host="0.0.0.0"))


async def test_a_taken_port_is_a_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=f"can't listen on 127.0.0.1:{port}: Address already in use"):
            await serve(Settings(data_dir=tmp_path, gateway_port=port))


async def test_a_broken_signing_key_is_a_sentence(tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "token-signing.pem").write_text("broken")
    with pytest.raises(SetupError, match="is not a private key"):
        await serve(Settings(data_dir=tmp_path, gateway_port=free_port()))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"host": "::"}, "only with TLS"),
        ({"tls_cert": "cert.pem"}, "needs both"),
        ({"tls_cert": "/nowhere/c.pem", "tls_key": "/nowhere/k.pem"}, "No such file"),
        ({"tls_cert": __file__, "tls_key": __file__}, "can't be used for TLS"),
        ({"ice_servers": "{"}, "is not JSON"),
        ({"ice_servers": '{"urls": "stun:a"}'}, "must be a list"),
        ({"ice_servers": '[{"url": "stun:a"}]'}, "at least urls"),
        ({"public_origins": "voice.example"}, "is not an origin"),
        ({"temporal_ui_origins": "https://t.example/ui"}, "is not an origin"),
    ],
)
def test_settings_that_can_not_be_served_are_a_sentence(settings, says):
    with pytest.raises(SetupError, match=says):
        gateway_config(Settings(**settings))


def test_where_browsers_reach_us():
    config = gateway_config(Settings(gateway_port=9000, temporal_ui_port=9001))
    assert "http://localhost:9000" in config.own_origins
    assert "http://127.0.0.1:9001" in config.codec_origins
    assert not config.tls
    proxied = gateway_config(Settings(public_origins="https://Voice.example/, https://b.example"))
    assert proxied.own_origins == {"https://voice.example", "https://b.example"}
    assert proxied.tls


def test_a_certificate_and_a_foreign_key_do_not_fit(certificate, tmp_path):
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "other.pem").write_bytes(other)
    with pytest.raises(SetupError, match="can't be used for TLS"):
        gateway_config(Settings(tls_cert=certificate[0], tls_key=tmp_path / "other.pem"))


def test_an_address_that_is_not_this_machines():
    with pytest.raises(SetupError, match=r"can't listen on 192\.0\.2\.1"):
        listening_socket("The gateway", "192.0.2.1", 0)


async def test_answers_do_not_wait_for_acknowledgements():
    """Nagle's algorithm is off on every connection, which asyncio does only for sockets of a named protocol."""
    accepted = asyncio.get_running_loop().create_future()
    server = await asyncio.start_server(
        lambda _, writer: accepted.set_result(writer), sock=listening_socket("The gateway", "127.0.0.1", 0)
    )
    async with server:
        _, client = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer = await accepted
        assert writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()
        client.close()
