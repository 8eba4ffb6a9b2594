#!/usr/bin/env bash
# Guess: a digest or MAC context of OpenSSL that is kept and only started anew (EVP_DigestInit_ex2 or EVP_MAC_init with NULL for algorithm
# and key) allocates nothing for the next message.
# Truth: each start allocates the algorithm's state again, once for a digest and twice for an HMAC; copying a prepared context with
# EVP_MD_CTX_copy_ex does too. Keeping contexts saves the look-up of the algorithm, not the allocations.
# Version: libssl3 3.0.22-1~deb12u2 (Debian 12).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
package=libssl3=3.0.22-1~deb12u2
echo "package: $package"
apt-get download -qq "$package" 2>/dev/null || { apt-get update -qq; apt-get download -qq "$package"; }
dpkg -x libssl3_*.deb root

python3 - "$(find "$folder/root" -name libcrypto.so.3)" <<'PYTHON'
import ctypes
import os
import sys

crypto = ctypes.CDLL(sys.argv[1])
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.realloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.realloc.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
allocations = 0

Malloc = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_int)
Realloc = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_int)
Free = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)


def malloc(size, file, line):
    global allocations
    allocations += 1
    return libc.malloc(size)


hooks = (Malloc(malloc), Realloc(lambda p, size, file, line: libc.realloc(p, size)), Free(lambda p, file, line: libc.free(p)))
assert crypto.CRYPTO_set_mem_functions(*hooks) == 1


class Param(ctypes.Structure):
    _fields_ = [("key", ctypes.c_char_p), ("type", ctypes.c_uint), ("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("back", ctypes.c_size_t)]


def function(name, result, *arguments):
    found = getattr(crypto, name)
    found.restype, found.argtypes = result, arguments
    return found


pointer, size = ctypes.c_void_p, ctypes.c_size_t
version = function("OpenSSL_version", ctypes.c_char_p, ctypes.c_int)(0).decode()
md = function("EVP_MD_fetch", pointer, pointer, ctypes.c_char_p, ctypes.c_char_p)(None, b"SHA256", None)
new_digest = function("EVP_MD_CTX_new", pointer)
start = function("EVP_DigestInit_ex2", ctypes.c_int, pointer, pointer, pointer)
update = function("EVP_DigestUpdate", ctypes.c_int, pointer, ctypes.c_char_p, size)
finish = function("EVP_DigestFinal_ex", ctypes.c_int, pointer, ctypes.c_char_p, pointer)
copy = function("EVP_MD_CTX_copy_ex", ctypes.c_int, pointer, pointer)
mac = function("EVP_MAC_fetch", pointer, pointer, ctypes.c_char_p, ctypes.c_char_p)(None, b"HMAC", None)
code = function("EVP_MAC_CTX_new", pointer, pointer)(mac)
mac_start = function("EVP_MAC_init", ctypes.c_int, pointer, ctypes.c_char_p, size, pointer)
mac_update = function("EVP_MAC_update", ctypes.c_int, pointer, ctypes.c_char_p, size)
mac_finish = function("EVP_MAC_final", ctypes.c_int, pointer, ctypes.c_char_p, ctypes.POINTER(size), size)

out = ctypes.create_string_buffer(64)
text = b"a message"
kept, other = new_digest(), new_digest()


def digest(restart, context):
    assert restart() == 1 and update(context, text, len(text)) == 1 and finish(context, out, None) == 1


def authenticate(restart):
    length = size()
    assert restart() == 1 and mac_update(code, text, len(text)) == 1 and mac_finish(code, out, ctypes.byref(length), 64) == 1
    assert length.value == 32


def counted(body, times=100):
    before = allocations
    for _ in range(times):
        body()
    return (allocations - before) / times


name = ctypes.create_string_buffer(b"SHA256")
params = (Param * 2)(Param(b"digest", 4, ctypes.cast(name, pointer), 6, 0), Param())
digest(lambda: start(kept, md, None), kept)
authenticate(lambda: mac_start(code, b"k" * 32, 32, ctypes.cast(params, pointer)))
prepared = new_digest()
assert start(prepared, md, None) == 1 and copy(other, prepared) == 1
seen = {
    "digest started anew": counted(lambda: digest(lambda: start(kept, None, None), kept)),
    "digest copied from a prepared one": counted(lambda: digest(lambda: copy(other, prepared), other)),
    "HMAC started anew": counted(lambda: authenticate(lambda: mac_start(code, None, 0, None))),
}
print("library:", version)
for what, count in seen.items():
    print(f"{what}: {count:g} allocations a message")
expected = {"digest started anew": 1, "digest copied from a prepared one": 1, "HMAC started anew": 2}
sys.stdout.flush()
# At the library's own end Python's functions are gone already.
os._exit(0 if seen == expected else 1)
PYTHON
