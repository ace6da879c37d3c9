// A room without a server, for tests of what people see: `window.scene` says who is there, and the
// pictures are painted. It has what gateway/join/assets/room/room.js promises.

const COLOURS = [
  ["#c9dfe0", "#35646b", "#e3b58f"], ["#efdcc3", "#7c4a2b", "#8d5a3c"], ["#d8d5ea", "#4c4580", "#f0c9a8"],
  ["#dbe7cf", "#44602f", "#c68d63"], ["#f1d3d3", "#7d3545", "#ecc3a1"], ["#d3e3f3", "#2c4f78", "#6e4630"],
];

function painted(width, height, paint) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d");
  const draw = () => paint(pen, width, height);
  draw();
  setInterval(draw, 200); // a stream sends a picture only when something is painted
  return canvas.captureStream(5);
}

function face(number, isUpright) {
  const [wall, coat, skin] = COLOURS[number % COLOURS.length];
  return painted(isUpright ? 360 : 640, isUpright ? 640 : 360, (pen, width, height) => {
    const size = Math.min(width, height);
    pen.fillStyle = wall;
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = "rgb(255 255 255 / 35%)";
    pen.fillRect(width * 0.08, height * 0.1, width * 0.2, height * 0.42);
    pen.fillStyle = coat;
    pen.beginPath();
    pen.ellipse(width / 2, height + size * 0.02, size * 0.42, size * 0.36, 0, 0, 7);
    pen.fill();
    pen.fillStyle = skin;
    pen.fillRect(width / 2 - size * 0.06, height - size * 0.46, size * 0.12, size * 0.18);
    pen.beginPath();
    pen.ellipse(width / 2, height - size * 0.56, size * 0.15, size * 0.19, 0, 0, 7);
    pen.fill();
  });
}

function paper() {
  return painted(1280, 720, (pen, width, height) => {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = "#1b2a33";
    pen.font = "600 44px sans-serif";
    pen.fillText("Application for a passport", 90, 120);
    pen.font = "28px sans-serif";
    ["1  Family name", "2  Given names", "3  Place of birth", "4  Present address", "5  Signature"].forEach((line, place) => {
      pen.fillText(line, 90, 210 + place * 92);
      pen.strokeRect(480, 172 + place * 92, 700, 58);
    });
  });
}

let count = 0;

function person({ name, role = "participant", state = {}, isUpright = false, ...rest }) {
  const number = count++;
  const full = { microphone: true, camera: true, screen: false, hand: false, ...state };
  return {
    seat: `seat-${number}`, name, role, isMe: false, isAbsent: false, isSpeaking: false,
    connection: "connected", state: full, camera: full.camera ? face(number, isUpright) : null,
    screen: full.screen ? paper() : null, ...rest,
  };
}

export class Room extends EventTarget {
  phase = "in";
  overCode = null;
  overMessage = null;
  waiting = [];
  title = "Passport renewal";
  organizationName = "Consulate General";
  closesAt = Date.now() + 3600e3;
  seats = 6;
  switches = { chat: true, hand: true, screen: true };
  canShareScreen = true;
  problem = null;
  isSoundBlocked = false;
  devices = {
    cameras: [{ id: "c1", label: "FaceTime HD Camera" }, { id: "c2", label: "Logitech BRIO" }],
    microphones: [{ id: "m1", label: "MacBook Pro Microphone" }], speakers: [{ id: "", label: "" }, { id: "s1", label: "Headset" }],
    camera: "c1", microphone: "m1", speaker: "", canFlip: true,
  };
  done = []; // what the view asked for

  constructor(options) {
    super();
    this.options = options;
    const { people = [], me = {}, ...rest } = window.scene ?? {};
    Object.assign(this, rest);
    this.me = Object.assign(person({ name: "Ben Ode", ...me }), { isMe: true });
    const everybody = this.phase === "in" || this.phase === "reconnecting" ? [this.me, ...people.map(person)] : [];
    this.people = new Map(everybody.map((one) => [one.seat, one]));
    window.room = this;
    for (const name of ["chooseCamera", "chooseMicrophone", "chooseSpeaker", "flipCamera", "admit", "mute", "remove", "end"]) {
      this[name] = (...values) => this.done.push([name, ...values]);
    }
  }

  get isModerator() {
    return this.me.role === "moderator";
  }

  serverNow = () => Date.now();
  open = async () => {};
  leave = async () => this.finish("LEFT");
  setMicrophone = (on) => this.set("microphone", on);
  setCamera = (on) => this.set("camera", on);
  setHand = (on) => this.set("hand", on);
  startScreen = () => this.set("screen", true);
  stopScreen = () => this.set("screen", false);
  playSound = () => this.tell("sound", { isSoundBlocked: false });
  chat = (text) => this.phase === "in" && (this.say(this.me, text), true);

  say({ seat: from, name, role, isMe }, text, at = new Date().toISOString()) {
    this.dispatchEvent(new CustomEvent("chat", { detail: { from, name, role, text, at, isMe } }));
  }

  set(what, value, one = this.me) {
    Object.assign(one.state, { [what]: value, hand_at: new Date().toISOString() });
    this.tell("person", {}, one.seat);
  }

  come(description) {
    const one = person(description);
    this.people.set(one.seat, one);
    this.tell("people");
    return one;
  }

  go(seat) {
    this.people.delete(seat);
    this.tell("people");
  }

  tell(what, values = {}, seat) {
    Object.assign(this, values);
    this.dispatchEvent(new CustomEvent("changed", { detail: { what, seat } }));
  }

  trouble(detail) {
    this.dispatchEvent(new CustomEvent("problem", { detail }));
  }

  finish(code) {
    Object.assign(this, { phase: "over", overCode: code });
    this.tell("phase");
    this.dispatchEvent(new CustomEvent("over", { detail: { code, message: "" } }));
  }
}
