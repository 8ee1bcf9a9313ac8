"""A real Keycloak 26.7, with our realm and theme, started from its Maven artifact.

The distribution is unzipped and built once per cache folder and shared; what a server writes lies in a home of its
own, so several can run side by side on different ports with different data:

    cache/keycloak-26.7.3/      programs, built            read by all
    FOLDER/keycloak/home/       data, import, themes       one server's own
    FOLDER/keycloak/secrets.json                           generated at the first start, filled into the realm

The server is started as its own start script does it, but without the script: a shell between us and Java would die
alone when told to and leave Java running.
"""

import json
import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from demo.servers.keycloak_distribution import (
    ADMIN_USERNAME,
    admin_password,
    answers,
    furnish,
    java_command,
    plain_environment,
    point,
    prepare_distribution,
)
from demo.servers.process import ManagedProcess, ServerFailed, free_port
from demo.servers.started import Started

__all__ = ["Keycloak", "KeycloakSecrets"]

_REALM = "viis"
_OURS = Path(__file__).parents[2] / "docker" / "keycloak"
_READY_WITHIN = 180.0  # a machine busy with other things; usually 10 to 20 s


@dataclass(frozen=True, slots=True)
class KeycloakSecrets:
    """What only this server and its clients know; generated, never written into a committed file."""

    service_secret: str
    staff_secret: str
    rp_secret: str

    @classmethod
    def generated(cls) -> Self:
        """Fresh ones."""
        return cls(*(secrets.token_urlsafe(24) for _ in range(3)))


class Keycloak(Started):
    """One server with the realm of docker/keycloak/realm.json, imported at its first start.

    `base_url` is where our own pages live (the reset link and the staff login's way back), `rp_url` where the pages of
    VIIS itself would be. Entering starts and waits; `start` and `await_ready` do the two apart, for a caller who has
    something to do meanwhile.
    """

    admin_username = ADMIN_USERNAME

    def __init__(
        self, folder: Path, *, base_url: str, rp_url: str = "http://127.0.0.1:8070", port: int | None = None
    ) -> None:
        self.folder = folder / "keycloak"
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.realm_url = f"{self.url}/realms/{_REALM}"
        self.base_url = base_url
        self.rp_url = rp_url
        self._home = self.folder / "home"
        self._part: ManagedProcess | None = None

    @property
    def secrets(self) -> KeycloakSecrets:
        """This server's secrets; made when asked for the first time."""
        file = self.folder / "secrets.json"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(json.dumps(asdict(KeycloakSecrets.generated())))
        return KeycloakSecrets(**json.loads(file.read_text()))

    @property
    def admin_password(self) -> str:
        """The password of the master realm's administrator: for the demo's own acts, never for the service."""
        return admin_password(prepare_distribution())

    def start(self) -> None:
        """Start the server and return at once. The first time on a machine, fetch and build it before."""
        programs = prepare_distribution()
        self._furnish(programs)
        part = ManagedProcess("keycloak", self._command(programs), folder=self.folder, env=self._environment())
        part.start()
        self._part = part

    def await_ready(self) -> None:
        """Return when the realm answers."""
        if self._part is None:
            raise ServerFailed("Keycloak was not started.")
        self._part.await_ready(self._answers, within=_READY_WITHIN)

    def stop(self) -> None:
        """Stop the server; its data stays for the next start."""
        if self._part is not None:
            self._part.stop(patience=20)
            self._part = None

    def _answers(self) -> bool:
        return answers(f"{self.realm_url}/.well-known/openid-configuration")

    def _furnish(self, programs: Path) -> None:
        """Put realm, theme and password list where this server looks for them."""
        furnish(programs, self._home)
        data = self._home / "data"
        (data / "import").mkdir(exist_ok=True)
        shutil.copy(_OURS / "realm.json", data / "import" / "viis-realm.json")
        shutil.copytree(_OURS / "password-blacklists", data / "password-blacklists", dirs_exist_ok=True)
        point(self._home / "themes" / "viis", to=_OURS / "themes" / "viis")

    def _environment(self) -> dict[str, str]:
        own = self.secrets
        return {
            **plain_environment(),
            "VIIS_SERVICE_SECRET": own.service_secret,
            "VIIS_STAFF_SECRET": own.staff_secret,
            "VIIS_RP_SECRET": own.rp_secret,
            "VIIS_BASE_URL": self.base_url,
            "VIIS_RP_URL": self.rp_url,
        }

    def _command(self, programs: Path) -> list[str]:
        asked = ("--import-realm", "--http-host=127.0.0.1", f"--http-port={self.port}")
        return [*java_command(programs, home=self._home, built=True), "start-dev", *asked]
