"""Debian's glewlwyd as an issuer of OpenID Connect, on a database of its own: made, asked for what it is, and used as its login page does."""

import http.cookiejar
import json
import pathlib
import re
import secrets
import sqlite3
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

ADMINISTRATOR = {"username": "admin", "password": "password"}


class Stay(urllib.request.HTTPRedirectHandler):
    """Where an answer leads is looked at, not followed."""

    def redirect_request(self, *_):
        return None


class Browser:
    """Keeps cookies; follows nothing by itself."""

    def __init__(self):
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(Stay, urllib.request.HTTPCookieProcessor(self.cookies))

    def ask(self, method, url, document=None):
        """Status, headers and text."""
        request = urllib.request.Request(url, method=method)
        if document is not None:
            request.data = json.dumps(document).encode()
            request.add_header("Content-Type", "application/json")
        try:
            answer = self.opener.open(request, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        return answer.status, answer.headers, answer.read().decode()


class Glewlwyd:
    plugin, client = "login", "daifa"

    def __init__(self, folder, port, redirect):
        self.url = f"http://127.0.0.1:{port}"
        self.secret = secrets.token_urlsafe(24)
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.redirect = redirect
        self.process = self.start(port)
        self.administrator = Browser()
        try:
            self.configure()
        except BaseException:
            self.stop()
            raise

    @property
    def issuer(self):
        return f"{self.url}/api/{self.plugin}"

    def start(self, port):
        database = self.folder / "glewlwyd.db"
        script = subprocess.run(["zcat", "/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz"], capture_output=True, check=True)
        with sqlite3.connect(database) as connection:
            connection.executescript(script.stdout.decode())
        text = pathlib.Path("/etc/glewlwyd/glewlwyd.conf").read_text()
        for name, value in [("port", port), ("external_url", f'"{self.url}/"'), ("log_file", f'"{self.folder}/glewlwyd.log"')]:
            text = re.sub(rf"(?m)^{name}\s*=.*$", f"{name}={value}", text)
        text = re.sub(r"(?m)^@include.*$", f'database = {{ type = "sqlite3" path = "{database}" }};', text)
        (self.folder / "glewlwyd.conf").write_text(text)
        process = subprocess.Popen(["glewlwyd", "--config-file", str(self.folder / "glewlwyd.conf")], stdin=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while True:
            try:
                Browser().ask("GET", f"{self.url}/config")
                return process
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"glewlwyd does not answer: {self.folder}/glewlwyd.log")
                time.sleep(0.1)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    # What an administrator does in its pages.

    def manage(self, method, path, document):
        status, _, text = self.administrator.ask(method, f"{self.url}/api/{path}", document)
        if status != 200:
            raise SystemExit(f"glewlwyd: {method} {path}: {status} {text}")

    def configure(self):
        self.manage("POST", "auth/", ADMINISTRATOR)
        status, _, text = self.administrator.ask("GET", f"{self.url}/api/mod/user/database")
        users = json.loads(text)
        users["parameters"]["data-format"]["daifa_actors"] = {
            "multiple": True, "read": True, "write": True, "profile-read": False, "profile-write": False}
        self.manage("PUT", "mod/user/database", users)
        self.manage("PUT", "mod/user/database/reset", {})
        self.manage("POST", "user/", {
            "username": "wang", "name": "Wang", "password": "correct horse", "enabled": True, "scope": ["g_profile", "openid"],
            "daifa_actors": ["merchant:1001", "factory:77#clerk"]})
        self.manage("POST", "client/", {
            "client_id": self.client, "name": "Daifa", "enabled": True, "confidential": True, "password": self.secret,
            "redirect_uri": [self.redirect], "authorization_type": ["code"], "scope": [],
            "token_endpoint_auth_method": ["client_secret_basic"]})
        self.plug("POST", "mod/plugin/", self.key("k1"))

    def plug(self, method, path, keys):
        self.manage(method, path, {
            "module": "oidc", "name": self.plugin, "display_name": "Login", "enabled": True, "parameters": {
                "iss": self.issuer, "jwks-private": json.dumps(keys), "jwks-show": True, "access-token-duration": 3600,
                "refresh-token-duration": 1209600, "code-duration": 600, "refresh-token-rolling": False, "allow-non-oidc": False,
                "auth-type-code-enabled": True, "auth-type-token-enabled": False, "auth-type-id-token-enabled": True,
                "auth-type-none-enabled": False, "auth-type-password-enabled": False, "auth-type-client-enabled": False,
                "auth-type-refresh-enabled": False, "pkce-allowed": True, "pkce-method-plain-allowed": False,
                "subject-type": "public", "name-claim": "mandatory", "email-claim": "no", "scope-claim": "no",
                "address-claim": {"type": "no"},
                "claims": [{"name": "daifa_actors", "user-property": "daifa_actors", "type": "string", "mandatory": True}]}})

    def key(self, name, kind="rsa2048", algorithm="RS256"):
        text = subprocess.run(["rnbyc", "-j", "-g", kind, "-k", name, "-a", algorithm, "-p", "/dev/null"],
                              capture_output=True, check=True).stdout
        return json.loads(text[text.index(b"{"):])

    def change_key(self, name, kind, algorithm):
        """Signs with another key from now on."""
        self.plug("PUT", f"mod/plugin/{self.plugin}", self.key(name, kind, algorithm))
        self.manage("PUT", f"mod/plugin/{self.plugin}/reset", {})

    # What its login page does.

    def agree(self, browser, address):
        """Logs in, allows the client what it asks for, and gives the address that the browser is sent back to."""
        for method, path, document in [
            ("POST", "auth/", {"username": "wang", "password": "correct horse"}),
            ("PUT", f"auth/grant/{self.client}", {"scope": "openid"}),
        ]:
            status, _, text = browser.ask(method, f"{self.url}/api/{path}", document)
            if status != 200:
                raise SystemExit(f"glewlwyd: {method} {path}: {status} {text}")
        status, headers, text = browser.ask("GET", address + "&g_continue")
        location = headers.get("Location", "")
        if status != 302 or not location.startswith(self.redirect):
            raise SystemExit(f"glewlwyd sends nobody back: {status} {location} {text}")
        return location
