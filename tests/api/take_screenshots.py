#!/usr/bin/env python3
"""Makes the pictures of the landing page that README shows: take_screenshots.py PAGE_SERVER [FOLDER].

FOLDER is docs/screenshots unless given.
"""

import os
import sys

from webdriver import Browser, PageServer, wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

PICTURES = (("landing-page.png", 1500, 1000, "light"), ("landing-page-phone.png", 400, 800, "dark"))


def take(browser, url, folder, picture):
    name, width, height, theme = picture
    browser.size(width, height)
    browser.prefer(prefers_color_scheme=theme, prefers_reduced_motion="reduce")
    browser.open(url)
    wait_for("the page", lambda: browser.run("return document.body.dataset.state") == "live")
    browser.run("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    browser.screenshot(os.path.join(folder, name))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = sys.argv[2] if len(sys.argv) > 2 else os.path.join(ROOT, "docs", "screenshots")
    with PageServer(sys.argv[1], plain=True) as server, Browser() as browser:
        for picture in PICTURES:
            take(browser, server.url, folder, picture)


if __name__ == "__main__":
    main()
