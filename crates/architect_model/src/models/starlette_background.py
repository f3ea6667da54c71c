class BackgroundTask:
    pass


class BackgroundTasks(BackgroundTask):
    pass
