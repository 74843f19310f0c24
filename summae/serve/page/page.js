// The page: a text goes in, its summary and alternatives come back, and for the chosen one what it kept.

import { HeatMap } from "./heat.js";
import { element } from "./places.js";
import { ask, extract, features, ServiceError } from "./service.js";
import { SummaryView } from "./summary.js";

const CANDIDATES = 4;
const BESIDE = ["coverage", "realism"]; // features shown beside the alternatives
const $ = (id) => document.getElementById(id);
const heat = new HeatMap($("heat"));
const view = new SummaryView($("summary"), (tokens) => heat.light(tokens));
const percent = (share) => `${Math.max(0, Math.round(share * 100))} %`;

let working = new AbortController(); // of what is being waited for
let help = {}; // of each feature, as the service describes it
let shown = null; // { text, found: [summaries, best first], explanations: Map }

// -- saying things ----------------------------------------------------------------------------------------

const announce = (words) => { $("status").textContent = words; };

function complain(field, words) {
  $(`${field}-error`).textContent = words;
  $(field)?.setAttribute("aria-invalid", String(Boolean(words)));
}

function clearErrors() {
  for (const field of ["text", "words", "go", "explain"]) complain(field, "");
}

function refused(error, field) {
  if (error.name === "AbortError") return;
  if (!(error instanceof ServiceError)) throw error;
  complain(field, error.message);
}

function busy(is) {
  $("result").setAttribute("aria-busy", String(is));
  $("go").textContent = is ? "Summarising…" : "Summarise";
}

function begin() {
  working.abort();
  working = new AbortController();
  clearErrors();
  return working.signal;
}

// -- the text ---------------------------------------------------------------------------------------------

function count() {
  const words = $("text").value.split(/\s+/).filter(Boolean).length;
  $("count").textContent = words ? `${words.toLocaleString("en")} ${words === 1 ? "word" : "words"}` : "";
}

function showHeat(is) {
  for (const [id, hidden] of [["heat", !is], ["scale", !is], ["text", is]]) $(id).hidden = hidden;
  $("toggle").textContent = is ? "Edit" : "Heat map";
}

function changed() {
  count();
  clearErrors();
  const stale = shown !== null && shown.text !== $("text").value;
  $("result").classList.toggle("stale", stale);
  $("toggle").hidden = heat.text !== $("text").value;
}

async function read(file) {
  const signal = begin();
  announce(`Reading ${file.name}`);
  try {
    $("text").value = await extract(file, signal);
    showHeat(false);
    changed();
    $("text").focus();
    announce(`${file.name} has been read`);
  } catch (error) {
    refused(error, "text");
  }
}

// -- the summary ------------------------------------------------------------------------------------------

function wanted() {
  const { length, style } = Object.fromEntries(new FormData($("form")));
  if (length !== "words") return { length, style };
  const words = Number($("words").value);
  if (Number.isInteger(words) && words >= 1 && words <= 10000) return { words, style };
  complain("words", "The number of words must be a whole number from 1 to 10,000.");
  $("words").focus();
  return null;
}

async function summarise() {
  const text = $("text").value;
  const signal = begin();
  if (!text.trim()) {
    showHeat(false);
    complain("text", "Paste a text first, or open a file.");
    return $("text").focus();
  }
  const wishes = wanted();
  if (!wishes) return;
  busy(true);
  announce("Summarising");
  try {
    const { alternatives, ...best } = await ask("summarize", { text, ...wishes, candidates: CANDIDATES }, signal);
    shown = { text, found: [best, ...alternatives], explanations: new Map() };
    announce(`Summary: ${best.summary}`);
    drawAlternatives();
    if (heat.text !== text) showHeat(false);
    changed();
    $("result").scrollIntoView({ block: "nearest" }); // on a phone it is below
    await choose(0, signal);
  } catch (error) {
    refused(error, error.where === "text" || error.code === "too_large" ? "text" : "go");
  } finally {
    if (signal === working.signal) busy(false);
  }
}

async function choose(number, signal) {
  const { text, found, explanations } = shown;
  const { summary, note } = found[number];
  for (const id of ["found", "copy"]) $(id).hidden = false;
  $("empty").hidden = true;
  $("note").textContent = note ?? "";
  $("note").hidden = !note;
  if (!explanations.has(summary)) {
    view.draw(summary);
    $("unsupported").hidden = true;
    $("kept").textContent = "Measuring what it kept…";
    busy(false);
    try {
      explanations.set(summary, await ask("explain", { text, summary }, signal));
    } catch (error) {
      $("kept").textContent = "";
      return refused(error, "explain");
    }
  }
  drawExplained(text, summary, explanations.get(summary));
}

function drawExplained(text, summary, explanation) {
  heat.draw(text, explanation);
  view.draw(summary, explanation);
  const lost = explanation.sentences.filter((sentence) => sentence.lost).length;
  const all = explanation.sentences.length;
  const strong = element("strong", "", percent(explanation.coverage));
  const rest = ` of the text’s information can be rebuilt from it; ${lost} of ${all} sentences are lost.`;
  $("kept").replaceChildren(strong, rest, explanation.note ? ` (${explanation.note})` : "");
  const odd = explanation.unsupported.map((each) => `“${each.text}”`).join(", ");
  $("unsupported").textContent = odd && `Not in the text: ${odd}.`;
  $("unsupported").hidden = !odd;
  if ($("text").value === text) {
    showHeat(true);
    $("toggle").hidden = false;
  }
}

function drawAlternatives() {
  const box = $("alternatives");
  const rows = shown.found.map(({ summary, scores }, number) => {
    const label = element("label");
    const radio = Object.assign(element("input"), { type: "radio", name: "alternative", value: number, checked: !number });
    const beside = element("span", "share");
    for (const name of BESIDE.filter((name) => name in scores)) {
      beside.append(Object.assign(element("span", "", `${name} ${percent(scores[name])}\n`), { title: help[name] ?? "" }));
    }
    label.append(radio, element("span", "says", summary), beside);
    return label;
  });
  box.replaceChildren(box.querySelector("legend"), ...rows);
  box.hidden = rows.length < 2;
}

async function copy() {
  const chosen = document.querySelector("[name=alternative]:checked")?.value ?? 0;
  try {
    await navigator.clipboard.writeText(shown.found[chosen].summary);
    $("copy").textContent = "Copied";
    announce("Copied");
  } catch {
    getSelection().selectAllChildren($("summary"));
    $("copy").textContent = "Selected: press Ctrl C";
    announce("The summary is selected. Press Control C to copy it.");
  }
  setTimeout(() => { $("copy").textContent = "Copy"; }, 2500);
}

// -- what people do ---------------------------------------------------------------------------------------

$("form").addEventListener("submit", (event) => { event.preventDefault(); summarise(); });
$("text").addEventListener("input", changed);
$("words").addEventListener("input", () => complain("words", ""));
$("copy").addEventListener("click", copy);
$("toggle").addEventListener("click", () => {
  showHeat($("heat").hidden);
  ($("heat").hidden ? $("text") : $("heat")).focus();
});
$("alternatives").addEventListener("change", (event) => choose(Number(event.target.value), begin()));
$("file").addEventListener("change", () => {
  if ($("file").files.length) read($("file").files[0]);
  $("file").value = ""; // the same file may be opened again
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    summarise();
  } else if (event.key === "Escape") {
    if ($("result").getAttribute("aria-busy") === "true") {
      working.abort();
      announce("Stopped");
    } else if (!$("heat").hidden) {
      showHeat(false);
      $("text").focus();
    }
  }
});

const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
document.addEventListener("dragover", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  $("drop").hidden = false;
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) $("drop").hidden = true; });
document.addEventListener("drop", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  $("drop").hidden = true;
  read(event.dataTransfer.files[0]);
});

count();
features().then((found) => { help = Object.fromEntries(found.map((each) => [each.name, each.help])); }, () => {});
