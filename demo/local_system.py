"""The whole system on one machine: real servers, demo PKI, seed data, web and worker, in one folder.

    with LocalSystem(state_dir("journey"), at=now, tell=print_step) as stack:
        stack.base_url …

Slow steps run in parallel: Keycloak is fetched and built (once on a machine) and started while PostgreSQL, migrations,
register, PKI, web and worker start.

Ports, passwords and data stay in the folder, so a second start uses the same addresses and data. Leaving stops
everything in reverse order; the kernel does when this process is killed.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from demo import pki
from demo.before_reform import seed_before_reform
from demo.mailbox import mailbox
from demo.ports import Ports, Reservations
from demo.reform import seed_reform
from demo.seed import StaffLogin, seed_register, seed_staff
from demo.servers import GreenMail, Keycloak, KeycloakAdmin, ManagedProcess, Postgres, ServerFailed
from demo.servers.keycloak_distribution import answers, is_prepared, prepare_distribution, require_programs
from demo.supervisor import Services
from workflows.migrating import migrate

__all__ = ["LocalSystem"]

_DATABASE = "viis"
_WEB_READY_WITHIN = 60.0


class LocalSystem:
    """The system in `folder`. `tell(what, seconds)` is called after each step."""

    def __init__(
        self, folder: Path, *, at: datetime, tell: Callable[[str, float], None] = lambda *_: None, workers: int = 1
    ) -> None:
        self.folder = folder
        self._at = at
        self._tell = tell
        self._workers = workers
        self._open = ExitStack()
        folder.mkdir(parents=True, exist_ok=True)
        self._reservations = Reservations()
        self.ports = Ports.remembered(folder / "ports.json", self._reservations)
        self.base_url = f"http://127.0.0.1:{self.ports.web}"
        self.postgres = Postgres(folder / "postgres")
        self.keycloak = Keycloak(folder, base_url=self.base_url, port=self.ports.keycloak)
        self.mail = GreenMail(folder, smtp_port=self.ports.smtp, imap_port=self.ports.imap)
        self.mailbox_url = ""
        self.staff: tuple[StaffLogin, ...] = ()
        self._pki: pki.Server | None = None
        self._services: Services | None = None

    def __enter__(self) -> Self:
        with self._open as opened:
            opened.callback(self._reservations.close)
            self._start(opened)
            self._open = opened.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    @property
    def database_url(self) -> str:
        """The service's database."""
        return self.postgres.url(_DATABASE)

    @property
    def pki(self) -> pki.Server:
        """The demo PKI being served; `.built` signs, `.trouble` makes it misbehave."""
        if self._pki is None:
            raise ServerFailed("The demo PKI was not started.")
        return self._pki

    def process(self, name: str) -> ManagedProcess:
        """The process called `web` or `worker`."""
        if self._services is None:
            raise ServerFailed("Web and worker were not started.")
        return self._services.part(name)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of web and worker: ours, with this system's settings and no other VIIS_ variable."""
        return {name: value for name, value in os.environ.items() if not name.startswith("VIIS_")} | self.settings

    @property
    def settings(self) -> dict[str, str]:
        """The settings alone, `VIIS_…` each; also in the folder's .env, so that `viis` called there works on it."""
        own = self.keycloak.secrets
        said = {
            "DATABASE_URL": self.database_url,
            "BASE_URL": self.base_url,
            "WEB_PORT": str(self.ports.web),
            "SECRET_KEY": _remembered_secret(self.folder / "secret-key"),
            "KEYCLOAK_URL": self.keycloak.url,
            "KEYCLOAK_CLIENT_SECRET": own.service_secret,
            "OIDC_CLIENT_SECRET": own.staff_secret,
            "SMTP_HOST": self.mail.host,
            "SMTP_PORT": str(self.mail.smtp_port),
            "MAIL_FROM": "viis@izm.test",
            "IMAP_HOST": self.mail.host,
            "IMAP_PORT": str(self.mail.imap_port),
            "LOTL_URL": self.pki.lotl_url,
            "LOTL_SIGNERS": str(self.pki.built.folder / "lotl-signers.pem"),
            "PRIVATE_ADDRESSES_ALLOWED": "127.0.0.1",
            "DEMO": "true",
            "VALIDATE_OPEN": "true",
            "LOG_FORMAT": "text",
        }
        return {f"VIIS_{name}": value for name, value in said.items()}

    def _start(self, opened: ExitStack) -> None:
        require_programs()
        with ThreadPoolExecutor(1) as aside:
            # (1) the slowest first: Keycloak builds or starts in parallel with the rest
            fetched = aside.submit(self._timed, "Keycloak 26.7 fetched and built", prepare_distribution)
            ready_before = is_prepared()
            if ready_before:
                self._start_servers(opened)
            # (2) what the service depends on
            with self._step("PostgreSQL 18"):
                opened.enter_context(self.postgres)
            with self._step("demo PKI: authorities, OCSP, time stamps, trusted lists"):
                self._pki = opened.enter_context(
                    pki.start(self.folder / "pki", at=self._at, host="127.0.0.1", port=self.ports.pki)
                )
            with self._step("database migrated, register of institutions read"):
                self._fill_database()
            fetched.result()
        if not ready_before:
            self._start_servers(opened)
        # (3) the service
        _write_private(self.folder / ".env", "".join(f"{name}={value}\n" for name, value in self.settings.items()))
        with self._step("web, worker and mail server"):
            self._services = opened.enter_context(Services(self.folder, env=self.environment, workers=self._workers))
            self.process("web").await_ready(lambda: answers(f"{self.base_url}/health/live"), within=_WEB_READY_WITHIN)
            self.mail.await_ready()
            self.mailbox_url = opened.enter_context(mailbox(self.mail, port=self.ports.mailbox))
        # (4) who may log in
        with self._step("Keycloak with the realm viis"):
            self.keycloak.await_ready()
        with self._step("staff logins"), KeycloakAdmin(self.keycloak) as admin, self._session() as session:
            admin.move_pages(self.base_url)
            admin.shut_offline_access()
            self.staff = seed_staff(session, admin, remembered=self.folder / "staff.json", at=self._at)
            session.commit()

    def _start_servers(self, opened: ExitStack) -> None:
        """Start Keycloak and the mail server without waiting for them.

        From this thread, not the one that fetched: the kernel counts the starting thread as the parent.
        """
        self.keycloak.start()
        opened.callback(self.keycloak.stop)
        self.mail.start()
        opened.callback(self.mail.stop)

    def _fill_database(self) -> None:
        if not self.postgres.has(_DATABASE):
            self.postgres.create(_DATABASE)
        migrate(self.database_url)
        with self._session() as session:
            seed_register(session, at=self._at)
            seed_before_reform(session, at=self._at)
            seed_reform(session, at=self._at)
            session.commit()

    @contextmanager
    def _session(self) -> Iterator[Session]:
        engine = create_engine(self.database_url, poolclass=NullPool)
        with Session(engine) as session:
            yield session
        engine.dispose()

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self._tell(what, time.monotonic() - begun)

    def _timed(self, what: str, do: Callable[[], object]) -> None:
        begun = time.monotonic()
        do()
        if (taken := time.monotonic() - begun) > 1:  # it was ready before
            self._tell(what, taken)


def _remembered_secret(file: Path) -> str:
    if not file.exists():
        _write_private(file, secrets.token_urlsafe(48))
    return file.read_text()


def _write_private(file: Path, content: str) -> None:
    file.touch(mode=0o600)
    file.write_text(content)
