"""Log lines: one each whatever is in them, with whose they are, and nothing personal."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from stp.core import logs
from stp.core.request import through


class Written:
    """A logger of its own whose lines end in memory."""

    def __init__(self, form: str) -> None:
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(logs.FORMATS[form]())
        self.logger = logging.Logger("tried", logging.INFO)
        self.logger.addHandler(handler)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def line(self) -> dict[str, Any]:
        (line,) = self.text.splitlines()
        found: dict[str, Any] = json.loads(line)
        return found


@pytest.fixture
def json_lines() -> Written:
    return Written("json")


def test_a_line_says_when_how_bad_who_and_what(json_lines: Written) -> None:
    json_lines.logger.warning("period %s: a date passed", "2017-06")
    line = json_lines.line
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "WARNING", "logger": "tried", "message": "period 2017-06: a date passed",
    }  # fmt: skip


def test_a_request_names_itself_and_its_person(json_lines: Written) -> None:
    request = SimpleNamespace(_cached_user=SimpleNamespace(pk=7))
    with through("screen", "0123456789abcdef"), logs.during(request):
        json_lines.logger.info("x")
    assert json_lines.line["request_id"] == "0123456789abcdef"
    assert json_lines.line["user_id"] == 7
    assert "job_id" not in json_lines.line


def test_a_person_nobody_looked_up_is_not_looked_up_for_a_line(json_lines: Written) -> None:
    with logs.during(SimpleNamespace()):
        json_lines.logger.info("x")
    assert "user_id" not in json_lines.line


def test_a_job_names_itself(json_lines: Written) -> None:
    with through("job", "job-12"):
        json_lines.logger.info("x")
    assert json_lines.line["job_id"] == "12"
    assert "request_id" not in json_lines.line


def test_what_went_wrong_is_named_by_type_and_place_alone(json_lines: Written) -> None:
    try:
        int("Jane Smith 1970")
    except ValueError:
        json_lines.logger.exception("a job failed")
    line = json_lines.line
    assert line["error"] == "ValueError"
    assert any("test_logs.py" in place for place in line["at"])
    assert "Jane" not in json_lines.text


@pytest.mark.parametrize("form", ["json", "line"])
def test_an_address_of_a_person_is_not_written(form: str) -> None:
    written = Written(form)
    written.logger.info("sign-in failed for %s from", "o'neil.ngh+x@mail.example.org")
    assert "example.org" not in written.text
    assert "[address]" in written.text


@pytest.mark.parametrize("path", ["/password/new/MQ/", "/invitation/MQ/"])
def test_a_link_to_choose_a_password_is_not_written(path: str, json_lines: Written) -> None:
    json_lines.logger.warning("Not Found: %sdifcx1-320413/", path)
    assert "difcx1" not in json_lines.text
    assert "[link]" in json_lines.text


@pytest.mark.parametrize("form", ["json", "line"])
@given(value=st.text(max_size=40))
def test_any_value_gives_one_line(form: str, value: str) -> None:
    written = Written(form)
    written.logger.info("name %s end", value)
    assert len(written.text.splitlines()) == 1, written.text
    assert not set(written.text[:-1]) & {chr(n) for n in (*range(32), *range(127, 160))}


@pytest.mark.parametrize("value", ["a\nb", "a\r\nb", "a\x1b[31mb", "a\u2028b", "a\x85b", "a\0b"])
def test_twin_an_ordinary_formatter_breaks_or_steers(value: str) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.handle(logging.LogRecord("x", 20, "", 0, "name %s", (value,), None))
    assert set(stream.getvalue()[:-1]) & {*"\n\r\x1b\u2028\x85\0"}


def test_gunicorns_access_line_carries_the_request_and_no_query(json_lines: Written) -> None:
    """Its arguments are a mapping of atoms; the configured format names the path alone."""
    atoms = {"U": "/changes/\n", "m": "GET", "{x-request-id}o": "abcdef0123456789"}
    json_lines.logger.info("%(m)s %(U)s", atoms)
    assert json_lines.line["request_id"] == "abcdef0123456789"
    assert json_lines.line["message"] == "GET /changes/\\n"


@pytest.fixture
def _logging_put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize("form", ["json", "line"])
@pytest.mark.usefixtures("_logging_put_back")
def test_the_configuration_can_be_used(form: str) -> None:
    logging.config.dictConfig(logs.configuration(form, "INFO"))
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler.formatter, logs.FORMATS[form])
    assert logging.getLogger("django").handlers == []


@pytest.fixture
def _levels_put_back() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("django", "django.template")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.mark.parametrize(("without", "written"), [(False, False), (True, True)])
@pytest.mark.usefixtures("_logging_put_back", "_levels_put_back")
def test_debug_lines_of_a_template_do_not_quote_what_it_drew(
    capsys: pytest.CaptureFixture[str], without: bool, written: bool
) -> None:
    """The error of a look-up quotes the whole context; the twin takes the guard away."""
    configuration = logs.configuration("line", "DEBUG")
    if without:
        configuration["loggers"]["django.template"]["level"] = "NOTSET"
    logging.config.dictConfig(configuration)
    drawn = engines["django"].from_string("{% if a.b.c %}x{% endif %}")
    drawn.render({"a": {"csrf_token": "planted-token"}})
    assert ("planted-token" in capsys.readouterr().err) is written
    logging.getLogger("django.template").info("still speaks")
    assert "still speaks" in capsys.readouterr().err
