"""A file of orders that was cut, doubled or mistyped anywhere is read for what it says, or is named: nothing else."""

import csv
import re
import tomllib
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workflows.i18n import translator
from workflows.reorganisation.faults import BadOrderFile
from workflows.reorganisation.order_files import OrderFile, read_orders
from workflows.reorganisation.words import LATVIAN

TABLE = (
    "reference,legal_basis,effective,change,sources,targets,new_name,new_code\n"
    "1-3/7,Domes lēmums,2026-09-01,joined,4113900001|4113900002,4113900003,,\n"
    '1-3/8,"Domes ""jaunais"" lēmums",2026-09-01,renamed,4113900003,,"Aldas,\nskola",\n'
    "1-3/9,Likums,2026-10-01,transformed,4113900004,4113900009=Jaunā skola,,\n"
)
TOML = (
    '[[order]]\nreference = "1-3/7"\nlegal_basis = "Domes lēmums"\neffective = 2026-09-01\n\n'
    '[[order.change]] # viena\nkind = "joined"\nsources = ["4113900001", "4113900002"]\ntargets = ["4113900003"]\n'
    '[[order.change]]\nkind = "renamed"\nsources = ["4113900003"]\nnew_name = """Aldas\nskola"""\n'
    "[[order]]\nreference = '1-3/9'\nlegal_basis = \"Likums\"\neffective = 2026-10-01\n"
    '[[order.change]]\nkind = "transformed"\nsources = ["4113900004"]\n'
    'targets = [{number = "4113900009", name = "Jaunā skola"}]\n'
)
PIECES = st.sampled_from(
    [*"\"'[]{}=#,;|\t\r\n.\\-09x", '"""', "'''", "[[", "]]", "\ufeff", "\u2028", "\x85", "\x00", "[order]", "sep=;\n"]
)
PLACES = st.floats(0, 1, exclude_max=True)
CHANGES = st.lists(st.tuples(PLACES, PLACES, st.sampled_from(["put", "cut", "double"]), PIECES), min_size=1, max_size=4)


def mutated(text: str, changes: list[tuple[float, float, str, str]]) -> str:
    for where, how_much, how, piece in changes:
        at = int(where * (len(text) + 1))
        end = at + int(how_much * 40)
        text = {
            "put": text[:at] + piece + text[at:],
            "cut": text[:at] + text[end:],
            "double": text[:end] + text[at:],
        }[how]
    return text


def read(text: str) -> OrderFile | None:
    """Read it; None where it is named, each fault with a line of the file and a sentence."""
    try:
        return read_orders(text.encode())
    except BadOrderFile as bad:
        faults = bad.faults
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert faults
    assert all(1 <= one.line <= lines for one in faults)
    assert all("%(" not in one.in_words(translator("lv")) for one in faults)
    return None


def said(file: OrderFile) -> set[tuple[str, ...]]:
    """Say each change in plain words."""
    return {
        (
            order.reference,
            order.legal_basis,
            order.effective.isoformat(),
            change.kind.value,
            "|".join(party.key for party in change.sources),
            "|".join(f"{party.key}={party.founded_as or ''}" for party in change.targets),
            change.new_name or "",
            change.new_atvk or "",
        )
        for order in file.orders
        for change in order.changes
    }


def key(number: str) -> str:
    bare = number.partition("=")[0].strip().removeprefix("i-")
    return bare if bare.startswith("m-") else f"{'i' if len(bare) == 10 else 'atvk'}-{bare}"


def kind(text: str) -> str:
    said = spaced(text).casefold()
    return LATVIAN.get(said, said)


def spaced(text: str) -> str:
    return " ".join(text.split())


@given(CHANGES)
@example([(0.0, 0.0, "put", "sep=;\n")])
def test_a_table_says_what_another_reader_of_csv_finds_in_it(changes: list[tuple[float, float, str, str]]) -> None:
    text = mutated(TABLE, changes)
    if (file := read(text)) is None:
        return
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").lstrip(' \n\t,;"')
    separator = max(";,\t", key=plain.partition("\n")[0].count)
    rows = list(csv.DictReader(StringIO(plain, newline=""), delimiter=separator))
    expected = set()
    for row in rows:
        values = {
            re.sub(r"[\s_-]+", "_", name.strip().lower()): (value or "").strip() for name, value in row.items() if name
        }
        if not any(values.values()):
            continue
        targets = [one.partition("=") for one in values.get("targets", "").split("|") if one]
        expected.add(
            (
                values["reference"],
                values["legal_basis"],
                values["effective"],
                kind(values["change"]),
                "|".join(key(one) for one in values["sources"].split("|") if one),
                "|".join(f"{key(number)}={spaced(name)}" for number, _, name in targets),
                spaced(values.get("new_name", "")),
                values.get("new_code", ""),
            )
        )
    assert said(file) == expected


@given(CHANGES)
def test_toml_says_what_its_library_finds_in_the_whole_of_it(changes: list[tuple[float, float, str, str]]) -> None:
    text = mutated(TOML, changes)
    if (file := read(text)) is None:
        return
    whole = tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    assert set(whole) == {"order"}
    expected = set()
    for order in whole["order"]:
        for change in order["change"]:
            sources, parties = (
                [one if isinstance(one, dict) else {"number": one} for one in change.get(side, [])]
                for side in ("sources", "targets")
            )
            named = [(*one["number"].partition("=")[::2], one.get("name", "")) for one in parties]
            expected.add(
                (
                    order["reference"].strip(),
                    order["legal_basis"].strip(),
                    str(order["effective"]),
                    kind(change["kind"]),
                    "|".join(key(one["number"]) for one in sources),
                    "|".join(f"{key(number)}={spaced(name or other)}" for number, other, name in named),
                    spaced(change.get("new_name", "")),
                    change.get("new_code", ""),
                )
            )
    assert said(file) == expected


@given(st.binary(max_size=400))
def test_no_bytes_escape(content: bytes) -> None:
    with pytest.raises(BadOrderFile):
        read_orders(content)


_LARGE = 256 * 1024


@pytest.mark.parametrize(
    "part",
    [
        "[[order]]\n",
        "[[order.change]]\n",
        "[order\n",
        "[[" + " " * 1000 + "\n",
        '[[order]]\nx = """\n',
        "x = '''\\\n",
        '\\"""\n',
        "'\"",
        "[",
        "x." * 20 + "\n",
        "a = [" + "1," * 1000 + "]\n",
        '"\n',
        '""\n',
        ',""",\n',
        "k,,x,foo,1|2|3,4\n",
        "reference\t",
        "\r",
        "\x00",
        "ē",
    ],
)
@pytest.mark.parametrize("head", ["", "[[order]]\n", "reference,legal_basis,effective,change,sources,targets\n"])
def test_large_files_of_the_same_are_read_to_their_end(head: str, part: str) -> None:
    assert read(head + part * (_LARGE // len(part))) is None
