"""A small programme with published states, and people who read it: what page tests start from."""

import datetime as dt
import html
import re
from typing import Any

from django.test import Client

from stp.accounts.models import Grant
from stp.core import clock
from stp.core.lines import Subject
from stp.core.models import Organisation, ReportingPeriod, SnapshotLine
from stp.core.periods import LONDON
from stp.core.permissions import Role
from stp.dashboards.actions import recompute
from tests.small_system import K, Row, lay_out, person, plan, send

JUNE, MAY = "2017-06", "2017-05"
OF_ONE_ORGANISATION = (Role.FINANCE_LEAD, Role.FINANCE_DIRECTOR)
ROWS = (Row(), Row("CC-01", "CC"), Row("CIP-1", "CIP"), Row("ASC-1", "ASC"))


def lay_out_programme(*extra: Row) -> None:
    """NGH, KGH and NHFT with plans; all sent May, NGH short and KGH for June; both published."""
    lay_out()
    for org in ("ngh", "kgh", "nhft"):
        plan(org, [*ROWS, *extra])
    with clock.at(dt.datetime(2017, 6, 14, 10, tzinfo=LONDON)):
        for org in ("ngh", "kgh", "nhft"):
            send(org, MAY, [*ROWS, *extra])
        recompute(MAY)
    send("ngh", JUNE, [Row(forecast=5 * K), *ROWS[1:], *extra])
    send("kgh", JUNE, [*ROWS, Row("CC-09", "CC"), *extra])
    recompute(JUNE)


def reader(role: Role = Role.PMO) -> Client:
    """A browser signed in as a new person with one role."""
    client = Client()
    user = person()
    user.grants.all().delete()
    scope = Organisation.objects.first() if role in OF_ONE_ORGANISATION else None
    Grant.objects.create(user=user, role=role.value, organisation=scope)
    client.force_login(user)
    return client


def add_line(subject: Subject, subject_id: str, period: str = JUNE, **values: Any) -> SnapshotLine:
    """A line put straight into the published state of a period."""
    version = ReportingPeriod.objects.get(pk=period).snapshot_version
    return SnapshotLine.objects.create(
        period_id=period, subject=subject.value, subject_id=subject_id,
        from_version=version, **{"rag": "GREEN", **values},
    )  # fmt: skip


def add_risk(subject_id: str, period: str = JUNE, **values: Any) -> SnapshotLine:
    detail = {"workstreams": ["UC"], "owner": "The owner", "next_action": "Act", "open": True,
              "likelihood": 4, "impact": 4, "review_on": None, "review_overdue": False,
              "illustrative": True, "flags": ["needs_confirmation"], "source": "p.20"}  # fmt: skip
    given = {"label": "A risk", "score": 16, "detail": detail, "rag": "RED"}
    return add_line(Subject.RISK, subject_id, period, **given | values)


def add_milestone(subject_id: str, period: str = JUNE, **values: Any) -> SnapshotLine:
    detail = {"critical": False, "origin": "plan", "project": "", "as_printed": "", "note": "",
              "precision": "day", "slip_days": 0, "slip_days_original": 0, "confirmed_on": None,
              "owner": "", "illustrative": True, "flags": ["inferred_date"],
              "source": "p.18"}  # fmt: skip
    given = {"label": "A step", "workstream": "UC", "due_on": dt.date(2017, 6, 30),
             "code": "on_track", "detail": detail}  # fmt: skip
    return add_line(Subject.MILESTONE, subject_id, period, **given | values)


def add_indicator(subject_id: str, period: str = JUNE, **values: Any) -> SnapshotLine:
    detail = {"family": "health_wellbeing",
              "measure": "", "unit": "", "better": "lower", "workstreams": ["UC"], "flags": ["tbc"],
              "values": {"do_nothing": [{"sex": "", "as_printed": "27.6%", "value": "27.6"}],
                         "target": [{"sex": "", "as_printed": "<20%", "value": "20"}]},
              "flag_note": "As printed", "source": "p.50"}  # fmt: skip
    given = {"label": "An indicator", "rag": "NOT_RATED", "reason": "No figures", "detail": detail}
    return add_line(Subject.INDICATOR, subject_id, period, **given | values)


def words(page: Any) -> str:
    """What a page says, without its tags and spaces."""
    body = page.content.decode()
    main = body[body.find("<main") : body.find("</main>")]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def links(page: Any, text: str) -> list[str]:
    """Addresses of the links of a page whose words contain `text`."""
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', page.content.decode(), re.DOTALL)
    return [html.unescape(h) for h, inner in found if text in re.sub(r"<[^>]+>", "", inner)]
