// What every page needs: one call, one way to show what went wrong.
import { answer } from "./server.js"; // in the demo, local.js stands in its place

/** POST `body` as JSON; throws an Error with a sentence when it is refused. */
export function ask(path, body) {
  return answer("post", path, body);
}

/** GET what stands at `path`; throws likewise. */
export function get(path, query = {}) {
  return answer("get", path, query);
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
  const { primary, comparison, data } = await get("/version");
  const [low, high] = primary.ci.map((end) => end.toFixed(3));
  const source = data.sample ? "the small sample, so not a real result" : data.source;
  document.querySelector("#about").textContent =
    `Measured on ${primary.measured_on}: ${primary.label} ${primary.value.toFixed(3)} ` +
    `[${low}, ${high}], ${primary.baseline_name} ${primary.baseline.toFixed(3)}: ${comparison.verdict}. Data: ${source}.`;
}

showModel().catch(() => {}); // a page without this line is still of use
