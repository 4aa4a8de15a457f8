"""Text that would do harm if it were anything but text, planted in every text field there is.

Run as a program with a site's environment (`python -m tests.journeys.planting`): it writes past
the actions, since what is tried here is how pages draw what stands in the database, however it
came there. The fields are read off the models, so a new one is planted too unless it is a code.
"""

import itertools
import json
import os
from collections.abc import Iterator
from typing import Any

import django

# RELIABILITY.md §3 text-script, text-template, text-crlf, and more of their kind. Each fits 90.
TEXTS = (
    "<script>alert(1)</script><img src=//evil.example/x onerror=alert(2)>",
    "\"'><svg onload=alert(3)></svg></title></textarea></script><b>",
    "{{ 7*7 }}{% now 'Y' %}${7*7}<a href=javascript:alert(4)>x</a>",
    "one\r\nSet-Cookie: two=three\r\n\r\n<script src=//evil.example/x.js></script>",
    "<style>*{display:none}</style><base href=//evil.example/><meta http-equiv=refresh content=0>",
    "\u202e<iframe srcdoc='<script>alert(5)</script>'></iframe>&lt;",
)
SHORT = "<b onclick=alert(6)>{{ 7*7 }}"  # where little fits
MARK = "alert("  # what shows on a page that any of it is there

# Fields that rules, addresses or joins read: not words of people.
CODES = frozenset({
    "password", "username", "email", "session_data", "session_key", "loaded_digest", "sha256",
    "plan_digest", "file_path", "key", "kind", "scope", "reference", "subject", "subject_id",
    "year", "line", "organisation", "workstream", "code", "carried_from", "closed_in",
    "start_month", "end_month", "when", "ref", "precision", "bridge_line", "section", "layer",
    "sex", "operator", "reading", "type", "supports", "counterparty", "same_as", "external_id",
    "ods", "ons", "state", "request_id", "object_id", "organisation_id", "period_id",
    "resourcing_status", "why",
})  # fmt: skip
# Words and keys of the site's own: a job's payload, a person's session.
NOT_PLANTED = frozenset({"core.Job", "core.Heartbeat", "accounts.Session", "core.AuditEvent"})


def hostile(old: str, most: int | None, texts: Iterator[str]) -> str:
    """`old` behind a text that would do harm, within `most` characters."""
    text = next(texts)
    if most is not None and len(text) + len(old) + 1 > most:
        text = SHORT
    if most is not None and len(text) + len(old) + 1 > most:
        return old
    return f"{text} {old}"


def in_json(value: Any, texts: Iterator[str]) -> Any:
    """The same in everything that reads as words (has a space) inside a JSON value."""
    if isinstance(value, dict):
        return {key: in_json(inner, texts) for key, inner in value.items()}
    if isinstance(value, list):
        return [in_json(inner, texts) for inner in value]
    words = isinstance(value, str) and " " in value and not value.startswith(("20", "19"))
    return hostile(value, None, texts) if words else value


def plant() -> int:
    """Plant in every model of the site; how many fields there were."""
    from django.apps import apps
    from django.db import models

    planted, texts = 0, itertools.cycle(TEXTS)
    for model in apps.get_models():
        ours = model.__module__.split(".")[0] in ("stp", "finance", "workstreams", "indicators")
        if not ours or model._meta.label in NOT_PLANTED:
            continue
        words = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
            and not (field.choices or field.primary_key or field.name in CODES)
        ]
        boxes = [f for f in model._meta.concrete_fields if isinstance(f, models.JSONField)]
        names = [field.name for field in (*words, *boxes)]
        planted += len(names)
        rows = list(model._default_manager.all()) if names else []
        for row in rows:
            for field in words:
                old = getattr(row, field.name)
                if old:
                    setattr(row, field.name, hostile(old, field.max_length, texts))
            for box in boxes:
                setattr(row, box.name, in_json(getattr(row, box.name), texts))
        model._default_manager.bulk_update(rows, names, batch_size=100) if names else None
    return planted


def plant_on_the_trail() -> None:
    """One event with the text in all of it: written rows cannot be changed."""
    from stp.core import clock
    from stp.core.models import AuditEvent

    for number, text in enumerate(TEXTS):
        AuditEvent.objects.create(
            at=clock.now(), by_name=text, verb=SHORT, object_type=SHORT, object_id=str(number),
            object_label=text, before={text: text}, after={text: text}, reason=text, how=SHORT,
            organisation_id="ngh", period_id="2017-06",
        )  # fmt: skip


def nobody_in_particular() -> None:
    """A person who may sign in and has no role."""
    from stp.accounts.models import User

    like = User.objects.get(username="board")
    User.objects.create(
        username="norole", email="norole@example.org", password=like.password, first_name="Nora"
    )


def named() -> dict[str, Any]:
    """What addresses may name: returns by their state, people."""
    from stp.accounts.models import User
    from stp.core.models import Return

    returns = {r.state + (r.kind == "plan") * " plan": r.pk for r in Return.objects.order_by("pk")}
    return {"returns": returns, "person": User.objects.get(username="norole").pk}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stp.settings")
    django.setup()
    nobody_in_particular()
    fields = plant()
    plant_on_the_trail()
    print(json.dumps({**named(), "fields": fields}))
