"""What DeskDirector answers, under our names: a file a family."""
