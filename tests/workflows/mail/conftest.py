"""A mail server that says what a test wants it to say, for answers a well-behaved one never gives."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from workflows import database
from workflows.mail import rendering
from workflows.settings import Settings

rendering._FOLDERS.append(Path(__file__).parent / "templates")
rendering._environment.cache_clear()


class ScriptedServer(socketserver.ThreadingTCPServer):
    """Takes mail unless `answers` has something else to say: (verb, answer) pairs, used up one after the other."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answers: list[tuple[str, str]] = []
        self.taken: list[bytes] = []

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def answer(self, verb: str, otherwise: str) -> str:
        """Say what is due for `verb`."""
        if self.answers and self.answers[0][0] == verb:
            return self.answers.pop(0)[1]
        return otherwise


class _Conversation(socketserver.StreamRequestHandler):
    server: ScriptedServer

    def handle(self) -> None:
        if not self._say(self.server.answer("CONNECT", "220 scripted")):
            return
        while line := self.rfile.readline():
            verb = line.split(maxsplit=1)[0].upper().decode() if line.strip() else ""
            otherwise = {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 fine")
            answer = self.server.answer(verb, otherwise)
            if not self._say(answer) or verb == "QUIT":
                return
            if answer.startswith("354") and not self._take():
                return

    def _say(self, answer: str) -> bool:
        if answer == "hang up":
            return False
        self.wfile.write(f"{answer}\r\n".encode())
        return True

    def _take(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.taken.append(b"".join(lines))
        return self._say(self.server.answer("END", "250 taken"))


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    """A mail server of the test's own."""
    with ScriptedServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(database_url: str, scripted: ScriptedServer) -> Settings:
    """Settings that send to the scripted server."""
    return Settings.model_validate(
        {
            "database_url": database_url,
            "smtp_host": "127.0.0.1",
            "smtp_port": scripted.port,
            "mail_from": "viis@izm.example",
            "base_url": "https://viis.example",
        }
    )


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    """Sessions on the test's own database."""
    engine = database.engine(database_url)
    yield database.session_factory(engine)
    engine.dispose()
