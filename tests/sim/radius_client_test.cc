#include "sim/radius_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>

namespace usage::sim {
namespace {

constexpr const char* kSecret = "testing123";

std::string ToHex(const Bytes& bytes) {
  std::string text;
  char digits[4];
  for (uint8_t byte : bytes) {
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

// What radclient 3.2.1 sends for
//   Acct-Status-Type=Interim-Update,User-Name="amina@nairobi.example",NAS-IP-Address=10.1.2.3,
//   Service-Type=Framed-User,Acct-Input-Octets=705032704,Acct-Input-Gigawords=1,
//   Acct-Output-Octets=1500,Event-Timestamp=1795423209
// with the secret testing123.
TEST(RadiusPacket, IsWhatRadclientSends) {
  AccountingRequest request(StatusType::kInterimUpdate);
  request.Add(Attribute::kUserName, std::string_view("amina@nairobi.example"));
  request.AddAddress(Attribute::kNasIpAddress, "10.1.2.3");
  request.Add(Attribute::kServiceType, 2);
  request.AddOctets(Attribute::kAcctInputOctets, Attribute::kAcctInputGigawords, 5'000'000'000);
  request.AddOctets(Attribute::kAcctOutputOctets, Attribute::kAcctOutputGigawords, 1500);
  request.Add(Attribute::kEventTimestamp, 1795423209);
  EXPECT_EQ(ToHex(request.Encode(0xdf, kSecret)),
            "04df0055b5c1ed61249174d31a5804001801b0c4"
            "280600000003"
            "0117616d696e61406e6169726f62692e6578616d706c65"
            "04060a010203"
            "060600000002"
            "2a062a05f200"
            "340600000001"
            "2b06000005dc"
            "37066b03fbe9");
}

TEST(RadiusPacket, RefusesWhatDoesNotFit) {
  AccountingRequest request(StatusType::kStart);
  EXPECT_THROW(request.Add(Attribute::kClass, std::string(254, 'x')), std::invalid_argument);
  EXPECT_THROW(request.AddAddress(Attribute::kNasIpAddress, "10.1.2"), std::invalid_argument);
  auto fill = [&] {
    for (int i = 0; i < 20; ++i) request.Add(Attribute::kClass, std::string(253, 'x'));
  };
  EXPECT_THROW(fill(), std::invalid_argument);
  EXPECT_LE(request.Encode(1, kSecret).size(), 4096U);
}

// RFC 2866 section 3: MD5(code + identifier + length + the request's authenticator + secret).
Bytes ResponseTo(const Bytes& request, const std::string& secret) {
  Bytes reply(20);
  reply[0] = 5;
  reply[1] = request[1];
  reply[3] = 20;
  std::copy_n(request.begin() + 4, 16, reply.begin() + 4);
  Bytes text = reply;
  text.insert(text.end(), secret.begin(), secret.end());
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), &reply[4], &size, EVP_md5(), nullptr);
  return reply;
}

TEST(RadiusPacket, OnlyAResponseSignedWithTheSecretIsTaken) {
  Bytes request = AccountingRequest(StatusType::kStart).Encode(9, kSecret);
  Bytes reply = ResponseTo(request, kSecret);
  EXPECT_TRUE(IsResponseTo(request, reply, kSecret));
  EXPECT_FALSE(IsResponseTo(request, ResponseTo(request, "another"), kSecret));
  for (size_t i = 0; i < reply.size(); ++i) {
    Bytes broken = reply;
    broken[i] ^= 1;
    EXPECT_FALSE(IsResponseTo(request, broken, kSecret)) << i;
  }
  EXPECT_FALSE(IsResponseTo(request, {}, kSecret));
}

// A server that answers what the test tells it to.
class FakeServer {
 public:
  FakeServer() : file_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(file_, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(file_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~FakeServer() { close(file_); }

  struct Received {
    Bytes packet;
    sockaddr_in from;
  };
  // What has come so far.
  std::vector<Received> Take() {
    std::vector<Received> all;
    Received next;
    socklen_t size = sizeof next.from;
    for (Bytes buffer(4096);;) {
      ssize_t length = recvfrom(file_, buffer.data(), buffer.size(), MSG_DONTWAIT,
                                reinterpret_cast<sockaddr*>(&next.from), &size);
      if (length < 0) return all;
      next.packet.assign(buffer.begin(), buffer.begin() + length);
      all.push_back(next);
    }
  }
  void Send(const Bytes& reply, const sockaddr_in& to) {
    sendto(file_, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  void Answer(const Received& request) { Send(ResponseTo(request.packet, kSecret), request.from); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int file_;
  int port_ = 0;
};

class RadiusClientTest : public ::testing::Test {
 protected:
  RadiusClient::Options Options() {
    RadiusClient::Options options;
    options.server = server_.address();
    options.secret = kSecret;
    options.first_timeout = options.last_timeout = std::chrono::milliseconds(1);
    return options;
  }
  void Send(RadiusClient& client, int count) {
    for (int i = 0; i < count; ++i) {
      client.Send(AccountingRequest(StatusType::kStart), [this] { ++answered_; });
    }
  }
  // Bounded: the kernel delivers on the loopback at once, but a machine may be busy.
  template <typename Condition>
  void PollUntil(RadiusClient& client, Condition condition) {
    for (int i = 0; i < 20'000 && !condition(); ++i) client.Poll(std::chrono::milliseconds(1));
    ASSERT_TRUE(condition());
  }

  FakeServer server_;
  int answered_ = 0;
};

TEST_F(RadiusClientTest, APacketWithoutAnswerIsSentAgainUnchanged) {
  RadiusClient client(Options());
  Send(client, 1);
  std::vector<FakeServer::Received> seen;
  PollUntil(client, [&] {
    for (auto& one : server_.Take()) seen.push_back(one);
    return seen.size() >= 3;
  });
  EXPECT_EQ(seen[0].packet, seen[1].packet);
  EXPECT_EQ(seen[0].packet, seen[2].packet);
  EXPECT_EQ(seen[0].from.sin_port, seen[2].from.sin_port);
  EXPECT_EQ(client.statistics().sent, 1U);
  EXPECT_GE(client.statistics().retransmitted, 2U);
  server_.Answer(seen[0]);
  PollUntil(client, [&] { return client.pending() == 0; });
  EXPECT_EQ(answered_, 1);
}

TEST_F(RadiusClientTest, AnAnswerCountsOnceHoweverOftenItComes) {
  RadiusClient client(Options());
  Send(client, 1);
  client.Poll(std::chrono::milliseconds(1));
  auto seen = server_.Take();
  ASSERT_FALSE(seen.empty());
  server_.Answer(seen[0]);
  server_.Answer(seen[0]);
  PollUntil(client, [&] { return client.statistics().bad_answers >= 1; });
  EXPECT_EQ(answered_, 1);
  EXPECT_EQ(client.statistics().answered, 1U);
}

TEST_F(RadiusClientTest, AnAnswerOfSomebodyElseIsNotBelieved) {
  RadiusClient client(Options());
  Send(client, 1);
  client.Poll(std::chrono::milliseconds(1));
  auto seen = server_.Take();
  ASSERT_FALSE(seen.empty());
  server_.Send(ResponseTo(seen[0].packet, "guessed"), seen[0].from);
  server_.Send({1}, seen[0].from);
  PollUntil(client, [&] { return client.statistics().bad_answers >= 2; });
  EXPECT_EQ(answered_, 0);
  EXPECT_EQ(client.pending(), 1U);
}

TEST_F(RadiusClientTest, NoIdentifierIsUnderWayTwice) {
  auto options = Options();
  options.sockets = 1;
  options.window = 256;
  options.first_timeout = options.last_timeout = std::chrono::hours(1);
  RadiusClient client(options);
  Send(client, 600);
  std::set<uint8_t> identifiers;
  PollUntil(client, [&] {
    for (const auto& one : server_.Take()) identifiers.insert(one.packet[1]);
    return identifiers.size() == 256;
  });
  client.Poll(std::chrono::milliseconds(1));
  EXPECT_EQ(client.statistics().sent, 256U);
  EXPECT_EQ(client.pending(), 600U);
}

TEST_F(RadiusClientTest, ManyMorePacketsThanIdentifiersAreAllAnswered) {
  RadiusClient client(Options());
  Send(client, 3000);
  PollUntil(client, [&] {
    for (const auto& one : server_.Take()) server_.Answer(one);
    return client.pending() == 0;
  });
  EXPECT_EQ(answered_, 3000);
}

TEST_F(RadiusClientTest, AServerThatIsAwayIsWaitedFor) {
  auto options = Options();
  auto gone = std::make_unique<FakeServer>();
  options.server = gone->address();
  gone.reset();
  RadiusClient client(options);
  Send(client, 3);
  for (int i = 0; i < 20; ++i) client.Poll(std::chrono::milliseconds(2));
  EXPECT_EQ(client.pending(), 3U);
  EXPECT_EQ(answered_, 0);
}

TEST(RadiusAddress, MustBeAnIpv4AddressWithAPort) {
  for (const char* text : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999",
                           "localhost:1813", "127.0.0.1:1813x"}) {
    RadiusClient::Options options;
    options.server = text;
    EXPECT_THROW(RadiusClient client(options), std::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace usage::sim
