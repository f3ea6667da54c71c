from makefun.main import (
    add_signature_parameters,
    create_function,
    create_wrapper,
    partial,
    remove_signature_parameters,
    with_partial,
    with_signature,
    wraps,
)
