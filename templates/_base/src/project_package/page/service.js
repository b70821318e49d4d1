// What every page needs from its service: one call, one way to show what went wrong.

/** POST `body` as JSON; throws an Error with the service's own sentence when it refuses. */
export async function ask(path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("The service does not answer. Is it still running?");
  }
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(value.error ?? `The service answered ${answer.status}.`);
  return value;
}

/** Show a sentence in the element with role="alert"; an empty one hides it. */
export function complain(sentence = "") {
  const place = document.querySelector("[role=alert]");
  place.textContent = sentence;
  place.hidden = sentence === "";
}

/** Make an element: element("li", {className: "word"}, "text", child). */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

async function showModel() {
  const answer = await fetch("/version");
  if (!answer.ok) return;
  const { primary, comparison, data } = await answer.json();
  const [low, high] = primary.ci.map((end) => end.toFixed(3));
  const source = data.sample ? "the small sample, so not a real result" : data.source;
  document.querySelector("#about").textContent =
    `Measured on ${primary.measured_on}: ${primary.label} ${primary.value.toFixed(3)} ` +
    `[${low}, ${high}], ${primary.baseline_name} ${primary.baseline.toFixed(3)}: ${comparison.verdict}. Data: ${source}.`;
}

showModel();
