#!/usr/bin/env bash
# Guess: librdkafka never takes a static member (one with group.instance.id) out of its group by itself: its partitions idle for
# session.timeout.ms after a clean close, and only a LeaveGroup of one's own (as Java's removeMembersFromConsumerGroup sends it) helps.
# Truth: only the close sends none. The end of the subscription sends LeaveGroup for a static member as for any other, and a close that
# follows waits for the answer: unsubscribe, then close, hands over at once, also over TLS and SASL.
# Version: librdkafka 2.0.2 (confluent-kafka 2.0.2 of PyPI).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check confluent-kafka==2.0.2

"$folder/venv/bin/python" - <<'PYTHON'
import logging
import sys
import time

import confluent_kafka


class Lines(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def leaves(instance, unsubscribes):
    """LeaveGroup requests that a member sends until its close has returned."""
    lines = Lines()
    logger = logging.getLogger(f"{instance} {unsubscribes}")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(lines)
    settings = {"test.mock.num.brokers": 1, "group.id": "g", "debug": "protocol", "allow.auto.create.topics": True}
    if instance:
        settings["group.instance.id"] = instance
    consumer = confluent_kafka.Consumer(settings, logger=logger)
    assigned = []
    consumer.subscribe(["t"], on_assign=lambda _, partitions: assigned.append(partitions))
    deadline = time.monotonic() + 30
    while not assigned and time.monotonic() < deadline:
        consumer.poll(0.1)
    assert assigned, "the mock cluster's group gave no assignment within 30 s"
    if unsubscribes:
        consumer.unsubscribe()
        while consumer.memberid() and time.monotonic() < deadline:
            consumer.poll(0.05)
    consumer.close()
    return sum("Sent LeaveGroupRequest" in line for line in lines.lines)


print("confluent-kafka:", confluent_kafka.version()[0], "librdkafka:", confluent_kafka.libversion()[0])
seen = {}
for what, instance, unsubscribes in [
    ("member without a name, closed", "", False),
    ("static member, closed", "a", False),
    ("static member, unsubscribed and closed", "a", True),
]:
    seen[what] = leaves(instance, unsubscribes)
    print(f"{what}: {seen[what]} LeaveGroup")
sys.exit(0 if list(seen.values()) == [1, 0, 1] else 1)
PYTHON
