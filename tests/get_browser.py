"""Make sure that the browser tests have a Chromium: the one found, else apt-get as root, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find() -> str | None:
    """Path of a Chromium on this machine (``$CHROMIUM`` first), or of the one that Playwright downloaded."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def main() -> int:
    """Find or fetch a browser; without one, say which tests will be skipped (an error under CONVNETS_STRICT)."""
    attempts = []
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts += [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]]
    attempts += [[sys.executable, "-m", "playwright", "install", "chromium"]]
    for command in attempts:
        if path := find():
            print(f"browser tests use {path}")
            return 0
        subprocess.run(command, check=False, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
    if path := find():
        print(f"browser tests use {path}")
        return 0
    print("no Chromium could be had: tests/test_browser.py will be skipped; set CHROMIUM to the path of one")
    return 1 if os.environ.get("CONVNETS_STRICT") else 0


if __name__ == "__main__":
    raise SystemExit(main())
