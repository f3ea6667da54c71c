from starlette.datastructures import UploadFile as StarletteUploadFile


class UploadFile(StarletteUploadFile):
    pass


class DefaultPlaceholder:
    def __init__(self, value):
        self.value = value

    def __bool__(self):
        return bool(self.value)


def Default(value):
    return DefaultPlaceholder(value)
