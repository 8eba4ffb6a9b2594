#pragma once
#include <stddef.h>
#include <stdint.h>

/* HPKE (RFC 9180) on NSS: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
   The shim hides NSS: its headers need include folders that a Swift importer does not have.

   Each function returns 0, or NSS's error number (negative; SEC_ERROR_BAD_DATA when a message does not open).
   NSS is initialised by the first call, once; all may be called from any thread. */

enum {
    daifa_hpke_key_size = 32,
    daifa_hpke_tag_size = 16,
};

/* `ciphertext` has room for the plaintext and the tag. */
int daifa_hpke_seal(const uint8_t *public_key, const uint8_t *info, size_t info_size, const uint8_t *aad,
                    size_t aad_size, const uint8_t *plaintext, size_t plaintext_size, uint8_t *enc,
                    uint8_t *ciphertext);

/* `plaintext` has room for the ciphertext without its tag; `ciphertext_size` is at least the tag's. */
int daifa_hpke_open(const uint8_t *public_key, const uint8_t *private_key, const uint8_t *enc, const uint8_t *info,
                    size_t info_size, const uint8_t *aad, size_t aad_size, const uint8_t *ciphertext,
                    size_t ciphertext_size, uint8_t *plaintext);

/* The error's name, as in SEC_ERROR_BAD_DATA; never NULL. */
const char *daifa_nss_error_name(int error);
