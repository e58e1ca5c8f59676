"""Makes the pictures of the dashboard in docs/: `scripts/screenshots` runs this.

The traffic is real, and so is what the page shows of it. It flows for some minutes first, so that there is something to
be seen in the last hour.
"""

import argparse
import os
import pathlib
import tempfile
import threading
import time

from harness import Gateway
from harness.admin_stand_in import AdminStandIn, keep_telling, moment
from harness.browser import PHONE, Browser
from harness.showcase import Showcase

ROOT = pathlib.Path(__file__).parent.parent.parent
ASSETS = ROOT / "Sources/AdminAssets/Resources"
LARGEST_BYTES = 300_000
# Down to the events.
DESKTOP = (1400, 1010)


def replays():
    return [
        {"id": "replay-8c1f3a52d0e94b67", "subscriber": "search-indexer", "state": "running", "from": moment(86400),
         "to": moment(3600), "createdAt": moment(400), "totalEvents": 182_400, "isExact": True, "doneEvents": 117_310,
         "waitingEvents": 4, "deadLetters": 0, "rateLimit": "200/s"},
        {"id": "replay-04be77d19c2a5f10", "subscriber": "growth-funnel", "state": "done", "from": moment(172800),
         "to": moment(90000), "createdAt": moment(52000), "endedAt": moment(51000), "totalEvents": 9120,
         "isExact": True, "doneEvents": 9120, "waitingEvents": 0, "deadLetters": 2},
    ]


def take(browser, url, folder):
    for name, scheme, size in [("light", "light", DESKTOP), ("dark", "dark", DESKTOP), ("phone", "light", PHONE)]:
        browser.prefer(prefers_color_scheme=scheme)
        browser.size(*size, mobile=name == "phone")
        browser.open(url).wait_until_live()
        browser.type("#event-query", "林晓雯")
        browser.click("#event-form button")
        browser.run("document.activeElement.blur()")
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
        # The style and scripts as they are in the sources now, so that one can work on them without building.
        stand_in = AdminStandIn(gateway, assets=ASSETS).start()
        stand_in.replays = replays()
        threading.Thread(target=keep_telling, daemon=True,
                         args=(stand_in, list(showcase.receivers.values()), showcase.stopping)).start()
        browser = Browser(directory / "profile")
        try:
            time.sleep(options.minutes * 60)
            take(browser, stand_in.url, options.folder)
            while options.again:
                input()
                take(browser, stand_in.url, options.folder)
            for message in browser.complaints:
                print("the console says:", message)
            large = [path.name for path in options.folder.glob("dashboard-*.png") if path.stat().st_size > LARGEST_BYTES]
            assert not large, f"too large for a repository: {large}"
        finally:
            browser.stop()
            stand_in.stop()
            showcase.stop()
            gateway.terminate()


if __name__ == "__main__":
    main()
