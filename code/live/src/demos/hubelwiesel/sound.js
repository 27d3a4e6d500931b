// The loudspeaker on the amplifier: each spike is a short click. No audio device is asked for before the reader does.

const LENGTH = 0.012; // seconds of one click
const PATIENCE = 1500; // milliseconds that a browser may take to open its audio device
const MOST = 12; // clicks a frame; beyond, they are one crackle anyway

export class Sound {
  constructor(volume = 0.5) {
    this.volume = volume;
    this.context = null;
    this.on = false;
  }

  /** To be called from a click or a key. False where this browser gives no sound. */
  async start() {
    try {
      if (!this.context) {
        this.context = new AudioContext();
        this.gain = this.context.createGain();
        this.gain.connect(this.context.destination);
        this.click = click(this.context);
      }
      this.set(this.volume);
      await Promise.race([this.context.resume(), new Promise((over) => setTimeout(over, PATIENCE))]);
      this.on = this.context.state === "running";
    } catch {
      this.on = false;
    }
    return this.on;
  }

  stop() {
    this.on = false;
    this.context?.suspend().catch(() => {});
  }

  set(volume) {
    this.volume = volume;
    if (this.gain) this.gain.gain.value = volume * volume; // loudness grows slower than amplitude
  }

  /** Clicks after so many seconds each. */
  play(delays) {
    if (!this.on) return;
    for (const delay of delays.slice(0, MOST)) {
      const source = this.context.createBufferSource();
      source.buffer = this.click;
      source.playbackRate.value = 0.9 + 0.2 * Math.random();
      source.connect(this.gain);
      source.start(this.context.currentTime + Math.max(0, delay));
    }
  }
}

/** A thump of 400 Hz with noise on its attack, both dying away. */
function click(context) {
  const rate = context.sampleRate, buffer = context.createBuffer(1, Math.ceil(LENGTH * rate), rate);
  const wave = buffer.getChannelData(0);
  for (let i = 0; i < wave.length; i++) {
    const time = i / rate;
    wave[i] = 0.9 * Math.sin(2 * Math.PI * 400 * time) * Math.exp(-time / 0.002) + 0.6 * (2 * Math.random() - 1) * Math.exp(-time / 0.0006);
  }
  return buffer;
}
