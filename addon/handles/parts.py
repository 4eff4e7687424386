"""What a script holds of a question for parts."""

from __future__ import annotations

from .. import proposals
from ..protocol.tasks import ProposePartsResult
from ..scene.parts import PartSettings
from .job import Job


class PartsHandle(Job[ProposePartsResult]):
    """A question for regions that may be parts. Its result has `.proposals`, best first."""

    def mark(self, index: int) -> PartSettings:
        """Mark a proposal as a part, the active one of its object; `.id_data` is the object.

        Raises TugError `bad_input` when the meshes were changed, or why the job failed.
        """
        self.result()
        return proposals.mark(self._record, index)[1]
