// What a demo's model answers: node parity.mjs DEMO REQUESTS prints {answers, milliseconds}.
// DEMO needs a package.json that says "module"; REQUESTS is JSON: [[method, path, given], ...].
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

const [demo, requests] = process.argv.slice(2);
const { load } = await import(pathToFileURL(`${demo}/infer.js`));
const model = await load(async (name) => {
  const bytes = gunzipSync(await readFile(`${demo}/${name}.gz`));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
});
const answers = [];
const asked = JSON.parse(await readFile(requests, "utf8"));
const started = performance.now();
for (const [method, path, given] of asked) {
  try {
    answers.push(await model[method][path](given));
  } catch (error) {
    answers.push({ error: error.message });
  }
}
const milliseconds = (performance.now() - started) / asked.length;
process.stdout.write(JSON.stringify({ answers, milliseconds }));
