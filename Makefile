# make book  builds the course into _build/html      make test  proves it
# What each command does is in almost_allies/__main__.py, so that `python -m almost_allies test` is the same without make.
PYTHON ?= python3
COMMANDS := build teach lite site test pdf epub release serve notebooks links bench hooks lock update clean help

.PHONY: book $(COMMANDS)

book: build

lite: ARGS ?= $(PYODIDE)

$(COMMANDS):
	@$(PYTHON) -m almost_allies $@ $(ARGS)
