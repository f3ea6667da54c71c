def contextmanager(function):
    return function


def asynccontextmanager(function):
    return function


class AbstractContextManager:
    pass


class AbstractAsyncContextManager:
    pass


class nullcontext:
    def __init__(self, enter_result=None):
        self.enter_result = enter_result

    def __enter__(self):
        return self.enter_result


class ExitStack:
    def __enter__(self):
        return self

    def enter_context(self, manager):
        return manager

    def callback(self, *args, **kwargs):
        return None


class AsyncExitStack(ExitStack):
    def __aenter__(self):
        return self

    async def enter_async_context(self, manager):
        return manager
