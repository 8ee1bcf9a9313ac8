"""The pages of an application that was filled in are accessible, fit a telephone and work by the keyboard."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session, sessionmaker

from builders.iam.register import BY_REVIEWER
from builders.workflows.office import Office, Submitted
from iam.grants.models import Account, Level
from iam.orders import service as orders
from tests.workflows.web.test_browser import check, page, proven
from workflows.application import prefilled
from workflows.application.kinds.rights_kind import Wish
from workflows.reorganisation.checking import checked
from workflows.reorganisation.order_files import read_orders

__all__ = ["page", "proven"]  # fixtures of the stories in a browser

pytestmark = pytest.mark.browser

OTHER = "9013900114"
LINES = (
    "reference,legal_basis,effective,change,sources,targets,new_name,new_code\n"
    "1,Domes lēmums,{day},joined,9013900107,9013900114,,\n"
)


@pytest.mark.parametrize("language", ["lv", "en"])
def test_what_was_filled_in_is_accessible_with_its_code_masked(
    page: Page, office: Office, proven: Submitted, sessions: sessionmaker[Session], language: str
) -> None:
    account = office.approve(proven)
    day = office.today + timedelta(days=10)
    with sessions.begin() as session:
        (order,) = orders.draft(
            session,
            checked(session, read_orders(LINES.format(day=day).encode())).orders,
            origin=BY_REVIEWER,
            at=office.now,
        )
        wish = Wish(
            given_name="Anna",
            surname="Liepa",
            email=account.email,
            phone="",
            place=f"i-{OTHER}",
            sections={"learners": Level.EDIT},
            since=day,
            until=None,
            reason="1, Domes lēmums",
        )
        own = session.get_one(Account, account.id)
        wanted = [prefilled.ToFillIn(own, order, wish)]
        (address,) = prefilled.fill_in(session, wanted, base_url="", origin=BY_REVIEWER, at=office.now)
    draft = address.partition("?")[0]
    for path in ("", "/user", "/mailbox"):
        page.goto(f"{draft}{path}?lang={language}")
        expect(page.locator("main")).to_contain_text("******-*")
        check(page)
    page.locator("main .govuk-button").focus()
    page.keyboard.press("Enter")
    field = page.locator("#code")
    expect(field).to_be_visible()
    check(page)
    field.focus()
    page.keyboard.type("1234 5678")
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    check(page)
