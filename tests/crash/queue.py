"""The Celery app of workers that tests stop and kill: the site's own, armed by its environment."""

import os
from typing import Any

from celery.signals import worker_process_init

from stp.celery import app
from tests.crash import arming

__all__ = ["app"]


def prepare(**_: Any) -> None:
    """In each process of the pool, once the site is loaded."""
    arming.arm(os.environ)


worker_process_init.connect(prepare, weak=False)
