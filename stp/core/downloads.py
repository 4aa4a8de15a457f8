"""A file as an HTTP answer: always an attachment, never guessed to be a page."""

import re
import unicodedata
from urllib.parse import quote

from django.http import HttpResponse

from stp.core.charts import Chart, csv_rows, notes
from stp.core.exports import Export, to_csv, to_xlsx

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_NAME = 120
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 ._-]")


def disposition(name: str) -> str:
    """Content-Disposition by RFC 6266: a plain ASCII name, and the whole one where they differ.

    Folders, control characters and direction marks are taken out of both.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(". ")
    stem, dot, ending = kept.rpartition(".")
    kept = (stem or ending)[:MAX_NAME] + (dot + ending[:10] if stem else "")
    kept = kept or "download"
    folded = unicodedata.normalize("NFKD", kept).encode("ascii", "ignore").decode()
    ascii_name = _NOT_PLAIN.sub("_", folded) or "download"
    header = f'attachment; filename="{ascii_name}"'
    if ascii_name != kept:
        header += f"; filename*=UTF-8''{quote(kept, safe='')}"
    return header


def file(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    """Bytes as an attachment. `name` has its ending."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = disposition(name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def table(kind: str, export: Export, *, name: str) -> HttpResponse:
    """An Export as "csv" or "xlsx"; `name` without its ending. ValueError for another kind."""
    if kind == "csv":
        return file(to_csv(export), name=f"{name}.csv", content_type=CSV)
    if kind == "xlsx":
        return file(to_xlsx(export), name=f"{name}.xlsx", content_type=XLSX)
    raise ValueError(f"no export called {kind!r}")


def chart(drawn: Chart, *, name: str) -> HttpResponse:
    """The numbers of a chart as CSV: the same ones its drawing and its table show."""
    headings, *rows = csv_rows(drawn)
    export = Export(
        title=drawn.title,
        headings=[str(heading) for heading in headings],
        rows=rows,
        notes=[drawn.headline, *notes(drawn)],
    )
    return table("csv", export, name=name)
