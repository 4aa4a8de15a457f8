"""The site's settings in tests: own data folder, quick passwords, no manifest, no nudges.

Child processes of tests (workers, crash tests) use `stp.settings` itself; tests/children.py
points them to the same database.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Nothing of the person's own installation reaches a test, nor a test's data their folder.
for name in ("STP_MODE", "STP_DEMO_DATE", "SECRET_KEY", "STP_UPLOAD_DIR", "STP_PRODUCT_NAME"):
    os.environ.pop(name, None)
if "STP_TEST_DATA" not in os.environ:  # xdist's workers inherit the folder of their controller
    os.environ["STP_TEST_DATA"] = tempfile.mkdtemp(prefix="stp-test-")
    atexit.register(shutil.rmtree, os.environ["STP_TEST_DATA"], ignore_errors=True)
os.environ["STP_DATA_DIR"] = os.environ["STP_TEST_DATA"]

from stp.settings import *  # noqa: E402, F403 - the environment must stand first; all of them
from stp.settings import BASE_DIR, DATA_DIR, DATABASES, STORAGES  # noqa: E402 - as above

# REDIS_URL of the environment is for the tests that ask for the queue.
REDIS_URL = ""
NUDGE = ""

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor", Path(os.environ.get("STP_ASSETS_DIR", BASE_DIR / "var" / "assets"))),
]
# Files straight from where they lie: nothing is collected for a test.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads and child processes meet in it as they do in service.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = DATABASES["default"]["OPTIONS"][
        "init_command"
    ].replace("synchronous=NORMAL", "synchronous=OFF")
