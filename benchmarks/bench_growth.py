"""How costs grow, in a short form: `python -m benchmarks.growth` has every size."""

from benchmarks.growth import rows
from benchmarks.harness import show

if __name__ == "__main__":
    show("Growth", rows())
