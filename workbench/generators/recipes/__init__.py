"""Recipes: complete automations as a page, a Power Automate flow and a Logic Apps workflow, from one description.

Every DeskDirector step names an operation of the catalog and its fields; a field that is renamed stops the build.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from connector.operations.operation import Operation
from workbench.generators.recipes import book
from workbench.generators.recipes.model import Recipe, check
from workbench.generators.recipes.page import index, page

FOLDER: Final = "recipes"


def recipes() -> tuple[Recipe, ...]:
    """All recipes, by number; a new file in `book/` is found by itself."""
    names = sorted(module.name for module in iter_modules(book.__path__))
    found: list[Recipe] = [import_module(f"{book.__name__}.{name}").RECIPE for name in names]
    for recipe in found:
        check(recipe)
    return tuple(sorted(found, key=lambda recipe: recipe.number))


def render(operations: Mapping[str, Operation], host: str) -> Mapping[str, bytes]:
    """The pages, by path below `docs`."""
    del host
    all_of_them = recipes()
    pages = {f"{FOLDER}/{recipe.slug}.md": page(recipe, operations) for recipe in all_of_them}
    return {f"{FOLDER}/README.md": index(all_of_them), **pages}
