// Every sound of the console. A looping buffer plays on the audio thread, so that a busy page or a tab in the
// background cannot stop it; an analyser listens to what really comes out.

const RATE = 22050;
// Seconds between repeats are the buffer's length: never more than 5. Bursts are [start, length, frequency, loudness].
const PATTERNS = {
  emergency: { length: 2.4, bursts: [[0, 0.16, 784, 1], [0.22, 0.16, 988, 1], [0.44, 0.24, 1319, 1], [0.95, 0.16, 988, 1], [1.17, 0.24, 1319, 1]] },
  high: { length: 3.6, bursts: [[0, 0.22, 659, 0.8], [0.32, 0.22, 659, 0.8], [0.64, 0.3, 880, 0.8]] },
  medium: { length: 4.8, bursts: [[0, 0.28, 587, 0.6], [0.4, 0.34, 440, 0.6]] },
  low: { length: 5, bursts: [[0, 0.4, 494, 0.4]] },
  lost: { length: 5, bursts: [[0, 0.45, 311, 0.7], [0.55, 0.6, 233, 0.7]] },
};
const TEST = { length: 1.4, bursts: [[0, 0.2, 659, 0.8], [0.35, 0.2, 784, 0.8], [0.7, 0.35, 988, 0.8]] };
const FLOOR = 0.004;
const SILENT_MS = 7000;

/**
 * `want(name)` says what must be heard, null for silence. Fires "change" when `status` changes:
 * ready, blocked (the browser wants a gesture first), none (no audio at all), broken (plays, but no tone comes out).
 */
export class Sound extends EventTarget {
  constructor() {
    super();
    this.status = "blocked";
    this.wanted = null;
    this.playing = null;
    this.bursts = 0;
    this.heardAt = 0;
    this.startedAt = 0;
    this.loud = false;
    this.loops = new Map();
    const Context = window.AudioContext ?? window.webkitAudioContext;
    if (!Context) {
      this.status = "none";
      return;
    }
    this.context = new Context();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.analyser.connect(this.context.destination);
    this.samples = new Float32Array(this.analyser.fftSize);
    this.context.addEventListener("statechange", () => this.check());
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => this.unlock(), { capture: true });
    this.unlock();
    setInterval(() => this.listen(), 40);
    setInterval(() => this.check(), 1000);
  }

  /** Ask the browser to let us play; it agrees after a gesture. */
  async unlock() {
    if (this.context && this.context.state !== "running") {
      await Promise.race([this.context.resume(), new Promise((done) => setTimeout(done, 300))]);
      this.check();
    }
  }

  /** Play this pattern again and again. */
  want(name) {
    if (name === this.wanted) return;
    this.wanted = name;
    this.play();
  }

  /** Three tones for a person to hear. */
  async test() {
    await this.unlock();
    if (this.context?.state === "running") this.source(TEST, false).start();
  }

  play() {
    if (!this.context || this.wanted === this.playing) return;
    this.loop?.stop();
    this.loop = null;
    this.playing = null;
    if (this.wanted === null || this.context.state !== "running") return;
    this.loop = this.source(PATTERNS[this.wanted], true);
    this.loop.start();
    this.playing = this.wanted;
    this.startedAt = performance.now();
  }

  source(pattern, loop) {
    const source = this.context.createBufferSource();
    source.buffer = this.buffer(pattern);
    source.loop = loop;
    source.connect(this.analyser);
    return source;
  }

  buffer(pattern) {
    if (!this.loops.has(pattern)) {
      const buffer = this.context.createBuffer(1, Math.round(pattern.length * RATE), RATE);
      const data = buffer.getChannelData(0);
      for (const [start, length, frequency, loudness] of pattern.bursts) {
        const first = Math.round(start * RATE);
        const count = Math.round(length * RATE);
        for (let i = 0; i < count; i++) {
          const ramp = Math.min(1, i / (0.01 * RATE), (count - i) / (0.03 * RATE));
          const phase = (2 * Math.PI * frequency * i) / RATE;
          // overtones make it heard on small loudspeakers and by ears that have lost the high tones
          data[first + i] += 0.5 * loudness * ramp * (Math.sin(phase) + 0.45 * Math.sin(2 * phase) + 0.2 * Math.sin(3 * phase));
        }
      }
      this.loops.set(pattern, buffer);
    }
    return this.loops.get(pattern);
  }

  listen() {
    if (this.context.state !== "running") return;
    this.analyser.getFloatTimeDomainData(this.samples);
    const loud = this.samples.some((sample) => Math.abs(sample) > FLOOR);
    if (loud && !this.loud) this.bursts += 1;
    if (loud) this.heardAt = performance.now();
    this.loud = loud;
  }

  check() {
    if (!this.context) return;
    const running = this.context.state === "running";
    if (!running && this.playing !== null) {
      this.loop?.stop();
      this.loop = null;
      this.playing = null;
    }
    if (running) this.play();
    const since = performance.now() - Math.max(this.heardAt, this.startedAt);
    const broken = running && this.playing !== null && !document.hidden && since > SILENT_MS;
    this.set(!running ? "blocked" : broken ? "broken" : "ready");
  }

  set(status) {
    if (status === this.status) return;
    this.status = status;
    this.dispatchEvent(new Event("change"));
  }
}
