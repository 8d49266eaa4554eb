"""The cleaning profile: every choice that turns a text into a cleaned text, frozen in the manifest."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class CleaningProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How texts are cleaned. The defaults were chosen by measuring accuracy and time: docs/cleaning.md.

    pipeline     `blank:LANG` is spaCy's tokenizer for a language; `whitespace` parts words at white space only, for
                 models that come with their own idea of a word; any other value is the name of an installed spaCy
                 pipeline such as en_core_web_sm (a hundred times slower, but it knows lemmas)
    html         strip: remove HTML tags and comments, decode entities
    unicode      normalisation form, which folds ligatures, full-width letters, no-break spaces
    typography   plain: curly and Penn Treebank quotes become straight ones, long dashes become `--`
    case         lower: fold to lower case
    numbers      mask: every number becomes `<num>`; drop: remove numbers
    punctuation  drop: remove tokens without a letter or a digit
    stop_words   drop: remove spaCy's stop words; drop_but_negations: the same, but not, n't, never ... stay
    lemmas       use each token's base form; needs an installed pipeline
    """

    schema: Literal[1] = 1
    pipeline: Annotated[str, Meta(pattern=r"^(blank:[a-z]{2,3}|[A-Za-z_][A-Za-z0-9_]*)$")] = "blank:en"
    html: Literal["keep", "strip"] = "strip"
    unicode: Literal["keep", "NFC", "NFKC"] = "NFKC"
    typography: Literal["keep", "plain"] = "plain"
    case: Literal["keep", "lower"] = "lower"
    numbers: Literal["keep", "mask", "drop"] = "keep"
    punctuation: Literal["keep", "drop"] = "keep"
    stop_words: Literal["keep", "drop", "drop_but_negations"] = "keep"
    lemmas: bool = False

    @property
    def cleans_sentences_alone(self) -> bool:
        """Whether the cleaned sentences of a text, one after the other, are the cleaned text.

        A pipeline looks at the neighbours of a word; and sentences end at HTML tags, which are in none of them.
        """
        return self.html == "strip" and (self.pipeline == "whitespace" or self.pipeline.startswith("blank:"))


# The text as it is, but for its white space: for a model from elsewhere, which was trained without a Cleaner.
AS_IT_IS = CleaningProfile(pipeline="whitespace", html="keep", unicode="keep", typography="keep", case="keep")
