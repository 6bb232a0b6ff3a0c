"""Connected components of a graph of identifiers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def components(nodes: int, from_nos: Sequence[int], to_nos: Sequence[int]) -> list[int]:
    """
    Return the number of the component of each node, in linear time and whatever the order of the edges.

    :param nodes: number of nodes, which are numbered from 0.
    :param from_nos, to_nos: the ends of each edge.
    """
    ends = np.asarray(from_nos, dtype=np.int32), np.asarray(to_nos, dtype=np.int32)
    edges = coo_array((np.ones(len(from_nos), dtype=np.int8), ends), shape=(nodes, nodes))
    found: list[int] = connected_components(edges, directed=False)[1].tolist()
    return found
