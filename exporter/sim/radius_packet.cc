#include "sim/radius_packet.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace usage::sim {
namespace {

constexpr uint8_t kAccountingRequest = 4, kAccountingResponse = 5;
constexpr size_t kHeader = 20, kAuthenticatorAt = 4, kAuthenticator = 16;

using Digest = std::array<uint8_t, kAuthenticator>;

Digest Md5(const Bytes& packet, const std::string& secret) {
  Bytes text = packet;
  text.insert(text.end(), secret.begin(), secret.end());
  Digest digest;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr) != 1 ||
      size != digest.size()) {
    throw std::runtime_error("OpenSSL gives no MD5, which RADIUS needs: is it in FIPS mode?");
  }
  return digest;
}

void PutAuthenticator(Bytes& packet, const uint8_t* value) {
  std::copy_n(value, kAuthenticator, packet.begin() + kAuthenticatorAt);
}

size_t LengthOf(const Bytes& packet) { return packet[2] * size_t{256} + packet[3]; }

}  // namespace

AccountingRequest::AccountingRequest(StatusType status) {
  Add(Attribute::kAcctStatusType, static_cast<uint32_t>(status));
}

void AccountingRequest::Add(Attribute type, std::string_view value) {
  if (value.size() > 253 || kHeader + attributes_.size() + 2 + value.size() > 4096) {
    throw std::invalid_argument("RADIUS attribute too long: " + std::string(value.substr(0, 40)));
  }
  attributes_.push_back(static_cast<uint8_t>(type));
  attributes_.push_back(static_cast<uint8_t>(value.size() + 2));
  attributes_.insert(attributes_.end(), value.begin(), value.end());
}

void AccountingRequest::Add(Attribute type, uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  Add(type, bytes);
}

void AccountingRequest::AddAddress(Attribute type, const std::string& dotted) {
  in_addr address{};
  if (inet_pton(AF_INET, dotted.c_str(), &address) != 1) {
    throw std::invalid_argument("not an IPv4 address: " + dotted);
  }
  Add(type, ntohl(address.s_addr));
}

void AccountingRequest::AddOctets(Attribute octets, Attribute gigawords, uint64_t value) {
  Add(octets, static_cast<uint32_t>(value));
  if (auto high = static_cast<uint32_t>(value >> 32); high != 0) Add(gigawords, high);
}

Bytes AccountingRequest::Encode(uint8_t identifier, const std::string& secret) const {
  Bytes packet(kHeader + attributes_.size());
  packet[0] = kAccountingRequest;
  packet[1] = identifier;
  packet[2] = static_cast<uint8_t>(packet.size() >> 8);
  packet[3] = static_cast<uint8_t>(packet.size() & 0xff);
  std::copy(attributes_.begin(), attributes_.end(), packet.begin() + kHeader);
  PutAuthenticator(packet, Md5(packet, secret).data());
  return packet;
}

bool IsResponseTo(const Bytes& request, const Bytes& reply, const std::string& secret) {
  if (reply.size() < kHeader || reply[0] != kAccountingResponse || reply[1] != request[1] ||
      LengthOf(reply) < kHeader || LengthOf(reply) > reply.size()) {
    return false;
  }
  Bytes text(reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(LengthOf(reply)));
  PutAuthenticator(text, &request[kAuthenticatorAt]);
  Digest expected = Md5(text, secret);
  return CRYPTO_memcmp(expected.data(), &reply[kAuthenticatorAt], kAuthenticator) == 0;
}

}  // namespace usage::sim
