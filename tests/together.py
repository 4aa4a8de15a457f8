"""Threads with database connections of their own, let go at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connections


def own_connection[**P, T](work: Callable[P, T]) -> Callable[P, T]:
    """`work`, closing its thread's database connection at the end."""

    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return work(*args, **kwargs)
        finally:
            connections.close_all()

    return run


def together[T](*works: Callable[[], T]) -> list[T | Exception]:
    """What each work returned or raised; all start as one."""
    gate = threading.Barrier(len(works))

    def at_the_gate(work: Callable[[], T]) -> T:
        gate.wait(timeout=30)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        futures: list[Future[T]] = [
            pool.submit(own_connection(at_the_gate), work) for work in works
        ]
    outcomes: list[T | Exception] = []
    for future in futures:
        try:
            outcomes.append(future.result())
        except Exception as error:
            outcomes.append(error)
    return outcomes
