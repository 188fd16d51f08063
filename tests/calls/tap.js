// Listens beside the page: every message of the data channel, and the loudness of every frame of sound that arrives.
(() => {
  const tap = { messages: [], sound: [], peers: 0, deaf: false };
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
      value.close();
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      tap.sound.push({ at: performance.now(), rms: Math.sqrt(sum / samples.length) });
    }
  }

  // A microphone that a test speaks into at the moment of its choice.
  tap.speakFrom = (wavs) => {
    const context = new AudioContext();
    const microphone = context.createMediaStreamDestination();
    const decoded = {};
    for (const [name, base64] of Object.entries(wavs)) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      decoded[name] = context.decodeAudioData(bytes.buffer);
    }
    navigator.mediaDevices.getUserMedia = async () => microphone.stream;
    tap.say = async (name) => {
      await context.resume();
      const source = context.createBufferSource();
      source.buffer = await decoded[name];
      source.connect(microphone);
      source.start();
    };
  };
})();
