"""What a page costs on the server, against an empty page with the same middleware."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext

from bench import plain_list, seed
from bench.lines import Result, at_most, ms, plain
from bench.timing import Timed, in_turn
from finance import queries
from finance.tables import Schemes
from stp.core import clock, snapshots
from stp.core.models import ReportingPeriod
from stp.dashboards.actions import recompute

GROUP = "Pages"
JUNE, MAY = "2017-06", "2017-05"
OVERVIEW = "/overview/"
EMPTY, GUARDED = "/bench/empty/", "/bench/guarded/"
ROWS = 50
BESIDE = 0.020  # seconds allowed beside four empty pages


def run(*, tiny: bool) -> Iterator[Result]:
    """A programme of 500 schemes and 400 milestones, read by the programme office."""
    small, large, repeats = (24, 48, 2) if tiny else (500, 5_000, 15)
    call_command("collectstatic", interactive=False, verbosity=0)
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    with clock.at(seed.NOW), override_settings(ROOT_URLCONF="bench.urls"):
        user = seed.lay_out(seed.spread(small, first=2, organisations=12), milestones=400)
        _publish()
        client = Client()
        client.force_login(user)
        yield _queries(client, small)
        yield from _overview(client, repeats)
        yield _unchanged(client, repeats)
        yield _list(repeats)
        seed.grow(seed.spread(large, first=2, organisations=12))
        _publish()
        yield _queries(client, large)
        yield from _overview(client, repeats, f", {large:,} schemes")


def _publish() -> None:
    for code in (MAY, JUNE):
        recompute(code)


def _get(client: Client, address: str, status: int = 200, **headers: str) -> Any:
    answer = client.get(address, headers=headers)
    if answer.status_code != status:
        raise RuntimeError(f"{address} answered {answer.status_code}, not {status}")
    return answer


def _queries(client: Client, size: int) -> Result:
    _get(client, OVERVIEW)
    with CaptureQueriesContext(connection) as asked:
        _get(client, OVERVIEW)
    return at_most(GROUP, f"overview, warm, {size:,} schemes", len(asked), 15, unit=" queries")


def _overview(client: Client, repeats: int, size: str = "") -> list[Result]:
    page, empty = _times(
        lambda: _get(client, OVERVIEW), lambda: _get(client, EMPTY), repeats=repeats
    )
    bound = 4 * empty.median + BESIDE
    return [
        at_most(GROUP, f"overview, server time{size}", page.median * 1000, bound * 1000,
                unit=" ms", says=f"≤ 4 × {ms(empty.median)} + 20 ms = {ms(bound)}",
                note=page.note),
    ]  # fmt: skip


def _unchanged(client: Client, repeats: int) -> Result:
    """The same page asked for with its own tag: nothing changed, so nothing is sent."""
    tag = _get(client, OVERVIEW).headers["ETag"]
    same, guarded, empty = _times(
        lambda: _get(client, OVERVIEW, 304, **{"If-None-Match": tag}),
        lambda: _get(client, GUARDED),
        lambda: _get(client, EMPTY),
        repeats=repeats,
    )
    return at_most(
        GROUP, "overview, unchanged, against an empty page that asks who may see it",
        same.median / guarded.median, 1.5, unit=" ×",
        note=f"{ms(same.median)} and {ms(guarded.median)}; against an empty page for anybody "
        f"({ms(empty.median)}): {plain(same.median / empty.median)} ×; {same.note}",
    )  # fmt: skip


def _times(*works: Callable[[], object], repeats: int) -> Sequence[Timed]:
    return in_turn(works, repeats=repeats, warm=2)


def _list(repeats: int) -> Result:
    """The list of schemes as the site draws it, against a loop over the same cells."""
    period = ReportingPeriod.objects.get(pk=JUNE)
    against = snapshots.view(ReportingPeriod.objects.get(pk=MAY))
    found = queries.scheme_lines(snapshots.view(period), against, period.year)
    lines, totals = list(found[:ROWS]), queries.totals(found)
    request = RequestFactory().get("/finance/schemes/")

    def made() -> Any:
        table = Schemes(lines, totals=totals, query="", since="May 2017", caption="Schemes", of=1)
        table.request = request
        table.paginate(per_page=ROWS)
        return table

    plain_list.as_the_site(lines, made())
    table, loop = _times(
        lambda: made().as_html(request), lambda: plain_list.drawn(lines), repeats=repeats
    )
    return at_most(
        GROUP, f"django-tables2 list of {len(lines)} rows × {len(plain_list.HEADS)}, against a "
        "plain template loop of the same cells",
        table.median / loop.median, 2.5, unit=" ×",
        note=f"{ms(table.median)} and {ms(loop.median)}; {table.note}",
    )  # fmt: skip
