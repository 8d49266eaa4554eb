"""A pretrained encoder in small: random numbers in the shape of a BERT, and the tokenizer of its own few words."""

import string
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

SENTENCES = (
    "the film is dull weak poor fine warm funny , really .",
    "its plot cast score ending script scene story was not what we had hoped for !",
)
_MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_CHARACTERS = string.ascii_lowercase + string.digits + string.punctuation


def tiny_encoder(folder: Path, texts: Iterable[str] = SENTENCES, *, kind: str = "Bert", **changed: object) -> Path:
    """Save an encoder that knows the words of these texts and spells others, as Hugging Face's are saved.

    `kind` is another of transformers' architectures that begins with one layer of words and one of positions, `changed`
    what its configuration says otherwise.
    """
    torch, transformers = import_module("torch"), import_module("transformers")
    words = dict.fromkeys(word for text in texts for word in text.lower().split())
    vocabulary = dict.fromkeys((*_MARKS, *_CHARACTERS, *(f"##{letter}" for letter in _CHARACTERS), *words))
    numbers = {word: number for number, word in enumerate(vocabulary)}
    shape: dict[str, object] = {
        "vocab_size": len(numbers),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
    }
    config = getattr(transformers, f"{kind}Config")(**{**shape, **changed})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = getattr(transformers, f"{kind}Model")(config)
    model.save_pretrained(folder)
    transformers.BertTokenizer(vocab=numbers, model_max_length=config.max_position_embeddings).save_pretrained(folder)
    return folder
