"""What is different from one installation to the next?

Every setting is an environment variable ``VIIS_<NAME>``; a file ``.env`` in the working folder works too, the
environment wins. Any of them may instead be given as ``VIIS_<NAME>_FILE``, the path of a file that holds the value: so
secrets arrive in containers without standing in the environment. Setting both is an error.
Numbers of policy (deadlines, limits per hour) are dated data, not settings.
"""

import ipaddress
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

__all__ = ["LogFormat", "MailSecurity", "Settings", "is_loopback", "unknown_variables"]

PREFIX = "VIIS_"
_DOTENV = Path(".env")

_SHORTEST_TOKEN = 16

# Variables with our prefix that other parts read: the demo's folder for downloads and state.
_READ_ELSEWHERE = frozenset({"VIIS_CACHE"})


class MailSecurity(StrEnum):
    """How a connection to a mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class LogFormat(StrEnum):
    """Who reads the log."""

    JSON = "json"
    TEXT = "text"


class Settings(BaseSettings):
    """The settings of one installation, checked once at start; doors get them by `Settings.load()`.

    A test or a demo says all of them itself, whatever the environment holds:

    >>> Settings.model_validate({"database_url": "postgresql://db/viis", "base_url": "https://a.example/"}).base_url
    'https://a.example'
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=_DOTENV,
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        # An error about one setting would print the others, secrets among them.
        hide_input_in_errors=True,
    )

    # Database
    database_url: str = Field(
        repr=False, description="PostgreSQL 15 or newer, as a URL: postgresql://user:password@host/name"
    )
    database_pool_size: int = Field(10, ge=1, le=100, description="Connections one process keeps to PostgreSQL")

    # Web
    base_url: str = Field(
        "http://localhost:8000", description="Where people reach the service; links in mails begin with it"
    )
    web_host: str = Field("127.0.0.1", description="Address the web process listens on")
    web_port: int = Field(8000, ge=0, le=65535, description="Port the web process listens on")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses of reverse proxies whose X-Forwarded-For is believed, separated by commas"
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="At least 32 random characters; signs form tokens (CSRF) and calculations, seals picture codes",
    )
    validate_open: bool = Field(
        False, description="Lets anyone ask POST /validate without a token; only where VIIS_WEB_HOST is the loopback"
    )
    upload_max_mb: int = Field(25, ge=1, le=200, description="Largest single uploaded file, in MiB")

    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token that GET /metrics asks for, 16 characters or more; empty: no metrics"
    )

    # Keycloak
    keycloak_url: str = Field("http://localhost:8080", description="Keycloak's base address")
    keycloak_realm: str = Field("viis", description="Realm of VIIS users")
    keycloak_client_id: str = Field("viis-service", description="Service account that writes accounts")
    keycloak_client_secret: SecretStr = Field(SecretStr(""), description="Secret of the service account")
    oidc_client_id: str = Field("viis-staff", description="Client of the staff login (code flow, PKCE)")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Secret of the staff login's client")

    login_url: str = Field(
        "",
        description="Where VIIS itself is opened, offered beside one's rights and after a new password; empty: nowhere",
    )

    # Mail
    smtp_host: str = Field("localhost", description="Server that takes our mail")
    smtp_port: int = Field(25, ge=1, le=65535, description="Its port")
    smtp_security: MailSecurity = Field(MailSecurity.NONE, description="none, starttls or tls")
    smtp_user: str = Field("", description="User at the mail server; empty: no login")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server")
    mail_from: str = Field("viis@izm.gov.lv", description="Sender of our mails")
    incident_contact: str = Field(
        "viis@izm.gov.lv",
        min_length=5,
        max_length=200,
        pattern=r"^[^\r\n]+$",
        description="Whom people tell at once of misuse, as mails and pages print it: telephone and e-mail",
    )
    imap_host: str = Field("localhost", description="Server of the mailbox; this version reads none")
    imap_port: int = Field(143, ge=1, le=65535, description="Its port")
    imap_security: MailSecurity = Field(MailSecurity.NONE, description="none, starttls or tls")
    imap_user: str = Field("", description="User of the mailbox")
    imap_password: SecretStr = Field(SecretStr(""), description="Password of the mailbox")

    # Signatures
    lotl_url: str = Field(
        "https://ec.europa.eu/tools/lotl/eu-lotl.xml", description="List of trusted lists to start from"
    )
    lotl_signers: Path | None = Field(
        None,
        description="File or folder of certificates (PEM, DER) that may sign that list; without: nothing is qualified",
    )
    private_addresses_allowed: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Private addresses that outgoing look-ups (OCSP, CRL, lists) may reach, separated by commas"
    )
    guard_seconds: float = Field(20, gt=0, le=600, description="Longest time a guarded process may take for a document")
    guard_memory_mb: int = Field(
        192, ge=32, le=4096, description="Memory one document may add to its guarded process, in MiB"
    )

    # Work behind the pages
    worker_concurrency: int = Field(2, ge=1, le=64, description="Documents one worker process judges at a time")
    worker_poll_seconds: float = Field(
        0.3, ge=0.05, le=60, description="How often a worker looks for jobs nobody announced"
    )
    worker_heartbeat_seconds: float = Field(5, gt=0, le=60, description="How often a worker says it is alive")
    worker_stalled_seconds: float = Field(
        20, gt=0, le=600, description="Silence after which a worker counts as dead and its jobs are given to others"
    )

    # Running it
    demo: bool = Field(False, description="Marks every page as a demonstration; never in production")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_format: LogFormat = Field(LogFormat.JSON, description="json for machines, text for people")

    @classmethod
    def load(cls) -> Self:
        """Read the environment, the files it names, and ``.env``. Raises pydantic's ValidationError."""
        return cls()  # type: ignore[call-arg]  # every field may come from outside

    @field_validator("trusted_proxies", "private_addresses_allowed", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("base_url", "keycloak_url")
    @classmethod
    def _no_final_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("metrics_token")
    @classmethod
    def _not_guessed(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < _SHORTEST_TOKEN:
            raise ValueError(f"VIIS_METRICS_TOKEN needs at least {_SHORTEST_TOKEN} random characters")
        return value

    @model_validator(mode="after")
    def _open_to_this_machine_alone(self) -> Self:
        if self.validate_open and not is_loopback(self.web_host):
            raise ValueError("VIIS_VALIDATE_OPEN needs VIIS_WEB_HOST to be the loopback: 127.0.0.1, ::1 or localhost")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then files named by ``…_FILE``, then the environment, then ``.env``."""
        del file_secret_settings  # a folder of secrets with fixed names: our _FILE variables say the same more plainly
        return init_settings, _NamedFiles(settings_cls), env_settings, dotenv_settings


class _NamedFiles(PydanticBaseSettingsSource):
    """Values from files whose paths stand in ``VIIS_<NAME>_FILE``."""

    def __call__(self) -> dict[str, object]:
        return {name: value for name in self.settings_cls.model_fields if (value := _from_file(name)) is not None}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[object, str, bool]:
        del field
        return _from_file(field_name), field_name, False


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches what listens there.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0"), is_loopback("db.example")
    (True, True, False, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _from_file(name: str) -> str | None:
    variable = f"{PREFIX}{name.upper()}"
    path = os.environ.get(f"{variable}_FILE")
    if path is None:
        return None
    if variable in os.environ:
        raise ValueError(f"{variable} and {variable}_FILE are both set: keep one of them")
    return Path(path).read_text("utf-8").strip()


def unknown_variables(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Name the variables with our prefix that mean nothing to us: most often a typing error.

    >>> unknown_variables({"VIIS_DATABSE_URL": "…", "VIIS_SECRET_KEY_FILE": "…", "HOME": "…"})
    ('VIIS_DATABSE_URL',)
    """
    given = {**dotenv_values(_DOTENV), **os.environ} if environ is None else environ
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known} | _READ_ELSEWHERE
    return tuple(sorted(name for name in given if name.startswith(PREFIX) and name not in known))
