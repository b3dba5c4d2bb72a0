// Certificates of fake routers, made when they start.
#pragma once

#include <memory>
#include <string>

using EVP_PKEY = struct evp_pkey_st;
using SSL_CTX = struct ssl_ctx_st;
using X509 = struct x509_st;

namespace usage::sim {

struct RouterCertificate {
  std::shared_ptr<SSL_CTX> context;  // of a server that shows it
  std::string fingerprint;           // SHA-256, 64 hex digits in lower case
};

// A certificate authority of its own. Throws std::runtime_error with OpenSSL's words.
class CertificateMaker {
 public:
  explicit CertificateMaker(const std::string& name);

  // For 127.0.0.1 and that name; valid from 1970 on, whatever the router's clock says.
  RouterCertificate Make(const std::string& name) const;
  std::string AuthorityPem() const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> authority_;
};

}  // namespace usage::sim
