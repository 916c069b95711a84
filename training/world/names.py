"""Invented names of those whom people get money from and pay it to."""

from __future__ import annotations

from typing import Final

EMPLOYERS: Final = (
    "Aldermoor Logistics",
    "Brightwater Schools",
    "Cobalt Works",
    "Delta Harvest",
    "Eastgate Care Homes",
    "Fennimore Foods",
    "Greywell Engineering",
    "Harrow & Pine",
    "Ironbridge Rail",
    "Juniper Software",
    "Kestrel Airfreight",
    "Lindenhof Hotels",
    "Municipality of Oosterwijk",
    "Northlight Studios",
    "Orchard Retail Group",
    "Polderland Energy Grid",
    "Quayside Shipping",
    "Riverbend Builders",
    "Stadskwartier Cleaning",
    "Tulipan Print",
)
CLIENTS: Final = ("Client invoice A", "Client invoice B", "Client invoice C")
GRANTS: Final = ("Study Grants Office",)
BENEFITS: Final = ("Work Benefits Agency",)
PENSIONS: Final = ("State Pension Office", "Pension Fund Meridian", "Pension Fund Noordster")
LANDLORDS: Final = (
    "Woonhuis Housing Association",
    "Parkzicht Rentals",
    "De Sleutel Housing",
    "Kamer & Co",
    "Havenblok Homes",
)
HOUSING_COSTS: Final = ("Home Loan Servicing", "Owners' Association")
ENERGY: Final = ("Zonwind Energy", "Laagland Power", "Brightgrid")
TELECOM: Final = ("Telenova", "Belmaat", "Kabelkring")
TAXES: Final = ("Municipal Taxes",)
STREAMING: Final = ("Filmhuis Online", "Toonladder Music", "Game Harbour")
SPORTS: Final = ("Sportcentrum De Kade", "Rowing Club Waterland")
OWN_SAVINGS: Final = ("Own savings account",)
OWN_BANK: Final = ("Raak Bank",)

CLEANERS: Final = ("Helder Huis Cleaning", "Mevrouw Bos")
MEAL_BOXES: Final = ("Verse Kist",)
CHILD_ACCOUNT: Final = ("Own child account",)
GYMS: Final = ("Fit Fabriek", "Boulderhal Steil")
TRAVEL_PASSES: Final = ("Reizigerspas",)
WATER: Final = ("Waterschap Noord", "Waterschap Zuid")
ROAD_TAX: Final = ("Road Tax Office",)
FAMILY_BENEFITS: Final = ("Family Benefits Office",)
MEMBERSHIPS: Final = ("Motoring Club", "Museum Card", "Nature Trust")

SHOPS: Final = {
    # name: (share of card payments, usual amount in euros)
    "Supermarkt De Hoek": (0.17, 31.0),
    "Groenmarkt": (0.12, 24.0),
    "Bakkerij Molenaar": (0.08, 7.5),
    "Kaas & Zo": (0.03, 14.0),
    "Coffee Corner Plein": (0.09, 5.2),
    "Lunchroom Linde": (0.06, 13.0),
    "Restaurant De Brug": (0.04, 48.0),
    "Snackbar Station": (0.05, 9.5),
    "Regional Rail": (0.06, 11.0),
    "City Trams": (0.04, 4.0),
    "Tankstation Ring": (0.05, 62.0),
    "Parking Centrum": (0.03, 7.0),
    "Drogist Van Dam": (0.04, 16.0),
    "Boekhandel Letter": (0.02, 19.0),
    "Kleding Kwartier": (0.04, 54.0),
    "Schoenmakerij Stap": (0.01, 38.0),
    "Tuincentrum Het Blad": (0.02, 33.0),
    "Bouwmarkt Klus": (0.02, 45.0),
    "Webwinkel Alles": (0.06, 41.0),
    "Electro Huis": (0.01, 120.0),
    "Bioscoop Scala": (0.01, 22.0),
    "Reisbureau Horizon": (0.005, 310.0),
}
