"""Settings: everything a deployer may set comes from the environment (`.env.sample` lists it).

Embedded mode (the default) is SQLite and a job process under `var/`. Production mode is
chosen by STP_MODE=production and refuses to start with anything unsafe.
"""

import datetime as dt
import os
import secrets
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from stp.core import logs

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str | None = None, *, why: str = "") -> str:
    """A setting from NAME or the file named by NAME_FILE; says what is missing and why."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} in the environment: {why} See .env.sample.")
    return value


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


PRODUCTION = env("STP_MODE", "embedded") == "production"
DATA_DIR = Path(env("STP_DATA_DIR", str(BASE_DIR / "var")))


def _secret_key() -> str:
    if PRODUCTION:
        key = env("SECRET_KEY", why="it signs sessions and form tokens.")
        if len(key) < 50:
            raise ImproperlyConfigured("SECRET_KEY is too short: use at least 50 characters.")
        if len(set(key)) < 5 or key.startswith("django-insecure-"):
            raise ImproperlyConfigured("SECRET_KEY is easy to guess: make a random one.")
        return key
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text(encoding="utf-8")


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
DEBUG = False
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,[::1]")
if PRODUCTION and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the site's names, comma separated, never *.")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
if PRODUCTION and os.environ.get("DEBUG", "").lower() not in ("", "0", "false", "no"):
    raise ImproperlyConfigured("DEBUG shows everybody the inside of the site: take it away.")

INSTALLED_APPS = [
    "stp.accounts.apps.AdministrationConfig",  # django.contrib.admin with our site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # templates of widgets the design system has no part for
    "allauth",
    "allauth.account",
    "axes",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "stp.core",
    "stp.accounts",
    "workstreams",
    "finance",
    "indicators",
    "stp.returns",
    "stp.dashboards",
    "stp.cycle",
]

MIDDLEWARE = [
    # These three put their headers on every answer there is: redirects, errors, files.
    "stp.core.middleware.every_answer",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "stp.core.middleware.probes",
    "stp.core.middleware.no_nul",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "stp.core.middleware.keep_session",
    "stp.core.middleware.error_pages",
    "stp.core.trail.known_methods",
    "stp.core.trail.access",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "stp.urls"
WSGI_APPLICATION = "stp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "stp.core.context.site",
            ],
        },
    }
]
FORM_RENDERER = "stp.core.forms.NhsFormRenderer"

DATABASES = {
    "default": dj_database_url.parse(
        env("DATABASE_URL", f"sqlite:///{DATA_DIR / 'stp.sqlite3'}"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Every atomic block takes the write lock at once; readers never wait (WAL).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;"
        ),
    }
else:
    # What DATABASE_URL itself asks for (sslmode, a socket's folder) stays.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3,  # a server that takes the call and says nothing
        "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=45s",
        **DATABASES["default"].get("OPTIONS", {}),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "stp.accounts.adapter.ClosedSignUp"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False  # axes is the one lock-out
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
# Proxies in front of the site that write X-Forwarded-For; 0: the header is not believed.
TRUSTED_PROXIES = int(env("STP_TRUSTED_PROXIES", "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # nobody edits or empties the log of attempts
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "stp.accounts.addresses.client_address"
AXES_DISABLE_ACCESS_LOG = True  # the audit trail has the sign-ins, without addresses
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "stp.accounts.adapter.who_tries"
AXES_LOCKOUT_CALLABLE = "stp.accounts.views.locked_out"
# One password tried on many people: from so many an address is slowed to one try in so many
# seconds, and an alarm is raised; so is one when one person is tried from so many addresses.
SIGN_IN_PEOPLE = 20
SIGN_IN_SPACING = 5
SIGN_IN_ADDRESSES = 3
SESSION_ENGINE = "stp.accounts.sessions"
# Signed out so long after the last use, and so long after sign-in, used or not; warned before.
SESSION_COOKIE_AGE = int(env("STP_SESSION_IDLE_SECONDS", "1800"))
SESSION_LONGEST = int(env("STP_SESSION_LONGEST_SECONDS", "43200"))
SESSION_WARNING = int(env("STP_SESSION_WARNING_SECONDS", "300"))
# Kept alive by use: stp.core.middleware.keep_session writes at most once in SESSION_TOUCH seconds.
SESSION_TOUCH = min(60, SESSION_COOKIE_AGE // 10)
# Links by e-mail that let somebody choose a password: how long each is good for.
RESET_LINK_HOURS = int(env("STP_RESET_LINK_HOURS", "2"))
INVITATION_HOURS = int(env("STP_INVITATION_HOURS", "168"))
PASSWORD_RESET_TIMEOUT = max(RESET_LINK_HOURS, INVITATION_HOURS) * 3600
LETTERS_MOST, LETTERS_EVERY = 5, dt.timedelta(hours=1)  # to one address
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", ("vendor", DATA_DIR / "assets")]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "stp.core.joined.JoinedFinder",  # the pages' one sheet, made of those in static/css
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
UPLOAD_ROOT = Path(env("STP_UPLOAD_DIR", str(DATA_DIR / "uploads")))
UPLOAD_MAX_BYTES = 10 * 1024 * 1024
# Where the web server takes a large file in: beside the originals, so that one sweep clears both.
FILE_UPLOAD_TEMP_DIR = UPLOAD_ROOT / "incoming"
# Made by the first upload that needs it (stp.returns.uploads): a fresh folder has none yet.
SILENCED_SYSTEM_CHECKS = ["files.E001"]
FILE_UPLOAD_HANDLERS = [
    "stp.returns.uploads.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# E-mail. Embedded and without EMAIL_HOST, letters are kept as files: pages say so.
MAIL_FOLDER = DATA_DIR / "mail"
MAIL_IS_KEPT = not PRODUCTION and not env("EMAIL_HOST", "")
if MAIL_IS_KEPT:
    MAILERS: dict[str, dict[str, object]] = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(MAIL_FOLDER)},
        }
    }
else:
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": env("EMAIL_HOST", "localhost"),
                "port": int(env("EMAIL_PORT", "25")),
                "username": env("EMAIL_HOST_USER", ""),
                "password": env("EMAIL_HOST_PASSWORD", ""),
                "use_tls": env("EMAIL_USE_TLS", "") == "yes",
                "use_ssl": env("EMAIL_USE_SSL", "") == "yes",
                "timeout": 10,
            },
        }
    }
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "tracker@localhost")
# Whom people ask who cannot get in: an e-mail address or a telephone number, shown at the door.
CONTACT = env("STP_CONTACT", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True


def _proxy_header() -> tuple[str, str]:
    """The header by which the proxy in front says that a request came by https.

    Believed, so the proxy must overwrite what a client sends (docs/running.md).
    """
    name = env("STP_TLS_HEADER", why="your proxy says with it that a request came by https.")
    if not name.replace("-", "").isalnum():
        raise ImproperlyConfigured("STP_TLS_HEADER is a header's name, say X-Forwarded-Proto.")
    return f"HTTP_{name.upper().replace('-', '_')}", "https"


if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/"]  # asked by address, over plain http
    SECURE_PROXY_SSL_HEADER = _proxy_header()
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"

# The product's own settings.
PRODUCT_NAME = env("STP_PRODUCT_NAME", "Programme Tracker")
_demo = env("STP_DEMO_DATE", "")
DEMO_DATE: dt.date | None = dt.date.fromisoformat(_demo) if _demo else None

# Jobs: kind -> what runs it, and its hard limit in seconds. A lease is the limit plus the grace.
JOBS: dict[str, tuple[str, int]] = {
    "check_return": ("stp.returns.actions.run_check", 90),
    "recompute": ("stp.dashboards.actions.run_recompute", 120),
    "send_link": ("stp.accounts.actions.run_send_link", 30),
}
# What is told when a job is given up after its attempts, by kind.
JOB_QUARANTINED = {
    "check_return": "stp.returns.actions.check_gave_up",
    "send_link": "stp.accounts.actions.link_gave_up",
}
JOB_LEASE_GRACE = int(env("STP_JOB_LEASE_GRACE", "30"))
JOB_SWEEP_SECONDS = float(env("STP_JOB_SWEEP_SECONDS", "15"))
JOB_ATTEMPTS = 3
# What one sweep in an hour does besides.
HOURLY = ["stp.returns.leftovers.sweep"]
REDIS_URL = env("REDIS_URL", "")
# What sends a job's id to a worker after commit; empty when the embedded job process looks itself.
NUDGE = "stp.celery.nudge" if REDIS_URL else ""
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_TRANSPORT = "stp.broker:Transport" if REDIS_URL else None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # however long Redis is away
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
# Backstop of the limit inside `stp.core.jobs.run`: a worker that hangs is replaced.
CELERY_TASK_TIME_LIMIT = max(limit for _, limit in JOBS.values()) + JOB_LEASE_GRACE
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "stp.sweep",
        "schedule": JOB_SWEEP_SECONDS,
        # A sweep nobody took before the next one is due is not worth running.
        "options": {"expires": JOB_SWEEP_SECONDS},
    }
}

LOG_FORMAT = env("STP_LOG_FORMAT", "json" if PRODUCTION else "line")
if LOG_FORMAT not in logs.FORMATS:
    raise ImproperlyConfigured(f"STP_LOG_FORMAT is json or line, not {LOG_FORMAT}.")
LOG_LEVEL = env("STP_LOG_LEVEL", "INFO").upper()
LOGGING = logs.configuration(LOG_FORMAT, LOG_LEVEL)
# Who may ask /health/deep sends this; without it there is no such page.
HEALTH_TOKEN = env("STP_HEALTH_TOKEN", "")
if HEALTH_TOKEN and len(HEALTH_TOKEN) < 20:
    raise ImproperlyConfigured("STP_HEALTH_TOKEN is too short: use at least 20 characters.")
