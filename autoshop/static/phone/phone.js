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
    else if (message.event === "clear") this.line.postMessage({ clear: true });
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
  else if (data.mark !== undefined) phone.stream?.mark(data.mark);
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
  phone.stream = new Stream(facts, phone.line.port, streamEnded);
}

// What Twilio does when our server closes the stream: ask what comes next.
async function streamEnded() {
  phone.stream = null;
  if (phone.leaving) return;
  const next = await ask("after", { call: phone.sid }).catch(() => ({ then: "hang_up", why: "" }));
  if (next.then === "connect") {
    note("The line was lost; one moment, please.");
    await new Promise((done) => setTimeout(done, 1000));
    if (!phone.leaving) join(next.stream);
    return;
  }
  note(next.then === "advisor" ? "You are being put through to an advisor." : "The agent hung up.");
  await hangUp();
}

async function hangUp() {
  if (phone.leaving) return;
  phone.leaving = true;
  phone.stream?.stop();
  const sid = phone.sid;
  close();
  if (sid) await ask("end", { call: sid }).catch(() => {});
  setTimeout(() => refresh(sid), 1200); // its last records are being written
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
    ...parts.map(({ tag = "span", name = "", text: words }) => {
      const part = document.createElement(tag);
      part.className = name;
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
  const stages = Object.entries(turn.stages || {}).filter(([, value]) => typeof value === "number");
  const times = stages.map(([name, ms]) => `${name.replace(/_ms$/, "").replaceAll("_", " ")} ${Math.round(ms)} ms`);
  const cut = turn.interrupted ? `cut short; you heard: ${turn.heard_text || "nothing"}` : "";
  line(
    `turn-${turn.n}`,
    mine ? "caller" : "agent",
    { name: "who", text: mine ? "You" : "Agent" },
    { name: "when", text: clock(turn.t0_ms) },
    { tag: "p", text: turn.text },
    { name: "small", text: [cut, times.join(" · ")].filter(Boolean).join(" — ") },
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

function showState(news) {
  const live = news.live || {};
  const facts = {
    State: live.state || (news.call.ended ? "ended" : "…"),
    Flow: live.flow || news.call.flow,
    Identity: live.level ?? news.call.level,
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
        return [term, detail];
      }),
  );
}

async function refresh(sid) {
  const news = await ask(`events?call=${sid}`);
  news.turns.forEach(showTurn);
  news.tools.forEach(showTool);
  showState(news);
}

async function watch() {
  const sid = phone.sid;
  while (phone.sid === sid && !phone.leaving) {
    $("time").textContent = clock(Date.now() - phone.began);
    await refresh(sid).catch(() => {});
    await new Promise((done) => setTimeout(done, 400));
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
  for (const each of $("people").children) each.setAttribute("aria-pressed", String(each === button));
  const proof = [person.born && `born ${person.born}`, ...(person.vins || []).map((vin) => `VIN ends ${vin}`)];
  $("proof").textContent = proof.filter(Boolean).join(", ");
}

// ---- wiring -------------------------------------------------------------------------------------------------
$("call").onclick = dial;
$("hangup").onclick = hangUp;
$("who").oninput = findPeople;
$("anyone").onclick = () => {
  $("number").value = "";
  $("proof").textContent = "";
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
