"""Vectors for the HPKE tests, made by another implementation (PyPI's pyhpke).

    python3 make-vectors.py > HPKEVectors.swift    messages that pyhpke sealed
    python3 make-vectors.py open                   opens, with pyhpke, what the tests sealed: reads lines of
                                                   "private enc info aad ciphertext" in hexadecimal ("-" for nothing)
                                                   and prints each plaintext in hexadecimal, or "refused"
"""

import sys

from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey
from pyhpke.exceptions import PyHPKEError

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

SUITE = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM)

WIDTH = 96

CASES = [
    ("recipient", b"daifa/recipient/v1", b"order-1", '{"name":"张三","phone":"13800000000"}'.encode()),
    ("emptyPlaintext", b"info", b"aad", b""),
    ("emptyAad", b"info", b"", b"plaintext"),
    ("emptyInfo", b"", b"aad", b"plaintext"),
    ("large", bytes(range(256)), bytes(range(255, -1, -1)), bytes(i * 7 % 256 for i in range(1000))),
]


def make():
    print("// Made by make-vectors.py with pyhpke; do not edit.\n")
    print("enum HPKEVectors {")
    print("    static let madeByPyHPKE = [")
    for name, info, aad, plaintext in CASES:
        private = X25519PrivateKey.generate()
        public = KEMKey.from_pyca_cryptography_key(private.public_key())
        enc, context = SUITE.create_sender_context(public, info)
        ciphertext = context.seal(plaintext, aad)
        print("        HPKEVector(")
        print(f'            name: "{name}",')
        for label, value in [
            ("privateKey", private.private_bytes_raw()),
            ("publicKey", private.public_key().public_bytes_raw()),
            ("enc", enc),
            ("info", info),
            ("aad", aad),
            ("ciphertext", ciphertext),
            ("plaintext", plaintext),
        ]:
            comma = "," if label != "plaintext" else "),"
            text = value.hex()
            if len(text) <= WIDTH:
                print(f'            {label}: "{text}"{comma}')
                continue
            lines = [text[i : i + WIDTH] for i in range(0, len(text), WIDTH)]
            print(f'            {label}: """')
            print(" \\\n".join("                " + line for line in lines).replace(" \\", "\\"))
            print(f'                """{comma}')
    print("    ]\n}")


def open_all():
    for line in sys.stdin:
        private, enc, info, aad, ciphertext = (bytes.fromhex(f.replace("-", "")) for f in line.split())
        key = KEMKey.from_pyca_cryptography_key(X25519PrivateKey.from_private_bytes(private))
        try:
            print(SUITE.create_recipient_context(enc, key, info).open(ciphertext, aad).hex() or "-")
        except PyHPKEError:
            print("refused")


open_all() if sys.argv[1:] == ["open"] else make()
