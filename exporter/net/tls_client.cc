#include "net/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

namespace usage {
namespace {

[[noreturn]] void FailOn(const std::string& key, const std::string& file) {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  throw std::runtime_error(key + " " + file + ": can't be used (" +
                           (reason == nullptr ? "no reason given" : reason) + ")");
}

std::string Sha256(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += "0123456789abcdef"[digest[i] >> 4];
    text += "0123456789abcdef"[digest[i] & 15];
  }
  return text;
}

}  // namespace

void TlsClient::Free::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

TlsClient::TlsClient(const TlsClientConfig& config, const std::string& where)
    : pinned_(config.fingerprint), context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  // Connections that wait most of the time keep no buffers.
  SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  if (!pinned_.empty()) {
    SSL_CTX_set_cert_verify_callback(context_.get(), VerifyPinned, this);
  } else if (config.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context_.get());
  } else if (SSL_CTX_load_verify_locations(context_.get(), config.ca_file.c_str(), nullptr) != 1) {
    FailOn(where + "ca_file", config.ca_file);
  }
  if (!config.cert_file.empty()) UseOwnCertificate(config, where);
}

void TlsClient::UseOwnCertificate(const TlsClientConfig& config, const std::string& where) {
  if (SSL_CTX_use_certificate_chain_file(context_.get(), config.cert_file.c_str()) != 1) {
    FailOn(where + "cert_file", config.cert_file);
  }
  const char* key = config.key_file.c_str();
  if (SSL_CTX_use_PrivateKey_file(context_.get(), key, SSL_FILETYPE_PEM) != 1) {
    FailOn(where + "key_file", config.key_file);
  }
}

int TlsClient::VerifyPinned(X509_STORE_CTX* store, void* self) {
  auto& client = *static_cast<TlsClient*>(self);
  std::string shown = Sha256(X509_STORE_CTX_get0_cert(store));
  const bool is_pinned = shown == client.pinned_;
  client.shown_ = is_pinned ? "" : std::move(shown);
  if (!is_pinned) X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return is_pinned ? 1 : 0;
}

SSL* TlsClient::NewSsl(const std::string& name) const {
  SSL* ssl = SSL_new(context_.get());
  X509_VERIFY_PARAM* verify = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(verify, name.c_str()) != 1) {
    SSL_set1_host(ssl, name.c_str());
    // SSL_set_tlsext_host_name without the cast of its macro.
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
  }
  SSL_set_connect_state(ssl);
  return ssl;
}

}  // namespace usage
