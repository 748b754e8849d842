"""Reads models into memory, and lets them go."""

import gc
import traceback

from worker_models import Failure, Model, is_out_of_memory, models


def start_torch(threads):
    import torch

    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    return torch


def device_of(torch):
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def dtype_options(torch, library, dtype):
    """Versions before 5 know the option by another name."""
    key = "dtype" if int(library.__version__.split(".")[0]) >= 5 else "torch_dtype"
    return {key: {"fp32": torch.float32, "fp16": torch.float16}.get(dtype, "auto")}


def load(request, emit, cancel):
    name, path, task = request["model"], request["path"], request["task"]
    torch = start_torch(request["threads"])
    try:
        if task == "embedding":
            model = load_sentence_transformer(torch, request)
        else:
            model = load_transformer(torch, request)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise
        # No request's text is here yet: these words are about files.
        traceback.print_exc()
        first = str(error).strip().split("\n")[0][:300]
        raise Failure(
            "storage-failed",
            f"{name} could not be loaded from {path}: {first}",
            "Fetch it again, or see whether this version of transformers knows its architecture.",
        ) from None
    model.network.eval()
    models[name] = model
    parameters = sum(each.numel() * each.element_size() for each in model.network.parameters())
    emit({"type": "loaded", "memoryBytes": parameters})


def load_sentence_transformer(torch, request):
    import sentence_transformers
    import transformers

    network = sentence_transformers.SentenceTransformer(
        request["path"],
        device=device_of(torch),
        local_files_only=True,
        model_kwargs=dtype_options(torch, transformers, request.get("dtype")),
    )
    # The prompts come with each request, so that there is one rule for them.
    network.default_prompt_name = None
    window = network.max_seq_length or request.get("window")
    return Model(request["model"], network, network.tokenizer, window)


def load_transformer(torch, request):
    import transformers

    kinds = {
        "sequence": transformers.AutoModelForSequenceClassification,
        "generation": transformers.AutoModelForCausalLM,
    }
    options = dtype_options(torch, transformers, request.get("dtype"))
    path, task = request["path"], request["task"]
    tokenizer = transformers.AutoTokenizer.from_pretrained(path, local_files_only=True)
    network = kinds[task].from_pretrained(path, local_files_only=True, **options)
    network.to(device_of(torch))
    return Model(request["model"], network, tokenizer, request.get("window"))


def unload(request, emit, cancel):
    models.pop(request["model"], None)
    gc.collect()
