"""`python -m sentigrade`."""

from sentigrade.cli import main

main()
