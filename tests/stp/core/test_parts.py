"""A part of a page that fails is a card of its own; the rest of the page stands."""

import logging

import pytest
from django.db import OperationalError
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from stp.core.request import through
from stp.core.templatetags import parts

PAGE = Template('{% load parts %}a {% part "The gap" %}b {{ broken }}{% endpart %} c')


@pytest.fixture
def in_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "CONTAINED", (Exception,))


def raising(error: Exception) -> object:
    def broken() -> str:
        raise error

    return broken


def test_a_whole_part_is_drawn_as_it_is() -> None:
    assert PAGE.render(Context({"broken": "d"})) == "a b d c"


@pytest.mark.usefixtures("in_service")
def test_a_broken_part_says_so_with_a_reference_and_the_rest_stands(
    caplog: pytest.LogCaptureFixture,
) -> None:
    request = RequestFactory().get("/gap/", {"period": "2017-06"})
    with caplog.at_level(logging.ERROR), through("screen", "abc12345"):
        drawn = PAGE.render(Context({"broken": raising(ValueError("£")), "request": request}))
    assert drawn.startswith("a ")
    assert drawn.endswith(" c")
    assert "b " not in drawn.split("<")[0]
    for wanted in ("The gap", "could not be loaded", "abc12345", 'href="/gap/?period=2017-06"'):
        assert wanted in drawn
    assert "£" not in drawn, "what went wrong is for the log"
    assert "a part of the page failed: The gap" in caplog.text
    assert request.part_failed  # type: ignore[attr-defined]  # set by the tag


@pytest.mark.usefixtures("in_service")
@pytest.mark.parametrize("error", [OperationalError("gone"), TemplateSyntaxError("typing")])
def test_what_is_not_a_part_s_fault_is_not_hidden_in_a_card(error: Exception) -> None:
    with pytest.raises(type(error)):
        PAGE.render(Context({"broken": raising(error)}))


def test_in_tests_a_broken_part_is_a_failure() -> None:
    with pytest.raises(ValueError, match="no figure"):
        PAGE.render(Context({"broken": raising(ValueError("no figure"))}))


@pytest.mark.parametrize("tag", ["{% part %}", '{% part "a" "b" %}'])
def test_a_part_has_one_name(tag: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="the name of the part"):
        Template("{% load parts %}" + tag + "{% endpart %}")
