"""Publishing: accounts and finished answers first, then what is in force, in one step."""

from service.publish.assertions import check_assertions
from service.publish.publish import Pointer, Publication, Published, publish
from service.publish.roll import Roll
from service.publish.states import Known

__all__ = ["Known", "Pointer", "Publication", "Published", "Roll", "check_assertions", "publish"]
