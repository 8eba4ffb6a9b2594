"""Runs every check against the services at KAFKA_BOOTSTRAP_SERVERS; started by `run`."""

import os
import sys

from client import ASYNCAPI, Client, require
from commands import check_commands
from defaults import read_all, write_all
from journey import Journey, check_all
from tools import console_reads, kcat_reads, kcat_sends


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, body):
        try:
            seen = body()
        # Whatever a client library throws means that the check does not hold.
        except Exception as error:
            self.failed += 1
            print(f"FAIL {name}: {type(error).__name__}: {error}", flush=True)
        else:
            self.passed += 1
            print(f"PASS {name}" + (f" ({seen})" if seen else ""), flush=True)

    def skip(self, name, reason):
        self.skipped += 1
        print(f"SKIP {name}: {reason}", flush=True)


def topics_are_channels(client):
    channels = {channel["address"] for channel in ASYNCAPI["channels"].values()}
    strangers = set(client.topics) - channels
    require(not strangers, f"these topics are not in the AsyncAPI document: {sorted(strangers)}")
    needed = {t for t in channels if t == "daifa.orders" or t.endswith((".commands", ".events", ".dead"))}
    missing = needed - set(client.topics)
    require(not missing, f"the services have not made {sorted(missing)}")
    return f"{len(client.topics)} topics"


def main():
    tally = Tally()
    client = Client(os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    try:
        tally.check("the topics are the channels of the AsyncAPI document", lambda: topics_are_channels(client))
        for structured in (False, True):
            Journey(client, tally, structured).run()
        check_commands(client, tally)
        write_all(client, tally)
        client.drain(1.0)
        read_all(client, tally)
        tally.check("python: everything the services wrote fits headers, schemas and unique ids", lambda: check_all(client))
        tally.check("kcat: reads events with headers, read_committed", lambda: kcat_reads(client))
        tally.check("kcat: sends a command with headers and reads its answer", lambda: kcat_sends(client))
        console = os.environ.get("KAFKA_CONSOLE_CONSUMER", "")
        name = "Apache Kafka's console consumer: reads events with headers and keys, read_committed"
        if console:
            tally.check(name, lambda: console_reads(client, console))
        else:
            tally.skip(name, "set KAFKA_HOME to Apache Kafka")
    finally:
        client.close()
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    sys.exit(1 if tally.failed or not tally.passed else 0)


main()
