#include "sim/population.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "sim/names.h"
#include "sim/random.h"

namespace usage::sim {
namespace {

constexpr std::array<std::string_view, 14> kZones = {"UTC",
                                                     "Europe/Berlin",
                                                     "Africa/Nairobi",
                                                     "Asia/Kathmandu",
                                                     "Africa/Nairobi",
                                                     "Pacific/Kiritimati",
                                                     "America/New_York",
                                                     "Pacific/Pago_Pago",
                                                     "Asia/Kolkata",
                                                     "Australia/Lord_Howe",
                                                     "Europe/London",
                                                     "America/Sao_Paulo",
                                                     "Africa/Cairo",
                                                     "America/St_Johns"};
constexpr std::array<int, 8> kBillingDays = {1, 1, 31, 15, 30, 5, 29, 20};

// Shares of Zipf's law: the largest tenant has twice the subscribers of the second.
// Entry i is the share of all tenants before i, so that rounded counts sum to the total.
std::vector<double> CumulativeShares(int count) {
  std::vector<double> shares = {0};
  for (int rank = 1; rank <= count; ++rank) shares.push_back(shares.back() + 1.0 / rank);
  for (double& share : shares) share /= shares.back();
  return shares;
}

TenantKind KindOf(int index) {
  constexpr std::array<TenantKind, 4> kKinds = {TenantKind::kProvider, TenantKind::kEstate,
                                                TenantKind::kHotel, TenantKind::kProvider};
  return kKinds[static_cast<size_t>(index) % kKinds.size()];
}

// The share of the open sessions that are PPPoE.
double PppoeShare(TenantKind kind) {
  switch (kind) {
    case TenantKind::kProvider:
      return 0.8;
    case TenantKind::kHotel:
      return 0;
    case TenantKind::kEstate:
      break;
  }
  return 0.4;
}

// With both feeds a third of the tenants is in both, by access: an old billing system for the
// vouchers, RADIUS for the lines.
FeedKind FeedOf(const PopulationOptions& options, int tenant, Access access) {
  if (!options.radius) return FeedKind::kUserSessions;
  if (!options.user_sessions) return FeedKind::kRadius;
  switch (tenant % 3) {
    case 0:
      return access == Access::kPppoe ? FeedKind::kRadius : FeedKind::kUserSessions;
    case 1:
      return FeedKind::kUserSessions;
    default:
      return FeedKind::kRadius;
  }
}

std::string NasAddress(size_t index) {
  return "10." + std::to_string(index / 65536 + 1) + "." + std::to_string(index / 256 % 256) + "." +
         std::to_string(index % 256);
}

std::string FramedAddress(size_t subscriber) {
  return "100." + std::to_string(64 + subscriber / 65536 % 64) + "." +
         std::to_string(subscriber / 256 % 256) + "." + std::to_string(subscriber % 256);
}

void GivePlan(Tenant& tenant, int index, int subscribers) {
  constexpr std::array<std::string_view, 4> kPlans = {"Basic", "Plus", "Pro", ""};
  tenant.plan = kPlans[static_cast<size_t>(index) % kPlans.size()];
  if (index % 3 != 2) {
    tenant.quota_bytes = static_cast<uint64_t>(subscribers) * 50'000'000'000ULL;
  }
}

}  // namespace

void Check(const PopulationOptions& options) {
  if (options.tenants < 1) throw std::invalid_argument("--tenants: at least 1");
  if (options.subscribers < 2 * options.tenants) {
    throw std::invalid_argument("--subscribers: at least two for each tenant, that is " +
                                std::to_string(2 * options.tenants));
  }
  if (options.sessions < 1 || options.sessions > options.subscribers) {
    throw std::invalid_argument("--sessions: from 1 to --subscribers, that is " +
                                std::to_string(options.subscribers));
  }
  if (options.data_used_only < 0 || options.data_used_only > 1) {
    throw std::invalid_argument("--data-used-only: a share from 0 to 1");
  }
}

Population::Population(const PopulationOptions& options) : options_(options) {
  Check(options);
  auto shares = CumulativeShares(options.tenants);
  int spare = options.subscribers - 2 * options.tenants, given = 0;
  for (int i = 0; i < options.tenants; ++i) {
    auto until = static_cast<int>(std::lround(spare * shares[static_cast<size_t>(i) + 1]));
    int count = 2 + until - given;
    given = until;
    AddTenant(i, count, static_cast<double>(count) * options.sessions / options.subscribers);
  }
}

Timetable& Population::TimetableOf(const std::string& name) {
  auto& timetable = timetables_[name];
  if (timetable == nullptr) {
    const Zone* zone = Zone::Find(name);
    if (zone == nullptr) throw std::runtime_error(name + ": no such time zone; install tzdata");
    timetable = std::make_unique<Timetable>(*zone, options_.from);
  }
  return *timetable;
}

void Population::AddTenant(int index, int subscribers, double open) {
  Random random(Mix(options_.seed, static_cast<uint64_t>(index)));
  auto position = static_cast<size_t>(index);
  TenantKind kind = KindOf(index);
  auto pppoe = static_cast<int>(std::lround(open * PppoeShare(kind)));
  Tenant tenant;
  tenant.id = Uuid(random);
  tenant.name = TenantName(kind, index, random);
  tenant.timetable = &TimetableOf(std::string(kZones[position % kZones.size()]));
  tenant.billing_day = kBillingDays[position % kBillingDays.size()];
  GivePlan(tenant, index, subscribers);
  if (index == 0 && options_.small_quota) tenant.quota_bytes = options_.small_quota;
  tenant.data_used_only = random.Chance(options_.data_used_only);
  tenant.hotspot_open = (open - pppoe) / std::max(1, subscribers - pppoe);
  tenants_.push_back(tenant);
  for (int i = 0; i < subscribers; ++i) {
    if (i % options_.subscribers_per_nas == 0) nases_.push_back({index, NasAddress(nases_.size())});
    Access access = i < pppoe ? Access::kPppoe : Access::kHotspot;
    AddSubscriber(index, i, access, FeedOf(options_, index, access));
  }
}

void Population::AddSubscriber(int tenant, int index, Access access, FeedKind feed) {
  Random random(
      Mix(Mix(options_.seed, static_cast<uint64_t>(tenant)), 1000 + static_cast<uint64_t>(index)));
  Subscriber s;
  s.tenant = tenant;
  s.nas = static_cast<int>(nases_.size()) - 1;
  s.access = access;
  s.feed = feed;
  bool is_hotspot = access == Access::kHotspot;
  s.login = is_hotspot ? VoucherCode(index, random) : LoginName(index, random);
  s.mac = MacAddress(random);
  s.address = FramedAddress(subscribers_.size());
  // Medians of about 50 MB in a hotspot session and of 130 GB in a month of a line.
  s.bytes_per_second = random.LogNormal(is_hotspot ? 45e3 : 50e3, 1.1);
  s.upload_share = std::clamp(random.LogNormal(0.122, 0.35), 0.01, 0.6);
  subscribers_.push_back(std::move(s));
}

std::string Population::AccountName(const Subscriber& s) const {
  if (s.feed == FeedKind::kRadius) return s.login + "@" + tenant_of(s).id;
  return s.access == Access::kHotspot ? s.login : s.mac;
}

void Population::ForgetZones() {
  for (Tenant& tenant : tenants_) tenant.timetable = &TimetableOf("UTC");
}

void Population::ForgetBillingDays() {
  for (Tenant& tenant : tenants_) tenant.billing_day = 1;
}

}  // namespace usage::sim
