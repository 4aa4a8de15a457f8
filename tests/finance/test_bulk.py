"""Many rows at once keep every value as it was, on either database."""

import pytest
from django.db import IntegrityError, transaction

from finance import bulk
from finance.models import Figure, SavingsScheme, SchemeTypeName
from stp.accounts.models import User
from stp.core import clock
from stp.core.models import Organisation, ReportingPeriod, Return

pytestmark = pytest.mark.django_db


def test_text_survives_quotes_breaks_and_emptiness() -> None:
    words = ['say "it"', "two\nlines", "", "\\N", "a,b\tc", "£ – é", "NULL"]
    assert (
        bulk.insert(SchemeTypeName, ("name", "order"), [(w, i) for i, w in enumerate(words)]) == 7
    )
    assert list(SchemeTypeName.objects.values_list("name", flat=True)) == words


def test_nothing_to_insert_is_nothing_wrong() -> None:
    assert bulk.insert(SchemeTypeName, ("name", "order"), []) == 0


def test_the_databases_own_rules_hold(ngh: Organisation, june: ReportingPeriod) -> None:
    sender = User.objects.create(username="sam", email="sam@example.org")
    return_ = Return.objects.create(
        kind="finance", scope="ngh", organisation=ngh, period=june, file_name="a", file_path="a",
        file_size=1, sha256="0" * 64, received_at=clock.now(), received_by=sender,
    )  # fmt: skip
    scheme = SavingsScheme.objects.create(organisation=ngh, ref="UC-01", created_in=return_)
    names = ("return_of_id", "scheme_id", "kind", "when", "pence", "missing")
    good = (return_.pk, scheme.pk, "plan", "2017-04", -5, "")
    blank = (return_.pk, scheme.pk, "plan", "2017-05", None, "unknown")
    assert bulk.insert(Figure, names, [good, blank]) == 2
    assert dict(Figure.objects.values_list("when", "pence")) == {"2017-04": -5, "2017-05": None}
    for bad in (good, (*good[:3], "2017-06", None, ""), (*good[:3], "2017-06", 10**14, "")):
        with pytest.raises(IntegrityError), transaction.atomic():
            bulk.insert(Figure, names, [bad])
    assert Figure.objects.count() == 2
