"""A typed, dependable backend between Microsoft's low-code platforms and DeskDirector."""
