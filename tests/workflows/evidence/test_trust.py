"""The trusted lists in force: fetched, verified, kept, and never taken back by whoever serves older ones."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from demo.pki import Server, Trouble, Twist
from signing import TrustState
from signing.pki.certificates import UnreadableCertificate
from tests.workflows.evidence.conftest import Lists
from workflows.evidence.refresh import load_pinned
from workflows.evidence.trust import TrustListCopy, current_trust


def test_before_the_first_refresh_the_lists_are_missing(lists: Lists) -> None:
    assert lists.state() is TrustState.MISSING


def test_a_refresh_puts_every_verified_list_in_force_and_keeps_it(lists: Lists) -> None:
    assert lists.refresh().state(lists.at) is TrustState.FRESH
    assert [place.territory for place in lists.places()][:1] == ["EU"]
    assert all(place.problem is None and place.refreshed_at == lists.at for place in lists.places())
    with lists.sessions() as session:
        kept = set(session.scalars(select(TrustListCopy.sha256)))
        assert kept == {place.current for place in lists.places()}
        # The same object as long as nothing changes: the judge pickles it once.
        assert current_trust(session) is current_trust(session)


def test_a_worker_that_starts_while_the_world_is_away_judges_by_the_last_good_copies(
    lists: Lists, pki_server: Server
) -> None:
    before = lists.refresh()
    pki_server.trouble = Trouble(lists="off")

    after = lists.refresh(at=lists.at + timedelta(hours=1))

    assert after.digests == before.digests
    assert lists.state() is TrustState.FRESH
    (lotl, *_) = lists.places()
    assert lotl.problem is not None
    assert lotl.refreshed_at == lists.at
    assert lotl.tried_at == lists.at + timedelta(hours=1)


def test_lists_nobody_renews_grow_stale_visibly(lists: Lists) -> None:
    lists.refresh()
    assert lists.state(at=lists.at + timedelta(days=400)) is TrustState.STALE


@pytest.mark.parametrize("twist", [Twist(torn=True), Twist(signer="list-impostor"), Twist(sequence=1)])
def test_a_list_that_is_torn_forged_or_older_does_not_replace_the_one_in_force(
    lists: Lists, pki_server: Server, twist: Twist
) -> None:
    before = lists.refresh()
    pki_server.twist = twist

    after = lists.refresh(at=lists.at + timedelta(hours=1))

    assert set(after.digests) == set(before.digests)
    assert any(place.problem is not None for place in lists.places())


def test_a_list_of_lists_signed_by_nobody_we_pinned_changes_nothing(lists: Lists) -> None:
    stranger = replace(lists, signers=())
    assert stranger.refresh().state(lists.at) is TrustState.MISSING
    with lists.sessions() as session:
        assert session.scalar(select(func.count()).select_from(TrustListCopy)) == 0


def test_a_pin_that_cannot_be_read_is_not_no_pin(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("pins")
    (folder / "signer.pem").write_text("not a certificate")
    with pytest.raises(UnreadableCertificate):
        load_pinned(folder)
    with pytest.raises(OSError, match="nowhere"):
        load_pinned(folder / "nowhere")
    assert load_pinned(None) == ()
