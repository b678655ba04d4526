// What the desk last knew, clearly as something of the past; and back as soon as the console answers.
const LAST = "/offline/last";
const OLD_MS = 12 * 3600000;
const AGAIN_MS = 3000;

const noted = await (await caches.match(LAST))?.json();
if (noted && Date.now() - noted.at < OLD_MS) {
  const clock = (at) => new Date(at).toLocaleTimeString(noted.language, { hour: "2-digit", minute: "2-digit" });
  document.getElementById("unknown").hidden = true;
  document.getElementById("known").hidden = false;
  for (const place of document.querySelectorAll(".at")) place.textContent = clock(noted.at);
  document.getElementById("none").hidden = noted.open > 0;
  document.getElementById("more").textContent = noted.open > noted.lines.length ? `+ ${noted.open - noted.lines.length}` : "";
  const rows = noted.lines.map((line) => {
    const row = document.createElement("li");
    row.className = line.priority;
    row.lang = noted.language;
    const add = (name, said) => row.append(Object.assign(document.createElement(name), { textContent: said }), " ");
    add("strong", line.place);
    add("span", `${line.word} · ${line.kind}`);
    add("span", `${clock(line.raised_at)} · ${line.state}`);
    return row;
  });
  document.getElementById("lines").replaceChildren(...rows);
}

async function tryAgain() {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
}
setInterval(tryAgain, AGAIN_MS);
window.addEventListener("online", tryAgain);
