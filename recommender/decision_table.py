"""The decision log's table: written by the service, read by training; each column named here, once.

One row a decision. `shown` and `withheld` are lists of structs, so that a row is all of it.
"""

from __future__ import annotations

from typing import Final

from recommender.tables import AT, CHANNEL, DECISION_ID, LANGUAGE, PRODUCT_ID

PSEUDONYM: Final = "pseudonym"
SHOWN_AT: Final = "shown_at"
PLACEMENT: Final = "placement"
LIMIT: Final = "limit"
EXPLAIN: Final = "explain"

VERSION: Final = "version"
MODEL: Final = "model"
POLICY: Final = "policy"
CATALOGUE: Final = "catalogue"

SHOWN: Final = "shown"
ACTION_ID: Final = "action_id"
RANK: Final = "rank"
PROPENSITY: Final = "propensity"
PROBABILITY: Final = "probability"

WITHHELD: Final = "withheld"
STAGE: Final = "stage"
RULE: Final = "rule"

BODY_SHA256: Final = "body_sha256"
CHECK: Final = "check"
SEALED: Final = "sealed"

DECISIONS: Final = {
    DECISION_ID: "of one answer; the same answer shown again has the same",
    PSEUDONYM: "of the account, the same in every file until the account is erased",
    AT: "when it was decided",
    SHOWN_AT: "when it was first shown: later, where it was made ahead",
    PLACEMENT: "as it was asked for",
    CHANNEL: "as it was asked for",
    LANGUAGE: "as it was asked for; none is the account's own",
    LIMIT: "how many there was room for",
    EXPLAIN: "whether what was withheld was shown as well",
    VERSION: "what was in force: versions/<version>.bundle",
    MODEL: "its model",
    POLICY: "its policies",
    CATALOGUE: "its catalogue",
    SHOWN: "action, product, rank, propensity and the probability with which it was chosen",
    WITHHELD: "product, and the stage and the rule that withheld it",
    BODY_SHA256: "of the body that was sent",
    CHECK: "whether the same body came out when it was made again, see `Check`",
    SEALED: "the inputs and the decision itself, for who has the account's key",
}
"""Every column, in order, and what it says."""

SHOWN_FIELDS: Final = (ACTION_ID, PRODUCT_ID, RANK, PROPENSITY, PROBABILITY)
WITHHELD_FIELDS: Final = (PRODUCT_ID, STAGE, RULE)
