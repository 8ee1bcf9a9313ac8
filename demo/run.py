"""`make run`: start everything, print addresses and what to try, and stop it with Ctrl-C."""

import fcntl
import hashlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from demo.before_reform import MAPPING
from demo.local_system import LocalSystem
from demo.servers import ServerFailed
from workflows import clock

__all__ = ["AlreadyRunning", "await_end", "interruptible", "run", "running"]

_SHAPING = Path(__file__).parents[1] / "docker" / "keycloak" / "realm.json"


class AlreadyRunning(ServerFailed):
    """Another process runs a system in this folder."""


def run(folder: Path, *, console: Console) -> None:
    """Run the system in `folder` until Ctrl-C or SIGTERM."""
    begun = time.monotonic()
    with running(folder, console=console) as stack:
        with suppress(KeyboardInterrupt):
            console.print(_welcome(stack, seconds=time.monotonic() - begun))
            await_end()
        console.print("\nStopping …")
    console.print("Everything is stopped; the data stays in", folder, soft_wrap=True)


@contextmanager
def running(folder: Path, *, console: Console, afresh: bool = False) -> Iterator[LocalSystem]:
    """Start the system in `folder` and print each step; `afresh` deletes what an earlier one left there."""
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        if _realm_changed(folder):
            console.print("The realm file changed since the last start: the demo begins anew.")
            afresh = True
        if afresh:
            _empty(folder)
        _remember_realm(folder)
        with interruptible(), LocalSystem(folder, at=clock.now(), tell=_teller(console)) as stack:
            yield stack


def _teller(console: Console) -> Callable[[str, float], None]:
    def tell(what: str, seconds: float) -> None:
        console.print(f"[green]✓[/green] {what} [dim]{seconds:.1f} s[/dim]")

    return tell


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder for this process. Raises AlreadyRunning with the other's process id and address."""
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(
                f"A system already runs in {folder} (process {lock.read().strip() or 'unknown'}): "
                "use that one, or stop it with Ctrl-C first."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _realm_changed(folder: Path) -> bool:
    """Whether the data was made with another realm file, which Keycloak reads only once."""
    remembered = folder / "realm.sha256"
    return remembered.exists() and remembered.read_text() != _realm_digest()


def _remember_realm(folder: Path) -> None:
    (folder / "realm.sha256").write_text(_realm_digest())


def _realm_digest() -> str:
    return hashlib.sha256(_SHAPING.read_bytes()).hexdigest()


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.name == "lock":
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP stop everything as Ctrl-C does.

    SIGINT is set too: a shell without job control starts background processes with it ignored. An ignored SIGHUP stays
    ignored, as `nohup` asks.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    ending = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        ending.append(signal.SIGHUP)
    earlier = {each: signal.signal(each, interrupt) for each in ending}
    try:
        yield
    finally:
        for each, handler in earlier.items():
            signal.signal(each, handler)


def await_end() -> None:
    """Wait for the KeyboardInterrupt of Ctrl-C."""
    while True:
        signal.pause()


def _welcome(stack: LocalSystem, *, seconds: float) -> Panel:
    said = Table.grid(padding=(0, 2))
    said.add_row("[b]Apply[/b]", f"{stack.base_url}/")
    said.add_row("[b]Decide[/b]", f"{stack.base_url}/review")
    said.add_row("[b]Keycloak[/b]", f"{stack.keycloak.url}/admin/master/console/#/viis")
    said.add_row("", f"{stack.keycloak.admin_username} · {stack.keycloak.admin_password}")
    said.add_row("[b]Mail[/b]", f"{stack.mailbox_url} · IMAP 127.0.0.1:{stack.mail.imap_port}, any password")
    said.add_row("[b]Folder[/b]", f"{stack.folder}  (logs; viis called in there works on this system)")
    said.add_row()
    for login in stack.staff:
        said.add_row(login.role, f"{login.username} · {login.password}")
    said.add_row()
    viis = Path(sys.executable).with_name("viis")
    said.add_row("[b]Try[/b]", "1. Apply for a right at “Ezerpils 1. vidusskola”. Head and user are invented people:")
    said.add_row("", f"   {viis} demo people  lists them with their codes.")
    said.add_row("", "2. Read the mail: head and user each get a link to their document. Save the two PDFs.")
    # Another shell may not know VIIS_CACHE, and a signature by another PKI proves nothing here.
    sign = f"{viis} demo sign --pki {stack.folder / 'pki'}"
    said.add_row("", f"3. Sign them: {sign} --as head --format edoc FILE, then --as user.")
    said.add_row("", "4. Upload them, read the verdict, log in as reviewer and approve.")
    said.add_row("", "   With “Order” as the source of the right to sign, the approver confirms it at /proposals.")
    said.add_row("[b]End[/b]", f"1. Apply at {stack.base_url}/apply?kind=revocation that the rights of the user end.")
    said.add_row("", f"2. The head alone signs: {sign} --as head --format edoc FILE. Upload it.")
    said.add_row("", "3. Log in as reviewer: it stands first in the queue, and its page says what will end. Approve.")
    said.add_row("[b]Reform[/b]", "1. Log in as reviewer and record the mapping of the reform of 2021 at /reorganise:")
    said.add_row("", f"   {MAPPING}")
    said.add_row("", "2. Read what it would do, propose it; log in as approver in another browser and confirm it.")
    said.add_row("", "3. Look how far it is, look at “Carnikavas novads” at /institutions, and undo it again.")
    said.add_row("", "4. Ask at /restore for what the reform took from rasa.gulbite, and from valdis.aglonietis.")
    return Panel(said, title=f"VIIS access rights, ready in {seconds:.0f} s", subtitle="Ctrl-C ends all of it")
