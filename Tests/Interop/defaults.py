"""Commands and facts as other client libraries write them with their defaults, and events as they read them; strangers.py is the other side."""

import base64
import json
import os
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

from client import Failure, require

STRANGERS = Path(__file__).resolve().parent / "strangers.py"
SECONDS = 90
# Of each writer: as many keys as make it certain that a partitioner other than murmur2 places some of them elsewhere.
KEYS = 12

# Which of them give no key unless told to.
KEYED = ["confluent-kafka", "kafka-python", "aiokafka", "quixstreams", "bytewax", "pathway"]
WITHOUT_A_KEY = ["confluent-kafka", "kafka-python", "aiokafka", "quixstreams", "bytewax", "cloudevents-1-binary", "cloudevents-1-structured",
                 "cloudevents-2-binary", "cloudevents-2-structured"]
FACTS = [("confluent-kafka", True), ("confluent-kafka", False), ("cloudevents-1-structured", False)]
READERS = ["confluent-kafka", "kafka-python", "aiokafka", "quixstreams", "bytewax", "pathway"]


# Clients that are installed only when asked for, and the variable of their Python.
OPTIONAL = {"pathway": "DAIFA_PATHWAY_PYTHON"}


def is_left_out(client):
    return client in OPTIONAL and OPTIONAL[client] not in os.environ


def interpreter(client):
    """The Python that has the library."""
    if client in OPTIONAL:
        return os.environ[OPTIONAL[client]]
    return os.environ["DAIFA_CLOUDEVENTS_1_PYTHON"] if client.startswith("cloudevents-1") else sys.executable


def run(action, client, servers, topic, given):
    result = subprocess.run(
        [interpreter(client), "-B", str(STRANGERS), action, client, servers, topic], input=json.dumps(given).encode(), capture_output=True,
        timeout=SECONDS)
    require(result.returncode == 0, f"{client} ended with {result.returncode}: {result.stderr.decode(errors='replace')[-800:]}")
    # A library may have written lines of its own before.
    return result.stdout.decode().splitlines()


def message(ce_type, actor, key, data):
    headers = {"ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_source": "urn:interop:defaults", "ce_type": ce_type,
               "ce_time": datetime.now(timezone.utc).isoformat(), "ce_actor": actor, "content-type": "application/json"}
    return {"key": key, "value": json.dumps(data, ensure_ascii=False), "headers": headers}


def address(shop, number):
    """A command that changes nothing for anybody else: its shop need not be registered."""
    data = {"shopId": shop, "addressId": f"a{number}", "kind": "sender", "name": "王小明", "phone": "13800000003", "default": False,
            "address": {"country": "CN", "province": "浙江省", "city": "杭州市", "district": "西湖区", "detail": "1"}}
    return message("daifa.binding.put-address.v1", f"merchant:{shop}", shop, data)


def order(key):
    """A fact, whose recipient nobody will open."""
    sealed = {"keyId": "none", "enc": base64.b64encode(os.urandom(32)).decode(), "ciphertext": base64.b64encode(os.urandom(64)).decode()}
    data = {"orderId": key, "merchantShopId": "m-defaults", "platform": "pinduoduo", "platformOrderNumber": key,
            "placedAt": "2026-01-02t03:04:05.5z", "remark": "", "lines": [
                {"lineId": "1", "sku": "A", "name": "杯子", "spec": "", "quantity": 1, "unitPrice": {"amountMinor": 1, "currency": "CNY"}}],
            "recipient": {"province": "广东省", "city": "深圳市", "district": "南山区", "sealed": sealed}}
    return message("daifa.order.placed.v1", "partner:interop", key, data)


class Written:
    """What one client has written, and where its answers are to be."""

    def __init__(self, client, name, keyed, facts=False):
        self.name, self.keyed, self.facts = name, keyed, facts
        keys = [f"{name}-{'key' if keyed else 'none'}-{client.run}-{number}" for number in range(KEYS)]
        self.messages = [order(key) if facts else address(key, number) for number, key in enumerate(keys)]

    def __str__(self):
        how = "keys placed by its default" if self.keyed else "no key"
        return f"{self.name}: writes {'facts' if self.facts else 'commands'} with its defaults, {how}"

    def write(self, client):
        given = self.messages if self.keyed else [{**message, "key": None} for message in self.messages]
        run("write", self.name, client.servers, "daifa.orders" if self.facts else "daifa.binding.commands", given)

    def check(self, client):
        topic, expected = ("daifa.allocation.events", "daifa.allocation.order-registered.v1") if self.facts else (
            "daifa.binding.events", "daifa.binding.address-put.v1")
        for message in self.messages:
            answer = client.answer(message["headers"]["ce_id"], topic)
            require(answer.type == expected, f"{answer}: {answer.value.decode()}")
            require(answer.key == message["key"], f"the answer is under {answer.key}, not under {message['key']}")
        return f"{len(self.messages)} messages"


def write_all(client, tally):
    """All clients write at the same time; each check then waits for its own answers."""
    written = [Written(client, name, True) for name in KEYED] + [Written(client, name, False) for name in WITHOUT_A_KEY]
    written += [Written(client, name, keyed, facts=True) for name, keyed in FACTS]
    for item in written:
        if is_left_out(item.name):
            tally.skip(str(item), "set DAIFA_INTEROP_ALL=1")
    with ThreadPoolExecutor(4) as pool:
        runs = [(item, pool.submit(item.write, client)) for item in written if not is_left_out(item.name)]

    def check(item, done):
        done.result()
        return item.check(client)

    for item, done in runs:
        tally.check(str(item), lambda: check(item, done))


def read_all(client, tally):
    """All clients read at the same time: events, and a table's tombstone."""
    events = [record for record in client.records if record.topic == "daifa.binding.events"]
    ids = [record.headers["ce_id"] for record in events]
    gone = [record.key for record in client.records if record.topic == "daifa.rules" and record.value is None]

    def read(name):
        answer = json.loads(run("read", name, client.servers, "daifa.binding.events", {"ids": ids, "tombstones": []})[-1])
        seen = {event["id"]: (event["type"], event["key"], event["value"]) for event in answer["events"]}
        for record in events:
            ours = (record.type, record.key, record.data)
            require(seen.get(record.headers["ce_id"]) == ours, f"{record}: read as {seen.get(record.headers['ce_id'])}")
        answer = json.loads(run("read", name, client.servers, "daifa.rules", {"ids": [], "tombstones": gone})[-1])
        if not gone or set(answer["tombstones"]) != set(gone):
            raise Failure(f"tombstones of {gone}, read {answer['tombstones']}")
        return f"{len(events)} events"

    def title(name):
        return f"{name}: reads events and tombstones, read_committed"

    with ThreadPoolExecutor(4) as pool:
        runs = [(name, pool.submit(read, name)) for name in READERS if not is_left_out(name)]
    for name, done in runs:
        tally.check(title(name), done.result)
    for name in filter(is_left_out, READERS):
        tally.skip(title(name), "set DAIFA_INTEROP_ALL=1")
