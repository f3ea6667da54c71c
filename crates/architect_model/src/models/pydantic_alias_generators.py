"""Aliases from names. Source: pydantic/alias_generators.py; https://docs.pydantic.dev/latest/api/config/#pydantic.alias_generators."""


def to_pascal(snake):
    camel = snake.title()
    out = ""
    for at, char in enumerate(camel):
        before = camel[at - 1] if at else ""
        after = camel[at + 1] if at + 1 < len(camel) else ""
        if char == "_" and before.isalnum() and (after.isdigit() or after.isupper()):
            continue
        out += char
    return out


def to_camel(snake):
    if snake and snake[0].islower() and "_" not in snake:
        return snake
    camel = to_pascal(snake)
    start = len(camel) - len(camel.lstrip("_"))
    return camel[:start] + camel[start : start + 1].lower() + camel[start + 1 :]


def to_snake(camel):
    out = ""
    for at, char in enumerate(camel):
        before = camel[at - 1] if at else ""
        after = camel[at + 1] if at + 1 < len(camel) else ""
        if char.isupper() and before and before != "_" and (not before.isupper() or after.islower()):
            out += "_"
        out += "_" if char == "-" else char
    return out.lower()
