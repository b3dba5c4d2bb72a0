#!/usr/bin/env python3
"""The landing page in Debian's Chromium: browser_test.py PAGE_SERVER SCREENSHOT_FOLDER [unittest's arguments].

Each test opens the page of a page_server of its own, with 1,000 handmade tenants whose names are
as bad as names get, and reads what a person would see.
"""

import json
import os
import signal
import sys
import time
import unittest
import urllib.request

from webdriver import Browser, PageServer, wait_for

TENANTS = 1000
ENTER, ESCAPE, TAB = "\ue007", "\ue00c", "\ue004"

ROWS = """
  return [...document.querySelectorAll("#rows tr:not(.spacer)")].map((row) => ({
    index: Number(row.getAttribute("aria-rowindex")),
    name: row.querySelector(".name").textContent,
    id: row.querySelector(".id").textContent,
    cells: [...row.cells].map((cell) => cell.innerText.replace(/ +$/gm, "")),
  }));
"""

AFTER_FRAMES = """
  const [script] = arguments;
  eval?.(script);
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));
"""

# Every text that is seen, with its contrast (WCAG 2.2, 1.4.3) against what is painted behind it.
CONTRASTS = """
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * (top[3] ?? 1) + under[i] * (1 - (top[3] ?? 1)));
  const behind = (node) => {
    if (!node) return [255, 255, 255];
    const own = parse(getComputedStyle(node).backgroundColor);
    return (own[3] ?? 1) === 1 ? own : over(own, behind(node.parentElement));
  };
  const seen = [];
  for (const node of document.querySelectorAll("body *")) {
    const text = [...node.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join("");
    if (!text || !node.checkVisibility() || node.closest(".hidden, .skip, option, noscript")) continue;
    const back = behind(node);
    const [a, b] = [luminance(over(parse(getComputedStyle(node).color), back)), luminance(back)];
    seen.push({ text: text.slice(0, 40), class: node.className, ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) });
  }
  return seen;
"""


def full_state(url):
    """The first full event of the stream, as the page gets it."""
    with urllib.request.urlopen(url + "/events", timeout=60) as stream:
        kind = ""
        for line in stream:
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                kind = text[7:]
            if text.startswith("data: ") and kind == "full":
                return json.loads(text[6:])
    raise AssertionError("the stream ended without a full state")


def today(tenant):
    """Bytes of today, or None."""
    usages = [tenant[access] for access in ("hotspot", "pppoe") if access in tenant]
    return sum(int(n) for usage in usages for n in usage["today"]) if usages else None


class LandingPage(unittest.TestCase):
    binary = ""
    screenshots = ""

    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(Browser())

    def setUp(self):
        self.server = self.enterContext(PageServer(self.binary, TENANTS))
        self.browser.size(1500, 1000)
        self.browser.prefer(prefers_color_scheme="light")
        self.open()

    def tearDown(self):
        log = [entry for entry in self.browser.log() if entry["source"] != "network" or not self.may_fail]
        self.assertEqual(log, [], "the page's console is not silent")
        self.browser.run("localStorage.clear()")
        self.browser.open("about:blank")

    may_fail = False  # requests, because the test kills the server

    def open(self):
        self.browser.open(self.server.url)
        self.wait_for_state("live")

    def state(self):
        return self.browser.run("return document.body.dataset.state")

    def wait_for_state(self, state):
        wait_for(f"the badge to say {state}", lambda: self.state() == state)
        self.assertEqual(self.text("#badge-state"), state)

    def text(self, selector):
        return self.browser.run("return document.querySelector(arguments[0]).innerText.trim()", selector)

    def rows(self):
        return self.browser.run(ROWS)

    def do(self, script):
        """Runs a script in the page and waits until what it caused has been painted."""
        self.browser.run(AFTER_FRAMES, script)

    def freeze(self):
        """No new snapshot from here on, and the page has seen the last one."""
        self.server.tell("freeze")
        time.sleep(2)  # one may be under way
        last = full_state(self.server.url)["status"]["at"]
        at = "return Number(document.body.dataset.at)"
        wait_for("the last snapshot", lambda: self.browser.run(at) == last)

    def sort_by(self, column):
        self.do(f"document.querySelector('th.c-{column} button').click()")

    def search(self, text):
        self.do(
            "const field = document.querySelector('#search');"
            f"field.value = {json.dumps(text)}; field.dispatchEvent(new Event('input'))"
        )

    def overflow(self):
        return self.browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    # -- what is shown

    def test_every_tenant_has_its_row_in_order(self):
        self.freeze()
        tenants = full_state(self.server.url)["tenants"]
        shown = {}
        height = self.browser.run("return document.documentElement.scrollHeight")
        for y in range(0, height, 600):
            self.do(f"scrollTo(0, {y})")
            shown |= {row["index"]: row["id"] for row in self.rows()}
        known = [t for t in tenants if today(t) is not None]
        expected = [t["id"] for t in sorted(known, key=today, reverse=True)]
        self.assertEqual(sorted(shown), list(range(2, TENANTS + 2)))
        ids = [shown[index] for index in sorted(shown)]
        self.assertEqual(ids[: len(expected)], expected)
        self.assertEqual(set(ids), {t["id"] for t in tenants})
        self.assertEqual(self.text("#count"), "1,000")

    def test_names_are_text_and_never_markup(self):
        self.freeze()
        names = {t["id"]: t["name"] or t["id"] for t in full_state(self.server.url)["tenants"]}
        self.assertIn("Caf\ufffd Lumi\ufffdre", names.values())
        for needle in ("<img src=x", "<script>", "caf\ufffd", "&lt;b&gt;", "wwwwwww", "desrever"):
            self.search(needle)
            found = self.rows()
            self.assertEqual(len(found), 1, needle)
            self.assertEqual(found[0]["name"], names[found[0]["id"]])
        self.assertEqual(self.browser.run("return document.querySelectorAll('#rows img, #rows script, #rows b').length"), 0)
        self.assertNotIn("owned", self.browser.run("return document.title"))

    def test_no_data_is_not_zero(self):
        self.freeze()
        self.sort_by("age")
        self.do("scrollTo(0, document.documentElement.scrollHeight)")
        last = self.rows()[-1]["cells"]
        self.assertEqual([last[i] for i in (2, 3, 4, 6)], ["—\n—"] * 4)
        self.assertEqual(last[-1], "—")

    def test_exact_bytes_are_there_for_who_points(self):
        self.freeze()
        first = self.rows()[0]
        tenant = next(t for t in full_state(self.server.url)["tenants"] if t["id"] == first["id"])
        down = sum(int(tenant[a]["total"][0]) for a in ("hotspot", "pppoe") if a in tenant)
        title = self.browser.run("""
          const cell = document.querySelector("#rows .c-total");
          cell.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
          return cell.title;
        """)
        self.assertIn(f"download {down:,} bytes", title)

    def test_only_rows_in_sight_exist(self):
        count = "return document.querySelectorAll('#rows tr').length"
        self.assertLess(self.browser.run(count), 60)
        self.do("scrollTo(0, 20000)")
        self.assertLess(self.browser.run(count), 60)
        self.assertEqual(self.browser.run("return document.querySelector('#table').getAttribute('aria-rowcount')"), "1001")

    def test_fleet_is_the_sum_of_its_tenants(self):
        self.freeze()
        tenants = full_state(self.server.url)["tenants"]
        sessions = [sum(t[a]["sessions"] for t in tenants if a in t) for a in ("hotspot", "pppoe")]
        self.assertEqual(self.text("#sessions-sum"), f"{sum(sessions):,}")
        self.assertEqual(self.text("#sessions-hotspot"), f"{sessions[0]:,}")
        self.assertEqual(self.text("#sessions-pppoe"), f"{sessions[1]:,}")
        total = sum(today(t) or 0 for t in tenants)
        self.assertEqual(self.text("#today-sum").split(), [f"{total / 1e12:.3g}", "TB"])

    # -- sort and search

    def test_every_column_sorts_both_ways(self):
        self.freeze()
        for column in ("name", "plan", "now", "today", "month", "quota", "total", "hotspot", "pppoe", "age"):
            firsts, ways = set(), set()
            for _ in range(2):
                self.sort_by(column)
                firsts.add(self.rows()[0]["id"])
                sorted_by = self.browser.run(
                    "return [...document.querySelectorAll('th')].filter((th) => th.ariaSort !== 'none')"
                    ".map((th) => [th.className.split(' ')[0], th.ariaSort])")
                self.assertEqual([name for name, _ in sorted_by], [f"c-{column}"])
                ways.add(sorted_by[0][1])
            self.assertEqual(ways, {"ascending", "descending"}, column)
            self.assertEqual(len(firsts), 2, column)

    def test_sorting_by_keyboard(self):
        self.do("document.querySelector('th.c-month button').focus()")
        self.browser.press(TAB)
        self.browser.press(ENTER)
        self.assertEqual(self.browser.run("return document.querySelector('th.c-quota').getAttribute('aria-sort')"), "descending")
        outline = self.browser.run("return getComputedStyle(document.activeElement).outlineStyle")
        self.assertEqual(outline, "solid")

    def test_search_by_keyboard(self):
        self.freeze()
        self.browser.press("/")
        self.browser.press(*"plaza 1")
        names = [row["name"] for row in self.rows()]
        self.assertTrue(names)
        for name in names:
            self.assertIn("plaza 1", name.lower())
        self.assertRegex(self.text("#count"), r"^\d+ of 1,000$")
        self.browser.press(ESCAPE)
        self.assertEqual(self.text("#count"), "1,000")

    def test_search_without_a_match_says_so(self):
        self.search("no such tenant <b>")
        self.assertEqual(self.rows(), [])
        self.assertEqual(self.text("#empty"), "No tenant matches “no such tenant <b>”.")

    # -- live

    def test_values_follow_the_snapshots(self):
        now = "return document.querySelector('#rows .c-now').innerText"
        before = self.browser.run(now)
        wait_for("a value to move", lambda: self.browser.run(now) != before)

    def test_a_cycle_writes_only_what_changed(self):
        self.do("""
          window.structure = 0;
          new MutationObserver((records) => {
            for (const record of records)
              for (const node of [...record.addedNodes, ...record.removedNodes]) structure += node.nodeType === 1;
          }).observe(document.querySelector("#rows"), { childList: true, subtree: true });
          window.updates = 0;
          new MutationObserver(() => updates++).observe(document.querySelector("#now-down"), { childList: true, subtree: true, characterData: true });
        """)
        wait_for("three updates", lambda: self.browser.run("return updates") >= 3)
        self.assertEqual(self.browser.run("return structure"), 0)

    def test_a_tenant_that_goes_leaves_the_table(self):
        self.server.tell("drop")
        wait_for("999 tenants", lambda: self.text("#count") == "999")

    def test_what_was_opened_stays_open_while_numbers_move(self):
        self.do("document.querySelector('.cases').open = true")
        before = self.text(".cases table")
        wait_for("a case to be counted", lambda: self.text(".cases table") != before)
        self.assertTrue(self.browser.run("return document.querySelector('.cases').open"))

    # -- stale, disconnected, and back

    def test_a_silent_exporter_turns_the_badge_amber(self):
        self.server.tell("freeze")
        self.wait_for_state("stale")
        self.assertRegex(self.text("#badge-detail"), r"^last update \d+ s ago$")
        self.assertIn("stale", self.browser.run("return document.title"))
        self.server.tell("thaw")
        self.wait_for_state("live")

    def test_a_hanging_exporter_turns_the_badge_amber(self):
        os.kill(self.server.pid, signal.SIGSTOP)
        self.wait_for_state("stale")
        os.kill(self.server.pid, signal.SIGCONT)
        self.wait_for_state("live")

    def test_a_silent_source_turns_the_badge_amber(self):
        self.server.tell("quiet")
        self.wait_for_state("stale")
        self.assertRegex(self.text("#badge-detail"), r"^radius: \d+ s old$")
        self.assertEqual(self.text(".card:nth-child(2) .pill"), "late")
        self.assertEqual(self.text(".card:nth-child(1) .pill"), "up")
        self.server.tell("mend")
        self.wait_for_state("live")

    def test_a_broken_source_says_what_is_wrong_and_what_to_do(self):
        self.server.tell("break")
        wait_for("the card", lambda: self.text(".card:nth-child(2) .pill") == "down")
        self.wait_for_state("stale")
        self.assertIn("refused <b>(is the server running?)</b>", self.text(".card .remark"))
        self.assertTrue(self.text(".advice pre").startswith("CREATE INDEX CONCURRENTLY"))
        self.do("document.execCommand = () => (window.copied = document.activeElement.value, true);"
                "document.querySelector('.copy').click()")
        wait_for("the button's answer", lambda: self.text(".copy") == "Copied")
        self.screenshot("broken-source")
        self.server.tell("mend")
        self.wait_for_state("live")
        self.assertEqual(self.browser.run("return document.querySelectorAll('.advice').length"), 0)

    def test_a_killed_exporter_turns_the_badge_red_and_it_comes_back(self):
        self.may_fail = True
        port = self.server.port
        icon = self.browser.run("return document.querySelector('#favicon').href")
        self.server.kill()
        self.wait_for_state("disconnected")
        wait_for("a countdown", lambda: "retry in" in self.text("#badge-detail"))
        self.assertIn("disconnected", self.browser.run("return document.title"))
        self.assertNotEqual(self.browser.run("return document.querySelector('#favicon').href"), icon)
        self.assertIn("Not connected", self.text("#notice"))
        self.assertEqual(len(self.rows()) > 10, True, "the last numbers stay")
        self.screenshot("disconnected")
        self.server = self.enterContext(PageServer(self.binary, 900, port=port))
        self.do("document.querySelector('#retry').click()")
        self.wait_for_state("live")
        self.assertEqual(self.text("#count"), "900")

    # -- looks

    def screenshot(self, name):
        self.browser.screenshot(os.path.join(self.screenshots, name + ".png"))

    def test_fits_every_width_in_both_themes(self):
        for width, height in ((1500, 1000), (1200, 900), (800, 900), (400, 800), (320, 640)):
            self.browser.size(width, height)
            for theme in ("light", "dark"):
                self.browser.prefer(prefers_color_scheme=theme)
                self.open()
                self.assertLessEqual(self.overflow(), 0, f"{width} {theme}")
                self.screenshot(f"{width}x{height}-{theme}")
                self.do("document.querySelector('#tenants').scrollIntoView()")
                self.assertLessEqual(self.overflow(), 0, f"{width} {theme}, at the tenants")
                self.screenshot(f"{width}x{height}-{theme}-tenants")

    def test_every_text_has_contrast_in_both_themes(self):
        for fault in ("mend", "break"):
            self.server.tell(fault)
            wait_for("the card", lambda f=fault: (self.text(".card:nth-child(2) .pill") == "down") == (f == "break"))
            for theme in ("light", "dark"):
                self.browser.prefer(prefers_color_scheme=theme)
                self.do("")
                seen = self.browser.run(CONTRASTS)
                self.assertGreater(len(seen), 100)
                self.assertEqual([text for text in seen if text["ratio"] < 4.5], [], theme)

    def test_theme_follows_the_system_until_it_is_chosen(self):
        theme = "return document.documentElement.dataset.theme"
        self.assertEqual(self.browser.run(theme), "light")
        self.browser.prefer(prefers_color_scheme="dark")
        wait_for("the dark theme", lambda: self.browser.run(theme) == "dark")
        self.do("document.querySelector('#theme').click()")
        self.assertEqual(self.browser.run(theme), "light")
        self.open()
        self.assertEqual(self.browser.run(theme), "light", "the choice is remembered")

    def test_nothing_moves_for_who_wants_no_motion(self):
        animation = "return getComputedStyle(document.querySelector('.dot')).animationName"
        self.assertEqual(self.browser.run(animation), "pulse")
        self.browser.prefer(prefers_color_scheme="light", prefers_reduced_motion="reduce")
        self.assertEqual(self.browser.run(animation), "none")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    LandingPage.binary, LandingPage.screenshots = sys.argv[1:3]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
