// The server under TLS, with a real client and certificates made on the spot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/http_server.h"
#include "tests/net/certificates.h"
#include "tests/net/raw_client.h"
#include "tests/support/golden.h"
#include "tests/support/temp_folder.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::MakeCertificate;
using ::testing::Not;

using SslContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

// Certificates are the slow part: made once.
class Authority {
 public:
  static const Authority& Get() {
    static const Authority authority;
    return authority;
  }
  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  Authority() {
    MakeCertificate(folder_.path(), "ca", "DNS:ca");
    MakeCertificate(folder_.path(), "server", "IP:127.0.0.1", "ca");
    MakeCertificate(folder_.path(), "renewed", "IP:127.0.0.1", "ca");
    MakeCertificate(folder_.path(), "client", "DNS:prometheus.example,IP:10.1.2.3", "ca");
    MakeCertificate(folder_.path(), "stranger", "DNS:prometheus.example");
  }
  testing::TempFolder folder_;
};

void Copy(const std::string& from, const std::string& to) {
  std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
}

class Tls : public ::testing::Test {
 protected:
  Tls() {
    // Files of the test's own, so that it may change them.
    Install("server");
    tls_.cert_file = folder_ / "used.crt";
    tls_.key_file = folder_ / "used.key";
    options_.listen_address = "127.0.0.1:0";
    options_.log_error = [this](const std::string& text) {
      std::lock_guard lock(mutex_);
      log_.push_back(text);
    };
  }

  void Install(const std::string& name) {
    Copy(Authority::Get() / (name + ".crt"), folder_ / "used.crt");
    Copy(Authority::Get() / (name + ".key"), folder_ / "used.key");
  }

  void Start() {
    options_.web.tls = tls_;
    server_ = std::make_unique<HttpServer>(options_);
    server_->Handle("GET", "/hello", [](const HttpRequest&) {
      HttpResponse response;
      response.body = "hello\n";
      return response;
    });
    server_->Start();
  }

  // As the client `name`; "": without a certificate.
  std::unique_ptr<httplib::SSLClient> Client(const std::string& name = "") {
    const Authority& authority = Authority::Get();
    auto client = name.empty() ? std::make_unique<httplib::SSLClient>("127.0.0.1", server_->port())
                               : std::make_unique<httplib::SSLClient>("127.0.0.1", server_->port(),
                                                                      authority / (name + ".crt"),
                                                                      authority / (name + ".key"));
    client->set_ca_cert_path(authority / "ca.crt");
    client->enable_server_certificate_verification(true);
    client->set_read_timeout(testing::kPatienceMs / 1000);
    return client;
  }

  // "hello" or "refused".
  static std::string Ask(httplib::SSLClient& client) {
    httplib::Result result = client.Get("/hello");
    return result && result->status == 200 ? result->body.substr(0, 5) : "refused";
  }
  std::string AskAs(const std::string& name) { return Ask(*Client(name)); }

  // The common name of the certificate that the server shows.
  std::string ServedName() const {
    SslContext context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    std::unique_ptr<BIO, decltype(&BIO_free_all)> connection(BIO_new_ssl_connect(context.get()),
                                                             BIO_free_all);
    std::string address = "127.0.0.1:" + std::to_string(server_->port());
    BIO_set_conn_hostname(connection.get(), address.c_str());
    if (BIO_do_handshake(connection.get()) != 1) return "no handshake";
    SSL* ssl = nullptr;
    BIO_get_ssl(connection.get(), &ssl);
    std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl), X509_free);
    char name[256] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name,
                              sizeof name);
    return name;
  }

  std::vector<std::string> log() {
    std::lock_guard lock(mutex_);
    return log_;
  }

  testing::TempFolder folder_;
  TlsConfig tls_;
  HttpServer::Options options_;
  std::mutex mutex_;
  std::vector<std::string> log_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(Tls, ServesToAClientThatChecksTheCertificate) {
  Start();
  EXPECT_EQ(AskAs(""), "hello");
  EXPECT_THAT(server_->url(), HasSubstr("https://127.0.0.1:"));
}

TEST_F(Tls, HasNothingForAClientWithoutTls) {
  Start();
  testing::RawClient client(server_->port());
  client.Send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), Not(HasSubstr("hello")));
}

TEST_F(Tls, CutsOffAClientThatStopsInTheHandshake) {
  options_.limits.read_timeout = milliseconds(100);
  options_.limits.idle_timeout = std::chrono::seconds(1);
  Start();
  testing::RawClient client(server_->port());
  client.Send("\x16\x03\x01");
  client.ReadToEnd();  // fails when the server does not close
}

// Who is let in under which client_auth_type.
TEST_F(Tls, LetsClientsInAsConfigured) {
  std::string table;
  for (auto [name, auth] :
       {std::pair("NoClientCert", ClientAuth::kNone),
        std::pair("RequestClientCert", ClientAuth::kRequest),
        std::pair("RequireAnyClientCert", ClientAuth::kRequireAny),
        std::pair("VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven),
        std::pair("RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify)}) {
    tls_.client_auth = auth;
    tls_.client_ca_file = auth == ClientAuth::kNone ? "" : Authority::Get() / "ca.crt";
    Start();
    table += std::string(name) + ": none " + AskAs("") + ", ours " + AskAs("client") +
             ", a stranger's " + AskAs("stranger") + "\n";
  }
  EXPECT_EQ(table,
            "NoClientCert: none hello, ours hello, a stranger's hello\n"
            "RequestClientCert: none hello, ours hello, a stranger's hello\n"
            "RequireAnyClientCert: none refused, ours hello, a stranger's hello\n"
            "VerifyClientCertIfGiven: none hello, ours hello, a stranger's refused\n"
            "RequireAndVerifyClientCert: none refused, ours hello, a stranger's refused\n");
}

TEST_F(Tls, LetsInOnlyTheAlternativeNamesThatAreAllowed) {
  tls_.client_auth = ClientAuth::kRequireAndVerify;
  tls_.client_ca_file = Authority::Get() / "ca.crt";
  std::string table;
  for (const char* name : {"prometheus.example", "10.1.2.3", "other.example", "client"}) {
    tls_.client_allowed_sans = {name};
    Start();
    table += std::string(name) + ": " + AskAs("client") + "\n";
  }
  EXPECT_EQ(table,
            "prometheus.example: hello\n"
            "10.1.2.3: hello\n"
            "other.example: refused\n"
            "client: refused\n");
}

TEST_F(Tls, SpeaksOnlyTheVersionsThatAreAllowed) {
  auto ask_with = [this](int version) {
    auto client = Client();
    SSL_CTX_set_min_proto_version(client->ssl_context(), version);
    SSL_CTX_set_max_proto_version(client->ssl_context(), version);
    return Ask(*client);
  };
  Start();
  EXPECT_EQ(ask_with(TLS1_2_VERSION), "hello");
  EXPECT_EQ(ask_with(TLS1_3_VERSION), "hello");
  tls_.min_version = TlsVersion::kTls13;
  Start();
  EXPECT_EQ(ask_with(TLS1_2_VERSION), "refused");
  EXPECT_EQ(ask_with(TLS1_3_VERSION), "hello");
  tls_.min_version = TlsVersion::kTls12;
  tls_.max_version = TlsVersion::kTls12;
  Start();
  EXPECT_EQ(ask_with(TLS1_3_VERSION), "refused");
}

TEST_F(Tls, SpeaksOnlyTheCiphersThatAreListed) {
  tls_.max_version = TlsVersion::kTls12;
  tls_.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"};
  Start();
  auto ask_with = [this](const char* openssl_name) {
    auto client = Client();
    SSL_CTX_set_cipher_list(client->ssl_context(), openssl_name);
    return Ask(*client);
  };
  EXPECT_EQ(ask_with("ECDHE-ECDSA-AES256-GCM-SHA384"), "hello");
  EXPECT_EQ(ask_with("ECDHE-ECDSA-AES128-GCM-SHA256"), "refused");
}

TEST_F(Tls, SpeaksOnlyTheCurvesThatAreListed) {
  tls_.curve_preferences = {"P-384"};
  Start();
  auto ask_with = [this](const char* curves) {
    auto client = Client();
    SSL_CTX_set1_groups_list(client->ssl_context(), curves);
    return Ask(*client);
  };
  EXPECT_EQ(ask_with("P-384"), "hello");
  EXPECT_EQ(ask_with("X25519"), "refused");
}

TEST_F(Tls, ShowsARenewedCertificateToTheNextConnection) {
  Start();
  EXPECT_EQ(ServedName(), "server");
  Install("renewed");
  EXPECT_EQ(ServedName(), "renewed");
}

TEST_F(Tls, StaysWithTheOldCertificateWhileTheNewOneIsBroken) {
  Start();
  testing::WriteFile(folder_ / "used.crt", "half a certificate");
  EXPECT_EQ(ServedName(), "server");
  EXPECT_EQ(AskAs(""), "hello");
  ASSERT_EQ(log().size(), 1u);
  EXPECT_THAT(log()[0], HasSubstr("TLS: the old certificate stays in use: cert_file"));
  Install("renewed");
  EXPECT_EQ(ServedName(), "renewed");
}

TEST_F(Tls, AsksForTheClientCaThatIsOnDiskNow) {
  tls_.client_auth = ClientAuth::kRequireAndVerify;
  tls_.client_ca_file = folder_ / "clients.crt";
  Copy(Authority::Get() / "ca.crt", tls_.client_ca_file);
  Start();
  EXPECT_EQ(AskAs("stranger"), "refused");
  Copy(Authority::Get() / "stranger.crt", tls_.client_ca_file);
  EXPECT_EQ(AskAs("stranger"), "hello");
  EXPECT_EQ(AskAs("client"), "refused");
}

TEST_F(Tls, CannotBeChangedWithoutARestart) {
  Start();
  WebConfig other = options_.web;
  other.tls->min_version = TlsVersion::kTls13;
  other.basic_auth_users = {{"a", "b"}};
  EXPECT_THROW(server_->SetWebConfig(other), std::runtime_error);
  EXPECT_EQ(AskAs(""), "hello");  // nobody is asked for a password
}

TEST_F(Tls, CarriesStreamsAndEndsThemWhenTheServerStops) {
  options_.web.tls = tls_;
  server_ = std::make_unique<HttpServer>(options_);
  server_->Handle("GET", "/hello", [](const HttpRequest&) {
    HttpResponse response;
    response.content_type = "text/event-stream";
    response.stream = [](HttpStreamWriter& writer) {
      while (writer.Write("data: tick\n\n")) std::this_thread::sleep_for(milliseconds(20));
    };
    return response;
  });
  server_->Start();
  auto client = Client();
  size_t bytes = 0;
  std::thread stopper;
  client->Get("/hello", [&](const char*, size_t size) {
    if (bytes == 0) stopper = std::thread([this] { server_->Stop(); });
    bytes += size;
    return true;
  });
  EXPECT_GT(bytes, 0u);
  if (stopper.joinable()) stopper.join();
}

}  // namespace
}  // namespace usage
