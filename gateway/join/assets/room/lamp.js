// Keeps the screen on: a phone that falls asleep would leave the room.

// Returns the function that lets it go out again.
export function keepAwake() {
  let lamp;
  let isOver = false;
  const light = async () => {
    if (document.visibilityState !== "visible" || lamp?.released === false) return;
    lamp = await navigator.wakeLock?.request("screen").catch(() => undefined);
    if (isOver) lamp?.release();
  };
  document.addEventListener("visibilitychange", light);
  light();
  return () => {
    isOver = true;
    document.removeEventListener("visibilitychange", light);
    lamp?.release();
  };
}
