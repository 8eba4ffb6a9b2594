#!/usr/bin/env bash
# Reads the events of a topic, oldest first, to its end: one line for each with type, key and data. Needs kcat.
#   read_events.sh [topic]
# Reads: KAFKA_BOOTSTRAP_SERVERS  the brokers; 127.0.0.1:9092
set -euo pipefail

topic=${1:-daifa.allocation.events}
# read_committed is what kcat's library has by default; it is said here because other clients have it not.
kcat -C -q -e -b "${KAFKA_BOOTSTRAP_SERVERS:-127.0.0.1:9092}" -t "$topic" -o beginning -X isolation.level=read_committed -f '%h %k %s\n'
