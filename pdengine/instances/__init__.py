"""From points that know their part to the single things of each: leg 0, leg 1, leg 2, leg 3."""

from pdengine.instances.config import InstanceConfig
from pdengine.instances.evidence import Evidence
from pdengine.instances.group import boxed, find_instances

__all__ = ["Evidence", "InstanceConfig", "boxed", "find_instances"]
