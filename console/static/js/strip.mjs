// The strip that says whether what you see is true: live, stale or disconnected; on the body too, for the list's look.
import { text, timeOf } from "./texts.mjs";

export class Strip {
  constructor(feed) {
    this.feed = feed;
    this.strip = document.getElementById("strip");
    feed.addEventListener("state", () => this.render());
    setInterval(() => this.render(), 1000);
    this.render();
  }

  render() {
    const { state, linked, heardAt } = this.feed;
    const time = timeOf(heardAt);
    if (this.strip.dataset.state !== state) {
      this.strip.dataset.state = state;
      document.body.dataset.state = state;
      document.getElementById("strip-word").textContent = text(state);
      const sign = { live: "live", stale: "stale", connecting: "connecting" }[state] ?? "disconnected";
      document.getElementById("strip-sign").setAttribute("href", `#sign-${sign}`);
    }
    const words = {
      live: () => text("asOf", { time }),
      connecting: () => "",
      stale: () => text(linked ? "staleText" : "brokerText", { time }),
      disconnected: () => text("disconnectedText", { time }),
      signedOut: () => text("signedOutText"),
    };
    const line = document.getElementById("strip-text");
    const said = words[state]();
    if (line.textContent !== said) line.textContent = said;
  }
}
