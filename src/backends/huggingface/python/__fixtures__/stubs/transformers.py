"""As much of transformers as worker.py uses. What a model answers is said by the prompt's last word."""

import os
import time

import torch

__version__ = "5.0.0"
print("a library that prints to standard output")

words = []


def token(word):
    if word not in words:
        words.append(word)
    return words.index(word)


class TemplateError(Exception):
    __module__ = "jinja2.exceptions"


class Tokenizer:
    pad_token_id, eos_token_id = 0, 1
    all_special_tokens, all_special_ids = ["<pad>", "<end>", "<|im_end|>"], [0, 1, 2]

    def __call__(self, texts, pairs=None, truncation=None, add_special_tokens=True):
        if isinstance(texts, str):
            return {"input_ids": [token(word) for word in texts.split()]}
        both = [f"{text} {pair}" for text, pair in zip(texts, pairs or [""] * len(texts))]
        return {"input_ids": [[token(word) for word in text.split()] for text in both]}

    def pad(self, rows, return_tensors):
        longest = max(len(row) for row in rows["input_ids"])
        padded = [row + [0] * (longest - len(row)) for row in rows["input_ids"]]
        return {"input_ids": torch.Tensor(padded)}

    def decode(self, ids, **options):
        return " ".join(words[each] for each in ids)

    def apply_chat_template(self, messages, chat_template, tokenize, add_generation_prompt):
        if messages[0]["role"] == "system":
            raise TemplateError("No system message.")
        said = " ".join(each["content"] for each in messages)
        return chat_template.replace("MESSAGES", said)


class AutoTokenizer:
    @staticmethod
    def from_pretrained(path, local_files_only):
        for special in Tokenizer.all_special_tokens:
            token(special)
        return Tokenizer()


class Parameter:
    def numel(self):
        return 250

    def element_size(self):
        return 4


class Network:
    device = "cpu"

    class generation_config:
        eos_token_id = None

    @classmethod
    def from_pretrained(cls, path, local_files_only, dtype):
        with open(os.path.join(path, "config.json")) as file:
            if "broken" in file.read():
                raise OSError("model.safetensors is cut short")
        network = cls()
        network.dtype = dtype
        return network

    def to(self, device):
        return self

    def eval(self):
        return self

    def parameters(self):
        return [Parameter()]


class AutoModelForSequenceClassification(Network):
    def __call__(self, input_ids):
        def score(row, word):
            return float(3 * row.count(token(word)))

        class Output:
            logits = torch.Tensor(
                [[score(row, "bad"), 0.0, score(row, "good")] for row in input_ids.rows]
            )

        return Output


class AutoModelForCausalLM(Network):
    def generate(self, input_ids, streamer, stopping_criteria, max_new_tokens, **options):
        streamer.put(input_ids)
        said = answer(words[input_ids.rows[0][-1]], options, self.dtype)
        for word, _ in zip(said, range(max_new_tokens)):
            streamer.put(torch.Tensor([token(word)]))
            if token(word) in options["eos_token_id"]:
                break
            if any(each(input_ids, None) for each in stopping_criteria):
                print("stopped by its criterion")
                break
        streamer.end()


def answer(word, options, dtype):
    if word == "options":
        shown = {**options, "seed": torch.seed, "threads": torch.threads, "dtype": dtype}
        return [f"{key}={shown[key]}" for key in sorted(shown) if key not in ("attention_mask",)]
    if word == "pid":
        return [str(os.getpid())]
    if word == "crash":
        os._exit(7)
    if word == "exhaust":
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
    if word == "fail":
        raise RuntimeError("It failed on a prompt that must not be seen")
    if word == "<think>":
        return ["hm", "</think>", "yes", "<|im_end|>"]
    return ticks() if word == "forever" else ["one", "two", "three", "<|im_end|>", "four"]


def ticks():
    while True:
        time.sleep(0.01)
        yield "tick"


class StoppingCriteria:
    pass


class StoppingCriteriaList(list):
    pass
