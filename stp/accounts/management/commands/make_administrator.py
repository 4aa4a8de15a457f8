"""`manage.py make_administrator`: somebody who may invite everybody else."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from stp.accounts import actions
from stp.accounts.links import LINKS
from stp.accounts.models import User
from stp.core.permissions import Role
from stp.core.request import through


class Command(BaseCommand):
    help = (
        "Adds an administrator and shows the link by which they choose a password, since a new "
        "installation may not send letters yet. It stands in the audit trail as a command."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address the person will sign in with")
        parser.add_argument("--first-name", required=True)
        parser.add_argument("--last-name", required=True)
        parser.add_argument(
            "--site", required=True, help="where the site is reached, https://tracker.example.org"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Invite the person; CommandError for an address that is none or is somebody's."""
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"“{email}” is no e-mail address.") from None
        if not options["site"].startswith(("http://", "https://")):
            raise CommandError("--site starts with https:// (or http:// on your own machine).")
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError(
                f"{email} is somebody's already: an administrator gives roles on the site."
            )
        with through("command"):
            person = actions.invite(
                email=email, first_name=options["first_name"], last_name=options["last_name"],
                role=Role.ADMINISTRATOR, organisation=None, site=options["site"], by=None,
            )  # fmt: skip
        link = LINKS["invitation"]
        self.stdout.write(f"{person} is an administrator. To choose a password, open")
        self.stdout.write(f"  {link.address(person, options['site'])}")
        self.stdout.write(f"within {link.tokens.hours} hours; it works once. Keep it to yourself.")
