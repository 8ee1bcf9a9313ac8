"""Every template names what its page declares, and every page declares what its template names."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import ClassVar

import pytest
from jinja2 import UndefinedError, meta, nodes

import workflows.web.app  # noqa: F401 - every page is declared by then
from workflows.web.templating import COMMON, Page, context_of, environment

BASES = {"base.html"}
MACROS = {
    "_descent.html",
    "_fields.html",
    "_files.html",
    "_history.html",
    "_kept.html",
    "_order.html",
    "_pending.html",
    "_people.html",
    "_plan_figures.html",
    "_presence.html",
}
ENVIRONMENT = environment()


def pages(kind: type[Page] = Page) -> Iterator[type[Page]]:
    for one in kind.__subclasses__():
        if one.__module__.startswith("workflows."):
            yield from pages(one)
            if "template" in vars(one):
                yield one


def syntax(template: str) -> nodes.Template:
    assert ENVIRONMENT.loader is not None
    return ENVIRONMENT.parse(ENVIRONMENT.loader.get_source(ENVIRONMENT, template)[0])


def shared_by(tree: nodes.Template) -> set[str]:
    """Return the names a template gives to itself, to what it extends and what extends it: set at its top, imported."""
    at_the_top = [one.target for one in tree.body if isinstance(one, nodes.Assign)]
    names = {target.name for target in at_the_top if isinstance(target, nodes.Name)}
    named = {name for one in tree.find_all(nodes.FromImport) for name in one.names if isinstance(name, str)}
    return names | named | {one.target for one in tree.find_all(nodes.Import)}


def own_names(tree: nodes.Template) -> set[str]:
    """Return the names set within a template, in a branch too, which `meta` takes for undeclared, and its macros."""
    targets = {*(one.target for one in tree.find_all(nodes.Assign))}
    targets |= {one.target for one in tree.find_all(nodes.AssignBlock)}
    assigned = {
        one.name for target in targets for one in (target, *target.find_all(nodes.Name)) if isinstance(one, nodes.Name)
    }
    return assigned | {macro.name for macro in tree.find_all(nodes.Macro)}


def chain(template: str) -> list[nodes.Template]:
    """Return the template and everything it extends, includes or imports."""
    found, waiting = {}, [template]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = syntax(name)
            waiting += [one for one in meta.find_referenced_templates(found[name]) if one is not None]
    return list(found.values())


def named(template: str) -> set[str]:
    """Return what the template asks of its page, through all it extends and imports."""
    trees = chain(template)
    asked = {name for tree in trees for name in meta.find_undeclared_variables(tree) - own_names(tree)}
    return asked - {name for tree in trees for name in shared_by(tree)} - COMMON - set(ENVIRONMENT.globals)


PAGES = sorted({page.template: page for page in pages()}.items())


def test_every_template_is_the_page_of_one_class() -> None:
    known = {template for template, _ in PAGES}
    assert set(ENVIRONMENT.list_templates(["html"])) - BASES - MACROS == known


@pytest.mark.parametrize(("template", "page"), PAGES)
def test_a_template_names_what_its_page_declares(template: str, page: type[Page]) -> None:
    declared = {one.name for one in fields(page)}
    assert named(template) - declared == set(), "declare these in the page, or correct the template"
    assert declared - named(template) - {"values"} == set(), "no template asks for these"


@pytest.mark.parametrize("source", ["{{ nmae }}", "{% if nmae %}{% endif %}", "{{ row.nmae }}", "{{ row['nmae'] }}"])
def test_a_misspelt_name_is_an_error(source: str) -> None:
    with pytest.raises(UndefinedError):
        ENVIRONMENT.from_string(source).render(row={"name": "Anna"})


def test_what_a_form_of_govuk_frontend_is_not_told_is_left_out() -> None:
    """Its macros ask for optional members; those may be missing."""
    assert 'id="a"' in ENVIRONMENT.from_string("{{ govukInput({'id': 'a', 'label': {'text': 'A'}}) }}").render()


def test_a_page_gives_its_fields_by_name() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class _Greeting(Page):
        template: ClassVar[str] = "greeting.html"

        name: str

    assert context_of(_Greeting(name="Anna")) == {"name": "Anna", "values": {}}
