"""The telephony services' end of a call, written from their documentation and not from our server."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import httpx
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.realtime.phone.rtp import TABLES

PUBLIC = "https://voice.test/phone"
TOKEN = "0123456789abcdef0123456789abcdef"
CALLED, CALLER = "+97145550100", "+971501234567"
QUIET = b"\xff" * 160
"""20 ms."""
LOUD = 1_000
LONGEST_S = 30


def signature(token: str, message: str, digest: str) -> str:
    return base64.b64encode(hmac.new(token.encode(), message.encode(), digest).digest()).decode()


@dataclass(kw_only=True)
class Service:
    """One call of a service."""

    port: int
    token: str = TOKEN
    call: str = field(default_factory=lambda: uuid.uuid4().hex)
    name = ""

    def form(self) -> dict[str, str]:
        raise NotImplementedError

    def headers(self, url: str, form: dict[str, str]) -> dict[str, str]:
        raise NotImplementedError

    def start(self, stream: str) -> list[dict[str, Any]]:
        raise NotImplementedError

    async def asks(self, url: str | None = None, **other: str) -> httpx.Response:
        """What it does with a call that comes in, or with one whose stream has ended. `other` fields are not signed."""
        url = url or f"{PUBLIC}/{self.name}"
        form = self.form()
        async with httpx.AsyncClient() as client:
            return await client.post(
                self.here(url), data=form | other, headers=self.headers(url, form), timeout=LONGEST_S
            )

    def here(self, url: str) -> str:
        """Past the proxy that has the certificate."""
        scheme = "ws" if url.startswith("wss:") else "http"
        return url.replace(
            PUBLIC.replace("https", "wss" if scheme == "ws" else "https"), f"{scheme}://127.0.0.1:{self.port}"
        )

    async def told(self, document: httpx.Response) -> tuple[str, str]:
        """The stream's URL, and what is asked when it has ended."""
        assert document.status_code == 200
        response = ElementTree.fromstring(document.text)
        return self.stream_url(response), response.findall("Redirect")[0].text or ""

    def stream_url(self, response: ElementTree.Element) -> str:
        raise NotImplementedError

    async def streams(self, url: str) -> Stream:
        socket = await connect(self.here(url))
        stream = Stream(self, socket, uuid.uuid4().hex)
        for message in self.start(stream.id):
            await stream.send(message)
        return stream

    async def refused(self, url: str) -> int:
        """The status with which a stream is not let in."""
        try:
            await connect(self.here(url))
        except InvalidStatus as error:
            return error.response.status_code
        raise AssertionError("the stream was let in")


class Stream:
    """Plays 20 ms every 20 ms of what it is sent, as a service does."""

    def __init__(self, service: Service, socket: ClientConnection, stream_id: str) -> None:
        self.id = stream_id
        self.socket = socket
        self.cleared = 0
        self.marked = asyncio.Event()
        self.closed = asyncio.Event()
        self.loud = asyncio.Event()
        self.clears = asyncio.Event()
        self._service = service
        self._sequence = 1
        self._hearing = asyncio.create_task(self._hear())

    @property
    def own_port(self) -> int:
        return self.socket.local_address[1]

    async def send(self, message: dict[str, Any]) -> None:
        await self.socket.send(json.dumps(message))

    async def says(self, samples: int, level: int) -> None:
        """A constant level, which no codec and no filter loses."""
        byte = int(np.abs(TABLES["PCMU"].astype(int) - level).argmin())
        for _ in range(0, samples, 160):
            await self.send(self._service_media(bytes([byte]) * 160))

    async def speaks(self, pcm: bytes) -> None:
        """Mono int16 at 8 kHz, as fast as somebody says it."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        levels = np.argsort(TABLES["PCMU"], kind="stable")
        places = np.searchsorted(TABLES["PCMU"][levels], np.frombuffer(pcm, "<i2")).clip(0, 255)
        mu_law = levels[places].astype(np.uint8).tobytes()
        for at in range(0, len(mu_law), 160):
            await self.send(self._service_media(mu_law[at : at + 160]))
            await asyncio.sleep(max(0.0, began_s + (at + 160) / 8_000 - loop.time()))

    async def presses(self, digit: str) -> None:
        self._sequence += 1
        if self._service.name == "twilio":
            await self.send(
                {"event": "dtmf", "streamSid": self.id, "sequenceNumber": str(self._sequence),
                 "dtmf": {"track": "inbound_track", "digit": digit}}
            )  # fmt: skip
        else:
            await self.send(
                {"event": "dtmf", "sequenceNumber": self._sequence, "streamId": self.id,
                 "dtmf": {"track": "inbound", "digit": digit, "timestamp": "1705312200000"}}
            )  # fmt: skip

    async def hangs_up(self) -> None:
        """Twilio says so first."""
        if self._service.name == "twilio":
            await self.send(
                {"event": "stop", "sequenceNumber": "5", "streamSid": self.id,
                 "stop": {"accountSid": "AC1", "callSid": self._service.call}}
            )  # fmt: skip
        await self.socket.close()
        await self._hearing

    async def is_over(self) -> None:
        async with asyncio.timeout(LONGEST_S):
            await self.closed.wait()
        await self._hearing

    def _service_media(self, mu_law: bytes) -> dict[str, Any]:
        self._sequence += 1
        media: dict[str, Any] = {"track": "inbound", "payload": base64.b64encode(mu_law).decode()}
        if self._service.name == "twilio":
            media |= {"chunk": "1", "timestamp": "5"}
            return {"event": "media", "sequenceNumber": str(self._sequence), "streamSid": self.id, "media": media}
        media |= {"chunk": 1, "timestamp": "1705312200000"}
        return {"event": "media", "sequenceNumber": self._sequence, "streamId": self.id, "media": media}

    async def _hear(self) -> None:
        try:
            async for raw in self.socket:
                await self._obey(json.loads(raw))
        except ConnectionClosed:
            pass
        finally:
            self.closed.set()

    async def _obey(self, message: dict[str, Any]) -> None:
        match message:
            case {"event": "media", "streamSid": self.id, "media": {"payload": str(payload), **more}} if not more:
                self._play(payload)
            case {
                "event": "playAudio",
                "media": {"contentType": "audio/x-mulaw", "sampleRate": 8000, "payload": str(payload)},
            }:
                self._play(payload)
            case {"event": "mark", "streamSid": self.id, "mark": {"name": str(name)}}:
                self.marked.set()
                await self.send({"event": "mark", "sequenceNumber": "4", "streamSid": self.id, "mark": {"name": name}})
            case {"event": "checkpoint", "streamId": self.id, "name": str(name)}:
                self.marked.set()
                await self.send({"event": "playedStream", "sequenceNumber": 4, "streamId": self.id, "name": name})
            case {"event": "clear", "streamSid": self.id} | {"event": "clearAudio", "streamId": self.id}:
                self.cleared += 1
                self.clears.set()
            case _:
                raise AssertionError(f"the service knows no such message: {sorted(message)}")

    def _play(self, payload: str) -> None:
        heard = TABLES["PCMU"][np.frombuffer(base64.b64decode(payload, validate=True), np.uint8)]
        assert len(heard) == 160
        if np.abs(heard).max() > LOUD:
            self.loud.set()


class TwilioCall(Service):
    name = "twilio"

    def form(self) -> dict[str, str]:
        return {"CallSid": self.call, "AccountSid": "AC1", "From": CALLER, "To": CALLED, "CallStatus": "ringing",
                "Direction": "inbound", "CallerName": ""}  # fmt: skip

    def headers(self, url: str, form: dict[str, str]) -> dict[str, str]:
        signed = url + "".join(name + form[name] for name in sorted(form))
        return {"X-Twilio-Signature": signature(self.token, signed, "sha1")}

    def stream_url(self, response: ElementTree.Element) -> str:
        return response.findall("Connect/Stream")[0].attrib["url"]

    def start(self, stream: str) -> list[dict[str, Any]]:
        return [
            {"event": "connected", "protocol": "Call", "version": "1.0.0"},
            {
                "event": "start",
                "sequenceNumber": "1",
                "start": {
                    "accountSid": "AC1",
                    "streamSid": stream,
                    "callSid": self.call,
                    "tracks": ["inbound"],
                    "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                    "customParameters": {},
                },
                "streamSid": stream,
            },
        ]


class PlivoCall(Service):
    name = "plivo"

    def form(self) -> dict[str, str]:
        return {"CallUUID": self.call, "From": CALLER[1:], "To": CALLED[1:], "CallStatus": "ringing",
                "Direction": "inbound", "Event": "StartApp"}  # fmt: skip

    def headers(self, url: str, form: dict[str, str]) -> dict[str, str]:
        asked, _, query = url.partition("?")
        fields = "".join(name + form[name] for name in sorted(form))
        signed = f"{asked}?{'&'.join(sorted(query.split('&'))) + '.' if query else ''}{fields}.20571"
        other = signature("the token before it was changed", signed, "sha256")
        return {
            "X-Plivo-Signature-V3": f"{other},{signature(self.token, signed, 'sha256')}",
            "X-Plivo-Signature-V3-Nonce": "20571",
        }

    def stream_url(self, response: ElementTree.Element) -> str:
        (stream,) = response.findall("Stream")
        assert (stream.attrib["bidirectional"], stream.attrib["keepCallAlive"]) == ("true", "true")
        assert stream.attrib["contentType"] == "audio/x-mulaw;rate=8000"
        return (stream.text or "").strip()

    def start(self, stream: str) -> list[dict[str, Any]]:
        return [
            {
                "event": "start",
                "sequenceNumber": 1,
                "start": {
                    "callId": self.call,
                    "streamId": stream,
                    "accountId": "MA1",
                    "tracks": ["inbound"],
                    "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000},
                },
                "extra_headers": "",
            }
        ]
