interface Request {
  method: string;
  headers: Record<string, string>;
  body: string | Blob | null;
  signal?: AbortSignal;
}

/** `fetch`, which cannot say how much of a body has gone: that part of it, from 0 to 1, is told to `onSent`. Without a limit of time, as the
 * server has one. */
export function transfer(path: string, wanted: Request, onSent: (part: number) => void): Promise<Response> {
  const { method, headers, body, signal } = wanted;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onSent(loaded / Math.max(1, total));
    request.upload.onload = () => onSent(1);
    request.onload = () => resolve(answered(request));
    request.onerror = () => reject(new TypeError("the connection failed"));
    request.onabort = () => reject(signal?.reason);
    const stop = () => request.abort();
    request.onloadend = () => signal?.removeEventListener("abort", stop);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", stop);
    request.send(body);
  });
}

function answered(request: XMLHttpRequest): Response {
  const { status, statusText, responseText } = request;
  const id = request.getResponseHeader("x-request-id");
  // A status that has no body allows not even an empty one.
  return new Response(responseText || null, { status, statusText, headers: id ? { "x-request-id": id } : {} });
}
