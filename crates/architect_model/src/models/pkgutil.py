from _architect import list_dir as _list_dir


class ModuleInfo:
    def __init__(self, name, ispkg):
        self.module_finder = None
        self.name = name
        self.ispkg = ispkg

    def __iter__(self):
        return [None, self.name, self.ispkg]


def iter_modules(path=None, prefix=""):
    result = []
    for folder in path or []:
        for name, is_dir in _list_dir(str(folder)):
            if is_dir and not name.startswith((".", "__")):
                result.append(ModuleInfo(prefix + name, True))
            elif name.endswith(".py") and name != "__init__.py":
                result.append(ModuleInfo(prefix + name[:-3], False))
    return result


walk_packages = iter_modules
