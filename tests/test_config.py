"""Settings are checked where they are made, each by its name."""

from __future__ import annotations

import numpy as np
import pytest

from pdengine.config import EngineConfig, with_options
from pdengine.errors import ConfigError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"views": "ten"}, "views must be a whole number, got 'ten'"),
        ({"views": 0}, "views must be between 1 and 1000, got 0"),
        ({"points": 1000.5}, "points must be a whole number, got 1000.5"),
        ({"seed": None}, "seed must be a whole number, got None"),
        ({"seed": True}, "seed must be a whole number, got True"),
        ({"teacher_timeout": "5"}, "teacher_timeout must be a number, got '5'"),
        ({"up": 3}, "up must be one of auto, x, y, z, -x, -y, -z, got 3"),
        (
            {"veiws": 3},
            "option must be one of views, meshes, nameless, mode, .*, got veiws; did you mean",
        ),
        ({"method": "vote"}, "got method; method is typed on the command line, here say mode: one"),
        (
            {"anchors": 9, "devise": "cpu"},
            r"got anchors, devise; anchors is a setting of distill: "
            r"distill=pdengine.config.DistillConfig\(anchors=...\); did you mean device\?$",
        ),
        ({"quux": 1}, "got quux$"),
        ({"mode": "partdistill"}, r"mode must be .* \(method partdistill is mode tta\), got"),
        ({"mode": "quux"}, "mode must be one of tta, vote, pre, partslip, got 'quux'"),
    ],
)
def test_says_what_is_wrong(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        with_options(EngineConfig(), **options)


def test_numbers_of_any_library_are_numbers() -> None:
    options = {"views": np.int64(3), "points": np.int32(5), "teacher_timeout": np.float32(2)}
    config = with_options(EngineConfig(), **options)
    assert (config.render.views, config.points, config.teacher_timeout) == (3, 5, 2)
