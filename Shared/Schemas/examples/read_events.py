#!/usr/bin/env python3
"""Reads the events of a service as they are committed, and prints one line for each.

Needs confluent-kafka (PyPI). KAFKA_BOOTSTRAP_SERVERS names the brokers.
"""

import argparse
import os

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--topic", default="daifa.allocation.events")
    parser.add_argument("--group", help="remembers how far it has read; without one it begins anew each time")
    parser.add_argument("--from-beginning", action="store_true", help="where the group has read nothing yet")
    parser.add_argument("--stop-at-end", action="store_true", help="ends when everything that is there was read")
    options = parser.parse_args()

    consumer = Consumer({
        "bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
        "group.id": options.group or f"example-{os.getpid()}",
        # Records of aborted transactions are not events. This is the client's default; others have another one.
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest" if options.from_beginning else "latest",
        # A position is committed after the event was handled, so that a crash repeats an event instead of losing it.
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    })
    consumer.subscribe([options.topic])
    seen, ended = set(), set()
    try:
        while True:
            message = consumer.poll(10)
            if message is None:
                if options.stop_at_end and ended:
                    break
                continue
            if message.error():
                if message.error().code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(message.error())
                ended.add(message.partition())
                if options.stop_at_end and ended >= {place.partition for place in consumer.assignment()}:
                    break
                continue
            headers = {name: value.decode() for name, value in message.headers() or [] if value is not None}
            # The same id is the same event: a reader that has handled it leaves a copy out.
            if headers.get("ce_id") in seen:
                continue
            seen.add(headers.get("ce_id"))
            # A record without a value (tables only) says that the row is gone.
            body = "(gone)" if message.value() is None else message.value().decode()
            print(headers.get("ce_time"), headers.get("ce_type"), message.key().decode(), body, flush=True)
            consumer.commit(offsets=[TopicPartition(message.topic(), message.partition(), message.offset() + 1)], asynchronous=False)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
