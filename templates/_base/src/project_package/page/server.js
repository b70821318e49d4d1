// The service that this page came from.

/** Its answer; throws an Error with the service's own sentence when it refuses. */
export async function answer(method, path, given) {
  let said;
  try {
    said = await (method === "post"
      ? fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(given),
      })
      : fetch(`${path}?${new URLSearchParams(given)}`));
  } catch {
    throw new Error("The service does not answer. Is it still running?");
  }
  const value = await said.json().catch(() => ({}));
  if (!said.ok) throw new Error(value.error ?? `The service answered ${said.status}.`);
  return value;
}
