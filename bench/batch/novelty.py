"""How many words of the sentences the cleaner has to work out, each time that they come."""

from collections.abc import Sequence

from sentigrade.model import Model
from sentigrade.text.normalising import stages
from sentigrade.text.profile import CleaningProfile
from sentigrade.text.tokenising import ChunkTokenizer


class _CountingTokenizer(ChunkTokenizer):
    """Counts the words that it does not remember."""

    def __init__(self, profile: CleaningProfile) -> None:
        super().__init__(profile, profile.pipeline.partition(":")[2])
        self.learned = 0

    def learn(self, chunk: str) -> str:
        """Clean a chunk that is not remembered."""
        self.learned += 1
        return super().learn(chunk)


def unmet_shares(sentences: Sequence[str], model: Model, passes: int = 2) -> list[float]:
    """Return the share of words that are not remembered, when the sentences come for the first time, and again.

    The cleaner remembers the newest 32,768 words beside those of the model, and 80,000 sentences bring more: so a
    cycle of them flatters us hardly more than sentences without end would, and the last two shares say how much.
    """
    tokenizer = _CountingTokenizer(model.manifest.cleaning)
    tokenizer.warm(model.classifier.words())
    texts = list(sentences)
    for stage in stages(model.manifest.cleaning):
        texts = list(map(stage.apply, texts))
    words = sum(len(text.split()) for text in texts)
    shares = []
    for _ in range(passes):
        tokenizer.learned = 0
        for text in texts:
            tokenizer.clean(text)
        shares.append(tokenizer.learned / words)
    return shares
