"""Dockerfile, compose.yaml and docs/running.md against the code they speak of.

There is no Docker where this runs: what is held is that every name in them stands for something.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import start
from tests import checks
from tests.children import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("web", "worker", "beat", "migrate")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
RUNNING = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")


def settings_read() -> set[str]:
    """Names that stp/settings.py reads from the environment."""
    code = (ROOT / "stp" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r"\benv(?:_list)?\(\s*\"([A-Z_]+)\"", code))


def steps(name: str) -> list[str]:
    """What follows an instruction of the Dockerfile, continued lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} +(.+)$", joined, flags=re.MULTILINE)


def command_of(service: str) -> list[str]:
    """The service's command, or the image's own."""
    own: list[str] | None = SERVICES[service].get("command")
    (image,) = steps("CMD")
    return own or yaml.safe_load(image)


# -- The image -------------------------------------------------------------------------------------


def test_the_image_has_the_python_of_the_project() -> None:
    wanted = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    assert set(re.findall(r"^FROM python:(\S+?)-slim", DOCKERFILE, re.MULTILINE)) == {wanted}


def test_what_is_copied_exists_and_is_sent_to_the_build() -> None:
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        source for step in steps("COPY") if "--from" not in step for source in step.split()[:-1]
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), f"COPY {source}: there is no such file"
        assert f"!{source}" in sent, f"COPY {source}: .dockerignore keeps it back"
    stages = set(re.findall(r" AS (\w+)", DOCKERFILE))
    assert {re.findall(r"--from=(\w+)", s)[0] for s in steps("COPY") if "--from" in s} <= stages


def test_every_package_of_ours_is_in_the_image() -> None:
    """An app of the settings that nobody copies would be found only when the image starts."""
    copied = " ".join(steps("COPY")).split()
    tops = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert tops <= set(copied)
    assert {"templates", "static", "fixtures", "docs", "manage.py", "gunicorn.conf.py"} <= set(
        copied
    )


def test_packages_are_installed_by_hash_and_nobody_is_root() -> None:
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert "npm ci" in DOCKERFILE
    assert steps("USER") == ["tracker"]
    assert DOCKERFILE.index("USER tracker") < DOCKERFILE.index("CMD")
    assert "STP_MODE=production" in DOCKERFILE


# -- The set ---------------------------------------------------------------------------------------


def test_the_set_is_whole() -> None:
    assert set(SERVICES) == {*OURS, "database", "queue"}
    assert set(COMPOSE["volumes"]) == {"database", "uploads"}


@pytest.mark.parametrize("service", OURS)
def test_every_name_in_the_environment_is_a_setting(service: str) -> None:
    names = {name.removesuffix("_FILE") for name in SERVICES[service]["environment"]}
    assert names <= settings_read(), f"nobody reads {sorted(names - settings_read())}"
    assert set(checks.PRODUCTION) <= names | {"STP_MODE"}, "the site would refuse to start"
    in_image = set(re.findall(r"(\w+)=", " ".join(steps("ENV")))) - {
        "PATH", "PYTHONUNBUFFERED", "MALLOC_ARENA_MAX",
        "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_",
    }  # fmt: skip
    assert in_image <= settings_read()


@pytest.mark.parametrize("service", OURS)
def test_every_command_is_there(service: str) -> None:
    program, *arguments = command_of(service)
    if program == "python":
        command = [sys.executable, *arguments, "--help"]
    else:
        found = shutil.which(program, path=str(Path(sys.executable).parent))
        assert found, f"{service}: no program {program} comes with requirements.lock"
        command = [
            found,
            *arguments,
            *(["--check-config"] if program == "gunicorn" else ["--help"]),
        ]
    env = {**os.environ, "REDIS_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{service}: {done.stderr[-1000:]}"


def test_uploads_are_on_their_volume() -> None:
    (where,) = re.findall(r"STP_UPLOAD_DIR=(\S+)", " ".join(steps("ENV")))
    for service in OURS:
        assert SERVICES[service]["volumes"] == [f"uploads:{where}"]
    assert f"-g tracker -m 0700 {where}" in DOCKERFILE, "the user could not write there"


def test_the_queue_drops_no_nudge_and_wants_a_password() -> None:
    command = command_of("queue")
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--aclfile") + 1] == "/run/secrets/redis_acl"
    assert "ports" not in SERVICES["queue"]
    assert "ports" not in SERVICES["database"]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"], "only the proxy may reach it"


def test_no_secret_stands_in_the_file() -> None:
    """Secrets are files: every name that holds one ends in _FILE and points to a listed secret."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            secret = re.search(r"SECRET|PASSWORD|TOKEN|_URL", name)
            assert not secret or name.endswith("_FILE"), f"{name} is written out"
            if name.endswith("_FILE"):
                held = value.removeprefix("/run/secrets/")
                assert held in service["secrets"], f"{name}: {held} is not given to the service"
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert not re.search(r"://[^/\s]*:[^/\s]*@", text)
    assert "secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_each_waits_for_what_it_needs() -> None:
    for service in ("web", "worker", "beat"):
        assert SERVICES[service]["depends_on"]["migrate"]["condition"] == (
            "service_completed_successfully"
        )
    for service in OURS:
        for server in ("database", "queue"):
            assert SERVICES[service]["depends_on"][server]["condition"] == "service_healthy"
            assert "healthcheck" in SERVICES[server]
    assert SERVICES["migrate"]["restart"] == "no"


def test_a_worker_is_given_the_time_its_job_may_take() -> None:
    from django.conf import settings

    longest = max(limit for _, limit in settings.JOBS.values())
    assert int(SERVICES["worker"]["stop_grace_period"].removesuffix("s")) > longest


def test_the_health_check_asks_an_address_there_is() -> None:
    from django.urls import resolve

    asked = SERVICES["web"]["healthcheck"]["test"][-1]
    (path,) = re.findall(r"http://127\.0\.0\.1:8000(/[\w/]+)", asked)
    assert resolve(path).url_name == "health-ready"
    compile(asked, "healthcheck", "exec")


# -- docs/running.md ------------------------------------------------------------------------------


def test_the_table_of_settings_is_whole() -> None:
    rows = set(re.findall(r"^\| `([A-Z_]+)` \|", RUNNING, flags=re.MULTILINE))
    assert rows == settings_read()


def test_every_command_of_ours_in_it_exists() -> None:
    from django.core.management import get_commands

    named = set(re.findall(r"manage\.py (\w+)", RUNNING))
    assert named
    assert named <= set(get_commands())
    for command in re.findall(r"start\.py (\w+)", RUNNING):
        assert f'"{command}"' in Path(start.__file__).read_text(encoding="utf-8")


def test_every_service_and_secret_it_names_is_in_the_set() -> None:
    for service in re.findall(
        r"docker compose (?:run --rm|exec|stop|up -d)(?: -T)? (\w+)", RUNNING
    ):
        assert service in SERVICES
    for secret in re.findall(r"secrets/(\w+)", RUNNING):
        assert secret in COMPOSE["secrets"], f"secrets/{secret} is used by nobody"
    assert set(COMPOSE["secrets"]) <= set(re.findall(r"secrets/(\w+)", RUNNING))


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", RUNNING):
        assert (ROOT / "docs" / target).exists(), target
