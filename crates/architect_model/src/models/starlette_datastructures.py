class UploadFile:
    pass


class Secret:
    def __init__(self, value):
        self._value = value

    def __str__(self):
        return self._value

    def __bool__(self):
        return bool(self._value)


class CommaSeparatedStrings:
    def __init__(self, value):
        if isinstance(value, str):
            value = value.split(",")
        self._items = [item.strip() for item in value]

    def __iter__(self):
        return self._items

    def __len__(self):
        return len(self._items)

    def __getitem__(self, index):
        return self._items[index]
