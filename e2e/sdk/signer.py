"""SDK-HMAC-SHA256, for clients that are none of the vendor's SDKs."""

import hashlib
import hmac
import json
import os
from urllib.parse import quote, unquote_to_bytes

where = json.loads(os.environ["FUNCD_CREDENTIALS"])
KEPT = "-._~"


def sign(method, target, headers, body, access_key=where["access_key"], secret_key=where["secret_key"]):
    """The Authorization header of a request; `headers` are those to sign, in lower case, `x-sdk-date` among them."""
    path, _, query = target.partition("?")
    canonical = "/".join(quote(unquote_to_bytes(part), safe=KEPT) for part in path.split("/"))
    # Some clients write a space of the query as `+`.
    pairs = sorted((unquote_to_bytes(name), unquote_to_bytes(value))
                   for name, _, value in (one.partition("=") for one in query.replace("+", " ").split("&") if one))
    names = sorted(name.lower() for name in headers)
    lines = [
        method, canonical if canonical.endswith("/") else canonical + "/",
        "&".join(f"{quote(name, safe=KEPT)}={quote(value, safe=KEPT)}" for name, value in pairs),
        "".join(f"{name}:{headers[name]}\n" for name in names), ";".join(names), hashlib.sha256(body).hexdigest(),
    ]
    text = "\n".join(["SDK-HMAC-SHA256", headers["x-sdk-date"], hashlib.sha256("\n".join(lines).encode()).hexdigest()])
    signature = hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"SDK-HMAC-SHA256 Access={access_key}, SignedHeaders={';'.join(names)}, Signature={signature}"
