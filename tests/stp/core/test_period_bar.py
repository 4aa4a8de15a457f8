"""Which period a page shows: by role, by address, and what happens with neither."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory

from stp.accounts.models import User
from stp.core import clock, period_bar
from stp.core.models import PeriodChange, ReportingPeriod, Snapshot
from stp.core.permissions import Role
from tests.conftest import make_period

pytestmark = pytest.mark.django_db


@pytest.fixture
def periods() -> dict[str, ReportingPeriod]:
    """April and May closed, June open, July planned."""
    return {
        code: make_period(code, state)
        for code, state in {
            "2017-04": "closed", "2017-05": "closed", "2017-06": "open", "2017-07": "planned",
        }.items()
    }  # fmt: skip


@pytest.fixture
def reader() -> User:
    return User.objects.create_user("reader", "reader@example.org", "x")


def ask(user: Any, **query: str) -> HttpRequest:
    request = RequestFactory().get("/", query)
    request.user = user
    request.session = {}  # type: ignore[assignment]  # messages need no more of it here
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]  # as its middleware does
    return request


def publish(period: ReportingPeriod, **trust: object) -> None:
    moment = clock.now()
    Snapshot.objects.create(
        period=period, version=1, known_at=moment, data_version=1, published_at=moment, trust=trust
    )
    period.snapshot_version = period.snapshot_data_version = period.data_version = 1
    period.save()


def codes(choice: period_bar.Choice) -> tuple[str | None, str | None]:
    return (
        choice.view.period.pk if choice.view else None,
        choice.against.period.pk if choice.against else None,
    )


@pytest.mark.parametrize(
    ("roles", "period", "against"),
    [
        ([Role.BOARD], "2017-05", "2017-04"),
        ([Role.PMO], "2017-06", "2017-05"),
        ([Role.BOARD, Role.PMO], "2017-06", "2017-05"),
        ([], "2017-06", "2017-05"),
    ],
)
def test_where_each_role_starts(
    periods: Any, reader: User, roles: list[Role], period: str, against: str
) -> None:
    for role in roles:
        reader.grants.create(role=role)
    assert codes(period_bar.choose(ask(reader))) == (period, against)


def test_the_address_decides(periods: Any, reader: User) -> None:
    choice = period_bar.choose(ask(reader, period="2017-06", vs="2017-04"))
    assert codes(choice) == ("2017-06", "2017-04")
    assert [p.pk for p in choice.periods] == ["2017-06", "2017-05", "2017-04"]
    assert codes(period_bar.choose(ask(reader, period="2017-05", vs="none"))) == ("2017-05", None)
    assert codes(period_bar.choose(ask(reader, period="2017-04"))) == ("2017-04", None)


@pytest.mark.parametrize(
    ("period", "vs", "against"),
    [
        ("2017-05", "2017-04", "2017-04"),
        ("2017-05", "2017-05", "2017-04"),
        ("2017-05", "2017-06", "2017-04"),
        ("2017-04", "2017-04", None),
        ("2017-04", "2017-06", None),
    ],
)
def test_a_month_is_compared_with_an_earlier_one(
    periods: Any, reader: User, period: str, vs: str, against: str | None
) -> None:
    """Who sets "As at" back leaves the old comparison in the address; bar and page agree."""
    request = ask(reader, period=period, vs=vs)
    choice = period_bar.choose(request)
    assert codes(choice) == (period, against)
    offered = draw(choice, request).partition('id="vs"')[2].partition("</select>")[0]
    assert [p in offered for p in ("2017-04", "2017-05", "2017-06")] == [
        p < period for p in ("2017-04", "2017-05", "2017-06")
    ]
    assert (f'value="{against}" selected' in offered) == (against is not None)
    assert not list(get_messages(request))


@pytest.mark.parametrize(("field", "label"), [("period", "As at"), ("vs", "compared with")])
def test_a_wrong_code_is_sent_to_its_own_field(
    periods: Any, reader: User, field: str, label: str
) -> None:
    request = ask(reader, **{field: "2017-99"})
    period_bar.choose(request)
    (message,) = get_messages(request)
    assert f"Choose one under “{label}”." in str(message)


@pytest.mark.parametrize(
    "code", ["2017-13", "2017-07", "x" * 500, "' OR 1=1", "\x00", "２０１７-05"]
)
@pytest.mark.parametrize("field", ["period", "vs"])
def test_a_code_that_is_no_period_is_named_and_ignored(
    periods: Any, reader: User, field: str, code: str
) -> None:
    request = ask(reader, **{field: code})
    assert codes(period_bar.choose(request)) == ("2017-06", "2017-05")
    (message,) = get_messages(request)
    assert code[:20] in str(message)
    assert len(str(message)) < 200


def test_no_period_at_all(reader: User) -> None:
    request = ask(reader)
    choice = period_bar.choose(request)
    assert codes(choice) == (None, None)
    assert not choice.has_figures
    assert choice.completeness is None
    assert "No reporting period is open yet" in draw(choice, request)


def draw(choice: period_bar.Choice, request: HttpRequest) -> str:
    context = {"choice": choice, "request": request}
    return " ".join(render_to_string("components/period_bar.html", context).split())


def test_an_open_period_that_is_behind_says_so(periods: Any, reader: User, demo_clock: Any) -> None:
    june = periods["2017-06"]
    missing = [{"short": "NGH"}, {"short": "KGH"}]
    publish(june, expected=7, received=5, missing=missing)
    for n in (2, 3, 4):
        PeriodChange.objects.create(
            period=june, data_version=n, scope="all", what="x", at=clock.now()
        )
    request = ask(reader, sort="-plan", page="3")
    html = draw(period_bar.choose(request), request)
    assert "As at 30 June 2017, figures received to 24 July 2017, 10:00" in html
    assert "Data complete: 5 of 7 returns (2 missing: NGH, KGH)" in html
    assert "June 2017 is still open – figures will change. 3 changes not yet included." in html
    assert '<input type="hidden" name="sort" value="-plan">' in html
    assert 'name="page"' not in html
    assert '<option value="2017-05" selected>May 2017</option>' in html


def test_a_period_without_figures_says_so(periods: Any, reader: User) -> None:
    request = ask(reader)
    choice = period_bar.choose(request)
    assert not choice.has_figures
    assert "Nothing has been worked out for it yet" in draw(choice, request)


def test_a_closed_period_has_no_dashed_band(periods: Any, reader: User) -> None:
    publish(periods["2017-05"])
    request = ask(reader, period="2017-05")
    choice = period_bar.choose(request)
    assert choice.has_figures
    assert choice.completeness is None
    assert "still open" not in draw(choice, request)
