"""The dated list of municipalities that the reform left alone, read from the real register."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from builders.iam.register import BY_REVIEWER
from builders.shared import SHARED
from iam.institutions.register import import_institutions
from iam.orders import places
from iam.orders import service as orders
from iam.orders.states import OrderState
from workflows.reorganisation.checking import checked
from workflows.reorganisation.order_files import read_orders
from workflows.restoration.reading import unchanged

pytestmark = pytest.mark.shared

AT = datetime(2025, 7, 1, 8, tzinfo=UTC)
FIFTEEN = {
    *("Rīga", "Daugavpils", "Jelgava", "Jūrmala", "Liepāja", "Rēzekne", "Ventspils"),
    *(
        f"{name} novads"
        for name in ("Alūksnes", "Gulbenes", "Līvānu", "Olaines", "Salaspils", "Valkas", "Varakļānu", "Ventspils")
    ),
}


def names(session: Session, on: date) -> set[str]:
    return {town.name for town in unchanged(session, on=on)}


def test_fifteen_since_the_reform_and_fourteen_since_varaklani_is_part_of_madona(session: Session) -> None:
    import_institutions(session, SHARED / "data" / "institutions2020.csv", origin=BY_REVIEWER, at=AT)
    assert names(session, date(2021, 7, 1)) == FIFTEEN
    assert names(session, date(2025, 7, 1)) == FIFTEEN
    said = checked(session, read_orders((SHARED / "data" / "atr_later.csv").read_bytes())).orders
    for order in orders.draft(session, said, origin=BY_REVIEWER, at=AT):
        orders.move(session, order, OrderState.APPROVED, origin=BY_REVIEWER, at=AT)
        assert "Varakļānu novads" in names(session, date(2025, 6, 30))
        assert "Varakļānu novads" not in names(session, date(2025, 7, 1)), "approved, however late it is carried out"
        orders.move(session, order, OrderState.APPLYING, origin=BY_REVIEWER, at=AT)
        places.change_places(session, order, origin=BY_REVIEWER, at=AT)
    assert names(session, date(2025, 6, 30)) == FIFTEEN
    assert names(session, date(2025, 7, 1)) == FIFTEEN - {"Varakļānu novads"}
