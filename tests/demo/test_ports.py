"""Two systems on one machine never take the same port, even before either listens."""

import socket
from pathlib import Path

from demo.ports import Ports, Reservations
from demo.servers import free_port


def test_a_port_another_system_took_is_not_taken_again() -> None:
    wanted = free_port()
    one, other = Reservations(), Reservations()
    assert one.take(wanted) == wanted
    assert other.take(wanted) != wanted
    one.close()
    assert other.take(wanted) == wanted, "given back"
    other.close()


def test_a_port_somebody_listens_on_is_left_to_them() -> None:
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        taken = foreign.getsockname()[1]
        reservations = Reservations()
        assert reservations.take(taken) != taken
        reservations.close()


def test_a_system_comes_back_at_its_old_addresses(tmp_path: Path) -> None:
    first = Reservations()
    before = Ports.remembered(tmp_path / "ports.json", first)
    assert len({before.web, before.keycloak, before.smtp, before.imap, before.pki, before.mailbox}) == 6
    first.close()
    again = Reservations()
    assert Ports.remembered(tmp_path / "ports.json", again) == before
    again.close()
