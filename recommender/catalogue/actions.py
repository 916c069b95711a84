"""Actions that are no products: service, advice, and reminders of what was begun."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from recommender.catalogue.base import CHANNELS, Channel, Declared, DomainName, JourneyStage
from recommender.catalogue.products import Product
from recommender.catalogue.rule import When
from recommender.catalogue.texts import Text, Url, filled_with
from recommender.rules.conditions import All, Condition, Journey, Unfinished

TitledText = Annotated[Text, filled_with("title")]


class Action(Declared):
    """A service message or advice: an article, a calculator, a tip, a thank-you, a talk.

    For `service` it goes first while its moment is there (`when`, and the `stages` of its domain
    that it serves), most urgent on top; without either it is always possible: a fallback. For
    `marketing` it competes with offers: it needs consent, spends the budget, and its chance is that
    the person's next step lies in its domain.
    """

    kind: Literal["service", "advice"]
    purpose: Literal["service", "marketing"] = "service"
    domain: DomainName
    title: Text
    message: Text
    url: Url
    when: When | None = None
    stages: tuple[JourneyStage, ...] = ()
    priority: int = 0
    value: float = Field(default=0.2, gt=0, le=10)
    channels: tuple[Channel, ...] = Field(default=CHANNELS, min_length=1)

    @property
    def moment(self) -> Condition | None:
        """When it is possible; None: always."""
        stage = (Journey(self.domain, self.stages),) if self.stages else ()
        parts = (*stage, *((self.when,) if self.when is not None else ()))
        return All(parts) if len(parts) > 1 else (parts[0] if parts else None)


class Resume(Declared):
    """How we remind of an application that was begun and left; `{title}` is the product's.

    `path` is added to the product's url; a moment of truth goes on with the person.
    """

    title: TitledText
    message: TitledText
    path: str = "/application"
    priority: int = 70

    def reminder(self, product_id: str, product: Product) -> Action:
        """The action that takes up an application for `product` where it was left."""
        return Action.model_construct(
            kind="service",
            domain=product.domain,
            title=_filled(self.title, product.title),
            message=_filled(self.message, product.title),
            url=product.moment_of_truth.url
            if product.moment_of_truth is not None
            else f"{product.url}{self.path}",
            when=Unfinished((product_id,)),
            priority=self.priority,
            channels=product.channels,
        )


def reminder_of(product_id: str) -> str:
    """The id of a product's reminder. No declared action has it, for want of a dot."""
    return f"resume.{product_id}"


def _filled(template: dict[str, str], title: dict[str, str]) -> dict[str, str]:
    return {language: text.format(title=title[language]) for language, text in template.items()}
