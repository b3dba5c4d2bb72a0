#include "alerting/routing_text.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "alerting/names.h"
#include "alerting/yaml_text.h"
#include "core/units.h"

namespace usage::alerting {
namespace {

constexpr std::string_view kFirstLine =
    "# Made by `usagectl alertmanager`: what is changed here by hand is lost.";
// In front of what is one tenant's alone.
constexpr std::string_view kOwnerMark = "# tenant/";
constexpr int kDayMinutes = 24 * 60;

std::string Flow(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    list += (list.size() > 1 ? ", " : "") + YamlText(text);
  }
  return list + "]";
}

std::string Call(const char* name) { return std::string("{{ template \"") + name + "\" . }}"; }

std::string Definition(const char* name, const std::string& text) {
  return std::string("{{ define \"") + name + "\" }}" + text + "{{ end }}";
}

// Lines with their indentation.
class Lines {
 public:
  void Add(int depth, const std::string& line) {
    text_.append(static_cast<size_t>(depth) * 2, ' ');
    text_ += line;
    text_ += '\n';
  }
  void AddText(int depth, const char* key, const std::string& text) {
    Add(depth, std::string(key) + ": " + YamlText(text));
  }
  void Space() { text_ += '\n'; }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

class Writer {
 public:
  Writer(const Routing& routing, const RoutingInput& input, Secrets secrets)
      : routing_(routing), input_(input), hides_(secrets == Secrets::kHidden) {}

  std::string Write() {
    AddHead();
    AddGlobal();
    AddTemplates();
    out_.Space();
    out_.Add(0, "route:");
    AddRoute(1, "", routing_.root);
    out_.Space();
    AddMuteTimes();
    AddInhibitions();
    out_.Add(0, "receivers:");
    for (const Receiver& receiver : routing_.receivers) AddReceiver(receiver);
    return out_.Take();
  }

 private:
  void AddHead() {
    out_.Add(0, std::string(kFirstLine));
    out_.Add(0,
             "# It comes from the section alerting of usage_exporter.yaml, the tenants and their");
    out_.Add(
        0,
        "# contacts; docs/alerting.md says how. It may hold secrets: not for everybody to read.");
    out_.Add(0, "# Templates: sha256 " + input_.templates_hash);
    out_.Space();
  }

  void AddGlobal() {
    if (!input_.config.smtp) return;
    const SmtpConfig& smtp = *input_.config.smtp;
    out_.Add(0, "global:");
    out_.AddText(1, "smtp_smarthost", smtp.server);
    out_.AddText(1, "smtp_from", smtp.from);
    if (!smtp.hello.empty()) out_.AddText(1, "smtp_hello", smtp.hello);
    if (!smtp.user.empty()) out_.AddText(1, "smtp_auth_username", smtp.user);
    if (!smtp.password_file.empty()) {
      out_.AddText(1, "smtp_auth_password_file", smtp.password_file);
    }
    out_.Add(1, std::string("smtp_require_tls: ") + (smtp.require_tls ? "true" : "false"));
    out_.Space();
  }

  void AddTemplates() {
    out_.Add(0, "templates:");
    for (const std::string& file : input_.config.templates) out_.Add(1, "- " + YamlText(file));
  }

  // --- Routes.

  // `lead` stands before the first key: "- " of an item.
  void AddRoute(int depth, const char* lead, const Route& route) {
    const int keys = depth + static_cast<int>(std::strlen(lead) / 2);
    out_.Add(depth, lead + ("receiver: " + YamlText(route.receiver)));
    if (!route.matchers.empty()) out_.Add(keys, "matchers: " + Flow(route.matchers));
    if (!route.group_by.empty()) out_.Add(keys, "group_by: " + Flow(route.group_by));
    if (route.times) AddTimes(keys, *route.times);
    if (!route.mute_time.empty()) {
      out_.Add(keys, "mute_time_intervals: " + Flow({route.mute_time}));
    }
    if (route.goes_on) out_.Add(keys, "continue: true");
    if (!route.routes.empty()) out_.Add(keys, "routes:");
    for (const Route& child : route.routes) {
      AddOwner(keys + 1, child.owner, child.title);
      AddRoute(keys + 1, "- ", child);
    }
  }

  void AddTimes(int depth, const AlertTimes& times) {
    out_.Add(depth, "group_wait: " + FormatDuration(times.group_wait));
    out_.Add(depth, "group_interval: " + FormatDuration(times.group_interval));
    out_.Add(depth, "repeat_interval: " + FormatDuration(times.repeat_interval));
  }

  void AddOwner(int depth, const std::string& owner, const std::string& title) {
    if (owner.empty()) return;
    out_.Add(depth, "# " + owner + (title.empty() ? "" : ": " + YamlText(title)));
  }

  // --- Mute times and inhibition.

  void AddMuteTimes() {
    if (routing_.mute_times.empty()) return;
    out_.Add(0, "time_intervals:");
    for (const MuteTime& mute : routing_.mute_times) {
      out_.Add(1, "- name: " + YamlText(mute.name));
      out_.Add(2, "time_intervals:");
      AddMuteTime(mute);
    }
    out_.Space();
  }

  void AddMuteTime(const MuteTime& mute) {
    const QuietTime& quiet = mute.quiet;
    if (quiet.begin < quiet.end) {
      AddInterval("times", TimesText(quiet.begin, quiet.end), mute.zone);
    } else if (quiet.begin > quiet.end) {
      // Alertmanager's do not cross midnight.
      AddInterval("times", TimesText(quiet.begin, kDayMinutes), mute.zone);
      if (quiet.end > 0) AddInterval("times", TimesText(0, quiet.end), mute.zone);
    }
    std::vector<std::string> days;
    for (size_t day = 0; day < quiet.days.size(); ++day) {
      if (quiet.days.at(day)) days.emplace_back(DayName(day));
    }
    if (!days.empty()) AddInterval("weekdays", Flow(days), mute.zone);
  }

  static std::string TimesText(int begin, int end) {
    return "[{start_time: " + YamlText(ClockText(begin)) +
           ", end_time: " + YamlText(ClockText(end)) + "}]";
  }

  void AddInterval(const char* key, const std::string& value, const std::string& zone) {
    out_.Add(3, std::string("- ") + key + ": " + value);
    out_.AddText(4, "location", zone);
  }

  void AddInhibitions() {
    out_.Add(0, "inhibit_rules:");
    for (const Inhibition& rule : routing_.inhibitions) {
      out_.Add(1, "- source_matchers: " + Flow(rule.source));
      out_.Add(2, "target_matchers: " + Flow(rule.target));
      if (!rule.equal.empty()) out_.Add(2, "equal: " + Flow(rule.equal));
    }
    out_.Space();
  }

  // --- Receivers.

  void AddReceiver(const Receiver& receiver) {
    AddOwner(1, receiver.owner, "");
    out_.Add(1, "- name: " + YamlText(receiver.name));
    const char* last = "";
    for (const AlertContact& contact : receiver.contacts) {
      const char* key = ListOf(contact.channel);
      if (key != last) out_.Add(2, std::string(key) + ":");
      last = key;
      AddContact(receiver, contact);
    }
  }

  static const char* ListOf(AlertChannel channel) {
    switch (channel) {
      case AlertChannel::kEmail:
        return "email_configs";
      case AlertChannel::kWebhook:
        return "webhook_configs";
      case AlertChannel::kSlack:
        return "slack_configs";
      case AlertChannel::kTelegram:
        return "telegram_configs";
    }
    return "";
  }

  void AddContact(const Receiver& receiver, const AlertContact& contact) {
    out_.Add(3, std::string("- send_resolved: ") + (receiver.tells_of_the_end ? "true" : "false"));
    switch (contact.channel) {
      case AlertChannel::kEmail:
        return AddEmail(receiver, contact);
      case AlertChannel::kWebhook:
        return out_.AddText(4, "url", Secret(contact.address));
      case AlertChannel::kSlack:
        return AddSlack(receiver, contact);
      case AlertChannel::kTelegram:
        return AddTelegram(receiver, contact);
    }
  }

  std::string Secret(const std::string& text) const { return hides_ ? "<secret>" : text; }

  // The templates with this receiver's links in them: Alertmanager reads the text into a copy of
  // the templates, where the definitions in front take the place of the empty ones.
  std::string Linked(const Receiver& receiver, const char* name) const {
    std::string text;
    // Not a definition of nothing, which would take no other's place.
    text += receiver.dashboard_url.empty()
                ? Definition("usage.dashboard", "{{ \"\" }}")
                : Definition("usage.dashboard_url", receiver.dashboard_url);
    const std::string& runbooks = input_.config.runbooks_url;
    if (receiver.is_operator && !runbooks.empty()) {
      text += Definition("usage.runbooks_url", runbooks);
    }
    return text + Call(name);
  }

  void AddEmail(const Receiver& receiver, const AlertContact& contact) {
    out_.AddText(4, "to", contact.address);
    out_.Add(4, "headers: {Subject: " + YamlText(Call("usage.subject")) + "}");
    out_.AddText(4, "html", Linked(receiver, "usage.email.html"));
    out_.AddText(4, "text", Linked(receiver, "usage.email.text"));
  }

  // title_link is said even if empty: Alertmanager's own leads to Alertmanager.
  void AddSlack(const Receiver& receiver, const AlertContact& contact) {
    if (contact.address_file.empty()) {
      out_.AddText(4, "api_url", Secret(contact.address));
    } else {
      out_.AddText(4, "api_url_file", contact.address_file);
    }
    out_.AddText(4, "username", "Usage");
    out_.AddText(4, "title", Call("usage.chat.title"));
    out_.AddText(4, "title_link", receiver.dashboard_url);
    out_.AddText(4, "text", Linked(receiver, "usage.chat.text"));
    out_.AddText(4, "fallback", Call("usage.subject"));
  }

  void AddTelegram(const Receiver& receiver, const AlertContact& contact) {
    out_.AddText(4, "bot_token", Secret(input_.telegram_token));
    out_.Add(4, "chat_id: " + contact.address);
    out_.Add(4, "parse_mode: HTML");
    out_.AddText(4, "message", Linked(receiver, "usage.telegram"));
  }

  const Routing& routing_;
  const RoutingInput& input_;
  const bool hides_;
  Lines out_;
};

size_t IndentOf(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

// "tenant/acme" of `# tenant/acme: "Acme"`; "" of another line.
std::string OwnerOf(std::string_view line) {
  const std::string_view text = line.substr(IndentOf(line));
  if (!text.starts_with(kOwnerMark)) return "";
  return std::string(text.substr(2, text.find_first_of(":\n") - 2));
}

}  // namespace

std::string RoutingText(const Routing& routing, const RoutingInput& input, Secrets secrets) {
  return Writer(routing, input, secrets).Write();
}

bool IsOurs(std::string_view text) { return text.starts_with(kFirstLine); }

// A part is the mark, the item below it, and what is indented further.
std::map<std::string, std::string> PartsByOwner(std::string_view text) {
  std::map<std::string, std::string> parts;
  std::string owner;
  size_t indent = 0;
  bool is_first = false;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view line = text.substr(at, end - at);
    const std::string mark = OwnerOf(line);
    if (!mark.empty()) {
      owner = mark;
      indent = IndentOf(line);
    } else if (!is_first && IndentOf(line) <= indent) {
      owner.clear();
    }
    is_first = !mark.empty();
    parts[owner] += line;
    at = end;
  }
  return parts;
}

}  // namespace usage::alerting
