// The model itself, in the visitor's browser: what server.js is in the demo, where there is no service.
import { load } from "./infer.js";

const about = read("demo.json").then((bytes) => JSON.parse(new TextDecoder().decode(bytes)));
const model = about.then(({ model_sha256 }) => load((name) => read(`${name}.gz?${model_sha256}`)));
model.catch(() => {}); // said when it is asked

/** The model's answer; throws an Error with a sentence where the service would refuse. */
export async function answer(method, path, given) {
  if (path === "/version") return about;
  return (await model)[method][path](given);
}

/** A file beside this page; what is packed is unpacked, unless the server did so on the way. */
async function read(name) {
  const said = await fetch(name).catch(() => null);
  if (!said?.ok) throw new Error("The model cannot be loaded. Is there a connection?");
  const bytes = await said.arrayBuffer();
  const [first, second] = new Uint8Array(bytes, 0, 2);
  if (first !== 0x1f || second !== 0x8b) return bytes;
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(unpacked).arrayBuffer();
}
