"""kcat and Apache Kafka's console consumer."""

import json
import subprocess
import time
import uuid

from client import TIMEOUT, require, schema_errors

NEEDED = ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_correlationid", "ce_causationid", "ce_actor",
          "content-type"]


def run(command, text=None):
    result = subprocess.run(command, input=text, capture_output=True, timeout=TIMEOUT)
    require(result.returncode == 0, f"{command[0]} ended with {result.returncode}: {result.stderr.decode(errors='replace')[-500:]}")
    return result.stdout.decode()


def kcat_events(servers, topic):
    """Headers, key and value of each record, as kcat prints them."""
    # Neither kcat nor JSON without escapes writes these separators.
    output = run(["kcat", "-C", "-q", "-e", "-b", servers, "-t", topic, "-o", "beginning", "-X", "isolation.level=read_committed",
                  "-f", "%h\x1f%k\x1f%s\x1e"])
    for record in output.split("\x1e"):
        if record:
            headers, key, value = record.split("\x1f")
            yield dict(item.split("=", 1) for item in headers.split(",")), key, value


def check_event(headers, key, value, what):
    missing = [name for name in NEEDED if name not in headers]
    require(not missing, f"{what}: headers {missing} are missing in {headers}")
    require(headers["ce_specversion"] == "1.0" and key, f"{what}: {headers}, key {key!r}")
    errors = schema_errors(headers["ce_type"], json.loads(value))
    require(not errors, f"{what}: {headers['ce_type']}: {errors}")


def kcat_reads(client):
    expected = {r.headers["ce_id"] for r in client.records if r.topic == "daifa.allocation.events"}
    seen = set()
    for headers, key, value in kcat_events(client.servers, "daifa.allocation.events"):
        check_event(headers, key, value, "kcat")
        seen.add(headers["ce_id"])
    require(expected <= seen, f"kcat read {len(seen)} events, confluent-kafka {len(expected)}")
    return f"{len(seen)} events"


def kcat_sends(client):
    shop, ce_id = f"kcat-{client.run}", str(uuid.uuid4())
    data = {"shopId": shop, "addressId": "a", "kind": "sender", "name": "kcat", "phone": "13800000003", "default": False,
            "address": {"country": "CN", "province": "浙江省", "city": "杭州市", "district": "", "detail": "1"}}
    headers = {"ce_specversion": "1.0", "ce_id": ce_id, "ce_source": "urn:interop:kcat", "ce_type": "daifa.binding.put-address.v1",
               "ce_actor": f"merchant:{shop}", "content-type": "application/json"}
    command = ["kcat", "-P", "-b", client.servers, "-t", "daifa.binding.commands", "-k", shop, "-X", "partitioner=murmur2_random",
               "-X", "acks=all"]
    for name, value in headers.items():
        command += ["-H", f"{name}={value}"]
    run(command, json.dumps(data, ensure_ascii=False).encode() + b"\n")
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        # Each reading ends at the end of the topic.
        for headers, key, value in kcat_events(client.servers, "daifa.binding.events"):
            if headers.get("ce_causationid") == ce_id:
                check_event(headers, key, value, "kcat")
                require(headers["ce_type"] == "daifa.binding.address-put.v1" and key == shop, f"{headers}: {value}")
                return
    require(False, "no answer came")


def console_reads(client, command):
    expected = [r for r in client.records if r.topic == "daifa.shipping.events"]
    output = run(command.split() + [
        "--bootstrap-server", client.servers, "--topic", "daifa.shipping.events", "--from-beginning",
        "--isolation-level", "read_committed", "--max-messages", str(len(expected)), "--timeout-ms", "30000",
        "--property", "print.headers=true", "--property", "print.key=true"])
    seen = {}
    for line in output.splitlines():
        parts = line.split("\t")
        if len(parts) != 3:
            continue
        headers = dict(item.split(":", 1) for item in parts[0].split(","))
        check_event(headers, parts[1], parts[2], "console consumer")
        seen[headers["ce_id"]] = (headers["ce_type"], parts[1], json.loads(parts[2]))
    for record in expected:
        ours = (record.type, record.key, record.data)
        require(seen.get(record.headers["ce_id"]) == ours, f"{record}: the console consumer read {seen.get(record.headers['ce_id'])}")
    require(seen, "nothing was read")
    return f"{len(seen)} events"
