"""HATIF_SIP_TRUNKS: a TOML file that names the accounts at SIP registrars, and for whom they are.

[[trunk]]
tenant = "demo-shop"
registrar = "sip.example.com"
user = "+97145550100"
password_file = "/run/secrets/trunk"
countries = ["AE"]
"""

from __future__ import annotations

from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from domain.errors import SetupError
from domain.outbound.dialling import DialLimits
from realtime.sip.security import Srtp
from realtime.sip.trunks import Trunk
from workers.phone.number_plan import dialled_from, facts_of, region_of
from workers.phone.toml_file import Strict, read_file, read_secret

Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?$")]
User = Annotated[str, StringConstraints(pattern=r"^\+?[A-Za-z0-9._-]{1,64}$")]
AuthUser = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+._@-]{1,128}$")]
Form = Literal["e164", "digits", "00", "national"]
Country = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}|[1-9][0-9]{0,3})$")]


class TrunkEntry(Strict):
    tenant: str
    """Its slug."""
    registrar: Host
    user: User
    password_file: Path | None = None
    """Relative to the file of trunks; its last line break does not count. Only a trunk that knows us by our address
    does without."""
    auth_user: AuthUser | None = None
    proxy: Host | None = None
    register_: bool = Field(default=True, alias="register")
    number: User | None = None
    dial_as: Form = "e164"
    """How the trunk wants numbers written."""
    home: Country = "AE"
    """The country in which the trunk is, for `national`."""
    transport: Literal["udp", "tcp", "tls"] = "udp"
    srtp: Srtp = Srtp.OFF
    codecs: tuple[Literal["pcma", "pcmu", "opus"], ...] = Field(default=("pcma", "pcmu"), min_length=1)
    expires_s: int = Field(default=600, ge=10, le=86_400)
    countries: tuple[Country, ...] = ()
    """That may be dialled, as ISO 3166 writes them or by the calling code; without any, calls only come in."""
    extensions: tuple[User, ...] = ()
    """Of the exchange behind the registrar: dialled as they stand, and not counted."""
    calls_per_hour: int = Field(default=60, ge=1, le=10_000)

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.srtp is not Srtp.OFF and self.transport != "tls":
            raise ValueError('srtp needs transport = "tls": its keys travel in the SIP messages')
        if self.transport == "tls" and _is_address((self.proxy or self.registrar).partition(":")[0]):
            raise ValueError("by TLS the registrar must be a name: the stack checks no certificate against an address")
        if self.register_ and self.password_file is None:
            raise ValueError("a trunk needs a password_file, or register = false where it knows you by your address")
        return self

    @property
    def name(self) -> str:
        """See Trunk.name."""
        return f"{self.user}@{self.registrar}"

    def trunk(self, tenant_id: str, folder: Path) -> Trunk:
        """Raises SetupError for a country that is none, and a password that can't be read or told to SIP's stack."""
        home = self._regions("home", (self.home,))[0]
        whose = f"the trunk {self.name}"
        password = "" if self.password_file is None else read_secret(folder / self.password_file, whose)
        if '"' in password or "\\" in password:
            raise SetupError(
                f"The password of {whose} holds a quotation mark or a backslash, which the SIP stack can't be told."
            )
        return Trunk(
            tenant_id=tenant_id,
            registrar=self.registrar,
            user=self.user,
            password=password,
            auth_user=self.auth_user,
            proxy=self.proxy,
            registers=self.register_,
            number=self.number,
            written=partial(_written, self.dial_as, home),
            transport=self.transport,
            srtp=self.srtp,
            codecs=self.codecs,
            expires_s=self.expires_s,
            limits=self.limits(),
        )

    def limits(self) -> DialLimits:
        """Raises SetupError for a country that is none."""
        regions = frozenset(self._regions("countries", self.countries))
        return DialLimits(regions=regions, an_hour=self.calls_per_hour, plan=facts_of, extensions=self.extensions)

    def _regions(self, key: str, countries: tuple[str, ...]) -> list[str]:
        try:
            return [region_of(country) for country in countries]
        except SetupError as error:
            raise SetupError(f"HATIF_SIP_TRUNKS: the {key} of {self.name}: {error}") from None


def _written(form: Form, home: str, number: str) -> str:
    """Of a number in its normal form."""
    digits = number.removeprefix("+")
    match form:
        case "e164":
            return number
        case "digits":
            return digits
        case "00":
            return f"00{digits}"
        case "national":
            return dialled_from(home, number)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class _File(Strict):
    trunk: tuple[TrunkEntry, ...]


def trunk_entries(file: Path) -> tuple[TrunkEntry, ...]:
    """Raises SetupError."""
    entries = read_file("HATIF_SIP_TRUNKS", file, _File).trunk
    names = [entry.name for entry in entries]
    if len(set(names)) < len(names):
        raise SetupError(f"HATIF_SIP_TRUNKS: {file} names an account twice.")
    return entries
