"""`manage.py load_plan`: the plan's facts from `fixtures/plan` into the database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from stp.core.plan import BadFixture, Outcome
from stp.core.request import through
from stp.cycle.plan import FOLDER, load_plan


class Command(BaseCommand):
    help = (
        "Load the plan. Loading twice changes nothing; rows a person edited are left and named; "
        "rows no fixture names any more are named, never deleted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--folder", type=Path, default=FOLDER, help="where the fixtures are")
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with through("command"):
                outcomes = load_plan(folder=options["folder"], by=None)
        except BadFixture as fault:
            self._refuse(f"Nothing was loaded. {fault}", options["json"])
        except DatabaseError as fault:
            self._refuse(
                f"Nothing was loaded: the database refused ({fault}). Is another load running?",
                options["json"],
            )
        else:
            self.stdout.write(_as_json(outcomes) if options["json"] else _as_text(outcomes))

    def _refuse(self, sentence: str, as_json: bool) -> None:
        if not as_json:
            raise CommandError(sentence)
        self.stdout.write(json.dumps({"outcome": "refused", "message": sentence}))
        raise SystemExit(1)


def _as_json(outcomes: list[Outcome]) -> str:
    return json.dumps(
        {
            "outcome": "loaded" if any(o.is_change for o in outcomes) else "nothing_changed",
            "tables": [
                {
                    "table": o.table,
                    "created": len(o.created),
                    "updated": o.updated,
                    "unchanged": o.unchanged,
                    "kept": o.kept,
                    "gone": o.gone,
                }
                for o in outcomes
            ],
        },
        ensure_ascii=False,
    )


def _as_text(outcomes: list[Outcome]) -> str:
    lines = [
        f"{o.table.capitalize()}: {len(o.created)} new, {len(o.updated)} changed"
        for o in outcomes
        if o.is_change
    ] or ["Nothing changed."]
    for o in outcomes:
        lines += [f"Left as edited in the tracker, {o.table}: {row}" for row in o.kept]
        lines += [f"In no fixture any more, {o.table}: {row}" for row in o.gone]
    return "\n".join(lines)
