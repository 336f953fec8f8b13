"""The only package that knows DeskDirector."""
