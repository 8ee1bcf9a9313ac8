"""The demo's trusted lists have the shape of the real ones, and the twisted ones are twisted in one way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

import pytest
from cryptography import x509
from lxml import etree
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from builders.shared import SHARED
from demo.pki import Pki, Twist, ee_list, lotl, lv_list

_TSL = {
    "t": "http://uri.etsi.org/02231/v2#",
    "q": "http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#",
}
_REAL = SHARED / "corpus" / "trust" / "lv" / "LV-2023-09-12-seq41.xml"


def _verify(octets: bytes, signer: x509.Certificate) -> None:
    XMLVerifier().verify(octets, x509_cert=signer, expect_config=SignatureConfiguration(expect_references=2))


def _texts(octets: bytes, path: str) -> list[str]:
    return [str(each) for each in cast("list[str]", etree.fromstring(octets).xpath(path, namespaces=_TSL))]


@pytest.mark.parametrize(("make", "signer"), [(lv_list, "list-lv"), (ee_list, "list-ee"), (lotl, "lotl")])
def test_a_list_is_signed_by_its_signer(pki: Pki, make: Callable[..., bytes], signer: str) -> None:
    _verify(make(pki, at=pki.epoch), pki.certificate(signer))


def test_the_list_of_lists_leads_to_both_lists_and_their_signers(pki: Pki) -> None:
    octets = lotl(pki, at=pki.epoch)

    assert _texts(octets, "//t:TSLLocation/text()") == [
        f"{pki.base_url}/lists/{name}.xml" for name in ("lotl", "lv", "ee")
    ]
    assert len(_texts(octets, "//t:OtherTSLPointer[2]//t:X509Certificate/text()")) == 2


def test_history_names_no_certificates(pki: Pki) -> None:
    octets = lv_list(pki, at=pki.epoch)

    assert _texts(octets, "//t:ServiceHistoryInstance//t:X509Certificate") == []
    assert len(_texts(octets, "//t:ServiceHistoryInstance//t:X509SKI/text()")) == 4


def test_the_withdrawn_authority_has_its_whole_past(pki: Pki) -> None:
    octets = lv_list(pki, at=pki.epoch)
    service = "//t:TSPService[.//t:Name='DEMO eParaksts ICA 2012']"
    statuses = [each.rsplit("/", 1)[1] for each in _texts(octets, f"{service}//t:ServiceStatus/text()")]
    moments = [datetime.fromisoformat(each) for each in _texts(octets, f"{service}//t:StatusStartingTime/text()")]

    assert statuses == ["withdrawn", "granted", "accredited", "undersupervision"]
    assert moments == sorted(moments, reverse=True)


def test_devices_and_seals_are_told_apart_by_policy(pki: Pki) -> None:
    service = "//t:TSPService[.//t:Name='DEMO eParaksts ICA 2021']/t:ServiceInformation"
    names = _texts(lv_list(pki, at=pki.epoch), f"{service}//q:Qualifier/@uri")

    assert [each.rsplit("/", 1)[1] for each in names] == ["QCWithQSCD", "QCForESig", "QCForESeal"]


def test_the_same_day_gives_the_same_list_and_the_next_a_higher_number(pki: Pki) -> None:
    number = "//t:TSLSequenceNumber/text()"
    today, tomorrow = (lv_list(pki, at=pki.epoch + timedelta(days=days)) for days in (0, 1))

    assert lv_list(pki, at=pki.epoch) == today
    assert int(_texts(tomorrow, number)[0]) == int(_texts(today, number)[0]) + 1


def test_a_stale_list_is_well_signed_and_out_of_date(pki: Pki) -> None:
    octets = lv_list(pki, at=pki.epoch, twist=Twist(expired=True))

    _verify(octets, pki.certificate("list-lv"))
    (next_update,) = _texts(octets, "//t:NextUpdate/t:dateTime/text()")
    assert datetime.fromisoformat(next_update) < pki.epoch


def test_an_impostor_signs_well_but_is_announced_nowhere(pki: Pki) -> None:
    octets = lv_list(pki, at=pki.epoch, twist=Twist(signer="list-impostor"))

    _verify(octets, pki.certificate("list-impostor"))
    with pytest.raises(InvalidSignature):
        _verify(octets, pki.certificate("list-lv"))


def test_a_torn_list_is_changed_after_signing(pki: Pki) -> None:
    with pytest.raises(InvalidDigest):
        _verify(lv_list(pki, at=pki.epoch, twist=Twist(torn=True)), pki.certificate("list-lv"))


def test_a_status_can_be_twisted_and_the_old_one_becomes_history(pki: Pki) -> None:
    since = pki.epoch - timedelta(days=3)
    octets = lv_list(pki, at=pki.epoch, twist=Twist(statuses={"eid": ("withdrawn", since)}))
    service = "//t:TSPService[.//t:Name='DEMO LV eID ICA 2021']"
    statuses = [each.rsplit("/", 1)[1] for each in _texts(octets, f"{service}//t:ServiceStatus/text()")]

    assert statuses == ["withdrawn", "granted"]


def test_a_service_can_be_left_out(pki: Pki) -> None:
    octets = lv_list(pki, at=pki.epoch, twist=Twist(without=("tsa",)))

    assert "DEMO eParaksts TSA 2024" not in _texts(octets, "//t:ServiceName/t:Name/text()")


@pytest.mark.shared
def test_every_element_of_ours_is_one_that_the_real_list_uses(pki: Pki) -> None:
    def paths(root: etree._Element) -> set[tuple[str, str]]:
        return {
            (str(parent.tag), str(each.tag))
            for each in root.iter("{http://uri.etsi.org/02231/v2#}*")
            if (parent := each.getparent()) is not None
        }

    ours = etree.fromstring(lv_list(pki, at=pki.epoch))
    real = etree.parse(_REAL).getroot()
    assert paths(ours) - paths(real) == set()
