// Plays what the line says: 16 bit at 8 kHz, as it comes.
const RATE = 8000;
const AHEAD_S = 0.12;
const LATE_S = 0.5;
const LOUD = 0.01;

let context = null;

/** Browsers allow sound only in answer to a click. */
export function allowSound() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
}

/** Until the call is over; `show` gets how loud each piece is, 0 to 1, and its seconds. */
export async function play(path, show) {
  const answer = await fetch(path);
  if (!answer.ok) return;
  const reader = answer.body.getReader();
  let rest = new Uint8Array(0);
  let due = 0;
  for (;;) {
    const { value, done } = await reader.read().catch(() => ({ done: true }));
    if (done) break;
    const bytes = new Uint8Array(rest.length + value.length);
    bytes.set(rest);
    bytes.set(value, rest.length);
    const whole = bytes.length - (bytes.length % 2);
    rest = bytes.slice(whole);
    if (!whole) continue;
    const samples = new Int16Array(bytes.buffer, 0, whole / 2);
    const buffer = new AudioBuffer({ length: samples.length, sampleRate: RATE });
    const channel = buffer.getChannelData(0);
    let power = 0;
    samples.forEach((one, at) => { channel[at] = one / 32768; power += channel[at] ** 2; });
    const level = Math.sqrt(power / samples.length);
    show(level, buffer.duration);
    if (!context || context.state !== "running") continue;
    if (due < context.currentTime) due = context.currentTime + AHEAD_S;
    if (due - context.currentTime > LATE_S && level < LOUD) continue; // catches up in silence
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    source.start(due);
    due += buffer.duration;
  }
  show(0, 0);
}
