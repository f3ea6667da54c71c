class TransportLogoutNotSupportedError(Exception):
    pass


class Transport:
    @staticmethod
    def get_openapi_login_responses_success():
        return {}

    @staticmethod
    def get_openapi_logout_responses_success():
        return {}
