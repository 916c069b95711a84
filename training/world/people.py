"""The demo bank's well-known people, written by hand. Days count back from the day of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Session:
    """Pages of one visit. A page is a product or a domain; `search:` before it was searched for."""

    days_ago: int
    pages: tuple[str, ...]
    channel: str = "web"


@dataclass(frozen=True)
class Monthly:
    """What recurs on a day of each month; cents, negative goes out."""

    day: int
    amount_minor: int
    counterparty: str
    scheme: str
    purpose: str


@dataclass(frozen=True)
class Card:
    days_ago: int
    amount_minor: int
    counterparty: str


@dataclass(frozen=True)
class Change:
    """An attribute that had another value until so many days ago."""

    days_ago: int
    attribute: str
    before: str


@dataclass(frozen=True)
class Complaint:
    days_ago: int


@dataclass(frozen=True)
class WellKnown:
    """One of the people in the README. `due`: (in days, cents, to whom); `holds`: days ago."""

    account_id: str
    age: int
    joined_days_ago: int
    occupation: str
    household: str
    housing: str
    income_band: str
    region: str
    gender: str
    holds: Mapping[str, int]
    balance_minor: int
    children: int = 0
    has_car: bool = False
    language: str = "en"
    channel: str = "web"
    consents: bool = True
    changes: tuple[Change, ...] = ()
    sessions: tuple[Session, ...] = ()
    monthly: tuple[Monthly, ...] = ()
    cards: tuple[Card, ...] = ()
    due: tuple[tuple[int, int, str], ...] = ()
    complaint: Complaint | None = field(default=None)


STUDENT: Final = WellKnown(
    "demo-student",
    age=18,
    joined_days_ago=4,
    occupation="student",
    household="with_parents",
    housing="with_parents",
    income_band="none",
    region="west",
    gender="f",
    channel="app",
    holds={"student_account": 4},
    sessions=(
        Session(3, ("everyday", "savings_account", "saving"), "app"),
        Session(1, ("search:savings_account", "saving_goal"), "app"),
    ),
    cards=(
        Card(3, -450, "Coffee Corner Plein"),
        Card(2, -1_290, "Regional Rail"),
        Card(1, -890, "Lunchroom Linde"),
    ),
    due=((9, -1_500, "Telenova"),),
    balance_minor=21_370,
)

PARENTS: Final = WellKnown(
    "demo-parents",
    age=34,
    joined_days_ago=2_900,
    occupation="employed",
    household="family",
    housing="rents",
    income_band="middle",
    region="south",
    gender="x",
    children=1,
    has_car=True,
    holds={
        "current_account": 2_900,
        "savings_account": 2_400,
        "car_insurance": 800,
        "joint_account": 500,
    },
    changes=(Change(48, "children", "0"), Change(48, "household", "couple")),
    sessions=(
        Session(40, ("family", "kids_savings"), "app"),
        Session(12, ("kids_savings", "kids_account", "family"), "app"),
        Session(3, ("search:kids_savings", "life_insurance")),
    ),
    monthly=(
        Monthly(25, 271_500, "Brightwater Schools", "salary", "Salary"),
        Monthly(1, -89_000, "De Sleutel Housing", "standing_order", "Rent"),
        Monthly(12, -11_800, "Zonwind Energy", "direct_debit", "Energy"),
        Monthly(16, -5_150, "Raak Bank", "direct_debit", "Premium"),
        Monthly(26, -15_000, "Own savings account", "standing_order", "Saving"),
    ),
    cards=(
        Card(6, -7_420, "Supermarkt De Hoek"),
        Card(4, -2_300, "Drogist Van Dam"),
        Card(1, -6_150, "Groenmarkt"),
    ),
    due=(
        (3, -15_000, "Own savings account"),
        (8, -89_000, "De Sleutel Housing"),
        (19, -11_800, "Zonwind Energy"),
        (23, -5_150, "Raak Bank"),
    ),
    balance_minor=164_200,
)

STARTER: Final = WellKnown(
    "demo-starter",
    age=24,
    joined_days_ago=1_900,
    occupation="employed",
    household="single",
    housing="rents",
    income_band="middle",
    region="west",
    gender="m",
    language="nl",
    channel="app",
    holds={"student_account": 1_900, "savings_account": 700, "tenant_deposit_guarantee": 30},
    changes=(
        Change(62, "occupation", "student"),
        Change(62, "income_band", "low"),
        Change(27, "housing", "with_parents"),
        Change(27, "household", "with_parents"),
    ),
    sessions=(
        Session(20, ("housing", "home_contents_insurance"), "app"),
        Session(9, ("home_contents_insurance", "energy_contract"), "app"),
        Session(5, ("current_account", "everyday"), "app"),
        Session(2, ("search:current_account", "current_account", "pension_plan"), "app"),
    ),
    monthly=(
        Monthly(24, 218_000, "Juniper Software", "salary", "Salary"),
        Monthly(1, -74_500, "Kamer & Co", "standing_order", "Rent"),
        Monthly(11, -8_900, "Brightgrid", "direct_debit", "Energy"),
        Monthly(8, -1_299, "Toonladder Music", "direct_debit", "Subscription"),
    ),
    cards=(
        Card(5, -4_830, "Webwinkel Alles"),
        Card(3, -2_640, "Groenmarkt"),
        Card(1, -520, "Coffee Corner Plein"),
    ),
    due=((8, -74_500, "Kamer & Co"), (15, -1_299, "Toonladder Music"), (18, -8_900, "Brightgrid")),
    balance_minor=118_440,
)

COMPLAINT: Final = WellKnown(
    "demo-complaint",
    age=47,
    joined_days_ago=6_200,
    occupation="employed",
    household="couple",
    housing="owns",
    income_band="high",
    region="east",
    gender="m",
    has_car=True,
    holds={
        "current_account": 6_200,
        "credit_card": 3_000,
        "mortgage": 2_600,
        "building_insurance": 2_590,
        "savings_account": 2_000,
    },
    sessions=(
        Session(15, ("saving", "investment_account")),
        Session(8, ("investment_account", "term_deposit", "saving")),
        Session(5, ("everyday", "everyday")),
    ),
    monthly=(
        Monthly(25, 462_000, "Greywell Engineering", "salary", "Salary"),
        Monthly(2, -112_000, "Home Loan Servicing", "direct_debit", "Housing costs"),
        Monthly(14, -13_400, "Laagland Power", "direct_debit", "Energy"),
        Monthly(20, -2_600, "Raak Bank", "direct_debit", "Premium"),
    ),
    cards=(Card(7, -8_900, "Restaurant De Brug"), Card(2, -6_700, "Tankstation Ring")),
    due=(
        (9, -112_000, "Home Loan Servicing"),
        (21, -13_400, "Laagland Power"),
        (27, -2_600, "Raak Bank"),
    ),
    balance_minor=431_900,
    complaint=Complaint(6),
)

SHORTFALL: Final = WellKnown(
    "demo-shortfall",
    age=29,
    joined_days_ago=1_500,
    occupation="employed",
    household="single",
    housing="rents",
    income_band="low",
    region="north",
    gender="f",
    has_car=True,
    channel="app",
    holds={"current_account": 1_500, "car_insurance": 420},
    sessions=(
        Session(11, ("car_loan", "mobility"), "app"),
        Session(2, ("everyday", "overdraft"), "app"),
    ),
    monthly=(
        Monthly(28, 148_000, "Orchard Retail Group", "salary", "Salary"),
        Monthly(1, -61_000, "Woonhuis Housing Association", "standing_order", "Rent"),
        Monthly(26, -12_300, "Zonwind Energy", "direct_debit", "Energy"),
        Monthly(9, -5_400, "Raak Bank", "direct_debit", "Premium"),
    ),
    cards=(
        Card(8, -5_600, "Tankstation Ring"),
        Card(4, -3_900, "Supermarkt De Hoek"),
        Card(1, -1_450, "Snackbar Station"),
    ),
    # The energy bill leaves before the salary comes, and the balance will not do.
    due=(
        (3, -12_300, "Zonwind Energy"),
        (8, -61_000, "Woonhuis Housing Association"),
        (16, -5_400, "Raak Bank"),
    ),
    balance_minor=4_180,
)

RETIRING: Final = WellKnown(
    "demo-retiring",
    age=65,
    joined_days_ago=9_800,
    occupation="employed",
    household="couple",
    housing="owns",
    income_band="high",
    region="south",
    gender="f",
    channel="branch",
    has_car=True,
    holds={
        "current_account": 9_800,
        "savings_account": 8_000,
        "pension_plan": 5_200,
        "home_contents_insurance": 4_000,
        "travel_insurance": 1_200,
    },
    sessions=(
        Session(21, ("later_life", "annuity"), "branch"),
        Session(6, ("annuity", "later_life", "estate_planning")),
    ),
    monthly=(
        Monthly(24, 438_000, "Municipality of Oosterwijk", "salary", "Salary"),
        Monthly(2, -31_000, "Owners' Association", "direct_debit", "Housing costs"),
        Monthly(15, -12_900, "Laagland Power", "direct_debit", "Energy"),
        Monthly(5, -12_000, "Raak Bank", "direct_debit", "Premium"),
    ),
    cards=(Card(9, -9_800, "Restaurant De Brug"), Card(3, -5_240, "Tuincentrum Het Blad")),
    due=(
        (9, -31_000, "Owners' Association"),
        (12, -12_000, "Raak Bank"),
        (22, -12_900, "Laagland Power"),
    ),
    balance_minor=1_284_500,
)

NO_CONSENT: Final = WellKnown(
    "demo-no-consent",
    age=41,
    joined_days_ago=3_300,
    occupation="self_employed",
    household="family",
    housing="owns",
    income_band="middle",
    region="west",
    gender="m",
    children=2,
    has_car=True,
    consents=False,
    holds={"current_account": 3_300, "business_account": 2_100},
    sessions=(
        Session(13, ("work", "accounting_software")),
        Session(4, ("business_liability_insurance", "accounting_software")),
    ),
    monthly=(
        Monthly(6, 165_000, "Client invoice A", "transfer", "Invoice"),
        Monthly(19, 142_000, "Client invoice B", "transfer", "Invoice"),
        Monthly(2, -78_000, "Home Loan Servicing", "direct_debit", "Housing costs"),
        Monthly(13, -14_100, "Zonwind Energy", "direct_debit", "Energy"),
    ),
    cards=(Card(5, -8_130, "Bouwmarkt Klus"), Card(2, -5_900, "Supermarkt De Hoek")),
    due=((9, -78_000, "Home Loan Servicing"), (20, -14_100, "Zonwind Energy")),
    balance_minor=203_750,
)

WELL_KNOWN: Final = (
    STUDENT,
    PARENTS,
    STARTER,
    COMPLAINT,
    SHORTFALL,
    RETIRING,
    NO_CONSENT,
)
