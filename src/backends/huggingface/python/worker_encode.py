"""Texts to vectors, and to the scores of a classifier's labels."""

from worker_models import find, refuse_too_long

# How many inputs go through the network together; a cancel is heard between two batches.
BATCH = 16


def name_of(index, total):
    return "The text" if total == 1 else f"Text {index + 1} of {total}"


def batches(lengths, size=BATCH):
    """The places of inputs of like length, together."""
    order = sorted(range(len(lengths)), key=lambda index: lengths[index])
    return [order[start : start + size] for start in range(0, len(order), size)]


def embed(request, emit, cancel):
    import torch

    model, texts, prompt = find(request), request["texts"], request["prompt"]
    encoded = model.tokenizer([prompt + text for text in texts], truncation=False)
    lengths = [len(ids) for ids in encoded["input_ids"]]
    for index, length in enumerate(lengths):
        refuse_too_long(model, name_of(index, len(lengths)), length)
    for batch in batches(lengths):
        if cancel.is_set():
            return
        with torch.inference_mode():
            vectors = model.network.encode(
                [texts[index] for index in batch],
                # None and not "": the length of an empty prompt would be taken for a token's.
                prompt=prompt or None,
                batch_size=len(batch),
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        tokens = sum(lengths[index] for index in batch)
        emit({"type": "vectors", "places": batch, "vectors": vectors.tolist(), "tokens": tokens})


def logits(request, emit, cancel):
    import torch

    model, inputs = find(request), request["inputs"]
    pairs = [each["pair"] for each in inputs] if "pair" in inputs[0] else None
    encoded = model.tokenizer([each["text"] for each in inputs], pairs, truncation=False)
    lengths = [len(ids) for ids in encoded["input_ids"]]
    for index, length in enumerate(lengths):
        what = "The text with a label" if pairs else name_of(index, len(lengths))
        refuse_too_long(model, what, length)
    # Without a token to pad with, each goes by itself.
    size = BATCH if model.tokenizer.pad_token_id is not None else 1
    for batch in batches(lengths, size):
        if cancel.is_set():
            return
        rows = {key: [values[index] for index in batch] for key, values in encoded.items()}
        padded = model.tokenizer.pad(rows, return_tensors="pt") if size > 1 else rows
        tensors = {
            key: (value if size > 1 else torch.tensor(value)).to(model.network.device)
            for key, value in padded.items()
        }
        with torch.inference_mode():
            output = model.network(**tensors).logits
        tokens = sum(lengths[index] for index in batch)
        values = output.float().tolist()
        emit({"type": "logits", "places": batch, "logits": values, "tokens": tokens})
