"""Steps that Power Automate and Logic Apps write alike."""

from typing import Any

from workbench.generators.definitions import JsonObject
from workbench.generators.recipes.expressions import Dialect, expression, written
from workbench.generators.recipes.model import Compose, Delay, Filter, Schedule, Select, Stop, Table


def condition(text: str, dialect: Dialect) -> JsonObject:
    """A condition as both designers show it: one comparison with true."""
    return {"equals": ["@" + expression(text, dialect), True]}


def recurrence(schedule: Schedule) -> JsonObject:
    """The clock, in UTC."""
    node: JsonObject = {"frequency": schedule.frequency, "interval": schedule.interval, "timeZone": "UTC"}
    times: JsonObject = {}
    if schedule.hour is not None:
        times |= {"hours": [str(schedule.hour)], "minutes": [schedule.minute]}
    if schedule.days:
        times["weekDays"] = list(schedule.days)
    return {**node, "schedule": times} if times else node


def shared_action(step: Compose | Filter | Select | Delay | Stop | Table, dialect: Dialect) -> JsonObject:
    """The action of a step that calls nothing."""
    match step:
        case Compose():
            return {"type": "Compose", "inputs": written(step.value, dialect)}
        case Filter():
            inputs: Any = {
                "from": "@" + expression(step.over, dialect),
                "where": "@" + expression(step.where, dialect),
            }
            return {"type": "Query", "inputs": inputs}
        case Select():
            each = "@" + expression(step.value, dialect)
            return {"type": "Select", "inputs": {"from": "@" + expression(step.over, dialect), "select": each}}
        case Delay():
            if step.until:
                return {"type": "Wait", "inputs": {"until": {"timestamp": written(step.until, dialect)}}}
            return {"type": "Wait", "inputs": {"interval": {"count": step.minutes, "unit": "Minute"}}}
        case Stop():
            return {"type": "Terminate", "inputs": {"runStatus": "Succeeded"}}
        case Table():
            columns = [
                {"header": header, "value": "@" + expression(text, dialect)} for header, text in step.columns.items()
            ]
            return {
                "type": "Table",
                "inputs": {"from": "@" + expression(step.over, dialect), "format": "HTML", "columns": columns},
            }
