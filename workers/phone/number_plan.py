"""What the numbering plans of the world say of a telephone number, from Google's published tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress

import phonenumbers
from phonenumbers import PhoneNumberType

from domain.errors import SetupError
from domain.outbound.dialling import NumberFacts

_ORDINARY = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.VOIP,
    }
)
"""All others cost more, or nobody knows what they cost."""


def facts_of(number: str) -> NumberFacts:
    """Of a number that is written +<country><number>."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return NumberFacts(region=None, is_ordinary=False)
    region = phonenumbers.region_code_for_number(parsed)
    return NumberFacts(
        region=region if region in phonenumbers.SUPPORTED_REGIONS else None,
        is_ordinary=phonenumbers.number_type(parsed) in _ORDINARY,
    )


def writings(number: str) -> set[str]:
    """The ways in which trunks write a number of ours, +<country><number>: so, 00…, without either, and as at home."""
    digits = number.removeprefix("+")
    found = {number, digits, f"00{digits}"}
    with suppress(phonenumbers.NumberParseException):
        home = phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.NATIONAL)
        found.add(re.sub(r"\D", "", home))
    return found


def every_writing(tenants: Mapping[str, str]) -> dict[str, str]:
    """Tenants by the numbers of theirs that are called, with all writings of those that begin with a plus.

    What was written out counts before a writing, and a writing of two tenants' numbers is nobody's.
    """
    found: dict[str, str | None] = {}
    for number, tenant in tenants.items():
        for written in writings(number) if number.startswith("+") else ():
            found[written] = tenant if found.get(written, tenant) == tenant else None
    return {number: tenant for number, tenant in found.items() if tenant is not None} | dict(tenants)


def dialled_from(home: str, number: str) -> str:
    """A number, +<country><number>, as it is dialled in a country: 0501234567 and 00442071234567 in the Emirates."""
    return re.sub(r"\D", "", phonenumbers.format_out_of_country_calling_number(phonenumbers.parse(number), home))


def region_of(country: str) -> str:
    """The region of an ISO code, or of a calling code that one country has to itself. Raises SetupError."""
    if country in phonenumbers.SUPPORTED_REGIONS:
        return country
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(country), ()) if country.isdecimal() else ()
    if len(regions) > 1:
        raise SetupError(f'"{country}" is the code of {", ".join(regions)}: name those of them that may be dialled.')
    if not regions or regions[0] not in phonenumbers.SUPPORTED_REGIONS:
        raise SetupError(f'"{country}" is neither a country as ISO 3166 writes it, such as "AE", nor its calling code.')
    return regions[0]
