"""Pages of people: the door, passwords, one's own sessions, and who may come in."""

from stp.accounts.views.door import SignIn, ask_again, home, locked_out, sign_out
from stp.accounts.views.passwords import (
    ChoosePassword,
    change_password,
    forgotten,
    forgotten_sent,
)
from stp.accounts.views.people import (
    person_detail,
    person_end_session,
    person_invite,
    person_link,
    person_list,
    person_open,
    person_switch,
)
from stp.accounts.views.sessions import session_end, session_list, session_stay

__all__ = [
    "ChoosePassword",
    "SignIn",
    "ask_again",
    "change_password",
    "forgotten",
    "forgotten_sent",
    "home",
    "locked_out",
    "person_detail",
    "person_end_session",
    "person_invite",
    "person_link",
    "person_list",
    "person_open",
    "person_switch",
    "session_end",
    "session_list",
    "session_stay",
    "sign_out",
]
