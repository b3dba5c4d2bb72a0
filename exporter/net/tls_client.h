// The client's side of TLS, by OpenSSL.
#pragma once

#include <memory>
#include <string>

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;
using X509_STORE_CTX = struct x509_store_ctx_st;

namespace usage {

struct TlsClientConfig {
  std::string ca_file = {};  // PEM: who may have signed the server's certificate; "": the system's
  // SHA-256 of the one certificate that is taken, in 64 hex digits of lower case: whoever signed
  // it, whatever name and dates it has. "": not pinned.
  std::string fingerprint = {};
  std::string cert_file = {}, key_file = {};  // our own, for a server that asks; or ""
};

// What connections to one server share. Thread-safe but for shown().
class TlsClient {
 public:
  // Throws std::runtime_error when a file can't be used: `where` and the key, as the config has
  // them, then the file: "upstream.tls.ca_file /x: can't be used (…)".
  TlsClient(const TlsClientConfig& config, const std::string& where);
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // For a Channel, which owns it. `name`: the server's, a host or an address. This object must
  // outlive it.
  SSL* NewSsl(const std::string& name) const;

  // The SHA-256 of the certificate that the last handshake refused for the pinned one; "": none.
  const std::string& shown() const { return shown_; }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const;
  };
  static int VerifyPinned(X509_STORE_CTX* store, void* self);
  void UseOwnCertificate(const TlsClientConfig& config, const std::string& where);

  const std::string pinned_;
  std::string shown_;
  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace usage
