"""Documents of the admin API, as a gateway with some history would answer."""

BATCH = "0199f2c4-8a51-7c3e-9d10-2b7e6f0a4c11"
EVENT = f"{BATCH}-0"
REPLAY = "replay-0123456789abcdef"
TIME = "2026-11-20T20:36:00.123Z"
OUTCOMES = ["success", "http_3xx", "http_4xx", "http_5xx", "timeout", "connect", "dns", "tls", "blocked", "other"]


def subscriber(name="moderation", **members):
    return {
        "name": name, "url": f"https://{name}.example/hooks", "fingerprint": "60303ae22b998861", "events": ["*"],
        "state": "closed", "backlogEvents": 1234567, "oldestUndelivered": TIME, "retriesWaiting": 1, "deadLetters": 2,
        "inFlight": 1, "cursor": 1039, "delivered": 900, "dead": 2, "expired": 0,
        "attempts": {outcome: 0 for outcome in OUTCOMES},
        "recent": {"windowSeconds": 300, "attempts": 500, "successRate": 0.998, "attemptP50Seconds": 0.012,
                   "attemptP99Seconds": 1.25, "deliveredPerSecond": 12.34, "deliveredPerMinute": [1, 2]},
        **members,
    }


def subscribers(*items, removed=(), **members):
    return {"subscribers": list(items), "removed": list(removed), **members}


def removed(name="archive", **members):
    return {"name": name, "cursor": 7, "behindEvents": 4321, "deadLetters": 3, "forgetAt": TIME, **members}


def stats(*subscribers_, problems=(), **members):
    return {
        "version": "0.1.0", "startedAt": TIME,
        "callbacks": {"accepted": 340, "duplicate": 2, "rejected": 5}, "events": {"accepted": 1041},
        "journal": {"head": 1042, "sizeBytes": 1 << 20, "freeBytes": 9 << 30, "volumeBytes": 10 << 30},
        "routes": {
            "fingerprint": "9f86d081884c7d65", "loadedAt": TIME,
            "apps": [{"sdkAppId": 1400000000, "fingerprint": "aa"}], "decisionsFingerprint": "bb",
            "problems": list(problems),
        },
        "recent": {"windowSeconds": 300, "callbacksPerSecond": 3.4, "eventsPerSecond": 10.4, "deliveredPerSecond": 9.9,
                   "acknowledgedP50Seconds": 0.002, "acknowledgedP99Seconds": 0.02},
        "subscribers": list(subscribers_), **members,
    }


def attempt(number=1, **members):
    return {
        "at": TIME, "subscriber": "moderation", "attempt": number, "outcome": "http_5xx", "status": 503,
        "durationSeconds": 0.0123, "error": "the answer was 503", "events": 1, "eventId": EVENT,
        "type": "com.tencent.chat.blocklist.added", **members,
    }


def story(*deliveries, **members):
    return {
        "event": {
            "specversion": "1.0", "id": EVENT, "source": "/tencent-chat/apps/1400000000",
            "type": "com.tencent.chat.blocklist.added", "time": TIME, "partitionkey": "alice|bob",
            "datacontenttype": "application/json",
            "data": {"sdkAppId": 1400000000, "command": "Sns.CallbackBlackListAdd", "from": "alice", "to": "bob",
                     "item": {"From_Account": "alice", "To_Account": "bob"}, "callback": {}},
        },
        "callback": {
            "id": BATCH, "command": "Sns.CallbackBlackListAdd", "sdkAppId": 1400000000, "receivedAt": TIME,
            "peer": "203.0.113.7", "requestId": "11111111-2222-4333-8444-555555555555", "events": 3, "sequence": 1041,
            "checks": [{"name": "app", "result": "known"}, {"name": "sign", "result": "right"}],
        },
        "subscribers": list(deliveries), **members,
    }


def delivery(name="moderation", state="delivered", attempts=(), **members):
    return {"subscriber": name, "state": state, "attempts": list(attempts), **members}


def dead_letter(number=1041, **members):
    return {
        "id": f"3-{number}", "subscriber": "moderation", "state": "dead", "events": 1, "eventId": EVENT,
        "type": "com.tencent.chat.blocklist.added", "acceptedAt": TIME, "endedAt": TIME, "attempts": 7,
        "error": "the answer was 422", **members,
    }


def dead_letter_story(**members):
    return {
        "deadLetter": dead_letter(), "eventIds": [EVENT],
        "request": {
            "method": "POST", "url": "https://moderation.example/hooks",
            "headers": [{"name": "webhook-id", "value": EVENT}], "body": '{"specversion":"1.0"}',
        },
        "attempts": [attempt(7, status=422, outcome="http_4xx", error="the answer was 422",
                             response={"body": "no such user", "isCut": False})],
        **members,
    }


def action(dead_letters, more=False, **members):
    return {"deadLetters": dead_letters, "events": dead_letters * 2, "more": more, **members}


def plan(total=12345, **members):
    return {"subscriber": "moderation", "from": TIME, "to": "2026-11-20T21:36:00.123Z", "totalEvents": total,
            "isExact": True, **members}


def replay(state="running", done=0, total=12345, **members):
    ended = {"endedAt": TIME} if state in ("done", "cancelled") else {}
    return {
        "id": REPLAY, "subscriber": "moderation", "state": state, "from": TIME, "to": "2026-11-20T21:36:00.123Z",
        "createdAt": TIME, "totalEvents": total, "isExact": True, "doneEvents": done, "waitingEvents": 0,
        "deadLetters": 0, **ended, **members,
    }


def change(**members):
    return {"dryRun": False, "fingerprint": "60303ae22b998861", "added": [], "removed": [], "changed": [],
            "apps": {"added": [], "removed": [], "changed": []}, "decisionsChanged": False, "warnings": [], **members}


def backup(path, **members):
    return {"path": path, "sizeBytes": 5 << 20, "head": 1042, "events": 1041, "durationSeconds": 1.5, **members}
