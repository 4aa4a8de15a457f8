"""Making fixtures/returns: the good returns, and bad ones that each hold one fault."""

from pathlib import Path

from django.conf import settings

from finance.returns.template import write_csv, write_xlsx
from stp.core.models import Organisation
from stp.cycle.demo import bad
from stp.cycle.demo.returns import rows
from stp.cycle.demo.sources import organisations

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "returns"
PLAN_PERIOD = "2017-04"
MONTHS = ("2017-04", "2017-05", "2017-06")
# Sent as .csv, to show that both forms work.
CSV_SENDERS = ("corby-ccg",)


def name_of(organisation: str, kind: str, period: str) -> str:
    """'ngh-2017-06.xlsx', 'ngh-plan-2017-18.xlsx'."""
    ending = "csv" if organisation in CSV_SENDERS and kind == "finance" else "xlsx"
    stem = "plan-2017-18" if kind == "plan" else period
    return f"{organisation}-{stem}.{ending}"


def content(organisation: str, kind: str, period: str, code: str) -> bytes:
    """One good return as a file; `code` is the organisation's own, for the cover."""
    made = rows(organisation, kind, period)
    if name_of(organisation, kind, period).endswith(".csv"):
        return write_csv(made, period=period, kind=kind)
    return write_xlsx(made, period=period, kind=kind, cover={"organisation": code})


def write_all() -> list[Path]:
    """Write every illustrative file; the same bytes each time."""
    (FOLDER / "bad").mkdir(parents=True, exist_ok=True)
    codes = {o.pk: o.code for o in Organisation.objects.filter(pk__in=organisations())}
    written = []
    for organisation in organisations():
        wanted = [("plan", PLAN_PERIOD), *(("finance", month) for month in MONTHS)]
        for kind, period in wanted:
            path = FOLDER / name_of(organisation, kind, period)
            path.write_bytes(content(organisation, kind, period, codes[organisation]))
            written.append(path)
    for name, made in bad.files(codes["ngh"]):
        path = FOLDER / "bad" / name
        path.write_bytes(made)
        written.append(path)
    return written
