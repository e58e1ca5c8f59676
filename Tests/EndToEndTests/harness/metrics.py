"""The Prometheus text format, read back."""

import re

_SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


class Metrics:
    """One scrape: samples by name and labels, families by name."""

    def __init__(self, text):
        self.text = text
        self.types = {}
        self.help = {}
        self.samples = []
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ", 3)
                self.types[name] = kind
            elif line.startswith("# HELP "):
                _, _, name, sentence = line.split(" ", 3)
                self.help[name] = sentence
            elif line and not line.startswith("#"):
                match = _SAMPLE.match(line)
                assert match, f"not a sample line: {line!r}"
                self.samples.append((match[1], dict(_LABEL.findall(match[2] or "")), float(match[3])))

    def series(self, name, **labels):
        """Every sample of that name that carries these labels, as (labels, value)."""
        return [(has, value) for sample, has, value in self.samples
                if sample == name and labels.items() <= has.items()]

    def value(self, name, **labels):
        """The one sample with these labels; None if there is none."""
        found = self.series(name, **labels)
        assert len(found) <= 1, f"{name}{labels} is not one series: {found}"
        return found[0][1] if found else None

    def sum(self, name, **labels):
        """The sum over all samples with these labels."""
        return sum(value for _, value in self.series(name, **labels))

    def state(self, subscriber):
        """The state a subscriber is shown in; exactly one may be 1."""
        states = [labels["state"] for labels, value in
                  self.series("switchyard_subscriber_state", subscriber=subscriber) if value == 1]
        assert len(states) == 1, f"{subscriber} is in the states {states}"
        return states[0]
