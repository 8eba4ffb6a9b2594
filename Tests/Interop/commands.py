"""Every command of the AsyncAPI document, made from its schema as by a client that knows nothing else of it."""

import re

from client import ASYNCAPI, require, schema_errors
from journey import check_written


def commands():
    """The message of every operation that a service answers, with the types of its answers."""
    found = []
    for operation in ASYNCAPI["operations"].values():
        if operation["action"] == "receive" and "reply" in operation:
            answers = {reference["$ref"].rsplit("/", 1)[-1] for reference in operation["reply"]["messages"]}
            for reference in operation["messages"]:
                found.append((ASYNCAPI["components"]["messages"][reference["$ref"].rsplit("/", 1)[-1]], answers))
    return found


def example(schema, name, run):
    """The least that a schema accepts. Ids are of this run: nothing that they name exists."""
    if "$ref" in schema:
        schema = resolve(schema["$ref"])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {field: example(properties[field], field, run) for field in schema.get("required", [])}
    if kind == "array":
        return [example(schema["items"], name, run)] * schema.get("minItems", 0)
    if kind == "integer":
        return schema.get("minimum", 0)
    if kind == "boolean":
        return False
    require(kind == "string", f"{name} has a schema that is not known here: {schema}")
    if schema.get("format") == "date-time":
        return "2026-01-02T03:04:05.000Z"
    if name == "currency":
        return "CNY"
    if name == "publicKey":
        # X25519's base point, 32 bytes.
        return "CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    text = f"{name}-{run}" if name.lower().endswith("id") else "x"
    return text.ljust(schema.get("minLength", 0), "x")[:schema.get("maxLength", len(text) + 64)]


def resolve(reference):
    target = ASYNCAPI
    for step in reference.removeprefix("#/").split("/"):
        target = target[step]
    return target


def key_of(template, data, run):
    """`<field>`, `<field>~<field>`, `<field> or <field>`; else an account."""
    if template.startswith("<provider>"):
        return f"channel:{data['channelId']}" if "channelId" in data else f"jd-fulfillment:{run}"
    for alternative in template.split(" or "):
        fields = re.findall(r"<(\w+)>", alternative)
        if all(field in data for field in fields):
            return "~".join(data[field] for field in fields)
    # Of two fields that may both be absent, none was given.
    return f"none-{run}"


def actor_of(description, data):
    """The first of those who may send it; one whom the data does not name is somebody."""
    kind, name = re.search(r"Sent by (\w+):(<[^>]*>|[\w-]+)", description).groups()
    return f"{kind}:{data.get(name[1:-1], 'somebody') if name.startswith('<') else name}"


def check_commands(client, tally):
    """Each is answered by an event, or refused with a code, that the document promises of it."""
    described = commands()
    tally.check("python: the AsyncAPI document has commands", lambda: require(len(described) > 30, f"only {len(described)}"))
    for message, answers in described:
        tally.check(f"python, from the document alone: {message['name']}", lambda m=message, a=answers: check_command(client, m, a))


def check_command(client, message, answers):
    name, description = message["name"], message["description"]
    data = example(message["payload"], name, client.run)
    errors = schema_errors(name, data)
    require(not errors, f"the example does not fit the schema: {errors}")
    service = name.split(".")[1]
    ce_id, written = client.message(
        name, key_of(message["bindings"]["kafka"]["key"]["description"], data, client.run), data, actor_of(description, data))
    client.send(f"daifa.{service}.commands", written)
    answer = client.answer(ce_id, f"daifa.{service}.events")
    require(answer.type in answers, f"expected one of {sorted(answers)}, got {answer}")
    check_written(answer)
    if not answer.type.endswith(".refused.v1"):
        return answer.type.split(".")[2]
    promised = re.search(r"May be refused: ([^.]*)\.", description)[1].split(", ")
    require(answer.data["code"] in promised, f"{answer.data} is not one of the promised {promised}")
    return answer.data["code"]
