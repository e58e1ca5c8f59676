#pragma once
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

/// Keys an HMAC context with SHA-256. An OSSL_PARAM keeps the pointers it is given, so it lives and dies here.
static inline int switchyard_hmac_sha256_init(EVP_MAC_CTX *context, const unsigned char *key, size_t length) {
  char digest[] = "SHA256";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_init(context, key, length, parameters);
}

/// Makes a keyed HMAC context ready for the next message with the same key, at half the cost of keying a new one.
static inline int switchyard_hmac_restart(EVP_MAC_CTX *context) {
  return EVP_MAC_init(context, NULL, 0, NULL);
}
