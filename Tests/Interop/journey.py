"""From registration to a shipped parcel, in both modes of CloudEvents over Kafka."""

import base64
import json
import os
import random
import uuid

from client import WRITTEN_TIME, Failure, header_errors, require, schema_errors

ADDRESS = {"country": "CN", "province": "浙江省", "city": "杭州市", "district": "西湖区", "detail": "文三路 1 号"}
PERSON = {"name": "王小明", "phone": "13800000001", "address": ADDRESS}


def check_written(record):
    """What a service wrote: contract section 2, the AsyncAPI headers and the JSON Schema of the data."""
    service = record.headers.get("ce_source", "").removeprefix("/daifa/")
    is_event = record.topic.endswith(".events")
    is_row = record.type.endswith(".row.v1")
    kind = "row-headers" if is_row else "event-headers" if is_event else "internal-headers" if ".internal." in record.type else "command-headers"
    headers = record.headers
    if is_row and record.value is None:
        return
    errors = header_errors(kind, headers)
    require(not errors, f"{record}: headers: {errors}")
    require(headers.get("ce_actor") == f"service:{service}", f"{record}: ce_actor is {headers.get('ce_actor')}")
    require(WRITTEN_TIME.fullmatch(headers["ce_time"]), f"{record}: ce_time is {headers['ce_time']}")
    require(headers["content-type"] == "application/json", f"{record}: content-type is {headers['content-type']}")
    # Required where the headers' schema says so; never empty.
    require(headers.get("ce_subject") != "", f"{record}: ce_subject is empty")
    if is_event:
        require(record.topic == f"daifa.{service}.events", f"{record}: ce_source is {headers['ce_source']}")
        uuid.UUID(headers["ce_id"])
    names = [name for name, _ in record.raw_headers]
    require(len(names) == len(set(names)), f"{record}: a header comes twice: {names}")
    event = record.event
    require(event.get_type() == record.type and event.get_specversion() == "1.0", f"{record}: read as {event.get_attributes()}")
    require(isinstance(event.get_data(), dict), f"{record}: the library reads no object")
    errors = schema_errors(record.type, event.get_data())
    require(not errors, f"{record}: {errors}")


class Journey:
    def __init__(self, client, tally, structured):
        self.client, self.structured = client, structured
        self.mode = "structured" if structured else "binary"
        self.check = lambda name, body: tally.check(f"python, {self.mode} mode: {name}", body)
        suffix = f"{client.run}-{self.mode}"
        self.merchant, self.factory, self.order = f"m-{suffix}", f"f-{suffix}", f"o-{suffix}"
        self.allocation = f"{self.order}/1"
        self.number = f"YT{random.randrange(10**13):013d}"
        self.sent = []

    def command(self, service, name, key, data, actor, expected, **attributes):
        """Sends a command and returns its answer, which must be of the expected type."""
        ce_id, written = self.client.message(
            f"daifa.{service}.{name}.v1", key, data, actor, self.structured, correlationid=f"journey-{key}", **attributes)
        self.client.send(f"daifa.{service}.commands", written)
        self.sent.append(ce_id)
        answer = self.client.answer(ce_id, f"daifa.{service}.events")
        require(answer.type == f"daifa.{service}.{expected}.v1", f"{name}: expected {expected}, got {answer}: {answer.value.decode()}")
        check_written(answer)
        require(answer.headers["ce_correlationid"] == f"journey-{key}", f"ce_correlationid is {answer.headers['ce_correlationid']}")
        return answer

    def as_merchant(self, service, name, data, expected, key=None):
        data = {"merchantShopId": self.merchant, **data}
        return self.command(service, name, key or self.order, data, f"merchant:{self.merchant}", expected)

    def as_factory(self, name, data, expected, key=None):
        data = {"factoryShopId": self.factory, **data}
        return self.command("waybill", name, key or self.order, data, f"factory:{self.factory}", expected)

    def run(self):
        self.check("register-merchant", self.register_merchant)
        self.check("register-factory", self.register_factory)
        self.check("put-address", self.put_address)
        self.check("apply, approve, and the row in daifa.bindings", self.bind)
        self.check("put-rule, remove-rule, and the tombstone in daifa.rules", self.rule)
        self.check("a fact: placed gives order-registered", self.place)
        self.check("allocate; the factory sees opened", self.allocate)
        self.check("top-up, obtain, mark-printed, return; the merchant sees ready", self.return_number)
        self.check("ship gives shipped", self.ship)
        self.check("a second ship is refused already-shipped", self.ship_again)
        self.check("a wrong field is refused invalid with its path", self.wrong_field)
        self.check("a wrong key is refused invalid, field key", self.wrong_key)
        self.check("without ce_actor refused unauthorized, with another's forbidden", self.wrong_actor)
        self.check("a copy of a command with the same id gives nothing new", self.copy)
        self.check("traceparent is passed on", self.trace)
        self.check("what is not JSON is a dead letter with its bytes and the reason", self.dead_letter)

    def register_merchant(self):
        answer = self.command(
            "binding", "register-merchant", self.merchant,
            {"shopId": self.merchant, "shopAlias": "小店", "sender": PERSON, "acceptedTerms": ["e-waybill-service", "platform-waybill"]},
            f"merchant:{self.merchant}", "merchant-registered")
        require(answer.key == self.merchant and answer.data["shopAlias"] == "小店", f"{answer}: {answer.data}")

    def register_factory(self):
        self.command(
            "binding", "register-factory", self.factory,
            {"shopId": self.factory, "name": "一号工厂", "contact": {"name": "李", "phone": "13900000002"}, "address": ADDRESS},
            f"factory:{self.factory}", "factory-registered")

    def put_address(self):
        self.command(
            "binding", "put-address", self.merchant,
            {"shopId": self.merchant, "addressId": "back", "kind": "return", **PERSON, "default": True},
            f"merchant:{self.merchant}", "address-put")

    def bind(self):
        pair = {"merchantShopId": self.merchant, "factoryShopId": self.factory}
        applied = self.command("binding", "apply", self.merchant, pair, f"merchant:{self.merchant}", "applied")
        require(applied.key == self.factory, f"{applied}: expected key {self.factory}")
        self.command("binding", "approve", self.factory, pair, f"factory:{self.factory}", "approved")
        row = self.client.wait(
            "the active row", lambda r: r.topic == "daifa.bindings" and r.key == f"{self.merchant}~{self.factory}"
            and r.value and r.data["state"] == "active")
        check_written(row)

    def rule(self):
        rule = {"merchantShopId": self.merchant, "ruleId": "r"}
        self.command(
            "allocation", "put-rule", self.merchant,
            {**rule, "match": {"skus": ["none"]}, "target": {"kind": "factory", "id": self.factory}}, f"merchant:{self.merchant}",
            "rule-put")
        self.command("allocation", "remove-rule", self.merchant, rule, f"merchant:{self.merchant}", "rule-removed")
        self.client.wait("the tombstone", lambda r: r.topic == "daifa.rules" and r.key == f"{self.merchant}~r" and r.value is None)

    def place(self):
        key = self.client.wait("waybill's key", lambda r: r.topic == "daifa.keys" and r.value and r.data["service"] == "waybill")
        check_written(key)
        require(len(base64.b64decode(key.data["publicKey"])) == 32, f"publicKey has not 32 bytes: {key.data}")
        require(key.key == f"waybill~{key.data['keyId']}", f"{key}: {key.data}")
        # The services of this journey pass on what is sealed, and do not open it.
        sealed = {"keyId": key.data["keyId"], "enc": base64.b64encode(os.urandom(32)).decode(),
                  "ciphertext": base64.b64encode(os.urandom(64)).decode()}
        data = {
            "orderId": self.order, "merchantShopId": self.merchant, "platform": "pinduoduo", "platformOrderNumber": self.order,
            "placedAt": "2026-01-02T03:04:05+08:00", "remark": "请\n轻放 \"易碎\"",
            "lines": [{"lineId": "1", "sku": "A-1", "name": "杯子", "spec": "红", "quantity": 2,
                       "unitPrice": {"amountMinor": 1250, "currency": "CNY"}}],
            "recipient": {"province": "广东省", "city": "深圳市", "district": "南山区", "mergeKey": "door", "sealed": sealed},
        }
        ce_id, written = self.client.message("daifa.order.placed.v1", self.order, data, "partner:interop", self.structured)
        self.client.send("daifa.orders", written)
        answer = self.client.answer(ce_id, "daifa.allocation.events")
        require(answer.type == "daifa.allocation.order-registered.v1" and answer.key == self.order, str(answer))
        require(answer.headers["ce_correlationid"] == ce_id, "without ce_correlationid the fact's id is the conversation's")
        check_written(answer)
        self.sealed = sealed

    def allocate(self):
        answer = self.as_merchant(
            "allocation", "allocate", {"orderId": self.order, "target": {"kind": "factory", "id": self.factory}}, "allocated")
        require(answer.data["allocationId"] == self.allocation and answer.data["recipientSealed"] == self.sealed, f"{answer.data}")
        require(answer.data["remark"] == "请\n轻放 \"易碎\"", f"remark is {answer.data['remark']!r}")
        opened = self.client.wait("opened", lambda r: r.type == "daifa.waybill.opened.v1" and r.key == self.order)
        check_written(opened)
        allowed = {"orderId", "allocationId", "merchantShopId", "shopAlias", "factoryShopId", "lines", "remark", "area", "mergeKey", "sender"}
        require(set(opened.data) == allowed, f"opened has {sorted(opened.data)}")
        require(set(opened.data["lines"][0]) == {"lineId", "name", "spec", "quantity"}, f"a line of opened has {opened.data['lines'][0]}")

    def return_number(self):
        here = {"orderId": self.order, "allocationId": self.allocation}
        self.as_factory("top-up", {"carrier": "YTO", "first": self.number, "last": self.number}, "topped-up", key=self.factory)
        obtained = self.as_factory("obtain", {**here, "carrier": "YTO"}, "obtained")
        require(obtained.data["waybillNumber"] == self.number, f"{obtained.data}")
        require(self.as_factory("mark-printed", here, "printed").data["copies"] == 1, "one copy was printed")
        returned = self.as_factory("return", {**here, "carrier": "YTO", "waybillNumber": self.number.lower()}, "returned")
        require(returned.data["waybillNumber"] == self.number, f"{returned.data}")
        ready = self.client.wait("ready", lambda r: r.type == "daifa.shipping.ready.v1" and r.key == self.order)
        check_written(ready)

    def ship(self):
        shipped = self.as_merchant("shipping", "ship", {"orderId": self.order, "allocationId": self.allocation}, "shipped")
        require(shipped.data["waybillNumber"] == self.number and shipped.data["returnAddressId"] == "back", f"{shipped.data}")

    def ship_again(self):
        refused = self.as_merchant("shipping", "ship", {"orderId": self.order, "allocationId": self.allocation}, "refused")
        require(refused.data["code"] == "already-shipped", f"{refused.data}")
        require(refused.data["commandType"] == "daifa.shipping.ship.v1" and refused.data["commandId"] == refused.causation, f"{refused.data}")

    def raw(self, key, data, name="allocate", actor=True):
        """A command that our own schema would not let through, or that goes under a wrong key or in a wrong name."""
        ce_id = str(uuid.uuid4())
        attributes = {"specversion": "1.0", "id": ce_id, "source": "urn:interop:python", "type": f"daifa.allocation.{name}.v1",
                      "actor": f"merchant:{self.merchant}" if actor is True else actor}
        attributes = {name: value for name, value in attributes.items() if value is not None}
        if self.structured:
            body = json.dumps({**attributes, "datacontenttype": "application/json", "data": data}).encode()
            headers = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
        else:
            body = json.dumps(data).encode()
            headers = [("content-type", b"application/json")] + [(f"ce_{n}", v.encode()) for n, v in attributes.items()]
        self.client.produce("daifa.allocation.commands", key, body, headers)
        answer = self.client.answer(ce_id, "daifa.allocation.events")
        require(answer.type == "daifa.allocation.refused.v1" and answer.key == key, f"{answer}: {answer.value.decode()}")
        check_written(answer)
        return answer.data

    def wrong_field(self):
        data = self.raw(self.order, {
            "orderId": self.order, "merchantShopId": self.merchant, "target": {"kind": "factory", "id": self.factory},
            "lines": [{"lineId": "1", "quantity": 1}, {"lineId": "2", "quantity": 0}]})
        require((data["code"], data.get("field")) == ("invalid", "lines[1].quantity"), f"{data}")

    def wrong_key(self):
        data = self.raw(f"not-{self.order}", {"orderId": self.order, "merchantShopId": self.merchant}, "approve-order")
        require((data["code"], data.get("field")) == ("invalid", "key"), f"{data}")

    def wrong_actor(self):
        data = {"orderId": self.order, "merchantShopId": self.merchant}
        for actor, code in [(None, "unauthorized"), (f"factory:{self.factory}", "forbidden"), (f"merchant:{self.factory}", "forbidden")]:
            refused = self.raw(self.order, data, "approve-order", actor)
            require(refused["code"] == code, f"{actor}: expected {code}, got {refused}")

    def copy(self):
        ce_id, written = self.client.message(
            "daifa.binding.put-address.v1", self.merchant,
            {"shopId": self.merchant, "addressId": "copied", "kind": "sender", **PERSON}, f"merchant:{self.merchant}", self.structured)
        self.client.send("daifa.binding.commands", written)
        self.client.send("daifa.binding.commands", written)
        # Answered in order under one key: what comes after the copy is behind whatever the copy would have given.
        self.command(
            "binding", "remove-address", self.merchant, {"shopId": self.merchant, "addressId": "copied"}, f"merchant:{self.merchant}",
            "address-removed")
        answers = [r for r in self.client.records if r.topic == "daifa.binding.events" and r.causation == ce_id]
        require(len(answers) == 1, f"{len(answers)} answers: {[str(r) for r in answers]}")

    def trace(self):
        parent = f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-01"
        attributes = {"traceparent": parent} if self.structured else {}
        ce_id, written = self.client.message(
            "daifa.binding.remove-address.v1", self.merchant, {"shopId": self.merchant, "addressId": "none"},
            f"merchant:{self.merchant}", self.structured, **attributes)
        self.client.send("daifa.binding.commands", written, () if self.structured else [("traceparent", parent.encode())])
        answer = self.client.answer(ce_id, "daifa.binding.events")
        require(answer.headers.get("traceparent") == parent, f"traceparent is {answer.headers.get('traceparent')}, not {parent}")
        require(answer.data["code"] == "not-found", f"{answer.data}")

    def dead_letter(self):
        key, body = f"dead-{self.order}", b"{\"broken\": \xff"
        if self.structured:
            headers = [("content-type", b"application/cloudevents+json")]
        else:
            headers = [("ce_id", uuid.uuid4().hex.encode()), ("ce_type", b"daifa.shipping.ship.v1"), ("x-mine", b"\x00\xff")]
        self.client.produce("daifa.shipping.commands", key, body, headers)
        dead = self.client.wait("the dead letter", lambda r: r.topic == "daifa.shipping.dead" and r.key == key)
        require(dead.value == body, f"the bytes are {dead.value!r}")
        require(all(header in dead.raw_headers for header in headers), f"headers {dead.raw_headers}")
        texts = {name: value.decode() for name, value in dead.raw_headers if name.startswith("x-dead-")}
        errors = header_errors("dead-letter-headers", texts)
        require(not errors, f"{errors}")
        require(texts["x-dead-topic"] == "daifa.shipping.commands" and texts["x-dead-reason"] == "not-json", f"{texts}")


def check_all(client):
    """Everything that the services have written so far."""
    client.drain()
    count, ids = 0, {}
    for record in client.records:
        if record.is_dead_letter or not record.headers.get("ce_source", "").startswith("/daifa/"):
            continue
        check_written(record)
        if record.topic.endswith(".events"):
            if record.headers["ce_id"] in ids:
                raise Failure(f"two events have the id {record.headers['ce_id']}: {ids[record.headers['ce_id']]} and {record}")
            ids[record.headers["ce_id"]] = str(record)
        count += 1
    require(count > 50, f"only {count} messages were read")
    return f"{count} messages"
