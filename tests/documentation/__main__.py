"""Lists the documentation's commands and what runs them: `python -m tests.documentation`."""

from tests.documentation.blocks import Block, blocks, pages
from tests.documentation.marks import ELSEWHERE, PROGRAMS, WHERE


def where(block: Block) -> str:
    """Say what runs a block."""
    return ELSEWHERE.get(block.page, WHERE[block.mark])


def main() -> None:
    """Print a table."""
    print("| page | first line | run by |\n| --- | --- | --- |")
    for page in pages():
        for block in blocks(page):
            if block.language in (*PROGRAMS, "js"):
                first = block.text.splitlines()[0].replace("|", "\\|")
                print(f"| {block.page}:{block.line} | `{first}` | {where(block)} |")


if __name__ == "__main__":
    main()
