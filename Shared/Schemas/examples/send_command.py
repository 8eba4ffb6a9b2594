#!/usr/bin/env python3
"""Puts a return address of a shop, waits for the answer, and prints it.

Needs confluent-kafka (PyPI). KAFKA_BOOTSTRAP_SERVERS names the brokers; DAIFA_TOKEN_FILE, where DAIFA_AUTH=required, holds a JWT of the merchant.
"""

import argparse
import json
import os
import sys
import time
import uuid
from datetime import datetime, timezone

from confluent_kafka import Consumer, Producer

SERVERS = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shop", required=True, help="the merchant's shop id")
    parser.add_argument("--timeout", type=float, default=30, help="seconds to wait for the answer")
    options = parser.parse_args()

    # Chosen once: a retry sends the same id, and the service carries the command out once.
    command_id = str(uuid.uuid4())
    headers = {
        "ce_specversion": "1.0",
        "ce_id": command_id,
        "ce_source": "/example/send-command",
        "ce_type": "daifa.binding.put-address.v1",
        "ce_subject": options.shop,
        "ce_time": datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        # Where tokens are required the token says who it is, whatever this says.
        "ce_actor": f"merchant:{options.shop}",
        "content-type": "application/json",
    }
    if "DAIFA_TOKEN_FILE" in os.environ:
        with open(os.environ["DAIFA_TOKEN_FILE"], encoding="utf-8") as file:
            headers["authorization"] = f"Bearer {file.read().strip()}"
    data = {
        "shopId": options.shop,
        "addressId": "example",
        "kind": "return",
        "name": "示例",
        "phone": "13800138000",
        "address": {"country": "中国", "province": "浙江省", "city": "杭州市", "district": "余杭区", "detail": "示例路1号"},
        "default": True,
    }

    # Before the command is sent, so that the answer is not missed.
    consumer = Consumer({
        "bootstrap.servers": SERVERS,
        "group.id": f"example-{command_id}",
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    })
    consumer.subscribe(["daifa.binding.events"])
    # The partition of the key as Java has it: all that concerns a shop lies in one partition, in order.
    producer = Producer({"bootstrap.servers": SERVERS, "acks": "all", "enable.idempotence": True, "partitioner": "murmur2_random"})
    failed = []
    producer.produce(
        "daifa.binding.commands", key=options.shop, value=json.dumps(data, ensure_ascii=False).encode(),
        headers=list(headers.items()), on_delivery=lambda error, _: failed.append(error) if error else None)
    if producer.flush(options.timeout) or failed:
        sys.exit(f"the command was not sent: {failed or 'no broker has taken it in time'}")

    deadline = time.monotonic() + options.timeout
    while time.monotonic() < deadline:
        message = consumer.poll(1)
        if message is None or message.error():
            continue
        answer = {name: value.decode() for name, value in message.headers() or [] if value is not None}
        if answer.get("ce_causationid") != command_id:
            continue
        body = json.loads(message.value())
        print(answer["ce_type"], json.dumps(body, ensure_ascii=False))
        consumer.close()
        sys.exit(1 if answer["ce_type"].endswith(".refused.v1") else 0)
    consumer.close()
    sys.exit(f"there is no answer to {command_id} yet; do not send it again under another id")


if __name__ == "__main__":
    main()
