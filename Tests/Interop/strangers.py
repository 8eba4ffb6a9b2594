"""One client library at a time, with its defaults: run as `python strangers.py write|read <client> <brokers> <topic>` by defaults.py.

`write` takes a list of {"key", "value", "headers"} on standard input. `read` takes {"ids": […], "tombstones": […]}: it reads from the beginning
until it has seen these `ce_id`s and a tombstone under each of these keys, and prints {"events": [{"id", "type", "key", "value"}], "tombstones": […]}.
Libraries share no process: some own its event loop, some need another version of a package.
"""

import json
import sys
import time
import uuid

SECONDS = 40.0
# What a reader has to set (Shared/Schemas/README.md): only what was committed, and from the first event on.
READER = {"isolation.level": "read_committed", "auto.offset.reset": "earliest"}


def binary_headers(message):
    return [(name, value.encode()) for name, value in message["headers"].items()]


def attributes(message):
    """As a CloudEvent's constructor takes them."""
    return {name.removeprefix("ce_"): value for name, value in message["headers"].items() if name.startswith("ce_")}


class Wanted:
    """What a reader looks for, and what it has found."""

    def __init__(self, sought):
        self.ids, self.tombstones = set(sought["ids"]), set(sought["tombstones"])
        self.events, self.gone = {}, set()
        self.deadline = time.monotonic() + SECONDS

    def take(self, key, value, headers):
        """True when everything was found."""
        key = None if key is None else key.decode()
        headers = {name: value.decode() for name, value in headers or [] if value is not None}
        if value is None:
            self.gone.add(key)
        elif headers.get("ce_id") in self.ids:
            self.events[headers["ce_id"]] = {"id": headers["ce_id"], "type": headers["ce_type"], "key": key, "value": json.loads(value)}
        return self.is_complete

    @property
    def is_complete(self):
        return self.ids <= set(self.events) and self.tombstones <= self.gone

    @property
    def is_over(self):
        return self.is_complete or time.monotonic() > self.deadline

    def answer(self):
        return {"events": list(self.events.values()), "tombstones": sorted(self.tombstones & self.gone)}


# confluent-kafka: keys are placed by CRC32 (librdkafka's consistent_random)

def write_confluent_kafka(servers, topic, messages):
    from confluent_kafka import Producer
    producer = Producer({"bootstrap.servers": servers})
    for message in messages:
        producer.produce(topic, key=message["key"], value=message["value"], headers=message["headers"])
    assert producer.flush(20) == 0, "messages are left"


def poll(consumer, wanted):
    while not wanted.is_over:
        message = consumer.poll(0.5)
        if message is not None and not message.error():
            wanted.take(message.key(), message.value(), message.headers())
    consumer.close()


def read_confluent_kafka(servers, topic, wanted):
    from confluent_kafka import Consumer
    consumer = Consumer({"bootstrap.servers": servers, "group.id": f"interop-{uuid.uuid4()}", **READER})
    consumer.subscribe([topic])
    poll(consumer, wanted)


# kafka-python: keys are placed by murmur2

def write_kafka_python(servers, topic, messages):
    from kafka import KafkaProducer
    producer = KafkaProducer(bootstrap_servers=servers)
    sent = [
        producer.send(topic, key=message["key"] and message["key"].encode(), value=message["value"].encode(), headers=binary_headers(message))
        for message in messages]
    for future in sent:
        future.get(timeout=20)
    producer.close()


def read_kafka_python(servers, topic, wanted):
    from kafka import KafkaConsumer
    consumer = KafkaConsumer(topic, bootstrap_servers=servers, isolation_level="read_committed", auto_offset_reset="earliest")
    while not wanted.is_over:
        for records in consumer.poll(timeout_ms=500).values():
            for record in records:
                wanted.take(record.key, record.value, record.headers)
    consumer.close()


# aiokafka: keys are placed by murmur2

def write_aiokafka(servers, topic, messages):
    import asyncio
    from aiokafka import AIOKafkaProducer

    async def write():
        async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
            for message in messages:
                await producer.send_and_wait(
                    topic, key=message["key"] and message["key"].encode(), value=message["value"].encode(), headers=binary_headers(message))

    asyncio.run(write())


def read_aiokafka(servers, topic, wanted):
    import asyncio
    from aiokafka import AIOKafkaConsumer

    async def read():
        async with AIOKafkaConsumer(
                topic, bootstrap_servers=servers, isolation_level="read_committed", auto_offset_reset="earliest") as consumer:
            while not wanted.is_over:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        wanted.take(record.key, record.value, record.headers)

    asyncio.run(read())


# quixstreams

def write_quixstreams(servers, topic, messages):
    from quixstreams import Application
    with Application(broker_address=servers, loglevel=None).get_producer() as producer:
        for message in messages:
            producer.produce(topic=topic, key=message["key"], value=message["value"], headers=message["headers"])


def read_quixstreams(servers, topic, wanted):
    from quixstreams import Application
    application = Application(
        broker_address=servers, consumer_group=f"interop-{uuid.uuid4()}", auto_offset_reset="earliest", loglevel=None,
        consumer_extra_config={"isolation.level": "read_committed"})
    with application.get_consumer(auto_commit_enable=False) as consumer:
        consumer.subscribe([topic])
        poll(consumer, wanted)


# bytewax: confluent-kafka's defaults

def write_bytewax(servers, topic, messages):
    import bytewax.operators as op
    from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage
    from bytewax.dataflow import Dataflow
    from bytewax.testing import TestingSource, run_main
    flow = Dataflow("write")
    records = [
        KafkaSinkMessage(
            key=message["key"] and message["key"].encode(), value=message["value"].encode(), headers=binary_headers(message))
        for message in messages]
    op.output("kafka", op.input("records", flow, TestingSource(records)), KafkaSink([servers], topic))
    run_main(flow)


def read_bytewax(servers, topic, wanted):
    import bytewax.operators as op
    from bytewax.connectors.kafka import KafkaSource
    from bytewax.dataflow import Dataflow
    from bytewax.testing import TestingSink, run_main
    flow = Dataflow("read")
    source = KafkaSource([servers], [topic], tail=False, add_config={"isolation.level": "read_committed"})
    read = []
    op.output("list", op.input("kafka", flow, source), TestingSink(read))
    run_main(flow)
    for record in read:
        wanted.take(record.key, record.value, record.headers)


# pathway: the key is the column that is named, and is placed by CRC32

def write_pathway(servers, topic, messages):
    import pathway as pw
    names = list(messages[0]["headers"])
    schema = pw.schema_from_types(key=str, value=str, **{name: str for name in names})
    rows = [(message["key"], message["value"], *message["headers"].values()) for message in messages]
    table = pw.debug.table_from_rows(schema, rows)
    pw.io.kafka.write(
        table, {"bootstrap.servers": servers}, topic, format="plaintext", key=table.key, value=table.value,
        headers=[table[name] for name in names])
    pw.run(monitoring_level=pw.MonitoringLevel.NONE)


def read_pathway(servers, topic, wanted):
    import base64
    import pathway as pw
    # By default a record's key is the row's key as well, and a later event of an order takes the place of the one before.
    table = pw.io.kafka.read(
        {"bootstrap.servers": servers, "group.id": f"interop-{uuid.uuid4()}", **READER}, topic, format="raw", mode="static",
        autogenerate_key=True, with_metadata=True)

    def take(key, row, time, is_addition):
        headers = [(name, value and base64.b64decode(value)) for name, value in row["_metadata"].value["headers"]]
        wanted.take(row["key"], row["data"], headers)

    pw.io.subscribe(table, on_change=take)
    pw.run(monitoring_level=pw.MonitoringLevel.NONE)


# CloudEvents' own library for Python: no key unless the event has an attribute `partitionkey`

def produce_events(servers, topic, written):
    from confluent_kafka import Producer
    producer = Producer({"bootstrap.servers": servers})
    for message in written:
        producer.produce(topic, key=message.key, value=message.value, headers=dict(message.headers))
    assert producer.flush(20) == 0, "messages are left"


def cloudevents_1(servers, topic, messages, to):
    from cloudevents.http import CloudEvent
    events = [CloudEvent({**attributes(message), "datacontenttype": "application/json"}, json.loads(message["value"])) for message in messages]
    produce_events(servers, topic, [to(event) for event in events])


def write_cloudevents_1_binary(servers, topic, messages):
    from cloudevents.kafka import to_binary
    cloudevents_1(servers, topic, messages, to_binary)


def write_cloudevents_1_structured(servers, topic, messages):
    from cloudevents.kafka import to_structured
    cloudevents_1(servers, topic, messages, to_structured)


def cloudevents_2(servers, topic, messages, to):
    from datetime import datetime
    from cloudevents.core.v1.event import CloudEvent
    events = []
    for message in messages:
        given = attributes(message)
        given["time"] = datetime.fromisoformat(given["time"])
        events.append(CloudEvent({**given, "datacontenttype": "application/json"}, json.loads(message["value"])))
    produce_events(servers, topic, [to(event) for event in events])


def write_cloudevents_2_binary(servers, topic, messages):
    from cloudevents.core.bindings.kafka import to_binary_event
    cloudevents_2(servers, topic, messages, to_binary_event)


def write_cloudevents_2_structured(servers, topic, messages):
    from cloudevents.core.bindings.kafka import to_structured_event
    cloudevents_2(servers, topic, messages, to_structured_event)


def main():
    action, client, servers, topic = sys.argv[1:]
    given = json.load(sys.stdin)
    call = globals()[f"{action}_{client.replace('-', '_')}"]
    if action == "write":
        call(servers, topic, given)
    else:
        wanted = Wanted(given)
        call(servers, topic, wanted)
        print(json.dumps(wanted.answer()))


main()
