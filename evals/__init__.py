"""Can a model run the help desk with our tools? Scripted models of middling skill try thirty ordinary requests."""
