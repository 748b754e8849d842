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
    """A model in memory. `task` is embedding, sequence or generation; `steps` the sentence-transformer, where it is one."""

    def __init__(self, name, task, network, tokenizer, window):
        self.name = name
        self.task = task
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
