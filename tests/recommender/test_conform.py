"""State that was built for another catalogue never breaks the one in force."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from recommender.account import Account, Consent, Value
from recommender.conform import conform, fits
from recommender.decide import decide
from recommender.request import Request
from tests.recommender.accounts import AT, accounts
from tests.recommender.bank import bank, bank_live

strange: st.SearchStrategy[dict[str, Value]] = st.dictionaries(
    st.sampled_from([*bank().attributes, "shoe_size"]),
    st.text(max_size=3) | st.integers(-3, 3) | st.booleans(),
)


@given(accounts, strange)
def test_only_declared_values_are_left_and_deciding_works(
    account: Account, attributes: dict[str, Value]
) -> None:
    other = replace(account, attributes=attributes, consent=Consent(True, True), declares="other")
    fitting = conform(other, bank())
    assert fitting.declares == bank().declares
    for name, value in fitting.attributes.items():
        assert fits(value, bank().attributes[name])
        assert value == attributes[name]
    decide(fitting, Request(AT), bank_live())


@given(accounts)
def test_what_the_catalogue_declares_stays_as_it_is(account: Account) -> None:
    assert conform(account, bank()) == replace(account, declares=bank().declares)


def test_catalogues_declare_the_same_only_with_the_same_types_and_values() -> None:
    housing = bank().attributes["housing"]
    longer = housing.model_copy(update={"values": (*housing.values, "boat")})
    renamed = housing.model_copy(update={"label": {"en": "house", "nl": "huis"}})
    for changed, same in ((longer, False), (renamed, True)):
        other = bank().model_copy(update={"attributes": {**bank().attributes, "housing": changed}})
        other.__dict__.pop("declares", None)  # a copy brings what was remembered along
        assert (other.declares == bank().declares) is same
