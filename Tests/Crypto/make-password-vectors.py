"""Vectors for the tests of passwords, made by another implementation (PyPI's argon2-cffi).

    python3 make-password-vectors.py > PasswordVectors.swift
"""

from argon2 import PasswordHasher, Type

HOUSE = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)

CASES = [
    ("theCostOfTheHouse", HOUSE, "correct horse battery"),
    ("chineseAndVietnamese", HOUSE, "密码很长很长很长很长 mật khẩu"),
    ("anotherCost", PasswordHasher(time_cost=3, memory_cost=8192, parallelism=1, type=Type.ID), "another cost"),
    ("twoLanes", PasswordHasher(time_cost=2, memory_cost=19456, parallelism=2, type=Type.ID), "two lanes of work"),
    ("anotherAlgorithm", PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, type=Type.I), "argon2i is not taken"),
]

print("// Made by make-password-vectors.py with argon2-cffi; do not edit.\n")
print("struct PasswordVector {\n    let name: String\n    let password: String\n    let hash: String\n")
print("    static let all = [")
for name, hasher, password in CASES:
    print(f'        PasswordVector(\n            name: "{name}", password: "{password}",')
    print(f'            hash: "{hasher.hash(password)}"),')
print("    ]\n}")
