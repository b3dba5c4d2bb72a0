#include "net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace usage {
namespace {

using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;

int ProtocolOf(TlsVersion version) {
  switch (version) {
    case TlsVersion::kTls10:
      return TLS1_VERSION;
    case TlsVersion::kTls11:
      return TLS1_1_VERSION;
    case TlsVersion::kTls12:
      return TLS1_2_VERSION;
    case TlsVersion::kTls13:
      return TLS1_3_VERSION;
  }
  throw std::logic_error("a TLS version without a protocol");
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ":") + word;
  return text;
}

std::string Bytes(const ASN1_STRING* text) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<size_t>(ASN1_STRING_length(text)));
}

std::string AddressText(const std::string& bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

// A subject alternative name as exporter-toolkit compares it; "" for kinds that it does not.
std::string NameText(const GENERAL_NAME* name) {
  int kind = 0;
  const void* value = GENERAL_NAME_get0_value(name, &kind);
  if (kind != GEN_DNS && kind != GEN_EMAIL && kind != GEN_URI && kind != GEN_IPADD) return "";
  std::string bytes = Bytes(static_cast<const ASN1_STRING*>(value));
  bool address = bytes.size() == 4 || bytes.size() == 16;
  if (kind == GEN_IPADD) return address ? AddressText(bytes) : "";
  return bytes;
}

bool HasAllowedName(X509* certificate, const std::vector<std::string>& allowed) {
  NamesPtr names(static_cast<GENERAL_NAMES*>(
                     X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
                 GENERAL_NAMES_free);
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    std::string name = NameText(sk_GENERAL_NAME_value(names.get(), i));
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) return true;
  }
  return false;
}

// What the verification of a client's certificate needs to know; owned by the SSL_CTX.
struct ClientPolicy {
  bool any_issuer;
  std::vector<std::string> allowed_names;
};

int PolicyIndex() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr, [](void*, void* policy, CRYPTO_EX_DATA*, int, long, void*) {
        delete static_cast<ClientPolicy*>(policy);
      });
  return index;
}

const ClientPolicy& PolicyOf(X509_STORE_CTX* store) {
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  return *static_cast<ClientPolicy*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), PolicyIndex()));
}

// Called for each certificate of the client's chain, the client's own (depth 0) last.
int VerifyClient(int verified, X509_STORE_CTX* store) {
  const ClientPolicy& policy = PolicyOf(store);
  bool trusted = verified == 1 || policy.any_issuer;
  bool own = X509_STORE_CTX_get_error_depth(store) == 0;
  if (!trusted || !own || policy.allowed_names.empty()) return trusted ? 1 : 0;
  return HasAllowedName(X509_STORE_CTX_get_current_cert(store), policy.allowed_names) ? 1 : 0;
}

int VerifyMode(ClientAuth auth) {
  switch (auth) {
    case ClientAuth::kNone:
      return SSL_VERIFY_NONE;
    case ClientAuth::kRequest:
    case ClientAuth::kVerifyIfGiven:
      return SSL_VERIFY_PEER;
    case ClientAuth::kRequireAny:
    case ClientAuth::kRequireAndVerify:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  throw std::logic_error("a client authentication without a mode");
}

// OpenSSL names TLS 1.2 suites its own way ("ECDHE-RSA-AES128-GCM-SHA256").
std::string OpensslCipherName(const std::string& rfc_name) {
  const char* name = OPENSSL_cipher_name(rfc_name.c_str());
  return std::string(name) == "(NONE)" ? "" : name;
}

// The first of OpenSSL's errors of this thread, where the fault began; empties their queue.
std::string TakeSslErrors() {
  unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

// Brings a config into a context step by step; the first fault ends it.
class ContextSetter {
 public:
  ContextSetter(const TlsConfig& config, SSL_CTX* context) : config_(config), context_(context) {}

  // "", or what is wrong.
  std::string Set() {
    ERR_clear_error();
    for (auto step : {&ContextSetter::Protocol, &ContextSetter::Certificate,
                      &ContextSetter::Ciphers, &ContextSetter::Clients}) {
      std::string fault = (this->*step)();
      if (!fault.empty()) return fault;
    }
    return "";
  }

 private:
  std::string Protocol() {
    if (SSL_CTX_set_min_proto_version(context_, ProtocolOf(config_.min_version)) != 1 ||
        SSL_CTX_set_max_proto_version(context_, ProtocolOf(config_.max_version)) != 1) {
      return "min_version or max_version is not supported by this OpenSSL";
    }
    // OpenSSL 3 offers TLS 1.0 and 1.1 at security level 0 only.
    if (config_.min_version < TlsVersion::kTls12) SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    static constexpr unsigned char kSessionId[] = "usage";
    SSL_CTX_set_session_id_context(context_, kSessionId, sizeof kSessionId - 1);
    return "";
  }

  std::string Certificate() {
    if (SSL_CTX_use_certificate_chain_file(context_, config_.cert_file.c_str()) != 1) {
      return "cert_file " + config_.cert_file + ": no certificate can be read from it (" +
             TakeSslErrors() + ")";
    }
    // A key with a passphrase would ask for it on the terminal.
    SSL_CTX_set_default_passwd_cb(context_, [](char*, int, int, void*) { return -1; });
    if (SSL_CTX_use_PrivateKey_file(context_, config_.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
      return "key_file " + config_.key_file +
             ": no private key without a passphrase that fits cert_file can be read from it (" +
             TakeSslErrors() + ")";
    }
    return "";
  }

  std::string Ciphers() {
    if (config_.prefer_server_cipher_suites) {
      SSL_CTX_set_options(context_, SSL_OP_CIPHER_SERVER_PREFERENCE);
    }
    std::vector<std::string> names;
    for (const std::string& suite : config_.cipher_suites) {
      names.push_back(OpensslCipherName(suite));
    }
    if (!names.empty() && SSL_CTX_set_cipher_list(context_, Join(names).c_str()) != 1) {
      return "cipher_suites: none of them can be used (" + TakeSslErrors() + ")";
    }
    if (!config_.curve_preferences.empty() &&
        SSL_CTX_set1_groups_list(context_, Join(config_.curve_preferences).c_str()) != 1) {
      return "curve_preferences: can't be used (" + TakeSslErrors() + ")";
    }
    return "";
  }

  std::string Clients() {
    bool any_issuer = config_.client_auth == ClientAuth::kRequest ||
                      config_.client_auth == ClientAuth::kRequireAny;
    SSL_CTX_set_ex_data(context_, PolicyIndex(),
                        new ClientPolicy{any_issuer, config_.client_allowed_sans});
    SSL_CTX_set_verify(context_, VerifyMode(config_.client_auth), VerifyClient);
    if (config_.client_ca_file.empty()) return "";
    const char* file = config_.client_ca_file.c_str();
    if (SSL_CTX_load_verify_locations(context_, file, nullptr) != 1) {
      return "client_ca_file " + config_.client_ca_file + ": no certificate can be read from it (" +
             TakeSslErrors() + ")";
    }
    SSL_CTX_set_client_CA_list(context_, SSL_load_client_CA_file(file));
    return "";
  }

  const TlsConfig& config_;
  SSL_CTX* const context_;
};

std::string FileIdentity(const std::string& path) {
  struct stat info {};
  if (path.empty() || ::stat(path.c_str(), &info) != 0) return "-;";
  return std::to_string(info.st_ino) + "," + std::to_string(info.st_size) + "," +
         std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + ";";
}

std::string FilesIdentity(const TlsConfig& config) {
  return FileIdentity(config.cert_file) + FileIdentity(config.key_file) +
         FileIdentity(config.client_ca_file);
}

}  // namespace

Expected<SslContextPtr> MakeSslContext(const TlsConfig& config) {
  SslContextPtr context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  std::string fault = ContextSetter(config, context.get()).Set();
  if (!fault.empty()) return Error{fault};
  return context;
}

TlsServer::TlsServer(TlsConfig config, std::function<void(const std::string&)> log_error)
    : config_(std::move(config)), log_error_(std::move(log_error)) {}

std::string TlsServer::SetUp(SSL_CTX* context) {
  std::string fault = ContextSetter(config_, context).Set();
  // Called in every handshake, before the certificate is sent and the client's is asked for.
  SSL_CTX_set_cert_cb(
      context,
      [](SSL* ssl, void* self) {
        SSL_set_SSL_CTX(ssl, static_cast<TlsServer*>(self)->Current().get());
        return 1;
      },
      this);
  return fault;
}

SslContextPtr TlsServer::Current() {
  std::lock_guard lock(mutex_);
  // Looked at before they are read: files that change in between are read once more.
  std::string identity = FilesIdentity(config_);
  if (identity == seen_) return context_;
  seen_ = identity;
  if (Expected<SslContextPtr> renewed = MakeSslContext(config_)) {
    context_ = *renewed;
  } else {
    log_error_("TLS: the old certificate stays in use: " + renewed.error());
  }
  return context_;
}

}  // namespace usage
