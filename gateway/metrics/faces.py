"""What the faces count: GraphQL operations by root field, errors by code, writes under a key."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

from db.figures import Histogram
from schema.operation.idempotency.running import Running

from .tally import BOUNDS

# Codes are ours, and there are some fifty: this only bounds what a mistake of ours could do.
MOST_CODES = 200
OTHER = "OTHER"
# An alert asks how much this grew: a series that begins with 1 has not grown.
BUG = "INTERNAL_SERVER_ERROR"


class FieldLabels(NamedTuple):
    """The labels of a GraphQL operation; names that clients choose are not among them."""

    type: str
    field: str


class OperationTimes:
    """Durations of GraphQL queries and mutations, by the field of the schema that they ask for."""

    def __init__(self) -> None:
        self._times: dict[FieldLabels, Histogram] = {}

    def add(self, type: str, field: str, seconds: float) -> None:
        """Counts one operation."""
        key = FieldLabels(type, field)
        times = self._times.get(key)
        if times is None:
            times = self._times[key] = Histogram(BOUNDS)
        times.add(seconds)

    def collect(self) -> Iterator[Metric]:
        """Yields the durations in the form that Prometheus collects."""
        seconds = HistogramMetricFamily(
            "connect_graphql_operation_seconds",
            "Seconds that executing a GraphQL query or mutation took, by its root field.",
            labels=FieldLabels._fields,
        )
        for key, times in list(self._times.items()):
            seconds.add_metric(key, times.cumulative(), times.total)
        yield seconds


class GraphQLFigures:
    """Reads how GraphQL operations were executed whenever the metrics are collected."""

    def __init__(self, counts: Mapping[tuple[str, str], int], persisted: Mapping[str, int]) -> None:
        self._counts = counts
        self._persisted = persisted

    def collect(self) -> Iterator[Metric]:
        """Yields operations by how they were executed, and identifiers by what became of them."""
        family = CounterMetricFamily(
            "connect_graphql_operations",
            "GraphQL operations by how they were executed, and why not by their plan.",
            labels=["execution", "reason"],
        )
        for labels, count in list(self._counts.items()):
            family.add_metric(labels, count)
        yield family
        persisted = CounterMetricFamily(
            "connect_graphql_persisted",
            "Identifiers of GraphQL documents by what became of them.",
            labels=["outcome"],
        )
        for outcome, count in list(self._persisted.items()):
            persisted.add_metric([outcome], count)
        yield persisted


class ErrorFigures:
    """Reads the codes of errors that each face has answered."""

    def __init__(self) -> None:
        self._counts: list[tuple[str, Counter[str]]] = []

    def watch(self, face: str, counts: Counter[str], *, may_fail: bool = True) -> None:
        """Adds the counts of a face; one that `may_fail` shows that there was no bug yet."""
        if may_fail:
            counts.setdefault(BUG, 0)
        self._counts.append((face, counts))

    def collect(self) -> Iterator[Metric]:
        """Yields the errors by face and code."""
        errors = CounterMetricFamily(
            "connect_errors",
            "Errors that were answered, by code; of the gateway: before a face saw the request.",
            labels=["face", "code"],
        )
        sums: Counter[tuple[str, str]] = Counter()
        for face, counts in self._counts:
            for code, count in counts.items():
                is_known = (face, code) in sums or len(sums) < MOST_CODES
                sums[face, code if is_known else OTHER] += count
        for labels, count in sums.items():
            errors.add_metric(labels, count)
        yield errors


class KeyedFigures:
    """Reads how many writes under an `Idempotency-Key` were made, and how many were replayed."""

    def __init__(self, keyed: Running) -> None:
        self._keyed = keyed

    def collect(self) -> Iterator[Metric]:
        """Yields the writes by outcome."""
        writes = CounterMetricFamily(
            "connect_idempotent_writes",
            "Writes under an Idempotency-Key: `made`, or `replayed` from an earlier one.",
            labels=["outcome"],
        )
        writes.add_metric(["made"], self._keyed.made)
        writes.add_metric(["replayed"], self._keyed.replayed)
        yield writes
