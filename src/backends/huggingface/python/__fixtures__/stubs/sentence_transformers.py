"""As much of sentence_transformers as worker.py uses: a vector tells its text's words, and the prompt that came with it."""

from transformers import Network, Tokenizer


class Vectors(list):
    def tolist(self):
        return list(self)


class SentenceTransformer(Network):
    max_seq_length = 8

    def __init__(self, path, device, local_files_only, model_kwargs):
        self.tokenizer = Tokenizer()

    def encode(self, texts, prompt, batch_size, show_progress_bar, convert_to_numpy):
        if texts == ["nan"]:
            return Vectors([[float("nan"), 1.0]])
        return Vectors([[float(len(text.split())), float(len(prompt or ""))] for text in texts])
