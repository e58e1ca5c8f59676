"""Several gateways of one journal, and figures over all of them."""

from harness.waiting import eventually

# How long a lane's owner keeps it without a word.
LEASE_SECONDS = 15
# Until the others have noticed and taken over, on a busy machine.
TAKEN_OVER_SECONDS = 3 * LEASE_SECONDS
# Far less than a lease: what is handed over is not waited for.
HANDED_OVER_SECONDS = LEASE_SECONDS * 2 / 3
LANES_OWNED = "switchyard_lanes_owned"


class Cluster:
    """The gateways; a figure is asked of those that a test names, or of all."""

    def __init__(self, *gateways):
        self.gateways = list(gateways)

    def start(self):
        for one in self.gateways:
            one.start()
        return self

    def lanes(self, gateways=None):
        """How many each owns."""
        return [one.metrics().sum(LANES_OWNED) for one in gateways or self.gateways]

    def wait_until_spread(self, lanes, gateways=None, timeout=TAKEN_OVER_SECONDS):
        """Until these gateways own so many between them, each its share of them."""
        shares = len(gateways or self.gateways)

        def is_spread():
            owned = self.lanes(gateways)
            assert sum(owned) == lanes and min(owned) >= lanes // shares, f"they own {owned}"
            return True

        eventually(is_spread, f"{lanes} lanes are spread over {shares} gateways", timeout)

    def figures(self, name, **labels):
        """What each gateway tells of itself."""
        return [one.metrics().sum(name, **labels) for one in self.gateways]

    def wait_until_settled(self, *subscribers, timeout=60):
        """Until no gateway owes anything to these."""
        for name in subscribers:
            eventually(lambda: sum(self.figures("switchyard_backlog_events", subscriber=name)) == 0,  # noqa: B023
                       f"nothing is owed to {name}", timeout)

    def attempts(self, subscriber):
        """How many each has made."""
        return self.figures("switchyard_delivery_attempts_total", subscriber=subscriber)
