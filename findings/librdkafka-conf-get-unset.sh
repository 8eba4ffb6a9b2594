#!/usr/bin/env bash
# Guess: rd_kafka_conf_get tells a property that the library does not have (RD_KAFKA_CONF_UNKNOWN) from one that it has and nobody has set
# (RD_KAFKA_CONF_OK, with the default or an empty text), as its description says.
# Truth: a text property whose default is "no value" (sasl.password, ssl.ca.location, group.instance.id …) is RD_KAFKA_CONF_UNKNOWN as well until
# it is set, and again once it was set to an empty text. To learn whether a name is known, set it on a scratch configuration and compare with
# RD_KAFKA_CONF_UNKNOWN.
# Version: librdkafka1 2.0.2-1 (Debian 12).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
package=librdkafka1=2.0.2-1
echo "package: $package"
apt-get download -qq "$package" 2>/dev/null || { apt-get update -qq; apt-get download -qq "$package"; }
dpkg -x librdkafka1_*.deb root

python3 - "$(find "$folder/root" -name librdkafka.so.1)" <<'PYTHON'
import ctypes
import sys

kafka = ctypes.CDLL(sys.argv[1])
kafka.rd_kafka_version_str.restype = ctypes.c_char_p
kafka.rd_kafka_conf_new.restype = ctypes.c_void_p
kafka.rd_kafka_conf_get.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_size_t)]
kafka.rd_kafka_conf_set.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]
results = {-2: "UNKNOWN", -1: "INVALID", 0: "OK"}
configuration = kafka.rd_kafka_conf_new()


def read(name):
    value, size = ctypes.create_string_buffer(512), ctypes.c_size_t(512)
    result = kafka.rd_kafka_conf_get(configuration, name.encode(), value, ctypes.byref(size))
    return results[result] if result else f"OK {value.value.decode()!r}"


def write(name, value):
    return results[kafka.rd_kafka_conf_set(configuration, name.encode(), value.encode(), None, 0)]


print("library:", kafka.rd_kafka_version_str().decode())
seen = [
    ("get client.id, unset, with a default", read("client.id")),
    ("get sasl.password, unset", read("sasl.password")),
    ("get ssl.ca.location, unset", read("ssl.ca.location")),
    ("get group.instance.id, unset", read("group.instance.id")),
    ("get no.such.property", read("no.such.property")),
    ("set sasl.password to x", write("sasl.password", "x")),
    ("get sasl.password", read("sasl.password")),
    ("set sasl.password to nothing", write("sasl.password", "")),
    ("get sasl.password, emptied", read("sasl.password")),
    ("set no.such.property to nothing", write("no.such.property", "")),
]
for what, result in seen:
    print(f"{what}: {result}")
expected = ["OK 'rdkafka'", "UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN", "OK", "OK 'x'", "OK", "UNKNOWN", "UNKNOWN"]
sys.exit(0 if [result for _, result in seen] == expected else 1)
PYTHON
