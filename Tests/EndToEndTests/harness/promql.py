"""PromQL, read far enough to know which series a query uses and which labels come out of it.

`labels_of(query, schema)` walks the query as Prometheus would evaluate it, and raises `Mistake` for a metric that
nobody exposes, a label that the metric does not have, a value that the label never takes, and a grouping or joining
label that its operand does not carry. Prometheus itself takes all of these without a word, and answers with nothing. Whether the
syntax is right is for Prometheus to say; what is not understood here is a mistake too, so nothing passes unread.
"""

import re

_TOKEN = re.compile(r"""
    (?P<blank>\s+|\#[^\n]*)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<duration>[0-9]+(?:ms|[smhdwy])(?:[0-9]+(?:ms|[smhdwy]))*)
  | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
  | (?P<name>[a-zA-Z_][a-zA-Z0-9_:]*)
  | (?P<sign>==|!=|>=|<=|=~|!~|[-+*/%^><=(){}\[\],:@])
""", re.VERBOSE)
_AGGREGATIONS = {"sum", "min", "max", "avg", "count", "stddev", "stdvar", "group", "topk", "bottomk", "quantile",
                 "count_values"}
# Of these the labels are their operand's; `time` and `vector` have none.
_FUNCTIONS = {"rate", "irate", "increase", "delta", "changes", "resets", "deriv", "predict_linear", "clamp_min",
              "clamp_max", "clamp", "max_over_time", "min_over_time", "avg_over_time", "sum_over_time", "abs", "ceil",
              "floor", "round", "last_over_time", "sort", "sort_desc"}
_STRENGTH = {"or": 1, "and": 2, "unless": 2, "==": 3, "!=": 3, "<=": 3, "<": 3, ">=": 3, ">": 3, "+": 4, "-": 4, "*": 5,
             "/": 5, "%": 5, "^": 6}
_COMPARISONS = {"==", "!=", "<=", "<", ">=", ">"}
_SETS = {"and", "or", "unless"}
SCALAR = None


class Mistake(Exception):
    """What is wrong with a query, as a sentence."""


def labels_of(query, schema):
    """The labels of the query's result as a set, or `SCALAR`.

    `schema` has for each metric its labels, and for each label the values it takes; None for a label of any value.
    """
    reader = _Reader(query, schema)
    labels = reader.expression()
    if reader.peek() is not None:
        raise Mistake(f"{reader.peek()!r} is not expected in {query!r}")
    return labels


def _tokens(query):
    place = 0
    while place < len(query):
        match = _TOKEN.match(query, place)
        if match is None:
            raise Mistake(f"{query[place:place + 10]!r} is not understood in {query!r}")
        place = match.end()
        if match.lastgroup != "blank":
            yield match.lastgroup, match[0]


class _Reader:
    def __init__(self, query, schema):
        self.query = query
        self.schema = schema
        self.tokens = list(_tokens(query))
        self.place = 0
        # The labels that the last selector has given one value: what is known of a series that is absent.
        self.pinned = frozenset()

    # Tokens.

    def peek(self, ahead=0):
        place = self.place + ahead
        return self.tokens[place][1] if place < len(self.tokens) else None

    def kind(self):
        return self.tokens[self.place][0] if self.place < len(self.tokens) else None

    def take(self, *wanted):
        if self.peek() is None or (wanted and self.peek() not in wanted):
            raise Mistake(f"{' or '.join(wanted) or 'more'} is missing before {self.peek()!r} in {self.query!r}")
        self.place += 1
        return self.tokens[self.place - 1][1]

    def took(self, *wanted):
        if self.peek() in wanted:
            self.place += 1
            return True
        return False

    def names(self):
        """`(a, b)`, as a list."""
        found = []
        self.take("(")
        while not self.took(")"):
            found.append(self.take())
            if self.peek() != ")":
                self.take(",")
        return found

    # The grammar.

    def expression(self, least=1):
        left = self.operand()
        while self.peek() in _STRENGTH and _STRENGTH[self.peek()] >= least:
            operator = self.take()
            if operator in _COMPARISONS:
                self.took("bool")
            matching, group, extra = self.matching()
            left = self.joined(left, self.expression(_STRENGTH[operator] + 1), operator, matching, group, extra)
        return left

    def matching(self):
        """`on (…) group_left (…)`: ("on" or "ignoring" or None, its labels), the group word, and its labels."""
        matching, group, extra = (None, []), None, []
        if self.peek() in ("on", "ignoring"):
            matching = (self.take(), self.names())
            if self.peek() in ("group_left", "group_right"):
                group = self.take()
                extra = self.names() if self.peek() == "(" else []
        return matching, group, extra

    def joined(self, left, right, operator, matching, group, extra):
        if left is SCALAR or right is SCALAR:
            if operator in _SETS:
                raise Mistake(f"{operator} of a number in {self.query!r}")
            return right if left is SCALAR else left
        word, labels = matching
        if word == "on":
            self.require(labels, left, "joined")
            self.require(labels, right, "joined")
        if operator == "or":
            return left | right
        if word is None and left != right:
            raise Mistake(f"{sorted(left)} and {sorted(right)} never match in {self.query!r}")
        if operator in _SETS:
            return left
        if group:
            many, one = (left, right) if group == "group_left" else (right, left)
            self.require(extra, one, "copied")
            return many | set(extra)
        if word == "on":
            return left & set(labels)
        return left - set(labels) if word == "ignoring" else left

    def operand(self):
        if self.took("-", "+"):
            return self.operand()
        if self.took("("):
            labels = self.expression()
            self.take(")")
        elif self.kind() in ("number", "string"):
            self.take()
            return SCALAR
        elif self.kind() == "name" and self.peek() in _AGGREGATIONS and self.peek(1) in ("(", "by", "without"):
            labels = self.aggregation()
        elif self.kind() == "name" and self.peek(1) == "(":
            labels = self.function()
        elif self.kind() == "name" or self.peek() == "{":
            labels = self.selector()
        else:
            raise Mistake(f"{self.peek()!r} is not understood in {self.query!r}")
        return self.range(labels)

    def range(self, labels):
        """`[5m]`, `[1h:5m]` and `offset 1d` change no labels."""
        if self.took("["):
            self.duration()
            if self.took(":") and self.peek() != "]":
                self.duration()
            self.take("]")
        if self.took("offset"):
            self.took("-")
            self.duration()
        return labels

    def duration(self):
        if self.kind() != "duration":
            raise Mistake(f"{self.peek()!r} is not a duration in {self.query!r}")
        self.take()

    def aggregation(self):
        name = self.take()
        word, labels = (self.take(), self.names()) if self.peek() in ("by", "without") else (None, [])
        operands = self.arguments()
        if word is None and self.peek() in ("by", "without"):
            word, labels = self.take(), self.names()
        operand = operands[-1]
        if operand is SCALAR:
            raise Mistake(f"{name} of a number in {self.query!r}")
        self.require(labels, operand, "grouped")
        if word == "by":
            return frozenset(labels)
        if word == "without":
            return operand - set(labels)
        return operand if name in ("topk", "bottomk") else frozenset()

    def arguments(self):
        found = []
        self.take("(")
        while not self.took(")"):
            found.append(self.expression())
            if self.peek() != ")":
                self.take(",")
        return found

    def function(self):
        name = self.take()
        operands = self.arguments()
        vectors = [operand for operand in operands if operand is not SCALAR]
        if name == "time" and not operands:
            return SCALAR
        if name in ("scalar", "vector") and len(operands) == 1:
            return SCALAR if name == "scalar" else frozenset()
        if name == "histogram_quantile" and len(vectors) == 1:
            self.require(["le"], vectors[0], "read")
            return vectors[0] - {"le"}
        if name == "absent" and len(vectors) == 1:
            return self.pinned
        if name not in _FUNCTIONS or len(vectors) != 1:
            raise Mistake(f"{name} is not understood in {self.query!r}")
        return vectors[0]

    def selector(self):
        name = self.take() if self.kind() == "name" else None
        if name is None:
            raise Mistake(f"a selector without a name in {self.query!r}")
        if name not in self.schema:
            raise Mistake(f"nobody exposes {name}, of {self.query!r}")
        labels, pinned = self.schema[name], set()
        if self.took("{"):
            while not self.took("}"):
                pinned |= self.matcher(name, labels)
                if self.peek() != "}":
                    self.take(",")
        self.pinned = frozenset(pinned)
        return frozenset(labels)

    def matcher(self, metric, labels):
        """Reads one, such as `state="open"`; returns the label if it pins it."""
        label, operator = self.take(), self.take("=", "!=", "=~", "!~")
        if self.kind() != "string":
            raise Mistake(f"{self.peek()!r} is not a string in {self.query!r}")
        wanted = self.take()[1:-1]
        if label not in labels:
            raise Mistake(f"{metric} has no label {label}, of {self.query!r}")
        values = labels[label]
        for one in [] if values is None else wanted.split("|") if "~" in operator else [wanted]:
            if not any(re.fullmatch(one, value) if "~" in operator else one == value for value in values):
                raise Mistake(f"{label} of {metric} is never {one!r}, of {self.query!r}")
        return {label} if operator == "=" else set()

    def require(self, labels, operand, verb):
        for label in labels:
            if label not in operand:
                raise Mistake(f"{label} is {verb} but is not there in {self.query!r}")
