"""Iterators over what other iterables have. Source: https://docs.python.org/3/library/itertools.html."""

from _architect import unknown as _unknown


class chain:
    def __new__(cls, *iterables):
        return [item for iterable in iterables for item in iterable]

    @staticmethod
    def from_iterable(iterables):
        return [item for iterable in iterables for item in iterable]


def product(*iterables, repeat=1):
    result = [()]
    for iterable in list(iterables) * repeat:
        items = list(iterable)
        result = [(*known, item) for known in result for item in items]
    return result


def permutations(iterable, r=None):
    items = list(iterable)
    places = range(len(items))
    count = len(items) if r is None else r
    found = [at for at in product(places, repeat=count) if len(set(at)) == count]
    return [tuple([items[at] for at in places]) for places in found]


def combinations(iterable, r):
    items = list(iterable)
    found = [at for at in product(range(len(items)), repeat=r) if list(at) == sorted(set(at))]
    return [tuple([items[at] for at in places]) for places in found]


def pairwise(iterable):
    items = list(iterable)
    return list(zip(items, items[1:]))


def batched(iterable, n):
    items = list(iterable)
    return [tuple(items[at : at + n]) for at in range(0, len(items), n)]


def islice(iterable, *bounds):
    items = list(iterable)
    if len(bounds) == 1:
        return items[: bounds[0]]
    return items[bounds[0] : bounds[1] : bounds[2] if len(bounds) > 2 else 1]


def repeat(object, times=None):
    return _unknown("something that is repeated for ever") if times is None else [object] * times


def count(start=0, step=1):
    return _unknown("a count that does not end")


def cycle(iterable):
    return _unknown("something that is repeated for ever")


def starmap(function, iterable):
    return [function(*args) for args in iterable]


def filterfalse(predicate, iterable):
    return [item for item in iterable if not (item if predicate is None else predicate(item))]


def takewhile(predicate, iterable):
    result = []
    for item in iterable:
        if not predicate(item):
            break
        result.append(item)
    return result


def compress(data, selectors):
    return [item for item, selected in zip(data, selectors) if selected]


def tee(iterable, n=2):
    items = list(iterable)
    return tuple([items for at in range(n)])


def groupby(iterable, key=None):
    result = []
    for item in iterable:
        name = item if key is None else key(item)
        if result and result[-1][0] == name:
            result[-1][1].append(item)
        else:
            result.append((name, [item]))
    return result
