// The console's entry: feed, sound and strip on every page; the list on the desk; keys on the desk and on an alarm's page.
import { send, toast } from "./actions.mjs";
import { Alarms, isTakeable } from "./alarms.mjs";
import { countDown } from "./clock.mjs";
import { Desk } from "./desk.mjs";
import { askAssign, askNote, askResolve, askShelve } from "./dialogs.mjs";
import { Feed } from "./feed.mjs";
import { listenToKeys } from "./keys.mjs";
import { Plans } from "./plan.mjs";
import { Remember } from "./remember.mjs";
import { headingOf, isDrill, placeOf } from "./row.mjs";
import { Popup } from "./popup.mjs";
import { Sheet } from "./sheet.mjs";
import { Sound } from "./sound.mjs";
import { Strip } from "./strip.mjs";
import { lookAfter } from "./subscription.mjs";
import { text, word } from "./texts.mjs";
import { Voice } from "./voice.mjs";
import { Wall } from "./wall.mjs";

const LOST_MS = 10000;
const READ_AGAIN_MS = 30000;

const feed = new Feed("/api/v1/feed");
const sound = new Sound();
const voice = new Voice(document.documentElement.lang);
const board = document.getElementById("wall");
const alarms = new Alarms(feed, board?.dataset.site);
const panel = document.getElementById("panel");
const onDesk = document.body.classList.contains("desk");
const desk = onDesk ? new Desk(alarms, new Sheet(panel)) : null;
const title = document.title;
new Strip(feed);
new Remember(alarms, feed);
if (board) new Wall(alarms, board);
else if (!onDesk) new Popup(alarms, document.getElementById("popup"), panel?.querySelector(".sheet")?.dataset.alarm);
if (document.getElementById("plan")) new Plans(alarms);
let lostAt = 0;
let reloaded = false;

function hear() {
  const lost = lostAt && performance.now() - lostAt > LOST_MS;
  sound.want(alarms.loudest()?.priority ?? (lost ? "lost" : null));
}

alarms.addEventListener("change", () => {
  hear();
  const waiting = alarms.list("waiting");
  document.title = waiting.length ? `(${waiting.length}) ${title}` : title;
  for (const count of document.querySelectorAll(".tab-count")) {
    count.hidden = waiting.length === 0;
    count.textContent = String(waiting.length);
  }
  const link = document.getElementById("strip-alarms");
  link.hidden = onDesk || waiting.length === 0;
  link.textContent = text("waiting", { count: waiting.length });
  const away = [...alarms.gateways.values()].filter((gateway) => gateway.site_id && gateway.state !== "online").length;
  const sign = document.getElementById("gateways-away");
  sign.hidden = away === 0;
  sign.textContent = `✕ ${text("gatewaysAway", { count: away })}`;
  const aside = alarms.list("aside").length;
  const silent = document.getElementById("strip-aside");
  silent.hidden = aside === 0;
  silent.textContent = text("asideCount", { count: aside });
  const drills = [...alarms.byId.values()].filter(isDrill).length;
  const exercise = document.getElementById("strip-drills");
  exercise.hidden = drills === 0;
  exercise.textContent = text("drillsRunning", { count: drills });
  const fresh = waiting.find((alarm) => alarms.fresh.has(alarm.alarm_id));
  if (fresh) document.getElementById("spoken").textContent = about(fresh, "spoken");
  for (const alarm of waiting) if (alarms.fresh.has(alarm.alarm_id) && !alarm.verify_until) voice.say(aloud(alarm));
  refreshAlarmPage();
});

feed.addEventListener("state", () => {
  if (feed.state === "live" || feed.state === "connecting") lostAt = 0;
  else if (!lostAt) lostAt = performance.now();
  hear();
});
setInterval(hear, 1000);

setInterval(countDown, 500);
setInterval(() => {
  const alarm = alarms.loudest();
  if (alarm) voice.say(aloud(alarm));
}, READ_AGAIN_MS);

function showSound() {
  const silent = sound.status !== "ready";
  document.getElementById("no-sound").hidden = !silent;
  const why = { blocked: "soundBlocked", broken: "soundBroken", none: "soundNone", ready: "soundBlocked" };
  document.getElementById("no-sound-why").textContent = text(why[sound.status]);
}
sound.addEventListener("change", showSound);
setTimeout(showSound, 400);

async function testSound() {
  await sound.test();
  if (sound.status === "ready") toast(text("soundGood"));
}
for (const button of document.querySelectorAll("[data-sound-test], #sound-on")) button.addEventListener("click", testSound);

const voiceButtons = document.querySelectorAll("[data-voice]");

function showVoice() {
  for (const button of voiceButtons) {
    button.setAttribute("aria-pressed", String(voice.status === "on"));
    button.querySelector("span").textContent = text({ on: "voiceOn", off: "voiceOff", none: "voiceNone" }[voice.status]);
  }
}
function toggleVoice() {
  if (voice.status === "none") return toast(text("voiceMissing"), true);
  voice.toggle();
  voice.say(text("voiceTest"));
}
voice.addEventListener("change", showVoice);
for (const button of voiceButtons) button.addEventListener("click", toggleVoice);
showVoice();

function whenLoaded(step) {
  // a key pressed while the page still loads is not lost
  if (alarms.loaded) step();
  else alarms.addEventListener("change", step, { once: true });
}

function target() {
  if (desk) return desk.target();
  const sheet = panel?.querySelector(".sheet[data-live]");
  return sheet ? (alarms.byId.get(sheet.dataset.alarm) ?? null) : null;
}

function act(verb, alarm) {
  if (!alarm) return;
  const steps = {
    acknowledge: () => isTakeable(alarm) && send(alarm, verb),
    attend: () => alarm.response !== "attended" && send(alarm, verb),
    resolve: () => askResolve(alarm, about(alarm, "spoken"), alarms.incidents().get(alarm.alarm_id)),
    assign: () => askAssign(alarm, about(alarm, "spoken")),
    note: () => askNote(alarm, about(alarm, "spoken")),
    shelve: () => (alarm.suppressed ? toast(text("alreadyAside"), true) : askShelve(alarm, about(alarm, "spoken"))),
    confirm_fire: () => alarm.kind === "fire" && confirm(text("askConfirmFire")) && send(alarm, verb),
    all_well: () => alarm.flags.includes("question") && send(alarm, "resolve", { disposition: "no_need" }),
    unshelve: () => (alarm.suppressed ? send(alarm, verb) : toast(text("notAside"), true)),
  };
  steps[verb]();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-link]");
  if (!button) return;
  const alarm = alarms.byId.get(button.closest("[data-alarm]").dataset.alarm);
  if (alarm && confirm(text("askLink", { what: button.textContent }))) send(alarm, "link", { output: button.dataset.link });
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (!button) return;
  const id = button.closest("[data-alarm]").dataset.alarm;
  whenLoaded(() => act(button.dataset.do, alarms.byId.get(id)));
});

listenToKeys({
  act: (verb) => whenLoaded(() => act(verb, target())),
  move: desk && ((by) => desk.step(by)),
  first: desk && (() => desk.first()),
  open: desk && (() => desk.open()),
  fold: desk && (() => desk.fold()),
  sound: testSound,
  voice: toggleVoice,
  help: () => document.getElementById("help").showModal(),
});

document.getElementById("strip-aside").addEventListener("click", (event) => {
  if (!desk) return;
  event.preventDefault();
  if (!desk.aside.open) desk.fold();
});

/** What is read aloud: in the corridor without the name. */
function aloud(alarm) {
  return about(alarm, board ? "spokenPlace" : "spoken");
}

function about(alarm, key) {
  const said = text(key, {
    priority: word("priorities", alarm.priority),
    kind: headingOf(alarm),
    place: placeOf(alarm),
    who: alarm.identity.resident_name,
  }).replace(/[\s.。,，]+$/u, "");
  return isDrill(alarm) ? `${text("drill")}: ${said}` : said;
}

function refreshAlarmPage() {
  const shown = onDesk ? null : panel?.querySelector(".sheet[data-live]");
  if (!shown || !alarms.loaded || reloaded) return;
  const alarm = alarms.byId.get(shown.dataset.alarm);
  if (alarm && String(alarm.version) === shown.dataset.version) return;
  reloaded = true;
  fetch(`${location.pathname}/panel`)
    .then((response) => (response.ok ? response.text() : null))
    .then((html) => {
      if (html === null) return;
      panel.innerHTML = html;
      countDown();
      window.htmx?.process(panel);
    })
    .catch(() => {})
    .finally(() => {
      reloaded = false;
    });
}

feed.start();
lookAfter().catch(() => {});
// what the tests and a curious supervisor may read; nothing here can be used to act
window.anxin = { feed, sound, voice, alarms };
