"""Rules about what the connector is called and who stands behind it."""

import re
from urllib.parse import urlsplit

from workbench.checks.json_reading import mapping, names, sequence, text
from workbench.checks.power_platform import wording
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.rulebook import Faults, rule
from workbench.checks.power_platform.rules.document import HOST
from workbench.checks.power_platform.swagger_keywords import objects

METADATA = ("Website", "Privacy policy", "Categories")
MAX_CATEGORIES = 2
CATEGORIES = (
    *names("AI Collaboration Commerce Communication Finance Data Marketing Productivity Security Website"),
    "Business Management",
    "Business Intelligence",
    "Content and Files",
    "Human Resources",
    "Internet of Things",
    "IT Operations",
    "Lifestyle and Entertainment",
    "Sales and CRM",
    "Social Media",
)

_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@rule("ValueContainsRestrictedWords")
def restricted_words(definition: Definition) -> Faults:
    """Leave out "API", "connector" and the names of Power Platform products; reviewers refuse them."""
    for key, banned in (("title", (*wording.PRODUCTS, "api", "connector")), ("description", wording.PRODUCTS)):
        value = text(definition.info.get(key))
        for word in wording.contained(value, banned):
            yield f"/info/{key}", f"The {key} contains the restricted word '{word}'."


@rule("DescriptionMentionsApi", severity="warning")
def api_in_description(definition: Definition) -> Faults:
    """Say what makers can do instead of "API"; the string guidance discourages the word."""
    if wording.contained(text(definition.info.get("description")), ("api",)):
        yield "/info/description", "The description contains the word 'API'."


@rule("ValueMustBeInEnglish")
def english(definition: Definition) -> Faults:
    """Write the text in English, in ASCII letters; translations are made from it."""
    texts = [("/info/title", definition.info.get("title")), ("/info/description", definition.info.get("description"))]
    texts += [(f"{operation.pointer}/summary", operation.summary) for operation in definition.operations]
    texts += [(f"{operation.pointer}/description", operation.description) for operation in definition.operations]
    for at, value in texts:
        if any(character.isalpha() and not character.isascii() for character in text(value)):
            yield at, "The text has letters that English does not use."


@rule("ValueMustEndWithAlphanumeric")
def alphanumeric_end(definition: Definition) -> Faults:
    """End a title or summary with a letter or digit (a summary may close a parenthesis), not with a mark or space."""
    title = text(definition.info.get("title"))
    if title and not title[-1].isalnum():
        yield "/info/title", f"The title ends with '{title[-1]}'."
    for operation in definition.operations:
        last = operation.summary[-1:]
        if last and not (last.isalnum() or last == ")"):
            yield f"{operation.pointer}/summary", f"The summary of '{operation.label}' ends with '{last}'."


@rule("FieldLengthExceeded")
def too_long(definition: Definition) -> Faults:
    """Shorten the text: a title has at most 30 characters, an x-ms-summary at most 80."""
    if len(text(definition.info.get("title"))) > wording.MAX_TITLE:
        yield "/info/title", f"The title is longer than {wording.MAX_TITLE} characters."
    for _, at, node in objects(definition):
        if len(text(node.get("x-ms-summary"))) > wording.MAX_SUMMARY:
            yield f"{at}/x-ms-summary", f"The x-ms-summary is longer than {wording.MAX_SUMMARY} characters."


@rule("FieldLengthNotInRange")
def description_length(definition: Definition) -> Faults:
    """Write between 30 and 500 characters."""
    length = len(text(definition.info.get("description")))
    if "description" in definition.info and not 30 <= length <= 500:
        yield "/info/description", f"The description has {length} characters."


@rule("DescriptionSameAsTitle")
def title_repeated(definition: Definition) -> Faults:
    """Say in the description what the title does not."""
    if wording.same(text(definition.info.get("title")), text(definition.info.get("description"))):
        yield "/info/description", "The description repeats the title."


@rule("ContactEmailNotValid")
def email(definition: Definition) -> Faults:
    """Give a valid e-mail address in ASCII."""
    address = mapping(definition.info.get("contact")).get("email")
    if isinstance(address, str) and address and not _EMAIL.fullmatch(address):
        yield "/info/contact/email", f"'{address}' is not an e-mail address."


@rule("UrlNotValid")
def urls(definition: Definition) -> Faults:
    """Give an absolute https address."""
    texts = [("/info/contact/url", mapping(definition.info.get("contact")).get("url"))]
    texts += [("/info/termsOfService", definition.info.get("termsOfService"))]
    for index, entry in enumerate(sequence(definition.document.get("x-ms-connector-metadata"))):
        if mapping(entry).get("propertyName") in METADATA[:2]:
            texts.append((f"/x-ms-connector-metadata/{index}/propertyValue", mapping(entry).get("propertyValue")))
    for at, value in texts:
        if isinstance(value, str) and value and not is_web_address(value):
            yield at, f"'{value}' is not an absolute https address."


@rule("ConnectorMetadataPropertiesMissing")
def metadata_missing(definition: Definition) -> Faults:
    """List Website, Privacy policy and Categories in x-ms-connector-metadata, each with a value."""
    for name in METADATA:
        if not _metadata(definition).get(name):
            yield "/x-ms-connector-metadata", f"The connector metadata property '{name}' is required."


@rule("ConnectorMetadataPropertyNotAllowed")
def metadata_unknown(definition: Definition) -> Faults:
    """Keep to Website, Privacy policy and Categories; certification takes exactly these."""
    for name in _metadata(definition):
        if name not in METADATA:
            yield "/x-ms-connector-metadata", f"The connector metadata property '{name}' is not one of the three."


@rule("InvalidConnectorCategory")
def categories(definition: Definition) -> Faults:
    """Choose from the platform's list of categories."""
    for category in _categories(definition):
        if category not in CATEGORIES:
            yield "/x-ms-connector-metadata", f"'{category}' is not one of: {', '.join(sorted(CATEGORIES))}."


@rule("TooManyConnectorCategories")
def category_count(definition: Definition) -> Faults:
    """Choose at most two categories, separated by a semicolon."""
    if len(_categories(definition)) > MAX_CATEGORIES:
        yield "/x-ms-connector-metadata", f"There are {len(_categories(definition))} categories."


def is_web_address(value: str) -> bool:
    """Whether it is an absolute https address."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(HOST.fullmatch(parts.netloc)) and not re.search(r"\s", value)


def _metadata(definition: Definition) -> dict[str, str]:
    entries = map(mapping, sequence(definition.document.get("x-ms-connector-metadata")))
    return {text(entry.get("propertyName")): text(entry.get("propertyValue")).strip() for entry in entries}


def _categories(definition: Definition) -> list[str]:
    return [category for category in _metadata(definition).get("Categories", "").split(";") if category]
