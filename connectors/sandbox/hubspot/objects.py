"""Kinds of records: their names, ids, and how they are associated."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ObjectType:
    """A kind of record.

    Parameters
    ----------
    name : str
        As in addresses, such as ``companies``.
    singular : str
        ``company``.
    type_id : str
        ``0-2``.
    defaults : tuple of str
        Properties that are answered where none are asked for.
    """

    name: str
    singular: str
    type_id: str
    defaults: tuple[str, ...] = ()

    @property
    def is_engagement(self) -> bool:
        """Whether it is an activity."""
        return self.name in {"calls", "emails", "meetings", "notes", "tasks"}

    @property
    def created(self) -> str:
        """Property that holds when a record was created."""
        return "hs_createdate" if self.is_engagement else "createdate"

    @property
    def modified(self) -> str:
        """Property that holds when a record was last changed."""
        return "lastmodifieddate" if self.name == "contacts" else "hs_lastmodifieddate"

    @property
    def always(self) -> tuple[str, ...]:
        """Properties that are in every answer."""
        return ("hs_object_id", self.created, self.modified)

    @property
    def plural_in_associations(self) -> str:
        """Key of associated records in a record's ``associations``."""
        return self.name.replace("_", " ")


TYPES = {
    known.name: known
    for known in (
        ObjectType("contacts", "contact", "0-1", ("email", "firstname", "lastname")),
        ObjectType("companies", "company", "0-2", ("domain", "name")),
        ObjectType(
            "deals", "deal", "0-3", ("amount", "closedate", "dealname", "dealstage", "pipeline")
        ),
        ObjectType(
            "tickets",
            "ticket",
            "0-5",
            ("content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "subject"),
        ),
        ObjectType("products", "product", "0-7", ("name", "price")),
        ObjectType("line_items", "line_item", "0-8", ("name", "price", "quantity")),
        ObjectType("tasks", "task", "0-27"),
        ObjectType("forms", "form", "0-28", ("name",)),
        ObjectType("notes", "note", "0-46"),
        ObjectType("meetings", "meeting", "0-47"),
        ObjectType("calls", "call", "0-48"),
        ObjectType("emails", "email", "0-49"),
        ObjectType("deal_splits", "deal_split", "0-72"),
        ObjectType("goal_targets", "goal_target", "0-74"),
        ObjectType("leads", "lead", "0-136", ("hs_lead_name",)),
    )
}
_ALIASES = {
    alias: known
    for known in TYPES.values()
    for alias in (known.name, known.singular, known.type_id)
}
# unlabelled types by (from, to); the type of the way back stands beside it
_PAIRS = [
    ("contact", "company", 279, 280),
    ("company", "company", 450, 450),
    ("deal", "company", 341, 342),
    ("deal", "contact", 3, 4),
    ("deal", "line_item", 19, 20),
    ("ticket", "company", 339, 340),
    ("ticket", "contact", 16, 15),
    ("ticket", "deal", 28, 27),
    *(("call", to, first + 1, first) for to, first in
      (("contact", 193), ("company", 181), ("deal", 205), ("ticket", 219))),
    *(("email", to, first + 1, first) for to, first in
      (("contact", 197), ("company", 185), ("deal", 209), ("ticket", 223))),
    *(("meeting", to, first + 1, first) for to, first in
      (("contact", 199), ("company", 187), ("deal", 211), ("ticket", 225))),
    *(("note", to, first + 1, first) for to, first in
      (("contact", 201), ("company", 189), ("deal", 213), ("ticket", 227))),
    *(("task", to, first + 1, first) for to, first in
      (("contact", 203), ("company", 191), ("deal", 215), ("ticket", 229))),
]  # fmt: skip
_PRIMARY = [("contact", "company", 1, 2), ("deal", "company", 5, 6), ("ticket", "company", 26, 25)]
_PARENT = ("company", "company", 14, 13)  # child to parent, parent to child


def find_type(name: str) -> ObjectType | None:
    """Return the kind of record that a name in an address means."""
    return _ALIASES.get(name.lower())


@dataclass(frozen=True)
class Link:
    """A type of association in one direction, and what it is called on the way back."""

    source: ObjectType
    target: ObjectType
    type_id: int
    back: int
    label: str | None = None


def _links() -> list[Link]:
    found = []
    labelled = [(row, None) for row in _PAIRS] + [(row, "Primary") for row in _PRIMARY]
    for (source, target, there, back), label in labelled:
        a, b = _ALIASES[source], _ALIASES[target]
        found.append(Link(a, b, there, back, label))
        if there != back:
            found.append(Link(b, a, back, there, label))
    company = _ALIASES["company"]
    found.append(Link(company, company, _PARENT[2], _PARENT[3], "Parent Company"))
    found.append(Link(company, company, _PARENT[3], _PARENT[2], "Child Company"))
    return found


LINKS = _links()


def link_of(source: ObjectType, target: ObjectType, type_id: int) -> Link | None:
    """Return a type of association by its number; None if the two kinds have none such."""
    for link in LINKS:
        if (link.source, link.target, link.type_id) == (source, target, type_id):
            return link
    return None


def default_link(source: ObjectType, target: ObjectType) -> Link | None:
    """Return the unlabelled type of association of two kinds; None if they have none."""
    for link in LINKS:
        if (link.source, link.target, link.label) == (source, target, None):
            return link
    return None


def primary_link(source: ObjectType, target: ObjectType) -> Link | None:
    """Return the type of association that marks the one main company of a record."""
    for link in LINKS:
        if (link.source, link.target, link.label) == (source, target, "Primary"):
            return link if target.name == "companies" else None
    return None
