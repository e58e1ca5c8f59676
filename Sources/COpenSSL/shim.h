#pragma once
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

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

/// Answers OpenSSL's question for a passphrase with none, where its own answer would be to ask at the terminal, and
/// sets the int that `asked` points to.
static inline int switchyard_pem_no_passphrase(char *buffer, int size, int is_for_writing, void *asked) {
  (void)buffer, (void)size, (void)is_for_writing;
  *(int *)asked = 1;
  return -1;
}

/// The first certificate in a PEM text, for the caller to free; NULL if there is none.
static inline X509 *switchyard_pem_certificate(BIO *text) {
  int asked = 0;
  return PEM_read_bio_X509_AUX(text, NULL, switchyard_pem_no_passphrase, &asked);
}

/// Whether the certificates in what is left of a PEM text can all be read.
static inline int switchyard_pem_chain_is_good(BIO *text) {
  int asked = 0;
  X509 *next;
  ERR_clear_error();
  while ((next = PEM_read_bio_X509(text, NULL, switchyard_pem_no_passphrase, &asked))) X509_free(next);
  unsigned long end = ERR_peek_last_error();
  return ERR_GET_LIB(end) == ERR_LIB_PEM && ERR_GET_REASON(end) == PEM_R_NO_START_LINE;
}

/// The private key in a PEM text, for the caller to free; NULL if there is none or, as `is_encrypted` then says, if it
/// is encrypted.
static inline EVP_PKEY *switchyard_pem_private_key(BIO *text, int *is_encrypted) {
  *is_encrypted = 0;
  return PEM_read_bio_PrivateKey(text, NULL, switchyard_pem_no_passphrase, is_encrypted);
}

/// How many certificates a PEM text holds among whatever else; 0 also if something in it cannot be read.
static inline int switchyard_pem_certificate_count(BIO *text) {
  int asked = 0, count = 0;
  STACK_OF(X509_INFO) *items = PEM_X509_INFO_read_bio(text, NULL, switchyard_pem_no_passphrase, &asked);
  for (int index = 0; items && index < sk_X509_INFO_num(items); index++)
    if (sk_X509_INFO_value(items, index)->x509) count++;
  sk_X509_INFO_pop_free(items, X509_INFO_free);
  return count;
}
