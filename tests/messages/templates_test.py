"""What people read: alerts/templates/usage.tmpl, and its examples in docs/messages."""

import os
import re

from rendering import DASHBOARD, PREFIX, ROOT, alert, message, render

from case import Case, main

EXAMPLES = ROOT / "docs/messages"
TELEGRAM_TAKES = 4096
BODIES = ("usage.email.text", "usage.email.html", "usage.chat.text", "usage.telegram")

# As the rules of alerts/ word them.
WARNING = alert(
    "UsageQuotaWarning", "warning", "Green Valley has used 81.2% of this month's data",
    "406.0 GB of 500.0 GB have been used. The month's last day is 31 July 2026.", tenant_id="7")
USED_UP = alert(
    "UsageQuotaUsedUp", "critical", "Green Valley has used up this month's data: 101%",
    "505.0 GB of 500.0 GB have been used. The month's last day is 31 July 2026.", tenant_id="7")
SHARE = alert(
    "UsageSubscriberShare", "info", "cabin-12 has used 56.2% of today's data at Green Valley",
    "Everybody together has used 16.0 GB since midnight. This share is more than what is usual for "
    "one.", tenant_id="7", access="hotspot", subscriber="cabin-12")
COLLAPSE = alert(
    "UsageTrafficCollapse", "warning",
    "Green Valley has much less traffic than usual: 6.5% of it",
    "It was 0.9 Mbit/s on average in the last half hour. At this time of the week it is usually "
    "14.0 Mbit/s. Please check that the internet connection works.", tenant_id="7")
DOWN = alert(
    "UsageSourceDown", "critical", "The source radacct can not be read",
    "It was last read 5m 12s ago. Its tenants' numbers stand still. They catch up once it can be "
    "read again, as far as the sessions' counters are still there.",
    audience="operator", source="radacct")
SLOW = alert(
    "UsageSourceSlow", "warning", "Reading user_sessions takes 84% of its interval",
    "Soon readings will be left out. The database is slow, lacks an index, or has grown.",
    audience="operator", source="user_sessions")


NOTICE = alert("UsageQuotaNotice", "info", "this is UsageQuotaNotice", tenant_id="7")
ALMOST = alert("UsageQuotaAlmostUsed", "warning", "this is UsageQuotaAlmostUsed", tenant_id="7")


def over(one):
    return {**one, "status": "resolved", "endsAt": "2026-07-21T17:40:10Z"}


def grouped(*alerts):
    """As a tenant's route groups them."""
    return {**message("tenant/7", *alerts), "groupLabels": {"tenant_id": "7"}}


CASES = {
    "one": message("tenant/7", WARNING),
    "several": grouped(SHARE, COLLAPSE, NOTICE, WARNING, ALMOST, USED_UP),
    "resolved": message("tenant/7", over(COLLAPSE)),
    "one-left": message("tenant/7", WARNING, over(COLLAPSE)),
    "operator": message("operator", SLOW, DOWN),
}


def as_text(data):
    """Everything but the HTML of an e-mail, as a person may compare it."""
    parts = [("E-mail", f"Subject: {render('usage.subject', data)}\n\n"
              + render("usage.email.text", data)),
             ("Slack", render("usage.chat.title", data) + "\n" + render("usage.chat.text", data)),
             ("Telegram", render("usage.telegram", data).strip())]
    return "\n".join(f"=== {kind}\n{text.rstrip()}\n" for kind, text in parts)


class Examples(Case):
    def test_the_examples_in_docs_are_what_the_templates_make(self):
        for name, data in CASES.items():
            self._is_golden(f"{name}.txt", as_text(data))
            self._is_golden(f"{name}.html", render("usage.email.html", data))
        files = {path.name for path in EXAMPLES.iterdir()}
        self.assertEqual({f"{name}.{kind}" for name in CASES for kind in ("txt", "html")}, files)

    def _is_golden(self, name, text):
        file = EXAMPLES / name
        if os.environ.get("USAGE_REGENERATE"):
            file.write_text(text)
        self.assertEqual(file.read_text(), text, f"{name}: USAGE_REGENERATE=1 makes it anew")


class Messages(Case):
    def test_a_tenant_reads_no_technical_words_and_the_operator_gets_labels_and_runbook(self):
        for template in BODIES:
            read = render(template, message("tenant/7/2", WARNING))
            for word in ("tenant_id", "runbook", "alertname", "severity"):
                self.assertNotIn(word, read, template)
            theirs = render(template, message("operator", WARNING))
            self.assertIn("https://wiki.example.org/runbooks/UsageQuotaWarning", theirs, template)
        self.assertIn("tenant_id=7", render("usage.email.text", message("operator", WARNING)))

    def test_runbooks_have_their_path_alone_without_a_url_and_a_whole_url_stays(self):
        data = message("operator", DOWN)
        self.assertIn("Runbook: /runbooks/UsageSourceDown", render("usage.email.text", data, ""))
        self.assertIn('href="/runbooks/UsageSourceDown"', render("usage.email.html", data, ""))
        foreign = {**DOWN, "annotations": {"summary": "s", "runbook_url": "https://other/x"}}
        for template in ("usage.email.html", "usage.email.text", "usage.chat.text"):
            text = render(template, message("operator", foreign))
            self.assertIn("https://other/x", text)
            self.assertNotIn("wiki.example.org", text)

    def test_without_a_dashboard_there_is_no_link_to_one(self):
        for template in ("usage.email.text", "usage.email.html", "usage.telegram"):
            data = message("tenant/7", WARNING)
            self.assertIn(DASHBOARD, render(template, data))
            text = render(template, data, '{{ define "usage.dashboard" }}{{ "" }}{{ end }}')
            self.assertNotIn("dashboard", text.replace('class="u-', ""), template)

    def test_what_tenants_are_called_is_never_markup(self):
        name = """<script>alert(1)</script> & <!channel> "'"""
        words = {"summary": name, "description": name}
        data = message("tenant/7", {**WARNING, "annotations": words})
        several = message("operator", *data["alerts"], *data["alerts"])
        for one in (data, several):
            page = render("usage.email.html", one)
            self.assertNotIn("<script", page)
            self.assertIn("&lt;script&gt;", page)
            for template in ("usage.chat.title", "usage.chat.text"):
                self.assertNotIn("<", render(template, one))
            telegram = render("usage.telegram", one)
            self.assertEqual({"<b>", "</b>"}, set(re.findall("<[^>]*>", telegram)) - {
                f'<a href="{DASHBOARD}">', "</a>"})
        self.assertIn(name, render("usage.subject", data))
        self.assertIn(name, render("usage.email.text", data))

    def test_of_the_quotas_levels_the_highest_alone_is_shown(self):
        levels = [NOTICE, WARNING, ALMOST, USED_UP]
        for highest in (1, 3, 4):
            summary = levels[highest - 1]["annotations"]["summary"]
            for change, word in ((dict, ""), (over, "All clear: ")):
                data = grouped(*map(change, levels[:highest]))
                self.assertEqual(word + summary, render("usage.subject", data))
                self.assertIn(summary, render("usage.chat.title", data))
                for template in (*BODIES, "usage.chat.title"):
                    text = render(template, data)
                    self.assertNotIn("81.2%", text, template)
                    self.assertNotRegex(text, "[23] alerts|All clear .[234]", template)

    def test_a_lower_level_is_shown_when_the_higher_one_is_over(self):
        data = grouped(NOTICE, WARNING, over(ALMOST))
        for template in BODIES:
            title = render("usage.chat.title", data) if "chat" in template else ""
            text = title + render(template, data)
            self.assertIn("81.2%", text, template)
            self.assertIn("this is UsageQuotaAlmostUsed", text, template)
            self.assertNotIn("this is UsageQuotaNotice", text, template)

    def test_of_different_tenants_every_level_is_shown(self):
        text = render("usage.email.text", message("operator", NOTICE, WARNING, USED_UP))
        self.assertIn("3 alerts", text)

    def test_forty_alerts_are_one_message_with_the_worst_first(self):
        notes = [alert("UsageSubscriberShare", "info", f"guest {i} of Green Valley uses much",
                       "Much.", tenant_id="7", subscriber=f"{i}") for i in range(39)]
        data = message("tenant/7", *notes, USED_UP)
        self.assertEqual("40 alerts: Green Valley has used up this month's data: 101%",
                         render("usage.subject", data))
        for template in BODIES:
            text = render(template, data)
            self.assertLess(text.index("used up"), text.index("guest 0 "), template)
        self.assertIn("guest 38 ", render("usage.email.html", data))

    def test_of_a_thousand_the_worst_are_listed_and_all_are_counted(self):
        many = [alert("UsageDataStale", "info", f"{'<' * 250} {i}", "&" * 500, audience="operator",
                      tenant_id=str(i)) for i in range(999)]
        page = message("page", *many, {**DOWN, "labels": {**DOWN["labels"], "severity": "page"}},
                       *(over(one) for one in many), USED_UP)
        for template in BODIES:
            text = render(template, page)
            self.assertIn("Green Valley has used up", text, template)
            self.assertIn("1001", text, template)
            self.assertIn("and more", text, template)
            self.assertLess(len(text), 400_000, template)
        self.assertLess(len(render("usage.telegram", page)), TELEGRAM_TAKES)

    def test_a_severity_of_another_hand_and_a_rule_without_a_summary_are_still_shown(self):
        strange, bare = ({**DOWN, "labels": labels, "annotations": {}} for labels in (
            {"alertname": "DiskFull", "severity": "page"}, {"alertname": "Bare"}))
        data = message("operator", strange, bare)
        for template in BODIES:
            self.assertIn("DiskFull", render(template, data), template)
            self.assertIn("Bare", render(template, data), template)
        self.assertEqual("[other] 2 alerts: DiskFull", render("usage.subject", data))

    def test_the_html_loads_nothing_and_runs_nothing(self):
        for data in CASES.values():
            page = render("usage.email.html", data)
            links = re.findall(r'(?:src|href)="([^"]*)"', page)
            self.assertEqual([], [to for to in links
                                  if not re.match("https://(grafana|wiki).example.org/", to)])
            self.assertIsNone(re.search(r"<(img|script|link|iframe)|url\(|@import", page))

    def test_a_url_of_a_dashboard_with_signs_stays_whole(self):
        odd = "https://g.example.org/d/usage?orgId=7&var-x=%C3%A4#a"
        prefix = PREFIX.replace(DASHBOARD, odd)
        self.assertIn(f'href="{odd}"', render("usage.email.html", CASES["one"], prefix))
        self.assertIn(odd, render("usage.email.text", CASES["one"], prefix))


if __name__ == "__main__":
    main()
