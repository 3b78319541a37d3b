def attempt():
    return {}
