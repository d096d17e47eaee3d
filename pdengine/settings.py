"""What holds for the settings of every configuration."""

from __future__ import annotations

from dataclasses import fields
from numbers import Integral, Real
from typing import Any

from pdengine.errors import check_setting


def check_numbers(config: Any) -> None:
    """Refuse what is no number where one is declared: "10" views, 1000.5 points.

    Raises:
        ConfigError: naming the setting.
    """
    for setting in fields(config):
        value, declared = getattr(config, setting.name), str(setting.type)
        if value is None and declared.endswith(" | None"):
            continue
        kind = declared.removesuffix(" | None")
        if kind in ("int", "float"):
            known, rule = (Integral, "a whole number") if kind == "int" else (Real, "a number")
            is_number = isinstance(value, known) and not isinstance(value, bool)
            check_setting(setting.name, is_number, rule, value)
