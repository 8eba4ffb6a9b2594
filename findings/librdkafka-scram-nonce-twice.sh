#!/usr/bin/env bash
# Guess: SASL/SCRAM of librdkafka 2.0.2 (Debian 12) works with every broker, as PLAIN does: the mechanism is old and has one RFC (5802).
# Truth: its last message repeats the client's nonce before the whole nonce, which begins with it already; RFC 5802 wants the server's nonce
# back as it was sent. Kafka 4.1.1 compares it and answers as to a wrong password; librdkafka has it right since 2.6.1.
# Version: librdkafka 2.0.2 and 2.6.1 (confluent-kafka 2.0.2 and 2.6.1 of PyPI).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in 2.0.2 2.6.1; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "confluent-kafka==$version"
done

# A broker that can be logged in to and does nothing else.
cat >"$folder/login.py" <<'PYTHON'
import base64
import os
import socket
import struct
import sys
import threading

import confluent_kafka

HANDSHAKE, VERSIONS, AUTHENTICATE = 17, 18, 36


def exactly(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def attributes(message):
    return dict(part.split("=", 1) for part in message.decode().split(",") if "=" in part)


def serve(listener, seen):
    connection, _ = listener.accept()
    connection.settimeout(20)
    asked = None
    while True:
        request = exactly(connection, struct.unpack(">i", exactly(connection, 4))[0])
        key, version, correlation, length = struct.unpack(">hhih", request[:10])
        body = request[10 + max(length, 0):]
        if key == VERSIONS:
            # Newer versions of this request are refused (35), and asked again as version 0.
            known = [(0, 0, 5), (3, 0, 4), (HANDSHAKE, 0, 1), (VERSIONS, 0, 0), (AUTHENTICATE, 0, 0)]
            answer = struct.pack(">hi", 35 if version else 0, len(known)) + b"".join(struct.pack(">hhh", *api) for api in known)
        elif key == HANDSHAKE:
            answer = struct.pack(">hi", 0, 1) + struct.pack(">h", 13) + b"SCRAM-SHA-512"
        elif key == AUTHENTICATE and asked is None:
            asked = attributes(body[4:])["r"]
            whole = asked + base64.b64encode(os.urandom(12)).decode().rstrip("=")
            first = f"r={whole},s={base64.b64encode(b'salt').decode()},i=4096".encode()
            answer = struct.pack(">hhi", 0, -1, len(first)) + first
        elif key == AUTHENTICATE:
            seen.update(client=asked, whole=whole, last=attributes(body[4:])["r"])
            connection.close()
            return
        else:
            raise ValueError(f"request {key}")
        answer = struct.pack(">i", correlation) + answer
        connection.sendall(struct.pack(">i", len(answer)) + answer)


listener = socket.create_server(("127.0.0.1", 0))
seen = {}
thread = threading.Thread(target=serve, args=(listener, seen), daemon=True)
thread.start()
producer = confluent_kafka.Producer({
    "bootstrap.servers": "127.0.0.1:%d" % listener.getsockname()[1], "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "user", "sasl.password": "password",
    "log_level": 0,
})
for _ in range(200):
    producer.poll(0.1)
    if not thread.is_alive():
        break
if not seen:
    sys.exit("no login was seen")
kind = "as the server sent it" if seen["last"] == seen["whole"] else \
    "the client's part twice" if seen["last"] == seen["client"] + seen["whole"] else "another"
print(f"librdkafka {confluent_kafka.libversion()[0]}: the last message's nonce is {kind}")
os._exit(0)
PYTHON

for version in 2.0.2 2.6.1; do "$folder/$version/bin/python" "$folder/login.py"; done | tee "$folder/seen"
diff - "$folder/seen" <<'EXPECTED'
librdkafka 2.0.2: the last message's nonce is the client's part twice
librdkafka 2.6.1: the last message's nonce is as the server sent it
EXPECTED
