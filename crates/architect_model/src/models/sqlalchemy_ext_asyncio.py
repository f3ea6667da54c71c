class AsyncAttrs:
    pass
