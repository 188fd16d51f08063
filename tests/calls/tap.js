// Listens beside the page: every message of the data channel, and the loudness of every frame of sound that arrives.
(() => {
  const HEARD_S = 1;
  const tap = { messages: [], sound: [], peers: 0, deaf: false, rate: 48000, heard: [] };
  window.__tap = tap;
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      tap.peers += 1;
      this.addEventListener("track", (event) => void listen(event.track));
    }

    createDataChannel(...args) {
      const channel = super.createDataChannel(...args);
      const send = channel.send.bind(channel);
      // A line on which nothing gets through any more, while every socket stays open.
      let cut = false;
      tap.cut = () => {
        cut = true;
      };
      channel.send = (data) => {
        if (!cut) send(data);
      };
      channel.addEventListener("message", (event) => {
        if (!cut) tap.messages.push({ at: performance.now(), ...JSON.parse(event.data) });
      });
      return channel;
    }
  };

  async function listen(track) {
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const samples = new Float32Array(value.allocationSize({ planeIndex: 0, format: "f32-planar" }) / 4);
      value.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      tap.rate = value.sampleRate;
      value.close();
      tap.heard.push(samples);
      while (tap.heard.length * samples.length > HEARD_S * tap.rate) tap.heard.shift();
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      tap.sound.push({ at: performance.now(), rms: Math.sqrt(sum / samples.length) });
    }
  }

  // How much of the last second's sound each of these tones carries: 1 is a pure tone, and nothing else.
  tap.shares = (tones) => {
    const total = tap.heard.reduce((sum, frame) => sum + frame.length, 0);
    const sound = new Float32Array(total);
    let at = 0;
    for (const frame of tap.heard) {
      sound.set(frame, at);
      at += frame.length;
    }
    const energy = sound.reduce((sum, sample) => sum + sample * sample, 0);
    return tones.map((hz) => {
      let re = 0;
      let im = 0;
      for (let n = 0; n < total; n++) {
        // A window without edges: what is beside the tone doesn't leak into it.
        const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / total);
        const angle = (2 * Math.PI * hz * n) / tap.rate;
        re += window * sound[n] * Math.cos(angle);
        im += window * sound[n] * Math.sin(angle);
      }
      return energy > 0 ? (8 * (re * re + im * im)) / (total * energy) : 0;
    });
  };

  // What the page itself plays, by the pitch of each note, while its sound is let out; and what it shows outside itself.
  tap.struck = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    if (this.context.state === "running") tap.struck.push(this.frequency.value);
    return start.apply(this, when);
  };
  tap.notices = [];
  window.Notification = class extends window.Notification {
    constructor(title, options) {
      super(title, options);
      tap.notices.push(title);
    }
  };

  // A microphone that a test speaks into at the moment of its choice.
  tap.speakFrom = (wavs) => {
    const context = new AudioContext();
    const microphone = context.createMediaStreamDestination();
    const decoded = {};
    for (const [name, base64] of Object.entries(wavs)) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      decoded[name] = context.decodeAudioData(bytes.buffer);
    }
    // A page that tries its microphone and lets it go again must not take it from the next one who asks.
    navigator.mediaDevices.getUserMedia = async () => microphone.stream.clone();
    let tone = null;
    tap.sing = async (hz) => {
      await context.resume();
      tone?.stop();
      tone = null;
      if (hz === null) return;
      const quieter = context.createGain();
      quieter.gain.value = 0.3;
      quieter.connect(microphone);
      tone = context.createOscillator();
      tone.frequency.value = hz;
      tone.connect(quieter);
      tone.start();
    };
    tap.say = async (name) => {
      await context.resume();
      const source = context.createBufferSource();
      source.buffer = await decoded[name];
      source.connect(microphone);
      source.start();
    };
  };
})();
