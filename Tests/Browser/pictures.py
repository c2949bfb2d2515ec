"""Makes the README's pictures (docs/pictures) of a fresh demonstration company."""

import os
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from company import ROOT, Company
from conftest import ARGUMENTS, CHROMIUM
from visitor import Visitor

PICTURES = {"tasks": ("emma", "/"), "task": ("ada", "task"), "money": ("abe", "/money")}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        company = Company(Path(folder))
        company.start()
        extra = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS + extra)
        try:
            for name, (person, path) in PICTURES.items():
                visitor = Visitor(browser, company, window={"width": 1280, "height": 760})
                visitor.sign_in(person)
                visitor.open(address(company, path))
                visitor.page.screenshot(path=ROOT / "docs/pictures" / f"{name}.png")
                visitor.leave()
        finally:
            browser.close()
            company.stop()


def address(company: Company, path: str) -> str:
    if path == "task":
        # The one that has been dealt most often has the most to tell.
        tasks = company.call("ada", "GET", "/api/tasks?status=done&limit=100")["items"]
        return "/tasks/" + max(tasks, key=lambda task: task["revision"])["id"]
    return path


if __name__ == "__main__":
    main()
