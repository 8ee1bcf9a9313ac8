"""Ending rights on the pages: several at once with one mail, confirmed first, and recorded with who, when, on what."""

from datetime import timedelta

import pytest

from builders.workflows.office import Office, Submitted
from demo.pki import person
from iam.grants.models import Account
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in

SAID = {"when": "now", "cause": "employment_ended", "reason": "Rīkojums Nr. 7"}


@pytest.fixture
def case(office: Office) -> Submitted:
    """An application for two sections that was handed over to be decided."""
    submitted = office.submit(starts=timedelta(days=5))
    office.prove(submitted)
    return submitted


@pytest.fixture
def account(case: Submitted, office: Office) -> Account:
    """The account that it gave two rights."""
    return office.approve(case)


def test_several_rights_end_with_one_confirmation_and_one_mail(
    office: Office, case: Submitted, account: Account, sign_in: SignIn
) -> None:
    reviewer = sign_in()
    page = f"/people/{account.username}"
    first, second = (right.id for right in office.rights(account))
    assert f'name="right" value="{first}"' in reviewer.get(page).text
    chosen = reviewer.get(f"{page}/end", params={"right": [first, second]})
    path = chosen.headers["location"]
    assert path == f"{page}/end/{first},{second}"
    asked = reviewer.get(path).text
    assert "Izglītojamie un piederība" in asked
    assert "Pedagogi un tehniskais personāls" in asked
    before = len(office.mails(person("user").email))
    sure = reviewer.post(path, data={**SAID, "csrf": token_in(asked)})
    assert sure.status_code == 200
    assert "Vēl nekas nav izbeigts" in text_of(sure.text)
    assert len(office.mails(person("user").email)) == before
    assert [right.end_cause for right in office.rights(account)] == [None, None]
    done = reviewer.post(path, data={**SAID, "csrf": token_in(sure.text), "confirmed": "yes"})
    assert (done.status_code, done.headers["location"]) == (303, page)
    assert len(office.mails(person("user").email)) == before + 1, "one mail for both"
    shown = reviewer.get(page).text
    assert text_of(shown).count("Izbeidza inese.kalna") == 2
    assert text_of(shown).count(": Rīkojums Nr. 7") == 2
    assert f'href="/review/{case.reference}"' in shown.partition("<table")[2].partition("</table>")[0]
    again = reviewer.post(path, data={**SAID, "csrf": token_in(sure.text), "confirmed": "yes"})
    assert again.status_code == 303, "pressed twice, ended once"


def test_a_last_day_before_the_first_is_refused_at_its_field(office: Office, account: Account, sign_in: SignIn) -> None:
    reviewer = sign_in()
    right = office.rights(account)[0]
    path = f"/people/{account.username}/end/{right.id}"
    assert right.since is not None
    early = (right.since - timedelta(days=1)).strftime("%d.%m.%Y.")
    said = {**SAID, "when": "day", "last_day": early, "confirmed": "yes", "csrf": token_in(reviewer.get(path).text)}
    answer = reviewer.post(path, data=said)
    assert answer.status_code == 422
    assert 'href="#last_day"' in answer.text
    assert f"Tiesības sākas tikai {right.since:%d.%m.%Y.}" in text_of(answer.text)
    assert office.rights(account)[0].end_cause is None
    for typed in ("31.12.9999.", "9999-12-31", "01.01.0001.", "01.12.26", "29.02.2027.", "2199-12-31"):
        refused = reviewer.post(path, data={**said, "last_day": typed})
        assert (refused.status_code, 'href="#last_day"' in refused.text) == (422, True), typed
    on_the_first = {**said, "last_day": f"{right.since:%d.%m.%Y.}"}
    assert reviewer.post(path, data=on_the_first).status_code == 303
    assert office.rights(account)[0].until == right.since


def test_rights_of_another_account_and_what_names_none_have_no_page(
    office: Office, account: Account, sign_in: SignIn
) -> None:
    reviewer = sign_in()
    page = f"/people/{account.username}"
    assert reviewer.get(f"{page}/end").headers["location"] == page
    assert reviewer.get(f"{page}/end", params={"right": "x"}).headers["location"] == page
    for wrong in ("999999", f"{office.rights(account)[0].id},999999", "x", "1,"):
        assert reviewer.get(f"{page}/end/{wrong}").status_code == 404, wrong
