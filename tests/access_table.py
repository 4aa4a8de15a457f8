"""Who may read and send what: one row a route, written by hand and not from the product's roles.

YOU ADDED A ROUTE, AND tests/test_access.py SENT YOU HERE. Add one row to TABLE, in the order of
the addresses, under the route's full name (`app:noun-verb`):

- a page that is only read:      "app:noun-list": page(EVERY_ROLE),
- one about an object:           "app:noun-detail": page(OF_RETURNS, "committed"),
- one that takes a form:         "app:noun-change": form(READ_BY, SENT_BY, "ready", 200,
                                                         sends="name of the whole form"),

`about` names what its arguments are (a key of `World.own`, tests/access_world.py; add one there
if none fits, for every relation). The numbers of `form` are what an EMPTY form ends in. `sends`
names the form that takes effect: a function of FORMS in tests/access_world.py that fills it in.
Everybody the row does not name is tried too: the anonymous, the disabled and those without a
role included, with somebody else's object, one of a closed period, one that is gone and one
that never was; they must be refused and change nothing. If a role should do more than the row
says, that is a decision: write it in docs/access.md as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

NOBODY, NO_ROLE = "anonymous", "no role"
BOARD, PMO, LEAD, DIRECTOR = "board", "pmo", "finance_lead", "finance_director"
GROUP, CLINICAL, WORKSTREAM, SRO = (
    "finance_group",
    "clinical_approver",
    "workstream_lead",
    "sro",
)
ADMINISTRATOR, AUDITOR = "administrator", "auditor"

EVERY_ROLE = frozenset(
    {BOARD, PMO, LEAD, DIRECTOR, GROUP, CLINICAL, WORKSTREAM, SRO, ADMINISTRATOR, AUDITOR}
)
SIGNED_IN = EVERY_ROLE | {NO_ROLE}
ANYBODY = SIGNED_IN | {NOBODY}
OF_RETURNS = frozenset({PMO, LEAD, DIRECTOR, GROUP, ADMINISTRATOR, AUDITOR})
SENDERS = frozenset({LEAD, DIRECTOR})
ADMINISTRATORS = frozenset({ADMINISTRATOR})
OPEN_DOORS = frozenset({PMO, ADMINISTRATOR})
APPROVERS = frozenset({DIRECTOR, ADMINISTRATOR})
DIRECTORS = frozenset({DIRECTOR})
NEVER: frozenset[str] = frozenset()

# Their grants are for NGH alone; everybody else's are for the whole programme.
OF_ONE_ORGANISATION = SENDERS
# People who were somebody and are no longer: what they are to the site now.
NO_LONGER: Mapping[str, str] = {
    "disabled": NOBODY,  # switched off while signed in
    "finance lead no more": NO_ROLE,  # the grant was taken while signed in
    "administrator no more": NO_ROLE,
}


@dataclass(frozen=True)
class Row:
    """One route. A status stands for GET and HEAD alike; whoever is not named gets a 403."""

    read: frozenset[str]
    get: tuple[int, ...] = (200,)
    send: frozenset[str] = NEVER
    post: tuple[int, ...] = ()  # what an empty form ends in; () where the route takes none
    sends: str = ""  # the form that takes effect, by its name in tests/access_world.py
    about: str = ""
    closed: str = ""  # why the form takes effect although the period is closed; "" if it does not
    silent: str = ""  # why that form leaves no event on the audit trail
    acts: frozenset[str] = NEVER  # whose form takes effect, where not everybody's in `send`
    absent: int = 404  # what an object that is not there ends in
    public: bool = False  # the anonymous are not sent to the door


def page(read: frozenset[str], about: str = "", *get: int) -> Row:
    return Row(read, get or (200,), about=about)


def form(
    read: frozenset[str], send: frozenset[str], about: str, *post: int,
    sends: str = "", get: tuple[int, ...] = (200,), closed: str = "",
) -> Row:  # fmt: skip
    return Row(read, get, send, post, sends, about, closed)


# What belongs to one organisation: to the others it is not there at all.
OWNED = frozenset({"ready", "warned", "committed", "plan", "organisation"})

TABLE: dict[str, Row] = {
    # route                      read by      about / sent by        statuses
    "home": page(SIGNED_IN, "", 200, 302),
    # The door and what belongs to a person's own account.
    "account_login": Row(
        ANYBODY, (200, 302), ANYBODY, (200, 302), sends="sign in", public=True,
        acts=frozenset({NOBODY}),  # who is signed in is sent on
    ),
    "account_logout": form(SIGNED_IN, SIGNED_IN, "", 302, sends="nothing"),
    "account_change_password": form(SIGNED_IN, SIGNED_IN, "", 200, sends="new password"),
    "account_reset_password": Row(
        ANYBODY, send=ANYBODY, post=(200,), sends="address", public=True,
        silent="the job that sends the letter notes it: the answer is the same for everybody",
    ),
    "account_reset_password_done": Row(ANYBODY, public=True),
    "account_reset_password_from_key": Row(
        ANYBODY, (302,), ANYBODY, (200, 302), about="link", public=True,
        absent=200,  # a link that works no more has a page that says so
    ),
    "account_reauthenticate": form(
        SIGNED_IN, SIGNED_IN, "", 200, 302, get=(200, 302), sends="own password"
    ),
    "account_inactive": Row(ANYBODY, public=True),
    "accounts:session-list": page(SIGNED_IN),
    "accounts:session-end": form(SIGNED_IN, SIGNED_IN, "", 404, get=(405,), sends="own session"),
    "accounts:session-stay": form(SIGNED_IN, SIGNED_IN, "", 200, get=(405,)),
    # Who may come in.
    "accounts:person-list": page(OPEN_DOORS),
    "accounts:person-invite": form(
        ADMINISTRATORS, ADMINISTRATORS, "", 200, sends="invitation"
    ),
    "accounts:person-detail": page(OPEN_DOORS, "person"),
    "accounts:person-open": form(
        OPEN_DOORS, OPEN_DOORS, "person", 302, get=(405,), sends="nothing"
    ),
    "accounts:person-link": form(
        ADMINISTRATORS, ADMINISTRATORS, "person", 302, get=(405,), sends="nothing"
    ),
    "accounts:person-switch": form(
        ADMINISTRATORS, ADMINISTRATORS, "person", 302, get=(405,), sends="nothing"
    ),
    "accounts:person-end-session": form(
        ADMINISTRATORS, ADMINISTRATORS, "person", 404, get=(405,), sends="their session"
    ),
    "accounts:invitation": Row(
        ANYBODY, (302,), ANYBODY, (200, 302), about="invitation", public=True,
        absent=200,
    ),
    # Pages that explain, and who changed what.
    "core:change-list": page(EVERY_ROLE),
    "core:help": page(SIGNED_IN),
    "core:rag-rules": page(SIGNED_IN),
    "core:accessibility": Row(ANYBODY, public=True),
    # What machines ask; the last needs a token, and none is set.
    "core:health-live": Row(ANYBODY, public=True),
    "core:health-ready": Row(ANYBODY, public=True),
    "core:health-deep": Row(ANYBODY, (404,), public=True),
    # Dashboards and lists: programme data, read by every role (docs/access.md).
    "dashboards:overview": page(EVERY_ROLE),
    "dashboards:workstream-list": page(EVERY_ROLE),
    "dashboards:workstream-detail": page(EVERY_ROLE, "workstream"),
    "dashboards:gap": page(EVERY_ROLE),
    "dashboards:plan": page(EVERY_ROLE),
    "workstreams:milestone-list": page(EVERY_ROLE),
    "workstreams:risk-list": page(EVERY_ROLE),
    "finance:scheme-list": page(EVERY_ROLE),
    "finance:scheme-detail": page(EVERY_ROLE, "scheme"),
    "indicators:indicator-list": page(EVERY_ROLE),
    # Returns: one organisation's own until they are committed, and the file always.
    "returns:return-list": page(OF_RETURNS),
    "returns:return-template": page(SENDERS),
    "returns:return-send": form(SENDERS, SENDERS, "", 200, sends="a return"),
    "returns:return-detail": page(OF_RETURNS, "ready", 302),
    "returns:return-checking": page(OF_RETURNS, "ready"),
    "returns:return-progress": page(OF_RETURNS, "ready"),
    "returns:return-problems": form(
        OF_RETURNS, SENDERS, "warned", 200,
        sends="reasons", closed="a reason changes no figure, and the return cannot be sent",
    ),
    "returns:return-draft": Row(
        SENDERS, (405,), SENDERS, (204,), "reasons", "warned", closed="a draft changes no figure",
        silent="what is typed is kept every few seconds; saving it is on the trail",
    ),
    "returns:return-preview": form(OF_RETURNS, SENDERS, "ready", 200, sends="confirmation"),
    "returns:return-receipt": page(OF_RETURNS, "committed"),
    "returns:return-abandon": form(
        SENDERS, SENDERS, "ready", 302,
        get=(405,), sends="nothing", closed="dropping what was never sent changes no figure",
    ),
    "returns:return-original": page(OF_RETURNS, "committed"),
    "returns:return-marked": page(OF_RETURNS, "warned"),
    "returns:return-history": page(OF_RETURNS, "organisation"),
    "returns:return-compare": page(OF_RETURNS, "organisation"),
    "returns:return-withdraw": form(
        DIRECTORS, DIRECTORS, "committed", 200, sends="withdrawal",
    ),
    "returns:plan-approve": form(
        OF_RETURNS, APPROVERS, "plan", 302,
        sends="nothing", closed="a plan may be approved after its first month has closed",
    ),
}  # fmt: skip

# /admin/: model -> what an administrator may do there besides looking.
ADMIN: Mapping[str, str] = {
    "core_organisation": "",
    "core_reportingperiod": "",
    "core_return": "",
    "core_job": "",
    "core_snapshot": "",
    "core_auditevent": "",
    "accounts_user": "",
    "accounts_grant": "add, delete",
}


def _admin(model: str, may: str) -> dict[str, Row]:
    """The six routes that Django gives each model; there, what is gone leads back to the list."""
    look = form(ADMINISTRATORS, ADMINISTRATORS, "", 200, 302)
    about = form(ADMINISTRATORS, ADMINISTRATORS, model, 200, 302)
    add = form(ADMINISTRATORS, ADMINISTRATORS, "", 200, sends=f"{model} add")
    delete = form(ADMINISTRATORS, ADMINISTRATORS, model, 200, sends="confirm")
    several = replace(look, sends=f"{model} delete")
    rows = {
        f"admin:{model}_changelist": several if "delete" in may else look,
        f"admin:{model}_add": add if "add" in may else Row(NEVER),
        f"admin:{model}_history": about,
        f"admin:{model}_delete": delete if "delete" in may else Row(NEVER, about=model),
        f"admin:{model}_change": form(ADMINISTRATORS, NEVER, model, 403),
        f"admin/{model.replace('_', '/')}/<path:object_id>/": replace(about, get=(302,)),
    }
    return {name: replace(row, absent=302) for name, row in rows.items()}


for _model, _may in ADMIN.items():
    TABLE |= _admin(_model, _may)
TABLE |= {
    "admin:index": form(ADMINISTRATORS, ADMINISTRATORS, "", 200),
    "admin:app_list": replace(form(ADMINISTRATORS, ADMINISTRATORS, "app", 200), absent=200),
    "admin:login": form(SIGNED_IN, SIGNED_IN, "", 302, get=(302,)),
    "admin:logout": form(ADMINISTRATORS, ADMINISTRATORS, "", 302, get=(302,)),
    "admin:password_change": form(ADMINISTRATORS, ADMINISTRATORS, "", 302, get=(302,)),
    "admin:password_change_done": form(ADMINISTRATORS, ADMINISTRATORS, "", 302, get=(302,)),
    "admin:autocomplete": page(ADMINISTRATORS, "", 403),  # no field of ours asks it anything
    "admin:jsi18n": page(ADMINISTRATORS),
    "admin:view_on_site": form(ADMINISTRATORS, ADMINISTRATORS, "shortcut", 404, get=(404,)),
    "admin/(?P<url>.*)$": form(ADMINISTRATORS, ADMINISTRATORS, "", 404, get=(404,)),
}
