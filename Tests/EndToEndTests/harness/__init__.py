"""What the end-to-end tests stand on: the binary as a process, subscribers that record, and Tencent's side."""

from harness.admin import Admin, AdminError, Tail
from harness.gateway import Gateway
from harness.metrics import Metrics
from harness.ports import free_port
from harness.receiver import Answer, Delivery, Receiver
from harness.routes import app, routes, subscriber
from harness.tencent import APP, Callback, Tally, Tencent, pairs_body, post, post_with_curl, sample
from harness.waiting import eventually

__all__ = [
    "APP",
    "Admin",
    "AdminError",
    "Answer",
    "Callback",
    "Delivery",
    "Gateway",
    "Metrics",
    "Receiver",
    "Tail",
    "Tally",
    "Tencent",
    "app",
    "eventually",
    "free_port",
    "pairs_body",
    "post",
    "post_with_curl",
    "routes",
    "sample",
    "subscriber",
]
