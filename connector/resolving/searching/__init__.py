"""Finding tickets by what DeskDirector's own find may not know: filters, orders and counts that are made here.

What the site's find filters by is left to it; the rest is judged here on what it answers, within a bounded number of
calls. Every answer says when that was not all.
"""
