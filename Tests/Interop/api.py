"""schemathesis against the console's API, as each role and as nobody: nothing that its OpenAPI document does not promise.

api.py keys FOLDER       writes FOLDER/keys.json (for DAIFA_AUTH_KEYS) and FOLDER/token.key
api.py check URL FOLDER  asks the console at URL, with tokens of that key; a line for each role; exit 1 when one found something
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time

# For each role; what is under way then may take some more.
SECONDS = 25
ROLES = ["merchant:interop-m", "factory:interop-f", "operator:interop", None]
# Streams have no end.
STREAMS = ["follow-events", "follow-batch"]


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True, capture_output=True).stdout


def make_keys(folder):
    key = os.path.join(folder, "token.key")
    openssl("genpkey", "-algorithm", "ed25519", "-out", key)
    # The key's own 32 bytes are the last of its DER.
    public = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")[-32:]
    entry = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "interop", "x": base64url(public)}
    with open(os.path.join(folder, "keys.json"), "w") as file:
        json.dump({"keys": [entry]}, file)


def token(folder, actor):
    head = base64url(json.dumps({"alg": "EdDSA", "typ": "JWT", "kid": "interop"}).encode())
    body = base64url(json.dumps({"sub": actor, "aud": "daifa", "exp": int(time.time()) + 3600}).encode())
    with tempfile.NamedTemporaryFile() as file:
        file.write(f"{head}.{body}".encode())
        file.flush()
        signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", os.path.join(folder, "token.key"), "-in", file.name)
    return f"{head}.{body}.{base64url(signature)}"


def check(url, folder, role):
    here = os.path.dirname(os.path.abspath(__file__))
    program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
    command = [program, "--config-file", os.path.join(here, "schemathesis.toml"), "run", f"{url}/api/v1/openapi.json"]
    # The same requests each time, as long as the document is the same; DAIFA_INTEROP_SEED tries others.
    command += ["--seed", os.environ.get("DAIFA_INTEROP_SEED", "1")]
    command += ["--phases", "fuzzing", "--no-shrink", "--max-examples", "5", "--max-time", str(SECONDS), "--no-color", "--suppress-health-check", "all"]
    for stream in STREAMS:
        command += ["--exclude-operation-id", stream]
    if role is not None:
        command += ["-H", f"Authorization: Bearer {token(folder, role)}"]
    environment = {**os.environ, "DAIFA_INTEROP_ACTOR": role or "nobody"}
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=SECONDS * 10)
    name = f"schemathesis as {role.split(':')[0] if role else 'nobody'}"
    if done.returncode != 0:
        print(done.stdout[-20000:], done.stderr[-2000:], sep="\n")
    counts = [line.strip() for line in done.stdout.splitlines() if line.strip().startswith("Tested:") or " generated, " in line]
    print(f"{'passed' if done.returncode == 0 else 'FAILED'}: {name}: {', '.join(counts)}", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    if sys.argv[1] == "keys":
        make_keys(sys.argv[2])
    else:
        roles = [role for role in ROLES if len(sys.argv) < 5 or str(role).startswith(sys.argv[4])]
        results = [check(sys.argv[2], sys.argv[3], role) for role in roles]
        sys.exit(0 if all(results) else 1)
