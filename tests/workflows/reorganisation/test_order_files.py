"""A file of orders is read as it is written, and everything wrong with it is named with its line, at once."""

from collections.abc import Iterable
from datetime import date

import pytest

from builders.shared import SHARED
from iam.ids import MunicipalityId
from iam.orders.models import ChangeKind
from iam.orders.said import Change, PartySaid
from workflows.i18n import translator
from workflows.reorganisation.faults import BadOrderFile
from workflows.reorganisation.order_files import UnreadableOrders, read_orders
from workflows.reorganisation.words import LATVIAN

HEADER = "reference,legal_basis,effective,change,sources,targets,new_name,new_code\n"
JOINED = "1-3/7,Domes lēmums,2026-09-01,joined,4113900001|4113900002,4113900003,,\n"
RENAMED = "1-3/8,Domes lēmums,2026-09-01,pārdēvēšana,i-4113900003,,Aldas ģimnāzija,\n"


def faults(text: str | bytes) -> list[tuple[int, str]]:
    with pytest.raises(BadOrderFile) as bad:
        read_orders(text if isinstance(text, bytes) else text.encode())
    for one in bad.value.faults:  # each is a sentence in both languages, with nothing left to fill in
        for language in ("lv", "en"):
            assert "%(" not in one.in_words(translator(language))
    return [(one.line, one.code) for one in bad.value.faults]


def test_lines_of_one_reference_are_one_order_and_each_change_keeps_its_line() -> None:
    split = "1-3/7,Domes lēmums,2026-09-01,split,4113900004,4113900005=Jaunā  skola | m-7 ,,\n"
    read = read_orders((HEADER + JOINED + RENAMED + split).encode())
    assert [(order.reference, order.effective, len(order.changes)) for order in read.orders] == [
        ("1-3/7", date(2026, 9, 1), 2),
        ("1-3/8", date(2026, 9, 1), 1),
    ]
    assert read.orders[0].changes[0] == Change(
        kind=ChangeKind.JOINED,
        sources=(PartySaid(reg_no="4113900001"), PartySaid(reg_no="4113900002")),
        targets=(PartySaid(reg_no="4113900003"),),
    )
    founded, municipality = read.orders[0].changes[1].targets
    assert founded == PartySaid(reg_no="4113900005", founded_as="Jaunā skola")
    assert municipality == PartySaid(municipality=MunicipalityId(7))
    assert read.orders[1].changes[0].new_name == "Aldas ģimnāzija"
    assert read.lines == {("1-3/7", 0): 2, ("1-3/7", 1): 2, ("1-3/7", 2): 4, ("1-3/8", 0): 3, ("1-3/8", 1): 3}


def test_semicolons_a_byte_order_mark_other_columns_first_and_blank_lines_are_read() -> None:
    text = "\ufeffchange;reference;effective;sources;legal_basis\r\nclosed;1;2026-09-01;4113900001;MK\r\n;;;;\r\n\r\n"
    (order,) = read_orders(text.encode()).orders
    assert order.changes == (Change(kind=ChangeKind.CLOSED, sources=(PartySaid(reg_no="4113900001"),)),)


def test_a_quoted_name_over_two_lines_does_not_move_the_lines_after_it() -> None:
    text = HEADER + '1,MK,2026-09-01,renamed,4113900001,,"Garā\nskola",\n' + "2,MK,today,closed,4113900002,,,\n"
    assert faults(text) == [(4, "effective")]


@pytest.mark.parametrize(
    ("lines", "expected"),
    {
        "1,MK,01.09.2026,closed,4113900001,,,": ["effective"],
        "1,MK,2026-02-30,closed,4113900001,,,": ["effective"],
        "1,MK,2026-09-01,abolished,4113900001,,,": ["change.unknown"],
        "1,MK,2026-09-01,closed,411390001,,,": ["party.shape"],
        "1,MK,2026-09-01,joined,4113900001,4113900002=,,": ["target.unnamed"],
        "1,MK,2026-09-01,recoded,0010000,,,12": ["code.shape"],
        ",,2026-09-01,closed,4113900001,,,": ["legal_basis.empty", "reference.empty"],
        "1,MK,2026-09-01,closed,4113900001": ["columns"],
        '1,MK,2026-09-01,closed,"41139': ["csv"],
    }.items(),
)
def test_a_line_that_cannot_be_read_is_named(lines: str, expected: list[str]) -> None:
    assert faults(HEADER + lines + "\n") == [(2, code) for code in expected]


def test_everything_wrong_is_named_at_once() -> None:
    text = (
        HEADER
        + JOINED
        + "1-3/7,MK 17,2027-01-01,closed,12,,,\n"
        + JOINED
        + "1-3/7,MK,2026-09-02,closed,4113900009,,,\n"
    )
    assert faults(text) == [(3, "party.shape"), (4, "line.twice"), (5, "order.two_bases"), (5, "order.two_days")]


def test_what_can_be_read_is_there_beside_what_cannot() -> None:
    founded = "1-3/9,Domes lēmums,2026-09-01,dibināšana,4113900001,4113900007=Jaunā skola,,\n"
    with pytest.raises(UnreadableOrders) as bad:
        read_orders((HEADER + JOINED + founded + JOINED + RENAMED).encode())
    readable = bad.value.readable
    assert [order.reference for order in readable.orders] == ["1-3/7", "1-3/8"]
    assert readable.lines["1-3/8", 1] == 5
    assert readable.lost == {"i-4113900007"}


@pytest.mark.parametrize(("language", "words"), {"lv": LATVIAN, "en": tuple(ChangeKind)}.items())
def test_a_fault_names_the_kinds_as_they_are_written_in_its_language(language: str, words: Iterable[str]) -> None:
    with pytest.raises(BadOrderFile) as bad:
        read_orders((HEADER + RENAMED.replace("pārdēvēšana", "dibināšana")).encode())
    said = bad.value.faults[0].in_words(translator(language))
    assert set(said.rpartition(": ")[2].rstrip(".").split(", ")) == set(words)


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "reference,effective,change,sources,colour\n": ["header.missing", "header.unknown"],
        HEADER.replace("new_code", "change"): ["header.twice"],
        HEADER: ["file.empty"],
        "": ["file.empty"],
    }.items(),
)
def test_a_header_that_is_not_ours_is_named(text: str, expected: list[str]) -> None:
    assert faults(text) == [(1, code) for code in expected]


def test_a_wrong_encoding_is_named_with_every_line_that_has_it() -> None:
    assert faults(b"\xff\xfe\x00\xd8") == [(1, "encoding.utf16")]
    baltic = (HEADER + JOINED + RENAMED).encode("cp1257")
    assert faults(baltic) == [(2, "encoding"), (3, "encoding")]


TOML = """
[[order]]
reference = "1-3/7"
legal_basis = "Domes lēmums"
effective = 2026-09-01

[[order.change]]
kind = "transformed"
sources = ["4111900001"]
targets = [{number = "4113900009", name = "Aldas vidusskola"}]

[[order.change]] # the second
kind = "renamed"
sources = ["4113900003"]
new_name = "Cīruļu skola"
"""


def test_toml_says_the_same() -> None:
    read = read_orders(TOML.encode())
    (order,) = read.orders
    assert (order.reference, order.legal_basis, order.effective) == ("1-3/7", "Domes lēmums", date(2026, 9, 1))
    assert order.changes[0].targets == (PartySaid(reg_no="4113900009", founded_as="Aldas vidusskola"),)
    assert order.changes[1].new_name == "Cīruļu skola"
    assert read.lines == {("1-3/7", 0): 2, ("1-3/7", 1): 7, ("1-3/7", 2): 12}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('kind = "renamed"', 'kind = "gone"', (12, "change.unknown")),
        ('sources = ["4111900001"]', "sources = [4111900001]", (7, "toml.type")),
        ('sources = ["4111900001"]', 'sources = "4111900001"', (7, "toml.type")),
        ("new_name", "name", (12, "toml.key")),
        ("effective = 2026-09-01", 'effective = "soon"', (2, "effective")),
        ("effective = 2026-09-01", "effective = 2026-09-01T10:00:00", (2, "effective")),
        ('reference = "1-3/7"', 'reference = ""', (2, "reference.empty")),
        ("[[order.change]] # the second", "[order.change]", (12, "toml.brackets")),
        ('reference = "1-3/7"', 'reference = "1-3/7', (3, "toml")),
        ('new_name = "Cīruļu skola"', 'new_name = """\n[[order.change]]\n', (16, "change.unknown")),
        ("[[order]]", "[[orders]]", (2, "toml.sections")),
    ],
)
def test_what_is_wrong_in_toml_is_named_with_the_line_of_its_section(
    before: str, after: str, expected: tuple[int, str]
) -> None:
    assert before in TOML
    assert expected in faults(TOML.replace(before, after))


MAPPING = "old_atvk,old_name,new_atvk,new_name,changed,note,extent,units,name_map_source\n"


def test_a_mapping_becomes_mergers_splits_and_codes() -> None:
    text = MAPPING + (
        "0990200,Aldas novads,0099000,Aldas novads,yes,,whole,all,\n"
        "0990400,Birzas novads,0099000,Aldas novads,yes,,whole,all,\n"
        "0990600,Cīruļu novads,0099100,Cīruļu novads,no,,whole,all,\n"
        "0990800,Dzilnas novads,0099000,Aldas novads,yes,,part,Dzilnas pagasts,\n"
        "0990800,Dzilnas novads,0099200,Dzilnas novads,yes,,part,Ezera pagasts,\n"
    )
    read = read_orders(text.encode())
    (order,) = read.orders
    assert (order.reference, order.effective) == ("ATR 2021-07-01", date(2021, 7, 1))
    merged, recoded, split = order.changes
    assert (merged.kind, [one.atvk for one in merged.sources]) == (ChangeKind.MERGED, ["0990200", "0990400"])
    assert merged.targets == (PartySaid(atvk="0099000", founded_as="Aldas novads"),)
    assert (recoded.kind, recoded.new_atvk) == (ChangeKind.RECODED, "0099100")
    assert split.kind is ChangeKind.SPLIT
    assert split.targets == (PartySaid(atvk="0099000"), PartySaid(atvk="0099200", founded_as="Dzilnas novads"))
    assert read.lines["ATR 2021-07-01", 3] == 5


def test_what_contradicts_itself_in_a_mapping_is_named() -> None:
    line = "0990200,Aldas novads,0099000,Aldas novads,yes,,whole,all,\n"
    assert faults(MAPPING + line + line) == [(3, "line.twice")]
    part = "0990200,Aldas novads,0099100,Birzas novads,yes,,part,x,\n"
    assert faults(MAPPING + line + part) == [(3, "mapping.contradicts")]
    two = "0990600,Cīruļu novads,0099100,C,no,,whole,all,\n0990700,D,0099100,C,no,,whole,all,\n"
    assert faults(MAPPING + two) == [(3, "mapping.contradicts")]
    assert faults(MAPPING + "99,A,0099000,,maybe,,all,,\n") == [
        (2, "changed"),
        (2, "code.shape"),
        (2, "extent"),
        (2, "target.unnamed"),
    ]


@pytest.mark.shared
def test_the_real_mappings_are_read_as_they_are() -> None:
    (atr,) = read_orders((SHARED / "data" / "atr2021.csv").read_bytes()).orders
    kinds = [change.kind for change in atr.changes]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        ChangeKind.MERGED: 28,
        ChangeKind.SPLIT: 2,
        ChangeKind.RECODED: 15,
    }
    ended = {party.atvk for change in atr.changes if change.kind is not ChangeKind.RECODED for party in change.sources}
    assert len(ended) == 104
    (later,) = read_orders((SHARED / "data" / "atr_later.csv").read_bytes()).orders
    assert later.effective == date(2025, 7, 1)
    recoded, joined = sorted(later.changes, key=lambda one: one.kind, reverse=True)
    assert (recoded.kind, recoded.new_atvk) == (ChangeKind.RECODED, "0038001")
    assert (joined.sources[0].atvk, joined.targets[0].atvk) == ("0055000", "0038001")


def faults_in(content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(BadOrderFile) as bad:
        read_orders(content)
    return [(one.line, one.code) for one in bad.value.faults]


def one_line(**said: str) -> bytes:
    """Write a file of one order that closes a school, but for what is said otherwise."""
    line = {"reference": "1", "legal_basis": "Domes lēmums", "effective": "2026-09-01", "change": "closed"}
    line |= {"sources": "4113900001", "targets": ""} | said
    return f"{','.join(line)}\n{','.join(line.values())}\n".encode()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"effective": "0001-01-01"}, "effective.far"),
        ({"effective": "9999-12-31"}, "effective.far"),
        ({"reference": "1\x00"}, "control"),
        ({"legal_basis": "Domes\x85lēmums"}, "control"),
        ({"change": "split", "sources": "0006000", "targets": "m-999=Jauns|0077777=Cits"}, "party.own_number"),
    ],
)
def test_what_no_order_can_say_is_named_in_its_line(said: dict[str, str], code: str) -> None:
    assert faults_in(one_line(**said)) == [(2, code)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"order = {'9' * 5000}", (1, "toml")),
        (f"order = {'[' * 3000}", (1, "toml")),
        (
            (
                '[[order]]\nreference = "1\\u0000"\nlegal_basis = "D"\neffective = 2026-09-01\n'
                '[[order.change]]\nkind = "closed"\nsources = ["4113900001"]\n'
            ),
            (5, "control"),
        ),
    ],
)
def test_no_text_escapes_the_reader_of_toml(text: str, fault: tuple[int, str]) -> None:
    assert faults_in(text.encode()) == [fault]


@pytest.mark.parametrize("written", ["pievienošana", "PIEVIENOŠANA", "pievienos\u030cana", " pievienošana\u00a0"])
def test_a_kind_is_known_however_its_letters_are_put_together(written: str) -> None:
    file = read_orders(one_line(change=written, targets="4213900003"))
    assert file.orders[0].changes[0].kind is ChangeKind.JOINED


def test_thousands_of_faults_are_named_without_comparing_each_with_each() -> None:
    lines = "k,,x,foo,1|2|3,4\n" * 5000
    assert len(faults_in(f"reference,legal_basis,effective,change,sources,targets\n{lines}".encode())) > 5000
