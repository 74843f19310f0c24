// What the page asks of the service. Every refusal becomes a ServiceError whose message can be shown as it is.

export class ServiceError extends Error {
  constructor(message, { code = "", where = null } = {}) {
    super(message);
    this.code = code;
    this.where = where;
  }
}

const GONE = "The service does not answer. Is “summae serve” still running?";

async function answer(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServiceError(GONE);
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  const { code, reason, where } = body?.error ?? {};
  throw new ServiceError(reason ? sentence(reason) : `The service answered ${response.status}.`, { code, where });
}

// A capital unless it begins with a file's name, and a full stop.
const sentence = (reason) =>
  reason.replace(/^[a-z](?=[a-z]*[ :,])/, (letter) => letter.toUpperCase()) + (/[.!?]$/.test(reason) ? "" : ".");

export const ask = (path, body, signal) =>
  answer(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });

export async function extract(file, signal) {
  const limits = await health().then((found) => found.limits);
  if (file.size > limits.body_bytes) {
    const [size, most] = [file.size, limits.body_bytes].map((bytes) => bytes.toLocaleString("en"));
    throw new ServiceError(`${file.name}: ${size} bytes, at most ${most} are read.`);
  }
  const path = `extract?name=${encodeURIComponent(file.name.slice(-255))}`;
  const headers = { "Content-Type": "application/octet-stream" };
  return (await answer(path, { method: "POST", headers, body: file, signal })).text;
}

export const health = () => answer("health");
export const features = () => answer("features");
