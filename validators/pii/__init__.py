"""Personal data in texts: what it is called, and where it stands."""

from validators.pii.entities import NATIONAL_IDS, Entity, EntityType
from validators.pii.search import PersonalData, Sample

__all__ = ["NATIONAL_IDS", "Entity", "EntityType", "PersonalData", "Sample"]
