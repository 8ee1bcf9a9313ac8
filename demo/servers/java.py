"""Which Java and which Maven are here, and how does a Maven artifact come into the cache?"""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.servers.folders import cache_dir
from demo.servers.process import ProgramMissing, ServerFailed

__all__ = ["artifact", "java_home", "maven", "newest_java", "one_at_a_time"]

_OLDEST_USABLE = 17
_USUAL_FOLDERS = ("/usr/lib/jvm", "/usr/java", "/opt/java", "/Library/Java/JavaVirtualMachines")


def newest_java() -> Path:
    """The `java` of the newest JDK or JRE found, at least 17.

    Looked for in JAVA_HOME, the usual folders and PATH. Raises ProgramMissing with the sentence that says what to
    install.
    """
    found = [(version, java) for java in _candidates() if (version := _major_version(java)) >= _OLDEST_USABLE]
    if not found:
        raise ProgramMissing(
            f"Java {_OLDEST_USABLE} or newer is needed to run Keycloak and the mail server: install it "
            "(on Debian or Ubuntu: apt-get install openjdk-17-jre-headless) and try again."
        )
    return max(found, key=lambda pair: pair[0])[1]


def maven() -> Path:
    """Maven's program. Raises ProgramMissing with the sentence that says what to install."""
    found = shutil.which("mvn")
    if found is None:
        raise ProgramMissing(
            "Maven is needed to fetch Keycloak and the mail server: install it "
            "(on Debian or Ubuntu: apt-get install maven) and try again."
        )
    return Path(found)


def artifact(coordinates: str) -> Path:
    """The file of a Maven artifact (`group:name:version[:type]`) in the cache, downloaded through Maven when new.

    Raises ProgramMissing without Maven, ServerFailed with Maven's own words when it cannot fetch.
    """
    _, name, version, *kind = coordinates.split(":")
    folder = cache_dir() / "maven"
    file = folder / f"{name}-{version}.{kind[0] if kind else 'jar'}"
    with one_at_a_time(f"maven-{name}"):
        if not file.exists():
            _download(coordinates, folder)
        if not file.exists():
            raise ServerFailed(f"Maven said it fetched {coordinates}, but {file.name} is not there.")
    return file


@contextmanager
def one_at_a_time(what: str) -> Iterator[None]:
    """Hold a lock under that name in the cache, so that two runs do not prepare the same thing side by side."""
    folder = cache_dir() / "locks"
    folder.mkdir(exist_ok=True)
    with (folder / what).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released when the file closes, however we end
        yield


def java_home(java: Path) -> str:
    """The JAVA_HOME of that `java`."""
    return str(java.resolve().parent.parent)


def _download(coordinates: str, folder: Path) -> None:
    # Into a folder of its own first: a download that was cut off never looks like a finished one.
    landing = folder / "landing"
    shutil.rmtree(landing, ignore_errors=True)
    landing.mkdir(parents=True)
    fetched = subprocess.run(  # noqa: S603 - our own words, no shell
        [str(maven()), "-q", "-B", "dependency:copy", f"-Dartifact={coordinates}", f"-DoutputDirectory={landing}"],
        env={**os.environ, "JAVA_HOME": java_home(newest_java())},
        cwd=landing,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode:
        errors = [line for line in fetched.stdout.splitlines() if line.startswith("[ERROR]")]
        raise ServerFailed(f"Maven could not fetch {coordinates}: {' '.join(errors[:2]) or fetched.stderr.strip()}")
    for file in landing.iterdir():
        file.replace(folder / file.name)
    landing.rmdir()


def _candidates() -> Iterator[Path]:
    home = os.environ.get("JAVA_HOME")
    homes = [Path(home)] if home else []
    for folder in _USUAL_FOLDERS:
        homes += [entry for entry in sorted(Path(folder).glob("*")) if entry.is_dir()]
    for entry in homes:
        for java in (entry / "bin" / "java", entry / "Contents" / "Home" / "bin" / "java"):
            if os.access(java, os.X_OK):
                yield java
    on_path = shutil.which("java")
    if on_path is not None:
        yield Path(on_path)


def _major_version(java: Path) -> int:
    """The feature release, 0 when it cannot be told. The `release` file saves starting each Java to ask."""
    release = java.resolve().parent.parent / "release"
    if release.exists():
        said = release.read_text(errors="replace")
    else:
        asked = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 - as found
        said = asked.stderr
    number = re.search(r'(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)', said)
    return int(number.group(1)) if number else 0
