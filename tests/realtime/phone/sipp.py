"""Debian's sipp as the signalling of a caller: scenarios of our own, put together from their messages."""

from __future__ import annotations

import asyncio
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.conftest import free_port

SIPP = shutil.which("sipp")
LAWS = {"PCMU": 0, "PCMA": 8}
LONGEST_S = 60
CALLER = "+971501234567"
EVENTS = "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
REINVITE, REINVITE_ACK = '<recv request="INVITE"/>', '<recv request="ACK"/>'
"""What the stack asks at once when it has answered."""


@dataclass
class Scenario:
    """One call by one codec, whose sound goes to and from `media_port`; each method adds a step."""

    law: str = "PCMA"
    media_port: int = 9
    number: str = "demo"
    events: bool = True
    """Whether it takes keys as events of RTP."""
    edge: bool = False
    """Whether a proxy stands between."""
    steps: list[str] = field(default_factory=list)
    _cseq: int = 0

    def invite(self, direction: str = "sendrecv") -> Self:
        """The first of a call, or a re-INVITE in it."""
        return self._request("INVITE", f"Content-Type: application/sdp\r\n{CONTACT}", self._sdp(direction))

    def answered(self, status: int = 200) -> Self:
        """By this final response to what was sent last."""
        early = '<recv response="100" optional="true"/><recv response="180" optional="true"/>'
        self.steps.append(f'{early}<recv response="{status}" rrs="true"/>')
        return self

    def ack(self) -> Self:
        self._cseq -= 1
        return self._request("ACK")

    def bye(self) -> Self:
        return self._request("BYE")

    def pause(self, ms: int) -> Self:
        self.steps.append(f'<pause milliseconds="{ms}"/>')
        return self

    def established(self, ack_after_ms: int = 0) -> Self:
        """Invited, answered, and asked by the stack's own re-INVITE, which follows at once."""
        self.invite().answered()
        if ack_after_ms:
            self.pause(ack_after_ms)
        self.ack()
        self.steps.append(REINVITE)
        self._respond(f"Content-Type: application/sdp\r\n{CONTACT}", self._sdp("sendrecv"))
        self.steps.append(REINVITE_ACK)
        return self

    def refreshed(self) -> Self:
        """As a session timer of the other side's has it."""
        return self._request("UPDATE", f"Supported: timer\r\nSession-Expires: 90\r\n{CONTACT}").answered()

    def required(self, extension: str) -> Self:
        """A call that can only be answered with this extension of SIP, and is refused for the lack of it."""
        headers = f"Require: {extension}\r\nContent-Type: application/sdp\r\n{CONTACT}"
        return self._request("INVITE", headers, self._sdp("sendrecv")).answered(420).ack()

    def keyed(self, body: str, status: int = 200) -> Self:
        """A key by INFO, or what should be one."""
        return self._request("INFO", "Content-Type: application/dtmf-relay\r\n", body).answered(status)

    def keys_taken(self, keys: str) -> Self:
        """By INFO, each as its own request."""
        for key in keys:
            self.steps.append(
                '<recv request="INFO"><action>'
                f'<ereg regexp="Signal=.?{re.escape(key)}" search_in="body" check_it="true" assign_to="key"/>'
                "</action></recv>"
            )
            self._respond()
        self.steps.append('<Reference variables="key"/>')
        return self

    def hung_up(self) -> Self:
        """By the other side, also while it asks by its own re-INVITE."""
        early = '<recv request="BYE" optional="true" next="1"/>'
        self.steps = [f"{early}{step}" if step in (REINVITE, REINVITE_ACK) else step for step in self.steps]
        self.steps.append('<recv request="BYE"/><label id="1"/>')
        return self._respond()

    def referred(self, status: int, *reported: str) -> Self:
        """Asked by the other side to call somebody else: answered so, and then this was reported, one after another."""
        self.steps.append('<recv request="REFER"/>')
        self._respond(CONTACT, status=status)
        for line in reported:
            state = "active;expires=60" if line.startswith("1") else "terminated;reason=noresource"
            headers = f"Event: refer\r\nSubscription-State: {state}\r\nContent-Type: message/sipfrag;version=2.0\r\n"
            self._request("NOTIFY", headers + CONTACT, f"SIP/2.0 {line}\r\n").answered()
        return self

    async def play(
        self,
        port: int,
        folder: Path,
        source: str = "127.0.0.1",
        transport: str = "u1",
        within_s: float = LONGEST_S,
    ) -> None:
        """Raises AssertionError when the call does not go as written."""
        assert SIPP is not None
        file = folder / f"scenario-{free_port()}.xml"
        file.write_text('<?xml version="1.0"?>\n<scenario name="call">\n' + "\n".join(self.steps) + "\n</scenario>\n")
        process = await asyncio.create_subprocess_exec(
            SIPP, f"127.0.0.1:{port}", "-sf", str(file), "-m", "1", "-i", source, "-p", str(free_port()),
            "-t", transport, "-mp", str(free_port()), "-timeout", f"{within_s:.0f}s", "-timeout_error",
            "-nostdin", "-trace_err", "-trace_msg",
            cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            said, _ = await process.communicate()
        except asyncio.CancelledError:
            process.terminate()
            raise
        if process.returncode != 0:
            raise AssertionError(_told(folder, file.stem) + said.decode(errors="replace")[-1_500:])

    def _request(self, method: str, headers: str = "", body: str = "") -> Self:
        self._cseq += 1
        in_dialogue = "[peer_tag_param]" if self.steps else ""
        # Whatever stands between has recorded itself, and the far end named itself, in the answer.
        target = "[next_url]" if self.edge and self.steps else f"sip:{self.number}@[remote_ip]:[remote_port]"
        headers = f"[routes]\r\n{headers}" if self.edge and self.steps else headers
        return self._send(
            f"{method} {target} SIP/2.0\r\n"
            "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\r\n"
            f"From: <sip:{CALLER}@[local_ip]:[local_port]>;tag=[call_number]\r\n"
            f"To: <sip:{self.number}@[remote_ip]:[remote_port]>{in_dialogue}\r\n"
            f"Call-ID: [call_id]\r\nCSeq: {self._cseq} {method}\r\nMax-Forwards: 70\r\n{headers}",
            body,
        )

    def _respond(self, headers: str = "", body: str = "", status: int = 200) -> Self:
        copied = "[last_Via:]\r\n[last_From:]\r\n[last_To:]\r\n[last_Call-ID:]\r\n[last_CSeq:]\r\n"
        return self._send(f"SIP/2.0 {status} OK\r\n{copied}{headers}", body)

    def _send(self, head: str, body: str) -> Self:
        head = head if head.endswith("\r\n") else f"{head}\r\n"
        message = f"{head}Content-Length: [len]\r\n\r\n{body}".replace("\r\n", "\n")
        self.steps.append(f"<send><![CDATA[\n{message}\n]]></send>")
        return self

    def _sdp(self, direction: str) -> str:
        payload = LAWS[self.law]
        return (
            "v=0\r\no=sipp 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.media_port} RTP/AVP {payload}{' 101' if self.events else ''}\r\n"
            f"a=rtpmap:{payload} {self.law}/8000\r\n"
            f"{EVENTS if self.events else ''}a={direction}\r\n"
        )


def _told(folder: Path, scenario: str) -> str:
    return "".join(log.read_text()[-1_500:] for log in folder.glob(f"{scenario}_*_errors.log"))


CONTACT = "Contact: <sip:sipp@[local_ip]:[local_port]>\r\n"
