"""What decorators of other packages ask FastAPI for. Source: fastapi/dependencies/utils.py of 0.115 to 0.165."""

import inspect


def get_typed_signature(call):
    return inspect.signature(call)


def get_typed_return_annotation(call):
    annotation = inspect.signature(call).return_annotation
    return None if annotation is inspect.Signature.empty else annotation


def get_typed_annotation(annotation, globalns):
    return annotation
