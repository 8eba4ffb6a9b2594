#include "CNSS.h"

#include <keyhi.h>
#include <limits.h>
#include <nspr.h>
#include <nss.h>
#include <pk11hpke.h>
#include <pk11pub.h>
#include <pthread.h>
#include <secerr.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int initialisation;

static int last_error(void) {
    int error = PORT_GetError();
    return error ? error : SEC_ERROR_LIBRARY_FAILURE;
}

static void initialise(void) {
    if (!NSS_IsInitialized() && NSS_NoDB_Init(NULL) != SECSuccess) initialisation = last_error();
}

static SECItem item(const uint8_t *bytes, size_t size) {
    SECItem result = {siBuffer, (unsigned char *)bytes, (unsigned int)size};
    return result;
}

/* The one form in which NSS takes an X25519 private key: PKCS#8 with id-ecPublicKey and the curve's OID
   1.3.6.1.4.1.11591.15.1, and an ECPrivateKey that holds the public key too. RFC 8410's form is refused. */
static SECKEYPrivateKey *import_private_key(const uint8_t *private_key, const uint8_t *public_key) {
    static const uint8_t before[] = {
        0x30, 0x67, 0x02, 0x01, 0x00,                                     /* PrivateKeyInfo, version 0 */
        0x30, 0x14,                                                       /* AlgorithmIdentifier */
        0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,             /* id-ecPublicKey */
        0x06, 0x09, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01, /* curve25519 */
        0x04, 0x4C, 0x30, 0x4A, 0x02, 0x01, 0x01,                         /* ECPrivateKey, version 1 */
        0x04, 0x20,                                                       /* privateKey */
    };
    static const uint8_t between[] = {0xA1, 0x23, 0x03, 0x21, 0x00}; /* [1] publicKey */
    uint8_t der[sizeof before + daifa_hpke_key_size + sizeof between + daifa_hpke_key_size];
    uint8_t *end = der;
    end = (uint8_t *)memcpy(end, before, sizeof before) + sizeof before;
    end = (uint8_t *)memcpy(end, private_key, daifa_hpke_key_size) + daifa_hpke_key_size;
    end = (uint8_t *)memcpy(end, between, sizeof between) + sizeof between;
    memcpy(end, public_key, daifa_hpke_key_size);

    SECKEYPrivateKey *key = NULL;
    PK11SlotInfo *slot = PK11_GetInternalSlot();
    if (slot) {
        SECItem info = item(der, sizeof der);
        PK11_ImportDERPrivateKeyInfoAndReturnKey(slot, &info, NULL, NULL, PR_FALSE, PR_FALSE, KU_ALL, &key, NULL);
        PK11_FreeSlot(slot);
    }
    explicit_bzero(der, sizeof der);
    return key;
}

/* A context and the receiver's public key in it; 0 or an error. */
static int prepare(const uint8_t *public_key, HpkeContext **context, SECKEYPublicKey **receiver) {
    pthread_once(&once, initialise);
    if (initialisation) return initialisation;
    *context = PK11_HPKE_NewContext(HpkeDhKemX25519Sha256, HpkeKdfHkdfSha256, HpkeAeadAes256Gcm, NULL, NULL);
    if (!*context) return last_error();
    if (PK11_HPKE_Deserialize(*context, public_key, daifa_hpke_key_size, receiver) != SECSuccess) return last_error();
    return 0;
}

static int fits(size_t a, size_t b, size_t c) { return a <= INT_MAX && b <= INT_MAX && c <= INT_MAX - daifa_hpke_tag_size; }

/* Hands the result over when it has the promised size. */
static int deliver(const SECItem *result, uint8_t *into, size_t size) {
    if (!result || result->len != size) return SEC_ERROR_OUTPUT_LEN;
    if (size) memcpy(into, result->data, size);
    return 0;
}

int daifa_hpke_seal(const uint8_t *public_key, const uint8_t *info, size_t info_size, const uint8_t *aad,
                    size_t aad_size, const uint8_t *plaintext, size_t plaintext_size, uint8_t *enc,
                    uint8_t *ciphertext) {
    if (!fits(info_size, aad_size, plaintext_size)) return SEC_ERROR_INPUT_LEN;
    HpkeContext *context = NULL;
    SECKEYPublicKey *receiver = NULL;
    SECItem *sealed = NULL;
    SECItem info_item = item(info, info_size), aad_item = item(aad, aad_size),
            plaintext_item = item(plaintext, plaintext_size);

    int error = prepare(public_key, &context, &receiver);
    if (!error && PK11_HPKE_SetupS(context, NULL, NULL, receiver, &info_item) != SECSuccess) error = last_error();
    if (!error && PK11_HPKE_Seal(context, &aad_item, &plaintext_item, &sealed) != SECSuccess) error = last_error();
    if (!error) error = deliver(PK11_HPKE_GetEncapPubKey(context), enc, daifa_hpke_key_size);
    if (!error) error = deliver(sealed, ciphertext, plaintext_size + daifa_hpke_tag_size);

    if (sealed) SECITEM_FreeItem(sealed, PR_TRUE);
    if (receiver) SECKEY_DestroyPublicKey(receiver);
    if (context) PK11_HPKE_DestroyContext(context, PR_TRUE);
    return error;
}

int daifa_hpke_open(const uint8_t *public_key, const uint8_t *private_key, const uint8_t *enc, const uint8_t *info,
                    size_t info_size, const uint8_t *aad, size_t aad_size, const uint8_t *ciphertext,
                    size_t ciphertext_size, uint8_t *plaintext) {
    if (ciphertext_size < daifa_hpke_tag_size || !fits(info_size, aad_size, ciphertext_size)) return SEC_ERROR_INPUT_LEN;
    HpkeContext *context = NULL;
    SECKEYPublicKey *receiver = NULL;
    SECKEYPrivateKey *key = NULL;
    SECItem *opened = NULL;
    SECItem info_item = item(info, info_size), aad_item = item(aad, aad_size), enc_item = item(enc, daifa_hpke_key_size),
            ciphertext_item = item(ciphertext, ciphertext_size);

    int error = prepare(public_key, &context, &receiver);
    if (!error && !(key = import_private_key(private_key, public_key))) error = last_error();
    if (!error && PK11_HPKE_SetupR(context, receiver, key, &enc_item, &info_item) != SECSuccess) error = last_error();
    if (!error && PK11_HPKE_Open(context, &aad_item, &ciphertext_item, &opened) != SECSuccess) error = last_error();
    if (!error) error = deliver(opened, plaintext, ciphertext_size - daifa_hpke_tag_size);

    if (opened) SECITEM_ZfreeItem(opened, PR_TRUE);
    if (key) SECKEY_DestroyPrivateKey(key);
    if (receiver) SECKEY_DestroyPublicKey(receiver);
    if (context) PK11_HPKE_DestroyContext(context, PR_TRUE);
    return error;
}

const char *daifa_nss_error_name(int error) {
    const char *name = PR_ErrorToName(error);
    return name ? name : "unknown NSS error";
}
