"""Lists as files for other programs: CSV as it comes, Excel's XLSX row by row through the disk."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from backend.console.tables import Column, is_number, number, text, yuan_exact
from backend.settings import TIMEZONE

BOM = "\ufeff"
"""Without it Excel takes UTF-8 for the system's own encoding, and Chinese is unreadable."""
LINES_AT_ONCE = 500
MOST_ROWS = 1_000_000
"""A sheet of Excel has 1,048,576; what is more goes on on the next."""
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text that begins so is a formula to a spreadsheet, and can send away what stands beside it
(OWASP, CSV injection). Names and notes come from people we do not know."""
FORMATS = {"fen": "#,##0.00", "moment": "yyyy-mm-dd hh:mm", "day": "yyyy-mm-dd", "hours": "0.0",
           "share": "0.0", "stars": "0.0", "seconds": "0.0"}  # fmt: skip


def harmless(said: str) -> str:
    """A text that no spreadsheet reads as a formula."""
    return f"'{said}" if said.startswith(FORMULA_BEGINS) else said


def csv_file(
    headings: Sequence[str], columns: Sequence[Column], rows: Iterable[Sequence[Any]]
) -> Iterator[str]:
    """The file, piece by piece; money as yuan with two places."""
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow(map(harmless, headings))
    kept.seek(0)
    yield BOM + kept.read()
    lines = 0
    for row in rows:
        if lines % LINES_AT_ONCE == 0:
            kept.seek(0)
            kept.truncate()
        writer.writerow([_plain(c.kind, value) for c, value in zip(columns, row, strict=True)])
        lines += 1
        if lines % LINES_AT_ONCE == 0:
            yield kept.getvalue()
    if lines % LINES_AT_ONCE:
        yield kept.getvalue()


def xlsx_file(
    headings: Sequence[str], columns: Sequence[Column], rows: Iterable[Sequence[Any]]
) -> IO[bytes]:
    """The file, at its beginning; gone when it is closed. Texts are texts: a sheet of this kind
    has formulas only where one is written as such."""
    made = tempfile.TemporaryFile()  # noqa: SIM115 the caller closes it
    book = Workbook(
        made,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    bold = book.add_format({"bold": True})
    formats = {kind: book.add_format({"num_format": said}) for kind, said in FORMATS.items()}
    sheet, line = _begun(book, headings, bold), 0
    for row in rows:
        if line == MOST_ROWS:
            sheet, line = _begun(book, headings, bold), 0
        line += 1
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            _write(sheet, line, place, column.kind, value, formats.get(column.kind))
    book.close()
    made.seek(0)
    return made


def _begun(book: Workbook, headings: Sequence[str], bold: Any) -> Worksheet:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(headings) - 1, 16)
    for place, said in enumerate(headings):
        sheet.write_string(0, place, said, bold)
    return sheet


def _write(sheet: Worksheet, line: int, place: int, kind: str, value: Any, looks: Any) -> None:
    if value is None or value == "":
        return
    if is_number(kind):
        sheet.write_number(line, place, number(kind, value) or 0, looks)
    elif isinstance(value, datetime):
        sheet.write_datetime(line, place, value.astimezone(TIMEZONE).replace(tzinfo=None), looks)
    elif kind == "day":
        sheet.write_datetime(line, place, value, looks)
    else:
        sheet.write_string(line, place, text(kind, value))


def _plain(kind: str, value: Any) -> str:
    if value is None:
        return ""
    if kind == "fen":
        return yuan_exact(int(value))
    if is_number(kind):
        return str(number(kind, value))
    return harmless(text(kind, value))
