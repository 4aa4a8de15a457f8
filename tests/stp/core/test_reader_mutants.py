"""Any bytes, and any workbook spoilt at random, end as a Workbook or a refusal."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stp.core.reading import read
from stp.core.sheets import Refused
from tests.corpus.build import CANARY, SHEET, parts, xlsx, zipped
from tests.rounds import rounds

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=rounds(short=25, long=200), deadline=None, suppress_health_check=SLOW)
@given(content=st.binary(max_size=3_000), ending=st.sampled_from(["csv", "xlsx"]))
def test_any_bytes_end_as_a_workbook_or_a_refusal(
    tmp_path: Path, content: bytes, ending: str
) -> None:
    path = tmp_path / "stored"
    path.write_bytes(b"PK\x03\x04" + content if ending == "xlsx" else content)
    try:
        read(path, file_name=f"r.{ending}")
    except Refused as refused:
        sentence = refused.message
    else:
        return
    assert sentence.endswith(".")


def mutant(seed: int) -> bytes:
    """A good workbook with some bytes changed, in its parts or in the zip around them."""
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    if source.random() < 0.6:  # inside a part, under a right checksum
        content = parts(xlsx())
        name = source.choice([SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
        spoil = source.choice([_scratched, _reworded])
        content[name] = spoil(content[name], source)
        return zipped(content)
    return _scratched(xlsx(), source)


def _reworded(body: bytes, source: random.Random) -> bytes:
    """Other letters and digits in values and attributes: still XML, with another meaning."""
    data = bytearray(body)
    values = [m.span(1) for m in re.finditer(rb'(?:="|>)([A-Za-z0-9]+)(?=["<])', body)]
    for start, end in source.sample(values, min(len(values), source.randint(1, 6))):
        data[source.randrange(start, end)] = source.choice(b"0123456789ABCXYZaes")
    return bytes(data)


def _scratched(body: bytes, source: random.Random) -> bytes:
    data = bytearray(body)
    for _ in range(source.randint(1, 8)):
        at = source.randrange(len(data))
        what = source.randrange(3)
        if what == 0:
            data[at] = source.randrange(256)
        elif what == 1:
            del data[at : at + source.randint(1, 20)]
        else:
            data[at:at] = data[at : at + source.randint(1, 40)]
    return bytes(data)


@pytest.mark.parametrize("seed", range(rounds(short=100, long=2_000)))
def test_mutants_never_hurt_the_parent(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "stored"
    path.write_bytes(mutant(seed))
    sheets, said = 1, ""
    try:
        sheets = len(read(path, file_name="r.xlsx").sheets)
    except Refused as refused:
        said = refused.message
    assert sheets >= 1
    assert CANARY not in said


def test_mutants_are_of_both_kinds(tmp_path: Path) -> None:
    """The generator would prove nothing if it always broke a file, or never did."""
    outcomes = set()
    for seed in range(40):
        (tmp_path / "stored").write_bytes(mutant(seed))
        try:
            read(tmp_path / "stored", file_name="r.xlsx")
            outcomes.add("read")
        except Refused:
            outcomes.add("refused")
        if len(outcomes) == 2:
            return
    pytest.fail(f"forty mutants, all {outcomes}")
