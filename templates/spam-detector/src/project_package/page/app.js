import { ask, complain, element } from "./service.js";

const EXAMPLES = {
  "spam-example": {
    subject: "You have been approved",
    body: "Congratulations! Click here to receive your free credit report. No obligation, money back " +
      "guarantee. To be removed from this list, reply with REMOVE in the subject.",
  },
  "ham-example": {
    subject: "Re: patch for the parser",
    body: "I looked at your patch and it seems fine. One test fails on Solaris, though; could you " +
      "send me the output of make check? I will merge it tomorrow.",
  },
};

const form = document.querySelector("#mail");
const result = document.querySelector("#result");

function percent(share) {
  return share > 0.999 ? "over 99.9 %" : share < 0.001 ? "under 0.1 %" : `${(share * 100).toFixed(1)} %`;
}

function show({ spam, probability, threshold, words }) {
  const verdict = document.querySelector("#verdict");
  verdict.textContent = spam ? "Spam" : "Let through";
  verdict.className = `verdict ${spam ? "bad" : "good"}`;
  document.querySelector("#sentence").textContent =
    `Probability of spam: ${percent(probability)}. Blocked from ${percent(threshold)} on, because a ` +
    "lost mail costs far more than a spam let through.";
  const largest = Math.max(...words.map(([, effect]) => Math.abs(effect)), 1e-9);
  document.querySelector("#words").replaceChildren(
    ...words.map(([word, effect]) => {
      const bar = element("span", { className: `bar ${effect > 0 ? "bad" : "good"}` });
      bar.style.width = `${(Math.abs(effect) / largest) * 100}%`;
      const amount = `${effect > 0 ? "+" : "−"}${Math.abs(effect).toFixed(2)}`;
      return element("li", {}, element("span", {}, word), bar, element("span", { className: "amount" }, amount));
    }),
  );
  if (words.length === 0) {
    document.querySelector("#words").append(element("li", {}, "No word of this mail is known to the model."));
  }
  result.hidden = false;
}

async function judge() {
  complain();
  const mail = { subject: form.subject.value, body: form.body.value };
  try {
    const { verdicts } = await ask("/predict", { mails: [mail] });
    show(verdicts[0]);
  } catch (error) {
    result.hidden = true;
    complain(error.message);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  judge();
});

for (const [id, example] of Object.entries(EXAMPLES)) {
  document.querySelector(`#${id}`).addEventListener("click", () => {
    form.subject.value = example.subject;
    form.body.value = example.body;
    judge();
  });
}
