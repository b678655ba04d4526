// Reads alarms aloud with a voice of this machine. Voices that send the text to somebody's server are left alone.
const KEPT = "anxin-voice";
const MOST_WAITING = 3;

/** `status` is on, off, or none (no voice here for the page's language); fires "change" when it changes. */
export class Voice extends EventTarget {
  constructor(language) {
    super();
    this.language = language;
    this.synth = window.speechSynthesis ?? null;
    this.wanted = localStorage.getItem(KEPT) === "on";
    this.waiting = 0;
    this.synth?.addEventListener?.("voiceschanged", () => this.dispatchEvent(new Event("change")));
  }

  get voice() {
    const fits = (voice) => voice.localService && voice.lang.replace("_", "-").toLowerCase().startsWith(this.language.slice(0, 2));
    return this.synth?.getVoices().find(fits) ?? null;
  }

  get status() {
    if (!this.voice) return "none";
    return this.wanted ? "on" : "off";
  }

  toggle() {
    this.wanted = !this.wanted;
    localStorage.setItem(KEPT, this.wanted ? "on" : "off");
    if (!this.wanted) this.synth?.cancel();
    this.dispatchEvent(new Event("change"));
  }

  /** Say it after what is being said; in a flood the next reading comes soon enough. */
  say(words) {
    if (this.status !== "on" || this.waiting >= MOST_WAITING) return;
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.voice = this.voice;
    utterance.lang = this.voice.lang;
    utterance.rate = 0.9;
    this.waiting += 1;
    for (const end of ["end", "error"]) utterance.addEventListener(end, () => (this.waiting -= 1), { once: true });
    this.synth.speak(utterance);
  }
}
