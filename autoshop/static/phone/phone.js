// The browser phone: what Twilio does for a telephone, done for a page.
"use strict";

const $ = (id) => document.getElementById(id);
const cookie = (name) => (document.cookie.match(`(?:^|; )${name}=([^;]*)`) || [])[1] || "";

async function ask(path, fields) {
  const options = fields
    ? {
        method: "POST",
        body: new URLSearchParams(fields),
        headers: { "X-CSRFToken": cookie("csrftoken") },
      }
    : {};
  const answer = await fetch(path, options);
  if (!answer.ok && answer.status !== 204) {
    const body = await answer.json().catch(() => ({}));
    throw new Error(body.error || `HTTP ${answer.status}`);
  }
  return answer.status === 204 ? {} : answer.json();
}

const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));
const fromBase64 = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));

// ---- one media stream, frame by frame as Twilio sends it ------------------------------------
class Stream {
  constructor(facts, line, ended) {
    this.facts = facts;
    this.line = line;
    this.sequence = 0;
    this.chunk = 0;
    this.started = false;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}/media-stream/`);
    this.socket.onopen = () => this.begin();
    this.socket.onmessage = ({ data }) => this.take(JSON.parse(data));
    this.socket.onclose = () => ended();
  }

  send(message) {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    message.sequenceNumber = String(++this.sequence);
    message.streamSid = this.facts.streamSid;
    this.socket.send(JSON.stringify(message));
  }

  begin() {
    this.socket.send(JSON.stringify({ event: "connected", protocol: "Call", version: "1.0.0" }));
    const { streamSid, accountSid, callSid, parameters } = this.facts;
    this.send({
      event: "start",
      start: {
        streamSid,
        accountSid,
        callSid,
        tracks: ["inbound"],
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
        customParameters: parameters,
      },
    });
    this.started = true;
  }

  frame(bytes) {
    if (!this.started) return;
    const timestamp = String(this.chunk * 20);
    const chunk = String(++this.chunk);
    this.send({ event: "media", media: { track: "inbound", chunk, timestamp, payload: toBase64(bytes) } });
  }

  key(digit) {
    this.send({ event: "dtmf", dtmf: { track: "inbound_track", digit } });
  }

  mark(name) {
    this.send({ event: "mark", mark: { name } });
  }

  take(message) {
    if (message.event === "media") this.line.postMessage({ audio: fromBase64(message.media.payload) });
    else if (message.event === "mark") this.line.postMessage({ mark: message.mark.name });
    else if (message.event === "clear") {
      spoken.takeBack();
      this.line.postMessage({ clear: true });
    }
  }

  stop() {
    const { accountSid, callSid } = this.facts;
    this.send({ event: "stop", stop: { accountSid, callSid } });
    this.socket.close();
  }
}

// ---- the call -----------------------------------------------------------------------------------
const phone = { stream: null, line: null, audio: null, microphone: null, sid: "", began: 0, leaving: false };

async function openLine() {
  phone.audio = new AudioContext();
  await phone.audio.resume();
  await phone.audio.audioWorklet.addModule($("phone").dataset.line);
  phone.line = new AudioWorkletNode(phone.audio, "telephone-line", { outputChannelCount: [1] });
  phone.line.connect(phone.audio.destination);
  phone.line.port.onmessage = ({ data }) => fromLine(data);
  await openMicrophone();
}

async function openMicrophone() {
  try {
    const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    phone.microphone = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    phone.audio.createMediaStreamSource(phone.microphone).connect(phone.line);
    $("mute").disabled = false;
  } catch {
    note("No microphone here: type what you want to say, it is spoken for you.");
    $("words").focus();
  }
}

function fromLine(data) {
  if (data.frame) phone.stream?.frame(data.frame);
  else if (data.mark !== undefined) {
    spoken.reached(data.mark);
    phone.stream?.mark(data.mark);
  } else if (data.speaking) spoken.begun();
  else if (data.loud) {
    $("level-me").style.transform = `scaleX(${Math.min(1, data.loud.me * 2)})`;
    $("level-agent").style.transform = `scaleX(${Math.min(1, data.loud.agent * 2)})`;
  }
}

async function dial() {
  show("dialling");
  phone.leaving = false;
  $("talk").replaceChildren();
  shown.clear();
  try {
    await openLine();
    const facts = await ask("start", { number: $("number").value.replace(/[^+\d]/g, "") });
    phone.sid = facts.callSid;
    phone.began = Date.now();
    join(facts);
    show("live");
    watch();
  } catch (problem) {
    const words = { not_a_number: "That is not a number: +1 and ten digits, or leave it empty." };
    note(words[problem.message] || `The call did not start: ${problem.message}`);
    close();
  }
}

function join(facts) {
  spoken.startAnew();
  phone.stream = new Stream(facts, phone.line.port, streamEnded);
}

// What Twilio does when our server closes the stream: ask what comes next.
async function streamEnded() {
  phone.stream = null;
  if (phone.leaving) return;
  const next = await ask("after", { call: phone.sid }).catch(() => ({ then: "hang_up", why: "" }));
  if (next.then === "connect") {
    note(
      next.why === "no_advisor"
        ? "An advisor's phone would ring now. A browser can't ring one, so the agent takes you back."
        : "The line was lost; one moment, please.",
    );
    await new Promise((done) => setTimeout(done, 1000));
    if (!phone.leaving) join(next.stream);
    return;
  }
  await hangUp(next.why === "no_advisor" ? "An advisor will ring you back." : "The agent hung up.");
}

async function hangUp(why = "You hung up.") {
  if (phone.leaving) return;
  phone.leaving = true;
  phone.stream?.stop();
  const sid = phone.sid;
  close();
  if (sid) await ask("end", { call: sid }).catch(() => {});
  await new Promise((done) => setTimeout(done, 1200)); // its last records are being written
  if (phone.sid !== sid) return;
  spoken.startAnew();
  if (sid) await refresh(sid).catch(() => {});
  note(why);
}

function close() {
  phone.microphone?.getTracks().forEach((track) => track.stop());
  phone.audio?.close();
  Object.assign(phone, { stream: null, line: null, audio: null, microphone: null });
  $("mute").setAttribute("aria-pressed", "false");
  show("idle");
}

async function say(words) {
  const answer = await fetch("say", {
    method: "POST",
    body: new URLSearchParams({ words }),
    headers: { "X-CSRFToken": cookie("csrftoken") },
  });
  if (!answer.ok) return note("Your words could not be spoken.");
  const audio = new Uint8Array(await answer.arrayBuffer());
  phone.line?.port.postMessage({ say: Array.from(audio) });
}

// ---- the agent's words while they are spoken ------------------------------------------------------
// The server tells the clauses it has given to the voice; which of them is heard, only this page
// knows: audio comes in their order, each followed by its mark. A turn that is over comes as a
// record and takes the place of what was shown of it.
const PER_LETTER_MS = 62;
const spoken = {
  clauses: new Map(), // id -> words, as the server told
  heard: [], // ids whose audio was played, or begun and cut short
  last: 0, // the newest of them
  since: 0, // when the audio of the present clause began; 0 while there is silence

  startAnew() {
    Object.assign(this, { clauses: new Map(), heard: [], last: 0, since: 0 });
    this.draw();
  },
  told(pairs) {
    for (const [id, words] of pairs) if (id > this.last) this.clauses.set(id, words);
  },
  present() {
    return [...this.clauses.keys()].filter((id) => id > this.last).sort((a, b) => a - b)[0];
  },
  begun() {
    this.since = Date.now();
  },
  reached(mark) {
    const id = Number(mark.split("-")[1]);
    if (this.since) this.pass(id);
    this.since = 0;
  },
  takeBack() {
    const id = this.since ? this.present() : undefined;
    if (id !== undefined) {
      this.clauses.set(id, this.begunWords(this.clauses.get(id)));
      this.pass(id);
    }
    this.last = Math.max(this.last, ...this.clauses.keys());
    this.since = 0;
  },
  pass(id) {
    this.heard.push(id);
    this.last = Math.max(this.last, id);
  },
  begunWords(words) {
    const letters = (Date.now() - this.since) / PER_LETTER_MS;
    let length = 0;
    return words
      .split(" ")
      .filter((word) => (length += word.length + 1) - word.length <= letters + 1)
      .join(" ");
  },
  recorded() {
    for (const id of this.heard.splice(0)) this.clauses.delete(id);
  },
  draw() {
    const parts = this.heard.map((id) => this.clauses.get(id)).filter(Boolean);
    const id = this.since ? this.present() : undefined;
    if (id !== undefined) parts.push(this.begunWords(this.clauses.get(id)));
    const words = parts.join(" ").trim();
    if (words) line("saying", "agent saying", { name: "who", text: "Agent" }, { tag: "p", text: words });
    else {
      shown.get("saying")?.remove();
      shown.delete("saying");
    }
  },
};

// ---- what is shown ----------------------------------------------------------------------------------
const shown = new Map();

function show(state) {
  $("phone").dataset.state = state;
  $("call").disabled = state !== "idle";
  $("hangup").disabled = state === "idle";
  $("mute").disabled = $("mute").disabled || state === "idle";
  for (const each of document.querySelectorAll(".needs-call")) each.disabled = state !== "live";
  $("state").textContent = { idle: "Not in a call", dialling: "Ringing …", live: "Connected" }[state];
}

function line(key, kind, ...parts) {
  let row = shown.get(key);
  if (!row) {
    row = document.createElement("li");
    row.className = kind;
    shown.set(key, row);
    $("talk").append(row);
  }
  const text = parts.map((part) => part.text).join("|");
  if (row.dataset.text === text) return;
  row.dataset.text = text;
  row.replaceChildren(
    ...parts.map(({ tag = "span", name = "", title = "", text: words }) => {
      const part = document.createElement(tag);
      part.className = name;
      part.title = title;
      part.textContent = words;
      return part;
    }),
  );
  row.scrollIntoView({ block: "nearest" });
}

let notes = 0;
const note = (text) => line(`note-${++notes}`, "note", { text });
const clock = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

function showTurn(turn) {
  const mine = turn.role === "caller";
  if (!mine && !shown.has(`turn-${turn.n}`)) spoken.recorded();
  const stages = Object.entries(turn.stages || {}).filter(([, value]) => typeof value === "number");
  const times = stages.map(([name, ms]) => `${name.replace(/_ms$/, "").replaceAll("_", " ")} ${Math.round(ms)} ms`);
  const first = turn.stages?.first_audio;
  const answered = typeof first === "number" ? `answered in ${(first / 1000).toFixed(1)} s` : "";
  const cut = turn.interrupted ? `cut short; you heard: ${turn.heard_text || "nothing"}` : "";
  line(
    `turn-${turn.n}`,
    mine ? "caller" : "agent",
    { name: "who", text: mine ? "You" : "Agent" },
    { name: "when", text: clock(turn.t0_ms) },
    { tag: "p", text: turn.text },
    { name: "small", title: times.join(", "), text: [cut, answered].filter(Boolean).join(" · ") },
  );
}

function showTool(tool) {
  const given = Object.entries(tool.arguments || {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  line(
    `tool-${tool.n}`,
    tool.ok ? "tool" : "tool refused",
    { name: "who", text: tool.name.replaceAll("_", " ") },
    { tag: "p", text: given.join(", ") || "no arguments" },
    { name: "small", text: `${tool.ok ? "done" : tool.error} in ${tool.ms} ms` },
  );
}

const LEVELS = {
  L0: "Not identified yet",
  L1: "Recognised",
  "L1-out": "The right person",
  L2: "Verified",
  L3: "Verified by code",
};

function showState(news) {
  const live = news.live || {};
  const level = live.level ?? news.call.level;
  const facts = {
    Now: news.call.ended || phone.leaving ? "over" : live.state || "…",
    Caller: LEVELS[level] || level,
    About: live.flow || news.call.flow,
    "Reads back": live.waiting_for_yes,
    Booked: news.call.appointment,
    Outcome: news.call.outcome || news.call.ended,
  };
  $("facts").replaceChildren(
    ...Object.entries(facts)
      .filter(([, value]) => value !== "" && value !== undefined && value !== null)
      .flatMap(([name, value]) => {
        const term = document.createElement("dt");
        const detail = document.createElement("dd");
        term.textContent = name;
        detail.textContent = String(value).replaceAll("_", " ");
        if (name === "Booked" || value === "Verified") detail.className = "good";
        return [term, detail];
      }),
  );
}

async function refresh(sid) {
  const news = await ask(`events?call=${sid}`);
  spoken.told(news.saying);
  news.turns.forEach(showTurn);
  news.tools.forEach(showTool);
  spoken.draw();
  const saying = shown.get("saying");
  if (saying) $("talk").append(saying); // below what was recorded meanwhile
  showState(news);
}

async function watch() {
  const sid = phone.sid;
  const here = () => phone.sid === sid && !phone.leaving;
  const tick = setInterval(() => {
    if (!here()) return clearInterval(tick);
    $("time").textContent = clock(Date.now() - phone.began);
    spoken.draw();
  }, 100);
  while (here()) {
    await refresh(sid).catch(() => {});
    await new Promise((done) => setTimeout(done, 300));
  }
}

// ---- who rings ------------------------------------------------------------------------------------------
let asking = 0;
async function findPeople() {
  const turn = ++asking;
  const { people } = await ask(`people?q=${encodeURIComponent($("who").value)}`);
  if (turn !== asking) return;
  $("people").replaceChildren(
    ...people.map((person) => {
      const button = document.createElement("button");
      button.type = "button";
      const name = document.createElement("b");
      name.textContent = person.name;
      const more = document.createElement("span");
      more.textContent = [person.number, ...person.vehicles].join(" · ");
      button.append(name, more);
      button.onclick = () => choose(person, button);
      return button;
    }),
  );
  if (!people.length) $("people").textContent = "Nobody by that name or number.";
}

function choose(person, button) {
  $("number").value = person.number;
  $("caller").textContent = person.name;
  for (const each of $("people").children) each.setAttribute("aria-pressed", String(each === button));
  const proof = [person.born && `born ${person.born}`, ...(person.vins || []).map((vin) => `VIN ends ${vin}`)];
  $("proof").textContent = proof.filter(Boolean).join(", ");
}

// ---- wiring -------------------------------------------------------------------------------------------------
$("call").onclick = dial;
$("hangup").onclick = () => hangUp();
$("who").oninput = findPeople;
function nobodyChosen(number) {
  $("caller").textContent = number || "Somebody unknown";
  $("proof").textContent = "";
  for (const each of $("people").children) each.setAttribute("aria-pressed", "false");
}
$("anyone").onclick = () => {
  $("number").value = "";
  nobodyChosen("");
};
$("number").oninput = () => nobodyChosen($("number").value.trim());
$("ideas").onclick = ({ target }) => {
  if (target.tagName !== "BUTTON" || !phone.stream) return;
  say(target.textContent);
};
$("mute").onclick = () => {
  const muted = $("mute").getAttribute("aria-pressed") !== "true";
  $("mute").setAttribute("aria-pressed", String(muted));
  phone.line?.port.postMessage({ muted });
};
$("keys").onclick = ({ target }) => target.dataset.key && phone.stream?.key(target.dataset.key);
$("type").onsubmit = (event) => {
  event.preventDefault();
  const words = $("words").value.trim();
  $("words").value = "";
  if (words) say(words);
};
addEventListener("pagehide", () => phone.sid && !phone.leaving && hangUp());
show("idle");
findPeople();
