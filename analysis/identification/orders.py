"""Whole counts under lower bounds, upper bounds and orders: exact, tightest, explained.

Every assumption used here has the form «this count exceeds that one by at least so many», where
that one may be zero. Such a system of difference constraints is solved exactly by longest paths
(Cormen, Leiserson, Rivest and Stein, *Introduction to Algorithms*, 24.4): the bound of a count is
the heaviest path to it, a contradiction is a cycle of positive weight, and the constraints along
the path or the cycle are the explanation. Its solutions are closed under the smaller and the
larger of each count, so that one smallest and one largest vector exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

_FAR = -(10**9)  # no path: lower than any sum of gaps


class InfeasibleError(ValueError):
    """No vector of counts fulfils the constraints; carries an irreducible set of reasons."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        self.reasons = reasons
        names = "; ".join(f"{reason.kind} {' '.join(reason.rows)}" for reason in reasons)
        super().__init__(f"Ningún vector de recuentos cumple a la vez: {names}.")


@dataclass(frozen=True, order=True)
class Reason:
    """Why a constraint holds.

    Parameters
    ----------
    kind : str
        ``claim`` (a published claim), ``ascending`` (numbering of a chart), ``strata`` (Tabla 1)
        or ``frame`` (nobody counts fewer than none or more than all).
    rows : tuple of str
        Claims read, or the two actions compared.
    """

    kind: str
    rows: tuple[str, ...] = ()


FRAME = Reason("frame")


@dataclass(frozen=True)
class Constraint:
    """``greater`` exceeds ``lesser`` by ``gap`` or more; None stands for zero.

    Parameters
    ----------
    greater, lesser : str or None
        Names of counts.
    gap : int
        Least difference, in units of the count; negative for an upper bound.
    reason : Reason
        Where it comes from.
    """

    greater: str | None
    lesser: str | None
    gap: int
    reason: Reason


def at_least(name: str, value: int, reason: Reason) -> Constraint:
    """Bound a count from below."""
    return Constraint(name, None, value, reason)


def at_most(name: str, value: int, reason: Reason) -> Constraint:
    """Bound a count from above."""
    return Constraint(None, name, -value, reason)


@dataclass(frozen=True)
class OrderSystem:
    """Whole counts from 0 to ``n`` under constraints.

    Parameters
    ----------
    names : tuple of str
        Counts.
    n : int
        Size of the base: no count exceeds it.
    constraints : tuple of Constraint
        What is assumed of them, the frame apart.
    """

    names: tuple[str, ...]
    n: int
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a constraint on a count that is not there."""
        if self.n < 0:
            raise ValueError(f"La base no puede ser negativa: {self.n}.")
        known = {*self.names, None}
        for constraint in self.constraints:
            for name in (constraint.greater, constraint.lesser):
                if name not in known:
                    raise ValueError(f"«{name}» no está entre los recuentos: {self.names}.")

    @cached_property
    def _edges(self) -> list[tuple[int, int, int, Reason]]:
        """Every constraint, the frame first: greater, lesser, gap, reason; 0 stands for zero."""
        place = {None: 0, **{name: i for i, name in enumerate(self.names, 1)}}
        edges = [(place[name], 0, 0, FRAME) for name in self.names]
        edges += [(0, place[name], -self.n, FRAME) for name in self.names]
        edges += [(place[c.greater], place[c.lesser], c.gap, c.reason) for c in self.constraints]
        return edges

    @cached_property
    def _gaps(self) -> list[list[int]]:
        """Greatest implied gap between every two counts (place 0 is zero): heaviest paths."""
        return _closure(len(self.names) + 1, [edge[:3] for edge in self._edges])

    @cached_property
    def feasible(self) -> bool:
        """Whether some vector fulfils everything."""
        return all(row[i] <= 0 for i, row in enumerate(self._gaps))

    def _solved(self) -> list[list[int]]:
        if not self.feasible:
            raise InfeasibleError(self.contradiction())
        return self._gaps

    def _place(self, name: str) -> int:
        return self.names.index(name) + 1

    def contradiction(self) -> tuple[Reason, ...]:
        """Return reasons that cannot hold together, and could if any of them were dropped.

        Returns
        -------
        tuple of Reason
            Empty when the system is feasible.
        """
        if self.feasible:
            return ()
        size = len(self.names) + 1
        cycles = [_walk(size, self._edges, start, start, 1) for start in range(size)]
        shortest = min((cycle for cycle in cycles if cycle is not None), key=len)
        kept = list(_reasons(shortest))
        for reason in tuple(kept):  # a reason may bring more than the edge that was used
            fewer = [r for r in kept if r != reason]
            if not self.only(fewer).feasible:
                kept = fewer
        return tuple(kept)

    def only(self, reasons: Sequence[Reason]) -> OrderSystem:
        """Keep the constraints of some reasons."""
        chosen = tuple(c for c in self.constraints if c.reason in reasons)
        return OrderSystem(self.names, self.n, chosen)

    def without(self, reasons: Sequence[Reason]) -> OrderSystem:
        """Drop the constraints of some reasons."""
        chosen = tuple(c for c in self.constraints if c.reason not in reasons)
        return OrderSystem(self.names, self.n, chosen)

    def bounds(self, name: str) -> tuple[int, int]:
        """Return the least and the greatest possible count; both are attained."""
        gaps, i = self._solved(), self._place(name)
        return gaps[i][0], -gaps[0][i]

    def because(self, name: str) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
        """Return irreducible reasons of each bound; empty where only the frame bounds."""
        i, size = self._place(name), len(self.names) + 1
        lower, upper = self.bounds(name)
        below = _walk(size, self._edges, i, 0, lower)
        above = _walk(size, self._edges, 0, i, -upper)
        return _reasons(below or []), _reasons(above or [])

    def difference(self, first: str, second: str) -> tuple[int, int]:
        """Bound the first count minus the second; both bounds are attained."""
        gaps, i, j = self._solved(), self._place(first), self._place(second)
        if i == j:
            return 0, 0
        return gaps[i][j], -gaps[j][i]

    def smallest(self, fixed: str | None = None, value: int = 0) -> dict[str, int]:
        """Return the vector that is smallest in every count, given the value of one if named.

        The value must lie within the bounds of that count.
        """
        gaps, j = self._solved(), self._place(fixed) if fixed else 0
        return {
            name: max(gaps[i][0], value + gaps[i][j]) if i != j else value
            for i, name in enumerate(self.names, 1)
        }

    def largest(self, fixed: str | None = None, value: int = 0) -> dict[str, int]:
        """Return the vector that is largest in every count, given the value of one if named."""
        gaps, j = self._solved(), self._place(fixed) if fixed else 0
        return {
            name: min(-gaps[0][i], value - gaps[j][i]) if i != j else value
            for i, name in enumerate(self.names, 1)
        }

    def mean(self) -> tuple[Fraction, Fraction]:
        """Bound the mean count; both bounds are attained."""
        ends = (self.smallest(), self.largest())
        low, high = (Fraction(sum(end.values()), len(self.names)) for end in ends)
        return low, high

    def rank(self, name: str) -> tuple[int, int]:
        """Bound the place of a count from the greatest, 1 being first; ties share the best place.

        With the count held at a value, the smallest vector has the fewest counts above it and
        the largest vector the most; every possible value is tried, so both bounds are attained.
        """
        lower, upper = self.bounds(name)
        values = range(lower, upper + 1)
        best = min(_above(self.smallest(name, value), value) for value in values)
        worst = max(_above(self.largest(name, value), value) for value in values)
        return 1 + best, 1 + worst

    def linear(self, weights: Mapping[str, int]) -> tuple[int, int]:
        """Bound a weighted sum of counts, exactly.

        The matrix of a difference system is totally unimodular, so that the linear program has
        a whole solution; it is checked here in whole numbers against every constraint.

        Parameters
        ----------
        weights : mapping of str to int
            Weight of each count; those left out weigh nothing.
        """
        self._solved()
        ends = []
        for sign in (1, -1):
            vector = self._optimum({name: sign * weight for name, weight in weights.items()})
            ends.append(sum(weight * vector[name] for name, weight in weights.items()))
        return ends[0], ends[1]

    def _optimum(self, weights: Mapping[str, int]) -> dict[str, int]:
        import numpy as np  # scipy takes a second; only weighted sums need it
        from scipy.optimize import linprog

        size = len(self.names)
        rows, limits = [], []
        for greater, lesser, gap, _ in self._edges:
            row = np.zeros(size + 1)
            row[greater] -= 1
            row[lesser] += 1
            rows.append(row[1:])
            limits.append(-gap)
        cost = [weights.get(name, 0) for name in self.names]
        found = linprog(cost, A_ub=np.array(rows), b_ub=limits, bounds=(0, self.n), method="highs")
        vector = {name: round(x) for name, x in zip(self.names, found.x, strict=True)}
        if not self.fulfilled(vector):
            raise ArithmeticError("La solución del programa lineal no es exacta.")
        return vector

    def fulfilled(self, vector: Mapping[str, int]) -> bool:
        """Tell whether a vector of counts fulfils everything."""
        values = [0, *(vector[name] for name in self.names)]
        return all(values[g] - values[s] >= gap for g, s, gap, _ in self._edges)

    def vectors(self) -> Iterator[dict[str, int]]:
        """Yield every possible vector, the smallest first; never a dead end."""
        gaps = self._solved()

        def extend(chosen: list[int]) -> Iterator[list[int]]:
            i = len(chosen)
            if i > len(self.names):
                yield chosen
                return
            lower = max(value + gaps[i][j] for j, value in enumerate(chosen))
            upper = min(value - gaps[j][i] for j, value in enumerate(chosen))
            for value in range(lower, upper + 1):
                yield from extend([*chosen, value])

        for _, *values in extend([0]):
            yield dict(zip(self.names, values, strict=True))

    def count_vectors(self) -> int:
        """Count the possible vectors exactly; 0 when there is none.

        Counts are added one at a time; only the values of those that are still compared with one
        to come are remembered, and vectors that agree in them are counted together.
        """
        if not self.feasible:
            return 0
        gaps = self._gaps
        neighbours: dict[int, dict[int, tuple[int, int]]] = {}
        for i, j, _ in self._needed():
            for a, b in ((i, j), (j, i)):
                neighbours.setdefault(a, {})[b] = (gaps[a][b], -gaps[b][a])
        left = set(range(1, len(self.names) + 1))
        frontier: list[int] = []
        states: Counter[tuple[int, ...]] = Counter({(): 1})
        while left:
            new = min(left, key=lambda v: (len(_open({*frontier, v}, left - {v}, neighbours)), v))
            left.remove(new)
            kept = [v for v in (*frontier, new) if v in _open({*frontier, new}, left, neighbours)]
            states = self._add(states, frontier, new, kept, neighbours.get(new, {}))
            frontier = kept
        return states[()]

    def _add(
        self,
        states: Counter[tuple[int, ...]],
        frontier: Sequence[int],
        new: int,
        kept: Sequence[int],
        limits: Mapping[int, tuple[int, int]],
    ) -> Counter[tuple[int, ...]]:
        """Add a count to the vectors and forget what nothing to come is compared with."""
        low, high = self._gaps[new][0], -self._gaps[0][new]
        places = [(*frontier, new).index(v) for v in kept]
        result: Counter[tuple[int, ...]] = Counter()
        for state, ways in states.items():
            lower, upper = low, high
            for other, value in zip(frontier, state, strict=True):
                if other in limits:
                    lower = max(lower, value + limits[other][0])
                    upper = min(upper, value + limits[other][1])
            for value in range(lower, upper + 1):
                full = (*state, value)
                result[tuple(full[p] for p in places)] += ways
        return result

    def _needed(self) -> list[tuple[int, int, int]]:
        """Orders between two counts that do not follow from the rest."""
        gaps, size = self._gaps, len(self.names) + 1
        ends = [(i, 0, gaps[i][0]) for i in range(1, size)]
        ends += [(0, i, gaps[0][i]) for i in range(1, size)]
        tightest: dict[tuple[int, int], int] = {}
        for i, j, gap, _ in self._edges:
            if i and j and gap > gaps[i][0] + gaps[0][j]:
                tightest[i, j] = max(gap, tightest.get((i, j), gap))
        orders = [(i, j, gap) for (i, j), gap in tightest.items()]
        for order in tuple(orders):
            rest = [o for o in orders if o != order]
            if _closure(size, [*ends, *rest])[order[0]][order[1]] >= order[2]:
                orders = rest
        return orders


def _above(vector: Mapping[str, int], value: int) -> int:
    return sum(other > value for other in vector.values())


def _open(
    chosen: set[int], left: set[int], neighbours: Mapping[int, Mapping[int, object]]
) -> set[int]:
    """Find the counts already chosen that are compared with one to come."""
    return {v for v in chosen if left & neighbours.get(v, {}).keys()}


def _closure(size: int, edges: Sequence[tuple[int, int, int]]) -> list[list[int]]:
    """Return the heaviest path between every two places (Floyd 1962; Warshall 1962)."""
    gaps = [[0 if i == j else _FAR for j in range(size)] for i in range(size)]
    for i, j, gap in edges:
        gaps[i][j] = max(gaps[i][j], gap)
    for k in range(size):
        through = gaps[k]
        for row in gaps:
            first = row[k]
            if first > _FAR // 2:
                for j in range(size):
                    if first + through[j] > row[j]:
                        row[j] = first + through[j]
    return gaps


def _walk(
    size: int, edges: Sequence[tuple[int, int, int, Reason]], start: int, end: int, weight: int
) -> list[Reason] | None:
    """Return the reasons along a walk of at least this weight, with as few steps as possible."""
    heaviest = [_FAR] * size
    heaviest[start] = 0
    steps: list[list[int | None]] = []  # by number of steps: the last edge to each place
    if start == end and weight <= 0:
        return []
    while len(steps) <= size:
        longer, last = [_FAR] * size, [None] * size
        for number, (i, j, gap, _) in enumerate(edges):
            if heaviest[i] > _FAR // 2 and heaviest[i] + gap > longer[j]:
                longer[j], last[j] = heaviest[i] + gap, number
        heaviest = longer
        steps.append(last)
        if heaviest[end] >= weight:
            found, place = [], end
            for last in reversed(steps):
                i, _, _, reason = edges[last[place]]
                found.append(reason)
                place = i
            return found[::-1]
    return None


def _reasons(walk: Sequence[Reason]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reason for reason in walk if reason != FRAME))
