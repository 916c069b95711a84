"""The demo bank's well-known people, written by hand. Days count back from the day of the demo."""

from __future__ import annotations

from typing import Final

from training.world.wellknown import Change, Monthly, Session, Weekly, WellKnown

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
    weekly=(
        Weekly(4, -450, "Coffee Corner Plein"),
        Weekly(5, -1_290, "Regional Rail"),
        Weekly(6, -890, "Lunchroom Linde"),
        Weekly(0, -520, "Coffee Corner Plein"),
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
        Monthly(2, 271_500, "Brightwater Schools", "salary", "Salary"),
        Monthly(8, -89_000, "De Sleutel Housing", "standing_order", "Rent"),
        Monthly(19, -11_800, "Zonwind Energy", "direct_debit", "Energy"),
        Monthly(23, -5_150, "Raak Bank", "direct_debit", "Premium"),
        Monthly(3, -15_000, "Own savings account", "standing_order", "Saving"),
    ),
    weekly=(
        Weekly(1, -5_200, "Drogist Van Dam"),
        Weekly(3, -6_900, "Groenmarkt"),
        Weekly(4, -4_800, "Tankstation Ring"),
        Weekly(5, -17_400, "Supermarkt De Hoek"),
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
        Monthly(28, 61_000, "Study Grants Office", "transfer", "Study grant"),
        Monthly(1, 157_000, "Juniper Software", "salary", "Salary", since_days_ago=62),
        Monthly(2, -100_000, "Own savings account", "standing_order", "Saving", since_days_ago=62),
        Monthly(8, -74_500, "Kamer & Co", "standing_order", "Rent", since_days_ago=27),
        Monthly(18, -8_900, "Brightgrid", "direct_debit", "Energy", since_days_ago=27),
        Monthly(15, -1_299, "Toonladder Music", "direct_debit", "Subscription"),
    ),
    weekly=(
        Weekly(0, -520, "Coffee Corner Plein"),
        Weekly(2, -2_640, "Groenmarkt"),
        Weekly(4, -3_400, "Restaurant De Brug"),
        Weekly(5, -5_830, "Webwinkel Alles"),
    ),
    balance_minor=158_440,
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
        Monthly(2, 462_000, "Greywell Engineering", "salary", "Salary"),
        Monthly(9, -112_000, "Home Loan Servicing", "direct_debit", "Housing costs"),
        Monthly(3, -128_000, "Own savings account", "standing_order", "Saving"),
        Monthly(21, -13_400, "Laagland Power", "direct_debit", "Energy"),
        Monthly(27, -2_600, "Raak Bank", "direct_debit", "Premium"),
    ),
    weekly=(
        Weekly(1, -7_200, "Groenmarkt"),
        Weekly(4, -13_400, "Restaurant De Brug"),
        Weekly(5, -19_800, "Supermarkt De Hoek"),
        Weekly(6, -6_700, "Tankstation Ring"),
    ),
    balance_minor=431_900,
    complaint_days_ago=6,
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
        Monthly(5, 148_000, "Orchard Retail Group", "salary", "Salary"),
        Monthly(8, -61_000, "Woonhuis Housing Association", "standing_order", "Rent"),
        Monthly(19, -8_700, "Zonwind Energy", "direct_debit", "Energy"),
        Monthly(16, -5_400, "Raak Bank", "direct_debit", "Premium"),
    ),
    weekly=(
        Weekly(2, -3_900, "Supermarkt De Hoek"),
        Weekly(4, -5_600, "Tankstation Ring"),
        Weekly(5, -6_700, "Groenmarkt"),
        Weekly(6, -1_450, "Snackbar Station"),
    ),
    # The yearly bill leaves before the salary comes, and the balance will not do.
    due=((3, -12_300, "Zonwind Energy"),),
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
        Monthly(1, 438_000, "Municipality of Oosterwijk", "salary", "Salary"),
        Monthly(9, -31_000, "Owners' Association", "direct_debit", "Housing costs"),
        Monthly(22, -12_900, "Laagland Power", "direct_debit", "Energy"),
        Monthly(12, -12_000, "Raak Bank", "direct_debit", "Premium"),
        Monthly(2, -190_000, "Own savings account", "standing_order", "Saving"),
    ),
    weekly=(
        Weekly(1, -8_400, "Groenmarkt"),
        Weekly(3, -11_800, "Restaurant De Brug"),
        Weekly(5, -16_500, "Supermarkt De Hoek"),
        Weekly(6, -5_240, "Tuincentrum Het Blad"),
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
        Monthly(13, 165_000, "Client invoice A", "transfer", "Invoice"),
        Monthly(26, 142_000, "Client invoice B", "transfer", "Invoice"),
        Monthly(9, -78_000, "Home Loan Servicing", "direct_debit", "Housing costs"),
        Monthly(20, -14_100, "Zonwind Energy", "direct_debit", "Energy"),
    ),
    weekly=(
        Weekly(0, -9_800, "Bouwmarkt Klus"),
        Weekly(2, -8_100, "Tankstation Ring"),
        Weekly(4, -7_900, "Restaurant De Brug"),
        Weekly(5, -21_900, "Supermarkt De Hoek"),
    ),
    balance_minor=303_750,
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
