"use strict";
// The reader's side of a review: takes verdicts on the node that the viewer shows, and sends each to the page's server.
(() => {
  const nodes = JSON.parse(document.getElementById("data").textContent).nodes;
  const find = (id) => document.getElementById(id);
  const buttons = Object.fromEntries([...document.querySelectorAll("[data-verdict]")].map((b) => [b.dataset.verdict, b]));
  const busy = () => document.body.dataset.busy === "yes"; // One verdict at a time: a second key is not for this node.

  // Where the model said nothing, the reader cannot agree with it.
  const meaning = (node) => (node.call
    ? { a: [node.call, `Agree: ${node.call}`], d: [node.other, `Disagree: ${node.other}`], u: ["unsure", "Unsure"] }
    : { a: ["benign", "Benign"], d: ["metastatic", "Metastatic"], u: ["unsure", "Unsure"] });

  // A node whose images are not in the picture cannot be answered.
  function present(index) {
    for (const button of Object.values(buttons)) button.disabled = index < 0;
    if (index < 0) return;
    const node = nodes[index];
    for (const [key, [verdict, text]] of Object.entries(meaning(node))) {
      buttons[key].textContent = `${text} (${key})`;
      buttons[key].setAttribute("aria-pressed", String(node.said?.verdict === verdict));
    }
    find("comment").value = node.said?.comment ?? "";
  }

  function note(index, answer) {
    const row = find(`row-${index}`);
    row.querySelector(".said").textContent = answer.verdict;
    row.querySelector(".remark").textContent = answer.comment;
    find("progress").value = answer.done;
    find("count").textContent = `${answer.done} of ${answer.all}`;
  }

  async function send(index, verdict) {
    const body = JSON.stringify({ node: index, verdict, comment: find("comment").value });
    const answer = await fetch("reviews", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.problem);
    return told;
  }

  const nextOpen = (index) => {
    const later = [...nodes.keys()].map((n) => (index + 1 + n) % nodes.length);
    return later.find((n) => !nodes[n].said) ?? index;
  };

  async function say(key) {
    const index = nodelens.seen;
    if (busy() || index < 0) return;
    document.body.dataset.busy = "yes";
    const [verdict] = meaning(nodes[index])[key];
    try {
      const answer = await send(index, verdict);
      nodes[index].said = { verdict: answer.verdict, comment: answer.comment };
      note(index, answer);
      const done = answer.done === answer.all ? " All nodes are done." : "";
      find("stored").textContent = `Stored: ${nodes[index].name} is ${answer.verdict}.${done}`;
      find("stored").classList.remove("problem");
      const next = nextOpen(index);
      if (next === index) present(index);
      else await nodelens.show(next);
    } catch (error) {
      find("stored").textContent = `NOT stored: ${error.message}`;
      find("stored").classList.add("problem");
    } finally {
      delete document.body.dataset.busy;
    }
  }

  document.addEventListener("nodelens-node", (event) => present(event.detail.index));
  for (const [key, button] of Object.entries(buttons)) button.addEventListener("click", () => say(key));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target === find("comment")) {
      if (event.key === "Enter" || event.key === "Escape") find("comment").blur();
    } else if (event.key in buttons && !event.target.matches("select")) {
      say(event.key);
    } else if (event.key === "c" && !event.target.matches("select")) {
      event.preventDefault();
      find("comment").focus();
    }
  }, true);
})();
