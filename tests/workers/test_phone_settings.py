"""What an operator writes about phones: read, or refused in one sentence that names the setting."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network

import pytest

from domain.errors import SetupError
from workers.settings import audiosocket_ports, phone_networks, sip_number_list


def test_lists_are_read() -> None:
    assert audiosocket_ports("9092=demo-shop, 9093 = demo-clinic,") == {9092: "demo-shop", 9093: "demo-clinic"}
    assert sip_number_list("demo=demo-shop,+97145550100=demo-clinic") == {
        "demo": "demo-shop",
        "+97145550100": "demo-clinic",
    }
    assert phone_networks("10.0.0.0/8, ::1") == [ip_network("10.0.0.0/8"), ip_network("::1/128")]
    assert audiosocket_ports("") == sip_number_list(" ") == {}


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
        (phone_networks, "10.0.0.1/8", "HATIF_PHONE_SOURCES"),
        (phone_networks, "pbx.example.com", "HATIF_PHONE_SOURCES"),
    ],
)
def test_what_is_wrong_is_refused(read: Callable[[str], object], wrong: str, setting: str) -> None:
    with pytest.raises(SetupError, match=setting):
        read(wrong)
