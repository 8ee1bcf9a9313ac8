"""Open accounts, change how their holders are reached, shut and end them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from iam.errors import AccountShut, Unknown
from iam.grants import repository
from iam.grants.models import Account, AccountStatus
from iam.grants.usernames import first_free, wished
from iam.ids import AccountId
from iam.locks import one_at_a_time
from iam.people.models import Person

__all__ = [
    "account_called",
    "account_of",
    "change_contact",
    "changed",
    "disable",
    "enable",
    "locked",
    "open_account",
]


def account_of(session: Session, person: Person) -> Account | None:
    """Find the person's account."""
    return repository.account_of(session, person.id)


def account_called(session: Session, username: str) -> Account | None:
    """Find the account with this username, however it is written."""
    return repository.account_called(session, username.strip().lower())


def open_account(
    session: Session,
    *,
    person: Person,
    email: str,
    phone: str,
    language: str,
    at: datetime,
    reserved: Collection[str] = (),
) -> Account:
    """Give the person's one account, opened now if there is none.

    An account there is stays as it is: e-mail and phone change by `change_contact` only, when somebody decided that.
    The username is given.surname in ASCII, with a number when anybody ever had it, or when it is `reserved` (usernames
    that mean somebody else, by another table than ours).
    """
    one_at_a_time(session, "usernames")
    known = repository.account_of(session, person.id)
    if known is not None:
        return known
    wish = wished(person.given_name, person.surname)
    account = Account(
        person_id=person.id,
        username=first_free(wish, repository.usernames_like(session, wish) | set(reserved)),
        email=email.strip(),
        phone=phone.strip(),
        language=language,
        status=AccountStatus.ACTIVE,
        adopted=False,
        opened_at=at,
        revision=1,
        projected_revision=0,
    )
    session.add(account)
    session.flush()
    return account


def change_contact(session: Session, account: Account, *, email: str, phone: str, language: str) -> None:
    """Change how the holder is reached; Keycloak follows."""
    account = locked(session, account.id)
    account.email, account.phone, account.language = email.strip(), phone.strip(), language
    changed(account)
    session.flush()


def disable(session: Session, account: Account) -> None:
    """Shut an account on purpose. Its rights stay recorded and give nothing until somebody enables it."""
    _set_status(session, account, AccountStatus.DISABLED)


def enable(session: Session, account: Account) -> None:
    """Open a shut or ended account again; only a person decides that."""
    _set_status(session, account, AccountStatus.ACTIVE)


def locked(session: Session, account_id: AccountId) -> Account:
    """Give the account with its row held until the transaction ends: one writer at a time. Raises Unknown."""
    account = repository.lock_account(session, account_id)
    if account is None:
        raise Unknown(f"no account has the id {account_id}")
    return account


def changed(account: Account) -> None:
    """Note that Keycloak must follow."""
    account.revision += 1


def revived(account: Account) -> None:
    """Let a new right open an ended account again. Raises AccountShut for one that a person disabled."""
    if account.status == AccountStatus.DISABLED:
        raise AccountShut(f"account {account.username} was disabled")
    account.status = AccountStatus.ACTIVE


def _set_status(session: Session, account: Account, status: AccountStatus) -> None:
    account = locked(session, account.id)
    if account.status != status:
        account.status = status
        changed(account)
        session.flush()
