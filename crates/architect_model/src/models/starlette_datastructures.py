class UploadFile:
    pass
