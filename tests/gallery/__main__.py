"""`python -m tests.gallery FOLDER` pictures every mail and every page into the folder; it starts servers of its own."""

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.gallery.picturing import Shown, mails, picture, write_index
from tests.gallery.recording import FOLDER, pages_in
from tests.gallery.stories import STORIES

_MOST = 8  # pictures of one template: more say the same again


def main(folder: Path) -> int:
    """Run the stories, picture what they were answered, and say what is missing; 1 when anything is."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("*.png"), *folder.glob("index.html")):
        old.unlink()
    with tempfile.TemporaryDirectory() as recorded:
        stories = sorted({story for told in STORIES.values() for story in told})
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.gallery.recording", *stories]
        # A page is asked for twice, which a story that counts may not like: what was recorded is what counts here.
        subprocess.run(command, env={**os.environ, FOLDER: recorded}, check=False)
        pages = list(_pages(Path(recorded)))
    letters = list(mails())
    picture([*letters, *pages], folder)
    index = write_index({"Mails": letters, "Pages": pages}, folder)
    missing = sorted(set(STORIES) - {one.title for one in pages})
    sys.stdout.write(f"{len(letters)} mails, {len(pages)} pages: {index}\n")
    if missing:
        sys.stdout.write(f"not shown in both languages: {', '.join(missing)}\n")
    return 1 if missing else 0


def _pages(recorded: Path) -> list[Shown]:
    found, seen, kept = [], set(), Counter[str]()
    for one in pages_in(recorded):
        same = (one.template, _read(one.pages.get("lv", "")))
        if len(one.pages) < 2 or same in seen or kept[one.template] == _MOST:
            continue
        seen.add(same)
        kept[one.template] += 1
        name = f"page-{one.template.removesuffix('.html')}-{kept[one.template]}"
        source = f"{one.method} {one.address}, {one.status}: {one.story}"
        found.append(Shown(name=name, title=one.template, source=source, html=one.pages, text={}))
    return sorted(found, key=lambda shown: shown.name)


def _read(page: str) -> str:
    """Return what is read on a page, without what every request makes anew; fields and pictures count too."""
    body = page.partition("<main")[2].partition("</main>")[0]
    told = re.sub(r'(?:name="csrf" )?value="[^"]*"|[0-9A-Z]{4}(?:-[0-9A-Z]{4}){1,2}|\d', "", body)
    return re.sub(r"/[\w./?=&;-]+|\s+", " ", told)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).expanduser()))
