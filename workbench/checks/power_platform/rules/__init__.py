"""The rules, by what they are about: one module a subject. Importing this package fills the rulebooks."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
