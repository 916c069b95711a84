"""Publishing: accounts and finished answers first, then what is in force, in one step."""

from service.publish.publish import Publication, Published, publish

__all__ = ["Publication", "Published", "publish"]
