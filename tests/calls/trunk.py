"""A trunk of one of the demo companies: Debian's kamailio, at which the product registers and dials one phone."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Generator
from pathlib import Path

from tests.conftest import free_port
from tests.realtime.phone.sip_peer import SipPhone
from tests.realtime.phone.test_sip_scenarios import KAMAILIO
from tests.realtime.phone.test_trunks import REGISTRAR

USER, PASSWORD = "trunk", "right password"
TRUNKS = """
[[trunk]]
tenant = "{tenant}"
registrar = "127.0.0.1:{port}"
user = "{user}"
password_file = "password"
countries = ["AE"]
calls_per_hour = 1000
"""


def installed() -> bool:
    return SipPhone.installed() and Path(KAMAILIO).exists()


@contextlib.contextmanager
def trunk_to(phone: int, folder: Path, tenant: str = "demo-shop") -> Generator[dict[str, str]]:
    """While it is there, every number of the Emirates is the phone at this port; what the product is told of it."""
    port = free_port()
    (folder / "password").write_text(PASSWORD)
    (folder / "trunks.toml").write_text(TRUNKS.format(tenant=tenant, port=port, user=USER))
    kamailio = subprocess.Popen(
        [
            KAMAILIO, "-f", str(REGISTRAR), "-DD", "-E", "-Y", str(folder), "-P", str(folder / "pid"),
            "-A", f"LISTEN=udp:127.0.0.1:{port}", "-A", f'PEER="127.0.0.1:{phone}"',
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield {"HATIF_SIP_TRUNKS": str(folder / "trunks.toml")}
    finally:
        kamailio.terminate()
        kamailio.wait()
