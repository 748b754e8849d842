"""Writes tiny models with random weights into a folder, as test/<name>: llama, sentiment, nli and sentences."""

import os
import sys

import sentence_transformers
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = "hello world this example is about good bad love hate sports politics vote I it ."
TEMPLATE = (
    "{% for message in messages %}"
    "{% if message.role == 'system' %}{{ raise_exception('No system message.') }}{% endif %}"
    "{{ message.role }} : {{ message.content }} "
    "{% endfor %}{% if add_generation_prompt %}assistant : {% endif %}"
)


def tokenizer_of(specials, **options):
    vocabulary = [*specials, "user", "assistant", ":", *WORDS.split(), *"abcdefghijklmnopqrstuvwxyz"]
    model = models.WordLevel({word: number for number, word in enumerate(vocabulary)}, "[UNK]")
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if "[CLS]" in specials:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]",
            pair="[CLS] $A [SEP] $B:1 [SEP]:1",
            special_tokens=[(each, vocabulary.index(each)) for each in ("[CLS]", "[SEP]")],
        )
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **options)


def write(folder, model, tokenizer):
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def bert_config(tokenizer, **more):
    return transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        pad_token_id=1,
        **more,
    )


def labels(*names):
    return {"id2label": dict(enumerate(names)), "label2id": {each: i for i, each in enumerate(names)}}


def main(directory):
    torch.manual_seed(0)
    # Without a token that ends an answer: a test does.
    chat = tokenizer_of(["[UNK]", "<s>"], unk_token="[UNK]", bos_token="<s>")
    chat.chat_template = TEMPLATE
    config = transformers.LlamaConfig(
        vocab_size=len(chat),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        bos_token_id=1,
        eos_token_id=None,
    )
    llama = transformers.LlamaForCausalLM(config)
    write(os.path.join(directory, "test", "llama"), llama, chat)

    bert = tokenizer_of(
        ["[UNK]", "[PAD]", "[CLS]", "[SEP]"],
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )
    for name, names in (
        ("sentiment", ("NEGATIVE", "POSITIVE")),
        ("nli", ("contradiction", "neutral", "entailment")),
    ):
        classifier = transformers.BertForSequenceClassification(bert_config(bert, **labels(*names)))
        write(os.path.join(directory, "test", name), classifier, bert)

    plain = os.path.join(directory, "plain")
    write(plain, transformers.BertModel(bert_config(bert)), bert)
    sentences = sentence_transformers.SentenceTransformer(plain, device="cpu")
    sentences.save(os.path.join(directory, "test", "sentences"))


main(sys.argv[1])
