"""How Sphinx builds the site: `make docs`.

The source folder is the root of the project, so that a relative link which works between files on a
code host works on the site. What is made from the code goes to docs/_generated/ first.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

project = "bellwire"
author = "The bellwire authors"
extensions = ["myst_nb", "sphinx.ext.autodoc", "site_pages.extension"]
root_doc = "docs/index"
include_patterns = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "GLOSSARY.md",
    "README.md",
    "SECURITY.md",
    "docs/**.md",
    "examples/notebooks/*.ipynb",
]
exclude_patterns = [
    ".*",
    "build",
    "dist",
    "docs/_build",
    "tests",
    "*.egg-info",
    "**/.ipynb_checkpoints",
]

nitpicky = True
default_role = "code"  # as docstrings mean single backticks
smartquotes = False  # --option stays two dashes
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "notebooks")
nb_execution_raise_on_error = True
nb_execution_timeout = 120

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_inherit_docstrings = False
autodoc_typehints_format = "short"
add_module_names = False

html_theme = "furo"
html_title = "bellwire"
html_static_path = ["_static"]
html_css_files = ["site.css"]
templates_path = ["_templates"]
html_additional_pages = {"index": "redirect.html"}
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
