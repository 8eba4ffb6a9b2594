"""Two checkouts of Daifa in turns: `daifa bench` of this one and of another one, on a fresh broker each time, on the same machine.

Called by Tests/Benchmarks/run --against DIR. DIR is a built checkout (./deploy/local/build there). What counts is the CPU and the memory (Pss) of the
five services; the console and the sandbox, which a bench starts too, are left out.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SERVICES = ("authorization", "binding", "allocation", "waybill", "shipping")


def say(text):
    print(text, file=sys.stderr, flush=True)


def bench(binaries, home, orders, port):
    folder = tempfile.mkdtemp(prefix="daifa-bench-")
    try:
        done = subprocess.run(
            [binaries / "daifa", "bench", "--orders", str(orders), "--data", folder, "--base-port", str(port), "--json"],
            env=dict(os.environ, DAIFA_BIN=str(binaries), DAIFA_HOME=str(home)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"against: daifa bench of {home} ended with {done.returncode}; see above")
        found = json.loads(done.stdout)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    services = [process for process in found["processes"] if process["name"].rsplit("-", 1)[0] in SERVICES]
    return {"per_cpu_second": orders / sum(service["cpuSeconds"] for service in services), "memory_mib": sum(service["pssMiB"] for service in services)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", required=True, metavar="DIR", help="a built checkout to compare with")
    parser.add_argument("--orders", type=int, default=20000, help="orders per round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=19700, help="first port of the services")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    other = Path(options.against).resolve()
    checkouts = {"other": (other / ".build" / "release", other), "this": (Path(os.environ["DAIFA_BIN"]), Path(os.environ["DAIFA_HOME"]))}
    for name, (binaries, home) in checkouts.items():
        if not (binaries / "daifa").exists():
            raise SystemExit(f"against: {binaries}/daifa is missing: run {home}/deploy/local/build")
    rounds = {name: [] for name in checkouts}
    for number in range(1, options.rounds + 1):
        for name, (binaries, home) in checkouts.items():
            found = bench(binaries, home, options.orders, options.port)
            rounds[name].append(found)
            say(f"round {number}, {name}: {found['per_cpu_second']:.0f} orders per CPU second, {found['memory_mib']:.0f} MiB")
    ratios = {key: statistics.median(r[key] for r in rounds["this"]) / statistics.median(r[key] for r in rounds["other"])
              for key in ("per_cpu_second", "memory_mib")}
    if options.json:
        print(json.dumps({"rounds": rounds, "ratios": {key: round(value, 3) for key, value in ratios.items()}}, indent=1))
        return
    print(f"orders per CPU second, this / other, of the medians: {ratios['per_cpu_second']:.2f} (wanted >= 1.0)")
    print(f"memory, this / other, of the medians: {ratios['memory_mib']:.2f} (wanted <= 1.0)")


if __name__ == "__main__":
    main()
