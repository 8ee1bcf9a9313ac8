"""Times are read by the grammar of the place they stand in, exactly or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from signing.asn1 import tlv as asn1
from signing.pki.times import asn1_time, pdf_date, stamp_time, xsd_date_time

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
HALF = TEN.replace(microsecond=500_000)


def element(tag: int, text: str) -> asn1.Tlv:
    return asn1.read(asn1.write(tag, text.encode()))[0]


@pytest.mark.parametrize(
    ("text", "moment"), [("20260302100000Z", TEN), ("20260302100000.5Z", HALF), ("20260302100000.5000Z", HALF)]
)
def test_a_stamp_gives_its_time_to_the_second_in_utc(text: str, moment: datetime) -> None:
    assert stamp_time(element(0x18, text)) == moment


@pytest.mark.parametrize(
    "text",
    [
        "202603021000Z", "2026030210Z", "2026030210000Z", "20260302100000", "20260302100000+0000", "20260302100000,5Z",
        "20260302100000.Z", "20260302100060Z", "20260230100000Z", " 2026030210000Z", "2026 302100000Z",
        "20260302100000z",        "2026030210000\u0660Z", "",
    ],
)  # fmt: skip
def test_a_stamp_that_gives_less_or_more_gives_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        stamp_time(element(0x18, text))
    with pytest.raises(ValueError, match="time stamp"):
        stamp_time(element(0x17, "260302100000Z"))


@pytest.mark.parametrize(
    ("tag", "text", "moment"),
    [
        (0x17, "260302100000Z", TEN),
        (0x17, "2603021000Z", TEN),
        (0x17, "260302120000+0200", TEN),
        (0x17, "2603020930-0030", TEN),
        (0x17, "500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (0x17, "491231235959Z", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (0x18, "20260302100000Z", TEN),
        (0x18, "202603021000Z", TEN),
        (0x18, "260302100000Z", datetime(2603, 2, 10, tzinfo=UTC)),
        (0x18, "20260302100000.5Z", HALF),
        (0x18, "20260302100000,5Z", HALF),
        (0x18, "20260302120000.50+0200", HALF),
    ],
)
def test_a_certificates_time_is_what_it_says_where_that_is_one_time(tag: int, text: str, moment: datetime) -> None:
    assert asn1_time(element(tag, text)) == moment


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (0x17, "260302100000"), (0x17, "26030210Z"), (0x17, "20260302100000Z"), (0x17, "260302100060Z"),
        (0x17, "260302100000+2500"), (0x17, "260302100000+0060"), (0x17, "2603021000000Z"), (0x17, "260302100000.5Z"),
        (0x18, "20260302100000"), (0x18, "2026030210Z"), (0x18, "2026030210.5Z"), (0x18, "202603021000.5Z"),
        (0x18, "20261302100000Z"), (0x0C, "20260302100000Z"), (0x18, "20260302100060Z"),
        (0x18, "00010101000000+0200"), (0x18, "99991231230000-0200"),
    ],
)  # fmt: skip
def test_one_that_could_be_two_times_or_none_is_none(tag: int, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        asn1_time(element(tag, text))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T10:00:00Z", TEN),
        (" 2026-03-02T10:00:00Z\n", TEN),
        ("2026-03-02T12:00:00+02:00", TEN),
        ("2026-03-02T10:00:00", TEN),
        ("2026-03-02T10:00:00.5Z", HALF),
        ("2026-03-02T10:00:00.5000000001Z", HALF),
        ("2026-03-01T24:00:00Z", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-02T24:00:00+14:00", TEN),
    ],
)
def test_a_time_in_xml(text: str, moment: datetime) -> None:
    assert xsd_date_time(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02", "20260302T100000Z", "2026-03-02 10:00:00Z", "2026-03-02T10:00Z", "2026-W10-1T10:00:00Z",
        "2026-3-2T10:00:00Z", "2026-03-02T10:00:00+02", "2026-03-02T10:00:00+0200", "2026-03-02T10:00:60Z",
        "2026-03-02T24:00:01Z", "2026-03-02T10:00:00+14:01", "2026-03-02T10:00:00,5Z", "2026-03-02T10:00:00.Z",
        "9999-12-31T24:00:00Z", "9999-12-31T23:00:00-02:00", "0001-01-01T00:00:00+02:00",
        "2026-02-30T10:00:00Z", "\u00a02026-03-02T10:00:00Z", "26-03-02T10:00:00Z", "2026-03-02t10:00:00z", "",
    ],
)  # fmt: skip
def test_what_is_no_time_in_xml(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        xsd_date_time(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("D:20260302100000Z", TEN),
        ("D:20260302120000+02'00'", TEN),
        ("D:20260302120000+02'00", TEN),
        ("D:20260302080000-02'00'", TEN),
        ("D:20260302100000", TEN),
        ("D:2026030210", TEN),
        ("D:20260302100000Z00'00'", TEN),
        ("20260302100000Z", TEN),
        ("D:2026", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_date_in_a_pdf(text: str, moment: datetime) -> None:
    assert pdf_date(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "D:202603021",
        "D:20260302100000+",
        "D:20260302100000Z tail",
        "D:20261302",
        "D:20260302250000Z",
        "today",
        "",
        "D:26",
        "D:00010101000000+02'00'",
    ],
)
def test_what_is_no_date_in_a_pdf(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        pdf_date(text)
