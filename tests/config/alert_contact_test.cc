#include "config/alert_contact.h"

#include <gtest/gtest.h>

namespace usage {
namespace {

TEST(ContactAddress, OfEachChannelIsTakenWhereANotificationCanGo) {
  EXPECT_EQ(AddressFault(AlertChannel::kEmail, "anna.b+usage@mail.example.org"), "");
  EXPECT_EQ(AddressFault(AlertChannel::kTelegram, "-1001234567890"), "");
  EXPECT_EQ(AddressFault(AlertChannel::kWebhook, "http://10.0.0.7:8080/hook?key=a%20b&x=[1]"), "");
  EXPECT_EQ(AddressFault(AlertChannel::kWebhook, "https://[::1]/"), "");
  EXPECT_EQ(AddressFault(AlertChannel::kSlack, "https://hooks.example.org/services/T/B/x"), "");
}

// Alertmanager takes commas for a list and {{ for a template, and refuses its whole file for one
// URL that is none.
TEST(ContactAddress, IsRefusedWhereAlertmanagerWouldTakeItForMoreOrRefuseIt) {
  for (const char* address : {"", "anna", "@b", "a@", "a@b@c", "a@b, c@d", "a@b,c@d", "Anna <a@b>",
                              "a@{{ .x }}", "a@b\n"}) {
    EXPECT_NE(AddressFault(AlertChannel::kEmail, address), "") << address;
  }
  for (const char* address : {"", "0", "12x", "@channel", "99999999999999999999", " 1"}) {
    EXPECT_NE(AddressFault(AlertChannel::kTelegram, address), "") << address;
  }
  for (const char* address :
       {"", "example.org", "ftp://example.org", "http://", "http:///x", "http://a b/", "http://a/%",
        "http://a/%zz", "http://a:99999/", "http://u:p@a/", "http://a/\x01", "http://a/\xff"}) {
    EXPECT_NE(WebhookFault(address), "") << address;
  }
}

TEST(QuietHours, MayReachIntoTheNextDay) {
  QuietTime quiet;
  EXPECT_EQ(ReadQuietHours("22:00-06:30", &quiet), "");
  EXPECT_EQ(quiet.begin, 22 * 60);
  EXPECT_EQ(quiet.end, 6 * 60 + 30);
  EXPECT_EQ(ReadQuietHours("00:00-24:00", &quiet), "");
  EXPECT_EQ(ReadQuietHours("22:00-00:00", &quiet), "");
}

TEST(QuietHours, OfOtherFormsAreRefused) {
  for (const char* text :
       {"", "22", "22:00", "22:00-", "-06:00", "22-06", "24:00-06:00", "22:60-06:00", "25:00-06:00",
        "08:00-08:00", "2:00-6:00", "22:00 - 06:00", "aa:bb-cc:dd"}) {
    QuietTime quiet;
    EXPECT_NE(ReadQuietHours(text, &quiet), "") << text;
    EXPECT_EQ(quiet, QuietTime()) << text;
  }
}

TEST(QuietDays, AreWrittenOutInAnyCaseAndNeverAllOfThem) {
  QuietTime quiet;
  EXPECT_EQ(ReadQuietDays({"Saturday", "sunday"}, &quiet), "");
  EXPECT_TRUE(quiet.days[5] && quiet.days[6] && !quiet.days[0]);
  EXPECT_NE(ReadQuietDays({"sat"}, &quiet), "");
  EXPECT_NE(
      ReadQuietDays({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"},
                    &quiet),
      "");
}

}  // namespace
}  // namespace usage
