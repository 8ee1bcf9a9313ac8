"""A real mail server for one machine: GreenMail, SMTP and IMAP on free ports, everything in memory.

Any address exists: whoever mail is sent to, or whoever logs in over IMAP, has a mailbox from then on; any password
opens it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from imap_tools import MailBoxUnencrypted, MailMessage

from demo.servers.java import artifact, newest_java
from demo.servers.process import ManagedProcess, ServerFailed, free_port
from demo.servers.started import Started

__all__ = ["GreenMail", "Letter"]

_ARTIFACT = "com.icegreen:greenmail-standalone:2.1.8"
_READY_WITHIN = 60.0
_LOOK_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as its addressee finds it in the mailbox."""

    subject: str
    sender: str
    to: tuple[str, ...]
    text: str
    html: str
    date: datetime
    headers: Mapping[str, tuple[str, ...]]


class GreenMail(Started):
    """One mail server; SMTP on `smtp_port`, IMAP on `imap_port`, both plain and on 127.0.0.1 only."""

    def __init__(self, folder: Path, *, smtp_port: int | None = None, imap_port: int | None = None) -> None:
        self.host = "127.0.0.1"
        self.smtp_port = smtp_port or free_port()
        self.imap_port = imap_port or free_port()
        self._folder = folder / "greenmail"
        self._api = f"http://{self.host}:{free_port()}/api"
        self._part: ManagedProcess | None = None

    def start(self) -> None:
        """Start the server and return at once."""
        jar = artifact(_ARTIFACT)
        api_port = self._api.rsplit(":", 1)[1].removesuffix("/api")
        ports = {"smtp": self.smtp_port, "imap": self.imap_port, "api": api_port}
        settings = [f"-Dgreenmail.{protocol}.port={port}" for protocol, port in ports.items()]
        settings += [f"-Dgreenmail.{protocol}.hostname={self.host}" for protocol in ports]
        java = [str(newest_java()), "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        self._part = ManagedProcess(
            "greenmail", [*java, *settings, "-Dgreenmail.auth.disabled", "-jar", str(jar)], folder=self._folder
        )
        self._part.start()

    def await_ready(self) -> None:
        """Return when it takes mail."""
        if self._part is None:
            raise ServerFailed("GreenMail was not started.")
        self._part.await_ready(self._answers, within=_READY_WITHIN)

    def stop(self) -> None:
        """Stop the server; the mail is gone with it."""
        if self._part is not None:
            self._part.stop()
            self._part = None

    def purge(self) -> None:
        """Throw away all mail of all mailboxes."""
        httpx.post(f"{self._api}/mail/purge", timeout=10).raise_for_status()

    def letters(self, address: str) -> tuple[Letter, ...]:
        """What lies in the mailbox of that address, oldest first; read over IMAP and left there unread."""
        with MailBoxUnencrypted(self.host, self.imap_port).login(address, "any") as mailbox:
            return tuple(_letter(message) for message in mailbox.fetch(mark_seen=False))

    def all_letters(self) -> tuple[Letter, ...]:
        """What lies in every mailbox there is."""
        known = httpx.get(f"{self._api}/user", timeout=10).raise_for_status().json()
        return tuple(letter for user in known for letter in self.letters(user["login"]))

    def await_letter(
        self, address: str, *, matching: Callable[[Letter], bool] = lambda _: True, within: float = 20.0
    ) -> Letter:
        """The newest matching letter to that address; waits for it. Raises ServerFailed after `within` seconds."""
        until = time.monotonic() + within
        while True:
            found = [letter for letter in self.letters(address) if matching(letter)]
            if found:
                return found[-1]
            if time.monotonic() > until:
                subjects = [letter.subject for letter in self.letters(address)]
                raise ServerFailed(f"No such letter came to {address} within {within:.0f} s; there are: {subjects}.")
            time.sleep(_LOOK_EVERY)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self._api}/service/readiness", timeout=5).is_success
        except httpx.HTTPError:
            return False


def _letter(message: MailMessage) -> Letter:
    return Letter(
        subject=message.subject,
        sender=message.from_,
        to=tuple(message.to),
        text=message.text,
        html=message.html,
        date=message.date,
        headers=message.headers,
    )
