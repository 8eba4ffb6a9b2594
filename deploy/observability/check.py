"""What `check` asks of alerts, metrics and panels; for it alone."""

import json
import re
import socket
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


def anchors(text):
    """Of a Markdown document's headings, as GitHub and GitLab make them."""
    for heading in re.findall(r"^#+ (.+)$", text, re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def runbook(alerts, book, metrics):
    text, known = open(alerts).read(), set(anchors(open(book).read()))
    names = re.findall(r"alert: (\w+)", text)
    links = re.findall(r"runbook_url: \S+RUNBOOK\.md#(\S+)", text)
    declared = set(re.findall(r"^\| `(\w+)` \|", open(metrics).read(), re.M))
    used = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\b(?:daifa|process)_\w+", re.sub(r"summary:.*", "", text))}
    faults = [f"no paragraph {link} in {book}" for link in links if link not in known]
    faults += [f"no metric {name} in {metrics}" for name in sorted(used - declared)]
    if len(names) != len(links):
        faults.append(f"{len(names)} alerts, {len(links)} links to the runbook")
    print("\n".join(faults) or f"{len(names)} alerts, each with its paragraph; {len(used)} metrics, each declared")
    return 1 if faults else 0


def free_ports(first, count):
    ports = []
    while len(ports) < count:
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", first))
                ports.append(first)
            except OSError:
                pass
        first += 1
    return ports


def targets(base):
    """Where `daifa demo` will serve metrics: the first free ports from --base-port on, in this order; the console's from 8080 on."""
    services = ["authorization", "binding", "allocation", "waybill", "shipping"]
    ports = dict(zip(services, free_ports(int(base), len(services))), console=free_ports(8080, 1)[0])
    print(json.dumps([{"targets": [f"127.0.0.1:{port}"], "labels": {"service": name}} for name, port in ports.items()]))
    return 0


def visit(console):
    """Pages, the API, and a path that leads nowhere."""
    for path in ["/", "/login", "/nowhere", "/api/v1/session"]:
        try:
            urllib.request.urlopen(f"http://{console}{path}", timeout=10).read()
        except OSError:
            pass


def ask(server, query):
    address = f"{server}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.load(answer)["data"]["result"]


def panels(dashboard, server, targets):
    """Asks each query until it has an answer or time is up; the console is visited meanwhile."""
    console = next(target["targets"][0] for target in json.load(open(targets)) if target["labels"]["service"] == "console")
    queries = []
    for panel in json.load(open(dashboard))["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"].replace("$__rate_interval", "5m").replace("$service", ".*")
            queries.append((panel["title"], query))
    deadline = time.monotonic() + 240
    empty = queries
    while empty and time.monotonic() < deadline:
        time.sleep(3)
        visit(console)
        left = []
        for title, query in empty:
            try:
                result = ask(server, query)
            except urllib.error.HTTPError as error:
                print(f"{title}: {json.load(error)['error']}")
                return 1
            except OSError:
                left.append((title, query))
                continue
            if not any(series["value"][1] != "NaN" for series in result):
                left.append((title, query))
        empty = left
    for title, query in empty:
        print(f"no data: {title}: {query}")
    print(f"{len(queries) - len(empty)} of {len(queries)} queries have data")
    return 1 if empty else 0


if __name__ == "__main__":
    sys.exit({"runbook": runbook, "targets": targets, "panels": panels}[sys.argv[1]](*sys.argv[2:]))
