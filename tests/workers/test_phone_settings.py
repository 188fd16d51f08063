"""What an operator writes about phones: read, or refused in one sentence that names the setting."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from domain.errors import Refused, SetupError
from domain.outbound.dialling import DialLimits, NumberFacts
from realtime.streams.server import StreamServer
from workers.phone.exchanges import exchanges_by_port
from workers.phone.number_plan import every_writing, facts_of
from workers.phone.streams import stream_server
from workers.phone.trunks import trunk_entries
from workers.settings import (
    Settings,
    audiosocket_ports,
    phone_networks,
    rtp_port_range,
    sip_codec_list,
    sip_number_list,
    stream_number_list,
)


def test_lists_are_read() -> None:
    assert audiosocket_ports("9092=demo-shop, 9093 = demo-clinic,") == {9092: "demo-shop", 9093: "demo-clinic"}
    assert sip_number_list("demo=demo-shop,+97145550100=demo-clinic") == {
        "demo": "demo-shop",
        "+97145550100": "demo-clinic",
    }
    assert phone_networks("10.0.0.0/8, ::1") == [ip_network("10.0.0.0/8"), ip_network("::1/128")]
    assert stream_number_list("+97145550100=demo-shop") == {"97145550100": "demo-shop"}
    assert rtp_port_range("10000-10127", 16) == (10_000, 10_127)
    assert sip_codec_list("opus,pcma ") == ("opus", "pcma")
    assert audiosocket_ports("") == stream_number_list("") == sip_number_list(" ") == {}


@pytest.mark.parametrize(
    ("read", "wrong", "setting"),
    [
        (audiosocket_ports, "9092", "HATIF_AUDIOSOCKET"),
        (audiosocket_ports, "0=demo-shop", "HATIF_AUDIOSOCKET"),
        (audiosocket_ports, "٩=demo-shop", "HATIF_AUDIOSOCKET"),
        (audiosocket_ports, "9092=a, 9092=b", "HATIF_AUDIOSOCKET"),
        (sip_number_list, "demo", "HATIF_SIP_NUMBERS"),
        (sip_number_list, "a@b=demo-shop", "HATIF_SIP_NUMBERS"),
        (sip_number_list, 'x";y=demo-shop', "HATIF_SIP_NUMBERS"),
        (sip_number_list, "demo=a,demo=b", "HATIF_SIP_NUMBERS"),
        (stream_number_list, "97145550100=demo-shop", "HATIF_STREAMS_NUMBERS"),
        (stream_number_list, "+97145550100", "HATIF_STREAMS_NUMBERS"),
        (sip_codec_list, "", "HATIF_SIP_CODECS"),
        (sip_codec_list, "opus, g722", "HATIF_SIP_CODECS"),
        (sip_codec_list, "pcma, pcma", "HATIF_SIP_CODECS"),
        (lambda ports: rtp_port_range(ports, 1), "10000", "HATIF_SIP_RTP_PORTS"),
        (lambda ports: rtp_port_range(ports, 1), "10001-10999", "HATIF_SIP_RTP_PORTS"),
        (lambda ports: rtp_port_range(ports, 1), "10998-10000", "HATIF_SIP_RTP_PORTS"),
        (lambda ports: rtp_port_range(ports, 1), "64000-70000", "HATIF_SIP_RTP_PORTS"),
        (lambda ports: rtp_port_range(ports, 16), "10000-10126", "128 ports or more"),
        (phone_networks, "10.0.0.1/8", "HATIF_PHONE_SOURCES"),
        (phone_networks, "pbx.example.com", "HATIF_PHONE_SOURCES"),
    ],
)
def test_what_is_wrong_is_refused(read: Callable[[str], object], wrong: str, setting: str) -> None:
    with pytest.raises(SetupError, match=setting):
        read(wrong)


TRUNK = """
[[trunk]]
tenant = "demo-shop"
registrar = "sip.example.com:5062"
user = "+97145550100"
password_file = "password"
countries = ["971"]
extensions = ["200"]
"""


def test_a_trunk_is_read_with_its_password_from_another_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p;a ss\n")
    file = tmp_path / "trunks.toml"
    file.write_text(TRUNK)
    (entry,) = trunk_entries(file)
    trunk = entry.trunk("the-tenant", tmp_path)
    assert (trunk.name, trunk.password, trunk.tenant_id) == (
        "+97145550100@sip.example.com:5062",
        "p;a ss",
        "the-tenant",
    )
    assert trunk.limits.permitted("050 123 4567") == "+971501234567"
    assert trunk.limits.permitted("200") == "200"
    assert "p;a ss" not in repr(trunk)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[trunk", "not TOML"),
        (TRUNK + 'pasword = "x"\n', "pasword"),
        (TRUNK.replace("sip.example.com", "sip example"), "registrar"),
        (TRUNK.replace("+97145550100", "a@b"), "user"),
        (TRUNK.replace('"971"', '"+971"'), "countries"),
        (TRUNK.replace('"200"', '"200@evil.example"'), "extensions"),
        (TRUNK.replace('"971"', '"ae"'), "countries"),
        (TRUNK + TRUNK, "twice"),
        (TRUNK.replace('password_file = "password"', ""), "register = false"),
        (TRUNK + 'dial_as = "0971"', "dial_as"),
        (TRUNK + 'proxy = "sip:10.1.0.7"', "proxy"),
        (TRUNK + 'auth_user = "a b"', "auth_user"),
    ],
)
def test_a_wrong_file_of_trunks_is_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "trunks.toml"
    file.write_text(text)
    with pytest.raises(SetupError, match=says):
        trunk_entries(file)


@pytest.mark.parametrize(
    ("form", "home", "abroad"),
    [
        ("e164", "+971501234567", "+442071234567"),
        ("digits", "971501234567", "442071234567"),
        ("00", "00971501234567", "00442071234567"),
        ("national", "0501234567", "00442071234567"),
    ],
)
def test_numbers_are_dialled_as_the_trunk_writes_them(tmp_path: Path, form: str, home: str, abroad: str) -> None:
    file = tmp_path / "trunks.toml"
    by_address = TRUNK.replace('password_file = "password"', "register = false")
    file.write_text(by_address + f'dial_as = "{form}"\nproxy = "10.1.0.7"\nauth_user = "97145550100@ims.example"\n')
    trunk = trunk_entries(file)[0].trunk("the-tenant", tmp_path)
    assert (trunk.written("+971501234567"), trunk.written("+442071234567")) == (home, abroad)
    assert (trunk.registers, trunk.proxy, trunk.auth_user) == (False, "10.1.0.7", "97145550100@ims.example")


@pytest.mark.parametrize(
    "written", ["0501234567", "00971501234567", "971501234567", "+971 (0)50 123-4567", "501234567"]
)
def test_numbers_are_understood_as_people_write_them(written: str) -> None:
    assert DialLimits(regions={"AE"}, an_hour=1, plan=facts_of).permitted(written) == "+971501234567"


@pytest.mark.parametrize("emergency", ["999", "998", "997", "112", "901"])
def test_emergency_and_short_numbers_are_not_dialled(emergency: str) -> None:
    with pytest.raises(Refused):
        DialLimits(regions={"AE"}, an_hour=1, plan=facts_of).permitted(emergency)


def test_a_number_of_ours_is_answered_however_the_trunk_writes_it() -> None:
    told = {"demo": "shop", "8000": "shop", "+97145550100": "clinic", "+966114550100": "shop", "045550199": "shop"}
    assert every_writing(told | {"+97145550199": "clinic"}) == {
        **{"demo": "shop", "8000": "shop", "045550199": "shop"},
        **dict.fromkeys(["+97145550100", "97145550100", "0097145550100", "045550100"], "clinic"),
        **dict.fromkeys(["+966114550100", "966114550100", "00966114550100", "0114550100"], "shop"),
        **dict.fromkeys(["+97145550199", "97145550199", "0097145550199"], "clinic"),
    }
    # At home, both are the same: nobody knows whose it is.
    assert "0501234567" not in every_writing({"+971501234567": "clinic", "+966501234567": "shop"})


@pytest.mark.parametrize(
    ("country", "says"), [("1", "code of US, .*CA"), ("44", "code of GB"), ("870", "neither"), ("XX", "neither")]
)
def test_a_country_that_is_none_or_a_code_that_several_share_is_refused(
    tmp_path: Path, country: str, says: str
) -> None:
    (tmp_path / "password").write_text("secret")
    file = tmp_path / "trunks.toml"
    file.write_text(TRUNK.replace('"971"', f'"{country}"'))
    with pytest.raises(SetupError, match=says):
        trunk_entries(file)[0].trunk("the-tenant", tmp_path)


EXCHANGE = """
[[exchange]]
port = 9092
url = "http://10.1.0.7:8088/ari"
user = "hatif"
password_file = "password"
music = "default"
"""


def test_an_exchange_is_read_with_its_password_from_another_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p;a ss\n")
    file = tmp_path / "exchanges.toml"
    file.write_text(EXCHANGE)
    exchange = exchanges_by_port(file, {9092, 9093})[9092]
    assert (exchange.url, exchange.user, exchange.password) == ("http://10.1.0.7:8088/ari", "hatif", "p;a ss")
    assert (exchange.phones, exchange.music) == ("hatif-phones", "default")
    assert "p;a ss" not in repr(exchange)
    assert exchanges_by_port(None, {9092}) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        EXCHANGE.replace("9092", "9999"),
        EXCHANGE * 2,
        EXCHANGE.replace("http:", "ftp:"),
        EXCHANGE.replace("/ari", "/ari?api_key=a:b"),
        EXCHANGE.replace("8088", "8088@elsewhere"),
        EXCHANGE.replace('"hatif"', '"ha:tif"'),
        EXCHANGE + "colour = 1",
        EXCHANGE + 'phones = "a@b"',
        "[[exchange",
    ],
)
def test_an_exchange_that_is_written_wrong_is_refused(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "password").write_text("secret")
    file = tmp_path / "exchanges.toml"
    file.write_text(wrong)
    with pytest.raises(SetupError, match="HATIF_ARI"):
        exchanges_by_port(file, {9092})


@pytest.mark.parametrize(
    ("number", "region", "is_ordinary"),
    [
        ("+971501234567", "AE", True),
        ("+97145550100", "AE", True),
        ("+12125551234", "US", True),
        ("+18095551234", "DO", True),
        ("+19005551234", "US", False),
        ("+448431234567", "GB", False),
        ("+870776000000", None, True),
        ("+9719", None, False),
    ],
)
def test_numbers_are_of_a_country_and_some_of_them_are_costly(
    number: str, region: str | None, is_ordinary: bool
) -> None:
    found = facts_of(number)
    assert found == NumberFacts(region=region, is_ordinary=is_ordinary)


@pytest.mark.parametrize("password", [None, "", "two\nlines\n", 'a"b'])
def test_a_password_that_cannot_be_used_is_refused(tmp_path: Path, password: str | None) -> None:
    file = tmp_path / "trunks.toml"
    file.write_text(TRUNK)
    if password is not None:
        (tmp_path / "password").write_text(password)
    with pytest.raises(SetupError, match="password"):
        trunk_entries(file)[0].trunk("the-tenant", tmp_path)


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({}, "HATIF_TWILIO_AUTH_TOKEN"),
        ({"plivo_auth_token": ""}, "HATIF_PLIVO_AUTH_TOKEN"),
        ({"twilio_auth_token": "t"}, "HATIF_STREAMS_URL"),
        ({"twilio_auth_token": "t", "streams_url": "http://voice.example.com"}, "HATIF_STREAMS_URL"),
        ({"twilio_auth_token": "t", "streams_url": "https://voice.example.com/?a=b"}, "HATIF_STREAMS_URL"),
        ({"twilio_auth_token": "t", "streams_url": "https://voice.example.com/phone"}, "HATIF_STREAMS_NUMBERS"),
    ],
)
async def test_streams_that_are_set_by_half_are_refused(given: dict[str, str], setting: str) -> None:
    nobody: Any = None
    settings = Settings.model_validate({"streams_port": 8090, **given})
    with pytest.raises(SetupError, match=setting):
        await stream_server(settings, nobody, nobody, nobody, nobody, nobody)
    assert await stream_server(Settings(), nobody, nobody, nobody, nobody, nobody) is None


ACCOUNTS = """
[[account]]
service = "twilio"
tenant = "demo-clinic"
secret_file = "token"

[[account]]
service = "freeswitch"
tenant = "demo-shop"
user = "pbx"
secret_file = "token"
"""


class _Tenants:
    async def tenant_id(self, slug: str) -> str | None:
        return None if slug == "nobody" else f"the {slug}"


async def _served(tmp_path: Path, accounts: str, **given: str) -> StreamServer | None:
    nobody: Any = None
    known: Any = _Tenants()
    (tmp_path / "token").write_text("p;a ss\n")
    (tmp_path / "accounts.toml").write_text(accounts)
    file = tmp_path / "accounts.toml"
    settings = Settings.model_validate({"streams_port": 8090, "streams_accounts": file, **given})
    reception: Any = SimpleNamespace(receive=None)
    return await stream_server(settings, nobody, known, nobody, nobody, reception)


async def test_tenants_accounts_are_read_beside_ours(tmp_path: Path) -> None:
    at = {"streams_url": "https://voice.example.com", "streams_numbers": "+97145550100=demo-clinic"}
    server = await _served(tmp_path, ACCOUNTS, twilio_auth_token="ours", **at)
    assert server is not None
    assert server.forks is not None
    twilio = server.vendors["twilio"]
    tokens = [vendor.token if (vendor := twilio.of(who)) else None for who in ("the demo-clinic", "the demo-shop")]
    assert tokens == ["p;a ss", "ours"]
    assert [(fork.user, fork.password, fork.tenant_id) for fork in server.forks.accounts] == [
        ("pbx", "p;a ss", "the demo-shop")
    ]
    # A FreeSWITCH needs neither a public address nor numbers.
    alone = await _served(tmp_path, ACCOUNTS[ACCOUNTS.rindex("[[") :])
    assert alone is not None
    assert alone.vendors == {}


@pytest.mark.parametrize(
    "wrong",
    [
        ACCOUNTS.replace("twilio", "vonage"),
        ACCOUNTS.replace('"demo-clinic"', '"nobody"'),
        ACCOUNTS.replace('user = "pbx"', ""),
        ACCOUNTS.replace('user = "pbx"', 'user = "a:b"'),
        ACCOUNTS.replace('service = "twilio"', 'service = "twilio"\nuser = "pbx"'),
        ACCOUNTS * 2,
        ACCOUNTS + ACCOUNTS[ACCOUNTS.rindex("[[") :],
    ],
)
async def test_accounts_that_are_written_wrong_are_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(SetupError, match="HATIF_STREAMS_ACCOUNTS"):
        await _served(tmp_path, wrong)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('transport = "tls"\nsrtp = "required"', None),
        ('transport = "tls"\nsrtp = "offered"', None),
        ('transport = "tcp"\nsrtp = "required"', "needs transport"),
        ('srtp = "maybe"', "srtp"),
        ('transport = "sctp"', "transport"),
    ],
)
def test_a_trunks_encryption_is_read_and_keys_never_travel_in_the_clear(
    tmp_path: Path, more: str, says: str | None
) -> None:
    file = tmp_path / "trunks.toml"
    file.write_text(TRUNK + more)
    if says is None:
        (tmp_path / "password").write_text("secret")
        trunk = trunk_entries(file)[0].trunk("the-tenant", tmp_path)
        assert (trunk.transport, f'srtp = "{trunk.srtp}"' in more) == ("tls", True)
    else:
        with pytest.raises(SetupError, match=says):
            trunk_entries(file)


def test_a_registrar_by_tls_is_a_name(tmp_path: Path) -> None:
    file = tmp_path / "trunks.toml"
    file.write_text(TRUNK.replace("sip.example.com:5062", "10.1.0.7") + 'transport = "tls"')
    with pytest.raises(SetupError, match="must be a name"):
        trunk_entries(file)
