"""Where the blocks of the documentation are run: what the word behind a fence's language means."""

# What can be run; other blocks show output, settings, JavaScript (run by tests/documentation/calling) or code.
PROGRAMS = ("sh", "python")

# A mark, and what runs the blocks that bear it. `account` is run by nobody: it needs an account of AWS, a host there,
# or GitHub.
WHERE = {
    "": "make test",
    "torch": "make test-torch",
    "slow": "make test-slow",
    "monitoring": "make test-monitoring",
    "docker": "make test-compose",
    "account": "an account of AWS",
}

# Tests of their own run these pages.
ELSEWHERE = {
    "docs/adding-a-family.md": "tests/contract/test_adding_a_family.py",
    "docs/calling.md": "tests/documentation/calling/test_calling.py",
}
