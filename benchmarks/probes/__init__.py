"""Scripts that measure one version of the app in a process of their own, and print a line of JSON."""
