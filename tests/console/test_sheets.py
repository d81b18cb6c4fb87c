"""Files for other programs: what a spreadsheet would take for a formula, and money without a
rounding."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import openpyxl
import pytest

from backend.console.sheets import LINES_AT_ONCE, csv_file, harmless, xlsx_file
from backend.console.tables import Column, shown, yuan_exact

COLUMNS = (
    Column("elder", "text"), Column("fen", "fen"), Column("at", "moment"), Column("day", "day"),
    Column("state", "state"),
)  # fmt: skip
AT = datetime(2026, 3, 4, 1, 20, tzinfo=UTC)
ROW = ("李桂兰", -1205, AT, date(2026, 3, 4), "finished")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_it_takes_the_force_from_what_begins_like_a_formula(begin: str) -> None:
    assert harmless(f"{begin}1+1") == f"'{begin}1+1"


def test_it_leaves_other_texts_alone() -> None:
    assert harmless("李桂兰 = 妈") == "李桂兰 = 妈"


@pytest.mark.parametrize(
    ("fen", "said"), [(0, "0.00"), (5, "0.05"), (-120, "-1.20"), (123456789, "1234567.89")]
)
def test_it_writes_fen_without_rounding(fen: int, said: str) -> None:
    assert yuan_exact(fen) == said


def test_it_writes_every_row_once_however_many() -> None:
    for count in (0, 1, LINES_AT_ONCE - 1, LINES_AT_ONCE, 2 * LINES_AT_ONCE + 1):
        text = "".join(csv_file("abcde", COLUMNS, [ROW] * count))
        assert text.startswith("\ufeffa,b,c,d,e\r\n")
        assert len(list(csv.reader(io.StringIO(text)))) == count + 1


def test_the_csv_has_local_times_and_words() -> None:
    text = "".join(csv_file("abcde", COLUMNS, [ROW]))
    assert text.splitlines()[1] == "李桂兰,-12.05,2026-03-04 09:20,2026-03-04,已完成"


def test_the_workbook_has_numbers_days_and_texts() -> None:
    with xlsx_file("abcde", COLUMNS, [("=1+1", *ROW[1:])]) as made:
        sheet = openpyxl.load_workbook(made).worksheets[0]
    row = [cell.value for cell in sheet[2]]
    day = datetime(2026, 3, 4)  # noqa: DTZ001 a spreadsheet knows no zones
    assert row == ["=1+1", -12.05, day.replace(hour=9, minute=20), day, "已完成"]
    assert sheet["A2"].data_type == "s"


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("fen", 123450, "1,234.50"), ("share", 0.3333, "33.3%"), ("hours", 5400, "1.5"),
        ("count", 12345, "12,345"), ("stars", None, ""), ("seconds", 61.25, "61.2"),
    ],
)  # fmt: skip
def test_a_page_reads_values_so(kind: str, value: object, said: str) -> None:
    assert shown(kind, value) == said
