"""Makes the pictures of the dashboard in docs/: `scripts/screenshots` runs this.

The traffic is real, and so is what the page shows of it. It flows for some minutes first, so that there is something to
be seen in the last hour.
"""

import argparse
import datetime
import os
import pathlib
import tempfile
import time

from harness import Admin, Gateway
from harness.browser import PHONE, Browser
from harness.showcase import Showcase

ROOT = pathlib.Path(__file__).parent.parent.parent
LARGEST_BYTES = 300_000
# Down to the events.
DESKTOP = (1400, 1010)


def start_replays(gateway):
    """One that is done, and one that goes on for long."""
    admin = Admin(gateway)
    past = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    admin.post("/v1/replays", {"subscriber": "push-notifier", "from": past, "events": ["friend.deleted"]})
    admin.post("/v1/replays", {"subscriber": "search-indexer", "from": past, "rateLimit": "2/s"})


def take(browser, url, folder):
    for name, scheme, size in [("light", "light", DESKTOP), ("dark", "dark", DESKTOP), ("phone", "light", PHONE)]:
        browser.prefer(prefers_color_scheme=scheme)
        browser.size(*size, mobile=name == "phone")
        browser.open(url).wait_until_live()
        browser.type("#event-query", "林晓雯")
        browser.click("#event-form button")
        browser.run("document.activeElement.blur(); window.scrollTo(0, 0)")
        time.sleep(6)  # Until the list of live attempts has filled; a picture, not a test.
        path = folder / f"dashboard-{name}.png"
        browser.picture(path)
        print(f"{path}: {path.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long traffic flows first")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "docs")
    parser.add_argument("--again", action="store_true", help="take them again each time that Enter is pressed")
    options = parser.parse_args()
    binary = pathlib.Path(os.environ.get("SWITCHYARD_BINARY") or ROOT / ".build/debug/switchyard").absolute()
    showcase = Showcase()
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        gateway = Gateway(binary, directory, showcase.routes()).start()
        showcase.start(gateway)
        browser = Browser(directory / "profile")
        try:
            time.sleep(options.minutes * 60)
            start_replays(gateway)
            take(browser, gateway.admin_url, options.folder)
            while options.again:
                input()
                take(browser, gateway.admin_url, options.folder)
            for message in browser.complaints:
                print("the console says:", message)
            large = [path.name for path in options.folder.glob("dashboard-*.png") if path.stat().st_size > LARGEST_BYTES]
            assert not large, f"too large for a repository: {large}"
        finally:
            browser.stop()
            showcase.stop()
            gateway.terminate()


if __name__ == "__main__":
    main()
