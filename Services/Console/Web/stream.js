// One stream of events for all tabs of a shop: a tab that leads holds it and hands on what comes by BroadcastChannel. Web Locks are not
// there on plain http (w3c/web-locks#49): who leads is told by a heartbeat in localStorage.

const beat = 2000;
/** Without a heartbeat for so long, another tab leads. */
export const patience = 5000;
/** So many events, and no older than this, are told to a tab that has just begun. */
const kept = 256;
const keptFor = 60_000;
/** After so many failures in a row the page asks by itself every 30 s, too. */
export const failuresBeforePolling = 4;

/** Milliseconds before the next try: 1 s, doubled each time, a minute at most, with chance so that consoles are not asked at once. */
export function pause(failures, chance = Math.random()) {
  return Math.min(60_000, 1000 * 2 ** Math.min(failures, 6)) * (0.75 + chance / 2);
}

/** Whether this tab may lead: nobody does, it does already, or the leader is silent. */
export function mayLead(heartbeat, tab, now) {
  return !heartbeat || heartbeat.tab === tab || now - heartbeat.at > patience || heartbeat.at > now + patience;
}

export class Stream {
  #url;
  #since;
  #tab = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");
  #channel;
  #source = null;
  #failures = 0;
  #retry = 0;
  #recent = [];
  #heard;

  /** @param {{url: string, since: string, heard: (event: {type: string, data?: object}) => void}} options */
  constructor({ url, since, heard }) {
    this.#url = url;
    this.#since = since;
    this.#heard = heard;
    this.#channel = new BroadcastChannel(`daifa.stream.${url}`);
    this.#channel.onmessage = ({ data }) => this.#told(data);
    this.#channel.postMessage({ hello: this.#tab });
    // A leader that has gone is followed by one tab, not by all at once.
    addEventListener("storage", (event) => {
      if (event.key === this.#key) setTimeout(() => this.#check(), event.newValue ? 0 : Math.random() * 500);
    });
    addEventListener("pagehide", () => this.#resign(true));
    addEventListener("pageshow", () => this.#check());
    setInterval(() => this.#check(), beat);
    this.#check();
  }

  get #key() {
    return `daifa.leader.${this.#url}`;
  }

  get #heartbeat() {
    try {
      return JSON.parse(localStorage.getItem(this.#key));
    } catch {
      return null;
    }
  }

  #check() {
    if (!mayLead(this.#heartbeat, this.#tab, Date.now())) return this.#resign(false);
    localStorage.setItem(this.#key, JSON.stringify({ tab: this.#tab, at: Date.now() }));
    if (!this.#source && !this.#retry) this.#connect();
  }

  /** Another tab leads, or this one goes. */
  #resign(leaving) {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#retry);
    this.#retry = 0;
    if (leaving && this.#heartbeat?.tab === this.#tab) localStorage.removeItem(this.#key);
  }

  #connect() {
    const url = new URL(this.#url, location.href);
    // Empty is a position too: before anything happened.
    if (this.#since != null) url.searchParams.set("since", this.#since);
    const source = new EventSource(url);
    this.#source = source;
    source.onopen = () => {
      this.#failures = 0;
      this.#tell({ type: "on" });
    };
    source.addEventListener("changed", (event) => this.#came(event));
    source.addEventListener("reset", (event) => {
      this.#since = event.lastEventId || "";
      this.#tell({ type: "reset", id: this.#since });
    });
    source.onerror = () => {
      this.#tell({ type: "off" });
      // A status other than 200 ends it for good; of itself it tries again only after a connection that broke.
      if (source.readyState !== EventSource.CLOSED || source !== this.#source) return;
      this.#source = null;
      this.#failures += 1;
      if (this.#failures >= failuresBeforePolling) this.#tell({ type: "poll" });
      this.#retry = setTimeout(() => {
        this.#retry = 0;
        this.#check();
      }, pause(this.#failures));
    };
  }

  #came(event) {
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return;
    }
    const now = Date.now();
    this.#recent = this.#recent.filter((one) => one.at > now - keptFor).slice(1 - kept);
    this.#recent.push({ at: now, told: { type: "changed", id: event.lastEventId, data } });
    this.#tell({ type: "changed", id: event.lastEventId, data });
  }

  #tell(event) {
    this.#channel.postMessage(event);
    this.#told(event);
  }

  #told(event) {
    if (event.hello) {
      // It may have been rendered before what is here already: told twice does no harm, versions tell.
      if (this.#source) for (const { told } of this.#recent) this.#channel.postMessage(told);
      if (this.#source?.readyState === EventSource.OPEN) this.#channel.postMessage({ type: "on" });
      return;
    }
    if (event.id) this.#since = event.id;
    this.#heard(event);
  }
}
