"""The frame of a page: one title for tab and heading, menu by role, bands, sign-in, error pages."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest
from django.template import Template, engines
from django.template.loader import get_template, render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from stp.accounts.models import User
from stp.core import filter_bar, navigation
from stp.core.models import Organisation
from stp.core.permissions import Role
from stp.returns.groups import by_cause

PAGE = (
    '{% extends "page.html" %}{% block title %}{{ name }} & more{% endblock %}'
    "{% block content %}<p>Text</p>{% endblock %}"
)


def ask(user: Any = None, address: str = "/", **more: Any) -> HttpRequest:
    request = RequestFactory().get(address)
    request.user = user or AnonymousUser()
    request.session = {}  # type: ignore[assignment]  # messages need no more of it here
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]  # as its middleware does
    return request


def draw(request: HttpRequest, source: str = PAGE, **context: Any) -> str:
    template = engines["django"].from_string(source)
    return str(template.render({"name": "Milestones", **context}, request))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def reader(db: None) -> User:
    return User.objects.create_user("priya", "priya@example.org", "x", first_name="Priya")


def test_the_title_is_the_heading_and_the_product() -> None:
    html = draw(ask(), name="It's")
    assert "<title>It&#x27;s & more – Programme Tracker</title>" in html
    assert words(re.findall(r"<h1.*?</h1>", html)[0]) == "It&#x27;s & more"
    assert html.count("<h1") == html.count("<main") == 1
    assert '<html lang="en-GB">' in html
    assert html.index("nhsuk-skip-link") < html.index("<header")


def test_error_stands_first_in_the_title_of_a_form_that_failed() -> None:
    from django import forms

    class Name(forms.Form):
        name = forms.CharField()

    html = draw(ask(), form=Name({}))
    assert "<title>Error: Milestones" in html
    assert '<a href="#id_name">Enter name</a>' in html
    assert html.index("nhsuk-error-summary") < html.index("<h1")
    assert "<title>Error: " in draw(ask(), has_errors=True)
    assert "Error: " not in draw(ask(), form=Name())


def test_the_footer_says_whose_software_this_is_not() -> None:
    html = draw(ask())
    assert "Not an NHS product and not endorsed by the NHS." in html
    assert f"version {navigation.version()}." in html
    assert "Accessibility statement" in html
    assert "nhsuk-header__logo" not in html


def test_the_demonstration_says_so_on_every_page(settings: Any) -> None:
    import datetime as dt

    assert "Demonstration" not in draw(ask())
    settings.DEMO_DATE = dt.date(2017, 7, 24)
    band = "Demonstration: illustrative figures, as if today were 24 July 2017"
    assert band in draw(ask())


@pytest.mark.parametrize(
    ("role", "extra"),
    [
        (Role.BOARD, []),
        (Role.AUDITOR, ["Returns", "Who changed what"]),
        (Role.FINANCE_GROUP, ["Returns"]),
    ],
)
def test_the_menu_has_six_places_and_what_the_role_adds(
    reader: User, role: Role, extra: list[str]
) -> None:
    reader.grants.create(role=role)
    items = [item.text for item in navigation.menu(ask(reader))]
    assert items == [
        "Overview",
        "Workstreams",
        "Milestones",
        "Finance",
        "Indicators",
        "Risks",
        *extra,
    ]


def test_nobody_and_a_person_without_a_role_get_no_menu(reader: User) -> None:
    assert navigation.menu(ask()) == []
    assert navigation.menu(ask(reader)) == []
    assert "No role yet" in draw(ask(reader))
    assert navigation.role_words(AnonymousUser()) == ""
    assert navigation.account(AnonymousUser()) == []


def test_every_place_of_the_menu_and_footer_is_there() -> None:
    for place in navigation.PLACES:
        reverse(place.name)
    named = [item.text for item in navigation.footer()]
    assert named[0] == "Help", "the way to help is in the same place on every page"
    assert "Accessibility statement" in named


def test_the_header_names_the_person_the_role_and_sign_out_last(
    reader: User, ngh: Organisation
) -> None:
    reader.grants.create(role=Role.FINANCE_LEAD, organisation=ngh)
    header = re.findall(r"<header.*?</header>", draw(ask(reader)), re.S)[0]
    account = words(header.partition("<nav")[2].partition("</nav>")[0])
    assert "Priya (Finance lead, NGH)" in account
    assert account.endswith("Sign out")
    assert 'name="csrfmiddlewaretoken"' in header


def test_links_keep_the_period_and_the_place_is_marked(reader: User) -> None:
    reader.grants.create(role=Role.BOARD)
    request = ask(reader, "/?period=2017-05&vs=none&page=3")

    class Match:
        view_name = "workstreams:milestone-list"

    request.resolver_match = Match()  # type: ignore[assignment]  # only its name is read
    items = {item.text: item for item in navigation.menu(request)}
    assert [text for text, item in items.items() if item.current] == ["Milestones"]
    assert items["Risks"].href.endswith("?period=2017-05&vs=none")
    link = draw(request, "{% load stp %}{% link_to 'finance:scheme-list' workstream='UC' rag='' %}")
    assert link.endswith("?period=2017-05&amp;vs=none&amp;workstream=UC")


def test_messages_are_one_banner_and_never_beside_an_error_summary() -> None:
    request = ask()
    messages.success(request, "Saved <b>")
    html = draw(request)
    assert "nhsuk-notification-banner--success" in html
    assert "Saved &lt;b&gt;" in html
    request = ask()
    messages.success(request, "Saved")
    messages.warning(request, "But")
    html = draw(request)
    assert html.count('data-module="nhsuk-notification-banner"') == 1
    assert "nhsuk-notification-banner--success" not in html


def test_the_sign_in_page(client: Client, db: None) -> None:
    response = client.get(reverse("account_login"))
    html = response.content.decode()
    assert response.status_code == 200
    assert "<h1" in html
    assert "Sign in" in html
    assert 'autocomplete="current-password"' in html
    assert re.search(r'type="email"[^>]* autocomplete="(username|email)"', html)
    assert "autofocus" not in html
    failed = client.post(reverse("account_login"), {"login": "a@example.org", "password": "x"})
    assert b"<title>Error: Sign in" in failed.content


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404"])
def test_error_pages_say_what_to_do(name: str, reader: User) -> None:
    html = render_to_string(f"{name}.html", {}, ask(reader))
    assert len(words(html)) > 100
    assert '<a href="/">' in html
    assert html.count("<h1") == 1


def test_the_page_of_a_fault_needs_nothing() -> None:
    template = get_template("500.html")
    assert isinstance(template.template, Template)  # type: ignore[attr-defined]  # the stubs hide it
    html = template.render()
    assert "Something went wrong" in html
    assert "What you had saved before is safe" in html
    assert f'href="{settings.STATIC_URL}css/app.css"' in html


@pytest.mark.parametrize(
    "name",
    ["logout", "password_change", "reauthenticate", "account_inactive", "no_role", "locked_out"],
)
def test_pages_of_the_door_render(name: str, reader: User) -> None:
    html = render_to_string(f"account/{name}.html", {"form": None}, ask(reader))
    assert html.count("<h1") == 1


def test_issues_stand_by_cause_with_their_cells() -> None:
    issue = {
        "severity": "error", "code": "not_a_number", "message": "This is text", "sheet": "Schemes",
        "cell": "H14", "row": 14, "column": "Forecast, Jul", "found": "<abc>",
        "wanted": "a number in pounds", "ref": "UC-01",
    }  # fmt: skip
    # one text each: the same text in many cells would be said once
    issues = [issue | {"found": f"<abc{n}>"} for n in range(25)]
    [group] = by_cause(issues, "error")
    html = render_to_string("components/issue_list.html", {"group": group})
    assert html.count("<li>") == 25
    assert "The same in 5 more places" in html
    assert "Sheet “Schemes”, cell H14" in words(html)
    assert "Found: “&lt;abc0&gt;” in “Forecast, Jul”" in words(html)
    assert html.count("Wanted: a number in pounds") == 1


def test_the_empty_state_has_one_next_action() -> None:
    html = render_to_string(
        "components/empty.html", {"text": "No risks.", "href": "/x", "action": "Add a risk"}
    )
    assert '<a href="/x">Add a risk</a>' in html
    assert "<a" not in render_to_string("components/empty.html", {"text": "No risks."})


def filters() -> Any:
    from django import forms

    class Filters(forms.Form):
        workstream = forms.ChoiceField(
            required=False, choices=[("", "Any"), ("More", [("UC", "Urgent care")])]
        )
        text = forms.CharField(label="Title contains", required=False)
        changed = forms.BooleanField(label="Only what changed", required=False)

    return Filters


def test_filters_in_use_are_words_that_can_be_taken_away() -> None:
    request = ask(address="/?workstream=UC&text=ward&changed=on&period=2017-06&sort=-plan&page=4")
    parts = filter_bar.filter_parts(request, filters()(request.GET))
    assert [chip.text for chip in parts.chips] == [
        "Workstream: Urgent care", "Title contains: ward", "Only what changed",
    ]  # fmt: skip
    assert parts.chips[0].remove == "?text=ward&changed=on&period=2017-06&sort=-plan"
    assert parts.clear == "?period=2017-06&sort=-plan"
    assert parts.kept == [("period", "2017-06"), ("sort", "-plan")]
    html = draw(request, '{% include "components/filters.html" %}', filter=filters()(request.GET))
    assert '<input type="hidden" name="sort" value="-plan">' in html
    assert 'name="page"' not in html
    assert "(optional)" not in html
    assert '<details class="app-filters">' in html, "folded: the chips say what is in use"


def test_a_filter_that_is_no_choice_is_named_and_ignored() -> None:
    request = ask(address="/?workstream=XX")
    parts = filter_bar.filter_parts(request, filters()(request.GET))
    assert parts.chips == []
    assert parts.errors[0].startswith("Workstream: ")
    assert parts.errors[0].endswith("This filter was ignored.")


def test_a_component_takes_a_body() -> None:
    source = (
        '{% load stp %}{% component "nhs/details.html" summary="More" %}'
        "<p>{{ name }}</p>{% endcomponent %}"
    )
    assert "<p>&lt;i&gt;</p></div></details>" in draw(ask(), source, name="<i>")


def test_a_chart_carries_its_table_and_its_file() -> None:
    from stp.core import charts

    chart = charts.bridge(
        name="bridge", year="2017/18", gap=None, delivered=300_000_000, secure=100_000_000,
        at_risk=50_000_000, slippage=0, unidentified=None, period="June 2017", source="7 returns",
    )  # fmt: skip
    html = draw(
        ask(address="/?period=2017-06"), '{% include "components/chart.html" %}', chart=chart
    )
    assert '<svg aria-label="Waterfall chart, 2017/18' in html
    assert "View as table" in html
    assert 'href="?period=2017-06&amp;chart=bridge&amp;format=csv"' in html
    assert '<th scope="row" class="nhsuk-table__header">Delivered</th>' in html
    assert "Source: 7 returns." in html
