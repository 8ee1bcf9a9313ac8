"""The gallery shows every page there is, each by a story that is there."""

import re
from pathlib import Path

import pytest

from tests.gallery.stories import STORIES
from workflows.web.templating import environment

ROOT = Path(__file__).parents[3]
NO_PAGES = re.compile(r"_|base\.html$|apply_form\.html$")  # what pages extend and import


def test_every_template_of_a_page_is_in_the_gallery() -> None:
    templates = {name for name in environment().list_templates(["html"]) if not NO_PAGES.match(name)}
    assert set(STORIES) == templates, "name a story that is answered with the page in tests/gallery/stories.py"


@pytest.mark.parametrize("story", sorted({story for told in STORIES.values() for story in told}))
def test_its_stories_are_there(story: str) -> None:
    path, _, name = story.partition("::")
    assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text("utf-8")
