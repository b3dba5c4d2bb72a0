#include "doctor/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>

#include <array>
#include <memory>

namespace usage::doctor {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

template <auto Free>
struct FreeBy {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, FreeBy<X509_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, FreeBy<SSL_CTX_free>>;

std::string NameOf(X509* certificate) {
  std::array<char, 256> text{};
  X509_NAME* subject = X509_get_subject_name(certificate);
  const int size = X509_NAME_get_text_by_NID(subject, NID_commonName, text.data(), text.size());
  if (size <= 0) X509_NAME_oneline(subject, text.data(), text.size());
  return text.data();
}

Certificate Described(X509* certificate) {
  std::tm time{};
  ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time);
  return {NameOf(certificate), Instant(std::chrono::seconds(::timegm(&time)))};
}

bool WaitFor(BIO* bio, steady_clock::time_point deadline) {
  int socket = -1;
  BIO_get_fd(bio, &socket);
  const auto left =
      std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()).count();
  if (left <= 0) return false;
  const bool reads = BIO_should_read(bio) != 0;
  pollfd wait{socket, static_cast<short>(reads ? POLLIN : POLLOUT), 0};
  return ::poll(&wait, 1, static_cast<int>(left)) > 0;
}

}  // namespace

Expected<std::vector<Certificate>> CertificatesOfFile(const std::string& path) {
  const BioPtr file(BIO_new_file(path.c_str(), "r"));
  if (!file) return Error{"can't be read"};
  std::vector<Certificate> found;
  while (const X509Ptr one{PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr)}) {
    found.push_back(Described(one.get()));
  }
  ERR_clear_error();
  if (found.empty()) return Error{"has no certificate in PEM"};
  return found;
}

Expected<Certificate> CertificateOfServer(const HttpUrl& url, milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  const ContextPtr context(SSL_CTX_new(TLS_client_method()));
  const BioPtr connection(BIO_new_ssl_connect(context.get()));
  SSL* ssl = nullptr;
  BIO_get_ssl(connection.get(), &ssl);
  SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(url.host.c_str()));
  const bool is_v6 = url.host.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + url.host + "]" : url.host;
  BIO_set_conn_hostname(connection.get(), (host + ":" + std::to_string(url.port)).c_str());
  BIO_set_nbio(connection.get(), 1);
  while (BIO_do_handshake(connection.get()) <= 0) {
    if (BIO_should_retry(connection.get()) == 0) {
      ERR_clear_error();
      return Error{"no TLS connection"};
    }
    if (!WaitFor(connection.get(), deadline)) return Error{"no TLS handshake in time"};
  }
  const X509Ptr shown(SSL_get1_peer_certificate(ssl));
  if (!shown) return Error{"it shows no certificate"};
  return Described(shown.get());
}

}  // namespace usage::doctor
