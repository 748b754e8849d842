"""The models in memory, and the errors whose words are our own."""

models = {}


class Failure(Exception):
    """An error whose words are our own: it can be shown."""

    def __init__(self, code, message, remedy=None, **details):
        super().__init__(message)
        self.line = {"code": code, "message": message, "details": details}
        if remedy is not None:
            self.line["remedy"] = remedy


class Model:
    """A model in memory. `network` is a sentence-transformer where it embeds."""

    def __init__(self, name, network, tokenizer, window):
        self.name = name
        self.network = network
        self.tokenizer = tokenizer
        self.window = window


def find(request):
    model = models.get(request["model"])
    if model is None:
        raise Failure("backend-error", f"{request['model']} is not loaded.", "Ask again.")
    return model


def refuse_too_long(model, what, count):
    if model.window is not None and count > model.window:
        raise Failure(
            "context-length-exceeded",
            f"{what} has {count} tokens, and {model.name} takes {model.window}.",
            "Shorten or split the text, or use a model with a longer context.",
            inputTokens=count,
            contextTokens=model.window,
        )


def is_out_of_memory(error):
    """On a GPU it is an error of torch's own, on the CPU a RuntimeError that says so."""
    name, words = type(error).__name__, str(error)
    return isinstance(error, MemoryError) or name == "OutOfMemoryError" or "can't allocate memory" in words
