"""The road to Redis: kombu's, but for one thing (`Channel`)."""

from kombu.transport import redis


class Channel(redis.Channel):
    """A channel that, when it closes, drops the messages nobody acknowledged.

    kombu would push them back, over the very connection that has just broken; when Redis goes
    away while two channels wait for it, that ends in an AttributeError which stops the worker
    for good. Nothing is lost without it: the database row is the job, and the sweeper finds it.
    """

    do_restore = False


class Transport(redis.Transport):
    """What settings.CELERY_BROKER_TRANSPORT names."""

    Channel = Channel
