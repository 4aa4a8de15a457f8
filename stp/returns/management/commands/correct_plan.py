"""manage.py correct_plan: change one figure of an approved plan, as an administrator."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser

from finance.actions import PlanCorrectionRefused, correct_plan
from finance.models import SavingsScheme
from stp.core.money import MoneyTooLarge, pounds_text, to_pence
from stp.core.request import through
from stp.core.sheets import visible
from stp.returns import command_line, queries
from stp.returns.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Correct the approved plan of a scheme for one month or later year. The earlier figure, "
        "the reason and who gave it stay on the trail; closed months are not moved."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="id or ODS code, any case")
        parser.add_argument("--scheme", required=True, help="its reference, UC-01")
        parser.add_argument("--when", required=True, help="2017-06, or 2018/19 for a later year")
        parser.add_argument("--pounds", required=True, help="the right figure: 70000 or 70000.50")
        parser.add_argument("--reason", required=True, help="why the approved figure was wrong")
        parser.add_argument("--by", required=True, help="username of an administrator")

    def handle(self, **options: Any) -> None:
        try:
            with through("command", "correct_plan"):
                self.stdout.write(_correct(options))
        except (Refusal, PlanCorrectionRefused, PermissionDenied) as refused:
            raise CommandError(str(refused)) from refused


def _correct(options: dict[str, Any]) -> str:
    organisation = command_line.find_organisation(options["organisation"])
    by = queries.person(options["by"])
    if by is None:
        raise CommandError(f"Nobody is called “{visible(options['by'])}”.")
    ref = visible(options["scheme"].strip())
    scheme = SavingsScheme.objects.filter(organisation=organisation, ref__iexact=ref).first()
    if scheme is None:
        raise CommandError(f"{organisation} has no scheme “{ref}”.")
    if not options["reason"].isprintable():  # no database takes half a surrogate pair
        raise CommandError("Give the reason as one line of text.")
    change = correct_plan(
        scheme=scheme,
        when=options["when"].strip(),
        pence=_pence(options["pounds"]),
        reason=options["reason"],
        by=by,
    )
    before, after = pounds_text(change.before_pence), pounds_text(change.after_pence)
    return f"{scheme.ref} of {organisation}, plan of {change.when}: £{after} instead of £{before}."


def _pence(text: str) -> int:
    """Pounds with at most two decimals, as whole pence."""
    try:
        amount = Decimal(text.strip())
        pence = to_pence(amount)
    except (InvalidOperation, MoneyTooLarge):
        amount, pence = Decimal(0), 1
    if pence != amount * 100:
        raise CommandError(
            f"“{visible(text)}” is no amount in pounds. Write it as 70000 or 70000.50, below "
            "£1,000,000,000 either way."
        )
    return pence
