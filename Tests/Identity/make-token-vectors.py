"""Vectors for the tests of ID tokens, signed by another implementation (PyPI's cryptography).

    python3 make-token-vectors.py > TokenVectors.swift
"""

import base64
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size):
    return text(value.to_bytes(size, "big"))


CLAIMS = {
    "iss": "https://login.example", "sub": "u-1", "aud": "daifa", "exp": 1790003600, "iat": 1790000000, "nonce": "n-1",
    "preferred_username": "anna", "daifa_actors": ["merchant:1", "factory:9#clerk"],
}
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())


def token(algorithm, key_id):
    head = text(json.dumps({"alg": algorithm, "kid": key_id}).encode())
    signed = f"{head}.{text(json.dumps(CLAIMS).encode())}".encode()
    if algorithm == "RS256":
        signature = RSA.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    else:
        r, s = decode_dss_signature(EC.sign(signed, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return f"{signed.decode()}.{text(signature)}"


def keys():
    rsa_numbers, ec_numbers = RSA.public_key().public_numbers(), EC.public_key().public_numbers()
    return json.dumps({"keys": [
        {"kty": "oct", "kid": "secret", "k": "AAAA"},
        {"kty": "RSA", "kid": "r", "use": "sig", "alg": "RS256", "n": number(rsa_numbers.n, 256), "e": "AQAB"},
        {"kty": "EC", "kid": "e", "crv": "P-256", "x": number(ec_numbers.x, 32), "y": number(ec_numbers.y, 32)},
    ]})


def lines(value, width=110):
    parts = [value[start:start + width] for start in range(0, len(value), width)]
    return "\n        + ".join(f'#"{part}"#' for part in parts)


print("// Made by make-token-vectors.py with cryptography; do not edit.\n")
print("enum TokenVectors {")
print(f"    static let keys =\n        {lines(keys())}")
print(f"    static let rs256 =\n        {lines(token('RS256', 'r'))}")
# An ECDSA signature whose numbers need a leading zero in DER, and one whose first number is short.
short = next(t for t in iter(lambda: token("ES256", "e"), None) if base64.urlsafe_b64decode(t.split(".")[2] + "==")[0] == 0)
high = next(t for t in iter(lambda: token("ES256", "e"), None) if base64.urlsafe_b64decode(t.split(".")[2] + "==")[0] >= 0x80)
print(f"    static let es256Short =\n        {lines(short)}")
print(f"    static let es256High =\n        {lines(high)}")
print("}")
