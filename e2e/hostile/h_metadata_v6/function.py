import probe


def attempt():
    return {
        "public": probe.reached("93.184.216.34", 80),
        "ec2": probe.reached("fd00:ec2::254", 80),
        "link_local": probe.reached("fe80::a9fe:a9fe", 80),
    }
