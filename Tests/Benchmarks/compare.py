"""Daifa beside the Kafka Streams peer and the plain C floor: the same driver, machine and broker version, one after the other.

Called by Tests/Benchmarks/run. Each system gets a fresh broker. Rounds of one system repeat in the same process, so that the peer's
JVM is warm; the best round of each counts, for all alike.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

SERVICES = ["authorization", "binding", "allocation", "waybill", "shipping"]


def say(text):
    print(text, file=sys.stderr, flush=True)


class Broker:
    def __init__(self, home, folder, port):
        self.kafka, self.folder, self.port = str(home / "kafka"), folder, port

    def __enter__(self):
        subprocess.run([self.kafka, "start", "--dir", self.folder, "--port", str(self.port), "--heap", "1g"], check=True, stdout=subprocess.DEVNULL)
        return f"127.0.0.1:{self.port}"

    def __exit__(self, *_):
        subprocess.run([self.kafka, "stop", "--dir", self.folder], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)


class Daifa:
    """The five services as processes, on stores of their own."""

    def __init__(self, folder, bootstrap, port):
        self.folder, self.bootstrap, self.port, self.processes = Path(folder), bootstrap, port, {}

    def __enter__(self):
        binaries = Path(os.environ["DAIFA_BIN"])
        for index, service in enumerate(SERVICES):
            environment = dict(os.environ, KAFKA_BOOTSTRAP_SERVERS=self.bootstrap, DAIFA_STORE=f"sqlite:{self.folder}/{service}",
                               DAIFA_INSTANCE=f"{service}-1", DAIFA_HTTP_PORT=str(self.port + index), DAIFA_LOG_LEVEL="warning")
            (self.folder / service).mkdir(parents=True)
            self.processes[service] = subprocess.Popen([binaries / f"daifa-{service}"], env=environment, stdin=subprocess.DEVNULL)
        for index, service in enumerate(SERVICES):
            self.await_ready(service, self.port + index)
        return {name: process.pid for name, process in self.processes.items()}

    def await_ready(self, service, port):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.processes[service].poll() is not None:
                raise SystemExit(f"daifa-{service} ended with {self.processes[service].returncode}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise SystemExit(f"daifa-{service} is not ready after 60 s")

    def __exit__(self, *_):
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            process.wait(30)


class Spawned:
    """A peer that prints `pid NAME PID` (or `ready NAME`) when it has started."""

    def __init__(self, command, environment, names):
        self.command, self.environment, self.names = command, environment, names

    def __enter__(self):
        self.process = subprocess.Popen(self.command, env=self.environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        pids = {}
        while len(pids) < len(self.names):
            words = self.process.stdout.readline().split()
            if not words and self.process.poll() is not None:
                raise SystemExit(f"{self.command[0]} ended with {self.process.returncode}")
            if len(words) == 3 and words[0] == "pid":
                pids[words[1]] = int(words[2])
            elif len(words) == 2 and words[0] == "ready" and not pids and len(self.names) == 1:
                pids[words[1]] = self.process.pid
        time.sleep(5)  # the group settles
        return pids

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)


def drive(peers, bootstrap, pids, orders, setup, stage, seed):
    command = [sys.executable, str(peers / "journey.py"), "--bootstrap", bootstrap, "--orders", str(orders), "--setup", setup, "--seed", str(seed)]
    command += ["--stage"] if stage else []
    for name, pid in pids.items():
        command += ["--pid", f"{name}={pid}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit("the driver failed")
    result = json.loads(done.stdout)
    memory = sum(process["pss_mib"] for process in result["memory"].values())
    say(f"    {result['orders_per_second']} orders/s, {result['orders_per_cpu_second']} orders per CPU second, {memory:.0f} MiB")
    return {"orders_per_second": result["orders_per_second"], "per_cpu_second": result["orders_per_cpu_second"], "memory_mib": memory}


def best(rounds):
    return {"orders_per_second": max(r["orders_per_second"] for r in rounds), "per_cpu_second": max(r["per_cpu_second"] for r in rounds),
            "memory_mib": max(r["memory_mib"] for r in rounds)}


def measure(options, work):
    home, peers = Path(os.environ["KAFKA_HOME"]), Path(options.peers)
    streams = str(peers / "kafka-streams" / "run")
    found = {}

    def rounds(bootstrap, pids, orders, setup, stage):
        return best([drive(peers, bootstrap, pids, orders, setup, stage, seed) for seed in range(1, options.rounds + 1)])

    def topics(bootstrap):
        subprocess.run([sys.executable, str(peers / "journey.py"), "--bootstrap", bootstrap, "--topics-only"], check=True)

    say("==> Daifa, whole journey")
    with Broker(home, f"{work}/kafka", options.port) as bootstrap, Daifa(f"{work}/daifa", bootstrap, options.port + 100) as pids:
        found["daifa journey"] = rounds(bootstrap, pids, options.orders, "commands", False)
        say("==> Daifa, allocation stage")
        found["daifa stage"] = rounds(bootstrap, {"allocation": pids["allocation"]}, options.stage_orders, "tables", True)
    say("==> Kafka Streams, whole journey")
    with Broker(home, f"{work}/kafka", options.port) as bootstrap:
        topics(bootstrap)
        environment = dict(os.environ, KAFKA_BOOTSTRAP_SERVERS=bootstrap, PEER_STATE=f"{work}/peer")
        with Spawned([streams], environment, ["allocation", "waybill", "shipping"]) as pids:
            found["streams journey"] = rounds(bootstrap, pids, options.orders, "tables", False)
            say("==> Kafka Streams, allocation stage")
            found["streams stage"] = rounds(bootstrap, {"allocation": pids["allocation"]}, options.stage_orders, "tables", True)
    say("==> floor (librdkafka in plain C), allocation stage")
    floor = f"{work}/floor"
    subprocess.run(["cc", "-O2", "-o", floor, str(peers / "floor" / "floor.c"), "-lrdkafka"], check=True)
    with Broker(home, f"{work}/kafka", options.port) as bootstrap:
        topics(bootstrap)
        environment = dict(os.environ, KAFKA_BOOTSTRAP_SERVERS=bootstrap, FLOOR_BACKOFF_MS="5")
        with Spawned([floor, "loop"], environment, ["allocation"]) as pids:
            found["floor stage"] = rounds(bootstrap, pids, options.stage_orders, "tables", True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", required=True, help="folder with journey.py, kafka-streams/ and floor/")
    parser.add_argument("--orders", type=int, default=30000, help="orders of the whole journey, per round")
    parser.add_argument("--stage-orders", type=int, default=40000, help="orders of the allocation stage, per round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=19892, help="the broker's port; services take ports from 100 above")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not os.environ.get("KAFKA_HOME"):
        raise SystemExit("KAFKA_HOME: name the folder of Apache Kafka's start script: only Apache Kafka is measured on")
    work = tempfile.mkdtemp(prefix="daifa-bench-")
    try:
        found = measure(options, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    daifa, streams, floor = found["daifa journey"], found["streams journey"], found["floor stage"]
    ratios = {
        "journey, orders per CPU second, Daifa / Kafka Streams": (daifa["per_cpu_second"] / streams["per_cpu_second"], ">= 1.5"),
        "journey, memory, Daifa's five / Kafka Streams' three": (daifa["memory_mib"] / streams["memory_mib"], "<= 0.25"),
        "allocation stage, orders per CPU second, Daifa / floor": (found["daifa stage"]["per_cpu_second"] / floor["per_cpu_second"], ">= 0.35"),
    }
    if options.json:
        print(json.dumps({"figures": found, "ratios": {name: round(value, 3) for name, (value, _) in ratios.items()}}, indent=1))
        return
    print(f"{'':20}{'orders/s':>10}{'per CPU s':>12}{'MiB':>8}")
    for name, figures in found.items():
        print(f"{name:20}{figures['orders_per_second']:>10}{figures['per_cpu_second']:>12}{figures['memory_mib']:>8.0f}")
    for name, (value, goal) in ratios.items():
        print(f"{name}: {value:.2f} (wanted {goal})")


if __name__ == "__main__":
    main()
