import { ask, complain, element } from "./service.js";

const EXAMPLE = {
  headline: "Harbour town votes to keep its last ferry",
  text:
    "It was raining when the doors of the gymnasium opened, and the queue went twice around the yard. " +
    "Some had brought folding chairs, others their children. " +
    "The people of Lower Saltmarsh voted on Sunday to keep the last ferry across the bay, and to pay " +
    "for it with a tax on summer houses. " +
    '"I have crossed on that boat since I was six," said Orla Brandt, who sells fish on the quay. ' +
    "The ferry company had wanted to end the line in October because it loses 40,000 crowns a year.\n\n" +
    "Two thirds of the voters were in favour, more than the mayor had dared to hope. " +
    "She called the result a gift. " +
    "Owners of summer houses were not asked, as they are registered elsewhere; some of them want to sue. " +
    "A bridge has been talked about for half a century, and drawings of it hang in the town hall. " +
    "The boat itself, built in 1961, is to get a new engine over the winter. " +
    "Until then it sails three times a day, and the coffee on board still costs one crown.",
};

const form = document.querySelector("#article");
const result = document.querySelector("#result");
const LARGEST_FILE = 400_000; // bytes; the text itself may have 100,000 characters

function show({ summary, words, of_words, used_headline, sentences }) {
  document.querySelector("#summary").textContent = summary;
  const asked = Number(form.words.value);
  const over = words > asked ? ` The best sentence alone is longer than the ${asked} asked for.` : "";
  const without = used_headline ? "" : " No headline was given, so the ranker without headlines judged.";
  document.querySelector("#sentence").textContent =
    `${words} of ${of_words} words, ${sentences.filter(({ chosen }) => chosen).length} of ` +
    `${sentences.length} sentences.${over}${without}`;
  const scores = sentences.map(({ score }) => score);
  const lowest = Math.min(...scores);
  const range = Math.max(...scores) - lowest || 1;
  document.querySelector("#marked").replaceChildren(
    ...sentences.map(({ gap, text, score, rank, chosen }) => {
      const bar = element("span");
      bar.style.width = `${((score - lowest) / range) * 100}%`;
      const item = element(
        "li",
        {},
        element("span", { className: "rank" }, String(rank)),
        element("span", { className: "text" }, chosen ? element("mark", {}, text) : text),
        element("span", { className: "score" }, bar),
        element("span", { className: "amount", title: "score" }, score.toFixed(3)),
      );
      item.classList.toggle("chosen", chosen);
      item.classList.toggle("paragraph", gap.includes("\n"));
      return item;
    }),
  );
  result.hidden = false;
}

let latest = 0;

async function summarize() {
  const request = ++latest;
  complain();
  const article = { headline: form.headline.value, text: form.text.value };
  try {
    const { summaries } = await ask("/predict", { articles: [article], words: Number(form.words.value) });
    if (request === latest) show(summaries[0]);
  } catch (error) {
    if (request !== latest) return;
    result.hidden = true;
    complain(error.message);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  summarize();
});

let waiting;
form.words.addEventListener("input", () => {
  document.querySelector("#length").value = form.words.value;
  if (result.hidden) return;
  clearTimeout(waiting);
  waiting = setTimeout(summarize, 120);
});

form.file.addEventListener("change", async () => {
  const [file] = form.file.files;
  if (!file) return;
  if (file.size > LARGEST_FILE) {
    complain(`${file.name} is too large: ${file.size.toLocaleString("en")} bytes.`);
    return;
  }
  const text = await file.text();
  if (text.includes("\u0000")) {
    complain(`${file.name} is not a text file.`);
    return;
  }
  form.headline.value = "";
  form.text.value = text;
  summarize();
});

document.querySelector("#example").addEventListener("click", () => {
  form.headline.value = EXAMPLE.headline;
  form.text.value = EXAMPLE.text;
  summarize();
});

document.querySelector("#copy").addEventListener("click", async (event) => {
  try {
    await navigator.clipboard.writeText(document.querySelector("#summary").textContent);
    event.target.textContent = "Copied";
  } catch {
    complain("The browser did not allow copying; mark the text and copy it by hand.");
  }
});
