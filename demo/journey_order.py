"""A small order from its form to the new right in the new school's token.

(1) the reviewer fills in an order field by field: the school is transformed and gets a new number; proposes it
(2) the approver confirms it by typing how many rights end, and they end: the token shows none
(3) the user finds a mail with a link to an application that is filled in, and shows that the mailbox is theirs
(4) head and user sign and upload for the new school; the reviewer approves
(5) the right in the new school is in the token
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

from demo.browser import Browser, Page
from demo.journey_steps import SCHOOL, Desk, Office, await_, link_in, person_fields, reference_on
from demo.local_system import LocalSystem
from demo.pki.people import Person
from demo.servers import RelyingParty, ServerFailed, Tokens
from iam.periods import riga_day
from workflows import clock

__all__ = ["NEW_NUMBER", "play"]

NEW_NUMBER, _NEW_NAME = "9013900999", "Ezerpils Ezera vidusskola"
_CODE = re.compile(r"\b[0-9]{5} [0-9]{5}\b")
Step = Callable[[str], AbstractContextManager[None]]


def play(
    desk: Desk,
    office: Office,
    viis: RelyingParty,
    held: Tokens,
    *,
    step: Step,
    head: Person,
    user: Person,
    tokens: Callable[[], Tokens],
) -> Tokens:
    """Play it where the reviewer is logged in and the user `held` rights in the school; what `tokens` yields then."""
    stack = desk.stack
    with step("the reviewer fills in an order: the school gets a new number"):  # (1)
        proposal = _order(office)
    with step("the approver confirms it, and the right in the old school ends"):  # (2)
        _confirm(stack, proposal)
        # Until everybody is logged out a login of that moment may be ended half-way.
        await_(lambda: viis.introspect(held)["active"] is False or None, "introspection still says active")
        if tokens().grants:
            raise ServerFailed("the token still shows the old right")
    with step("the user opens the filled-in application from a mail and sends it"):  # (3)
        reference = _application(stack, head, user)
    with step("both sign for the new school, and the reviewer approves"):  # (4)
        for who, part in ((head, "application"), (user, "letter")):
            desk.sign_and_upload(who, part, reference)
        office.approve(reference)
    with step("the new right is in the token"):  # (5)
        wanted = f"i-{NEW_NUMBER}:"

        def arrived() -> Tokens | None:
            now = tokens()
            return now if any(one.startswith(wanted) for one in now.grants) else None

        return await_(arrived, "no right in the new school")


def _order(office: Office) -> str:
    """Fill in the order and propose it; the address of the proposal."""
    browser = office.browser
    said = {"reference": "1-3/7", "legal_basis": "Domes lēmums", "effective": f"{riga_day(clock.now()):%d.%m.%Y}."}
    page = browser.submit(browser.open("/reorganise/new"), said | {"do": "add"})
    page = browser.submit(page, {"chosen": "transformed", "do": "kind"})
    page = browser.submit(page, {"source_q": SCHOOL, "do": "find-source"})
    page = browser.submit(page, {"do": _add(page)})
    page = browser.submit(page, {"found_number": NEW_NUMBER, "found_name": _NEW_NAME, "do": "found"})
    page = browser.submit(browser.submit(page, {"do": "save"}), {"do": "check"})
    page = browser.submit(page, {"reason": "Domes lēmums"}, action="/propose")
    if "/proposals/" not in page.url:
        raise ServerFailed(f"the order was not proposed: {page.text[:1500]}")
    return page.url


def _add(page: Page) -> str:
    found = page.tree.xpath("//button[starts-with(@value, 'add-source')]/@value")
    if not found:
        raise ServerFailed(f"no school was found: {page.text[:600]}")
    return str(found[0])


def _confirm(stack: LocalSystem, proposal: str) -> None:
    second = Office(stack)
    second.log_in("approver")
    page = second.browser.open(proposal)
    rows = page.tree.xpath("//dt[normalize-space()='Tiesības beidzas' or normalize-space()='Beidzas paraksttiesības']")
    count = sum(int(one.getnext().text_content()) for one in rows)
    page = second.browser.submit(page, {"decision": "confirm", "count": str(count)}, action="/decide")
    if page.tree.xpath("//form[contains(@action, '/decide')]"):
        raise ServerFailed(f"the order was not confirmed: {page.text[:1500]}")


def _application(stack: LocalSystem, head: Person, user: Person) -> str:
    """Follow the mailed link, show the mailbox, fill in what is missing and send it; the reference number."""
    letter = stack.mail.await_letter(user.email, matching=lambda one: "/apply/" in one.text)
    # The draft knows the user, the rights and the day, and neither the head nor the position.
    with Browser(stack.base_url) as browser:
        page = browser.open(link_in(letter, "apply"))
        asked = browser.submit(browser.open(page.link("/mailbox")), {"act": "send"})
        mailed = stack.mail.await_letter(user.email, matching=lambda one: _CODE.search(one.text) is not None)
        page = browser.submit(asked, {"code": "".join(_CODE.findall(mailed.text)[0].split())})
        page = browser.submit(page, {"position": "lietvede"})
        page = browser.submit(browser.open(page.link("/head")), person_fields(head) | {"position": "direktore"})
        if not page.url.endswith("/check"):
            raise ServerFailed(f"the application lacks something: {page.url}: {page.text[:900]}")
        return reference_on(browser.submit(page, {}))
