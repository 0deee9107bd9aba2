"""The Pareto front of accuracy against compute: the settings that no other one beats on both."""

from collections.abc import Sequence


def pareto_front(costs: Sequence[float], values: Sequence[float]) -> tuple[int, ...]:
    """Positions of the points that no other one has at least the value of for no more cost; cheapest first.

    Of points that are equal in both, the first stands for them. NaN is on no front. Point estimates are compared: what
    the intervals leave open is for whoever looks at them.
    """
    if len(costs) != len(values):
        raise ValueError(f"a cost and a value for each point expected, got {len(costs)} and {len(values)}")
    known = [at for at in range(len(costs)) if costs[at] == costs[at] and values[at] == values[at]]
    front: list[int] = []
    for at in sorted(known, key=lambda each: (costs[each], -values[each])):
        if not front or values[at] > values[front[-1]]:
            front.append(at)
    return tuple(front)
