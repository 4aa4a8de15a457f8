"""Sessions in the database, each with its person beside it, and no longer than a working day.

The key of a session is what a thief would want, so no page ever shows it: `Session.handle` names
a session instead. Ends: SESSION_COOKIE_AGE after its last use, SESSION_LONGEST after sign-in,
at sign-out, or when the person or an administrator ends it. All four are a row that is gone or
past its date, so none depends on what the browser does.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from stp.accounts.models import Session


def _moment(seconds: int | None) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)


class SessionStore(db.SessionStore):
    """Django's own store; the row also says whose it is, since when, and from what browser."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row to save, from what `stp.core.middleware.keep_session` noted in `data`."""
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]  # as above
        person = data.get(SESSION_KEY)
        row.user_id = int(person) if person else None
        row.started_at = _moment(data.get("started"))
        row.seen_at = _moment(data.get("seen"))
        row.browser = data.get("browser", "")
        if row.started_at:
            longest = row.started_at + dt.timedelta(seconds=settings.SESSION_LONGEST)
            row.expire_date = min(row.expire_date, longest)
        return row
