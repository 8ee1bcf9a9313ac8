"""Keycloak's distribution: fetched through Maven, unzipped, built, and given a blank database, once per cache folder.

(1) `start-dev` builds itself at its first start, ends with status 10 and asks to be started again: 20 s.
(2) The first start on an empty database makes its schema, the master realm and its administrator: 10 s. That is kept,
    without any realm of ours, as the blank that every new server's data begins as a copy of. So the servers of one
    cache folder share their administrator, whose password lies beside the blank.
What is finished is renamed into place last, so a half-made distribution never looks ready.
"""

import os
import secrets
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from demo.servers.folders import cache_dir
from demo.servers.java import artifact, java_home, maven, newest_java, one_at_a_time
from demo.servers.process import ManagedProcess, ServerFailed, free_port

__all__ = [
    "ADMIN_USERNAME",
    "admin_password",
    "answers",
    "furnish",
    "is_prepared",
    "java_command",
    "plain_environment",
    "point",
    "prepare_distribution",
    "require_programs",
]

_VERSION = "26.7.3"
_ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{_VERSION}:zip"
_QUARKUS = "io.quarkus.bootstrap"
_BUILT_NOW_RESTART = 10  # Keycloak's exit status after it built itself
_READY_WITHIN = 180.0
_BLANK = "blank-h2"
_ADMIN_PASSWORD = "blank-admin-password"  # noqa: S105 - the name of the file it lies in

ADMIN_USERNAME = "demo-admin"

# Without it Keycloak starts 2 s sooner on two cores, but hashes a password in 140 ms instead of 45. That suits a demo,
# and not a benchmark.
_PEAK = "KEYCLOAK_AT_PEAK"
_JVM = (
    *("-Xms64m", "-Xmx512m", "-XX:MetaspaceSize=96M", "-XX:MaxMetaspaceSize=256m", "-XX:+ExitOnOutOfMemoryError"),
    *("-Dfile.encoding=UTF-8", "-Duser.language=en", "-Duser.country=US", "-Djava.security.egd=file:/dev/urandom"),
    *("--add-opens=java.base/java.util=ALL-UNNAMED", "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED"),
    *("--add-opens=java.base/java.security=ALL-UNNAMED", "--add-opens=java.base/java.lang=ALL-UNNAMED"),
    *("--enable-native-access=ALL-UNNAMED", "-Djava.util.logging.manager=org.jboss.logmanager.LogManager"),
    f"-Djava.util.concurrent.ForkJoinPool.common.threadFactory={_QUARKUS}.forkjoin.QuarkusForkJoinWorkerThreadFactory",
    *("-Dpicocli.disable.closures=true", "-Dquarkus-log-max-startup-records=10000"),
)


def prepare_distribution() -> Path:
    """The unzipped and built distribution in the cache; fetched, unzipped and built when it is not there yet."""
    ready = cache_dir() / f"keycloak-{_VERSION}"
    archive = None if ready.exists() else artifact(_ARTIFACT)
    with one_at_a_time("keycloak-build"):
        if archive is not None and not ready.exists():
            landing = cache_dir() / "keycloak-landing"
            shutil.rmtree(landing, ignore_errors=True)
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(landing)
            unpacked = landing / f"keycloak-{_VERSION}"
            _build(unpacked)
            _make_blank(unpacked)
            unpacked.rename(ready)  # last: a half-made one never looks ready
            shutil.rmtree(landing)
    return ready


def is_prepared() -> bool:
    """Whether the distribution is in the cache, ready to start."""
    return (cache_dir() / f"keycloak-{_VERSION}").exists()


def require_programs() -> None:
    """Raise ProgramMissing at once, with its sentence, when Java is missing or Maven is and would be needed."""
    newest_java()
    if not is_prepared():
        maven()


def _build(programs: Path) -> None:
    """Let Keycloak build itself for `start-dev`, which it does by itself once and then asks to be started again."""
    home = programs.parent / "home"
    furnish(programs, home)
    built = subprocess.run(  # noqa: S603 - the distribution's own programs, no shell
        [*java_command(programs, home=home, built=False), "start-dev", f"--http-port={free_port()}"],
        env=plain_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode != _BUILT_NOW_RESTART:
        raise ServerFailed(f"Keycloak could not build itself: {built.stdout[-2000:]}")


def _make_blank(programs: Path) -> None:
    """Keep the database of a start without realms of ours, and its administrator's generated password."""
    home = programs.parent / "home"
    port = free_port()
    command = [*java_command(programs, home=home, built=True), "start-dev"]
    command += ["--http-host=127.0.0.1", f"--http-port={port}"]
    password = programs / _ADMIN_PASSWORD
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    administrator = {
        "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN_USERNAME,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": password.read_text(),
    }
    part = ManagedProcess("keycloak-blank", command, folder=home, env={**plain_environment(), **administrator})
    part.start()
    try:
        part.await_ready(lambda: answers(f"http://127.0.0.1:{port}/realms/master"), within=_READY_WITHIN)
    finally:
        part.stop(patience=20)
    shutil.copytree(home / "data" / "h2", programs / _BLANK)


def admin_password(programs: Path) -> str:
    """The password of ADMIN_USERNAME on every server whose data began as this distribution's blank."""
    return (programs / _ADMIN_PASSWORD).read_text()


def furnish(programs: Path, home: Path) -> None:
    """Make a home for one server: its own data, themes and providers, the programs' configuration."""
    for folder in ("data", "themes", "providers"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    for shared in ("conf", "lib"):
        point(home / shared, to=programs / shared)
    blank = programs / _BLANK
    if blank.exists() and not (home / "data" / "h2").exists():
        shutil.copytree(blank, home / "data" / "h2")


def answers(url: str) -> bool:
    """Whether that address answers 200. Asked many times a second: an httpx client would cost a core while we wait."""
    where = urlsplit(url)
    asking = HTTPConnection(where.hostname or "127.0.0.1", where.port, timeout=5)
    try:
        asking.request("GET", where.path or "/")
        return asking.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        asking.close()


def java_command(programs: Path, *, home: Path, built: bool) -> list[str]:
    """The start of the command that runs Keycloak's programs with that home, as its own start script would."""
    return [
        str(newest_java()),
        *(("-Dkc.config.built=true",) if built else ()),
        *(() if _PEAK in os.environ else ("-XX:TieredStopAtLevel=1",)),
        *_JVM,
        f"-Dkc.home.dir={home}",
        f"-Djboss.server.config.dir={home / 'conf'}",
        *("-cp", str(programs / "lib" / "quarkus-run.jar"), f"{_QUARKUS}.runner.QuarkusEntryPoint"),
    ]


def plain_environment() -> Mapping[str, str]:
    """Our environment without what would change Keycloak's or Java's settings behind our back."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KC_", "JAVA_", "QUARKUS_"))}
    return {**kept, "JAVA_HOME": java_home(newest_java())}


def point(link: Path, *, to: Path) -> None:
    """Make `link` a symbolic link to `to`, whatever it was before."""
    if link.is_symlink() and link.readlink() == to:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(to)
