// Keeps the screen on: a phone that falls asleep would leave the room.

// Returns the function that lets it go out again.
export function keepAwake() {
  let lamp;
  const light = async () => {
    if (document.visibilityState !== "visible" || lamp?.released === false) return;
    lamp = await navigator.wakeLock?.request("screen").catch(() => undefined);
  };
  document.addEventListener("visibilitychange", light);
  light();
  return () => {
    document.removeEventListener("visibilitychange", light);
    lamp?.release();
  };
}
