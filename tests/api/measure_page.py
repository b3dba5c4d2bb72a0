#!/usr/bin/env python3
"""How much work the landing page is for a browser: measure_page.py PAGE_SERVER.

Prints, for 1,000 and 5,000 tenants that all change every second: the longest tasks of the page's
thread (what is under 50 ms nobody notices), while it stands and while it is scrolled from top to
bottom, and the share of a core that its scripts and layout take. Chromium slows itself down four
times for it, as a phone would.
"""

import sys

from webdriver import Browser, PageServer, wait_for

WATCH = """
  window.tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => e.duration))).observe({ entryTypes: ["longtask"] });
  window.updates = 0;
  new MutationObserver(() => updates++).observe(document.querySelector(".line-down"), { attributes: true });
"""

SCROLL = """
  return new Promise((done) => {
    const gaps = [];
    let last = performance.now();
    const step = () => {
      const now = performance.now();
      gaps.push(now - last);
      last = now;
      scrollBy(0, 400);
      if (scrollY + innerHeight >= document.documentElement.scrollHeight - 1 || gaps.length > 150) done(gaps.slice(1));
      else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
"""


def busy_seconds(browser):
    metrics = {m["name"]: m["value"] for m in browser.devtools("Performance.getMetrics")["metrics"]}
    return metrics["TaskDuration"], metrics["Timestamp"]


def measure(binary, tenants):
    with PageServer(binary, tenants) as server, Browser() as browser:
        browser.size(1500, 1000)
        browser.devtools("Performance.enable")
        browser.open(server.url)
        wait_for("the page", lambda: browser.run("return document.body.dataset.state") == "live")
        browser.devtools("Emulation.setCPUThrottlingRate", rate=4)
        browser.run(WATCH)
        busy, start = busy_seconds(browser)
        wait_for("20 updates", lambda: browser.run("return updates") >= 20)
        busy_after, end = busy_seconds(browser)
        longest = max(browser.run("return tasks"), default=0)
        gaps = sorted(browser.run(SCROLL))
        print(f"{tenants} tenants: longest task {longest or 'below 50'} ms, busy {100 * (busy_after - busy) / (end - start):.0f} % of a core; "
              f"scrolling: {len(gaps)} frames, median {gaps[len(gaps) // 2]:.0f} ms, longest {gaps[-1]:.0f} ms")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for count in (1000, 5000):
        measure(sys.argv[1], count)
