// The server's side of TLS, by OpenSSL.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "core/expected.h"
#include "net/web_config.h"

using SSL_CTX = struct ssl_ctx_st;

namespace usage {

using SslContextPtr = std::shared_ptr<SSL_CTX>;

// Reads the files that `config` names. The error names the file and what is wrong with it.
Expected<SslContextPtr> MakeSslContext(const TlsConfig& config);

// Gives every new connection the certificates as they are on disk at that moment: a renewed
// certificate is taken without a restart. Thread-safe.
class TlsServer {
 public:
  // `log_error` is told why renewed files can't be used, once for each change of the files; the old
  // ones stay in use.
  TlsServer(TlsConfig config, std::function<void(const std::string&)> log_error);

  // Makes `context` what the config says, and lets this object choose the certificate of each
  // connection: it must outlive the context. "", or what is wrong.
  std::string SetUp(SSL_CTX* context);

 private:
  SslContextPtr Current();

  const TlsConfig config_;
  const std::function<void(const std::string&)> log_error_;
  std::mutex mutex_;
  std::string seen_;  // the files' identities when they were read last
  SslContextPtr context_;
};

}  // namespace usage
