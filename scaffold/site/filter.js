// Shows the cards that hold every word typed. Without script the field stays hidden and all show.
const field = document.querySelector("#filter");
const found = document.querySelector("#found");
const cards = [...document.querySelectorAll(".card")].map((card) => [card, card.textContent.toLowerCase()]);

function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const [card, text] of cards) {
    const fits = words.every((word) => text.includes(word));
    card.hidden = !fits;
    count += fits;
  }
  found.textContent = words.length ? `${count} of ${cards.length}` : "";
}

document.querySelector(".filter").hidden = false;
field.addEventListener("input", show);
if (field.value) show();
