import probe


def attempt():
    return {
        "public": probe.reached("93-184-216-34.test", 80),
        "metadata": probe.reached("169-254-169-254.test", 80),
        "private": probe.reached("10-1-2-3.test", 80),
    }
