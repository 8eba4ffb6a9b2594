"""A client of Daifa's topics that knows only the contract: confluent-kafka, CloudEvents' own library, and the committed schemas."""

import json
import re
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from confluent_kafka import Consumer, KafkaException, Producer
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

SCHEMAS = Path(__file__).resolve().parents[2] / "Shared" / "Schemas"
ASYNCAPI = json.loads((SCHEMAS / "asyncapi.json").read_text())
WRITTEN_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
TIMEOUT = 60.0


class Failure(Exception):
    """A check does not hold; the text says what was seen."""


def require(condition, text):
    if not condition:
        raise Failure(text)


def schema_errors(ce_type, data):
    path = SCHEMAS / "json" / f"{ce_type}.schema.json"
    require(path.exists(), f"there is no schema of {ce_type}")
    validator = Draft202012Validator(json.loads(path.read_text()), format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(data)]


def header_errors(name, headers):
    """Headers against a schema of the AsyncAPI document."""
    schema = ASYNCAPI["components"]["schemas"][name]
    return [f"{error.json_path}: {error.message}" for error in Draft7Validator(schema).iter_errors(headers)]


class Record:
    """What stands in a topic, as the CloudEvents library reads it."""

    def __init__(self, message):
        self.topic = message.topic()
        self.partition = message.partition()
        self.key = (message.key() or b"").decode()
        self.value = message.value()
        self.raw_headers = message.headers() or []
        # A dead letter keeps the original's headers, which may be any bytes.
        self.headers = {name: value.decode(errors="replace") for name, value in self.raw_headers if value is not None}
        self.type = self.headers.get("ce_type", "")

    @property
    def is_dead_letter(self):
        return self.topic.endswith(".dead")

    @property
    def event(self):
        return from_kafka_event(KafkaMessage(headers=dict(self.raw_headers), key=self.key or None, value=self.value))

    @property
    def data(self):
        return self.event.get_data()

    @property
    def causation(self):
        return self.headers.get("ce_causationid")

    def __str__(self):
        return f"{self.type or 'a message'} in {self.topic} under key {self.key}"


class Client:
    def __init__(self, servers):
        self.servers = servers
        self.run = uuid.uuid4().hex[:8]
        self.records = []
        self.producer = Producer({"bootstrap.servers": servers, "partitioner": "murmur2_random", "acks": "all"})
        self.consumer = Consumer({
            "bootstrap.servers": servers, "group.id": f"interop-{self.run}", "isolation.level": "read_committed",
            "auto.offset.reset": "earliest", "enable.auto.commit": False,
        })
        self.topics = sorted(t for t in self.consumer.list_topics(timeout=20).topics if t.startswith("daifa."))
        self.consumer.subscribe(self.topics)

    def close(self):
        self.consumer.close()

    # Sending

    def message(self, ce_type, key, data, actor, structured=False, ce_id=None, **attributes):
        """A command or fact as the CloudEvents library writes it."""
        event = CloudEvent(
            attributes={
                "id": ce_id or str(uuid.uuid4()), "source": "urn:interop:python", "type": ce_type, "time": datetime.now(timezone.utc),
                "subject": key, "datacontenttype": "application/json", "actor": actor, **attributes,
            },
            data=data)
        errors = schema_errors(ce_type, data)
        require(not errors, f"what is sent does not fit its own schema: {errors}")
        written = (to_structured_event if structured else to_binary_event)(event, key_mapper=lambda _: key)
        return event.get_id(), written

    def send(self, topic, written, extra_headers=()):
        self.produce(topic, written.key, written.value, list(written.headers.items()) + list(extra_headers))

    def produce(self, topic, key, value, headers):
        failed = []
        self.producer.produce(
            topic, key=key, value=value, headers=headers, on_delivery=lambda error, _: failed.append(error) if error else None)
        require(self.producer.flush(20) == 0 and not failed, f"Kafka did not take a message for {topic}: {failed}")

    # Reading

    def wait(self, what, condition, timeout=TIMEOUT):
        """The first record, read already or to come, that meets the condition."""
        for record in self.records:
            if condition(record):
                return record
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            message = self.consumer.poll(0.5)
            if message is None:
                continue
            if message.error():
                raise KafkaException(message.error())
            record = Record(message)
            self.records.append(record)
            if condition(record):
                return record
        raise Failure(f"{what} did not come within {timeout:.0f} s")

    def drain(self, quiet=3.0):
        """Reads what there is, until nothing has come for a while."""
        while True:
            message = self.consumer.poll(quiet)
            if message is None:
                return
            if message.error():
                raise KafkaException(message.error())
            self.records.append(Record(message))

    def answer(self, ce_id, topic):
        return self.wait(f"the answer to {ce_id}", lambda r: r.topic == topic and r.causation == ce_id)
