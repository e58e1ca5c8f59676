"""Routes files, written as JSON, which YAML contains."""

import json

from harness.tencent import APP

# Soon enough for a test, and without chance.
QUICK_RETRIES = {"delays": ["200ms"], "jitter": 0}


def app(sdkappid=APP, **keys):
    return {"sdkappid": sdkappid, **keys}


def subscriber(receiver, **keys):
    """The entry for a `Receiver`; keys overwrite what follows from it."""
    entry = {"name": receiver.name, "url": receiver.url, "events": ["*"], "retry": QUICK_RETRIES}
    if receiver.secret:
        entry["secrets"] = [receiver.secret]
    return {**entry, **keys}


def routes(*subscribers, apps=None, **top):
    document = {"version": 1, "apps": apps if apps is not None else [app()], **top, "subscribers": list(subscribers)}
    return json.dumps(document, indent=2) + "\n"
