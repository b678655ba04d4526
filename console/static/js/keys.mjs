// The keyboard: one key per step, by the key's place on the keyboard, so that an input method does not matter.
const STEPS = { KeyA: "acknowledge", KeyT: "attend", KeyG: "assign", KeyR: "resolve", KeyN: "note", KeyS: "shelve", KeyU: "unshelve", KeyF: "confirm_fire", KeyW: "all_well" };

export function listenToKeys({ act, move, first, open, fold, sound, voice, help }) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const onControl = event.target.closest("button, a, summary");
    if (event.code in STEPS && !event.repeat) act(STEPS[event.code]);
    else if (event.code === "KeyM" && !event.repeat) sound();
    else if (event.code === "KeyV" && !event.repeat) voice();
    else if (event.code === "KeyP" && fold && !event.repeat) fold();
    else if (event.key === "?" || event.key === "？") help();
    else if (event.key === "ArrowDown" && move) move(1);
    else if (event.key === "ArrowUp" && move) move(-1);
    else if (event.key === "Home" && first) first();
    else if (event.key === "Enter" && open && !onControl) open();
    else return;
    event.preventDefault();
  });
}
