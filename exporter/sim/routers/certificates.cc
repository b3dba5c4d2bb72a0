#include "sim/routers/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace usage::sim {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::array<char, 256> words{};
  ERR_error_string_n(ERR_get_error(), words.data(), words.size());
  throw std::runtime_error("certificates of the routers: " + what + ": " + words.data());
}

void Check(bool is_right, const char* what) {
  if (!is_right) Fail(what);
}

std::shared_ptr<EVP_PKEY> MakeKey() {
  std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  Check(key != nullptr, "no key");
  return key;
}

void AddExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), X509_EXTENSION_free);
  Check(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1,
        "no extension");
}

void SetSerial(X509* certificate) {
  uint64_t serial = 0;
  Check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "no number");
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
}

// Without an issuer, extensions and signature.
std::shared_ptr<X509> Draft(const std::string& name, EVP_PKEY* key) {
  constexpr long kYears = 80L * 365 * 86400;  // from 1970: until 2050, which all tools can read
  std::shared_ptr<X509> certificate(X509_new(), X509_free);
  Check(certificate != nullptr, "no certificate");
  X509_set_version(certificate.get(), X509_VERSION_3);
  SetSerial(certificate.get());
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), 0);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), kYears);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

void Sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  Check(X509_sign(certificate, key, EVP_sha256()) > 0, "not signed");
}

std::string FingerprintOf(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  Check(X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1, "no fingerprint");
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    char byte[3];
    std::snprintf(byte, sizeof byte, "%02x", digest[i]);
    text += byte;
  }
  return text;
}

std::shared_ptr<SSL_CTX> ServerOf(X509* certificate, EVP_PKEY* key) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  Check(context != nullptr && SSL_CTX_use_certificate(context.get(), certificate) == 1 &&
            SSL_CTX_use_PrivateKey(context.get(), key) == 1,
        "no server");
  return context;
}

}  // namespace

CertificateMaker::CertificateMaker(const std::string& name)
    : key_(MakeKey()), authority_(Draft(name, key_.get())) {
  X509* own = authority_.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  AddExtension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(own, own, NID_subject_key_identifier, "hash");
  Sign(own, own, key_.get());
}

RouterCertificate CertificateMaker::Make(const std::string& name) const {
  auto key = MakeKey();
  auto certificate = Draft(name, key.get());
  AddExtension(certificate.get(), authority_.get(), NID_subject_alt_name,
               "IP:127.0.0.1,DNS:" + name);
  AddExtension(certificate.get(), authority_.get(), NID_authority_key_identifier, "keyid:always");
  Sign(certificate.get(), authority_.get(), key_.get());
  return {ServerOf(certificate.get(), key.get()), FingerprintOf(certificate.get())};
}

std::string CertificateMaker::AuthorityPem() const {
  std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  Check(out != nullptr && PEM_write_bio_X509(out.get(), authority_.get()) == 1, "no text");
  char* text = nullptr;
  long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace usage::sim
