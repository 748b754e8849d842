"""OpenAI's own client for Python against the port: a check a line, and `ok` at the end."""

import json
import math
import sys

import openai
from pydantic import BaseModel

base_url, chat_model, tool_model, embedding_model = sys.argv[1:]
client = openai.OpenAI(base_url=base_url, api_key="any", max_retries=0)
ask = {
    "model": chat_model,
    "messages": [{"role": "user", "content": "Who are you?"}],
    "temperature": 0,
    "max_tokens": 12,
}


def check(what, holds):
    if not holds:
        sys.exit(f"It does not hold that {what}.")
    print(f"ok: {what}", flush=True)


names = [model.id for model in client.models.list()]
check("models are listed", chat_model in names)
check("a model is found by its name", client.models.retrieve(chat_model).id == chat_model)

whole = client.chat.completions.create(**ask)
text = whole.choices[0].message.content
check("chat is answered", text and whole.usage.completion_tokens > 0)
check("an answer tells its request", whole._request_id in whole.id)

stream = client.chat.completions.create(
    **ask, stream=True, stream_options={"include_usage": True}
)
chunks = list(stream)
said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
check("chat is streamed", said == text and chunks[-1].usage.completion_tokens > 0)

several = client.chat.completions.create(**ask, n=2, seed=1)
check("n gives several answers", [each.index for each in several.choices] == [0, 1])

likely = client.chat.completions.create(**ask, logprobs=True, top_logprobs=2).choices[0]
tokens = likely.logprobs.content
check("likelihoods are told", "".join(each.token for each in tokens).strip() == text.strip())
check("so are others'", all(len(each.top_logprobs) == 2 for each in tokens))

stopped = client.chat.completions.create(**{**ask, "stop": [text.split()[1]]})
check("stop ends the answer", stopped.choices[0].finish_reason == "stop")


class Label(BaseModel):
    label: str


parsed = client.chat.completions.parse(**{**ask, "max_tokens": 60}, response_format=Label)
check("a schema is kept", isinstance(parsed.choices[0].message.parsed.label, str))

if tool_model:
    weather = {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
    wanted = {**ask, "model": tool_model, "max_tokens": 60}
    called = client.chat.completions.create(**wanted, tools=[weather])
    call = called.choices[0].message.tool_calls[0]
    check("a tool is called", json.loads(call.function.arguments) == {"city": "Paris"})

continued = client.completions.create(
    model=chat_model, prompt=["Once upon", "Once upon"], max_tokens=3, temperature=0, logprobs=1
)
first, second = continued.choices
check("texts are continued", first.text == second.text and len(first.logprobs.tokens) == 3)

embedded = client.embeddings.create(model=embedding_model, input=["good", "bad"])
plain = client.embeddings.create(
    model=embedding_model, input=["good", "bad"], encoding_format="float"
)
lengths = [math.hypot(*each.embedding) for each in embedded.data]
check("vectors have length 1", all(abs(length - 1) < 1e-5 for length in lengths))
pairs = zip(embedded.data[0].embedding, plain.data[0].embedding)
check("base64 says the same", all(abs(one - other) < 1e-6 for one, other in pairs))

try:
    client.chat.completions.create(**{**ask, "model": "none/none"})
    check("an unknown model is refused", False)
except openai.NotFoundError as error:
    check("an unknown model is refused", error.code == "model-not-found" and error.request_id)
try:
    client.chat.completions.create(**{**ask, "temperature": 9})
    check("a wrong value is refused", False)
except openai.BadRequestError as error:
    check("a wrong value is refused", error.param == "temperature")
try:
    client.embeddings.create(model=embedding_model, input=[1, 2, 3])
    check("token numbers are refused", False)
except openai.BadRequestError as error:
    check("token numbers are refused", error.param == "input")

with client.chat.completions.create(**{**ask, "max_tokens": 500}, stream=True) as leaving:
    next(iter(leaving))
check("a stream may be left", client.models.retrieve(chat_model).id == chat_model)
print("ok")
