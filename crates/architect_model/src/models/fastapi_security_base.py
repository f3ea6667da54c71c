class SecurityBase:
    pass
