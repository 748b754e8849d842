"""Text that goes on, a token at a time."""

from worker_models import Failure, find, refuse_too_long


def prompt_of(model, request):
    """The prompt's tokens, and whether the template leaves the model thinking aloud."""
    tokenizer = model.tokenizer
    if "messages" not in request:
        ids = tokenizer(request["prompt"])["input_ids"]
        # Some tokenizers end every text, and then there is nothing to continue.
        ended = len(ids) > 1 and ids[-1] == tokenizer.eos_token_id
        return ids[:-1] if ended else ids, False
    try:
        text = tokenizer.apply_chat_template(
            request["messages"],
            chat_template=request["template"],
            tokenize=False,
            add_generation_prompt=True,
        )
    except Exception as error:
        if type(error).__module__.split(".")[0] != "jinja2":
            raise
        # Templates refuse what the model was not trained on: a system message, two turns of one role.
        raise Failure(
            "invalid-request",
            f"The template of {model.name} does not take these messages: {error}",
            "Leave the system message out, or let the roles take turns.",
        ) from None
    # The template has written the special tokens itself.
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids, text.rstrip().endswith("<think>")


class Streamer:
    """Takes tokens as they are chosen, and tells the text that is certain."""

    def __init__(self, tokenizer, context, ends, emit):
        self.tokenizer, self.ends, self.emit = tokenizer, ends, emit
        # A token's reading depends on a few before it.
        self.ids, self.start, self.told = list(context), 0, len(context)
        self.count, self.reason, self.is_prompt = 0, "length", True

    def put(self, value):
        if self.is_prompt:
            self.is_prompt = False
            return
        for token in value.reshape(-1).tolist():
            self.count += 1
            if token in self.ends:
                self.reason = "stop"
                return
            self.ids.append(token)
            self.tell(False)

    def tell(self, is_last):
        before = self.decode(self.ids[self.start : self.told])
        text = self.decode(self.ids[self.start :])
        # The bytes of one character may come in several tokens.
        if len(text) > len(before) and (is_last or not text.endswith("\ufffd")):
            self.start, self.told = self.told, len(self.ids)
            self.emit({"type": "text", "text": text[len(before) :], "outputTokens": self.count})

    def decode(self, ids):
        return self.tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )

    def end(self):
        self.tell(True)


def ends_of(model, request):
    """The tokens that end an answer: those the model says, and those by which a turn ends in the templates in use."""
    said = [model.network.generation_config.eos_token_id, model.tokenizer.eos_token_id]
    ends = {end for each in said for end in (each if isinstance(each, list) else [each])}
    tokenizer = model.tokenizer
    usual = zip(tokenizer.all_special_tokens, tokenizer.all_special_ids)
    ends.update(token for text, token in usual if text in request["turnEnds"])
    return ends - {None}


def generate(request, emit, cancel):
    import torch
    import transformers

    class Cancelled(transformers.StoppingCriteria):
        def __call__(self, input_ids, scores, **options):
            return torch.full((input_ids.shape[0],), cancel.is_set(), device=input_ids.device)

    model = find(request)
    ids, thinking = prompt_of(model, request)
    window = model.window or len(ids) + request["mostTokens"]
    refuse_too_long(model, "The prompt", len(ids) + 1)
    emit({"type": "prompt", "inputTokens": len(ids), "thinking": thinking})
    ends = ends_of(model, request)
    limit = min(request.get("maxTokens") or window, window - len(ids))
    streamer = Streamer(model.tokenizer, request_context(request, ids), ends, emit)
    torch.manual_seed(request["sampling"]["seed"])
    prompt = torch.tensor([ids]).to(model.network.device)
    with torch.inference_mode():
        model.network.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=limit,
            streamer=streamer,
            stopping_criteria=transformers.StoppingCriteriaList([Cancelled()]),
            eos_token_id=sorted(ends) or None,
            pad_token_id=pad_token(model, ends),
            num_beams=1,
            **sampling_options(request["sampling"]),
        )
    emit({"type": "finish", "reason": streamer.reason, "outputTokens": streamer.count})


def request_context(request, ids):
    """For a text that goes on, the blank between the two belongs to the answer."""
    return [] if "messages" in request else ids[-6:]


def pad_token(model, ends):
    if model.tokenizer.pad_token_id is not None:
        return model.tokenizer.pad_token_id
    return min(ends) if ends else 0


def sampling_options(sampling):
    penalty = {"repetition_penalty": sampling["repetitionPenalty"]}
    if sampling["temperature"] == 0:
        return {"do_sample": False, **penalty}
    return {
        "do_sample": True,
        "temperature": sampling["temperature"],
        "top_p": sampling["topP"],
        "top_k": sampling["topK"],
        **penalty,
    }
