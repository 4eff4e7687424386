"""Connected pieces of a mesh, joined where vertices coincide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from backend.geometry.mesh import Mesh

resolution = 1 << 20  # steps along the mesh's longest side within which vertices are one


def welded(vertices: NDArray[np.float64], steps: int = resolution) -> NDArray[np.int64]:
    """Return an index (V,) that is equal for vertices at the same place.

    `steps` along the longest side say how near that is.
    """
    low = vertices.min(axis=0)
    step = max(float(np.ptp(vertices, axis=0).max()), 1e-300) / steps
    x, y, z = np.round((vertices - low) / step).astype(np.int64).T
    return np.unique((x << 42) | (y << 21) | z, return_inverse=True)[1].reshape(-1)


def face_components(mesh: Mesh) -> NDArray[np.int32]:
    """Return the number (F,) of the connected piece each face belongs to, from 0."""
    return components_of(welded(mesh.vertices)[mesh.faces])


def components_of(faces: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the number (F,) of the connected piece of each face (F, 3) of vertex indices."""
    count = int(faces.max()) + 1
    rows, columns = faces[:, [0, 1]].ravel(), faces[:, [1, 2]].ravel()
    graph = coo_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(count, count))
    return connected_components(graph, directed=False)[1][faces[:, 0]]
