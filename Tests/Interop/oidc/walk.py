"""Starts glewlwyd and `daifa up` on new stores, and logs in with the one at the other, as a browser does. A line for each check."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import urllib.parse

from issuer import Browser, Glewlwyd

ISSUER_PORT = int(os.environ.get("DAIFA_INTEROP_PORT", "19690"))
CONSOLE_PORT, BASE_PORT = ISSUER_PORT + 1, ISSUER_PORT + 2
CONSOLE = f"http://127.0.0.1:{CONSOLE_PORT}"


def require(good, what):
    if not good:
        raise SystemExit(f"FAILED: {what}")


def start_system(folder, issuer):
    secret = folder / "client.secret"
    secret.touch(mode=0o600)
    secret.write_text(issuer.secret + "\n")
    environment = {key: value for key, value in os.environ.items() if key != "KAFKA_BOOTSTRAP_SERVERS"} | {
        "DAIFA_OIDC_ISSUER": issuer.issuer, "DAIFA_OIDC_CLIENT_ID": issuer.client, "DAIFA_OIDC_CLIENT_SECRET_FILE": str(secret)}
    system = subprocess.Popen(
        [f"{os.environ['DAIFA_BIN']}/daifa", "up", "--json", "--data", str(folder / "data"), "--broker-port", "0", "--base-port",
         str(BASE_PORT), "--console-port", str(CONSOLE_PORT), "--timeout", "120"],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    require('"services"' in system.stdout.readline(), f"daifa up is not ready: {folder}/data/logs")
    return system


def begin(browser):
    """To the issuer, by the login's link; the address that it asks."""
    _, _, page = browser.ask("GET", f"{CONSOLE}/login?next=%2Fme")
    link = re.search(r'href="(/oidc/begin[^"]*)"', page)
    require(link, "the login page has no link to the issuer")
    status, headers, _ = browser.ask("GET", CONSOLE + link[1].replace("&amp;", "&"))
    require(status == 303, f"the link leads nowhere: {status}")
    return headers["Location"]


def is_failed(answer, why):
    """Back at the login, with the reason and without a session."""
    status, headers, _ = answer
    return status == 303 and headers["Location"].startswith("/login?") and f"oidc={why}" in headers["Location"]


def log_in(issuer):
    browser = Browser()
    back = issuer.agree(browser, begin(browser))
    status, headers, page = browser.ask("GET", back)
    require(status == 303 and headers["Location"] == "/me", f"nobody is let in: {status} {page}")
    _, _, session = browser.ask("GET", f"{CONSOLE}/api/v1/session")
    return browser, back, json.loads(session)


def check(issuer):
    browser, back, session = log_in(issuer)
    actors = {(actor["actor"], actor["role"]) for actor in session["actors"]}
    require(actors == {("merchant:1001", "owner"), ("factory:77", "clerk")}, f"other actors than the issuer names: {actors}")
    require(session["user"] == "wang" or session["user"] == "Wang", f"another name: {session}")
    require(browser.ask("GET", f"{CONSOLE}/m/1001")[0] == 200, "the shop's page is not shown")
    print("ok: somebody logs in, with PKCE, an ID token signed RS256, and the actors of the claim")

    require(is_failed(browser.ask("GET", back), "late"), "an answer is taken twice")
    other = Browser()
    answer = issuer.agree(other, begin(other))
    require(is_failed(Browser().ask("GET", answer), "late"), "another browser's answer is taken")
    address = urllib.parse.urlsplit(answer)
    forged = address._replace(query=re.sub("code=[^&]*", "code=forged", address.query)).geturl()
    require(is_failed(other.ask("GET", forged), "refused"), "a code that the issuer did not give is taken")
    print("ok: an answer is good once, in its own browser, with the issuer's code")

    for name, kind, algorithm in [("k2", "ec256", "ES256"), ("k3", "ed25519", "EdDSA")]:
        issuer.change_key(name, kind, algorithm)
        again = log_in(issuer)[2]
        require(again["userId"] == session["userId"], "the same person is another user")
        print(f"ok: a new key, {algorithm}, counts at once")

    browser = Browser()
    back = issuer.agree(browser, begin(browser))
    issuer.stop()
    require(is_failed(browser.ask("GET", back), "away"), "the issuer is away, and that is not told")
    require(browser.ask("GET", f"{CONSOLE}/login")[0] == 200, "nobody can log in with a password while the issuer is away")
    print("ok: the issuer is away: the login says so, and passwords go on")


def main():
    folder = pathlib.Path(sys.argv[1])
    issuer = Glewlwyd(folder / "issuer", ISSUER_PORT, f"{CONSOLE}/oidc/callback")
    system = None
    try:
        system = start_system(folder, issuer)
        check(issuer)
    finally:
        if issuer.process.poll() is None:
            issuer.stop()
        if system:
            system.send_signal(signal.SIGTERM)
            system.wait(60)


main()
