// Where the pictures stand: pure arithmetic in CSS pixels. `x` counts from where a line begins.

const WIDEST = 16 / 9;
const GAP = 10;
const INSET = 12; // of the own picture in the corner of another one

// Returns the place of each of `count` cameras, the own one last, and of a shared screen:
// { cameras: [place, …], screen: place or undefined, isPair }. Shapes are widths divided by
// heights: `shape` of the cameras on average, `own` of the own picture, `screen` of the screen.
export function arrange(area, { count, shape, own, screen }) {
  if (screen) return beside(area, count, screen);
  // A wide picture would fill only the middle of a phone held upright: there the two share it.
  const isPair = count === 2 && (shape <= 1 || area.width > area.height * 0.8);
  return { cameras: isPair ? pair(area, shape, own) : grid(area, count, shape), isPair };
}

// One other person, and the own picture in the corner of theirs.
function pair(area, shape, own) {
  const [other] = grid(area, 1, shape);
  const long = Math.min(240, Math.max(104, 0.26 * Math.min(other.width, other.height)));
  const [width, height] = own < 1 ? [long, long / own] : [long * Math.min(own, 1.34), long];
  return [other, {
    x: other.x + other.width - width - INSET,
    y: other.y + other.height - height - INSET,
    width, height,
  }];
}

// The screen large; the cameras beside it, or below where the area is higher than wide.
function beside(area, count, shape) {
  if (area.width < area.height * 1.15) return above(area, count, shape);
  const wanted = Math.min(250, Math.max(110, area.width * 0.19));
  const high = Math.min(wanted / 1.4, (area.height - GAP * (count - 1)) / count);
  const wide = Math.min(wanted, high * WIDEST);
  const rest = { width: area.width - wide - GAP, height: area.height };
  const first = (area.height - high * count - GAP * (count - 1)) / 2;
  return {
    screen: centered(rest, within(rest, shape)),
    cameras: Array.from({ length: count }, (_, place) => ({
      x: area.width - wide, y: first + place * (high + GAP), width: wide, height: high,
    })),
  };
}

function above(area, count, shape) {
  const screen = within({ width: area.width, height: area.height * 0.62 }, shape);
  const rest = { width: area.width, height: area.height - screen.height - GAP };
  const cameras = grid(rest, count, 1).map((place) => (
    { ...place, y: place.y + screen.height + GAP }));
  return { screen: { ...screen, x: (area.width - screen.width) / 2, y: 0 }, cameras };
}

// Equal tiles in rows, the last row in the middle as well.
function grid(area, count, shape) {
  const { columns, width, height } = fit(count, area, shape);
  const rows = Math.ceil(count / columns);
  const top = (area.height - rows * height - GAP * (rows - 1)) / 2;
  return Array.from({ length: count }, (_, place) => {
    const row = Math.floor(place / columns);
    const inRow = row < rows - 1 ? columns : count - columns * row;
    const start = (area.width - inRow * width - GAP * (inRow - 1)) / 2;
    const column = place - row * columns;
    return { x: start + column * (width + GAP), y: top + row * (height + GAP), width, height };
  });
}

// The number of columns with which most is seen: large tiles, and little of the pictures cut off.
function fit(count, area, shape) {
  const narrowest = shape > 1 && count > 1 ? 0.75 : 0.5;
  let best = { worth: -1 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const width = Math.max(0, (area.width - GAP * (columns - 1)) / columns);
    const height = Math.max(0, (area.height - GAP * (rows - 1)) / rows);
    const tile = { width: Math.min(width, height * WIDEST), height: Math.min(height, width / narrowest) };
    const cut = tile.width / tile.height / shape;
    const worth = tile.width * tile.height * Math.min(cut, 1 / cut) ** 0.25;
    if (worth > best.worth + 1) best = { columns, worth, ...tile };
  }
  return best;
}

const within = (area, shape) => (
  area.width / area.height > shape
    ? { width: area.height * shape, height: area.height }
    : { width: area.width, height: area.width / shape });

const centered = (area, { width, height }) => (
  { x: (area.width - width) / 2, y: (area.height - height) / 2, width, height });
