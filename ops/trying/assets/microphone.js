// The microphone: `take` gets pieces of a tenth of a second until it is closed.
import { tell } from "./ask.js";

export async function openMicrophone(take) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } });
  } catch {
    tell("microphone");
    return null;
  }
  const context = new AudioContext();
  await context.audioWorklet.addModule("/static/pieces.js");
  const pieces = new AudioWorkletNode(context, "pieces", { numberOfOutputs: 0 });
  pieces.port.onmessage = (event) => take(event.data, context.sampleRate);
  context.createMediaStreamSource(stream).connect(pieces);
  return () => {
    for (const track of stream.getTracks()) track.stop();
    context.close();
  };
}

/** Everything that is said until the one who gets it back calls it. */
export async function record() {
  const kept = [];
  let rate = 0;
  const close = await openMicrophone((piece, at) => { kept.push(piece); rate = at; });
  return close && (() => { close(); return { sound: new Blob(kept), rate }; });
}
