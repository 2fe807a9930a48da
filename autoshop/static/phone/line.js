// The telephone line, on the audio thread: 8000 Hz mu-law out of the microphone, the agent's
// mu-law into the loudspeaker. Its clock is the sound card's, so a frame leaves every 20 ms
// whether or not anybody speaks, as on a real line.

const RATE = 8000;
const FRAME = 160;

// ITU-T G.711 mu-law.
const DECODED = new Float32Array(256);
for (let code = 0; code < 256; code++) {
  const c = ~code & 0xff;
  const magnitude = (((c & 0x0f) << 3) + 0x84) << ((c & 0x70) >> 4);
  DECODED[code] = (c & 0x80 ? 0x84 - magnitude : magnitude - 0x84) / 32768;
}

function encode(sample) {
  let value = Math.max(-32635, Math.min(32635, Math.round(sample * 32767)));
  const sign = value < 0 ? 0x80 : 0;
  value = Math.abs(value) + 0x84;
  let exponent = 7;
  for (let mask = 0x4000; (value & mask) === 0 && exponent > 0; mask >>= 1) exponent--;
  return ~(sign | (exponent << 4) | ((value >> (exponent + 3)) & 0x0f)) & 0xff;
}

// A low-pass at 3.4 kHz before samples are thrown away, else high notes fold into speech.
function lowPass(rate, taps) {
  const cut = 3400 / rate;
  const kernel = new Float32Array(taps);
  let sum = 0;
  for (let i = 0; i < taps; i++) {
    const x = i - (taps - 1) / 2;
    const sinc = x === 0 ? 2 * cut : Math.sin(2 * Math.PI * cut * x) / (Math.PI * x);
    kernel[i] = sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (taps - 1)));
    sum += kernel[i];
  }
  return kernel.map((each) => each / sum);
}

class Line extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = sampleRate / RATE;
    this.kernel = lowPass(sampleRate, 63);
    this.history = new Float32Array(this.kernel.length);
    this.at = 0; // where the next 8 kHz sample lies, counted in samples of the sound card
    this.frame = new Uint8Array(FRAME);
    this.filled = 0;
    this.muted = false;
    this.typed = []; // mu-law that a caller without a microphone says
    this.queue = []; // what the agent said: {audio} or {mark}
    this.offset = 0; // position in the first entry, in 8 kHz samples, with a fraction
    this.speaking = false; // between a clause's first sample and its mark
    this.loud = { me: 0, agent: 0 };
    this.blocks = 0;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(message) {
    if (message.audio) this.queue.push({ audio: message.audio });
    else if (message.mark !== undefined) this.queue.push({ mark: message.mark });
    else if (message.clear) this.clear();
    else if (message.say) this.typed.push(...message.say);
    else if (message.muted !== undefined) this.muted = message.muted;
  }

  // The agent took its words back: its marks come home at once, in order.
  clear() {
    const marks = this.queue.filter((each) => each.mark !== undefined);
    this.queue = [];
    this.offset = 0;
    this.speaking = false;
    for (const each of marks) this.port.postMessage({ mark: each.mark });
  }

  process(inputs, outputs) {
    const input = inputs[0][0];
    const output = outputs[0][0];
    const length = output.length;
    for (let i = 0; i < length; i++) {
      this.hear(input && !this.muted ? input[i] : 0);
      output[i] = this.play();
    }
    if (++this.blocks % 16 === 0) {
      this.port.postMessage({ loud: this.loud });
      this.loud = { me: 0, agent: 0 };
    }
    return true;
  }

  hear(sample) {
    this.history.copyWithin(0, 1);
    this.history[this.history.length - 1] = sample;
    this.at += 1;
    if (this.at < this.step) return;
    this.at -= this.step;
    let filtered = 0;
    for (let i = 0; i < this.kernel.length; i++) filtered += this.kernel[i] * this.history[i];
    const code = this.typed.length ? this.typed.shift() : encode(filtered);
    this.loud.me = Math.max(this.loud.me, Math.abs(DECODED[code]));
    this.frame[this.filled++] = code;
    if (this.filled === FRAME) {
      this.port.postMessage({ frame: this.frame.slice() });
      this.filled = 0;
    }
  }

  play() {
    while (this.queue.length) {
      const first = this.queue[0];
      if (first.mark !== undefined) {
        this.queue.shift();
        this.speaking = false;
        this.port.postMessage({ mark: first.mark });
        continue;
      }
      const index = Math.floor(this.offset);
      if (index >= first.audio.length) {
        this.offset -= first.audio.length;
        this.queue.shift();
        continue;
      }
      const here = DECODED[first.audio[index]];
      const next = index + 1 < first.audio.length ? DECODED[first.audio[index + 1]] : here;
      const sample = here + (next - here) * (this.offset - index);
      this.offset += RATE / sampleRate;
      if (!this.speaking) {
        this.speaking = true;
        this.port.postMessage({ speaking: true });
      }
      this.loud.agent = Math.max(this.loud.agent, Math.abs(sample));
      return sample;
    }
    this.offset = 0;
    return 0;
  }
}

registerProcessor("telephone-line", Line);
